/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The n-th allocation fails, for every n: base and the command line's views
 * say -ENOMEM, what was there stays as it was, and the next call works.
 */
#include "unit.h"

#include "cleanup.h"
#include "cli_options.h"
#include "cli_view.h"
#include "cli_view_load.h"
#include "display.h"
#include "faultheap.h"
#include "settings.h"

#include <stdlib.h>

enum { TRIES_MAX = 5000 };

/* One attempt; 0 or -ENOMEM, everything it made is freed. */
typedef int (*subject)(void *arg);

static void every_allocation(subject try, void *arg)
{
	unsigned long n = 0;
	bool has_failed = true;

	for (; has_failed && n < TRIES_MAX; n++) {
		int r;

		faultheap_arm(n);
		r = try(arg);
		has_failed = faultheap_disarm();
		if (has_failed ? r != -ENOMEM && r != 0 : r != 0)
			fail_msg("allocation %lu: %d", n, r);
	}
	assert_true(n > 1 && n < TRIES_MAX);
}

static const char settings_text[] =
	"{\"MaxFiles\":5,\"SignaturePath\":\"/x\",\"ExclusionPath\":[\"/a\",\"/b\"],\"LogLevel\":"
	"\"warn\"}";

static int try_parse(void *arg)
{
	struct settings *settings = arg;
	int64_t before = settings->max_files;
	struct errmsg msg = ERRMSG_NULL;
	int r = settings_parse(settings_text, strlen(settings_text), "f", settings, &msg);

	assert_int_equal(settings->max_files, r == 0 ? 5 : before);
	assert_non_null(settings->signature_path);
	return r;
}

static int try_copy(void *arg)
{
	struct settings copy;
	int r = settings_copy(arg, &copy);

	if (r == 0)
		settings_deinit(&copy);
	return r;
}

static int try_edit(void *arg)
{
	struct settings *settings = arg;
	size_t n = settings->exclusion_path.n;
	int r = settings_edit_list(settings, "ExclusionPath", SETTINGS_EDIT_ADD, "/c", NULL);

	assert_int_equal(settings->exclusion_path.n, r == 0 ? n + 1 : n);
	if (r == 0)
		settings_list_remove(&settings->exclusion_path, n);
	return r;
}

static int try_set(void *arg)
{
	struct settings *settings = arg;
	struct errmsg msg = ERRMSG_NULL;
	int r = settings_set_text(settings, "SignaturePath", "/y", &msg);

	assert_string_equal(settings->signature_path, r == 0 ? "/y" : "/x");
	if (r == 0)
		(void)strcpy(settings->signature_path, "/x");
	return r;
}

static int try_refuse(void *arg)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = settings_set_text(arg, "MaxFiles", "-1", &msg);

	assert_true(r == -EINVAL || r == -ENOMEM);
	return r == -EINVAL ? 0 : r;
}

static int try_describe(void *arg)
{
	_cleanup_(json_cleanup) cJSON *all = NULL;
	_cleanup_(json_cleanup) cJSON *given = NULL;
	_cleanup_(cleanup_free) char *text = NULL;
	int r = settings_describe(arg, NULL, &all);

	if (r == 0)
		r = settings_to_json(arg, &given);
	return r ? r : json_print(given, &text, NULL);
}

static void settings(void **state)
{
	struct settings all;

	(void)state;
	assert_int_equal(settings_init(&all), 0);
	every_allocation(try_parse, &all);
	every_allocation(try_copy, &all);
	every_allocation(try_edit, &all);
	every_allocation(try_set, &all);
	every_allocation(try_refuse, &all);
	every_allocation(try_describe, &all);
	settings_deinit(&all);
}

static int try_init(void *arg)
{
	struct settings fresh;
	int r = settings_init(&fresh);

	(void)arg;
	if (r == 0)
		settings_deinit(&fresh);
	else
		assert_null(fresh.signature_path);
	return r;
}

static int try_bytes(void *arg)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	struct span back = SPAN_NULL;
	int r;

	(void)arg;
	if (!object)
		return -ENOMEM;
	r = json_add_bytes(object, "path", span_str("/\xff\x1b"));
	r |= json_add_time(object, "time", 5);
	if (r == 0)
		r = json_get_bytes(object, "path", 10, &back, NULL);
	free((void *)(uintptr_t)back.data);
	return r;
}

static int try_display(void *arg)
{
	char *text = display_dup(span_str(arg));

	if (!text)
		return -ENOMEM;
	assert_string_equal(text, "a\\x1b");
	free(text);
	return 0;
}

static void json_and_display(void **state)
{
	char name[] = "a\x1b";

	(void)state;
	every_allocation(try_init, NULL);
	every_allocation(try_bytes, NULL);
	every_allocation(try_display, name);
}

/* Views print what they can; a list says -ENOMEM. Their stream is not the subject. */
static int try_views(void *arg)
{
	FILE *out = arg;
	cJSON *array = NULL;
	struct errmsg msg = ERRMSG_NULL;
	static const char text[] =
		"[{\"id\":\"1\",\"path\":\"/a\",\"containerPath\":\"b\",\"results\":{}}]";
	int r = json_parse(text, strlen(text), &array, &msg);

	if (r == 0)
		r |= cli_view_detections(out, array);
	if (r == 0) {
		cli_view_scan(out, array->child);
		cli_view_event(out, array->child);
	}
	cJSON_Delete(array);
	return r;
}

/* Without memory for its points a chart says so, and the figures are there all the same. */
static int try_load(void *arg)
{
	static const struct cli_terminal terminal = {80, false, false};
	const cJSON *load = arg;
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	int r = 0;

	if (!out)
		return -ENOMEM;
	cli_view_load(out, load, &terminal);
	if (fclose(out) != 0)
		return -ENOMEM;
	if (strncmp(text, "(no memory)\n\nSeconds ", 21) == 0)
		r = -ENOMEM;
	else
		assert_int_equal(strncmp(text, "Load over time", 14), 0);
	assert_non_null(strstr(text, "\nLanes "));
	return r;
}

static void load_record(void **state)
{
	static const char text[] = "{\"series\":[{\"duration\":5,\"asked\":50,\"achieved\":49.9}]}";
	cJSON *load = NULL;

	(void)state;
	assert_int_equal(json_parse(text, strlen(text), &load, NULL), 0);
	every_allocation(try_load, load);
	cJSON_Delete(load);
}

static int try_options(void *arg)
{
	char *argv[] = {arg, (char *)(uintptr_t) "health"};
	struct cli_options options = CLI_OPTIONS_NULL;
	int r = cli_options_parse(2, argv, &options, NULL);

	cli_options_deinit(&options);
	return r;
}

static void command_line(void **state)
{
	char name[] = "quietscan";
	FILE *null = fopen("/dev/null", "we");

	(void)state;
	(void)fputc('x', null); /* its buffer is there before the heap fails */
	every_allocation(try_views, null);
	every_allocation(try_options, name);
	(void)fclose(null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(settings),
		cmocka_unit_test(json_and_display), cmocka_unit_test(command_line),
		cmocka_unit_test(load_record)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
