/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One place of the plan: a path or the point of a mount becomes a walk or a
 * single name, unless it is covered.
 *
 * Hands. The walker's thread.
 */
#ifndef QS_PLAN_PLACE_H
#define QS_PLAN_PLACE_H

#include "plan.h"

/**
 * Walk or offer what @path leads to.
 *
 * @is_given  An operator named it: what is wrong with it is told.
 * @return    0; -ECANCELED; -ENOMEM; other -errno of this process.
 */
int plan_place_target(struct plan *plan, struct span path, bool is_given);

/** Walk a mount from its point, or offer it when it is a file. As above. */
int plan_place_mount(struct plan *plan, struct mounttable_mount *mount);

/** Of a mount that shows what was walked: what was hidden there and is not here. As above. */
int plan_place_spare(struct plan *plan, struct mounttable_mount *mount);

/**
 * A single name is about to be offered.
 *
 * @dev    Of the superblock it lies on.
 * @return 0; 1: it was dealt with before; -ENOMEM; -ECANCELED.
 */
int plan_place_claim(struct plan *plan, dev_t dev, struct span path);

/** A mount that may hang is not even tried. @why goes behind its type. */
void plan_place_give_up(struct plan *plan, struct mounttable_mount *mount, const char *why);

/** There is no mount any more at @point, where one was to be scanned. */
void plan_place_lost(struct plan *plan, struct span point);

/** walk_config.on_mount; @data is the plan. */
int plan_place_on_mount(void *data, struct mounttable_mount *mount);

#endif
