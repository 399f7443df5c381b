/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of libclamav that are not a matter of taste: MaxFileSize stays below
 * 1 GiB, because its parsers have overflowed with larger ones (CVE-2025-20260,
 * a heap overwrite when the maximum was 1 GiB or more) and its allocations end
 * at 1 GiB; the other defaults are those of libclamav 1.4. There is no setting
 * for its scan time: that is wall time, and a scan that waits for its share of
 * CPU would run into it and call the file clean (docs/engine.md).
 */
#include "settings_schema.h"

#include "glob.h"
#include "log.h"
#include "nearest.h"
#include "settings_threat.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define MIB (INT64_C(1) << 20)

static const struct settings_choice settings_passive_modes[] = {{"auto", SETTINGS_PASSIVE_AUTO},
	{"on", SETTINGS_PASSIVE_ON}, {"off", SETTINGS_PASSIVE_OFF}, {NULL, 0}};
static const struct settings_choice settings_reports[] = {
	{"notable", SETTINGS_REPORT_NOTABLE}, {"all", SETTINGS_REPORT_ALL}, {NULL, 0}};
static const struct settings_choice settings_log_levels[] = {{"error", LOG_LEVEL_ERROR},
	{"warn", LOG_LEVEL_WARN}, {"info", LOG_LEVEL_INFO}, {"debug", LOG_LEVEL_DEBUG}, {NULL, 0}};

static const struct settings_choice settings_threat_actions[] = {
	{"Quarantine", SETTINGS_THREAT_QUARANTINE}, {"Remove", SETTINGS_THREAT_REMOVE},
	{"Allow", SETTINGS_THREAT_ALLOW}, {"NoAction", SETTINGS_THREAT_NO_ACTION}, {NULL, 0}};

static int settings_check_directory(struct span text, struct errmsg *msg)
{
	if (text.n > 0 && *(const char *)text.data == '/')
		return 0;
	errmsg_set(msg, "must be an absolute path");
	return -EINVAL;
}

/* useradd(8): what a user or group may be called; 32 bytes. */
static int settings_check_account(struct span text, struct errmsg *msg)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	const char *at = text.data;

	for (size_t i = 0; i < text.n; i++) {
		if (text.n <= 32 && at[0] != '-' && strchr(allowed, at[i]))
			continue;
		errmsg_set(msg, "must be the name of a user or group");
		return -EINVAL;
	}
	return 0;
}

static int settings_check_account_needed(struct span text, struct errmsg *msg)
{
	if (text.n > 0)
		return settings_check_account(text, msg);
	errmsg_set(msg, "must not be empty");
	return -EINVAL;
}

#define AT(member) .offset = offsetof(struct settings, member)
#define INT(lo, hi, preset)                                                                        \
	.type = SETTINGS_TYPE_INT, .min = (lo), .max = (hi), .default_number = (preset)
#define BOOL(preset) .type = SETTINGS_TYPE_BOOL, .default_number = (preset)
#define CHOICE(list, preset)                                                                       \
	.type = SETTINGS_TYPE_CHOICE, .choices = (list), .default_number = (preset)
#define STRING(rule, preset) .type = SETTINGS_TYPE_STRING, .check = (rule), .default_text = (preset)
#define LIST(rule) .type = SETTINGS_TYPE_LIST, .check = (rule)

static const struct settings_entry settings_entries[] = {
	{"ScanAvgCPULoadFactor", INT(5, 100, 50), .is_zero_allowed = true,
		AT(scan_avg_cpu_load_factor_pct),
		.description =
			"Per cent of all CPUs the service may use on average while it "
			"scans, takes files away or puts them back. 0 and 100 mean no limit."},
	{"ThrottleForScheduledScanOnly", BOOL(false), AT(throttle_for_scheduled_scan_only),
		.description = "Scans started on this machine (origin manual) run without limit. "
			       "Defender's default is true; a first scan should not take a whole "
			       "machine, so this one is false."},
	{"DisableCpuThrottleOnIdleScans", BOOL(true), AT(disable_cpu_throttle_on_idle_scans),
		.description = "Scheduled scans run without limit while nobody uses the machine."},
	{"ScanOnlyIfIdleEnabled", BOOL(true), AT(scan_only_if_idle),
		.description = "A scheduled scan begins only when nobody uses the machine; after "
			       "a day of waiting it begins all the same, within the load factor."},
	{"EnableFullScanOnBatteryPower", BOOL(false), AT(enable_full_scan_on_battery_power),
		.description = "Scheduled full scans also run on battery power. If not, they wait "
			       "for mains, and one that loses it is cancelled."},
	{"KeepCoresFree", BOOL(true), AT(keep_cores_free),
		.description = "Scan on as few CPU cores as the load factor takes, efficiency "
			       "cores first, so that the others stay free for everybody else."},
	{"BackOffUnderPressure", BOOL(true), AT(back_off_under_pressure),
		.description = "Use less than the load factor while others wait for CPUs, disks or "
			       "memory."},
	{"BackOffMinimumProgress", INT(1, 100, 20), AT(back_off_minimum_progress_pct),
		.description = "Per cent of the load factor's CPU time that a scan keeps whatever "
			       "else runs; never less than 1 % of a CPU."},
	{"CountOtherAntivirusCpu", BOOL(false), AT(count_other_antivirus_cpu),
		.description = "CPU time that another antivirus takes while a scan runs counts "
			       "against the load factor, as if it were the scan's. "
			       "BackOffMinimumProgress is kept."},
	{"ScanMaxReadRate", INT(0, 100000, 0), AT(scan_max_read_rate_mib),
		.description =
			"MiB a second that a scan may read from disks on average, for disks "
			"that others wait for. What is cached in memory is free. 0: no limit."},
	{"KeepPageCacheAsFound", BOOL(true), AT(keep_page_cache_as_found),
		.description = "Drop from the page cache what a scan has read from disk; what was "
			       "cached before stays. In force from the next scan on."},
	{"MaximumOnDemandScanThreads", INT(0, 64, 0), AT(maximum_on_demand_scan_threads),
		.description = "Files scanned at the same time. 0 chooses by load factor, CPUs "
			       "and disk."},
	{"ExclusionPath", LIST(glob_check_path), AT(exclusion_path),
		.range = "up to 1024 absolute paths, * and ? allowed",
		.description = "Files and directories left out, with all below. * at the end "
			       "matches everything below, elsewhere within one component; ? "
			       "matches one character. Symbolic links are not followed."},
	{"ExclusionExtension", LIST(glob_check_extension), AT(exclusion_extension),
		.range = "up to 1024 extensions, with or without dot",
		.description = "Files left out by the end of their name, upper or lower case."},
	{"PassiveMode", CHOICE(settings_passive_modes, SETTINGS_PASSIVE_AUTO), AT(passive_mode),
		.description = "on: detect and report, never touch a file. off: remediate. auto: "
			       "on while another antivirus is active on the machine."},
	{"LowThreatDefaultAction", CHOICE(settings_threat_actions, SETTINGS_THREAT_QUARANTINE),
		AT(low_threat_action),
		.description = "What is done with a file in which a threat of low severity was "
			       "found, unless the service is passive. Quarantine: moved to the "
			       "quarantine. Remove: deleted. Allow, NoAction: it stays."},
	{"ModerateThreatDefaultAction", CHOICE(settings_threat_actions, SETTINGS_THREAT_QUARANTINE),
		AT(moderate_threat_action), .description = "The same for moderate severity."},
	{"HighThreatDefaultAction", CHOICE(settings_threat_actions, SETTINGS_THREAT_QUARANTINE),
		AT(high_threat_action), .description = "The same for high severity."},
	{"SevereThreatDefaultAction", CHOICE(settings_threat_actions, SETTINGS_THREAT_QUARANTINE),
		AT(severe_threat_action), .description = "The same for severe threats."},
	{"UnknownThreatDefaultAction", CHOICE(settings_threat_actions, SETTINGS_THREAT_QUARANTINE),
		AT(unknown_threat_action),
		.description = "The same for threats whose severity is not known."},
	{"ThreatIDDefaultAction", LIST(settings_threat_check), AT(threat_id_actions),
		.range = "up to 1024 of ID=ACTION, as 311874962511=Allow",
		.description = "What is done with single threats, by their id; comes before "
			       "the default of their severity."},
	{"AllowedThreats", LIST(settings_threat_check_name), AT(allowed_threats),
		.range = "up to 1024 names of threats",
		.description = "Threats whose files stay where they are. They are still found "
			       "and told, unlike what is excluded."},
	{"AllowedFileHashes", LIST(settings_threat_check_hash), AT(allowed_file_hashes),
		.range = "up to 1024 SHA-256 in hex",
		.description = "Files that stay, by their content."},
	{"AllowedPaths", LIST(glob_check_path), AT(allowed_paths),
		.range = "up to 1024 absolute paths, * and ? allowed",
		.description = "Files that stay, by their path; patterns as in ExclusionPath."},
	{"QuarantinePurgeItemsAfterDelay", INT(0, 3650, 0), AT(quarantine_purge_after_days),
		.description = "Quarantined files are deleted after that many days. 0: never."},
	{"SignaturePath", STRING(settings_check_directory, "/var/lib/clamav"), AT(signature_path),
		.range = "absolute path of a directory",
		.description = "Where the signature databases are; freshclam puts them into "
			       "the default."},
	{"OperatorGroup", STRING(settings_check_account, "quietscan"), AT(operator_group),
		.range = "name of a group, may be empty",
		.description = "Members may use the service as root may. Empty: root only."},
	{"GatewayUser", STRING(settings_check_account, "quietscan-console"), AT(gateway_user),
		.range = "name or number of a user, may be empty",
		.description = "The user of the console, which acts on behalf of its own users "
			       "within the roles they have. Empty: none."},
	{"ScannerUser", STRING(settings_check_account_needed, "quietscan-scanner"),
		AT(scanner_user), .range = "name of a user",
		.description = "quietscan-scanner runs as this user when the service is root."},
	{"EngineUser", STRING(settings_check_account_needed, "quietscan-engine"), AT(engine_user),
		.range = "name of a user",
		.description = "quietscan-engine runs as this user when the service is root."},
	{"MaxFileSize", INT(1 * MIB, 1023 * MIB, 100 * MIB), AT(max_file_size_bytes),
		.description = "Bytes; a larger file is not wholly scanned and its result is "
			       "incomplete. Stays below 1 GiB, where parsers have failed "
			       "(CVE-2025-20260)."},
	{"MaxScanSize", INT(1 * MIB, 4096 * MIB, 400 * MIB), AT(max_scan_size_bytes),
		.description = "Bytes scanned for one file with all that it contains; beyond it "
			       "the result is incomplete."},
	{"MaxRecursion", INT(1, 100, 17), AT(max_recursion),
		.description = "Containers within containers; beyond it the result is "
			       "incomplete."},
	{"MaxFiles", INT(1, 1000000, 10000), AT(max_files),
		.description = "Files scanned within one container; beyond it the result is "
			       "incomplete."},
	{"FileCpuTimeLimitSeconds", INT(0, 86400, 300), AT(file_cpu_time_limit_s),
		.description = "CPU time, not wall time, that one file may take; beyond it the "
			       "result is incomplete. 0: no limit."},
	{"WorkerStallTimeoutSeconds", INT(10, 86400, 300), AT(worker_stall_timeout_s),
		.description = "A worker that makes no progress that long, although it was "
			       "given CPU time, is ended; its file is incomplete."},
	{"MountStallTimeoutSeconds", INT(1, 86400, 60), AT(mount_stall_timeout_s),
		.description = "A scan that waits that long for a file system and does nothing "
			       "else gives the rest of that mount up and goes on."},
	{"WorkerMaxFiles", INT(1, 1000000, 2000), AT(worker_max_files),
		.description = "A worker is replaced after that many files."},
	{"EngineMemoryLimitMB", INT(128, 65536, 2048), AT(engine_memory_limit_mib),
		.description = "MiB of memory a worker may use above the engine it shares."},
	{"EngineTempSizeMB", INT(16, 65536, 1024), AT(engine_temp_size_mib),
		.description = "MiB of temporary files of a worker."},
	{"ScanResultsRetentionDays", INT(1, 180, 90), AT(scan_results_retention_days),
		.description = "Finished scans, their detections and reports are kept that "
			       "long, and so are finished actions about files, or as long as the "
			       "file is in quarantine. The action log is kept."},
	{"ScanHistoryMaximumItems", INT(5000, 15000, 10000), AT(scan_history_maximum_items),
		.description = "Finished scans kept at most, and actions about files."},
	{"ScanReport", CHOICE(settings_reports, SETTINGS_REPORT_NOTABLE), AT(scan_report),
		.description = "What the report of a scan lists: every file name, or only the "
			       "notable ones (neither clean nor skipped)."},
	{"QuickScanRecentDays", INT(1, 365, 30), AT(quick_scan_recent_days),
		.description = "A quick scan covers what changed within that many days in the "
			       "folders of PATH."},
	{"ActionTimeoutDays", INT(1, 30, 3), AT(action_timeout_days),
		.description = "An action that was not begun after that many days gets the "
			       "status TimeOut."},
	{"QuickScanTimeoutDays", INT(1, 30, 1), AT(quick_scan_timeout_days),
		.description = "A quick scan that has not ended after that many days gets the "
			       "status TimeOut."},
	{"FullScanTimeoutDays", INT(1, 30, 7), AT(full_scan_timeout_days),
		.description = "The same for full and custom scans."},
	{"EnableLowCpuPriority", BOOL(true), AT(enable_low_cpu_priority),
		.description = "Scan with the lowest CPU and disk priority, within the load "
			       "factor."},
	{"LogLevel", CHOICE(settings_log_levels, LOG_LEVEL_INFO), AT(log_level),
		.description = "What the diagnostic log holds."},
};

enum { SETTINGS_N = sizeof(settings_entries) / sizeof(settings_entries[0]) };

_Static_assert(SETTINGS_N < 64, "struct settings has one bit for each");

const struct settings_entry *settings_schema(size_t *n_entriesp)
{
	*n_entriesp = SETTINGS_N;
	return settings_entries;
}

const struct settings_entry *settings_schema_find(const char *name)
{
	for (size_t i = 0; i < SETTINGS_N; i++)
		if (strcmp(settings_entries[i].name, name) == 0)
			return &settings_entries[i];
	return NULL;
}

const char *settings_schema_nearest(const char *name)
{
	const char *names[SETTINGS_N];

	for (size_t i = 0; i < SETTINGS_N; i++)
		names[i] = settings_entries[i].name;
	return nearest_find(name, names, SETTINGS_N);
}

static void settings_schema_choices(const struct settings_entry *entry, char *text, size_t n_text)
{
	size_t n = 0;

	for (const struct settings_choice *c = entry->choices; c->name; c++) {
		const char *glue = c == entry->choices ? "" : c[1].name ? ", " : " or ";

		if (n < n_text)
			n += (size_t)snprintf(text + n, n_text - n, "%s%s", glue, c->name);
	}
}

void settings_schema_range(const struct settings_entry *entry, char *text, size_t n_text)
{
	if (entry->range)
		(void)snprintf(text, n_text, "%s", entry->range);
	else if (entry->type == SETTINGS_TYPE_CHOICE)
		settings_schema_choices(entry, text, n_text);
	else if (entry->type == SETTINGS_TYPE_BOOL)
		(void)snprintf(text, n_text, "true or false");
	else
		(void)snprintf(text, n_text, "%s%" PRId64 " to %" PRId64,
			entry->is_zero_allowed ? "0 or " : "", entry->min, entry->max);
}

const char *settings_schema_type(enum settings_type type)
{
	static const char *const names[] = {"int", "bool", "string", "choice", "list"};

	return names[type];
}
