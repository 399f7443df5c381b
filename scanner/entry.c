/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One allocation an entry: the name is copied because the walker's listing
 * buffer is overwritten while entries wait.
 */
#include "entry.h"

#include "check.h"
#include "inode.h"
#include "ipc.h"

#include <stdlib.h>

struct entry *entry_new(const struct entry_config *config)
{
	size_t n_display = config->display.n < IPC_PATH_MAX ? config->display.n : IPC_PATH_MAX;
	struct entry *entry;

	PRE(config->name.n <= INODE_NAME_MAX);
	entry = malloc(sizeof(*entry) + config->name.n + 1 + n_display);
	if (!entry)
		return NULL;
	entry->place = place_ref(config->place);
	entry->dev = config->dev;
	entry->ino = config->ino;
	entry->size = config->size;
	entry->is_held = config->is_held;
	entry->is_apart = config->is_apart;
	entry->n_name = (uint16_t)config->name.n;
	entry->n_display = (uint32_t)n_display;
	memcpy(entry->bytes, config->name.data, config->name.n);
	entry->bytes[config->name.n] = '\0';
	if (n_display > 0)
		memcpy(entry->bytes + config->name.n + 1, config->display.data, n_display);
	return entry;
}

void entry_free(struct entry *entry)
{
	if (!entry)
		return;
	place_unref(entry->place);
	free(entry);
}

size_t entry_path(const struct entry *entry, char *buf, size_t n_buf)
{
	size_t n;

	if (entry->n_display == 0)
		return place_path_of(entry->place,
			(struct span){.data = entry->bytes, .n = entry->n_name}, buf, n_buf);
	n = entry->n_display < n_buf ? entry->n_display : n_buf;
	memcpy(buf, entry->bytes + entry->n_name + 1, n);
	return n;
}
