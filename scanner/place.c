/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The number of places alive is bounded by the walker's window of open
 * directories plus the entries in the queue and in the lanes, whatever the
 * tree looks like; that is what keeps the scanner within its RLIMIT_NOFILE.
 */
#include "place.h"

#include "ipc.h"

#include <stdlib.h>
#include <unistd.h>

struct place *place_new(int fd, struct span path)
{
	size_t n = path.n < IPC_PATH_MAX ? path.n : IPC_PATH_MAX;
	struct place *place = malloc(sizeof(*place) + n);

	if (!place) {
		(void)close(fd);
		return NULL;
	}
	atomic_init(&place->n_refs, 1);
	place->fd = fd;
	place->n_path = n;
	if (n > 0)
		memcpy(place->path, path.data, n);
	return place;
}

struct place *place_ref(struct place *place)
{
	(void)atomic_fetch_add_explicit(&place->n_refs, 1, memory_order_relaxed);
	return place;
}

void place_unref(struct place *place)
{
	if (!place)
		return;
	if (atomic_fetch_sub_explicit(&place->n_refs, 1, memory_order_acq_rel) != 1)
		return;
	(void)close(place->fd);
	free(place);
}

size_t place_path_of(const struct place *place, struct span name, char *buf, size_t n_buf)
{
	size_t n = place->n_path < n_buf ? place->n_path : n_buf;
	size_t n_name;

	memcpy(buf, place->path, n);
	if (name.n == 0)
		return n;
	if (n < n_buf && (n == 0 || buf[n - 1] != '/'))
		buf[n++] = '/';
	n_name = name.n < n_buf - n ? name.n : n_buf - n;
	memcpy(buf + n, name.data, n_name);
	return n + n_name;
}
