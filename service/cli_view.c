/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists are tables of columns; a column that is more than a field has a
 * function of its own. What a list cannot show, the show commands do.
 */
#include "cli_view.h"

#include "cleanup.h"
#include "cli_format.h"
#include "cli_print.h"
#include "cli_table.h"

enum { CLI_VIEW_COMMENT_MAX = 44 };

static char *cli_view_time(const cJSON *item, const char *field)
{
	char text[CLI_FORMAT_SIZE];

	return cli_print_dup(cli_format_time(cli_format_field(item, field), text));
}

static char *cli_view_load(const cJSON *item, const char *field)
{
	char achieved[CLI_FORMAT_SIZE];
	char aim[CLI_FORMAT_SIZE];
	char text[2 * CLI_FORMAT_SIZE + 8];
	double asked = cli_format_real(item, "loadFactor");

	(void)snprintf(text, sizeof(text), "%s / %s",
		cli_format_load(cli_format_real(item, field), false, achieved),
		cli_format_load(asked, true, aim));
	return cli_print_dup(text);
}

static char *cli_view_count(const cJSON *item, const char *field)
{
	char text[CLI_FORMAT_SIZE];
	uint64_t n = strcmp(field, "results") == 0 ? cli_view_n_files(item)
						   : cli_format_number(item, field);

	return cli_print_dup(cli_format_count(n, text));
}

static char *cli_view_status(const cJSON *item, const char *field)
{
	const char *status = cli_format_field(item, field);
	bool is_partly = strcmp(status, "Succeeded") == 0 && !cli_format_flag(item, "complete");

	return cli_print_dup(is_partly ? "Succeeded, incomplete" : status);
}

/* "path > name in container". */
static char *cli_view_path(const cJSON *item, const char *field)
{
	_cleanup_(cleanup_free) char *path = cli_print_cell(item, field);
	const char *inside = cli_format_field(item, "containerPath");
	_cleanup_(cleanup_free) char *safe = cli_print_dup(inside);
	char *text = NULL;

	if (!path || !safe || asprintf(&text, "%s%s%s", path, *safe ? " > " : "", safe) < 0)
		return NULL;
	return text;
}

#define N(columns) (sizeof(columns) / sizeof((columns)[0]))

int cli_view_scans(FILE *out, const cJSON *array)
{
	static const struct cli_table_column columns[] = {
		{"ID", NULL, "id", 0, false},
		{"TYPE", NULL, "type", 0, false},
		{"STATUS", cli_view_status, "status", 0, false},
		{"STARTED", cli_view_time, "startTime", 0, false},
		{"FILES", cli_view_count, "results", 0, true},
		{"FOUND", cli_view_count, "detections", 0, true},
		{"LOAD / ASKED", cli_view_load, "achievedLoad", 0, true},
		{"COMMENT", NULL, "comment", CLI_VIEW_COMMENT_MAX, false},
	};

	return cli_table_print(out, array, columns, N(columns), "No scans.");
}

int cli_view_actions(FILE *out, const cJSON *array)
{
	static const struct cli_table_column columns[] = {
		{"ID", NULL, "id", 0, false},
		{"TYPE", NULL, "type", 0, false},
		{"SCOPE", NULL, "scope", 0, false},
		{"STATUS", NULL, "status", 0, false},
		{"CREATED", cli_view_time, "creationDateTimeUtc", 0, false},
		{"REQUESTOR", NULL, "requestor", 24, false},
		{"COMMENT", NULL, "requestorComment", CLI_VIEW_COMMENT_MAX, false},
	};

	return cli_table_print(out, array, columns, N(columns), "No actions.");
}

int cli_view_detections(FILE *out, const cJSON *array)
{
	static const struct cli_table_column columns[] = {
		{"ID", NULL, "id", 0, false},
		{"TIME", cli_view_time, "time", 0, false},
		{"THREAT", NULL, "threatName", 0, false},
		{"SEVERITY", NULL, "severity", 0, false},
		{"REMEDIATION", NULL, "remediationStatus", 0, false},
		{"PATH", cli_view_path, "path", 0, false},
	};

	return cli_table_print(out, array, columns, N(columns), "No detections.");
}

int cli_view_alerts(FILE *out, const cJSON *array)
{
	static const struct cli_table_column columns[] = {
		{"ID", NULL, "id", 0, false},
		{"SEVERITY", NULL, "severity", 0, false},
		{"STATUS", NULL, "status", 0, false},
		{"CREATED", cli_view_time, "alertCreationTime", 0, false},
		{"FILES", cli_view_count, "detections", 0, true},
		{"ASSIGNED TO", NULL, "assignedTo", 24, false},
		{"TITLE", NULL, "title", 0, false},
	};

	return cli_table_print(out, array, columns, N(columns), "No alerts.");
}

static const struct cli_table_column cli_view_items[] = {
	{"KIND", NULL, "kind", 0, false}, {"VALUE", NULL, "value", 0, false}};

int cli_view_exclusions(FILE *out, const cJSON *array)
{
	return cli_table_print(
		out, array, cli_view_items, N(cli_view_items), "Nothing is excluded.");
}

int cli_view_allowed(FILE *out, const cJSON *array)
{
	return cli_table_print(
		out, array, cli_view_items, N(cli_view_items), "Nothing is allowed.");
}

int cli_view_settings(FILE *out, const cJSON *array)
{
	static const struct cli_table_column columns[] = {
		{"NAME", NULL, "name", 0, false},
		{"VALUE", NULL, "value", 40, false},
		{"DEFAULT", NULL, "default", 24, false},
		{"ALLOWED", NULL, "range", 0, false},
	};

	return cli_table_print(out, array, columns, N(columns), "No settings.");
}

int cli_view_quarantine(FILE *out, const cJSON *array)
{
	static const struct cli_table_column columns[] = {
		{"ID", NULL, "id", 0, false},
		{"TIME", cli_view_time, "quarantinedTime", 0, false},
		{"THREAT", NULL, "threatName", 0, false},
		{"PATH", cli_view_path, "path", 0, false},
	};

	return cli_table_print(out, array, columns, N(columns), "The quarantine is empty.");
}

/* Fields that every event has, and those that only programs compare: JSON has all. */
static bool cli_view_is_event_frame(const char *name)
{
	static const char *const frame[] = {"sequence", "time", "actionType", "scanId", "actionId",
		"machineId", "version", "hash", "previousHash", "detectionId", "alertId",
		"threatId", "sha1", "uid", "gid", "mode", "modificationTime", "fingerprint",
		"signatureSet", "keyId", "requestSource", "scope", "cpuMs"};
	size_t n = strlen(name);

	for (size_t i = 0; i < N(frame); i++)
		if (strcmp(frame[i], name) == 0)
			return true;
	return n > 5 && strcmp(name + n - 5, "Bytes") == 0;
}

static bool cli_view_is_nothing(const cJSON *item)
{
	return cJSON_IsNull(item) || cJSON_IsFalse(item) ||
	       (cJSON_IsString(item) && !*item->valuestring);
}

static void cli_view_event_fields(FILE *out, const cJSON *event, const char *prefix)
{
	for (const cJSON *item = event->child; item; item = item->next) {
		const char *name = item->string ? item->string : "";

		if ((!*prefix && cli_view_is_event_frame(name)) || cli_view_is_nothing(item))
			continue;
		if (cJSON_IsObject(item) && !*prefix) {
			cli_view_event_fields(out, item, name);
			continue;
		}
		(void)fputs("  ", out);
		cli_print_text(out, name);
		(void)fputs(cJSON_IsString(item) ? "=\"" : "=", out);
		cli_print_value(out, item);
		(void)fputs(cJSON_IsString(item) ? "\"" : "", out);
	}
}

void cli_view_event(FILE *out, const cJSON *event)
{
	char time[CLI_FORMAT_SIZE];

	cli_print_text(out, cli_format_time(cli_format_field(event, "time"), time));
	(void)fprintf(out, "  %5llu  ", (unsigned long long)cli_format_number(event, "sequence"));
	cli_print_text(out, cli_format_field(event, "actionType"));
	cli_view_event_fields(out, event, "");
	(void)fputc('\n', out);
}

void cli_view_setting(FILE *out, const cJSON *setting)
{
	static const char *const fields[][2] = {{"Name", "name"}, {"Value", "value"},
		{"Default", "default"}, {"Allowed", "range"}, {"Meaning", "description"}};

	for (size_t i = 0; i < N(fields); i++) {
		(void)fprintf(out, "%-9s", fields[i][0]);
		cli_print_value(out, cJSON_GetObjectItemCaseSensitive(setting, fields[i][1]));
		(void)fputc('\n', out);
	}
}

uint64_t cli_view_n_files(const cJSON *scan)
{
	const cJSON *results = cJSON_GetObjectItemCaseSensitive(scan, "results");
	uint64_t n = 0;

	for (const cJSON *item = results ? results->child : NULL; item; item = item->next)
		n += item->string ? cli_format_number(results, item->string) : 0;
	return n;
}
