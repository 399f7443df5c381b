/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's records: what is written comes back, what is asked for is listed,
 * what is old goes. Its log: test_store_event.c; its files: test_store_file.c.
 */
#include "store.h"

#include "ipc.h"
#include "storeworld.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct scan_record scan_of(const char *id)
{
	struct scan_record scan = {
		.type = SCAN_TYPE_CUSTOM,
		.origin = SCAN_ORIGIN_MANUAL,
		.status = RUN_STATUS_SUCCEEDED,
		.comment = "because \xc3\xa4",
		.paths_json = "[{\"path\":\"/x\"}]",
		.report_all = true,
		.creation_unix_ms = 1,
		.start_unix_ms = 2,
		.end_unix_ms = 3,
		.attempts = 4,
		.load_factor_pct = 50,
		.achieved_load_pct = 49.5,
		.duration_ms = 5,
		.cpu_ns = UINT64_C(1) << 40,
		.results = {1, 2, 3, 4, 5, 6, 7},
		.n_bytes = UINT64_C(1) << 50,
		.n_directories = 8,
		.n_excluded = 9,
		.n_detections = 10,
		.is_complete = true,
		.signature_set = "abc",
		.failure = "none",
	};

	(void)snprintf(scan.id, sizeof(scan.id), "%s", id);
	(void)snprintf(scan.action_id, sizeof(scan.action_id), "a-%s", id);
	return scan;
}

static int check_scan(void *arg, const struct scan_record *scan)
{
	const struct scan_record *want = arg;

	assert_string_equal(scan->id, want->id);
	assert_string_equal(scan->action_id, want->action_id);
	assert_int_equal(scan->type, want->type);
	assert_int_equal(scan->origin, want->origin);
	assert_int_equal(scan->status, want->status);
	assert_string_equal(scan->comment, want->comment);
	assert_string_equal(scan->paths_json, want->paths_json);
	assert_int_equal(scan->report_all, want->report_all);
	assert_int_equal(scan->ignore_exclusions, want->ignore_exclusions);
	assert_int_equal(scan->creation_unix_ms, want->creation_unix_ms);
	assert_int_equal(scan->start_unix_ms, want->start_unix_ms);
	assert_int_equal(scan->end_unix_ms, want->end_unix_ms);
	assert_int_equal(scan->attempts, want->attempts);
	assert_true(scan->load_factor_pct == want->load_factor_pct);
	assert_true(scan->achieved_load_pct == want->achieved_load_pct);
	assert_int_equal(scan->duration_ms, want->duration_ms);
	assert_int_equal(scan->cpu_ns, want->cpu_ns);
	assert_memory_equal(scan->results, want->results, sizeof(scan->results));
	assert_int_equal(scan->n_bytes, want->n_bytes);
	assert_int_equal(scan->n_directories, want->n_directories);
	assert_int_equal(scan->n_excluded, want->n_excluded);
	assert_int_equal(scan->n_detections, want->n_detections);
	assert_int_equal(scan->is_complete, want->is_complete);
	assert_string_equal(scan->signature_set, want->signature_set);
	assert_string_equal(scan->failure, want->failure);
	return 17;
}

/* A scan comes back as it was written, also after a change and a new start. */
static void scan_round_trip(void **state)
{
	struct storeworld *world = *state;
	struct scan_record scan = scan_of("s1");
	const struct store_query query = {.id = "s1"};

	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), STORE_E_DUPLICATE);
	assert_int_equal(store_scan_list(world->store, &query, check_scan, &scan, &world->msg), 17);
	scan.status = RUN_STATUS_PAUSED;
	scan.results[0] = UINT64_C(1) << 60;
	scan.ignore_exclusions = true;
	assert_int_equal(store_scan_update(world->store, &scan, &world->msg), 0);
	storeworld_reopen(world);
	assert_int_equal(store_scan_list(world->store, &query, check_scan, &scan, &world->msg), 17);
	(void)snprintf(scan.id, sizeof(scan.id), "unknown");
	assert_int_equal(store_scan_update(world->store, &scan, &world->msg), STORE_E_NOT_FOUND);
	assert_string_equal(world->msg.text, "update a scan: there is none with this id");
}

/* The load of a scan: replaced, of scans that there are, gone with them. */
static void load_round_trip(void **state)
{
	struct storeworld *world = *state;
	struct scan_record scan = scan_of("s1");
	char *text = NULL;

	scan.status = RUN_STATUS_SUCCEEDED;
	assert_int_equal(store_load_set(world->store, "s1", "{}", &world->msg), -EINVAL);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_load_get(world->store, "s1", &text, &world->msg), STORE_E_NOT_FOUND);
	assert_int_equal(store_load_set(world->store, "s1", "{\"a\":1}", &world->msg), 0);
	assert_int_equal(store_load_set(world->store, "s1", "{\"a\":2}", &world->msg), 0);
	storeworld_reopen(world);
	assert_int_equal(store_load_get(world->store, "s1", &text, &world->msg), 0);
	assert_string_equal(text, "{\"a\":2}");
	free(text);
	assert_int_equal(store_purge(world->store, INT64_MAX, 0, NULL, NULL, &world->msg), 0);
	assert_int_equal(store_load_get(world->store, "s1", &text, &world->msg), STORE_E_NOT_FOUND);
}

static int check_action(void *arg, const struct action_record *action)
{
	const struct action_record *want = arg;

	assert_string_equal(action->id, want->id);
	assert_string_equal(action->type, want->type);
	assert_string_equal(action->requestor, want->requestor);
	assert_string_equal(action->comment, want->comment);
	assert_string_equal(action->request_source, want->request_source);
	assert_string_equal(action->scope, want->scope);
	assert_int_equal(action->status, want->status);
	assert_int_equal(action->creation_unix_ms, want->creation_unix_ms);
	assert_int_equal(action->last_update_unix_ms, want->last_update_unix_ms);
	if (want->cancellation_requestor) {
		assert_string_equal(action->cancellation_requestor, want->cancellation_requestor);
		assert_string_equal(action->cancellation_comment, want->cancellation_comment);
	} else {
		assert_null(action->cancellation_requestor);
		assert_null(action->cancellation_comment);
	}
	assert_int_equal(action->cancellation_unix_ms, want->cancellation_unix_ms);
	assert_int_equal(action->gateway.is_set, want->gateway.is_set);
	assert_int_equal(action->gateway.uid, want->gateway.uid);
	assert_int_equal(action->cancellation_gateway.is_set, want->cancellation_gateway.is_set);
	assert_int_equal(action->cancellation_gateway.uid, want->cancellation_gateway.uid);
	assert_int_equal(action->error_hresult, want->error_hresult);
	assert_string_equal(action->scan_id, want->scan_id);
	return 18;
}

/* An action comes back; what was never set is NULL again. */
static void action_round_trip(void **state)
{
	struct storeworld *world = *state;
	struct action_record action = {
		.id = "a1",
		.type = "RunAntiVirusScan",
		.requestor = "root",
		.comment = "why",
		.request_source = "LocalCli",
		.scope = "Quick",
		.status = RUN_STATUS_PENDING,
		.creation_unix_ms = 1,
		.last_update_unix_ms = 2,
		.scan_id = "s1",
	};
	const struct store_query query = {.scan_id = "s1", .is_open_only = true};

	assert_int_equal(store_action_insert(world->store, &action, &world->msg), 0);
	assert_int_equal(
		store_action_list(world->store, &query, check_action, &action, &world->msg), 18);
	action.status = RUN_STATUS_CANCELLED;
	action.cancellation_requestor = "alice";
	action.cancellation_comment = "enough";
	action.cancellation_unix_ms = 3;
	action.gateway = (struct record_gateway){.is_set = true, .uid = UINT32_MAX};
	action.cancellation_gateway = (struct record_gateway){.is_set = true, .uid = 0};
	action.error_hresult = (int32_t)0x80004004;
	assert_int_equal(store_action_update(world->store, &action, &world->msg), 0);
	assert_int_equal(
		store_action_list(world->store, &query, check_action, &action, &world->msg), 0);
	assert_int_equal(
		store_action_list(world->store, NULL, check_action, &action, &world->msg), 18);
}

static int check_detection(void *arg, const struct detection_record *detection)
{
	const struct detection_record *want = arg;

	assert_string_equal(detection->id, want->id);
	assert_string_equal(detection->alert_id, want->alert_id);
	assert_true(span_equal(detection->path, want->path));
	assert_true(span_equal(detection->container_path, want->container_path));
	assert_string_equal(detection->threat_name, want->threat_name);
	assert_int_equal(detection->threat_id, want->threat_id);
	assert_string_equal(detection->sha256, want->sha256);
	assert_int_equal(detection->size, want->size);
	assert_int_equal(detection->uid, want->uid);
	assert_int_equal(detection->mtime_ns, want->mtime_ns);
	assert_int_equal(detection->n_executing, want->n_executing);
	assert_string_equal(detection->process_ids_json, want->process_ids_json);
	return 19;
}

/* One infected name is one detection, however often its scan is begun again. */
static void detection_once(void **state)
{
	static const char path[] = "/a\0b\xff\n"; /* No name has a NUL; the store does not care. */
	struct storeworld *world = *state;
	struct scan_record scan = scan_of("s1");
	struct alert_record alert = {.scan_id = "s1", .threat_name = "T", .title = "t"};
	struct detection_record detection = {
		.id = "d1",
		.scan_id = "s1",
		.path = {.data = path, .n = sizeof(path) - 1},
		.threat_name = "T",
		.threat_id = (UINT64_C(1) << 53) - 1,
		.sha256 = "ab",
		.size = 68,
		.uid = UINT32_MAX,
		.mtime_ns = -1,
		.remediation_status = "Detected",
		.n_executing = 1,
		.process_ids_json = "[7]",
	};
	const struct store_query by_alert = {.alert_id = alert.id};
	bool is_new = false;

	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_alert_raise(world->store, &alert, &is_new, &world->msg), 0);
	assert_true(is_new);
	memcpy(detection.alert_id, alert.id, sizeof(alert.id));
	assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), 0);
	assert_int_equal(store_detection_list(
				 world->store, &by_alert, check_detection, &detection, &world->msg),
		19);

	assert_int_equal(store_begin(world->store, &world->msg), 0);
	assert_int_equal(store_alert_raise(world->store, &alert, &is_new, &world->msg), 0);
	assert_false(is_new);
	assert_int_equal(alert.n_detections, 2);
	memcpy(detection.id, "d2", 3);
	assert_int_equal(
		store_detection_insert(world->store, &detection, &world->msg), STORE_E_DUPLICATE);
	store_rollback(world->store);
	assert_int_equal(store_alert_raise(world->store, &alert, &is_new, &world->msg), 0);
	assert_int_equal(alert.n_detections, 2);

	/* A name that is whole is the same name also on another inode. */
	detection.ino = 7;
	assert_int_equal(
		store_detection_insert(world->store, &detection, &world->msg), STORE_E_DUPLICATE);
	detection.container_path = span_str("inner.zip");
	assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), 0);
	memcpy(detection.scan_id, "nowhere", 8);
	memcpy(detection.id, "d3", 3);
	assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), -EINVAL);
}

/* Names that were cut at the same place are as many detections as they are files. */
static void detection_of_cut_names(void **state)
{
	struct storeworld *world = *state;
	struct scan_record scan = scan_of("s1");
	char *path = malloc(IPC_PATH_MAX);
	struct detection_record detection = {
		.id = "d1",
		.scan_id = "s1",
		.path = {.data = path, .n = IPC_PATH_MAX},
		.threat_name = "T",
		.dev = 1,
		.ino = UINT64_MAX,
		.remediation_status = "Detected",
	};

	assert_non_null(path);
	memset(path, 'x', IPC_PATH_MAX);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), 0);
	memcpy(detection.id, "d2", 3);
	assert_int_equal(
		store_detection_insert(world->store, &detection, &world->msg), STORE_E_DUPLICATE);
	detection.ino--;
	assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), 0);
	memcpy(detection.id, "d3", 3);
	detection.dev++;
	assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), 0);
	free(path);
}

static int check_alert(void *arg, const struct alert_record *alert)
{
	const struct alert_record *want = arg;

	assert_string_equal(alert->id, want->id);
	assert_string_equal(alert->status, want->status);
	assert_string_equal(alert->assigned_to, want->assigned_to);
	assert_string_equal(alert->comments_json, want->comments_json);
	assert_int_equal(alert->resolved_unix_ms, want->resolved_unix_ms);
	return 20;
}

/* An alert begins as New without comments, and keeps what an analyst says. */
static void alert_update(void **state)
{
	struct storeworld *world = *state;
	struct scan_record scan = scan_of("s1");
	struct alert_record alert = {.scan_id = "s1", .threat_name = "T"};
	struct alert_record want = {.status = "New", .assigned_to = "", .comments_json = "[]"};
	const struct store_query resolved = {.status = "Resolved"};
	bool is_new;

	assert_int_equal(store_alert_update(world->store, &alert, &world->msg), STORE_E_NOT_FOUND);
	assert_int_equal(store_alert_raise(world->store, &alert, &is_new, &world->msg), -EINVAL);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	alert.id[0] = '\0';
	assert_int_equal(store_alert_raise(world->store, &alert, &is_new, &world->msg), 0);
	memcpy(want.id, alert.id, sizeof(alert.id));
	assert_int_equal(store_alert_list(world->store, NULL, check_alert, &want, &world->msg), 20);
	alert.status = want.status = "Resolved";
	alert.assigned_to = want.assigned_to = "bob";
	alert.comments_json = want.comments_json = "[{\"comment\":\"x\"}]";
	alert.resolved_unix_ms = want.resolved_unix_ms = 7;
	assert_int_equal(store_alert_update(world->store, &alert, &world->msg), 0);
	assert_int_equal(
		store_alert_list(world->store, &resolved, check_alert, &want, &world->msg), 20);
}

struct ids {
	char text[256];
};

static int collect_scan(void *arg, const struct scan_record *scan)
{
	struct ids *ids = arg;
	size_t n = strlen(ids->text);

	(void)snprintf(ids->text + n, sizeof(ids->text) - n, "%s ", scan->id);
	return 0;
}

static const char *scans(struct storeworld *world, const struct store_query *query, struct ids *ids)
{
	ids->text[0] = '\0';
	assert_int_equal(store_scan_list(world->store, query, collect_scan, ids, &world->msg), 0);
	return ids->text;
}

/* Newest first, pages, filters that combine, and a filter that does not apply. */
static void queries(void **state)
{
	struct storeworld *world = *state;
	struct ids ids;
	const char *const names[] = {"s1", "s2", "s3", "s4"};

	for (size_t i = 0; i < 4; i++) {
		struct scan_record scan = scan_of(names[i]);

		scan.status = i % 2 ? RUN_STATUS_IN_PROGRESS : RUN_STATUS_FAILED;
		assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	}
	assert_string_equal(scans(world, NULL, &ids), "s4 s3 s2 s1 ");
	assert_string_equal(
		scans(world, &(struct store_query){.is_ascending = true}, &ids), "s1 s2 s3 s4 ");
	assert_string_equal(
		scans(world, &(struct store_query){.limit = 2, .offset = 1}, &ids), "s3 s2 ");
	assert_string_equal(scans(world, &(struct store_query){.offset = 3}, &ids), "s1 ");
	assert_string_equal(
		scans(world, &(struct store_query){.status = "Failed"}, &ids), "s3 s1 ");
	assert_string_equal(
		scans(world, &(struct store_query){.is_open_only = true}, &ids), "s4 s2 ");
	assert_string_equal(
		scans(world, &(struct store_query){.action_id = "a-s2", .id = "s2"}, &ids), "s2 ");
	assert_string_equal(scans(world, &(struct store_query){.status = "' OR 1=1 --"}, &ids), "");
	assert_int_equal(store_scan_list(world->store, &(struct store_query){.action_type = "X"},
				 collect_scan, &ids, &world->msg),
		-EINVAL);
	assert_string_equal(world->msg.text, "this list cannot be filtered like that");
}

static void count_told(void *arg, const char *scan_id)
{
	struct ids *ids = arg;
	size_t n = strlen(ids->text);

	(void)snprintf(ids->text + n, sizeof(ids->text) - n, "%s ", scan_id);
}

static int take_sequence(void *arg, const struct event_record *event)
{
	*(uint64_t *)arg = event->sequence;
	return 0;
}

/* Old and surplus finished scans go with all that is theirs; the log stays. */
static void purge(void **state)
{
	struct storeworld *world = *state;
	const char *const names[] = {"s1", "s2", "s3", "s4", "s5"};
	struct ids ids = {.text = ""};
	struct alert_record alert = {.scan_id = "s1", .threat_name = "T"};
	struct event_record event = {.action_type = "X", .scan_id = "s1"};
	uint64_t sequence = 0;
	bool is_new;

	for (size_t i = 0; i < 5; i++) {
		struct scan_record scan = scan_of(names[i]);
		struct action_record action = {.status = RUN_STATUS_SUCCEEDED};

		scan.end_unix_ms = 100 * (int64_t)(i + 1);
		scan.status = i == 1 ? RUN_STATUS_PAUSED : RUN_STATUS_SUCCEEDED;
		memcpy(action.id, scan.action_id, sizeof(action.id));
		memcpy(action.scan_id, scan.id, sizeof(action.scan_id));
		assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
		assert_int_equal(store_action_insert(world->store, &action, &world->msg), 0);
	}
	assert_int_equal(store_alert_raise(world->store, &alert, &is_new, &world->msg), 0);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(store_purge(world->store, 0, 0, count_told, &ids, &world->msg), 0);
	assert_string_equal(ids.text, "");
	assert_int_equal(store_purge(world->store, 350, 0, count_told, &ids, &world->msg), 0);
	assert_string_equal(ids.text, "s1 s3 ");
	assert_string_equal(scans(world, NULL, &ids), "s5 s4 s2 ");
	assert_int_equal(store_purge(world->store, 0, 1, NULL, NULL, &world->msg), 0);
	assert_string_equal(scans(world, NULL, &ids), "s5 s2 ");
	assert_int_equal(store_alert_list(world->store, NULL, check_alert, NULL, &world->msg), 0);
	assert_int_equal(store_action_list(world->store, &(struct store_query){.scan_id = "s1"},
				 check_action, NULL, &world->msg),
		0);
	assert_int_equal(store_event_list(world->store, &(struct store_query){.scan_id = "s1"},
				 take_sequence, &sequence, &world->msg),
		0);
	assert_int_equal(sequence, 2);
}

static int add_action_id(void *arg, const struct action_record *action)
{
	count_told(arg, action->id);
	return 0;
}

static void expect_actions(struct storeworld *world, const char *wanted)
{
	const struct store_query query = {.is_ascending = true};
	struct ids ids = {.text = ""};

	assert_int_equal(
		store_action_list(world->store, &query, add_action_id, &ids, &world->msg), 0);
	assert_string_equal(ids.text, wanted);
}

static void insert_file_action(
	struct storeworld *world, const char *id, const char *hash, int64_t end_unix_ms)
{
	struct action_record action = {.type = "StopAndQuarantineFile",
		.status = end_unix_ms ? RUN_STATUS_SUCCEEDED : RUN_STATUS_IN_PROGRESS,
		.last_update_unix_ms = end_unix_ms ? end_unix_ms : 1,
		.file_hash = hash};

	(void)snprintf(action.id, sizeof(action.id), "%s", id);
	assert_int_equal(store_action_insert(world->store, &action, &world->msg), 0);
}

/* An item whose file has @sha256 and, by a detection of the scan s1, @sha1. */
static void insert_item(struct storeworld *world, struct quarantine_record item, const char *sha1)
{
	struct scan_record scan = scan_of("s1");
	struct detection_record detection = {.scan_id = "s1", .quarantine_id = item.id};

	if (sha1) {
		scan.end_unix_ms = 1000; /* it stays */
		assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
		(void)snprintf(detection.id, sizeof(detection.id), "d1");
		detection.sha1 = sha1;
		detection.remediation_status = "Quarantined";
		assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), 0);
		assert_int_equal(
			store_detection_remediate(world->store, &detection, &world->msg), 0);
	}
	assert_int_equal(store_quarantine_insert(world->store, &item, &world->msg), 0);
}

/* Finished actions about files go by the same limits, but not what is open, nor one whose file
 * is in quarantine; an action of a scan stays with its scan. */
static void purge_file_actions(void **state)
{
	static const char *const items[] = {"q1", "q2", "q3", "q4", "q5"};
	const struct event_record event = {.action_type = "FileQuarantined",
		.action_id = "event",
		.fields_json = "{\"quarantineId\":\"q5\"}"};
	struct storeworld *world = *state;
	struct action_record of_scan = {.id = "scan", .scan_id = "s9", .last_update_unix_ms = 1};

	of_scan.status = RUN_STATUS_SUCCEEDED;
	assert_int_equal(store_action_insert(world->store, &of_scan, &world->msg), 0);
	insert_file_action(world, "open", "h0", 0);
	insert_file_action(world, "old", "h1", 100);
	insert_file_action(world, "sha256", "h2", 100);
	insert_file_action(world, "sha1", "h3", 100);
	insert_file_action(world, "named", "h4", 100);
	insert_file_action(world, "reason", "h5", 100);
	insert_file_action(world, "event", "h8", 100);
	insert_file_action(world, "young", "h6", 300);
	insert_item(world, (struct quarantine_record){.id = "q1", .sha256 = "h2"}, NULL);
	insert_item(world, (struct quarantine_record){.id = "q2"}, "h3");
	insert_item(world, (struct quarantine_record){.id = "q3", .detection_id = "named"}, NULL);
	insert_item(world,
		(struct quarantine_record){.id = "q4", .reason = "StopAndQuarantineFile reason"},
		NULL);
	insert_item(world, (struct quarantine_record){.id = "q5"}, NULL);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(store_purge(world->store, 0, 0, NULL, NULL, &world->msg), 0);
	assert_int_equal(store_purge(world->store, 100, 0, NULL, NULL, &world->msg), 0);
	expect_actions(world, "scan open old sha256 sha1 named reason event young ");
	assert_int_equal(store_purge(world->store, 200, 0, NULL, NULL, &world->msg), 0);
	expect_actions(world, "scan open sha256 sha1 named reason event young ");
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(store_quarantine_delete(world->store, items[i], &world->msg), 0);
	insert_file_action(world, "newest", "h7", 100);
	assert_int_equal(store_purge(world->store, 0, 2, NULL, NULL, &world->msg), 0);
	expect_actions(world, "scan open young newest ");
	assert_int_equal(store_purge(world->store, INT64_MAX, 0, NULL, NULL, &world->msg), 0);
	expect_actions(world, "scan open ");
}

/* It fails: nothing is purged. */
static void purge_fails(void **state)
{
	struct storeworld *world = *state;
	struct store *reader = NULL;

	insert_file_action(world, "old", "h1", 100);
	assert_int_equal(store_open_reader(world->scratch.path, &reader, &world->msg), 0);
	assert_int_equal(store_purge(reader, 200, 0, NULL, NULL, &world->msg), -EROFS);
	store_close(reader);
	expect_actions(world, "old ");
}

static int nested_row(void *arg, const struct scan_record *scan)
{
	struct storeworld *world = arg;
	struct ids ids;
	struct event_record event = {.action_type = "X", .scan_id = scan->id};

	assert_string_equal(scans(world, NULL, &ids), "s2 s1 ");
	return store_event_append(world->store, &event, NULL, &world->msg);
}

/* A call-back may list and write. */
static void nested_lists(void **state)
{
	struct storeworld *world = *state;
	struct scan_record scan = scan_of("s1");

	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	scan = scan_of("s2");
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_scan_list(world->store, NULL, nested_row, world, &world->msg), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			scan_round_trip, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			load_round_trip, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			action_round_trip, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			detection_once, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			detection_of_cut_names, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			alert_update, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(queries, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(purge, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			purge_file_actions, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(purge_fails, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			nested_lists, storeworld_setup, storeworld_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
