/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All passes run in one scanner process, one after another: as nothing else is
 * in work when one begins, the process is that mount's own, and what a pass
 * before has covered is still known. A process that hangs is abandoned by the
 * daemon, and the next one is told which passes are over (IPC_PATH_PASSED).
 *
 * The wait for everybody to settle looks every few milliseconds: it happens
 * once for each mount that may hang.
 */
#include "plan_pass.h"

#include "apart.h"
#include "plan_place.h"
#include "waits.h"

#include <errno.h>
#include <time.h>

enum { PLAN_PASS_LOOK_NS = 5 * 1000 * 1000 };

bool plan_pass_has(const struct plan *plan, struct mounttable_mount *mount)
{
	return apart_owner(plan->table, mount) == plan->pass;
}

static void plan_pass_tell(
	const struct plan *plan, const struct mounttable_mount *mount, bool has_begun)
{
	const struct ipc_scan_mount message = {.has_begun = has_begun,
		.is_whole = mount->is_whole,
		.point = mount->point,
		.type = mount->type};

	if (message.point.n <= IPC_PATH_MAX && message.type.n <= IPC_NAME_MAX)
		(void)outbox_send(&plan->config.ledger->outbox, IPC_SCAN_MOUNT, &message);
}

void plan_pass_ask(struct plan *plan, struct mounttable_mount *head, struct mounttable_mount *whole)
{
	bool is_news = !head->is_apart || (whole && !whole->is_whole);

	if (!is_news || head->is_passed)
		return;
	if (plan->config.is_nothing_apart) {
		plan_place_give_up(plan, head, ", and too many scanners hang on such mounts");
		return;
	}
	if (!head->is_apart)
		plan->passes[plan->n_passes++] = head;
	head->is_apart = true;
	if (whole)
		whole->is_whole = true;
	plan_pass_tell(plan, whole ? whole : head, false);
}

/* One list of the daemon's. */
static void plan_pass_recall_list(
	struct plan *plan, const struct pathrule_list *list, bool is_whole, bool is_passed)
{
	for (size_t i = 0; i < list->n; i++) {
		struct mounttable_mount *mount = mounttable_at(plan->table, list->spans[i]);
		struct mounttable_mount *head = mount ? apart_owner(plan->table, mount) : NULL;

		if (head && is_passed)
			head->is_passed = true;
		else if (head)
			plan_pass_ask(plan, head, is_whole ? mount : NULL);
		else if (!is_passed)
			plan_place_lost(plan, list->spans[i]);
	}
}

void plan_pass_recall(struct plan *plan)
{
	const struct pathrule *rules = plan->config.rules;

	plan_pass_recall_list(plan, &rules->passed, false, true);
	plan_pass_recall_list(plan, &rules->passes, false, false);
	plan_pass_recall_list(plan, &rules->wholes, true, false);
}

int plan_pass_resolve(struct plan *plan, struct span path, struct resolve *resolve)
{
	struct mounttable_mount *owner = NULL;
	int r;

	resolve->halts = plan->pass == NULL;
	r = resolve_path(plan->table, path, plan->config.type, resolve);
	if (r == -ENOMEM)
		return r;
	if (resolve->apart)
		owner = apart_head(plan->table, resolve->apart);
	else if (r == 0 && resolve->mount)
		owner = apart_owner(plan->table, resolve->mount);
	if (owner == plan->pass)
		return r;
	if (owner)
		plan_pass_ask(plan, owner, NULL);
	return PLAN_PASS_E_OTHER;
}

/* Until every name that was found has its result. */
static int plan_pass_settle(const struct plan *plan)
{
	const struct timespec look = {.tv_nsec = PLAN_PASS_LOOK_NS};
	bool was_set = waits_lift();
	int r = gate_pass(plan->config.gate);

	while (r == 0 && !tally_is_settled(&plan->config.ledger->tally)) {
		(void)nanosleep(&look, NULL);
		r = gate_pass(plan->config.gate);
	}
	waits_lower(was_set);
	return r;
}

int plan_pass_turn(struct plan *plan, dev_t dev)
{
	int r = plan->has_dev && plan->dev != dev ? plan_pass_settle(plan) : 0;

	plan->has_dev = true;
	plan->dev = dev;
	return r;
}

static int plan_pass_begin(struct plan *plan, struct mounttable_mount *head)
{
	int r = plan_pass_settle(plan);

	if (r < 0)
		return r;
	plan->pass = head;
	plan->walk->is_apart = apart_risk_of(head) == APART_TOUCH;
	plan->n_pending = 0;
	head->is_passed = true;
	for (size_t i = 0; i < plan->table->n_mounts; i++)
		if (plan->table->mounts[i].is_whole && plan_pass_has(plan, &plan->table->mounts[i]))
			plan->pending[plan->n_pending++] = &plan->table->mounts[i];
	(void)ledger_send_progress(plan->config.ledger);
	plan_pass_tell(plan, head, true);
	return 0;
}

int plan_pass_each(struct plan *plan, int (*run)(struct plan *plan))
{
	int r = 0;

	/* Running one may add more. */
	for (size_t i = 0; i < plan->n_passes && r == 0; i++) {
		r = plan_pass_begin(plan, plan->passes[i]);
		if (r == 0)
			r = run(plan);
	}
	return r;
}
