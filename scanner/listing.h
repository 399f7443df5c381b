/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a directory with getdents64(2) into one buffer that the walker uses
 * for all directories in turn. A batch is what one call gives; the position
 * after it is a cookie with which reading goes on, if need be on another
 * descriptor of the same directory.
 *
 * Hands. One thread.
 */
#ifndef QS_LISTING_H
#define QS_LISTING_H

#include "span.h"

#include <stdint.h>
#include <sys/types.h>

enum {
	LISTING_BUFFER = 64 * 1024, /**< One call gives some 2000 names. */
	LISTING_SMALL = 1024,       /**< When memory is short: some 30 names, at least one. */
};

struct listing {
	/* state */
	size_t n;       /**< Bytes of the batch. */
	size_t at;      /**< Next entry in it. */
	int64_t cookie; /**< Position after the last entry given. */
	_Alignas(8) char bytes[LISTING_BUFFER];
};

/** A name; it points into the listing and is NUL-terminated. */
struct listing_entry {
	struct span name;
	unsigned char type; /**< DT_REG and so on; DT_UNKNOWN where the file system does not say. */
};

/**
 * Read the next batch from where the descriptor stands.
 *
 * @n_max  LISTING_BUFFER or LISTING_SMALL.
 * @return 1: there is a batch; 0: the end; -errno.
 */
int listing_read(struct listing *listing, int fd, size_t n_max);

/** The next entry of the batch without "." and ".."; false when it is used up. */
bool listing_next(struct listing *listing, struct listing_entry *entry);

#endif
