/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The passes of a plan: what cannot hang is scanned first, then each superblock
 * that can (apart.h), alone. Before one begins everything found before is
 * settled and told, so whatever hangs from then on hangs in that pass, and the
 * daemon gives no more up than its rest.
 *
 * Hands. The walker's thread.
 */
#ifndef QS_PLAN_PASS_H
#define QS_PLAN_PASS_H

#include "plan.h"
#include "resolve.h"

enum { PLAN_PASS_E_OTHER = 16 /**< Belongs to another pass, which was asked for. */ };

/**
 * Resolve a path for the pass that runs. A path belongs to the first mount on
 * its way on which a look may hang, else to what it ends on.
 *
 * @return As resolve_path(), but for RESOLVE_E_APART; PLAN_PASS_E_OTHER.
 */
int plan_pass_resolve(struct plan *plan, struct span path, struct resolve *resolve);

/** Whether what lies on this mount is scanned in the pass that runs. */
bool plan_pass_has(const struct plan *plan, struct mounttable_mount *mount);

/**
 * Ask for a pass, unless it is over.
 *
 * @head   Of it, as apart_owner() gives it.
 * @whole  The mount of it that is to be walked wholly; NULL: targets only.
 */
void plan_pass_ask(
	struct plan *plan, struct mounttable_mount *head, struct mounttable_mount *whole);

/** Ask for what the daemon named (IPC_PATH_PASS …); once, at the beginning. */
void plan_pass_recall(struct plan *plan);

/**
 * What comes next lies on this superblock: unless the last did, too, wait until
 * everything before is settled (planbook.h says why). @return 0 or -ECANCELED.
 */
int plan_pass_turn(struct plan *plan, dev_t dev);

/**
 * Run all that were asked for, also those that are asked for meanwhile.
 *
 * @run    Does what the plan does, for plan->pass.
 * @return 0 or what @run returned; -ECANCELED.
 */
int plan_pass_each(struct plan *plan, int (*run)(struct plan *plan));

#endif
