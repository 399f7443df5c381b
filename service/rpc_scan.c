/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The methods about scans. The store has every scan; one that is not over is
 * shown from the queue, where its counts are newer than on the disk.
 */
#include "rpc_private.h"

#include "cleanup.h"
#include "display.h"
#include "scan_report.h"

#include <errno.h>
#include <string.h>

enum {
	RPC_SCAN_REPORT_DEFAULT = 65536,
	RPC_SCAN_REPORT_MAX = 262144,
	RPC_SCAN_COMMENT_MAX = REQUEST_COMMENT_MAX,
	RPC_SCAN_PROGRESS_PATH_SIZE = 4096, /* to be looked at; a name has up to 32 KiB */
};

static int rpc_scan_add_progress(const struct scan_run_progress *progress, cJSON *scan)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	char path[RPC_SCAN_PROGRESS_PATH_SIZE];
	int r = object ? 0 : -ENOMEM;

	if (r < 0)
		return err_origin(r);
	(void)display_write(DISPLAY_TEXT, progress->path, path, sizeof(path));
	r |= json_add_string(object, "phase", progress->phase);
	r |= json_add_uint(object, "found", progress->n_found);
	r |= json_add_uint(object, "judged", progress->n_judged);
	r |= json_add_uint(object, "bytes", progress->n_bytes);
	r |= json_add_uint(object, "lanes", progress->n_lanes);
	r |= progress->has_eta ? json_add_uint(object, "etaSeconds", progress->eta_s)
			       : json_add_null(object, "etaSeconds");
	r |= progress->has_percent ? json_add_double(object, "percent", progress->percent, 1)
				   : json_add_null(object, "percent");
	r |= json_add_double(object, "load", progress->load_pct, 2);
	r |= json_add_double(object, "meanLoad", progress->mean_pct, 2);
	r |= json_add_string(object, "path", progress->path.n > 0 ? path : NULL);
	if (r < 0)
		return err_origin(-ENOMEM);
	r = json_add_item(scan, "progress", object);
	object = NULL;
	return r;
}

/* Takes @scan in every case. */
static int rpc_scan_with_progress(
	struct rpc *rpc, const struct job *job, cJSON *scan, cJSON **itemp)
{
	struct scan_run_progress progress;
	int r = 0;

	if (scheduler_progress(rpc->config.scheduler, job, &progress))
		r = rpc_scan_add_progress(&progress, scan);
	if (r < 0) {
		cJSON_Delete(scan);
		return err_trace(r);
	}
	*itemp = scan;
	return 0;
}

int rpc_scan_job_json(struct rpc *rpc, const struct job *job, cJSON **itemp)
{
	cJSON *scan = NULL;
	int r = record_json_scan(&job->scan, &scan);

	return r < 0 ? err_trace(r) : rpc_scan_with_progress(rpc, job, scan, itemp);
}

int rpc_scan_brief_json(struct rpc *rpc, const struct job *job, cJSON **itemp)
{
	cJSON *scan = NULL;
	int r = record_json_scan_brief(&job->scan, &scan);

	return r < 0 ? err_trace(r) : rpc_scan_with_progress(rpc, job, scan, itemp);
}

int rpc_scan_json(struct rpc *rpc, const struct scan_record *scan, cJSON **itemp)
{
	const struct job *job = scheduler_find(rpc->config.scheduler, scan->id);

	return job ? rpc_scan_job_json(rpc, job, itemp) : record_json_scan(scan, itemp);
}

static int rpc_scan_on_found(void *arg, const struct scan_record *scan)
{
	struct rpc_call *call = arg;

	return rpc_scan_json(call->rpc, scan, &call->result);
}

/* Sets the result to the scan with this id, or the fault. */
static int rpc_scan_fetch(struct rpc_call *call, const char *id)
{
	const struct store_query query = {.id = id, .limit = 1};
	struct errmsg msg = ERRMSG_NULL;
	int r = store_scan_list(call->rpc->config.store, &query, rpc_scan_on_found, call, &msg);

	if (r < 0)
		return rpc_store_fault(call, r, &msg);
	if (!call->result)
		return fault_set(&call->fault, FAULT_NOT_FOUND, id, "no scan has this id");
	return 0;
}

int rpc_scan_start(struct rpc_call *call)
{
	_cleanup_(request_cleanup) struct request request = REQUEST_NULL;
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	const struct job *job = NULL;
	const char *target = "params";
	struct errmsg msg = ERRMSG_NULL;
	cJSON *action = NULL;
	cJSON *scan = NULL;
	int r = request_parse(call->params, &request, &target, &msg);

	if (r == -EINVAL)
		return rpc_refuse(call, target, &msg);
	if (r < 0 || !object)
		return err_origin(-ENOMEM);
	if (call->who.gateway.is_set && cJSON_GetObjectItemCaseSensitive(call->params, "origin"))
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "origin",
			"origin: what a gateway asks for is an action");
	r = scheduler_submit(call->rpc->config.scheduler, &request, &call->who, &job, &call->fault);
	if (r < 0)
		return r;
	r = record_json_action(&job->action, &call->rpc->machine, &action);
	if (r == 0)
		r = json_add_item(object, "action", action);
	if (r == 0)
		r = rpc_scan_job_json(call->rpc, job, &scan);
	if (r == 0)
		r = json_add_item(object, "scan", scan);
	if (r < 0)
		return err_trace(r);
	call->result = object;
	object = NULL;
	return 0;
}

static int rpc_scan_on_row(void *arg, const struct scan_record *scan)
{
	struct rpc_page *page = arg;
	cJSON *row = NULL;
	int r = rpc_scan_json(page->rpc, scan, &row);

	return r < 0 ? r : rpc_page_add(page, row);
}

static int rpc_scan_page(struct rpc_page *page, const struct store_query *query, struct errmsg *msg)
{
	return store_scan_list(page->rpc->config.store, query, rpc_scan_on_row, page, msg);
}

/*
 * A scan that is not over is shown from the queue, where it changes without
 * the store: what is answered then is a revision that is over at once.
 */
int rpc_scan_list(struct rpc_call *call)
{
	const struct rpc_config *config = &call->rpc->config;
	struct store_query query = {.id = NULL};
	int r = rpc_page_answer(call, STORE_KIND_SCAN, &query, rpc_scan_page);

	if (scheduler_n_open(config->scheduler) > 0)
		store_touch(config->store, STORE_KIND_SCAN);
	return r;
}

/* The text of a scan's load: of the queue, else as stored; NULL when there is none. */
static int rpc_scan_load_text(struct rpc_call *call, const char *id, char **textp)
{
	struct scheduler *scheduler = call->rpc->config.scheduler;
	const struct job *job = scheduler_find(scheduler, id);
	struct errmsg msg = ERRMSG_NULL;
	int r = 0;

	*textp = NULL;
	if (job) {
		scheduler_note_load(scheduler, job);
		*textp = job->load ? strdup(job->load) : NULL;
		return job->load && !*textp ? err_origin(-ENOMEM) : 0;
	}
	r = store_load_get(call->rpc->config.store, id, textp, &msg);
	return r < 0 ? rpc_store_fault(call, r, &msg) : 0;
}

int rpc_scan_show(struct rpc_call *call)
{
	_cleanup_(cleanup_free) char *text = NULL;
	struct errmsg msg = ERRMSG_NULL;
	const char *id = NULL;
	cJSON *load = NULL;
	int r = rpc_take_id(call, &id);

	if (r == 0)
		r = rpc_scan_fetch(call, id);
	if (r == 0)
		r = rpc_scan_load_text(call, id, &text);
	if (r < 0 || !text)
		return r;
	r = json_parse(text, strlen(text), &load, &msg);
	if (r < 0)
		return r == -ENOMEM ? err_trace(r) : 0; /* not ours: the scan has no load */
	return json_add_item(call->result, "load", load);
}

/* An id that is not open may be one that is over: that is another fault. */
static int rpc_scan_not_open(struct rpc_call *call, const char *id, int r)
{
	struct fault fault = call->fault;

	if (call->fault.code != FAULT_NOT_FOUND)
		return r;
	call->fault = (struct fault)FAULT_NULL;
	if (rpc_scan_fetch(call, id) < 0) {
		call->fault = fault;
		return r;
	}
	cJSON_Delete(call->result);
	call->result = NULL;
	return fault_set(&call->fault, FAULT_INVALID_STATE, id, "the scan is over");
}

int rpc_scan_cancel(struct rpc_call *call)
{
	const char *id = NULL;
	const char *comment = NULL;
	int r = rpc_take_id(call, &id);

	if (r == 0)
		r = rpc_take_text(call, "comment", RPC_SCAN_COMMENT_MAX, &comment);
	if (r < 0)
		return r;
	r = scheduler_cancel(call->rpc->config.scheduler, id, &call->who, comment, &call->fault);
	return r < 0 ? rpc_scan_not_open(call, id, r) : rpc_scan_fetch(call, id);
}

int rpc_scan_pause(struct rpc_call *call)
{
	const char *id = NULL;
	int r = rpc_take_id(call, &id);

	if (r < 0)
		return r;
	r = scheduler_pause(call->rpc->config.scheduler, id, &call->who, &call->fault);
	return r < 0 ? rpc_scan_not_open(call, id, r) : rpc_scan_fetch(call, id);
}

int rpc_scan_resume(struct rpc_call *call)
{
	const char *id = NULL;
	int r = rpc_take_id(call, &id);

	if (r < 0)
		return r;
	r = scheduler_resume(call->rpc->config.scheduler, id, &call->who, &call->fault);
	return r < 0 ? rpc_scan_not_open(call, id, r) : rpc_scan_fetch(call, id);
}

/* Whole lines with their newlines become an array of strings. */
static int rpc_scan_split(char *text, size_t n, cJSON *lines)
{
	for (size_t at = 0; at < n;) {
		char *end = memchr(text + at, '\n', n - at);
		int r;

		if (!end)
			end = text + n - 1; /* a piece of a line that is too long; loses a byte */
		*end = '\0';
		r = json_append(lines, json_new_string(text + at));
		if (r < 0)
			return r;
		at = (size_t)(end + 1 - text);
	}
	return 0;
}

static int rpc_scan_report_json(struct rpc_call *call, struct scan_report_part *part)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	cJSON *lines = cJSON_CreateArray();
	int r = object && lines ? rpc_scan_split(part->text, part->n_text, lines) : -ENOMEM;

	if (r < 0) {
		cJSON_Delete(lines);
		return err_origin(-ENOMEM);
	}
	r = json_add_item(object, "lines", lines);
	if (r == 0)
		r = part->is_end ? json_add_null(object, "nextOffset")
				 : json_add_uint(object, "nextOffset", part->next_offset);
	if (r < 0)
		return err_trace(r);
	call->result = object;
	object = NULL;
	return 0;
}

int rpc_scan_report(struct rpc_call *call)
{
	struct scan_report_part part = {.is_end = true};
	struct errmsg msg = ERRMSG_NULL;
	const char *id = NULL;
	int64_t offset = 0;
	int64_t limit = RPC_SCAN_REPORT_DEFAULT;
	int r = rpc_take_id(call, &id);

	if (r == 0)
		r = rpc_take_number(call, "offset", 0, INT64_MAX, &offset);
	if (r == 0)
		r = rpc_take_number(call, "limit", 1, RPC_SCAN_REPORT_MAX, &limit);
	if (r == 0)
		r = rpc_scan_fetch(call, id);
	if (r < 0)
		return r;
	cJSON_Delete(call->result);
	call->result = NULL;
	r = scan_report_read(call->rpc->config.paths->report_dir, id, (uint64_t)offset,
		(size_t)limit, &part, &msg);
	if (r == -EINVAL)
		return rpc_refuse(call, "offset", &msg);
	if (r < 0 && r != -ENOENT)
		return rpc_store_fault(call, r, &msg);
	r = rpc_scan_report_json(call, &part);
	free(part.text);
	return r;
}

int rpc_scan_watch(struct rpc_call *call)
{
	const struct job *job;
	const char *id = NULL;
	int r = rpc_take_id(call, &id);

	if (r == 0)
		r = rpc_scan_fetch(call, id);
	if (r < 0)
		return r;
	job = scheduler_find(call->rpc->config.scheduler, id);
	call->is_ended_scan = !job;
	return job ? rpc_watch_add(call, job->scan.id) : 0;
}
