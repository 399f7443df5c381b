/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of the store borrow their strings; a job outlives every call, so
 * it owns them. The list of its string fields is one table, for copying and
 * freeing alike.
 */
#include "job.h"

#include "err.h"
#include "load_policy.h"
#include "settings.h"
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const size_t job_strings[] = {
	offsetof(struct job, action.type),
	offsetof(struct job, action.requestor),
	offsetof(struct job, action.comment),
	offsetof(struct job, action.request_source),
	offsetof(struct job, action.scope),
	offsetof(struct job, action.cancellation_requestor),
	offsetof(struct job, action.cancellation_comment),
	offsetof(struct job, scan.comment),
	offsetof(struct job, scan.paths_json),
	offsetof(struct job, scan.signature_set),
	offsetof(struct job, scan.failure),
	offsetof(struct job, load),
};

enum { JOB_N_STRINGS = sizeof(job_strings) / sizeof(job_strings[0]) };

static const char **job_field(struct job *job, size_t i)
{
	return (const char **)(void *)((char *)job + job_strings[i]);
}

int job_text(const char **fieldp, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return err_origin(-ENOMEM);
	free((void *)(uintptr_t)*fieldp);
	*fieldp = copy;
	return 0;
}

/* The fields hold borrowed strings; make each the job's own, or NULL. */
static int job_own(struct job *job)
{
	int r = 0;

	for (size_t i = 0; i < JOB_N_STRINGS; i++) {
		const char **fieldp = job_field(job, i);
		const char *borrowed = *fieldp;

		*fieldp = NULL;
		if (r == 0)
			r = job_text(fieldp, borrowed);
	}
	return r;
}

static int job_made(struct job *job, struct job **jobp)
{
	int r = job_own(job);

	if (r < 0) {
		job_free(job);
		return err_trace(r);
	}
	*jobp = job;
	return 0;
}

const char *job_scope(enum scan_type type)
{
	switch (type) {
	case SCAN_TYPE_QUICK:
		return "Quick";
	case SCAN_TYPE_FULL:
		return "Full";
	case SCAN_TYPE_CUSTOM:
	case SCAN_TYPE_N:
		break;
	}
	return "Custom";
}

int job_new(const struct request *request, const struct requestor *who, int64_t now_unix_ms,
	struct job **jobp)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return err_origin(-ENOMEM);
	store_new_id(job->action.id);
	store_new_id(job->scan.id);
	memcpy(job->action.scan_id, job->scan.id, RECORD_ID_SIZE);
	memcpy(job->scan.action_id, job->action.id, RECORD_ID_SIZE);
	job->action.type = "RunAntiVirusScan";
	job->action.requestor = who->name;
	job->action.comment = request->comment;
	job->action.request_source = who->source;
	job->action.gateway = who->gateway;
	job->action.scope = job_scope(request->type);
	job->action.status = RUN_STATUS_PENDING;
	job->action.creation_unix_ms = now_unix_ms;
	job->action.last_update_unix_ms = now_unix_ms;
	job->scan.type = request->type;
	job->scan.origin = who->gateway.is_set ? SCAN_ORIGIN_ACTION : request->origin;
	job->scan.status = RUN_STATUS_PENDING;
	job->scan.comment = request->comment;
	job->scan.paths_json = request->paths_json;
	job->scan.report_all = request->report == SETTINGS_REPORT_ALL;
	job->scan.ignore_exclusions = request->ignore_exclusions;
	job->scan.creation_unix_ms = now_unix_ms;
	job->scan.signature_set = "";
	job->scan.failure = "";
	job->override_pct = request->load_factor_pct;
	return job_made(job, jobp);
}

int job_restore(
	const struct action_record *action, const struct scan_record *scan, struct job **jobp)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return err_origin(-ENOMEM);
	job->action = *action;
	job->scan = *scan;
	job->override_pct = LOAD_POLICY_NO_OVERRIDE;
	return job_made(job, jobp);
}

void job_free(struct job *job)
{
	if (!job)
		return;
	for (size_t i = 0; i < JOB_N_STRINGS; i++)
		free((void *)(uintptr_t)*job_field(job, i));
	free(job);
}

void job_reset_counts(struct job *job)
{
	struct scan_record *scan = &job->scan;

	memset(scan->results, 0, sizeof(scan->results));
	scan->n_bytes = 0;
	scan->n_directories = 0;
	scan->n_excluded = 0;
	job->is_target_left_out = false;
	job->is_mount_left = false;
}

/* Whether there were names and none was more than listed. */
static bool job_is_all_skipped(const struct scan_record *scan)
{
	uint64_t n_scanned = 0;

	for (size_t i = 0; i < FILE_RESULT_N; i++)
		n_scanned += i == FILE_RESULT_SKIPPED ? 0 : scan->results[i];
	return n_scanned == 0 && scan->results[FILE_RESULT_SKIPPED] > 0;
}

bool job_is_whole(const struct job *job)
{
	const uint64_t *results = job->scan.results;

	if (job->is_mount_left)
		return false;
	if (job->scan.type == SCAN_TYPE_CUSTOM &&
		(job->is_target_left_out || job_is_all_skipped(&job->scan)))
		return false;
	return results[FILE_RESULT_INCOMPLETE] == 0 && results[FILE_RESULT_CHANGED] == 0 &&
	       results[FILE_RESULT_BLOCKED] == 0 && results[FILE_RESULT_CRASHED] == 0;
}
