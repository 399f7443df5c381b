/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order, and the totals that make an estimate of the end possible: the
 * used inodes and bytes of every file system a full scan walks are known from
 * the start (statfs), long before the walk has counted them.
 */
#include "plan.h"

#include "apart.h"
#include "plan_pass.h"
#include "plan_place.h"
#include "plan_quick.h"
#include "planbook.h"
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statfs.h>

static int plan_custom(struct plan *plan)
{
	const struct pathrule_list *targets = &plan->config.rules->targets;
	int r = 0;

	for (size_t i = 0; i < targets->n && r == 0; i++) {
		if (!plan->pass && i < plan->n_targets_begun)
			continue;
		plan->target = i + 1;
		r = plan_place_target(plan, targets->spans[i], true);
	}
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

static void plan_hint_all(struct plan *plan)
{
	for (size_t i = 0; i < plan->table->n_mounts; i++) {
		struct mounttable_mount *mount = &plan->table->mounts[i];

		if (mount->is_selected && plan_pass_has(plan, mount))
			plan_hint(plan, mount);
	}
}

static int plan_full_mount(struct plan *plan, struct mounttable_mount *mount)
{
	struct mounttable_mount *owner = apart_owner(plan->table, mount);

	if (owner == plan->pass)
		return plan_place_mount(plan, mount);
	if (owner)
		plan_pass_ask(plan, owner, mount);
	return 0;
}

static int plan_full(struct plan *plan)
{
	int r = 0;

	mounttable_select(plan->table, plan->config.type);
	plan_hint_all(plan);
	r = plan_quick_run(plan);
	/* In the order of their paths: "/" comes first. */
	for (size_t i = 0; i < plan->table->n_by_point && r == 0; i++) {
		struct mounttable_mount *mount = &plan->table->mounts[plan->table->by_point[i]];

		if (mount->is_selected)
			r = plan_full_mount(plan, mount);
	}
	/* The others show the same; and what there lies under a mount, and here does not. */
	for (size_t i = 0; i < plan->table->n_by_point && r == 0; i++) {
		struct mounttable_mount *mount = &plan->table->mounts[plan->table->by_point[i]];

		if (!mount->is_selected && plan_pass_has(plan, mount))
			r = plan_place_spare(plan, mount);
	}
	return r;
}

static int plan_pending(struct plan *plan)
{
	int r = 0;

	/* Walking one may add more. */
	for (size_t i = 0; i < plan->n_pending && r == 0; i++)
		if (plan_pass_has(plan, plan->pending[i]) || plan->pass)
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

static int plan_recall_mount(struct plan *plan, const struct planbook_line *line)
{
	struct mounttable_mount *mount = mounttable_at(plan->table, line->bytes);

	if (mount && line->kind == PLANBOOK_TOLD)
		mount->is_told = true;
	else if (mount && plan->n_pending < plan->table->n_mounts)
		plan->pending[plan->n_pending++] = mount;
	return 0;
}

/* What a scanner before this one has dealt with. */
static int plan_recall(void *data, const struct planbook_line *line)
{
	struct plan *plan = data;
	int r;

	switch (line->kind) {
	case PLANBOOK_TREE:
		return cover_add(&plan->cover, (dev_t)line->number, line->bytes);
	case PLANBOOK_HOLE:
		return cover_add_hole(&plan->cover, (dev_t)line->number, line->bytes);
	case PLANBOOK_NAME:
		r = nameset_add(&plan->judged, line->bytes);
		break;
	case PLANBOOK_FILE:
		r = nameset_add(&plan->processes, line->bytes);
		break;
	case PLANBOOK_TARGET:
		plan->n_targets_begun = line->number;
		return 0;
	case PLANBOOK_TOLD:
	case PLANBOOK_MET:
		return plan_recall_mount(plan, line);
	default:
		return 0;
	}
	return r == -ENOMEM ? r : 0;
}

static int plan_do(struct plan *plan)
{
	size_t n = plan->table->n_mounts + 1;
	int r = 0;

	plan->pending = calloc(n, sizeof(struct mounttable_mount *));
	plan->passes = calloc(n, sizeof(struct mounttable_mount *));
	if (!plan->walk || !plan->pending || !plan->passes)
		return -ENOMEM;
	apart_mark(plan->table, plan->config.rules);
	r = planbook_read(plan->config.book_fd, plan_recall, plan);
	if (r < 0)
		return r;
	plan_pass_recall(plan);
	if (!plan->config.is_passes_only)
		r = plan_by_type(plan);
	return r < 0 ? r : plan_pass_each(plan, plan_by_type);
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
	r = plan_do(&plan);
	free(plan.pending);
	free(plan.passes);
	walk_free(plan.walk);
	nameset_deinit(&plan.judged);
	nameset_deinit(&plan.processes);
	cover_deinit(&plan.cover);
	mounttable_free(plan.table);
	return r;
}
