/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One scan, in full: the second half of cli_view.h. All seven counts are always
 * there, also the zeros: a count that is only shown when it is not zero is one
 * that nobody knows to look for.
 */
#include "cli_view.h"

#include "cli_format.h"
#include "cli_print.h"
#include "cli_view_load.h"
#include "words.h"

static void cli_view_scan_line(FILE *out, const char *label, const char *text)
{
	(void)fprintf(out, "%-12s", label);
	cli_print_text(out, text);
	(void)fputc('\n', out);
}

static void cli_view_scan_field(FILE *out, const char *label, const cJSON *scan, const char *field)
{
	const char *text = cli_format_field(scan, field);

	if (*text)
		cli_view_scan_line(out, label, text);
}

static void cli_view_scan_time(FILE *out, const char *label, const cJSON *scan, const char *field)
{
	char text[CLI_FORMAT_SIZE];
	const char *iso = cli_format_field(scan, field);

	if (*iso)
		cli_view_scan_line(out, label, cli_format_time(iso, text));
}

/* Whether names were met on the way to what was asked for, and all of them left out. */
static bool cli_view_scan_is_nothing(const cJSON *scan)
{
	const cJSON *results = cJSON_GetObjectItemCaseSensitive(scan, "results");
	uint64_t n_skipped = cli_format_number(results, file_result_name(FILE_RESULT_SKIPPED));

	return strcmp(cli_format_field(scan, "type"), "custom") == 0 && n_skipped > 0 &&
	       n_skipped == cli_view_n_files(scan);
}

static const char *cli_view_scan_part(const cJSON *scan)
{
	if (cli_view_scan_is_nothing(scan))
		return ", not complete: nothing was scanned";
	if (!cli_format_flag(scan, "complete"))
		return ", not complete: not every file was wholly scanned";
	if (cli_view_n_files(scan) == 0)
		return ", complete: there was no file";
	return ", complete: every file was wholly scanned";
}

static void cli_view_scan_status(FILE *out, const cJSON *scan)
{
	const char *status = cli_format_field(scan, "status");
	char text[96];

	(void)snprintf(text, sizeof(text), "%s%s", status,
		strcmp(status, "Succeeded") == 0 ? cli_view_scan_part(scan) : "");
	cli_view_scan_line(out, "Status", text);
}

static void cli_view_scan_paths(FILE *out, const cJSON *scan)
{
	const cJSON *paths = cJSON_GetObjectItemCaseSensitive(scan, "paths");
	const cJSON *item;

	cJSON_ArrayForEach(item, paths)
	{
		(void)fprintf(out, "%-12s", item == paths->child ? "Paths" : "");
		cli_print_value(out, cJSON_IsObject(item)
					     ? cJSON_GetObjectItemCaseSensitive(item, "path")
					     : item);
		(void)fputc('\n', out);
	}
}

static void cli_view_scan_load(FILE *out, const cJSON *scan)
{
	char achieved[CLI_FORMAT_SIZE];
	char asked[CLI_FORMAT_SIZE];
	char text[3 * CLI_FORMAT_SIZE];

	(void)snprintf(text, sizeof(text), "%s of all CPUs on average, asked: %s",
		cli_format_load(cli_format_real(scan, "achievedLoad"), false, achieved),
		cli_format_load(cli_format_real(scan, "loadFactor"), true, asked));
	cli_view_scan_line(out, "Load", text);
}

static void cli_view_scan_counts(FILE *out, const cJSON *scan)
{
	const cJSON *results = cJSON_GetObjectItemCaseSensitive(scan, "results");
	char a[CLI_FORMAT_SIZE];
	char b[CLI_FORMAT_SIZE];
	char c[CLI_FORMAT_SIZE];

	(void)fprintf(out, "%-12s%s in %s directories, %s\n", "Files",
		cli_format_count(cli_view_n_files(scan), a),
		cli_format_count(cli_format_number(scan, "directories"), b),
		cli_format_bytes(cli_format_number(scan, "bytes"), c));
	for (int i = 0; i < FILE_RESULT_N; i++) {
		const char *name = file_result_name((enum file_result)i);
		uint64_t n_excluded = cli_format_number(scan, "excluded");

		(void)fprintf(out, "  %-10s%12s", name,
			cli_format_count(cli_format_number(results, name), a));
		if (i == FILE_RESULT_SKIPPED && n_excluded > 0)
			(void)fprintf(
				out, "  (%s by an exclusion)", cli_format_count(n_excluded, b));
		(void)fputc('\n', out);
	}
	cli_view_scan_line(
		out, "Detections", cli_format_count(cli_format_number(scan, "detections"), a));
}

/* The protocol's duration is in seconds; an older service may not send it. */
static void cli_view_scan_duration(FILE *out, const cJSON *scan)
{
	char text[CLI_FORMAT_SIZE];
	double seconds = cli_format_real(scan, "duration");

	if (seconds >= 0)
		cli_view_scan_line(out, "Duration", cli_format_duration(seconds, text));
}

static void cli_view_scan_hints(FILE *out, const cJSON *scan)
{
	const cJSON *results = cJSON_GetObjectItemCaseSensitive(scan, "results");
	uint64_t n_partly =
		cli_format_number(results, "incomplete") + cli_format_number(results, "changed") +
		cli_format_number(results, "blocked") + cli_format_number(results, "crashed");
	/* A target of several may be what was left out. */
	bool is_left_out = n_partly == 0 &&
			   strcmp(cli_format_field(scan, "status"), "Succeeded") == 0 &&
			   !cli_format_flag(scan, "complete");

	if (cli_format_number(scan, "detections") > 0) {
		(void)fputs("\nWhat was found: quietscan detection list --scan ", out);
		cli_print_text(out, cli_format_field(scan, "id"));
	}
	if (n_partly > 0) {
		(void)fputs("\nWhy files were not wholly scanned: quietscan scan report ", out);
		cli_print_text(out, cli_format_field(scan, "id"));
	}
	if (is_left_out) {
		(void)fputs("\nWhat was left out: quietscan timeline --scan ", out);
		cli_print_text(out, cli_format_field(scan, "id"));
	}
	if (n_partly > 0 || is_left_out || cli_format_number(scan, "detections") > 0)
		(void)fputc('\n', out);
}

static void cli_view_scan_progress(FILE *out, const cJSON *scan)
{
	const cJSON *progress = cJSON_GetObjectItemCaseSensitive(scan, "progress");
	char text[CLI_FORMAT_SIZE];
	char found[CLI_FORMAT_SIZE];

	if (!cJSON_IsObject(progress))
		return;
	cli_view_scan_field(out, "Phase", progress, "phase");
	(void)fprintf(out, "%-12s%s of %s files found so far\n", "Judged",
		cli_format_count(cli_format_number(progress, "judged"), text),
		cli_format_count(cli_format_number(progress, "found"), found));
	(void)fprintf(out, "%-12s%s right now\n", "Load now",
		cli_format_load(cli_format_real(progress, "load"), false, text));
	(void)fprintf(out, "%-12s%s\n", "Time left",
		cli_format_duration(cli_format_real(progress, "etaSeconds"), text));
}

/* The record of the load; a scan of an older service, or one that waits, has none. */
static void cli_view_scan_record(FILE *out, const cJSON *scan)
{
	const cJSON *load = cJSON_GetObjectItemCaseSensitive(scan, "load");
	struct cli_terminal terminal = cli_terminal_of(out);

	if (!cJSON_IsObject(load))
		return;
	(void)fputc('\n', out);
	cli_view_load(out, load, &terminal);
}

void cli_view_scan(FILE *out, const cJSON *scan)
{
	char what[96];

	(void)snprintf(what, sizeof(what), "%s scan, origin %s", cli_format_field(scan, "type"),
		cli_format_field(scan, "origin"));
	cli_view_scan_field(out, "Scan", scan, "id");
	cli_view_scan_field(out, "Action", scan, "actionId");
	cli_view_scan_line(out, "Type", what);
	cli_view_scan_field(out, "Comment", scan, "comment");
	cli_view_scan_paths(out, scan);
	cli_view_scan_status(out, scan);
	cli_view_scan_field(out, "Failure", scan, "failure");
	cli_view_scan_time(out, "Created", scan, "creationTime");
	cli_view_scan_time(out, "Started", scan, "startTime");
	cli_view_scan_time(out, "Ended", scan, "endTime");
	cli_view_scan_duration(out, scan);
	cli_view_scan_progress(out, scan);
	cli_view_scan_load(out, scan);
	cli_view_scan_counts(out, scan);
	cli_view_scan_field(out, "Signatures", scan, "signatureSet");
	cli_view_scan_record(out, scan);
	cli_view_scan_hints(out, scan);
}

bool cli_view_is_final(const cJSON *scan)
{
	enum run_status status = RUN_STATUS_PENDING;

	return run_status_parse(cli_format_field(scan, "status"), &status) == 0 &&
	       run_status_is_final(status);
}

static bool cli_view_scan_is_gone(const cJSON *detection)
{
	static const char *const gone[] = {"Quarantined", "Removed", "Cleaned"};
	const char *status = cli_format_field(detection, "remediationStatus");

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (strcmp(status, gone[i]) == 0)
			return true;
	return false;
}

enum cli_exit cli_view_verdict(const cJSON *scan, const cJSON *detections)
{
	const cJSON *results = cJSON_GetObjectItemCaseSensitive(scan, "results");
	uint64_t n_infected = cli_format_number(results, "infected");
	uint64_t n_gone = 0;
	const cJSON *item;

	if (cli_format_number(scan, "detections") > n_infected)
		n_infected = cli_format_number(scan, "detections");
	cJSON_ArrayForEach(item, detections) n_gone += cli_view_scan_is_gone(item);
	if (n_infected > n_gone)
		return CLI_EXIT_FOUND;
	if (strcmp(cli_format_field(scan, "status"), "Succeeded") != 0 ||
		!cli_format_flag(scan, "complete") || cli_view_scan_is_nothing(scan))
		return CLI_EXIT_ERROR;
	return CLI_EXIT_CLEAN;
}
