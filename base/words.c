/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables only: a word that is spelled in two places will one day differ. */
#include "words.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const char *const words_file_result[FILE_RESULT_N] = {
	"clean", "infected", "incomplete", "changed", "skipped", "blocked", "crashed"};
static const char *const words_reason[REASON_N] = {
	[REASON_NONE] = "none",
	[REASON_EXCLUDED] = "excluded",
	[REASON_SPECIAL] = "special",
	[REASON_SYMLINK] = "symlink",
	[REASON_OWN] = "own",
	[REASON_FILESYSTEM] = "filesystem",
	[REASON_LIMIT] = "limit",
	[REASON_READ_ERROR] = "readError",
	[REASON_ENGINE_ERROR] = "engineError",
	[REASON_CPU_TIME] = "cpuTime",
	[REASON_STALLED] = "stalled",
	[REASON_UNREADABLE] = "unreadable",
	[REASON_UNLISTABLE] = "unlistable",
	[REASON_CANCELLED] = "cancelled",
	[REASON_CHANGED] = "changed",
	[REASON_VANISHED] = "vanished",
	[REASON_REPLACED] = "replaced",
	[REASON_DENIED] = "denied",
	[REASON_CRASHED] = "crashed",
};
static const char *const words_scan_type[SCAN_TYPE_N] = {"quick", "full", "custom"};
static const char *const words_scan_origin[SCAN_ORIGIN_N] = {"action", "schedule", "manual"};
static const char *const words_run_status[RUN_STATUS_N] = {
	"Pending", "InProgress", "Paused", "Succeeded", "Failed", "TimeOut", "Cancelled"};

static const char *words_name(const char *const table[], size_t n_table, size_t value)
{
	return value < n_table ? table[value] : "Unknown";
}

static int words_parse(const char *const table[], size_t n_table, const char *name)
{
	for (size_t i = 0; i < n_table; i++)
		if (strcmp(table[i], name) == 0)
			return (int)i;
	return -EINVAL;
}

const char *file_result_name(enum file_result result)
{
	return words_name(words_file_result, FILE_RESULT_N, (size_t)result);
}

const char *reason_name(enum reason reason)
{
	return words_name(words_reason, REASON_N, (size_t)reason);
}

const char *scan_type_name(enum scan_type type)
{
	return words_name(words_scan_type, SCAN_TYPE_N, (size_t)type);
}

int scan_type_parse(const char *name, enum scan_type *valuep)
{
	int r = words_parse(words_scan_type, SCAN_TYPE_N, name);

	if (r < 0)
		return r;
	*valuep = (enum scan_type)r;
	return 0;
}

const char *scan_origin_name(enum scan_origin origin)
{
	return words_name(words_scan_origin, SCAN_ORIGIN_N, (size_t)origin);
}

int scan_origin_parse(const char *name, enum scan_origin *valuep)
{
	int r = words_parse(words_scan_origin, SCAN_ORIGIN_N, name);

	if (r < 0)
		return r;
	*valuep = (enum scan_origin)r;
	return 0;
}

const char *run_status_name(enum run_status status)
{
	return words_name(words_run_status, RUN_STATUS_N, (size_t)status);
}

int run_status_parse(const char *name, enum run_status *valuep)
{
	int r = words_parse(words_run_status, RUN_STATUS_N, name);

	if (r < 0)
		return r;
	*valuep = (enum run_status)r;
	return 0;
}

int run_status_is_final(enum run_status status)
{
	return status >= RUN_STATUS_SUCCEEDED && status < RUN_STATUS_N;
}
