/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order, and the totals that make an estimate of the end possible: the
 * used inodes and bytes of every file system a full scan walks are known from
 * the start (statfs), long before the walk has counted them.
 */
#include "plan.h"

#include "plan_place.h"
#include "plan_quick.h"
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statfs.h>

static int plan_custom(struct plan *plan)
{
	const struct pathrule_list *targets = &plan->config.rules->targets;
	int r = 0;

	for (size_t i = 0; i < targets->n && r == 0; i++)
		r = plan_place_target(plan, targets->spans[i], true);
	return r;
}

static void plan_hint(struct plan *plan, const struct mounttable_mount *mount)
{
	struct tally *tally = &plan->config.ledger->tally;
	struct resolve resolve = RESOLVE_NULL;
	struct statfs fs;

	if (resolve_path(plan->table, mount->point, plan->config.type, &resolve) == 0 &&
		fstatfs(resolve.fd, &fs) == 0) {
		(void)atomic_fetch_add(&tally->n_files_total_hint, fs.f_files - fs.f_ffree);
		(void)atomic_fetch_add(&tally->n_bytes_total_hint,
			(fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize);
	}
	resolve_deinit(&resolve);
}

static int plan_full(struct plan *plan)
{
	int r = 0;

	mounttable_select(plan->table, plan->config.type);
	for (size_t i = 0; i < plan->table->n_mounts; i++)
		if (plan->table->mounts[i].is_selected)
			plan_hint(plan, &plan->table->mounts[i]);
	r = plan_quick_run(plan);
	/* In the order of their paths: "/" comes first. */
	for (size_t i = 0; i < plan->table->n_by_point && r == 0; i++) {
		struct mounttable_mount *mount = &plan->table->mounts[plan->table->by_point[i]];

		if (mount->is_selected)
			r = plan_place_mount(plan, mount);
	}
	return r;
}

static int plan_pending(struct plan *plan)
{
	int r = 0;

	/* Walking one may add more. */
	for (size_t i = 0; i < plan->n_pending && r == 0; i++)
		r = plan_place_mount(plan, plan->pending[i]);
	return r;
}

static int plan_by_type(struct plan *plan)
{
	int r;

	switch (plan->config.type) {
	case SCAN_TYPE_QUICK:
		r = plan_quick_run(plan);
		break;
	case SCAN_TYPE_FULL:
		return plan_full(plan);
	case SCAN_TYPE_CUSTOM:
		r = plan_custom(plan);
		break;
	default:
		return -EINVAL;
	}
	return r < 0 ? r : plan_pending(plan);
}

int plan_run(const struct plan_config *config)
{
	struct plan plan = {.config = *config};
	struct walk_config walk = {.gate = config->gate,
		.ledger = config->ledger,
		.queue = config->queue,
		.rules = config->rules,
		.judged = &plan.judged,
		.on_mount = plan_place_on_mount,
		.data = &plan};
	int r = mounttable_load(AT_FDCWD, "/proc/self/mountinfo", &plan.table);

	if (r == 0)
		r = mounttable_complete(plan.table);
	if (r < 0) {
		mounttable_free(plan.table);
		return r;
	}
	walk.table = plan.table;
	plan.walk = walk_new(&walk);
	plan.pending = calloc(plan.table->n_mounts + 1, sizeof(struct mounttable_mount *));
	r = plan.walk && plan.pending ? plan_by_type(&plan) : -ENOMEM;
	free(plan.pending);
	walk_free(plan.walk);
	nameset_deinit(&plan.judged);
	nameset_deinit(&plan.processes);
	cover_deinit(&plan.cover);
	mounttable_free(plan.table);
	return r;
}
