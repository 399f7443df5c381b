/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An entry: one regular file name on its way from the walker to a lane, with
 * what the walker saw, so that the lane notices when something else lies
 * there at open.
 *
 * Hands (owns a reference to its place). Owned by one thread at a time.
 */
#ifndef QS_ENTRY_H
#define QS_ENTRY_H

#include "place.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct entry {
	struct place *place; /**< Owned reference; the name is relative to it. */
	dev_t dev;           /**< As listed. */
	ino_t ino;
	uint64_t size;      /**< Bytes, as listed. */
	bool is_apart;      /**< On a mount on which any call may hang (apart.h). */
	bool is_held;       /**< The place's descriptor is O_PATH of the file itself. */
	uint16_t n_name;    /**< Bytes of the name, at most INODE_NAME_MAX. */
	uint32_t n_display; /**< Bytes of the path shown instead of place/name; 0: none. */
	char bytes[];       /**< Name, NUL, display path. */
};

/** What entry_new() is told. */
struct entry_config {
	struct place *place; /**< A reference of its own is taken. */
	struct span name;    /**< At most INODE_NAME_MAX bytes. */
	struct span display; /**< Path to show instead of place/name; may be empty. */
	dev_t dev;
	ino_t ino;
	uint64_t size;
	bool is_held;
	bool is_apart;
};

/** A new entry; free with entry_free(). NULL without memory. */
struct entry *entry_new(const struct entry_config *config);

/** Takes NULL. */
void entry_free(struct entry *entry);

/** The name, NUL-terminated; lives as long as the entry. */
static inline const char *entry_name(const struct entry *entry)
{
	return entry->bytes;
}

/**
 * The path to show.
 *
 * @buf    Room for n_buf bytes; what does not fit is cut.
 * @return Bytes written; no NUL is added.
 */
size_t entry_path(const struct entry *entry, char *buf, size_t n_buf);

#endif
