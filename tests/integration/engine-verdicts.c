/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine says about files: a real zygote, real workers in their
 * sandbox, real libclamav. One engine for the whole program, a worker a test.
 */
#include "engineproc.h"
#include "samples.h"
#include "unit.h"
#include "zipfile.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define VERDICTS_TESTFILES "/usr/share/clamav-testfiles"

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
	struct engineproc proc;
} verdicts;

static int verdicts_setup(void **state)
{
	(void)state;
	samples_dir(verdicts.dir);
	samples_dir(verdicts.signatures);
	samples_dir(verdicts.temp);
	samples_signatures(verdicts.signatures);
	verdicts.proc =
		(struct engineproc){.signatures = verdicts.signatures, .temp_dir = verdicts.temp};
	engineproc_start_ready(&verdicts.proc);
	return 0;
}

static int verdicts_teardown(void **state)
{
	(void)state;
	engineproc_stop(&verdicts.proc);
	samples_dir_remove(verdicts.dir);
	samples_dir_remove(verdicts.signatures);
	samples_dir_remove(verdicts.temp);
	return 0;
}

static const char *verdicts_path(const char *name)
{
	static char path[SAMPLES_PATH_SIZE];

	samples_path(path, verdicts.dir, name);
	return path;
}

static void verdicts_expect_infected(
	const struct ipc_work_verdict *v, const char *signature, const char *container)
{
	assert_int_equal(v->code, IPC_WORK_INFECTED);
	assert_true(span_equal(v->signature, span_str(signature)));
	if (!span_equal(v->container, span_str(container)))
		fail_msg("container path: \"%.*s\" instead of \"%s\"", (int)v->container.n,
			(const char *)v->container.data, container);
	assert_true(v->cpu_ns > 0);
}

/* A harmless file is clean, EICAR is infected, and no container is around it. */
static void clean_and_plain_eicar(void **state)
{
	struct engineproc_worker worker;
	const struct ipc_work_verdict *v;
	char eicar[SAMPLES_EICAR_BYTES + 1];

	(void)state;
	samples_eicar(eicar);
	samples_write(verdicts_path("eicar.com"), eicar, SAMPLES_EICAR_BYTES);
	samples_write(verdicts_path("text"), "nothing to see\n", 15);
	samples_write(verdicts_path("empty"), "", 0);
	engineproc_fork(&verdicts.proc, 0, &worker);
	v = engineproc_scan(&verdicts.proc, &worker, verdicts_path("text"));
	assert_int_equal(v->code, IPC_WORK_CLEAN);
	assert_int_equal(v->signature.n, 0);
	v = engineproc_scan(&verdicts.proc, &worker, verdicts_path("empty"));
	assert_int_equal(v->code, IPC_WORK_CLEAN);
	v = engineproc_scan(&verdicts.proc, &worker, verdicts_path("eicar.com"));
	verdicts_expect_infected(v, SAMPLES_EICAR_NAME, "");
	engineproc_join(&verdicts.proc, &worker);
}

/* The container path names what is around the member, and the member. */
static void nested_zips(void **state)
{
	struct engineproc_worker worker;
	struct zipfile *zip;
	char eicar[SAMPLES_EICAR_BYTES + 1];

	(void)state;
	samples_eicar(eicar);
	zip = zipfile_new(verdicts_path("inner.zip"));
	zipfile_add(zip, "readme.txt", "first", 5, true);
	zipfile_add(zip, "docs/eicar.txt", eicar, SAMPLES_EICAR_BYTES, true);
	zipfile_end(zip);
	zip = zipfile_new(verdicts_path("clean.zip"));
	zipfile_add(zip, "other.txt", "not this one", 12, false);
	zipfile_end(zip);
	zip = zipfile_new(verdicts_path("outer.zip"));
	zipfile_add_file(zip, "clean.zip", verdicts_path("clean.zip"), true);
	zipfile_add_file(zip, "inner.zip", verdicts_path("inner.zip"), true);
	zipfile_end(zip);
	engineproc_fork(&verdicts.proc, 0, &worker);
	verdicts_expect_infected(
		engineproc_scan(&verdicts.proc, &worker, verdicts_path("inner.zip")),
		SAMPLES_EICAR_NAME, "eicar.txt");
	verdicts_expect_infected(
		engineproc_scan(&verdicts.proc, &worker, verdicts_path("outer.zip")),
		SAMPLES_EICAR_NAME, "inner.zip/eicar.txt");
	assert_int_equal(engineproc_scan(&verdicts.proc, &worker, verdicts_path("clean.zip"))->code,
		IPC_WORK_CLEAN);
	engineproc_join(&verdicts.proc, &worker);
}

/* Names are bytes: a name that is no UTF-8 arrives as it is. */
static void name_of_any_bytes(void **state)
{
	struct engineproc_worker worker;
	struct zipfile *zip;
	char eicar[SAMPLES_EICAR_BYTES + 1];

	(void)state;
	samples_eicar(eicar);
	zip = zipfile_new(verdicts_path("bytes.zip"));
	zipfile_add(zip, "a\xff\x1b\nb", eicar, SAMPLES_EICAR_BYTES, false);
	zipfile_end(zip);
	engineproc_fork(&verdicts.proc, 0, &worker);
	verdicts_expect_infected(
		engineproc_scan(&verdicts.proc, &worker, verdicts_path("bytes.zip")),
		SAMPLES_EICAR_NAME, "a\xff\x1b\nb");
	engineproc_join(&verdicts.proc, &worker);
}

/* ClamAV's own test files, packers and archives of all kinds: each is found. */
static void all_clamav_testfiles(void **state)
{
	struct engineproc_worker worker;
	DIR *dir = opendir(VERDICTS_TESTFILES);
	struct dirent *entry;
	int n_found = 0;
	int n_files = 0;

	(void)state;
	assert_non_null(dir);
	engineproc_fork(&verdicts.proc, 0, &worker);
	while ((entry = readdir(dir))) {
		const struct ipc_work_verdict *v;
		char path[SAMPLES_PATH_SIZE];

		if (entry->d_name[0] == '.')
			continue;
		samples_path(path, VERDICTS_TESTFILES, entry->d_name);
		v = engineproc_scan(&verdicts.proc, &worker, path);
		n_files++;
		n_found += v->code == IPC_WORK_INFECTED &&
			   span_equal(v->signature, span_str(SAMPLES_CLAM_NAME));
		if (v->code != IPC_WORK_INFECTED)
			print_error("%s: code %u, %.*s\n", entry->d_name, v->code, (int)v->text.n,
				(const char *)v->text.data);
	}
	(void)closedir(dir);
	print_message("clamav-testfiles: %d of %d\n", n_found, n_files);
	assert_int_equal(n_files, 44);
	assert_int_equal(n_found, n_files);
	engineproc_join(&verdicts.proc, &worker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_and_plain_eicar),
		cmocka_unit_test(nested_zips),
		cmocka_unit_test(name_of_any_bytes),
		cmocka_unit_test(all_clamav_testfiles),
	};

	return cmocka_run_group_tests(tests, verdicts_setup, verdicts_teardown);
}
