/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of known products: the one that is installed, and what is none. */
#include "known_products.h"

#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE TEST_SOURCE_DIR "/packaging/known-antivirus.json"
#define HEAD "{\"formatVersion\":1,\"products\":["
#define ITEM(name, role, paths, services, processes)                                               \
	"{\"name\":\"" name "\",\"role\":\"" role "\",\"paths\":[" paths                           \
	"],\"services\":[" services "],\"processes\":[" processes "],\"bpf\":false}"

static const struct known_product *match(const struct known_products *table, const char *executable,
	const char *service, const char *comm, enum known_product_by *byp)
{
	const struct known_products_clue clue = {
		.executable = span_str(executable),
		.service = span_str(service),
		.comm = span_str(comm),
	};

	return known_products_match(table, &clue, byp);
}

/* The installed table: each row is found by what it lists, with its role. */
static void installed(void **state)
{
	static const struct {
		const char *executable;
		const char *service;
		const char *comm;
		const char *name; /* NULL: nothing */
		enum known_product_role role;
		enum known_product_by by;
	} rows[] = {
		{"/opt/microsoft/mdatp/sbin/wdavdaemon", NULL, "x",
			"Microsoft Defender for Endpoint", KNOWN_PRODUCT_ANTIVIRUS,
			KNOWN_PRODUCT_BY_EXECUTABLE},
		{"/opt/sophos-spl/plugins/av/sbin/scand", NULL, NULL, "Sophos Protection for Linux",
			KNOWN_PRODUCT_ANTIVIRUS, KNOWN_PRODUCT_BY_EXECUTABLE},
		{"/usr/bin/python3", "traps_pmd", NULL, "Cortex XDR", KNOWN_PRODUCT_ANTIVIRUS,
			KNOWN_PRODUCT_BY_SERVICE},
		{"/usr/sbin/clamonacc", NULL, NULL, "ClamAV on-access scanning",
			KNOWN_PRODUCT_ANTIVIRUS, KNOWN_PRODUCT_BY_PROCESS},
		{"/usr/sbin/clamonacc (deleted)", NULL, NULL, "ClamAV on-access scanning",
			KNOWN_PRODUCT_ANTIVIRUS, KNOWN_PRODUCT_BY_PROCESS},
		{"/usr/sbin/clamd", NULL, NULL, "ClamAV", KNOWN_PRODUCT_WATCHER,
			KNOWN_PRODUCT_BY_PROCESS},
		{"/usr/sbin/auditd", NULL, NULL, "auditd", KNOWN_PRODUCT_WATCHER,
			KNOWN_PRODUCT_BY_PROCESS},
		{"/usr/sbin/fapolicyd", NULL, NULL, "fapolicyd", KNOWN_PRODUCT_CONTROL,
			KNOWN_PRODUCT_BY_PROCESS},
		{NULL, NULL, "osqueryd", "osquery", KNOWN_PRODUCT_WATCHER,
			KNOWN_PRODUCT_BY_PROCESS},
		/* a name counts only when there is no executable to look at */
		{"/bin/sleep", NULL, "wdavdaemon", NULL, 0, 0},
		{"/opt/microsoft/mdatp", NULL, NULL, NULL, 0, 0},
		{"/opt/microsoft/mdatpx/a", NULL, NULL, NULL, 0, 0},
		{"/home/a/opt/microsoft/mdatp/a", NULL, NULL, NULL, 0, 0},
		{NULL, "ssh", "sshd", NULL, 0, 0},
		{NULL, NULL, NULL, NULL, 0, 0},
	};
	struct known_products *table = NULL;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	if (known_products_load(TABLE, &table, &msg) != 0)
		fail_msg("%s", msg.text);
	assert_true(known_products_count(table) > 30);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum known_product_by by = KNOWN_PRODUCT_BY_N;
		const struct known_product *product =
			match(table, rows[i].executable, rows[i].service, rows[i].comm, &by);

		if (!rows[i].name) {
			assert_null(product);
			continue;
		}
		assert_non_null(product);
		assert_string_equal(product->name, rows[i].name);
		assert_int_equal(product->role, rows[i].role);
		assert_int_equal(by, rows[i].by);
	}
	known_products_free(table);
	assert_null(match(NULL, "/opt/microsoft/mdatp/x", NULL, NULL, NULL));
}

/* A folder beats a service, and that beats a name, in whatever row they are. */
static void strongest_clue(void **state)
{
	static const char text[] =
		HEAD ITEM("name", "watcher", "", "", "\"scand\"") "," ITEM("service", "watcher", "",
			"\"s\"", "") "," ITEM("folder", "antivirus", "\"/opt/f\"", "", "") "]}";
	struct known_products *table = NULL;
	enum known_product_by by;

	(void)state;
	assert_int_equal(known_products_parse(text, strlen(text), &table, NULL), 0);
	assert_int_equal(known_products_count(table), 3);
	assert_string_equal(match(table, "/opt/f/scand", "s", "scand", &by)->name, "folder");
	assert_string_equal(match(table, "/opt/g/scand", "s", "scand", &by)->name, "service");
	assert_string_equal(match(table, "/opt/g/scand", "t", NULL, &by)->name, "name");
	known_products_free(table);
}

/* What is no table is refused with the place and what was expected. */
static void refused(void **state)
{
	static const struct {
		const char *text;
		int r;
		const char *says;
	} rows[] = {
		{"", -EBADMSG, "line 1"},
		{"{\"formatVersion\":1,\n\"products\":[}", -EBADMSG, "line 2"},
		{"[]", -EINVAL, "object"},
		{"{\"products\":[]}", -EINVAL, "formatVersion"},
		{"{\"formatVersion\":2,\"products\":[]}", -EINVAL, "formatVersion"},
		{"{\"formatVersion\":1}", -EINVAL, "products"},
		{"{\"formatVersion\":1,\"products\":{}}", -EINVAL, "products"},
		{HEAD "7]}", -EINVAL, "products[0]: "},
		{HEAD "{\"name\":\"x\"}]}", -EINVAL, "products[0]: \"role\" is missing"},
		{HEAD ITEM("x", "antivirus", "", "", "") "," ITEM("y", "virus", "", "", "") "]}",
			-EINVAL, "products[1]: role: \"virus\" given; antivirus, control or"},
		{HEAD ITEM("x", "watcher", "\"opt\"", "", "") "]}", -EINVAL,
			"products[0]: paths: \"opt\" given; an absolute path"},
		{HEAD ITEM("x", "watcher", "\"/\"", "", "") "]}", -EINVAL, "paths: \"/\""},
		{HEAD ITEM("x", "watcher", "\"/opt/\"", "", "") "]}", -EINVAL, "paths: \"/opt/\""},
		{HEAD ITEM("x", "watcher", "", "3", "") "]}", -EINVAL, "services: a text"},
		{HEAD ITEM("x", "watcher", "", "", "\"\"") "]}", -EINVAL, "processes: a text"},
		{HEAD "{\"name\":\"x\",\"role\":\"watcher\",\"paths\":[],\"services\":[],"
		      "\"processes\":[],\"bpf\":0}]}",
			-EINVAL, "bpf"},
		{HEAD "{\"name\":\"x\",\"role\":\"watcher\",\"paths\":[],\"services\":[],"
		      "\"processes\":[],\"bpf\":true,\"worksFor\":7}]}",
			-EINVAL, "worksFor"},
		{HEAD "{\"nmae\":\"x\"}]}", -EINVAL, "nmae"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct known_products *table = NULL;
		struct errmsg msg = ERRMSG_NULL;
		int r = known_products_parse(rows[i].text, strlen(rows[i].text), &table, &msg);

		if (r != rows[i].r || !strstr(msg.text, rows[i].says))
			fail_msg("%s: %d, %s", rows[i].text, r, msg.text);
		assert_null(table);
	}
}

/* More products than a table takes. */
static void too_many(void **state)
{
	struct known_products *table = NULL;
	struct errmsg msg = ERRMSG_NULL;
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	assert_non_null(out);
	(void)fputs(HEAD, out);
	for (int i = 0; i <= KNOWN_PRODUCTS_MAX; i++)
		(void)fprintf(out, "%s%s", i ? "," : "", ITEM("x", "watcher", "", "", ""));
	(void)fputs("]}", out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(known_products_parse(text, n, &table, &msg), -EMSGSIZE);
	assert_non_null(strstr(msg.text, "more than 256"));
	assert_null(table);
	free(text);
}

/* A file that is not there, is none, or is too large: the message names it. */
static void files(void **state)
{
	struct known_products *table = NULL;
	struct errmsg msg = ERRMSG_NULL;
	struct scratch scratch;
	char path[SCRATCH_PATH_SIZE];
	char *large = calloc(1, KNOWN_PRODUCTS_TEXT_MAX + 1);

	(void)state;
	scratch_init(&scratch);
	(void)scratch_path(&scratch, "t.json", path);
	assert_int_equal(known_products_load(path, &table, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "t.json: "));
	assert_int_equal(known_products_load(scratch.path, &table, &msg), -EISDIR);
	scratch_write(&scratch, "t.json", "[]", 2);
	assert_int_equal(known_products_load(path, &table, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "t.json: "));
	scratch_write(&scratch, "t.json", large, KNOWN_PRODUCTS_TEXT_MAX + 1);
	assert_int_equal(known_products_load(path, &table, &msg), -EMSGSIZE);
	assert_null(table);
	free(large);
	scratch_deinit(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(installed),
		cmocka_unit_test(strongest_clue),
		cmocka_unit_test(refused),
		cmocka_unit_test(too_many),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
