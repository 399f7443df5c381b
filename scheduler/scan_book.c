/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every function works on a copy of the fixed-size fields and puts it into the
 * job only after the commit, so that a full disk leaves memory and disk alike.
 *
 * The load factor a request asked for is no column of a scan (the column says
 * what is in force); those of open scans are one value "loadOverrides".
 */
#include "scan_book.h"

#include "action_log.h"
#include "cleanup.h"
#include "display.h"
#include "err.h"
#include "json.h"
#include "load_policy.h"

#include <stdlib.h>
#include <string.h>

static const char scan_book_overrides[] = "loadOverrides";

/* What a function changes; the strings are the job's. */
struct scan_book_pages {
	struct action_record action;
	struct scan_record scan;
};

static struct scan_book_pages scan_book_open(
	const struct job *job, enum run_status status, int64_t now_unix_ms)
{
	struct scan_book_pages pages = {.action = job->action, .scan = job->scan};

	pages.scan.status = status;
	pages.action.status = status == RUN_STATUS_PAUSED ? RUN_STATUS_IN_PROGRESS : status;
	if (now_unix_ms)
		pages.action.last_update_unix_ms = now_unix_ms;
	return pages;
}

static int scan_book_rows(
	struct store *store, const struct scan_book_pages *pages, struct errmsg *msg)
{
	int r = store_begin(store, msg);

	if (r == 0)
		r = store_action_update(store, &pages->action, msg);
	if (r == 0)
		r = store_scan_update(store, &pages->scan, msg);
	return r;
}

static int scan_book_close(struct store *store, struct job *job,
	const struct scan_book_pages *pages, int r, struct errmsg *msg)
{
	if (r == 0)
		r = store_commit(store, msg);
	if (r != 0) {
		store_rollback(store);
		return err_fold(r);
	}
	job->action = pages->action;
	job->scan = pages->scan;
	return 0;
}

static int scan_book_read_overrides(struct store *store, cJSON **objectp)
{
	struct errmsg ignored = ERRMSG_NULL;
	_cleanup_(cleanup_free) char *text = NULL;

	*objectp = NULL;
	if (store_value_get(store, scan_book_overrides, &text, &ignored) == 0)
		(void)json_parse(text, strlen(text), objectp, &ignored);
	if (!*objectp)
		*objectp = cJSON_CreateObject();
	return *objectp ? 0 : err_origin(-ENOMEM);
}

/* Add (factor given) or drop (LOAD_POLICY_NO_OVERRIDE) one scan's. */
static int scan_book_set_override(
	struct store *store, const char *scan_id, int factor_pct, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *object = NULL;
	_cleanup_(cleanup_free) char *text = NULL;
	int r = scan_book_read_overrides(store, &object);

	if (r < 0)
		return r;
	cJSON_DeleteItemFromObjectCaseSensitive(object, scan_id);
	if (factor_pct != LOAD_POLICY_NO_OVERRIDE)
		r = json_add_int(object, scan_id, factor_pct);
	if (r == 0)
		r = json_print(object, &text, NULL);
	return r < 0 ? err_origin(r) : store_value_set(store, scan_book_overrides, text, msg);
}

int scan_book_override(struct store *store, const char *scan_id)
{
	struct errmsg ignored = ERRMSG_NULL;
	_cleanup_(json_cleanup) cJSON *object = NULL;
	int64_t factor = LOAD_POLICY_NO_OVERRIDE;

	if (scan_book_read_overrides(store, &object) == 0)
		(void)json_get_int(object, scan_id, 0, 100, &factor, &ignored);
	return (int)factor;
}

int scan_book_submit(struct store *store, struct job *job, struct errmsg *msg)
{
	struct scan_book_pages pages = scan_book_open(job, RUN_STATUS_PENDING, 0);
	int r = store_begin(store, msg);

	/* The action refers to its scan and the scan to its action; neither is checked. */
	if (r == 0)
		r = store_action_insert(store, &pages.action, msg);
	if (r == 0)
		r = store_scan_insert(store, &pages.scan, msg);
	if (r == 0 && job->override_pct != LOAD_POLICY_NO_OVERRIDE)
		r = scan_book_set_override(store, job->scan.id, job->override_pct, msg);
	if (r == 0)
		r = action_log_scan_submitted(store, &pages.action, &pages.scan, msg);
	return scan_book_close(store, job, &pages, r, msg);
}

int scan_book_start(struct store *store, struct job *job, int64_t now_unix_ms, struct errmsg *msg)
{
	struct scan_book_pages pages = scan_book_open(job, RUN_STATUS_IN_PROGRESS, now_unix_ms);
	int r;

	pages.scan.attempts++;
	if (pages.scan.start_unix_ms == 0)
		pages.scan.start_unix_ms = now_unix_ms;
	r = scan_book_rows(store, &pages, msg);
	if (r == 0)
		r = action_log_scan_started(store, &pages.scan, msg);
	return scan_book_close(store, job, &pages, r, msg);
}

int scan_book_pause(
	struct store *store, struct job *job, const struct requestor *who, struct errmsg *msg)
{
	struct scan_book_pages pages = scan_book_open(job, RUN_STATUS_PAUSED, 0);
	int r = scan_book_rows(store, &pages, msg);

	if (r == 0)
		r = action_log_scan_paused(store, &pages.scan, who, msg);
	return scan_book_close(store, job, &pages, r, msg);
}

int scan_book_resume(
	struct store *store, struct job *job, const struct requestor *who, struct errmsg *msg)
{
	struct scan_book_pages pages = scan_book_open(job, RUN_STATUS_IN_PROGRESS, 0);
	int r = scan_book_rows(store, &pages, msg);

	if (r == 0)
		r = action_log_scan_resumed(store, &pages.scan, who, msg);
	return scan_book_close(store, job, &pages, r, msg);
}

int scan_book_interrupt(struct store *store, struct job *job, const char *why, struct errmsg *msg)
{
	struct scan_book_pages pages = scan_book_open(job, job->scan.status, 0);
	int r = scan_book_rows(store, &pages, msg);

	if (r == 0)
		r = action_log_scan_interrupted(store, &pages.scan, why, msg);
	return scan_book_close(store, job, &pages, r, msg);
}

static int scan_book_load(struct store *store, const struct job *job, struct errmsg *msg)
{
	return job->load ? store_load_set(store, job->scan.id, job->load, msg) : 0;
}

int scan_book_count(struct store *store, const struct job *job, struct errmsg *msg)
{
	int r = store_begin(store, msg);

	if (r == 0)
		r = store_scan_update(store, &job->scan, msg);
	if (r == 0)
		r = scan_book_load(store, job, msg);
	if (r == 0)
		r = store_commit(store, msg);
	if (r != 0)
		store_rollback(store);
	return err_fold(r);
}

static int scan_book_end_event(
	struct store *store, const struct scan_book_pages *pages, struct errmsg *msg)
{
	switch (pages->scan.status) {
	case RUN_STATUS_SUCCEEDED:
		return action_log_scan_completed(store, &pages->scan, msg);
	case RUN_STATUS_CANCELLED:
		return action_log_scan_cancelled(store, &pages->scan, &pages->action, msg);
	case RUN_STATUS_TIME_OUT:
		return action_log_scan_timed_out(store, &pages->scan, msg);
	case RUN_STATUS_FAILED:
	case RUN_STATUS_PENDING:
	case RUN_STATUS_IN_PROGRESS:
	case RUN_STATUS_PAUSED:
	case RUN_STATUS_N:
		break;
	}
	return action_log_scan_failed(store, &pages->scan, pages->action.error_hresult, msg);
}

int scan_book_end(struct store *store, struct job *job, int64_t now_unix_ms, struct errmsg *msg)
{
	struct scan_book_pages pages = scan_book_open(job, job->cycle.outcome, now_unix_ms);
	int r;

	pages.scan.end_unix_ms = now_unix_ms;
	pages.scan.is_complete = pages.scan.status == RUN_STATUS_SUCCEEDED && job_is_whole(job);
	pages.action.error_hresult = scan_cycle_hresult(pages.action.status);
	r = scan_book_rows(store, &pages, msg);
	if (r == 0)
		r = scan_book_load(store, job, msg);
	if (r == 0 && job->override_pct != LOAD_POLICY_NO_OVERRIDE)
		r = scan_book_set_override(store, job->scan.id, LOAD_POLICY_NO_OVERRIDE, msg);
	if (r == 0)
		r = scan_book_end_event(store, &pages, msg);
	return scan_book_close(store, job, &pages, r, msg);
}

int scan_book_notice(struct store *store, const struct job *job,
	const struct ipc_scan_notice *notice, struct errmsg *msg)
{
	const struct scan_record *scan = &job->scan;
	char text[IPC_TEXT_MAX + 1];

	(void)display_write(DISPLAY_TEXT, notice->text, text, sizeof(text));
	switch ((enum ipc_notice_kind)notice->kind) {
	case IPC_NOTICE_MOUNT_SKIPPED:
		return action_log_scan_mount_skipped(store, scan, notice->path, text, msg);
	case IPC_NOTICE_UNLISTABLE:
		return action_log_scan_directory_unlistable(store, scan, notice->path, text, msg);
	case IPC_NOTICE_TARGET_MISSING:
	case IPC_NOTICE_TARGET_LEFT_OUT:
		return action_log_scan_target_missing(store, scan, notice->path, text, msg);
	case IPC_NOTICE_CRASHED:
	case IPC_NOTICE_STALLED:
		return action_log_scan_file_engine_crash(store, scan, notice->path, text, msg);
	case IPC_NOTICE_OVERRUN:
		return action_log_scan_file_cpu_limit(store, scan, notice->path, text, msg);
	case IPC_NOTICE_REPORT_FAILED:
	case IPC_NOTICE_BLOCKED: /* blocked_files.h */
	case IPC_NOTICE_CHANGED: /* changed_files.h */
	case IPC_NOTICE_KIND_N:
		break;
	}
	return 0;
}
