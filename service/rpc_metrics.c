/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures for monitoring, all from memory. Counters begin with the daemon, as
 * monitors expect of a process; what was before is in the records.
 */
#include "rpc_private.h"

#include "cleanup.h"
#include "clock.h"
#include "err.h"

#include <errno.h>

static const enum run_status rpc_metrics_final[] = {
	RUN_STATUS_SUCCEEDED, RUN_STATUS_FAILED, RUN_STATUS_TIME_OUT, RUN_STATUS_CANCELLED};

enum { RPC_METRICS_N_FINAL = sizeof(rpc_metrics_final) / sizeof(rpc_metrics_final[0]) };

static int rpc_metrics_add_sums(cJSON *object, const struct scan_totals_sums *sums)
{
	cJSON *files = cJSON_CreateObject();
	int r = 0;

	for (int i = 0; i < FILE_RESULT_N; i++)
		r |= json_add_uint(files, file_result_name((enum file_result)i), sums->results[i]);
	r |= json_add_item(object, "files", files);
	r |= json_add_uint(object, "bytes", sums->n_bytes);
	r |= json_add_uint(object, "directories", sums->n_directories);
	r |= json_add_uint(object, "excluded", sums->n_excluded);
	r |= json_add_uint(object, "detections", sums->n_detections);
	r |= json_add_double(object, "cpuSeconds", (double)sums->cpu_ns / 1e9, 3);
	return r;
}

/* {"quick": {"Succeeded": n, …}, …} */
static int rpc_metrics_add_scans(cJSON *object, const struct scan_totals *totals)
{
	cJSON *scans = cJSON_CreateObject();
	int r = 0;

	for (int type = 0; type < SCAN_TYPE_N; type++) {
		cJSON *statuses = cJSON_CreateObject();

		for (size_t i = 0; i < RPC_METRICS_N_FINAL; i++)
			r |= json_add_uint(statuses, run_status_name(rpc_metrics_final[i]),
				totals->n_ended[type][rpc_metrics_final[i]]);
		r |= json_add_item(scans, scan_type_name((enum scan_type)type), statuses);
	}
	return r | json_add_item(object, "scans", scans);
}

static int rpc_metrics_add_current(cJSON *object, struct rpc *rpc, const struct job *job)
{
	struct scan_run_progress progress;
	cJSON *current;
	int r;

	if (!job || !scheduler_progress(rpc->config.scheduler, job, &progress))
		return json_add_null(object, "current");
	current = cJSON_CreateObject();
	r = json_add_string(current, "id", job->scan.id);
	r |= json_add_string(current, "type", scan_type_name(job->scan.type));
	r |= json_add_string(current, "phase", progress.phase);
	r |= json_add_uint(current, "found", progress.n_found);
	r |= json_add_uint(current, "judged", progress.n_judged);
	r |= json_add_uint(current, "bytes", progress.n_bytes);
	r |= json_add_uint(current, "lanes", progress.n_lanes);
	r |= json_add_double(current, "loadFactor", job->scan.load_factor_pct, 2);
	r |= json_add_double(current, "load", progress.load_pct, 2);
	r |= json_add_double(current, "meanLoad", progress.mean_pct, 2);
	return r | json_add_item(object, "current", current);
}

static int rpc_metrics_add_signatures(cJSON *object, const struct rpc *rpc)
{
	const struct definitions_set *set =
		definitions_current(scheduler_definitions(rpc->config.scheduler));
	int64_t now_unix_ms = clock_unix_ms();
	int r = json_add_uint(object, "signatures", set ? set->n_signatures : 0);

	if (set && set->set_time_unix_ms)
		r |= json_add_int(object, "signatureAgeSeconds",
			(now_unix_ms - set->set_time_unix_ms) / 1000);
	else
		r |= json_add_null(object, "signatureAgeSeconds");
	if (set && set->loaded_unix_ms)
		r |= json_add_int(object, "signatureLoadedSecondsAgo",
			(now_unix_ms - set->loaded_unix_ms) / 1000);
	else
		r |= json_add_null(object, "signatureLoadedSecondsAgo");
	return r;
}

static int rpc_metrics_add_service(cJSON *object, const struct rpc *rpc)
{
	const struct rpc_config *config = &rpc->config;
	const struct store_watch *watch = scheduler_store_watch(config->scheduler);
	uint64_t sequence = 0;
	uint8_t hash[RECORD_HASH_SIZE];
	int r = json_add_string(object, "appVersion", config->version);

	(void)store_log_head(config->store, &sequence, hash, NULL); /* from memory */
	r |= json_add_time(object, "startTime", config->start_unix_ms);
	r |= json_add_int(
		object, "uptimeSeconds", (clock_unix_ms() - config->start_unix_ms) / 1000);
	r |= json_add_double(object, "daemonCpuSeconds", (double)clock_self_cpu_ns() / 1e9, 3);
	r |= json_add_double(object, "cpus", config->n_cpus, 2);
	r |= json_add_int(object, "loadFactor",
		scheduler_settings(config->scheduler)->scan_avg_cpu_load_factor_pct);
	r |= json_add_uint(object, "events", sequence);
	r |= json_add_bool(object, "storeFailing", watch->is_failing);
	r |= json_add_uint(object, "lostEvents", watch->n_lost);
	return r;
}

int rpc_metrics(struct rpc_call *call)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	struct rpc *rpc = call->rpc;
	const struct job *job = scheduler_running(rpc->config.scheduler);
	size_t n_open = scheduler_n_open(rpc->config.scheduler);
	int r;

	if (job)
		scan_totals_follow(&rpc->totals, &job->scan);
	r = rpc_metrics_add_service(object, rpc);
	r |= rpc_metrics_add_sums(object, &rpc->totals.sums);
	r |= rpc_metrics_add_scans(object, &rpc->totals);
	r |= json_add_uint(object, "queueLength", n_open - (job ? 1 : 0));
	r |= rpc_metrics_add_current(object, rpc, job);
	r |= rpc_metrics_add_signatures(object, rpc);
	if (r < 0)
		return err_origin(-ENOMEM);
	call->result = object;
	object = NULL;
	return 0;
}
