/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state directory holds signature copies that may match themselves, and
 * engines' temporary files that certainly do; it is skipped by name.
 */
#include "scan_order.h"

#include "cleanup.h"
#include "err.h"
#include "json.h"
#include "left_behind.h"
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int scan_order_targets(const struct job *job, struct scan_team *team)
{
	struct errmsg msg = ERRMSG_NULL;
	_cleanup_(json_cleanup) cJSON *list = NULL;
	const cJSON *item;
	int r = json_parse(job->scan.paths_json, strlen(job->scan.paths_json), &list, &msg);

	if (r < 0)
		return err_origin(-EINVAL);
	cJSON_ArrayForEach(item, list)
	{
		struct span path = SPAN_NULL;

		r = json_required(json_get_bytes(item, "path", REQUEST_PATH_MAX, &path, &msg));
		if (r < 0)
			return err_trace(r);
		r = scan_team_path(team, IPC_PATH_TARGET, path);
		free((void *)(uintptr_t)path.data);
		if (r < 0)
			return err_trace(r);
	}
	return 0;
}

static int scan_order_list(
	const struct settings_list *list, enum ipc_path_kind kind, struct scan_team *team)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *text = list->items[i];
		int r;

		if (kind == IPC_PATH_EXCLUDE_EXTENSION && text[0] == '.')
			text++;
		r = scan_team_path(team, kind, span_str(text));
		if (r < 0)
			return err_trace(r);
	}
	return 0;
}

static int scan_order_pass(const struct pass_list_item *item, struct scan_team *team)
{
	int r = item->is_hung ? scan_team_path(team, IPC_PATH_HUNG, item->point) : 0;

	if (r < 0 || !item->is_wanted)
		return r;
	if (item->has_begun)
		return scan_team_path(team, IPC_PATH_PASSED, item->point);
	return scan_team_path(
		team, item->is_whole ? IPC_PATH_PASS_WHOLE : IPC_PATH_PASS, item->point);
}

static int scan_order_passes(const struct pass_list *passes, struct scan_team *team)
{
	int r = 0;

	for (size_t i = 0; i < passes->n && r == 0; i++)
		r = scan_order_pass(&passes->items[i], team);
	return r;
}

static int scan_order_begin(const struct scan_order *order, struct scan_team *team)
{
	const struct settings *settings = order->settings;
	const uint64_t second = 1000000000;
	struct ipc_scan_start start = {
		.type = (uint8_t)order->job->scan.type,
		.n_lanes = (uint16_t)order->n_lanes,
		.file_cpu_max_ns = (uint64_t)settings->file_cpu_time_limit_s * second,
		.stall_ns = (uint64_t)settings->worker_stall_timeout_s * second,
		.worker_files_max = (uint64_t)settings->worker_max_files,
		.recent_days = (uint32_t)settings->quick_scan_recent_days,
	};

	if (order->job->scan.report_all)
		start.flags |= IPC_SCAN_REPORT_ALL;
	if (order->job->scan.ignore_exclusions)
		start.flags |= IPC_SCAN_IGNORE_EXCLUSIONS;
	if (settings->keep_page_cache_as_found)
		start.flags |= IPC_SCAN_KEEP_PAGE_CACHE;
	if (order->passes->is_main_over)
		start.flags |= IPC_SCAN_PASSES_ONLY;
	if (left_behind_count() >= LEFT_BEHIND_MAX)
		start.flags |= IPC_SCAN_NOTHING_APART;
	return scan_team_begin(team, &start);
}

int scan_order_send(const struct scan_order *order, struct scan_team *team)
{
	const char *own[] = {order->paths->state_dir, order->paths->run_dir};
	int r = scan_order_targets(order->job, team);

	for (size_t i = 0; r == 0 && i < sizeof(own) / sizeof(own[0]); i++)
		r = scan_team_path(team, IPC_PATH_OWN, span_str(own[i]));
	if (r == 0)
		r = scan_order_list(&order->settings->exclusion_path, IPC_PATH_EXCLUDE, team);
	if (r == 0)
		r = scan_order_list(
			&order->settings->exclusion_extension, IPC_PATH_EXCLUDE_EXTENSION, team);
	if (r == 0)
		r = scan_order_passes(order->passes, team);
	return r == 0 ? scan_order_begin(order, team) : r;
}
