/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of byte strings: the single names a quick scan has judged, so that the
 * walk of a full scan does not judge them again. Exact, no false hit: a name
 * that is wrongly taken for judged would be a file nobody scanned.
 *
 * Pure but for the heap. One thread.
 */
#ifndef QS_NAMESET_H
#define QS_NAMESET_H

#include "span.h"

#include <stdint.h>

enum {
	NAMESET_BYTES_MAX = 64 * 1024 * 1024, /**< What a set may hold. */
	NAMESET_E_THERE = 1,
};

struct nameset_name;

struct nameset {
	/* state */
	struct nameset_name **buckets;
	size_t n_buckets; /**< A power of two, or 0. */
	size_t n_names;
	size_t n_bytes;
};

#define NAMESET_NULL                                                                               \
	{                                                                                          \
		.buckets = NULL                                                                    \
	}

/** Free everything; idempotent. */
void nameset_deinit(struct nameset *set);

/**
 * Put a name in.
 *
 * @return 0; NAMESET_E_THERE when it was there; -ENOSPC when the set is full;
 *         -ENOMEM.
 */
int nameset_add(struct nameset *set, struct span name);

/** Whether it is in. */
bool nameset_has(const struct nameset *set, struct span name);

#endif
