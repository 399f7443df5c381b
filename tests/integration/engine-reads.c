/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rule 4: a file that could not be read whole is never clean. A zip with EICAR
 * as its last member lies on a file system of ours that fails below it, in each
 * way a file system can. libclamav calls all of these clean (clamscan: "OK").
 */
#include "engineproc.h"
#include "faultfs.h"
#include "samples.h"
#include "unit.h"
#include "zipfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READS_NOISE_BYTES = 1 << 20, READS_FAULT_AT = 1 << 19 };

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
	char zip[SAMPLES_PATH_SIZE];
	struct engineproc proc;
	struct engineproc_worker worker;
} reads;

static int reads_setup(void **state)
{
	unsigned char *noise = samples_noise(READS_NOISE_BYTES, 7);
	char eicar[SAMPLES_EICAR_BYTES + 1];
	struct zipfile *zip;

	(void)state;
	samples_dir(reads.dir);
	samples_dir(reads.signatures);
	samples_dir(reads.temp);
	samples_signatures(reads.signatures);
	samples_eicar(eicar);
	samples_path(reads.zip, reads.dir, "noise-and-eicar.zip");
	zip = zipfile_new(reads.zip);
	zipfile_add(zip, "noise", noise, READS_NOISE_BYTES, false);
	zipfile_add(zip, "eicar.txt", eicar, SAMPLES_EICAR_BYTES, true);
	zipfile_end(zip);
	free(noise);
	reads.proc = (struct engineproc){.signatures = reads.signatures, .temp_dir = reads.temp};
	engineproc_start_ready(&reads.proc);
	engineproc_fork(&reads.proc, 0, &reads.worker);
	return 0;
}

static int reads_teardown(void **state)
{
	(void)state;
	engineproc_join(&reads.proc, &reads.worker);
	engineproc_stop(&reads.proc);
	samples_dir_remove(reads.dir);
	samples_dir_remove(reads.signatures);
	samples_dir_remove(reads.temp);
	return 0;
}

static void reads_expect(struct faultfs fs, enum ipc_work_code code, unsigned error)
{
	for (int is_direct = 0; is_direct < 2; is_direct++) {
		const struct ipc_work_verdict *v;

		fs.is_direct = is_direct;
		if (faultfs_mount(&fs, reads.zip) < 0)
			skip();
		v = engineproc_scan(&reads.proc, &reads.worker, fs.file);
		if (v->code != code || v->error != error)
			print_error("direct %d: code %u error %u %.*s\n", is_direct, v->code,
				v->error, (int)v->text.n, (const char *)v->text.data);
		faultfs_unmount(&fs);
		assert_int_equal(v->code, code);
		assert_int_equal(v->error, error);
	}
}

/* Without a fault the same file on the same file system is infected. */
static void no_fault(void **state)
{
	(void)state;
	reads_expect((struct faultfs){.kind = FAULTFS_NONE}, IPC_WORK_INFECTED, 0);
}

/* A bad block. */
static void input_output_error(void **state)
{
	(void)state;
	reads_expect(
		(struct faultfs){.kind = FAULTFS_ERROR, .offset = READS_FAULT_AT, .error = EIO},
		IPC_WORK_READ_ERROR, EIO);
}

/* Another antivirus denies the read. */
static void denied(void **state)
{
	(void)state;
	reads_expect(
		(struct faultfs){.kind = FAULTFS_ERROR, .offset = READS_FAULT_AT, .error = EPERM},
		IPC_WORK_DENIED, EPERM);
}

/* Reads that end early, without an error. */
static void short_reads(void **state)
{
	(void)state;
	reads_expect((struct faultfs){.kind = FAULTFS_SHORT, .offset = READS_FAULT_AT},
		IPC_WORK_READ_ERROR, ENODATA);
}

/* The file is cut while it is read: its size now says that all is well. */
static void cut_while_scanned(void **state)
{
	(void)state;
	reads_expect((struct faultfs){.kind = FAULTFS_TRUNCATE, .offset = READS_FAULT_AT},
		IPC_WORK_READ_ERROR, ENODATA);
}

/* The first byte already. */
static void nothing_readable(void **state)
{
	(void)state;
	reads_expect((struct faultfs){.kind = FAULTFS_ERROR, .offset = 0, .error = EIO},
		IPC_WORK_READ_ERROR, EIO);
}

/* EICAR behind a hole that cannot be read: found is found. */
static void found_in_spite_of_a_fault(void **state)
{
	(void)state;
	reads_expect((struct faultfs){.kind = FAULTFS_ERROR,
			     .offset = READS_FAULT_AT,
			     .n_bytes = 1 << 16,
			     .error = EIO},
		IPC_WORK_INFECTED, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_fault),
		cmocka_unit_test(input_output_error),
		cmocka_unit_test(denied),
		cmocka_unit_test(short_reads),
		cmocka_unit_test(cut_while_scanned),
		cmocka_unit_test(nothing_readable),
		cmocka_unit_test(found_in_spite_of_a_fault),
	};

	return cmocka_run_group_tests(tests, reads_setup, reads_teardown);
}
