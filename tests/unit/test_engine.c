/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules about libclamav that can be shown in one process, each with the
 * behaviour of libclamav that makes the rule necessary (the "control"), so that
 * a release that behaves otherwise is noticed. The program replaces
 * gettimeofday(), which is the clock libclamav's time limit reads.
 */
#include "engine.h"
#include "samples.h"
#include "unit.h"
#include "zipfile.h"

#include <clamav.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { TEST_ENGINE_BIG_BYTES = 24 * 1024 * 1024 };

/* Two blocks with one MD5 (X. Wang, D. Feng, X. Lai, H. Yu, IACR 2004/199). */
#define TEST_ENGINE_MD5_A                                                                          \
	"d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89"                         \
	"55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b"                         \
	"d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0"                         \
	"e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70"
#define TEST_ENGINE_MD5_B                                                                          \
	"d131dd02c5e6eec4693d9a0698aff95c2fcab50712467eab4004583eb8fb7f89"                         \
	"55ad340609f4b30283e4888325f1415a085125e8f7cdc99fd91dbd7280373c5b"                         \
	"d8823e3156348f5bae6dacd436c919c6dd53e23487da03fd02396306d248cda0"                         \
	"e99f33420f577ee8ce54b67080280d1ec69821bcb6a8839396f965ab6ff72a70"
/* SHA-256 of the second one. */
#define TEST_ENGINE_HSB "b9fef2a8fc93b05e7701e97196fda6c4fbeea25ff8e64fdfee7015eca8fa617d"

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
	long clock_step_s; /* Added to what gettimeofday() says, at each call. */
	long clock_ahead_s;
	struct engine_verdict verdict;
} test;

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	test.clock_ahead_s += test.clock_step_s;
	tv->tv_sec = ts.tv_sec + test.clock_ahead_s;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

static int test_setup(void **state)
{
	(void)state;
	memset(&test, 0, sizeof(test));
	samples_dir(test.dir);
	samples_dir(test.signatures);
	samples_dir(test.temp);
	samples_signatures(test.signatures);
	return 0;
}

static int test_teardown(void **state)
{
	(void)state;
	samples_dir_remove(test.dir);
	samples_dir_remove(test.signatures);
	samples_dir_remove(test.temp);
	return 0;
}

static struct engine_config test_config(void)
{
	return (struct engine_config){.signatures = test.signatures,
		.temp_dir = test.temp,
		.max_file_size = 100 << 20,
		.max_scan_size = 400 << 20,
		.max_recursion = 17,
		.max_files = 10000};
}

static struct engine *test_load(void)
{
	struct engine_config config = test_config();
	struct errmsg msg = ERRMSG_NULL;
	struct engine *engine = NULL;
	int r = engine_load(&config, &engine, &msg);

	if (r != 0)
		print_error("%s\n", msg.text);
	assert_int_equal(r, 0);
	return engine;
}

static const char *test_path(const char *name)
{
	static char path[SAMPLES_PATH_SIZE];

	samples_path(path, test.dir, name);
	return path;
}

static enum ipc_work_code test_scan(struct engine *engine, const char *name)
{
	int fd = samples_open(test_path(name));
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	engine_scan(engine, fd, (uint64_t)st.st_size, &test.verdict);
	if (test.verdict.code == IPC_WORK_INFECTED)
		engine_find_container(engine, fd, &test.verdict);
	(void)close(fd);
	return test.verdict.code;
}

/* 24 MB of deflated noise and EICAR as last member; of today, so that mtime is not 0. */
static void test_make_big_zip(const char *name)
{
	unsigned char *noise = samples_noise(TEST_ENGINE_BIG_BYTES, 1);
	struct zipfile *zip = zipfile_new(test_path(name));
	char eicar[SAMPLES_EICAR_BYTES + 1];

	samples_eicar(eicar);
	zipfile_add(zip, "noise", noise, TEST_ENGINE_BIG_BYTES, true);
	zipfile_add(zip, "last.txt", eicar, SAMPLES_EICAR_BYTES, true);
	zipfile_end(zip);
	free(noise);
}

/* What clamscan does with its defaults: a limit of two minutes, a cache. */
static struct cl_engine *control_load(void)
{
	struct cl_engine *cl = cl_engine_new();
	unsigned int n = 0;

	assert_int_equal(cl_load(test.signatures, cl, &n, CL_DB_STDOPT), CL_SUCCESS);
	assert_int_equal(cl_engine_compile(cl), CL_SUCCESS);
	return cl;
}

static cl_error_t control_scan_with(struct cl_engine *cl, const char *name)
{
	struct cl_scan_options options = {
		.general = CL_SCAN_GENERAL_HEURISTICS, .parse = CL_SCAN_PARSE_ARCHIVE};
	unsigned long n_scanned = 0;
	const char *virus = NULL;
	int fd = samples_open(test_path(name));
	cl_error_t r = cl_scandesc_callback(fd, NULL, &virus, &n_scanned, cl, &options, NULL);

	(void)close(fd);
	return r;
}

static cl_error_t control_scan(const char *name)
{
	struct cl_engine *cl = control_load();
	cl_error_t r = control_scan_with(cl, name);

	(void)cl_engine_free(cl);
	return r;
}

static cl_error_t control_scan_two(const char *first, const char *second)
{
	struct cl_engine *cl = control_load();
	cl_error_t r;

	(void)control_scan_with(cl, first);
	r = control_scan_with(cl, second);
	(void)cl_engine_free(cl);
	return r;
}

/* Rules 1, 5, 7: read back from libclamav. */
static void settings_in_force(void **state)
{
	struct engine *engine = test_load();
	struct engine_settings settings;

	(void)state;
	engine_settings_read(engine, &settings);
	assert_int_equal(settings.max_scan_time_ms, 0);
	assert_true(settings.bytecode_timeout_ms > UINT64_C(86400) * 1000);
	assert_true(settings.is_cache_off);
	assert_false(settings.has_unsigned_bytecode);
	engine_free(engine);
}

/* Rule 1: an hour between any two looks at the clock changes nothing. */
static void time_does_not_matter(void **state)
{
	struct engine *engine;

	(void)state;
	test_make_big_zip("big.zip");
	engine = test_load();
	test.clock_step_s = 3600;
	assert_int_equal(test_scan(engine, "big.zip"), IPC_WORK_INFECTED);
	/* The control: the same with libclamav's default limit loses the detection. */
	assert_int_equal(control_scan("big.zip"), CL_CLEAN);
	test.clock_step_s = 0;
	assert_int_equal(control_scan("big.zip"), CL_VIRUS);
	engine_free(engine);
}

/* Rule 2: a large deflated zip of today, which cl_fmap_open_handle() calls clean. */
static void big_zip_of_today(void **state)
{
	struct engine *engine = test_load();

	(void)state;
	test_make_big_zip("big.zip");
	assert_int_equal(test_scan(engine, "big.zip"), IPC_WORK_INFECTED);
	assert_int_equal(test.verdict.n_container, strlen("last.txt"));
	engine_free(engine);
}

static void test_write_hex(const char *name, const char *hex)
{
	unsigned char bytes[128];

	for (size_t i = 0; i < sizeof(bytes); i++) {
		unsigned value;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
		bytes[i] = (unsigned char)value;
	}
	samples_write(test_path(name), bytes, sizeof(bytes));
}

/*
 * Rule 5: two files with one MD5, the second of which is malware. A clean cache
 * keyed by MD5 says clean for it once the first was scanned.
 */
static void same_md5_is_no_alibi(void **state)
{
	struct engine *engine;
	char path[SAMPLES_PATH_SIZE];
	static const char line[] = TEST_ENGINE_HSB ":128:Second-Of-Two\n";

	(void)state;
	test_write_hex("first", TEST_ENGINE_MD5_A);
	test_write_hex("second", TEST_ENGINE_MD5_B);
	samples_path(path, test.signatures, "two.hsb");
	samples_write(path, line, sizeof(line) - 1);
	engine = test_load();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(test_scan(engine, "first"), IPC_WORK_CLEAN);
		assert_int_equal(test_scan(engine, "second"), IPC_WORK_INFECTED);
	}
	engine_free(engine);
	/* The control: with libclamav's cache the second one passes. */
	assert_int_equal(control_scan_two("first", "second"), CL_CLEAN);
}

/* Rule 7: unsigned bytecode is not even read; with it allowed, this file would not load. */
static void unsigned_bytecode_is_left_out(void **state)
{
	static const char text[] = "ClamBC no such bytecode\n";
	char path[SAMPLES_PATH_SIZE];
	struct engine_info before, after;
	struct engine *engine = test_load();
	struct cl_engine *cl = cl_engine_new();
	unsigned int n = 0;

	(void)state;
	engine_describe(engine, &before);
	engine_free(engine);
	samples_path(path, test.signatures, "unsigned.cbc");
	samples_write(path, text, sizeof(text) - 1);
	engine = test_load();
	engine_describe(engine, &after);
	assert_int_equal(before.n_signatures, 2);
	assert_int_equal(after.n_signatures, before.n_signatures);
	engine_free(engine);
	assert_int_not_equal(
		cl_load(test.signatures, cl, &n, CL_DB_STDOPT | CL_DB_BYTECODE_UNSIGNED),
		CL_SUCCESS);
	(void)cl_engine_free(cl);
}

/* Sets of ClamAV's have a header: name, version, time. sigtool makes one. */
static void version_of_a_set(void **state)
{
	char command[3 * SAMPLES_PATH_SIZE];
	struct engine_info info;
	struct engine *engine;

	(void)state;
#ifdef QUIETSCAN_ASAN
	skip(); /* libclamav 1.4.6 leaks a kilobyte of OpenSSL's with each container it loads. */
#endif
	(void)snprintf(command, sizeof(command),
		"cd %s && cp %s/test.hdb daily.hdb && echo x > COPYING && echo me |"
		" sigtool --build=daily.cud --unsigned --cvd-version=27 >/dev/null 2>&1 &&"
		" mv daily.cud %s && rm %s/test.hdb",
		test.dir, test.signatures, test.signatures, test.signatures);
	if (system(command) != 0) /* NOLINT(cert-env33-c): paths of our own making */
		skip();
	engine = test_load();
	engine_describe(engine, &info);
	assert_int_equal(info.n_signatures, 2);
	assert_memory_equal(info.set_version, "daily 27 ", 9);
	assert_true(info.set_time_unix_ms > INT64_C(1700000000000));
	assert_true(strlen(info.version) > 0);
	engine_free(engine);
}

static void test_load_fails(const char *name, const char *text, const char *expected)
{
	struct engine_config config = test_config();
	struct errmsg msg = ERRMSG_NULL;
	struct engine *engine = NULL;
	char path[SAMPLES_PATH_SIZE];

	samples_path(path, test.signatures, name);
	samples_write(path, text, strlen(text));
	assert_int_equal(engine_load(&config, &engine, &msg), ENGINE_E_SIGNATURES);
	assert_null(engine);
	if (!strstr(msg.text, expected))
		fail_msg("\"%s\" does not name \"%s\"", msg.text, expected);
	assert_int_equal(unlink(path), 0);
}

/* Rule 7: a broken database is an error that names the file. */
static void broken_database(void **state)
{
	(void)state;
	test_load_fails("broken.ndb", "what:is;this\n", "broken.ndb");
	test_load_fails("broken.hdb", "abc\n", "broken.hdb");
	test_load_fails("main.cvd", "ClamAV-VDB:short\n", "main.cvd");
}

/* An empty directory and one that is not there. */
static void no_database(void **state)
{
	struct engine_config config = test_config();
	struct errmsg msg = ERRMSG_NULL;
	struct engine *engine = NULL;

	(void)state;
	config.signatures = test.dir;
	assert_int_equal(engine_load(&config, &engine, &msg), ENGINE_E_SIGNATURES);
	assert_non_null(strstr(msg.text, "no signature database in"));
	config.signatures = "/nonexistent-directory";
	assert_int_equal(engine_load(&config, &engine, &msg), ENGINE_E_SIGNATURES);
	assert_non_null(strstr(msg.text, "/nonexistent-directory"));
	assert_null(engine);
}

/*
 * Rule 4: the temporary directory of a scan cannot be made. libclamav 1.4 then
 * says clean without having looked; the guard saw mkdir fail.
 */
static void no_temporary_directory(void **state)
{
	struct engine *engine = test_load();
	char eicar[SAMPLES_EICAR_BYTES + 1];

	(void)state;
	samples_eicar(eicar);
	samples_write(test_path("eicar"), eicar, SAMPLES_EICAR_BYTES);
	assert_int_equal(engine_set_temp_dir(engine, "/nonexistent-directory"), 0);
	assert_int_equal(test_scan(engine, "eicar"), IPC_WORK_ENGINE_ERROR);
	assert_int_equal(test.verdict.error, ENOENT);
	assert_non_null(strstr(test.verdict.text, "mkdir"));
	assert_int_equal(engine_set_temp_dir(engine, test.temp), 0);
	assert_int_equal(test_scan(engine, "eicar"), IPC_WORK_INFECTED);
	engine_free(engine);
}

/* Some file systems tell 0 of files that are full: what lies behind was not looked at. */
static void more_than_its_size(void **state)
{
	static const char text[] = "a harmless line of text\n";
	struct engine *engine = test_load();
	int fd;

	(void)state;
	samples_write(test_path("text"), text, sizeof(text) - 1);
	fd = samples_open(test_path("text"));
	for (uint64_t size = 0; size < sizeof(text); size++) {
		bool is_whole = size == sizeof(text) - 1;

		engine_scan(engine, fd, size, &test.verdict);
		assert_int_equal(
			test.verdict.code, is_whole ? IPC_WORK_CLEAN : IPC_WORK_READ_ERROR);
		assert_int_equal(test.verdict.error, is_whole ? 0 : EOVERFLOW);
	}
	(void)close(fd);
	engine_free(engine);
}

/* The first scan of our own bytes works, and says so when it does not. */
static void warm_up(void **state)
{
	struct engine *engine = test_load();
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	assert_int_equal(engine_warm_up(engine, &msg), 0);
	assert_int_equal(engine_set_temp_dir(engine, "/nonexistent-directory"), 0);
	assert_int_equal(engine_warm_up(engine, &msg), -EIO);
	assert_non_null(strstr(msg.text, "mkdir"));
	engine_free(engine);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(settings_in_force),
		TEST(time_does_not_matter),
		TEST(big_zip_of_today),
		TEST(same_md5_is_no_alibi),
		TEST(unsigned_bytecode_is_left_out),
		TEST(version_of_a_set),
		TEST(broken_database),
		TEST(no_database),
		TEST(no_temporary_directory),
		TEST(more_than_its_size),
		TEST(warm_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
