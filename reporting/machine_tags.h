/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tags of the machine: short texts by which operators group machines. They
 * are one named value of the store, a JSON array in the order of adding.
 *
 * Hands (store). Loop thread only.
 */
#ifndef QS_MACHINE_TAGS_H
#define QS_MACHINE_TAGS_H

#include "err.h"
#include "json.h"
#include "store.h"

enum {
	MACHINE_TAGS_MAX = 100,
	MACHINE_TAGS_VALUE_MAX = 200, /**< Bytes of one. */

	MACHINE_TAGS_E_FULL = 1, /**< There are MACHINE_TAGS_MAX already; nothing was changed. */
};

/**
 * Read.
 *
 * @tagsp   Set when 0 is returned: an array of strings, the caller frees. What is
 *          no array of strings (the store was edited) counts as no tags.
 * @return  0 or -errno.
 */
int machine_tags_read(struct store *store, cJSON **tagsp, struct errmsg *msg);

/** A change that somebody asks for. */
struct machine_tags_change {
	bool is_removal;
	const char *value; /**< At most MACHINE_TAGS_VALUE_MAX bytes. */
	const struct requestor *who;
};

/**
 * Add or remove one: value and event in one transaction of its own. Adding what
 * is there and removing what is not changes nothing and is no event.
 *
 * @return  0; MACHINE_TAGS_E_FULL; -errno: nothing was changed.
 */
int machine_tags_change(
	struct store *store, const struct machine_tags_change *change, struct errmsg *msg);

#endif
