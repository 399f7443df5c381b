/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Denied files, gathered by who denied them; changed ones, by who was active. */
#include "blocked_files.h"
#include "changed_files.h"

#include "json.h"
#include "scratch.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

static const char mountinfo[] = "1 0 8:1 / / rw - ext4 a rw\n"
				"2 1 8:2 / /srv rw - ext4 b rw\n"
				"3 1 8:2 /sub /bind rw - ext4 b rw\n";
static const struct scan_record scan = {.id = "s", .action_id = "a"};

struct fixture {
	struct scratch scratch;
	struct store *store;
	struct file_groups *files;
	struct neighbours neighbours;
	struct neighbour *neighbour; /* has a mark on the mount /srv */
	char events[32 * 1024];      /* written so far, one a line */
	unsigned n_events;
};

static struct fixture f;

static int setup(void **state)
{
	struct neighbour_block *block = &f.neighbours.list[0].blocks[0];

	(void)state;
	f = (struct fixture){.neighbour = &f.neighbours.list[0]};
	scratch_init(&f.scratch);
	f.files = file_groups_new();
	f.neighbours.n = 1;
	f.neighbour->pid = 731;
	f.neighbour->n_blocks = 1;
	(void)strcpy(f.neighbour->name, "Other");
	(void)strcpy(f.neighbour->path, "/opt/other");
	*block = (struct neighbour_block){
		.form = FANOTIFY_MARKS_MOUNT, .dev = makedev(8, 2), .point = strdup("/srv")};
	return mounttable_parse(strdup(mountinfo), sizeof(mountinfo) - 1, &f.neighbours.mounts) <
				       0 ||
			       store_open(f.scratch.path, &f.store, NULL) < 0
		       ? -1
		       : 0;
}

static int teardown(void **state)
{
	(void)state;
	file_groups_free(f.files);
	store_close(f.store);
	mounttable_free(f.neighbours.mounts);
	free(f.neighbour->blocks[0].point);
	scratch_deinit(&f.scratch);
	return 0;
}

static void add(const char *path)
{
	blocked_files_add(f.files, &f.neighbours, span_str(path));
}

static int keep(void *arg, const struct event_record *event)
{
	size_t n = strlen(f.events);

	(void)arg;
	(void)snprintf(f.events + n, sizeof(f.events) - n, "%s\n", event->fields_json);
	f.n_events++;
	return 0;
}

static void read_events(const char *type)
{
	const struct store_query query = {.action_type = type, .is_ascending = true};

	f.events[0] = '\0';
	f.n_events = 0;
	assert_int_equal(store_event_list(f.store, &query, keep, NULL, NULL), 0);
}

static void tell(void)
{
	struct errmsg msg = ERRMSG_NULL;

	if (blocked_files_tell(f.files, f.store, &scan, &msg) != 0)
		fail_msg("%s", msg.text);
	read_events("FilesBlockedByOther");
}

static void tell_changed(void)
{
	struct errmsg msg = ERRMSG_NULL;

	if (changed_files_tell(f.files, f.store, &scan, &msg) != 0)
		fail_msg("%s", msg.text);
	read_events("FilesChangedBesideOther");
}

static bool has(const char *text)
{
	return strstr(f.events, text) != NULL;
}

/* One event a product and mount; a mark on one mount is none on its bind. */
static void by_product_and_mount(void **state)
{
	(void)state;
	add("/srv/a");
	add("/etc/b");
	add("/srv/c/d");
	add("/bind/e");
	tell();
	assert_int_equal(f.n_events, 3);
	assert_true(has("\"product\":\"Other\",\"pid\":731,\"processPath\":\"/opt/other\""));
	assert_true(
		has("\"mount\":\"/srv\",\"mountBytes\":\"L3Nydg==\",\"blockedFiles\":2,\"paths\":["
		    "{\"path\":\"/srv/a\",\"pathBytes\":\"L3Nydi9h\"},{\"path\":\"/srv/c/d\""));
	assert_true(
		has("\"product\":null,\"pid\":null,\"processPath\":null,\"processPathBytes\":null,"
		    "\"mount\":\"/\""));
	assert_true(has("\"mount\":\"/bind\""));
	tell(); /* told once */
	assert_int_equal(f.n_events, 3);
}

/* A mark on the file system holds every mount of it; a restarted product is one. */
static void by_file_system(void **state)
{
	(void)state;
	f.neighbour->blocks[0].form = FANOTIFY_MARKS_FILESYSTEM;
	add("/bind/a");
	f.neighbour->pid = 732;
	add("/bind/b");
	tell();
	assert_int_equal(f.n_events, 1);
	assert_true(has("\"pid\":731"));
	assert_true(has("\"mount\":\"/bind\""));
	assert_true(has("\"blockedFiles\":2"));
}

/* All are counted, the first are named; beyond the last group nobody is accused. */
static void bounded(void **state)
{
	char name[64];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "/srv/%d", i);
		add(name);
	}
	for (int i = 0; i < 2 * FILE_GROUPS_MAX; i++) {
		(void)snprintf(f.neighbour->name, sizeof(f.neighbour->name), "Product %d", i);
		add("/srv/x");
	}
	tell();
	assert_int_equal(f.n_events, FILE_GROUPS_MAX);
	assert_true(has("\"blockedFiles\":1000"));
	assert_true(has("\"/srv/9\""));
	assert_false(has("\"/srv/10\""));
	assert_true(has("\"Product 13\""));
	assert_false(has("\"Product 14\""));
	assert_true(
		has("\"product\":null,\"pid\":null,\"processPath\":null,\"processPathBytes\":null,"
		    "\"mount\":null,\"mountBytes\":null,\"blockedFiles\":18"));
}

/* Nobody has looked yet; and a pass that begins again. */
static void nothing_known(void **state)
{
	(void)state;
	blocked_files_add(f.files, NULL, span_str("/srv/a"));
	file_groups_clear(f.files);
	tell();
	assert_int_equal(f.n_events, 0);
	blocked_files_add(f.files, NULL, span_str("/srv/a"));
	tell();
	assert_int_equal(f.n_events, 1);
	assert_true(has("\"product\":null"));
}

/* Changed names are laid at nobody's door but that of another antivirus that was there. */
static void changed(void **state)
{
	(void)state;
	changed_files_add(f.files, NULL, span_str("/srv/a"), true);
	f.neighbours.n = 0;
	changed_files_add(f.files, &f.neighbours, span_str("/srv/a"), true);
	f.neighbours.n = 1;
	f.neighbour->n_blocking = 1;
	f.neighbour->is_known = true;
	f.neighbour->role = KNOWN_PRODUCT_CONTROL;
	changed_files_add(f.files, &f.neighbours, span_str("/srv/a"), true);
	tell_changed();
	assert_int_equal(f.n_events, 0);
	f.neighbour->is_known = false;
	changed_files_add(f.files, &f.neighbours, span_str("/srv/a"), true);
	changed_files_add(f.files, &f.neighbours, span_str("/srv/b"), false);
	changed_files_add(f.files, &f.neighbours, span_str("/etc/c"), false); /* not its mount */
	tell_changed();
	assert_int_equal(f.n_events, 2);
	assert_true(has("\"product\":\"Other\",\"pid\":731,\"processPath\":\"/opt/other\""));
	assert_true(has("\"mount\":\"/srv\",\"mountBytes\":\"L3Nydg==\",\"changedFiles\":2,"
			"\"vanishedFiles\":1,\"paths\":[{\"path\":\"/srv/a\""));
	assert_true(has("\"mount\":\"/\",\"mountBytes\":\"Lw==\",\"changedFiles\":1,"
			"\"vanishedFiles\":0"));
	tell_changed(); /* told once */
	assert_int_equal(f.n_events, 2);
}

/* One that decides on the mount is named before a known one that is only there. */
static void changed_by_whom(void **state)
{
	struct neighbour *known = &f.neighbours.list[1];

	(void)state;
	f.neighbours.n = 2;
	*known = (struct neighbour){.is_known = true, .role = KNOWN_PRODUCT_ANTIVIRUS, .pid = 9};
	(void)strcpy(known->name, "Known");
	f.neighbour->is_known = true;
	f.neighbour->role = KNOWN_PRODUCT_WATCHER;
	changed_files_add(f.files, &f.neighbours, span_str("/srv/a"), true);
	changed_files_add(f.files, &f.neighbours, span_str("/etc/a"), true);
	f.neighbour->role = KNOWN_PRODUCT_CONTROL;
	changed_files_add(f.files, &f.neighbours, span_str("/srv/b"), true);
	tell_changed();
	assert_int_equal(f.n_events, 3);
	assert_true(has("\"product\":\"Other\",\"pid\":731,"));
	assert_true(has("\"product\":\"Known\",\"pid\":9,\"processPath\":null,"
			"\"processPathBytes\":null,\"mount\":\"/\""));
	assert_true(has("\"product\":\"Known\",\"pid\":9,\"processPath\":null,"
			"\"processPathBytes\":null,\"mount\":\"/srv\""));
	f.neighbours.n = 1;
}

static void *no_memory(size_t n)
{
	(void)n;
	return NULL;
}

/* The event cannot be made: an error, nothing is written, and all is kept. */
static void not_written(void **state)
{
	cJSON_Hooks hooks = {.malloc_fn = no_memory, .free_fn = free};
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	add("/srv/a");
	cJSON_InitHooks(&hooks);
	assert_int_equal(blocked_files_tell(f.files, f.store, &scan, &msg), -ENOMEM);
	assert_int_equal(changed_files_tell(f.files, f.store, &scan, &msg), -ENOMEM);
	cJSON_InitHooks(NULL);
	tell();
	assert_int_equal(f.n_events, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_product_and_mount, setup, teardown),
		cmocka_unit_test_setup_teardown(by_file_system, setup, teardown),
		cmocka_unit_test_setup_teardown(bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_known, setup, teardown),
		cmocka_unit_test_setup_teardown(changed, setup, teardown),
		cmocka_unit_test_setup_teardown(changed_by_whom, setup, teardown),
		cmocka_unit_test_setup_teardown(not_written, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
