/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every event, written with every field, against docs/events.md: each has its
 * sample there, each sample is of an event there is, and both have the same
 * fields of the same kinds in the same order. "test_action_log --print" prints
 * the lines, for whoever changes an event and its sample.
 */
#include "action_log.h"

#include "cleanup.h"
#include "event_line.h"
#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 64 };

static const struct scan_record test_scan = {
	.id = "8a0f7e52-4a3e-4b0e-9a57-6f1f4f4c1d11",
	.action_id = "3f0c6a8e-0d5b-4c7e-8f0a-2b1d9e7c5a42",
	.type = SCAN_TYPE_CUSTOM,
	.origin = SCAN_ORIGIN_MANUAL,
	.status = RUN_STATUS_SUCCEEDED,
	.comment = "weekly check",
	.paths_json = "[{\"path\":\"/srv\",\"pathBytes\":\"L3Nydg==\"}]",
	.attempts = 1,
	.load_factor_pct = 50,
	.achieved_load_pct = 49.62,
	.duration_ms = 61250,
	.cpu_ns = UINT64_C(60785000000),
	.results = {1290, 1, 2, 0, 12, 0, 0},
	.n_bytes = 734003200,
	.n_directories = 87,
	.n_excluded = 3,
	.n_detections = 1,
	.signature_set = "b1946ac92492d234",
	.failure = "the scanner ended three times",
};
static const struct requestor test_who = {
	.name = "alice",
	.source = "Portal",
	.gateway = {.is_set = true, .uid = 993},
};
static const struct action_record test_action = {
	.id = "3f0c6a8e-0d5b-4c7e-8f0a-2b1d9e7c5a42",
	.requestor = "alice",
	.comment = "weekly check",
	.request_source = "Portal",
	.gateway = {.is_set = true, .uid = 993},
	.cancellation_requestor = "bob",
	.cancellation_comment = "not today",
	.cancellation_gateway = {.is_set = true, .uid = 993},
	.scope = "Custom",
};
static const struct detection_record test_detection = {
	.id = "5d2b8c1f-7e64-4f3a-b0c9-1a2e3d4f5b6c",
	.scan_id = "8a0f7e52-4a3e-4b0e-9a57-6f1f4f4c1d11",
	.alert_id = "c7a1e9d3-2f58-4b6d-8e04-9f7c6b5a4d3e",
	.path = {.data = "/srv/upload/a.zip", .n = 17},
	.container_path = {.data = "a.zip/eicar.com", .n = 15},
	.threat_name = "Eicar-Test-Signature",
	.threat_id = UINT64_C(528571152321586),
	.severity = "Severe",
	.category = "Virus",
	.sha256 = "2546dcffc5ad854d4ddc64fbf056871cd5a00f2471cb7a5bfd4ac23b6e9eedad",
	.sha1 = "d27265074c9eac2e2122ed69294dbc4d7cce9141",
	.size = 184,
	.uid = 1000,
	.gid = 1000,
	.mode = 0100644,
	.mtime_ns = INT64_C(1764000000000000000),
	.remediation_status = "Detected",
	.remediation_action = "Quarantine",
	.remediation_by = "SevereThreatDefaultAction",
	.n_executing = 2,
	.process_ids_json = "[1042,1077]",
};
static const struct quarantine_record test_item = {
	.id = "82ff4a959283870c61d0abefbe1d2b96",
	.path = {.data = "/srv/upload/a.zip", .n = 17},
	.threat_name = "Eicar-Test-Signature",
	.detection_id = "5d2b8c1f-7e64-4f3a-b0c9-1a2e3d4f5b6c",
	.sha256 = "2546dcffc5ad854d4ddc64fbf056871cd5a00f2471cb7a5bfd4ac23b6e9eedad",
};
static const struct alert_record test_alert = {
	.id = "c7a1e9d3-2f58-4b6d-8e04-9f7c6b5a4d3e",
	.scan_id = "8a0f7e52-4a3e-4b0e-9a57-6f1f4f4c1d11",
	.threat_name = "Eicar-Test-Signature",
	.threat_id = UINT64_C(528571152321586),
	.title = "'Eicar-Test-Signature' malware was detected",
	.severity = "Informational",
	.category = "Malware",
	.status = "Resolved",
	.assigned_to = "bob",
	.classification = "InformationalExpectedActivity",
	.determination = "SecurityTesting",
};

static int write_files(struct store *store, const struct scan_record *scan, struct errmsg *msg)
{
	const struct span paths[] = {span_str("/srv/upload/a.zip"), span_str("/srv/upload/b")};
	const struct action_log_files files = {
		.product = "ClamAV on-access scanning",
		.pid = 731,
		.process_path = "/usr/sbin/clamonacc",
		.mount = span_str("/srv"),
		.n_files = 2,
		.n_vanished = 1,
		.paths = paths,
		.n_paths = 2,
	};

	return action_log_scan_blocked(store, scan, &files, msg) |
	       action_log_scan_changed(store, scan, &files, msg);
}

static void write_scan_events(struct store *store, struct errmsg *msg)
{
	const struct scan_record *scan = &test_scan;
	const struct span path = span_str("/srv/upload");
	int r = action_log_scan_submitted(store, &test_action, scan, msg);

	r |= action_log_scan_started(store, scan, msg);
	r |= action_log_scan_paused(store, scan, &test_who, msg);
	r |= action_log_scan_resumed(store, scan, &test_who, msg);
	r |= action_log_scan_interrupted(store, scan, "the service was killed", msg);
	r |= action_log_scan_completed(store, scan, msg);
	r |= action_log_scan_cancelled(store, scan, &test_action, msg);
	r |= action_log_scan_failed(store, scan, (int32_t)0x80004005, msg);
	r |= action_log_scan_timed_out(store, scan, msg);
	r |= action_log_scan_mount_skipped(store, scan, span_str("/mnt/nas"), "nfs4", msg);
	r |= action_log_scan_mount_not_responding(store, scan,
		&(struct action_log_mount_wait){.point = span_str("/mnt/nas"),
			.fs_type = "nfs4",
			.waited_ms = 60250,
			.path = span_str("/mnt/nas/photos"),
			.n_unscanned = 3},
		msg);
	r |= action_log_scan_directory_unlistable(store, scan, path, "Input/output error", msg);
	r |= action_log_scan_target_missing(store, scan, path, "No such file or directory", msg);
	r |= write_files(store, scan, msg);
	r |= action_log_scan_file_engine_crash(store, scan, path, "Segmentation fault", msg);
	r |= action_log_scan_file_cpu_limit(store, scan, path, "60.0 s of CPU time", msg);
	r |= action_log_scan_worker_overrun(store, scan, 3, 4711, "212 ms past its grant", msg);
	r |= action_log_scan_protocol_violation(
		store, scan, "scanner", "unknown message 0x7777", msg);
	r |= action_log_threat_detected(store, scan, &test_detection, msg);
	r |= action_log_threat_alert_created(store, scan, &test_alert, msg);
	r |= action_log_threat_alert_updated(store, scan, &test_alert, &test_who, "a drill", msg);
	if (r != 0)
		fail_msg("%s", msg->text);
}

static int write_item(struct store *store, bool is_restored, bool is_failed, const char *outcome,
	struct errmsg *msg)
{
	const struct action_log_remediation end = {
		.is_failed = is_failed, .outcome = outcome, .n_names = 1, .text = ""};
	const struct action_log_item what = {
		.is_restored = is_restored, .who = &test_who, .comment = "a false alarm"};

	return action_log_remediation_item(store, &what, &test_item, &end, msg);
}

static void write_remediation_events(struct store *store, struct errmsg *msg)
{
	struct detection_record detection = test_detection;
	struct action_log_remediation end = {.outcome = "Quarantined", .n_names = 1, .text = ""};
	int r = action_log_remediation_requested(
		store, &detection, &test_who, "after a look at it", msg);

	detection.remediation_status = "Quarantined";
	detection.quarantine_id = test_item.id;
	r |= action_log_remediation_done(store, &detection, &end, msg);
	detection.remediation_status = "QuarantineFailed";
	detection.quarantine_id = "";
	end.is_failed = true;
	end.outcome = "ReadOnlyFileSystem";
	r |= action_log_remediation_done(store, &detection, &end, msg);
	r |= action_log_remediation_recovered(store, detection.path, true, "in quarantine", msg);
	r |= action_log_remediation_lost(store, test_item.id, msg);
	r |= write_item(store, true, false, "Restored", msg);
	r |= write_item(store, true, true, "TargetExists", msg);
	r |= write_item(store, false, false, "Deleted", msg);
	r |= write_item(store, false, true, "Failed", msg);
	if (r != 0)
		fail_msg("%s", msg->text);
}

static void write_file_events(struct store *store, struct errmsg *msg)
{
	struct action_record action = test_action;
	const struct action_log_file_action end = {.n_detections = 1, .text = ""};
	struct action_log_remediation move = {.outcome = "Quarantined", .text = ""};
	const struct span path = span_str("/srv/upload/a");
	int r;

	action.file_hash = "d27265074c9eac2e2122ed69294dbc4d7cce9141";
	r = action_log_remediation_file_submitted(store, &action, msg);
	r |= action_log_remediation_file_completed(store, &action, &end, msg);
	r |= action_log_remediation_file(store, &action, path, test_item.id, &move, msg);
	move.is_failed = true;
	r |= action_log_remediation_file(store, &action, path, "", &move, msg);
	if (r != 0)
		fail_msg("%s", msg->text);
}

static int write_running_mode(struct store *store, struct errmsg *msg)
{
	static const char text[] =
		"[{\"name\":\"ClamAV on-access scanning\",\"pid\":731,\"path\":\"/usr/sbin/"
		"clamonacc\",\"pathBytes\":\"L3Vzci9zYmluL2NsYW1vbmFjYw==\",\"role\":"
		"\"antivirus\",\"seenBy\":[\"marks\",\"process\"],\"bpf\":false,\"blocks\":[{"
		"\"mount\":\"/srv\",\"mountBytes\":\"L3Nydg==\",\"mark\":\"mount\",\"events\":["
		"\"open\"]}],\"moreBlocks\":false}]";
	_cleanup_(json_cleanup) cJSON *applications = NULL;
	struct action_log_running_mode change = {
		.previous = "Normal",
		.mode = "Passive",
		.reason = "ClamAV on-access scanning (pid 731) decides on access to files",
	};
	int r = json_parse(text, strlen(text), &applications, msg);

	change.applications = applications;
	return r < 0 ? r : action_log_service_running_mode(store, &change, msg);
}

static void write_service_events(struct store *store, struct errmsg *msg)
{
	const struct action_log_definitions definitions = {
		.fingerprint = "b1946ac92492d234",
		.previous_fingerprint = "591785b794601e21",
		.set_version = "daily 27824 2025-11-24, main 62 2021-09-16",
		.engine_version = "1.4.3",
		.path = "/var/lib/clamav",
		.n_signatures = 8708732,
		.set_time_unix_ms = 1763976840000,
	};
	int r = action_log_service_started(store, "0.1.0", NULL, msg);

	r |= action_log_service_started(store, "0.1.0", NULL, msg);
	r |= action_log_service_stopped(store, "SIGTERM", msg);
	r |= write_running_mode(store, msg);
	r |= action_log_service_definitions_updated(store, &definitions, msg);
	r |= action_log_service_definitions_failed(
		store, "/var/lib/clamav", "daily.cvd: Malformed database", "b1946ac92492d234", msg);
	r |= action_log_service_setting_changed(
		store, "ScanAvgCPULoadFactor", "50", "20", "alice", msg);
	r |= action_log_service_settings_rejected(store, "/etc/quietscan/settings.json",
		"line 3: ScanAvgCPULoadFactor: 101 is not in 0, 5 to 100", "alice", msg);
	r |= action_log_service_exclusion_added(
		store, "path", span_str("/srv/build/*"), "alice", msg);
	r |= action_log_service_exclusion_removed(
		store, "extension", span_str("iso"), "alice", msg);
	r |= action_log_service_allowance_added(
		store, "name", "Eicar-Test-Signature", "alice", "ticket 4711", msg);
	r |= action_log_service_allowance_removed(
		store, "path", "/srv/samples/*", "alice", "ticket 4712", msg);
	r |= action_log_service_request_refused(
		store, &test_who, "scan.start", "Forbidden", "scan.start is for operators", msg);
	r |= action_log_service_machine_tags_changed(
		store, "Add", "web", "[\"berlin\",\"web\"]", &test_who, msg);
	r |= action_log_service_user_missing(store, "ScannerUser", "quietscan-scanner", 65534, msg);
	r |= action_log_service_store_recovered(
		store, "No space left on device", 1764000000123, 4, msg);
	r |= action_log_service_log_damaged(store, msg);
	r |= action_log_service_log_diverged(store, "actions.jsonl", 4711,
		"actions.jsonl: its record 4711 is not the store's", msg);
	r |= action_log_service_key_created(store, "90f3a1c2d4e5b687", msg);
	if (r != 0)
		fail_msg("%s", msg->text);
}

/* All lines of one log that has every event. */
struct lines {
	char *text[EVENTS_MAX];
	char *type[EVENTS_MAX];
	size_t n;
};

static int keep_line(void *arg, const struct event_record *event)
{
	struct lines *lines = arg;
	size_t n = 0;

	for (size_t i = 0; i < lines->n; i++)
		if (strcmp(lines->type[i], event->action_type) == 0)
			return 0;
	assert_true(lines->n < EVENTS_MAX);
	lines->type[lines->n] = strdup(event->action_type);
	return event_line_write(event, &lines->text[lines->n++], &n);
}

static void write_all(struct lines *lines)
{
	const struct store_query ascending = {.is_ascending = true};
	struct errmsg msg = ERRMSG_NULL;
	struct scratch scratch;
	struct store *store = NULL;

	scratch_init(&scratch);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	write_service_events(store, &msg);
	write_scan_events(store, &msg);
	write_remediation_events(store, &msg);
	write_file_events(store, &msg);
	assert_int_equal(store_event_list(store, &ascending, keep_line, lines, &msg), 0);
	store_close(store);
	scratch_deinit(&scratch);
}

static void free_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		free(lines->text[i]);
		free(lines->type[i]);
	}
}

static char *read_docs(void)
{
	FILE *in = fopen(TEST_SOURCE_DIR "/docs/events.md", "r");
	char *text = NULL;
	size_t n = 0;

	assert_non_null(in);
	assert_true(getdelim(&text, &n, '\0', in) > 0);
	(void)fclose(in);
	return text;
}

static int kind_of(const cJSON *item)
{
	return cJSON_IsBool(item) ? cJSON_True : item->type & 0xff;
}

/* Same fields, same order, same kinds; a null in one of both fits any kind. */
static void same_shape(const char *type, const cJSON *sample, const cJSON *real)
{
	const cJSON *a = sample->child;
	const cJSON *b = real->child;

	for (; a && b; a = a->next, b = b->next) {
		if (a->string && strcmp(a->string, b->string) != 0)
			fail_msg("%s: the sample has %s where %s is written", type, a->string,
				b->string);
		if (!cJSON_IsNull(a) && !cJSON_IsNull(b) && kind_of(a) != kind_of(b))
			fail_msg("%s: %s is of another kind", type, a->string);
		if (cJSON_IsObject(a) && cJSON_IsObject(b))
			same_shape(type, a, b);
	}
	if (a || b)
		fail_msg("%s: %s is only in the %s", type, a ? a->string : b->string,
			a ? "sample" : "log");
}

static const char *find_line(const struct lines *lines, const char *type)
{
	for (size_t i = 0; i < lines->n; i++)
		if (strcmp(lines->type[i], type) == 0)
			return lines->text[i];
	fail_msg("%s is documented, but never written", type);
	return NULL;
}

static cJSON *parse(const char *text, size_t n)
{
	struct errmsg msg = ERRMSG_NULL;
	cJSON *item = NULL;

	if (json_parse(text, n, &item, &msg) != 0)
		fail_msg("%s: %.*s", msg.text, (int)n, text);
	return item;
}

/* The documentation and the log. */
static void documented(void **state)
{
	_cleanup_(cleanup_free) char *docs = read_docs();
	struct lines lines = {.n = 0};
	size_t n_samples = 0;

	(void)state;
	write_all(&lines);
	for (char *at = docs; (at = strstr(at, "\n{\"sequence\":")) != NULL;) {
		char *end = strchr(++at, '\n');
		cJSON *sample = parse(at, (size_t)(end - at));
		const char *type = NULL;
		const char *text;
		char heading[96];
		cJSON *real;

		assert_int_equal(json_get_string(sample, "actionType", 64, &type, NULL), 0);
		(void)snprintf(heading, sizeof(heading), "\n### %s\n", type);
		if (!strstr(docs, heading))
			fail_msg("%s has a sample, but no heading", type);
		text = find_line(&lines, type);
		real = parse(text, strlen(text) - 1);
		same_shape(type, sample, real);
		cJSON_Delete(sample);
		cJSON_Delete(real);
		n_samples++;
		at = end;
	}
	for (size_t i = 0; i < lines.n; i++) {
		char word[96];

		(void)snprintf(word, sizeof(word), "\"actionType\":\"%s\"", lines.type[i]);
		if (!strstr(docs, word))
			fail_msg("%s is written, but has no sample in docs/events.md",
				lines.type[i]);
	}
	assert_int_equal(n_samples, lines.n);
	free_lines(&lines);
}

/* The mode is remembered with its event; before the first one it is Normal. */
static void running_mode(void **state)
{
	struct action_log_running_mode change = {.previous = "Normal", .mode = "Passive"};
	struct errmsg msg = ERRMSG_NULL;
	struct scratch scratch;
	struct store *store = NULL;
	bool was_passive = true;

	(void)state;
	scratch_init(&scratch);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	assert_int_equal(action_log_service_was_passive(store, &was_passive, &msg), 0);
	assert_false(was_passive);
	/* Without the list it is no event, and nothing is remembered. */
	assert_int_equal(action_log_service_running_mode(store, &change, &msg), -ENOMEM);
	assert_int_equal(action_log_service_was_passive(store, &was_passive, &msg), 0);
	assert_false(was_passive);
	assert_int_equal(write_running_mode(store, &msg), 0);
	store_close(store);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	assert_int_equal(action_log_service_was_passive(store, &was_passive, &msg), 0);
	assert_true(was_passive);
	store_close(store);
	scratch_deinit(&scratch);
}

struct found {
	unsigned n;
	char fields[512];
	char scan_id[RECORD_ID_SIZE];
};

static int find_event(void *arg, const struct event_record *event)
{
	struct found *found = arg;

	found->n++;
	(void)snprintf(found->fields, sizeof(found->fields), "%s", event->fields_json);
	(void)snprintf(found->scan_id, sizeof(found->scan_id), "%s", event->scan_id);
	return 0;
}

static struct found find(struct store *store, const char *type)
{
	const struct store_query query = {.action_type = type};
	struct found found = {.n = 0};

	assert_int_equal(store_event_list(store, &query, find_event, &found, NULL), 0);
	return found;
}

/* ServiceKilled comes after an end that nobody announced, and only then. */
static void killed(void **state)
{
	struct errmsg msg = ERRMSG_NULL;
	struct scratch scratch;
	struct store *store = NULL;
	bool was_killed = true;

	(void)state;
	scratch_init(&scratch);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	assert_int_equal(action_log_service_started(store, "1", &was_killed, &msg), 0);
	assert_false(was_killed);
	store_close(store);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	assert_int_equal(action_log_service_started(store, "1", &was_killed, &msg), 0);
	assert_true(was_killed);
	assert_int_equal(find(store, "ServiceKilled").n, 1);
	assert_int_equal(action_log_service_stopped(store, "SIGTERM", &msg), 0);
	assert_int_equal(action_log_service_started(store, "1", &was_killed, &msg), 0);
	assert_false(was_killed);
	store_close(store);
	scratch_deinit(&scratch);
}

/* Foreign bytes and absent texts stay one line of valid JSON. */
static void foreign_bytes(void **state)
{
	static const struct requestor foreign = {.name = "x\xff"};
	static const char path[] = "/tmp/\n\x1b[31m\xff\"\\";
	struct errmsg msg = ERRMSG_NULL;
	struct scratch scratch;
	struct store *store = NULL;
	struct found found;
	cJSON *item;

	(void)state;
	scratch_init(&scratch);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	assert_int_equal(
		action_log_scan_mount_skipped(store, &test_scan, span_str(path), NULL, &msg), 0);
	found = find(store, "MountSkipped");
	item = parse(found.fields, strlen(found.fields));
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(item, "path")->valuestring,
		"/tmp/\\x0a\\x1b[31m\\xff\"\\\\");
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(item, "fsType")));
	cJSON_Delete(item);
	assert_int_equal(
		action_log_service_request_refused(store, &foreign, NULL, "a\nb", "\x01", &msg), 0);
	found = find(store, "RequestRefused");
	item = parse(found.fields, strlen(found.fields));
	assert_null(strchr(found.fields, '\n'));
	cJSON_Delete(item);
	store_close(store);
	scratch_deinit(&scratch);
}

/* An alert's scan need not be at hand; a broken paths text is no reason to fail. */
static void without_a_scan(void **state)
{
	struct errmsg msg = ERRMSG_NULL;
	struct scan_record scan = test_scan;
	struct scratch scratch;
	struct store *store = NULL;

	(void)state;
	scratch_init(&scratch);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	assert_int_equal(
		action_log_threat_alert_updated(store, NULL, &test_alert, &test_who, NULL, &msg),
		0);
	assert_string_equal(find(store, "AlertUpdated").scan_id, test_alert.scan_id);
	scan.paths_json = "[oops";
	assert_int_equal(action_log_scan_submitted(store, &test_action, &scan, &msg), 0);
	assert_non_null(strstr(find(store, "AntivirusScanSubmitted").fields, "\"paths\":[]"));
	store_close(store);
	scratch_deinit(&scratch);
}

/* What cannot be built or written is said, and nothing is in the log. */
static void refused(void **state)
{
	struct errmsg msg = ERRMSG_NULL;
	struct scratch scratch;
	struct store *store = NULL;
	struct store *reader = NULL;

	(void)state;
	scratch_init(&scratch);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	assert_int_equal(action_log_write(store, "X", NULL, NULL, 0, &msg), -ENOMEM);
	assert_string_equal(msg.text, "X: Cannot allocate memory");
	assert_int_equal(find(store, "X").n, 0);
	assert_int_equal(store_open_reader(scratch.path, &reader, &msg), 0);
	assert_int_equal(action_log_scan_started(reader, &test_scan, &msg), -EROFS);
	assert_int_equal(action_log_service_started(reader, "1", NULL, &msg), -EROFS);
	assert_int_equal(action_log_service_stopped(reader, "1", &msg), -EROFS);
	store_close(reader);
	store_close(store);
	scratch_deinit(&scratch);
}

static int print_all(void)
{
	struct lines lines = {.n = 0};

	write_all(&lines);
	for (size_t i = 0; i < lines.n; i++)
		(void)fputs(lines.text[i], stdout);
	free_lines(&lines);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documented),
		cmocka_unit_test(killed),
		cmocka_unit_test(running_mode),
		cmocka_unit_test(foreign_bytes),
		cmocka_unit_test(without_a_scan),
		cmocka_unit_test(refused),
	};

	if (argc == 2 && strcmp(argv[1], "--print") == 0)
		return print_all();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
