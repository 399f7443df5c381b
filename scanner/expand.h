/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a pattern of quicktarget.h to paths: "~" becomes each home, "*" each
 * name that fits. Directories on mounts a scan does not enter are not listed.
 *
 * Hands. The walker's thread.
 */
#ifndef QS_EXPAND_H
#define QS_EXPAND_H

#include "home.h"
#include "mounttable.h"

struct expand {
	const struct mounttable *table; /**< Borrowed. */
	const struct home_list *homes;  /**< Borrowed. */
	enum scan_type type;            /**< Decides which mounts may be listed. */
	/**
	 * One path, absolute; it need not exist. @return 0, or negative to end.
	 */
	int (*on_path)(void *data, struct span path);
	/** Directories on mounts of other passes than this (plan_pass.h) are not listed. */
	const struct mounttable_mount *pass;
	/** Told of the head of such a pass; may be NULL. */
	void (*on_apart)(void *data, struct mounttable_mount *head);
	void *data;
};

/**
 * Expand one pattern.
 *
 * @return 0; what on_path returned; -ENOMEM.
 */
int expand_pattern(const struct expand *expand, const char *pattern);

#endif
