/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store: what is written comes back, what cannot be written changes
 * nothing, and what is no store of ours is refused.
 */
#include "store.h"

#include "clock.h"
#include "digest.h"
#include "log_chain.h"
#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct world {
	struct scratch scratch;
	struct store *store;
	struct errmsg msg;
};

static int setup(void **state)
{
	struct world *world = test_calloc(1, sizeof(*world));

	scratch_init(&world->scratch);
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	store_close(world->store);
	scratch_deinit(&world->scratch);
	test_free(world);
	return 0;
}

static void reopen(struct world *world)
{
	store_close(world->store);
	world->store = NULL;
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
}

static void sql(struct world *world, const char *text)
{
	char path[SCRATCH_PATH_SIZE];
	sqlite3 *db = NULL;

	store_close(world->store);
	world->store = NULL;
	assert_int_equal(
		sqlite3_open(scratch_path(&world->scratch, "store.db", path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

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
	struct world *world = *state;
	struct scan_record scan = scan_of("s1");
	const struct store_query query = {.id = "s1"};

	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), STORE_E_DUPLICATE);
	assert_int_equal(store_scan_list(world->store, &query, check_scan, &scan, &world->msg), 17);
	scan.status = RUN_STATUS_PAUSED;
	scan.results[0] = UINT64_C(1) << 60;
	scan.ignore_exclusions = true;
	assert_int_equal(store_scan_update(world->store, &scan, &world->msg), 0);
	reopen(world);
	assert_int_equal(store_scan_list(world->store, &query, check_scan, &scan, &world->msg), 17);
	(void)snprintf(scan.id, sizeof(scan.id), "unknown");
	assert_int_equal(store_scan_update(world->store, &scan, &world->msg), STORE_E_NOT_FOUND);
	assert_string_equal(world->msg.text, "update a scan: there is none with this id");
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
	assert_int_equal(action->error_hresult, want->error_hresult);
	assert_string_equal(action->scan_id, want->scan_id);
	return 18;
}

/* An action comes back; what was never set is NULL again. */
static void action_round_trip(void **state)
{
	struct world *world = *state;
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
	return 19;
}

/* One infected name is one detection, however often its scan is begun again. */
static void detection_once(void **state)
{
	static const char path[] = "/a\0b\xff\n"; /* No name has a NUL; the store does not care. */
	struct world *world = *state;
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
		.remediation_status = "NoAction",
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

	detection.container_path = span_str("inner.zip");
	assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), 0);
	memcpy(detection.scan_id, "nowhere", 8);
	memcpy(detection.id, "d3", 3);
	assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), -EINVAL);
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
	struct world *world = *state;
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

static const char *scans(struct world *world, const struct store_query *query, struct ids *ids)
{
	ids->text[0] = '\0';
	assert_int_equal(store_scan_list(world->store, query, collect_scan, ids, &world->msg), 0);
	return ids->text;
}

/* Newest first, pages, filters that combine, and a filter that does not apply. */
static void queries(void **state)
{
	struct world *world = *state;
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

struct chain {
	uint64_t n;
	uint8_t hash[RECORD_HASH_SIZE];
};

static int check_chain(void *arg, const struct event_record *event)
{
	struct chain *chain = arg;
	uint8_t hash[RECORD_HASH_SIZE];

	assert_int_equal(event->sequence, chain->n + 1);
	assert_memory_equal(event->previous_hash, chain->hash, RECORD_HASH_SIZE);
	assert_int_equal(log_chain_hash(event, hash), 0);
	assert_memory_equal(event->hash, hash, RECORD_HASH_SIZE);
	memcpy(chain->hash, event->hash, RECORD_HASH_SIZE);
	chain->n++;
	return 0;
}

/* Sequences have no gaps and hashes chain, over rollbacks and new starts. */
static void event_chain(void **state)
{
	struct world *world = *state;
	struct event_record event = {
		.action_type = "X", .scan_id = "s", .fields_json = "{\"a\":1}"};
	const struct store_query ascending = {.is_ascending = true};
	struct chain chain = {0};
	uint64_t sequence = 0;
	uint8_t hash[RECORD_HASH_SIZE];

	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(sequence, 2);
	assert_int_equal(store_begin(world->store, &world->msg), 0);
	assert_true(store_is_in_transaction(world->store));
	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(sequence, 4);
	store_rollback(world->store);
	store_rollback(world->store);
	reopen(world);
	assert_false(store_is_log_damaged(world->store));
	assert_int_equal(store_begin(world->store, &world->msg), 0);
	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(store_commit(world->store, &world->msg), 0);
	assert_int_equal(sequence, 3);
	assert_int_equal(
		store_event_list(world->store, &ascending, check_chain, &chain, &world->msg), 0);
	assert_int_equal(chain.n, 3);
	assert_int_equal(store_log_head(world->store, &sequence, hash, &world->msg), 0);
	assert_int_equal(sequence, 3);
	assert_memory_equal(hash, chain.hash, sizeof(hash));
	assert_int_equal(store_log_hash(world->store, 3, hash, &world->msg), 0);
	assert_memory_equal(hash, chain.hash, sizeof(hash));
	assert_int_equal(store_log_hash(world->store, 4, hash, &world->msg), STORE_E_NOT_FOUND);
}

/* What would break the log's lines is refused, and nothing is appended. */
static void event_refused(void **state)
{
	static const char *const bad[] = {"", "[]", "{", "{\"a\":\n1}", "{}x"};
	struct world *world = *state;
	struct event_record event = {.action_type = "X"};
	char *big = malloc(STORE_FIELDS_MAX + 8);
	uint64_t sequence;
	uint8_t hash[RECORD_HASH_SIZE];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		event.fields_json = bad[i];
		assert_int_equal(
			store_event_append(world->store, &event, NULL, &world->msg), -EINVAL);
	}
	assert_non_null(big);
	memset(big, ' ', STORE_FIELDS_MAX + 8);
	big[0] = '{';
	big[STORE_FIELDS_MAX + 6] = '}';
	big[STORE_FIELDS_MAX + 7] = '\0';
	event.fields_json = big;
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), -E2BIG);
	free(big);
	event = (struct event_record){.fields_json = "{}"};
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), -EINVAL);
	assert_int_equal(store_log_head(world->store, &sequence, hash, &world->msg), 0);
	assert_int_equal(sequence, 1);
}

/* After a failure inside it, nothing of a transaction is kept. */
static void transaction_spoiled(void **state)
{
	struct world *world = *state;
	struct scan_record scan = scan_of("s1");
	struct detection_record orphan = {.id = "d", .scan_id = "nowhere", .threat_name = "T"};
	struct ids ids;

	assert_int_equal(store_begin(world->store, &world->msg), 0);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), STORE_E_DUPLICATE);
	assert_int_equal(store_detection_insert(world->store, &orphan, &world->msg), -EINVAL);
	memcpy(scan.id, "s2", 3);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), -EINVAL);
	assert_non_null(strstr(world->msg.text, "an earlier step of the transaction failed"));
	assert_int_equal(store_commit(world->store, &world->msg), -EINVAL);
	assert_false(store_is_in_transaction(world->store));
	assert_string_equal(scans(world, NULL, &ids), "");
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
}

/* Named values: set, replaced, absent, too long. */
static void values(void **state)
{
	struct world *world = *state;
	char *value = NULL;
	char *big = malloc(STORE_VALUE_MAX + 2);

	assert_int_equal(
		store_value_get(world->store, "x", &value, &world->msg), STORE_E_NOT_FOUND);
	assert_int_equal(store_value_set(world->store, "x", "1", &world->msg), 0);
	assert_int_equal(store_value_set(world->store, "x", "2", &world->msg), 0);
	reopen(world);
	assert_int_equal(store_value_get(world->store, "x", &value, &world->msg), 0);
	assert_string_equal(value, "2");
	free(value);
	assert_non_null(big);
	memset(big, 'x', STORE_VALUE_MAX + 1);
	big[STORE_VALUE_MAX + 1] = '\0';
	assert_int_equal(store_value_set(world->store, "x", big, &world->msg), -E2BIG);
	big[STORE_VALUE_MAX] = '\0';
	assert_int_equal(store_value_set(world->store, "x", big, &world->msg), 0);
	free(big);
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
	struct world *world = *state;
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

/* A second daemon is refused; a reader is not, and cannot write. */
static void lock_and_reader(void **state)
{
	struct world *world = *state;
	struct store *other = NULL;
	struct event_record event = {.action_type = "X"};
	uint64_t sequence = 0;
	uint8_t hash[RECORD_HASH_SIZE];

	assert_int_equal(store_open(world->scratch.path, &other, &world->msg), -EBUSY);
	assert_non_null(strstr(world->msg.text, "another quietscand"));
	assert_null(other);
	assert_int_equal(store_open_reader(world->scratch.path, &other, &world->msg), 0);
	assert_string_equal(store_machine_id(other), store_machine_id(world->store));
	assert_int_equal(store_event_append(other, &event, NULL, &world->msg), -EROFS);
	assert_int_equal(store_begin(other, &world->msg), -EROFS);
	assert_int_equal(store_value_set(other, "x", "y", &world->msg), -EROFS);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(store_log_head(other, &sequence, hash, &world->msg), 0);
	assert_int_equal(sequence, 2);
	store_close(other);
}

/* The lock goes with the process that held it, however it ends. */
static void lock_of_the_dead(void **state)
{
	struct world *world = *state;
	int status = 0;
	pid_t pid;

	store_close(world->store);
	world->store = NULL;
	pid = fork();
	if (pid == 0) {
		struct store *store = NULL;

		(void)store_open(world->scratch.path, &store, NULL);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
}

/* All files are the owner's alone, whatever the umask. */
static void modes(void **state)
{
	static const char *const names[] = {
		"store.db", "store.db-wal", "store.db-shm", "store.lock"};
	struct world *world = *state;
	struct event_record event = {.action_type = "X"};
	mode_t old;

	store_close(world->store);
	world->store = NULL;
	scratch_deinit(&world->scratch);
	scratch_init(&world->scratch);
	old = umask(0);
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	(void)umask(old);
	for (size_t i = 0; i < 4; i++) {
		char path[SCRATCH_PATH_SIZE];
		struct stat st;

		assert_int_equal(stat(scratch_path(&world->scratch, names[i], path), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

/* Links that somebody planted are not followed, files with two names not used. */
static void planted_files(void **state)
{
	struct world *world = *state;
	char target[SCRATCH_PATH_SIZE];
	char path[SCRATCH_PATH_SIZE];
	struct store *store = NULL;

	store_close(world->store);
	world->store = NULL;
	(void)scratch_path(&world->scratch, "target", target);
	(void)scratch_path(&world->scratch, "store.db", path);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(link(target, path), 0);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -EPERM);
	assert_non_null(strstr(world->msg.text, "not a regular file of this user with one name"));
	assert_int_equal(unlink(target), 0);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), 0);
	store_close(store);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -EPERM);
}

/* The state directory itself may be reached through a link, or relatively. */
static void directory_names(void **state)
{
	struct world *world = *state;
	struct scratch other;
	char link_path[SCRATCH_PATH_SIZE];
	struct store *store = NULL;
	char cwd[SCRATCH_PATH_SIZE];

	store_close(world->store);
	world->store = NULL;
	scratch_init(&other);
	assert_int_equal(symlink(world->scratch.path, scratch_path(&other, "link", link_path)), 0);
	assert_int_equal(store_open(link_path, &store, &world->msg), 0);
	store_close(store);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(other.path), 0);
	assert_int_equal(store_open("link", &store, &world->msg), 0);
	assert_int_equal(chdir(cwd), 0);
	store_close(store);
	assert_int_equal(store_open("/nonexistent/dir", &store, &world->msg), -ENOENT);
	assert_string_equal(world->msg.text,
		"store in /nonexistent/dir: open /nonexistent/dir: No such file or directory");
	assert_int_equal(store_open_reader(other.path, &store, &world->msg), -ENOENT);
	scratch_deinit(&other);
}

/* Files that are no store of ours. */
static void not_ours(void **state)
{
	static const struct {
		const char *sql;
		int code;
		const char *message;
	} cases[] = {
		{"PRAGMA application_id = 1", -EILSEQ, "of another program"},
		{"PRAGMA application_id = 0", -EILSEQ, "of another program"},
		{"PRAGMA user_version = 99", -EPROTONOSUPPORT, "made by a newer version"},
		{"DELETE FROM named_values", -EILSEQ, "the machine id is missing"},
		{"UPDATE named_values SET value = 'short'", -EILSEQ, "the machine id is missing"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *world = *state;
		struct store *store = NULL;

		sql(world, cases[i].sql);
		assert_int_equal(
			store_open(world->scratch.path, &store, &world->msg), cases[i].code);
		assert_non_null(strstr(world->msg.text, cases[i].message));
		assert_int_equal(
			store_open_reader(world->scratch.path, &store, &world->msg), cases[i].code);
		assert_null(store);
		scratch_deinit(&world->scratch);
		scratch_init(&world->scratch);
		assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
	}
}

/* Garbage instead of a database, and a database with a torn page. */
static void damaged_file(void **state)
{
	struct world *world = *state;
	struct store *store = NULL;
	char garbage[8192];
	char *data;
	size_t n = 0;

	store_close(world->store);
	world->store = NULL;
	data = scratch_read(&world->scratch, "store.db", &n);
	assert_non_null(data);
	memset(garbage, 0xa5, sizeof(garbage));
	scratch_write(&world->scratch, "store.db", garbage, sizeof(garbage));
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -EILSEQ);
	assert_non_null(strstr(world->msg.text, "not a database"));
	assert_true(n > 12288);
	memset(data + 4096, 0xa5, n - 4096);
	scratch_write(&world->scratch, "store.db", data, n);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -EILSEQ);
	assert_non_null(strstr(world->msg.text, "malformed"));
	assert_null(store);
	free(data);
}

/* A last record that was changed is noticed; the store works all the same. */
static void damaged_head(void **state)
{
	struct world *world = *state;
	struct event_record event = {.action_type = "X"};
	uint64_t sequence = 0;

	sql(world, "DROP TRIGGER events_no_update; UPDATE events SET fields = '{\"x\":1}'");
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
	assert_true(store_is_log_damaged(world->store));
	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(sequence, 2);
}

/* A mistake of ours cannot change the log: the table refuses it. */
static void append_only(void **state)
{
	struct world *world = *state;
	char path[SCRATCH_PATH_SIZE];
	sqlite3 *db = NULL;

	assert_int_equal(
		sqlite3_open(scratch_path(&world->scratch, "store.db", path), &db), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM events", NULL, NULL, NULL), SQLITE_OK);
	assert_string_equal(sqlite3_errmsg(db), "the action log is append-only");
	assert_int_not_equal(
		sqlite3_exec(db, "UPDATE events SET fields = '{}'", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Somebody else's write lock: busy after a while, usable when it is gone. */
static void busy(void **state)
{
	struct world *world = *state;
	char path[SCRATCH_PATH_SIZE];
	struct event_record event = {.action_type = "X"};
	sqlite3 *db = NULL;

	assert_int_equal(
		sqlite3_open(scratch_path(&world->scratch, "store.db", path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), -EBUSY);
	assert_int_equal(store_begin(world->store, &world->msg), -EBUSY);
	assert_false(store_is_in_transaction(world->store));
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int nested_row(void *arg, const struct scan_record *scan)
{
	struct world *world = arg;
	struct ids ids;
	struct event_record event = {.action_type = "X", .scan_id = scan->id};

	assert_string_equal(scans(world, NULL, &ids), "s2 s1 ");
	return store_event_append(world->store, &event, NULL, &world->msg);
}

/* A call-back may list and write. */
static void nested_lists(void **state)
{
	struct world *world = *state;
	struct scan_record scan = scan_of("s1");

	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	scan = scan_of("s2");
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_scan_list(world->store, NULL, nested_row, world, &world->msg), 0);
}

/* Ids are version 4 GUIDs, and not twice the same. */
static void new_ids(void **state)
{
	char a[RECORD_ID_SIZE];
	char b[RECORD_ID_SIZE];

	(void)state;
	store_new_id(a);
	store_new_id(b);
	assert_int_equal(strlen(a), 36);
	assert_int_equal(a[14], '4');
	assert_non_null(strchr("89ab", a[19]));
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(scan_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(action_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(detection_once, setup, teardown),
		cmocka_unit_test_setup_teardown(alert_update, setup, teardown),
		cmocka_unit_test_setup_teardown(queries, setup, teardown),
		cmocka_unit_test_setup_teardown(event_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(event_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(transaction_spoiled, setup, teardown),
		cmocka_unit_test_setup_teardown(values, setup, teardown),
		cmocka_unit_test_setup_teardown(purge, setup, teardown),
		cmocka_unit_test_setup_teardown(lock_and_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(lock_of_the_dead, setup, teardown),
		cmocka_unit_test_setup_teardown(modes, setup, teardown),
		cmocka_unit_test_setup_teardown(planted_files, setup, teardown),
		cmocka_unit_test_setup_teardown(directory_names, setup, teardown),
		cmocka_unit_test_setup_teardown(not_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_file, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_head, setup, teardown),
		cmocka_unit_test_setup_teardown(append_only, setup, teardown),
		cmocka_unit_test_setup_teardown(busy, setup, teardown),
		cmocka_unit_test_setup_teardown(nested_lists, setup, teardown),
		cmocka_unit_test(new_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
