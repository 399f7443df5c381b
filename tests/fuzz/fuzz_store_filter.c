/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter's tree: refused with a target and a sentence, or SQL that SQLite
 * takes, for every kind of list. Its store has few rows, so a count is quick.
 */
#include "fuzz.h"

#include "cleanup.h"
#include "store.h"
#include "store_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct store *fuzz_store;
static char fuzz_dir[] = "/tmp/qs-fuzz-XXXXXX";

static void fuzz_end(void)
{
	static const char *const names[] = {
		"store.db", "store.db-wal", "store.db-shm", "store.lock"};

	store_close(fuzz_store);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "%s/%s", fuzz_dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(fuzz_dir);
}

static void fuzz_begin(void)
{
	struct action_record action = {.id = "a", .type = "t", .requestor = "alice"};
	struct scan_record scan = {.id = "s", .action_id = "a"};
	struct detection_record detection = {.id = "d", .scan_id = "s", .path = span_str("/tmp")};
	struct alert_record alert = {.scan_id = "s", .threat_name = "x"};
	struct errmsg msg = ERRMSG_NULL;
	bool is_new;

	if (!mkdtemp(fuzz_dir) || store_open(fuzz_dir, &fuzz_store, &msg) < 0 ||
		store_action_insert(fuzz_store, &action, &msg) < 0 ||
		store_scan_insert(fuzz_store, &scan, &msg) < 0 ||
		store_alert_raise(fuzz_store, &alert, &is_new, &msg) < 0 ||
		store_detection_insert(fuzz_store, &detection, &msg) < 0)
		abort();
	(void)atexit(fuzz_end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct record_json_machine machine = {.id = "m", .dns_name = "host"};
	static struct store_filter filter;
	const struct store_query query = {.filter = &filter, .is_bounded = true};
	_cleanup_(json_cleanup) cJSON *tree = NULL;
	struct errmsg msg = ERRMSG_NULL;

	if (!fuzz_store)
		fuzz_begin();
	if (json_parse((const char *)data, n, &tree, &msg) < 0)
		return 0;
	for (int kind = 0; kind < STORE_KIND_N; kind++) {
		const struct store_filter_subject subject = {
			.kind = (enum store_kind)kind, .machine = &machine};
		const char *target = NULL;
		uint64_t n_rows = 0;
		struct errmsg why = ERRMSG_NULL;

		if (store_filter_build(&subject, tree, &filter, &target, &why) < 0) {
			if (!target || !why.text[0])
				abort();
		} else if (store_count(fuzz_store, subject.kind, &query, &n_rows, &why) < 0) {
			(void)fprintf(stderr, "%s: %s\n", filter.sql, why.text);
			abort();
		}
	}
	return 0;
}
