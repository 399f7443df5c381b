/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The achieved load is CPU time by time in progress: a mean of means would weigh passes wrongly. */
#include "scan_account.h"

#include "err.h"

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
	account->cpu_before_ns = job->scan.cpu_ns;
	account->duration_before_ms = job->scan.duration_ms;
	return 0;
}

static void scan_account_add(
	const struct scan_account *account, const struct governor_reading *reading, struct job *job)
{
	struct scan_record *scan = &job->scan;

	scan->cpu_ns = account->cpu_before_ns + reading->cpu_ns;
	scan->duration_ms = account->duration_before_ms + reading->active_ns / 1000000;
	if (scan->duration_ms > 0)
		scan->achieved_load_pct = (double)scan->cpu_ns /
					  ((double)scan->duration_ms * 1e6 * account->n_cpus) *
					  100.0;
}

void scan_account_fold(const struct scan_account *account, struct job *job)
{
	struct governor_reading reading;

	if (!account->is_open)
		return;
	governor_read(account->governor, &reading);
	scan_account_add(account, &reading, job);
}

void scan_account_close(struct scan_account *account, struct job *job)
{
	struct governor_reading reading;

	if (!account->is_open)
		return;
	governor_end(account->governor, &reading);
	account->is_open = false;
	scan_account_add(account, &reading, job);
}
