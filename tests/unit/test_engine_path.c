/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container path, from the layers libclamav tells. */
#include "engine_path.h"
#include "unit.h"

#include <string.h>

static struct engine_path path;

static int test_reset(void **state)
{
	(void)state;
	engine_path_reset(&path);
	return 0;
}

static void test_expect(const char *text)
{
	engine_path_keep(&path);
	assert_int_equal(path.n_text, strlen(text));
	assert_memory_equal(path.text, text, path.n_text);
}

/* The scanned file's own name is no part of it. */
static void outermost_has_no_name(void **state)
{
	(void)state;
	engine_path_enter(&path, 0, "outer.zip");
	test_expect("");
}

static void members_and_siblings(void **state)
{
	(void)state;
	engine_path_enter(&path, 0, NULL);
	engine_path_enter(&path, 1, "first.zip");
	engine_path_enter(&path, 2, "x");
	engine_path_leave(&path);
	engine_path_leave(&path);
	engine_path_enter(&path, 1, "second.zip");
	engine_path_enter(&path, 2, "eicar.txt");
	test_expect("second.zip/eicar.txt");
}

/* An end that was not told is made up by the next begin at that level. */
static void missing_end(void **state)
{
	(void)state;
	engine_path_enter(&path, 0, NULL);
	engine_path_enter(&path, 1, "first.zip");
	engine_path_enter(&path, 2, "inner");
	engine_path_enter(&path, 1, "second.zip");
	test_expect("second.zip");
}

/* Nameless layers and names of libclamav's own files are passed over. */
static void nameless_layers(void **state)
{
	(void)state;
	engine_path_enter(&path, 0, NULL);
	engine_path_enter(&path, 1, "clamav-be56d2f7e7afa0f4765be67de9695d85.tmp");
	engine_path_enter(&path, 3, NULL);
	engine_path_enter(&path, 4, "clam.exe");
	test_expect("clam.exe");
}

/* Only the first detection's place is kept. */
static void first_one_stays(void **state)
{
	(void)state;
	engine_path_enter(&path, 0, NULL);
	engine_path_enter(&path, 1, "one");
	engine_path_keep(&path);
	engine_path_leave(&path);
	engine_path_enter(&path, 1, "two");
	test_expect("one");
}

/* More layers than there is room for, longer names, more ends than begins. */
static void bounds(void **state)
{
	char name[2 * ENGINE_PATH_NAME_MAX];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (uint32_t level = 0; level < 3 * ENGINE_PATH_LAYERS_MAX; level++)
		engine_path_enter(&path, level, name);
	assert_int_equal(path.n_layers, ENGINE_PATH_LAYERS_MAX);
	engine_path_keep(&path);
	assert_true(path.n_text <= sizeof(path.text));
	assert_true(path.n_text > sizeof(path.text) - 2 * ENGINE_PATH_NAME_MAX);
	for (int i = 0; i < 3 * ENGINE_PATH_LAYERS_MAX; i++)
		engine_path_leave(&path);
	assert_int_equal(path.n_layers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(outermost_has_no_name, test_reset),
		cmocka_unit_test_setup(members_and_siblings, test_reset),
		cmocka_unit_test_setup(missing_end, test_reset),
		cmocka_unit_test_setup(nameless_layers, test_reset),
		cmocka_unit_test_setup(first_one_stays, test_reset),
		cmocka_unit_test_setup(bounds, test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
