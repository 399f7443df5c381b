/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The achieved load is CPU time by time in progress: a mean of means would weigh
 * passes wrongly.
 *
 * Waiting for a disk is what is left of the time that lanes had a file in work,
 * when computing, waiting for a grant and waiting for a CPU are taken off. Who
 * queued before its grant was used up is taken off twice, and handing a file
 * over is some microseconds that are not taken off: it is a measure for what an
 * operator can see, seconds, and not for less.
 */
#include "scan_account.h"

#include "cleanup.h"
#include "err.h"
#include "load_document.h"
#include "neighbour_meter.h"

void scan_account_init(struct scan_account *account, struct governor *governor, double n_cpus,
	const struct job *job)
{
	*account = (struct scan_account){.governor = governor, .n_cpus = n_cpus};
	load_history_init(&account->before);
	other_cpu_init(&account->others);
	if (job->load)
		(void)load_document_read(job->load, &account->before, &account->others);
}

int scan_account_open(
	struct scan_account *account, const struct job *job, unsigned factor_pct, unsigned n_lanes)
{
	int r;

	if (account->is_open)
		return 0;
	r = governor_begin(account->governor, factor_pct, n_lanes);
	if (r < 0)
		return err_trace(r);
	account->is_open = true;
	scan_account_skip_others(account); /* what they took between two passes is not the scan's */
	account->cpu_before_ns = job->scan.cpu_ns;
	account->duration_before_ms = job->scan.duration_ms;
	account->lanes_ns = 0;
	account->lanes_heard_ns = 0;
	account->held_ns = 0;
	account->held_heard_ns = 0;
	return 0;
}

/* A sum over scanners, each of which counts from 0. */
static void scan_account_sum(uint64_t *sum_nsp, uint64_t *heard_nsp, uint64_t now_ns)
{
	if (now_ns < *heard_nsp)
		*heard_nsp = 0;
	*sum_nsp += now_ns - *heard_nsp;
	*heard_nsp = now_ns;
}

void scan_account_hear(struct scan_account *account, uint64_t lanes_ns, uint64_t held_ns)
{
	scan_account_sum(&account->lanes_ns, &account->lanes_heard_ns, lanes_ns);
	scan_account_sum(&account->held_ns, &account->held_heard_ns, held_ns);
}

static void scan_account_add(
	struct scan_account *account, const struct governor_reading *reading, struct job *job)
{
	struct scan_record *scan = &job->scan;

	account->last = *reading;
	scan->cpu_ns = account->cpu_before_ns + reading->cpu_ns;
	scan->duration_ms = account->duration_before_ms + reading->active_ns / 1000000;
	if (scan->duration_ms > 0)
		scan->achieved_load_pct = (double)scan->cpu_ns /
					  ((double)scan->duration_ms * 1e6 * account->n_cpus) *
					  100.0;
}

void scan_account_fold(struct scan_account *account, struct job *job)
{
	struct governor_reading reading;

	if (!account->is_open)
		return;
	governor_read(account->governor, &reading);
	scan_account_add(account, &reading, job);
}

void scan_account_look_at_others(
	struct scan_account *account, const struct neighbours *look, bool is_counted)
{
	struct other_cpu_reading readings[NEIGHBOURS_MAX];
	size_t n;

	if (!account->is_open)
		return;
	n = neighbour_meter_read(look, readings);
	account->are_others_counted = is_counted;
	governor_note_others(account->governor, other_cpu_step(&account->others, readings, n));
}

void scan_account_skip_others(struct scan_account *account)
{
	other_cpu_skip(&account->others);
}

/* Mean over lanes. A scanner can say what it likes: not more than the time there was. */
static uint64_t scan_account_disk_ns(const struct scan_account *account)
{
	const struct governor_reading *r = &account->last;
	uint64_t known_ns = r->lanes_cpu_ns + r->lanes_waited_ns + r->lanes_queued_ns;
	uint64_t most_ns = r->active_ns * r->n_lanes;
	uint64_t lanes_ns = account->lanes_ns < most_ns ? account->lanes_ns : most_ns;

	return lanes_ns > known_ns ? (lanes_ns - known_ns) / r->n_lanes : 0;
}

/* Likewise. */
static uint64_t scan_account_held_ns(const struct scan_account *account)
{
	const struct governor_reading *r = &account->last;
	uint64_t held_ns = r->n_lanes > 0 ? account->held_ns / r->n_lanes : 0;

	return held_ns < r->active_ns ? held_ns : r->active_ns;
}

/* All of the scan so far. */
static void scan_account_history(struct scan_account *account, struct load_history *all)
{
	struct load_history now;

	*all = account->before;
	if (!account->is_open)
		return;
	governor_history(account->governor, &now);
	now.disk_wait_ns = scan_account_disk_ns(account);
	now.slow_open_ns = scan_account_held_ns(account);
	load_history_append(all, &now);
}

void scan_account_note_load(struct scan_account *account, struct job *job)
{
	_cleanup_(json_cleanup) cJSON *item = NULL;
	_cleanup_(cleanup_free) char *text = NULL;
	struct load_summary summary;
	struct load_history all;

	scan_account_fold(account, job);
	if (account->last.n_lanes == 0)
		return;
	scan_account_history(account, &all);
	summary = (struct load_summary){
		.asked_pct = account->last.factor_pct,
		.aim_pct = account->last.aim_pct,
		.mean_pct = job->scan.achieved_load_pct,
		.n_cpus = account->n_cpus,
		.n_lanes = account->last.n_lanes,
		.others = &account->others,
		.are_others_counted = account->are_others_counted,
	};
	if (load_document_make(&all, &summary, &item) == 0 && json_print(item, &text, NULL) == 0)
		(void)job_text(&job->load, text);
}

void scan_account_close(struct scan_account *account, struct job *job)
{
	struct governor_reading reading;
	struct load_history all;

	if (!account->is_open)
		return;
	scan_account_fold(account, job);
	scan_account_history(account, &all);
	governor_end(account->governor, &reading);
	account->is_open = false;
	account->before = all;
	scan_account_add(account, &reading, job);
	scan_account_note_load(account, job);
}
