/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of strings, the type of the exclusions.
 *
 * Pure but for memory. Any thread; one owner at a time.
 */
#ifndef QS_SETTINGS_LIST_H
#define QS_SETTINGS_LIST_H

#include <stddef.h>

/** Owns its strings. */
struct settings_list {
	char **items; /**< n NUL-terminated strings; may be NULL when n is 0. */
	size_t n;
};

#define SETTINGS_LIST_NULL                                                                         \
	{                                                                                          \
		.items = NULL, .n = 0                                                              \
	}

/** Free all and make it empty; idempotent. */
void settings_list_deinit(struct settings_list *list);

/** Append a copy. 0 or -ENOMEM (then it is as it was). */
int settings_list_push(struct settings_list *list, const char *item);

/** Where an item is; list->n when it is not there. */
size_t settings_list_find(const struct settings_list *list, const char *item);

/** Take out one item; @at below list->n. */
void settings_list_remove(struct settings_list *list, size_t at);

/** Append copies of all of @from. 0 or -ENOMEM (then some are there). */
int settings_list_copy(const struct settings_list *from, struct settings_list *to);

#endif
