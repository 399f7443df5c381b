/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "healthy" is the absence of issues and nothing else, so that a monitor that
 * looks at one field sees whatever a person would be told.
 */
#include "health.h"

#include "child_identity.h"
#include "cleanup.h"
#include "clock.h"
#include "err.h"
#include "neighbour_document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { HEALTH_OLD_DAYS = 7 };

static const int64_t health_day_ms = INT64_C(24) * 3600 * 1000;

const char *health_definitions_state(const struct scheduler *scheduler)
{
	const struct definitions *definitions = scheduler_definitions(scheduler);

	if (definitions_current(definitions))
		return "ready";
	return definitions_is_undecided(definitions) ? "loading" : "none";
}

static int health_issue(cJSON *issues, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int health_issue(cJSON *issues, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return json_append(issues, json_new_string(text));
}

static int health_definitions_issues(const struct health_input *input, cJSON *issues)
{
	const struct definitions *definitions = scheduler_definitions(input->scheduler);
	const struct definitions_set *set = definitions_current(definitions);
	const char *error = definitions_error(definitions);
	int r = 0;

	if (!set && !definitions_is_undecided(definitions))
		r |= health_issue(
			issues, "no usable signatures: %s", error[0] ? error : "none were found");
	else if (error[0])
		r |= health_issue(issues, "newer signatures cannot be used: %s", error);
	if (set && set->set_time_unix_ms &&
		clock_unix_ms() - set->set_time_unix_ms > HEALTH_OLD_DAYS * health_day_ms)
		r |= health_issue(issues, "the signatures are older than %d days", HEALTH_OLD_DAYS);
	return r;
}

static int health_user_issue(cJSON *issues, const char *setting, const char *user)
{
	struct child_identity identity = child_identity_find(user, geteuid() == 0);

	if (!identity.is_user_missing)
		return 0;
	return health_issue(issues, "the user %s (%s) does not exist; %d is used instead", user,
		setting, CHILD_IDENTITY_OVERFLOW);
}

static int health_issues(const struct health_input *input, cJSON *issues)
{
	const struct store_watch *watch = scheduler_store_watch(input->scheduler);
	const struct settings *settings = scheduler_settings(input->scheduler);
	int read_error = scheduler_read_rate_error(input->scheduler);
	int r = health_definitions_issues(input, issues);

	if (watch->is_failing)
		r |= health_issue(issues, "the store takes no records: %s", watch->reason.text);
	if (input->log_error[0])
		r |= health_issue(
			issues, "the action log's files fall behind: %s", input->log_error);
	if (store_is_log_damaged(input->store))
		r |= health_issue(issues, "the action log was changed by somebody else");
	if (input->keeper->error.text[0])
		r |= health_issue(
			issues, "the settings file is refused: %s", input->keeper->error.text);
	if (read_error < 0)
		r |= health_issue(issues, "ScanMaxReadRate has no effect: read /proc/PID/io: %s",
			err_text(read_error));
	if (neighbour_watch_error(scheduler_neighbours(input->scheduler))[0])
		r |= health_issue(issues, "not every other antivirus can be seen: %s",
			neighbour_watch_error(scheduler_neighbours(input->scheduler)));
	r |= health_user_issue(issues, "ScannerUser", settings->scanner_user);
	r |= health_user_issue(issues, "EngineUser", settings->engine_user);
	return r;
}

static int health_add_definitions(const struct health_input *input, cJSON *object)
{
	const struct definitions *definitions = scheduler_definitions(input->scheduler);
	const struct definitions_set *set = definitions_current(definitions);
	int r = json_add_string(
		object, "definitionsStatus", health_definitions_state(input->scheduler));

	r |= json_add_string(object, "definitionsVersion", set ? set->set_version : NULL);
	r |= json_add_string(object, "definitionsFingerprint", set ? set->fingerprint : NULL);
	r |= json_add_time(object, "definitionsUpdated", set ? set->loaded_unix_ms : 0);
	if (set)
		r |= json_add_int(object, "definitionsUpdatedMinutesAgo",
			(clock_unix_ms() - set->loaded_unix_ms) / 60000);
	else
		r |= json_add_null(object, "definitionsUpdatedMinutesAgo");
	r |= set ? json_add_uint(object, "signatures", set->n_signatures)
		 : json_add_int(object, "signatures", 0);
	r |= json_add_string(object, "definitionsPath", definitions_source(definitions));
	r |= json_add_string(object, "engineVersion", set ? set->engine_version : NULL);
	return r;
}

static int health_add_work(const struct health_input *input, cJSON *object)
{
	const struct settings *settings = scheduler_settings(input->scheduler);
	const struct job *job = scheduler_running(input->scheduler);
	size_t n_open = scheduler_n_open(input->scheduler);
	int r = json_add_string(object, "runningScan", job ? job->scan.id : NULL);

	r |= json_add_uint(object, "pendingScans", n_open - (job ? 1 : 0));
	r |= json_add_int(object, "loadFactor", settings->scan_avg_cpu_load_factor_pct);
	r |= json_add_double(object, "cpus", input->n_cpus, 2);
	r |= json_add_string(object, "storeStatus",
		scheduler_store_watch(input->scheduler)->is_failing ? "failing" : "ready");
	r |= json_add_string(object, "settingsFile", input->keeper->file);
	r |= json_add_string(object, "stateDir", input->paths->state_dir);
	r |= json_add_string(object, "logDir", input->paths->log_dir);
	r |= json_add_time(object, "startTime", input->start_unix_ms);
	r |= json_add_int(object, "uptimeSeconds", (clock_unix_ms() - input->start_unix_ms) / 1000);
	return r;
}

static int health_add_mode(const struct health_input *input, cJSON *object)
{
	const struct neighbour_watch *watch = scheduler_neighbours(input->scheduler);
	const struct neighbours *last = neighbour_watch_last(watch);
	const struct passive_mode *mode = neighbour_watch_mode(watch);
	int r = json_add_string(object, "amRunningMode", passive_mode_name(mode->is_passive));

	r |= json_add_string(object, "amRunningModeReason", mode->reason);
	r |= json_add_bool(object, "passiveModeEnabled", mode->is_passive);
	r |= json_add_item(object, "conflictingApplications", neighbour_document_make(last));
	r |= json_add_bool(object, "conflictingApplicationsComplete",
		last && !last->is_partial && !last->is_cut && !neighbour_watch_error(watch)[0]);
	return r;
}

int health_make(const struct health_input *input, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	_cleanup_(json_cleanup) cJSON *issues = cJSON_CreateArray();
	int r;

	if (!object || !issues)
		return err_origin(-ENOMEM);
	r = health_issues(input, issues);
	r |= json_add_bool(object, "healthy", cJSON_GetArraySize(issues) == 0);
	if (r == 0) {
		r = json_add_item(object, "healthIssues", issues);
		issues = NULL;
	}
	r |= json_add_string(object, "appVersion", input->version);
	r |= json_add_string(object, "machineId", store_machine_id(input->store));
	r |= health_add_definitions(input, object);
	r |= health_add_mode(input, object);
	r |= health_add_work(input, object);
	if (r < 0)
		return err_origin(-ENOMEM);
	*itemp = object;
	object = NULL;
	return 0;
}
