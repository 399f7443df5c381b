/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the scheduler writes, into a real store: detections of a restarted scan,
 * records of a life, a store that takes nothing, temporary directories of a
 * hostile owner.
 */
#include "unit.h"

#include "child_users.h"
#include "detection_backlog.h"
#include "load_policy.h"
#include "scan_book.h"
#include "store_watch.h"
#include "temp_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct requestor test_who = {.name = "root", .source = "LocalCli"};

struct rig {
	char dir[64];
	struct store *store;
	struct job *job;
	struct settings settings;
	struct detection_policy policy;
};

static int setup(void **state)
{
	struct request request = {.type = SCAN_TYPE_CUSTOM,
		.comment = (char *)(uintptr_t) "why",
		.paths_json = (char *)(uintptr_t) "[]",
		.load_factor_pct = 30};
	struct rig *rig = calloc(1, sizeof(*rig));
	struct errmsg msg = ERRMSG_NULL;

	(void)snprintf(rig->dir, sizeof(rig->dir), "/tmp/qs-records-XXXXXX");
	assert_non_null(mkdtemp(rig->dir));
	assert_int_equal(store_open(rig->dir, &rig->store, &msg), 0);
	assert_int_equal(job_new(&request, &test_who, 1000, &rig->job), 0);
	assert_int_equal(scan_book_submit(rig->store, rig->job, &msg), 0);
	assert_int_equal(settings_init(&rig->settings), 0);
	rig->policy.settings = &rig->settings;
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	settings_deinit(&rig->settings);
	job_free(rig->job);
	store_close(rig->store);
	assert_int_equal(temp_dir_remove(rig->dir), 0);
	free(rig);
	return 0;
}

struct count {
	size_t n;
	uint64_t n_detections;
	char last[64];
};

static int on_event(void *arg, const struct event_record *event)
{
	struct count *count = arg;

	count->n++;
	(void)snprintf(count->last, sizeof(count->last), "%s", event->action_type);
	return 0;
}

static struct count events(struct rig *rig, const char *type)
{
	const struct store_query query = {.action_type = type, .is_ascending = true};
	struct count count = {0};
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(store_event_list(rig->store, &query, on_event, &count, &msg), 0);
	return count;
}

static int on_alert(void *arg, const struct alert_record *alert)
{
	struct count *count = arg;

	count->n++;
	count->n_detections += alert->n_detections;
	return 0;
}

static int on_detection(void *arg, const struct detection_record *detection)
{
	struct count *count = arg;

	assert_int_equal(strlen(detection->alert_id), RECORD_ID_SIZE - 1);
	count->n++;
	return 0;
}

static void add(struct detection_backlog *backlog, const char *path, const char *signature)
{
	const struct ipc_scan_detection detection = {.path = span_str(path),
		.container = span_str(""),
		.signature = span_str(signature),
		.has_hashes = 1,
		.size = 68};

	assert_int_equal(detection_backlog_add(backlog, &detection, 5000), 0);
}

static int on_processes(void *arg, const struct detection_record *detection)
{
	struct errmsg *want = arg;

	assert_string_equal(detection->process_ids_json, want->text);
	return 0;
}

/* However many run it, as many are told as the message has room for. */
static void executing(void **state)
{
	static const struct {
		uint64_t n;
		const char *want;
	} rows[] = {{0, "[]"}, {1, "[2147483647]"}, {2, "[2147483647,2]"},
		{40, "[2147483647,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]"}};
	struct rig *rig = *state;
	struct detection_backlog *backlog = detection_backlog_new();
	struct errmsg msg = ERRMSG_NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct store_query query = {.id = NULL, .limit = 1};
		struct ipc_scan_detection detection = {.path = span_str(rows[i].want),
			.container = span_str(""),
			.signature = span_str("One"),
			.n_executing = rows[i].n,
			.executing_pids = {
				INT32_MAX, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
		struct errmsg want = ERRMSG_NULL;

		errmsg_set(&want, "%s", rows[i].want);
		assert_int_equal(detection_backlog_add(backlog, &detection, 5000), 0);
		assert_int_equal(
			detection_backlog_flush(backlog, rig->store, rig->job, &rig->policy, &msg),
			0);
		assert_int_equal(
			store_detection_list(rig->store, &query, on_processes, &want, &msg), 0);
	}
	detection_backlog_free(backlog);
}

static void expect(struct rig *rig, size_t n_detections, size_t n_alerts)
{
	const struct store_query query = {.scan_id = rig->job->scan.id};
	struct count detections = {0};
	struct count alerts = {0};
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(
		store_detection_list(rig->store, &query, on_detection, &detections, &msg), 0);
	assert_int_equal(store_alert_list(rig->store, &query, on_alert, &alerts, &msg), 0);
	assert_int_equal(detections.n, n_detections);
	assert_int_equal(alerts.n, n_alerts);
	assert_int_equal(alerts.n_detections, n_detections);
	assert_int_equal(rig->job->scan.n_detections, n_detections);
	assert_int_equal(events(rig, "AntivirusDetection").n, n_detections);
	assert_int_equal(events(rig, "AlertCreated").n, n_alerts);
}

/* One transaction for many; a second pass over the same files adds only what is new. */
static void restarted_scan(void **state)
{
	struct rig *rig = *state;
	struct detection_backlog *backlog = detection_backlog_new();
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(
		detection_backlog_flush(backlog, rig->store, rig->job, &rig->policy, &msg), 0);
	add(backlog, "/a", "One");
	add(backlog, "/b", "One");
	add(backlog, "/b", "Two");
	assert_int_equal(
		detection_backlog_flush(backlog, rig->store, rig->job, &rig->policy, &msg), 0);
	assert_int_equal(detection_backlog_size(backlog), 0);
	expect(rig, 3, 2);
	add(backlog, "/b", "Two");
	add(backlog, "/a", "One");
	add(backlog, "/c", "Two");
	add(backlog, "/c", "Two");
	assert_int_equal(
		detection_backlog_flush(backlog, rig->store, rig->job, &rig->policy, &msg), 0);
	expect(rig, 4, 2);
	detection_backlog_free(backlog);
}

/* A store that takes nothing: the backlog keeps all, counts do not move; later it is written. */
static void store_takes_nothing(void **state)
{
	struct rig *rig = *state;
	struct detection_backlog *backlog = detection_backlog_new();
	struct store *reader = NULL;
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(store_open_reader(rig->dir, &reader, &msg), 0);
	add(backlog, "/a", "One");
	assert_int_equal(
		detection_backlog_flush(backlog, reader, rig->job, &rig->policy, &msg), -EROFS);
	assert_int_equal(detection_backlog_size(backlog), 1);
	assert_int_equal(rig->job->scan.n_detections, 0);
	assert_int_equal(scan_book_start(reader, rig->job, 2000, &msg), -EROFS);
	assert_int_equal(rig->job->scan.attempts, 0);
	assert_int_equal(rig->job->scan.status, RUN_STATUS_PENDING);
	store_close(reader);
	assert_int_equal(
		detection_backlog_flush(backlog, rig->store, rig->job, &rig->policy, &msg), 0);
	expect(rig, 1, 1);
	detection_backlog_free(backlog);
}

/* A signature's name may hold any byte; what is stored can be shown. */
static void hostile_names(void **state)
{
	struct rig *rig = *state;
	struct detection_backlog *backlog = detection_backlog_new();
	struct errmsg msg = ERRMSG_NULL;

	add(backlog, "/\xff\n", "Bad\x1b[31m\xff");
	assert_int_equal(
		detection_backlog_flush(backlog, rig->store, rig->job, &rig->policy, &msg), 0);
	expect(rig, 1, 1);
	detection_backlog_free(backlog);
}

/* A life in records: each step moves both rows and writes its event. */
static void life(void **state)
{
	struct rig *rig = *state;
	struct job *job = rig->job;
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(scan_book_override(rig->store, job->scan.id), 30);
	assert_int_equal(scan_book_start(rig->store, job, 2000, &msg), 0);
	assert_int_equal(job->scan.status, RUN_STATUS_IN_PROGRESS);
	assert_int_equal(job->scan.start_unix_ms, 2000);
	assert_int_equal(scan_book_pause(rig->store, job, &test_who, &msg), 0);
	assert_int_equal(job->scan.status, RUN_STATUS_PAUSED);
	assert_int_equal(job->action.status, RUN_STATUS_IN_PROGRESS);
	assert_int_equal(scan_book_resume(rig->store, job, &test_who, &msg), 0);
	assert_int_equal(scan_book_interrupt(rig->store, job, "the scanner died", &msg), 0);
	assert_int_equal(scan_book_start(rig->store, job, 3000, &msg), 0);
	assert_int_equal(job->scan.attempts, 2);
	assert_int_equal(job->scan.start_unix_ms, 2000);
	scan_cycle_move(&job->cycle, job->scan.id, SCAN_CYCLE_STARTING);
	assert_int_equal(scan_cycle_end(&job->cycle, job->scan.id, RUN_STATUS_SUCCEEDED), 0);
	assert_int_equal(scan_book_end(rig->store, job, 9000, &msg), 0);
	assert_int_equal(job->action.status, RUN_STATUS_SUCCEEDED);
	assert_true(job->scan.is_complete);
	assert_int_equal(scan_book_override(rig->store, job->scan.id), LOAD_POLICY_NO_OVERRIDE);
	assert_string_equal(events(rig, NULL).last, "AntivirusScanCompleted");
	assert_int_equal(events(rig, "AntivirusScanStarted").n, 2);
}

/* Failing and recovering is told once each, with what was lost. */
static void watch(void **state)
{
	struct rig *rig = *state;
	struct store_watch watched = {.store = rig->store};
	struct errmsg msg = ERRMSG_NULL;

	store_watch_note(&watched, 0, &msg, false);
	assert_false(watched.is_failing);
	errmsg_set(&msg, "no room");
	store_watch_note(&watched, -ENOSPC, &msg, true);
	store_watch_note(&watched, -ENOSPC, &msg, true);
	store_watch_note(&watched, -ENOSPC, &msg, false);
	assert_true(watched.is_failing);
	assert_int_equal(watched.n_lost, 2);
	assert_string_equal(watched.reason.text, "no room");
	store_watch_probe(&watched);
	assert_false(watched.is_failing);
	assert_int_equal(events(rig, "StoreRecovered").n, 1);
	store_watch_probe(&watched);
	assert_int_equal(events(rig, "StoreRecovered").n, 1);
}

static void write_file(const char *dir, const char *name)
{
	char path[512];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

/* Everything below goes, nothing that a link names; only what was made here is swept. */
static void temp_dirs(void **state)
{
	struct rig *rig = *state;
	const struct child_identity nobody = {.is_switched = false};
	struct errmsg msg = ERRMSG_NULL;
	char parent[256], outside[300], path[300], sub[512], link[600];
	struct stat st;

	(void)snprintf(parent, sizeof(parent), "%s/temp", rig->dir);
	(void)snprintf(outside, sizeof(outside), "%s/outside", parent);
	assert_int_equal(mkdir(parent, 0700), 0);
	assert_int_equal(mkdir(outside, 0700), 0);
	write_file(outside, "kept");
	assert_int_equal(temp_dir_make(parent, &nobody, path, sizeof(path), &msg), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	(void)snprintf(sub, sizeof(sub), "%s/sub", path);
	assert_int_equal(mkdir(sub, 0700), 0);
	write_file(sub, "file");
	(void)snprintf(link, sizeof(link), "%s/link", sub);
	assert_int_equal(symlink(outside, link), 0);
	assert_int_equal(chmod(sub, 0), 0);
	assert_int_equal(temp_dir_remove(path), 0);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(temp_dir_make(parent, &nobody, path, sizeof(path), &msg), 0);
	assert_int_equal(temp_dir_sweep(parent), 0);
	assert_int_equal(stat(path, &st), -1);
	(void)snprintf(sub, sizeof(sub), "%s/kept", outside);
	assert_int_equal(stat(sub, &st), 0);
	assert_int_equal(temp_dir_remove(path), -ENOENT);
	assert_int_equal(temp_dir_make("/nonexistent", &nobody, path, sizeof(path), &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "/nonexistent"));
}

static void name_users(struct settings *settings, const char *scanner, const char *engine)
{
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(settings_set_text(settings, "ScannerUser", scanner, &msg), 0);
	assert_int_equal(settings_set_text(settings, "EngineUser", engine, &msg), 0);
}

/* Told once for each name and each time; root counts as missing; a daemon that is not root
 * needs none; what the store does not take is told later. */
static void missing_users(void **state)
{
	static const struct {
		const char *scanner;
		const char *engine;
		bool is_root;
		size_t n_told; /* With all before. */
	} steps[] = {
		{"qs-none", "qs-neither", false, 0},
		{"qs-none", "daemon", true, 1},
		{"qs-none", "daemon", true, 1},
		{"qs-other", "root", true, 3},
		{"daemon", "daemon", true, 3},
		{"qs-other", "daemon", true, 4},
	};
	struct child_users users = CHILD_USERS_NULL;
	struct rig *rig = *state;
	struct store *reader = NULL;
	struct errmsg msg = ERRMSG_NULL;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		name_users(&rig->settings, steps[i].scanner, steps[i].engine);
		assert_int_equal(child_users_check(&users, rig->store, &rig->settings,
					 steps[i].is_root, &msg),
			0);
		assert_int_equal(events(rig, "ServiceUserMissing").n, steps[i].n_told);
	}
	name_users(&rig->settings, "daemon", "qs-none");
	assert_int_equal(store_open_reader(rig->dir, &reader, &msg), 0);
	assert_int_equal(child_users_check(&users, reader, &rig->settings, true, &msg), -EROFS);
	store_close(reader);
	assert_int_equal(child_users_check(&users, rig->store, &rig->settings, true, &msg), 0);
	assert_int_equal(events(rig, "ServiceUserMissing").n, 5);
}

int main(void)
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		RIGGED(executing),
		RIGGED(restarted_scan),
		RIGGED(store_takes_nothing),
		RIGGED(hostile_names),
		RIGGED(life),
		RIGGED(watch),
		RIGGED(temp_dirs),
		RIGGED(missing_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
