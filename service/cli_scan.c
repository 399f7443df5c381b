/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path travels as raw bytes: as a string when it is UTF-8, in base64 when it
 * is not. Both lists are sent, in no order that matters.
 */
#include "cli_scan.h"

#include "base64.h"
#include "cleanup.h"
#include "cli_format.h"
#include "cli_path.h"
#include "cli_print.h"
#include "cli_view.h"
#include "cli_wait.h"
#include "utf8.h"

#include <limits.h>
#include <unistd.h>

enum { CLI_SCAN_REPORT_CHUNK = 262144 };

static int cli_scan_add_path(cJSON *texts, cJSON *raws, const char *path)
{
	struct span bytes = span_str(path);
	_cleanup_(cleanup_free) char *base64 = NULL;

	if (utf8_is_valid(bytes))
		return json_append(texts, json_new_string(path));
	base64 = malloc(base64_encoded_size(bytes.n));
	if (!base64)
		return err_origin(-ENOMEM);
	base64_encode(bytes, base64);
	return json_append(raws, json_new_string(base64));
}

/* Every --path, absolute. 0 or -errno. */
static int cli_scan_add_paths(const struct cli *cli, cJSON *params)
{
	cJSON *texts = cJSON_AddArrayToObject(params, "paths");
	cJSON *raws = cJSON_AddArrayToObject(params, "pathsBytes");
	char cwd[PATH_MAX];
	const char *cwdp = getcwd(cwd, sizeof(cwd));

	if (!texts || !raws)
		return err_origin(-ENOMEM);
	for (size_t i = 0; i < cli->options->n_paths; i++) {
		_cleanup_(cleanup_free) char *path = NULL;
		int r = cli_path_absolute(cwdp, cli->options->paths[i], &path);

		if (r == 0)
			r = cli_scan_add_path(texts, raws, path);
		if (r < 0)
			return r;
	}
	if (!texts->child)
		cJSON_DeleteItemFromObjectCaseSensitive(params, "paths");
	if (!raws->child)
		cJSON_DeleteItemFromObjectCaseSensitive(params, "pathsBytes");
	return 0;
}

static cJSON *cli_scan_params(struct cli *cli)
{
	const struct cli_options *o = cli->options;
	_cleanup_(json_cleanup) cJSON *params = cli_params();
	const char *load = o->values[CLI_OPTION_LOAD_FACTOR];
	cJSON *done;
	int r = params ? 0 : -ENOMEM;

	if (r == 0) {
		r |= json_add_string(params, "type", o->command->verb);
		r |= cli_params_option(cli, params, "comment", CLI_OPTION_COMMENT);
		r |= cli_params_option(cli, params, "report", CLI_OPTION_REPORT);
		if (load)
			r |= json_add_int(params, "loadFactor", strtol(load, NULL, 10));
		if (cli_options_has(o, CLI_OPTION_IGNORE_EXCLUSIONS))
			r |= json_add_bool(params, "ignoreExclusions", true);
	}
	if (r == 0 && o->n_paths > 0)
		r = cli_scan_add_paths(cli, params);
	if (r < 0) {
		(void)cli_fail(cli, "%s",
			r == -EINVAL
				? "--path must not be empty, and the current directory must exist"
				: err_text(r));
		return NULL;
	}
	done = params;
	params = NULL;
	return done;
}

static int cli_scan_show_one(struct cli *cli, const cJSON *scan)
{
	if (cli->is_json)
		return cli_print_json(cli->out, scan) < 0 ? CLI_EXIT_ERROR : CLI_EXIT_CLEAN;
	cli_view_scan(cli->out, scan);
	return CLI_EXIT_CLEAN;
}

static int cli_scan_detections(struct cli *cli, const char *id, cJSON **arrayp)
{
	cJSON *params = cli_params();

	if (!params || json_add_string(params, "scanId", id) < 0) {
		cJSON_Delete(params);
		return cli_fail(cli, "%s", err_text(-ENOMEM));
	}
	return cli_call_list(cli, "detection.list", params, arrayp);
}

/* Wait for the scan, show what came out, and say it with the exit code. */
static int cli_scan_finish(struct cli *cli, const char *id)
{
	_cleanup_(json_cleanup) cJSON *scan = NULL;
	_cleanup_(json_cleanup) cJSON *detections = NULL;

	if (!cli->is_json) {
		(void)fputs("Scan ", cli->err);
		cli_print_text(cli->err, id);
		(void)fputs(" was accepted; waiting for its end.\n", cli->err);
	}
	if (cli_wait(cli, id, &scan) != 0)
		return CLI_EXIT_ERROR;
	if (cli_format_number(scan, "detections") > 0 &&
		cli_scan_detections(cli, id, &detections) != 0)
		return CLI_EXIT_ERROR;
	if (!cli->is_json && detections) {
		(void)cli_view_detections(cli->out, detections);
		(void)fputc('\n', cli->out);
	}
	if (cli_scan_show_one(cli, scan) != CLI_EXIT_CLEAN)
		return CLI_EXIT_ERROR;
	return (int)cli_view_verdict(scan, detections);
}

static int cli_scan_accepted(struct cli *cli, const cJSON *result, const char *id)
{
	const cJSON *action = cJSON_GetObjectItemCaseSensitive(result, "action");

	if (cli->is_json)
		return cli_print_json(cli->out, result) < 0 ? CLI_EXIT_ERROR : CLI_EXIT_CLEAN;
	(void)fputs("Scan    ", cli->out);
	cli_print_text(cli->out, id);
	(void)fputs("\nAction  ", cli->out);
	cli_print_text(cli->out, cli_format_field(action, "id"));
	(void)fputs("\nStatus  ", cli->out);
	cli_print_text(cli->out, cli_format_field(action, "status"));
	(void)fputs("\n\nHow it goes: quietscan scan show ", cli->out);
	cli_print_text(cli->out, id);
	(void)fputc('\n', cli->out);
	return CLI_EXIT_CLEAN;
}

int cli_scan_start(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *result = NULL;
	cJSON *params = cli_scan_params(cli);
	const char *id;

	if (!params || cli_call(cli, "scan.start", params, &result) != 0)
		return CLI_EXIT_ERROR;
	id = cli_format_field(cJSON_GetObjectItemCaseSensitive(result, "scan"), "id");
	if (!cli_options_has(cli->options, CLI_OPTION_WAIT))
		return cli_scan_accepted(cli, result, id);
	return cli_scan_finish(cli, id);
}

int cli_scan_list(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *array = NULL;
	cJSON *params = cli_params();

	if (params && cli_params_option(cli, params, "status", CLI_OPTION_STATUS) < 0) {
		cJSON_Delete(params);
		params = NULL;
	}
	if (cli_call_list(cli, "scan.list", params, &array) != 0)
		return CLI_EXIT_ERROR;
	return (cli->is_json ? cli_print_json(cli->out, array) : cli_view_scans(cli->out, array)) <
			       0
		       ? CLI_EXIT_ERROR
		       : CLI_EXIT_CLEAN;
}

static cJSON *cli_scan_id(const struct cli *cli)
{
	cJSON *params = cli_params();

	if (params && json_add_string(params, "id", cli->options->args[0]) == 0 &&
		cli_params_option(cli, params, "comment", CLI_OPTION_COMMENT) == 0)
		return params;
	cJSON_Delete(params);
	return NULL;
}

int cli_scan_show(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *scan = NULL;

	if (cli_call(cli, "scan.show", cli_scan_id(cli), &scan) != 0)
		return CLI_EXIT_ERROR;
	return cli_scan_show_one(cli, scan);
}

int cli_scan_steer(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *scan = NULL;
	char method[32];

	(void)snprintf(method, sizeof(method), "scan.%s", cli->options->command->verb);
	if (cli_call(cli, method, cli_scan_id(cli), &scan) != 0)
		return CLI_EXIT_ERROR;
	if (cli->is_json)
		return cli_scan_show_one(cli, scan);
	(void)fputs("Scan    ", cli->out);
	cli_print_text(cli->out, cli_format_field(scan, "id"));
	(void)fputs("\nStatus  ", cli->out);
	cli_print_text(cli->out, cli_format_field(scan, "status"));
	(void)fputc('\n', cli->out);
	return CLI_EXIT_CLEAN;
}

/* One piece of a report. As JSON: the lines joined to one array over all pieces. */
static int cli_scan_report_piece(struct cli *cli, const cJSON *result, bool *is_firstp)
{
	const cJSON *lines = cJSON_GetObjectItemCaseSensitive(result, "lines");
	const cJSON *line;

	cJSON_ArrayForEach(line, lines)
	{
		const char *text = cJSON_IsString(line) ? line->valuestring : "";

		if (cli->is_json)
			(void)fputs(*is_firstp ? "" : ",\n", cli->out);
		cli_print_text(cli->out, text);
		if (!cli->is_json)
			(void)fputc('\n', cli->out);
		*is_firstp = false;
	}
	return ferror(cli->out) ? CLI_EXIT_ERROR : 0;
}

static int cli_scan_report_pieces(struct cli *cli, bool *is_firstp)
{
	uint64_t offset = 0;
	bool is_more = true;

	while (is_more) {
		_cleanup_(json_cleanup) cJSON *result = NULL;
		cJSON *params = cli_scan_id(cli);
		int r = params ? 0 : -ENOMEM;

		if (params) {
			r |= json_add_uint(params, "offset", offset);
			r |= json_add_int(params, "limit", CLI_SCAN_REPORT_CHUNK);
		}
		if (r < 0) {
			cJSON_Delete(params);
			return cli_fail(cli, "%s", err_text(r));
		}
		r = cli_call(cli, "scan.report", params, &result);
		if (r == 0)
			r = cli_scan_report_piece(cli, result, is_firstp);
		if (r != 0)
			return r;
		is_more = json_get_uint(result, "nextOffset", &offset, NULL) == 0;
	}
	return 0;
}

int cli_scan_report(struct cli *cli)
{
	bool is_first = true;
	int r;

	if (cli->is_json)
		(void)fputs("[", cli->out);
	r = cli_scan_report_pieces(cli, &is_first);
	if (cli->is_json)
		(void)fputs("]\n", cli->out);
	return r == 0 ? CLI_EXIT_CLEAN : CLI_EXIT_ERROR;
}
