/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The passes of a scan as the daemon knows them: which mounts are scanned apart
 * (scanner/plan_pass.h), which of these passes are over, and which other mounts
 * hung. What a new scanner is told when one was given up.
 *
 * Pure but for the heap. Loop thread only.
 */
#ifndef QS_PASS_LIST_H
#define QS_PASS_LIST_H

#include "ipc.h"

#include <stdbool.h>

enum {
	PASS_LIST_MAX = 4096, /**< Points; a scanner that names more is not believed. */
	PASS_LIST_TYPE_SIZE = 64,
};

struct pass_list_item {
	struct span point; /**< Owned. */
	char type[PASS_LIST_TYPE_SIZE];
	bool is_wanted; /**< A pass was asked for. */
	bool is_whole;  /**< With everything on it. */
	bool has_begun; /**< Its pass; it is not begun again. */
	bool is_hung;   /**< Not a mount that was to be scanned apart: it hung unexpectedly. */
};

struct pass_list {
	/* state */
	struct pass_list_item *items;
	size_t n;
	size_t n_room;
	size_t current; /**< The pass that runs; n_room or more: what is not apart. */
	bool is_main_over;
};

#define PASS_LIST_NULL                                                                             \
	{                                                                                          \
		.current = SIZE_MAX                                                                \
	}

/** Idempotent. */
void pass_list_deinit(struct pass_list *list);

/**
 * What a scanner told. @return 0; -ENOMEM; -E2BIG.
 */
int pass_list_hear(struct pass_list *list, const struct ipc_scan_mount *mount);

/** The pass that runs; NULL: what is not apart. */
const struct pass_list_item *pass_list_current(const struct pass_list *list);

/**
 * A mount hung that was not expected to: it gets no pass, and nothing on it is
 * looked at any more. @return 0; -EEXIST: it was known to hang, so that this
 * does not help; -ENOMEM; -E2BIG.
 */
int pass_list_add_hung(struct pass_list *list, struct span point, struct span type);

/** The scan begins anew: all is forgotten. */
void pass_list_reset(struct pass_list *list);

/** What runs is over; what comes next is none of the old scanner. */
void pass_list_leave_current(struct pass_list *list);

/** Whether a pass was asked for that has not begun. */
bool pass_list_has_more(const struct pass_list *list);

#endif
