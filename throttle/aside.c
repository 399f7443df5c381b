/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why not one account that stays open in a pause: its time and its CPU time would
 * be in the scan's mean, and a pause must stop the scan and nobody else. Two that
 * are never open with the same process in them add up to no more than one: the
 * scan's grants nothing while the process is in the other.
 */
#include "aside.h"

static bool aside_is_there(const struct account *a)
{
	return a->processes[GRANT_SLOT_REMEDIATE].generation != 0;
}

static bool aside_is_scans(const struct account *scan)
{
	return scan->is_open && !scan->budget.is_paused;
}

static void aside_open(struct aside *aside)
{
	/* It is one process of one thread. */
	if (!aside->own.is_open)
		account_open(&aside->own, aside->factor_pct, 1);
}

static void aside_close(struct aside *aside)
{
	struct governor_reading last;

	if (aside->own.is_open && !aside_is_there(&aside->own))
		account_close(&aside->own, &last);
}

void aside_init(struct aside *aside, const struct governor_config *config, struct grant_page *page)
{
	aside->factor_pct = 0;
	account_init(&aside->own, config, page);
}

void aside_deinit(struct aside *aside)
{
	account_deinit(&aside->own);
}

void aside_set_factor(struct aside *aside, unsigned factor_pct)
{
	aside->factor_pct = factor_pct;
	account_look(&aside->own); /* what was used until now is judged by the old one */
	budget_set_factor(&aside->own.budget, factor_pct);
}

static int aside_drop(struct account *a, uint64_t final_cpu_ns)
{
	return account_remove(a, GRANT_SLOT_REMEDIATE,
		a->processes[GRANT_SLOT_REMEDIATE].generation, final_cpu_ns);
}

void aside_add(struct aside *aside, struct account *scan, uint32_t generation, pid_t pid)
{
	(void)aside_drop(scan, 0);
	(void)aside_drop(&aside->own, 0);
	if (aside_is_scans(scan)) {
		account_add(scan, GRANT_SLOT_REMEDIATE, generation, pid);
	} else {
		aside_open(aside);
		account_add(&aside->own, GRANT_SLOT_REMEDIATE, generation, pid);
	}
	aside_close(aside);
}

int aside_remove(
	struct aside *aside, struct account *scan, uint32_t generation, uint64_t final_cpu_ns)
{
	struct account *a = aside_is_there(scan) ? scan : &aside->own;

	if (generation == 0 || a->processes[GRANT_SLOT_REMEDIATE].generation != generation)
		return GOVERNOR_E_STALE;
	(void)aside_drop(a, final_cpu_ns);
	aside_close(aside);
	return 0;
}

void aside_settle(struct aside *aside, struct account *scan)
{
	bool is_scans = aside_is_scans(scan);
	struct account *from = is_scans ? &aside->own : scan;
	struct account *to = is_scans ? scan : &aside->own;

	if (!aside_is_there(from))
		return;
	if (!is_scans)
		aside_open(aside);
	account_hand_over(from, to, GRANT_SLOT_REMEDIATE);
	aside_close(aside);
	account_look(to);
}
