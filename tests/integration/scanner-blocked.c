/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scan on a file system where another program decides: opens and reads that
 * it denies are "blocked", each name is told, and all else is scanned.
 */
#include "listener.h"
#include "samples.h"
#include "scannerproc.h"
#include "unit.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>

static char base[SAMPLES_PATH_SIZE];
static char point[SAMPLES_PATH_SIZE];
static char signatures[SAMPLES_PATH_SIZE];
static char temp_dir[SAMPLES_PATH_SIZE];

static void put(const char *name, const char *text)
{
	char path[SAMPLES_PATH_SIZE];

	samples_path(path, point, name);
	samples_write(path, text, strlen(text));
}

static void expect(
	const struct scannerproc *proc, const char *name, enum file_result result, enum reason why)
{
	char path[SAMPLES_PATH_SIZE];

	samples_path(path, point, name);
	scannerproc_expect(proc, path, result, why);
}

static void scan(struct scannerproc *proc)
{
	*proc = (struct scannerproc){
		.type = SCAN_TYPE_CUSTOM, .signatures = signatures, .temp_dir = temp_dir};
	scannerproc_add(proc, IPC_PATH_TARGET, point);
	scannerproc_run(proc);
	scannerproc_expect_sound(proc);
}

static size_t n_told(const struct scannerproc *proc)
{
	size_t n = 0;

	for (size_t i = 0; i < proc->n_notices; i++)
		n += proc->notices[i].kind == IPC_NOTICE_BLOCKED &&
		     strstr(proc->notices[i].path, "/deny") != NULL;
	return n;
}

/* All three forms of marks, opens and reads. */
static void denied(void **state)
{
	static const uint64_t masks[] = {FAN_OPEN_PERM, FAN_ACCESS_PERM};

	(void)state;
	for (int form = FANOTIFY_MARKS_INODE; form <= FANOTIFY_MARKS_FILESYSTEM; form++) {
		for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
			struct listener listener = {.form = (enum fanotify_marks_form)form,
				.mask = masks[i],
				.path = point};
			struct scannerproc proc;

			listener_start(&listener);
			scan(&proc);
			expect(&proc, "deny1", FILE_RESULT_BLOCKED, REASON_DENIED);
			expect(&proc, "deny2", FILE_RESULT_BLOCKED, REASON_DENIED);
			expect(&proc, "clean", FILE_RESULT_CLEAN, REASON_NONE);
			expect(&proc, "sick", FILE_RESULT_INFECTED, REASON_NONE);
			assert_int_equal(n_told(&proc), 2);
			scannerproc_close(&proc);
			listener_stop(&listener);
		}
	}
}

/* Without it, the same files are read. */
static void not_denied(void **state)
{
	struct listener mute = {.form = FANOTIFY_MARKS_MOUNT, .path = point, .is_mute = true};
	struct scannerproc proc;

	(void)state;
	listener_start(&mute);
	scan(&proc);
	expect(&proc, "deny1", FILE_RESULT_INFECTED, REASON_NONE);
	expect(&proc, "deny2", FILE_RESULT_CLEAN, REASON_NONE);
	assert_int_equal(n_told(&proc), 0);
	scannerproc_close(&proc);
	listener_stop(&mute);
}

static int setup(void **state)
{
	char eicar[SAMPLES_EICAR_BYTES + 1];

	(void)state;
	samples_eicar(eicar);
	samples_dir(base);
	samples_path(point, base, "mount");
	samples_path(signatures, base, "signatures");
	samples_path(temp_dir, base, "temp");
	samples_run("mkdir %s %s %s && chmod 0777 %s", point, signatures, temp_dir, temp_dir);
	samples_signatures(signatures);
	if (mount("test", point, "tmpfs", 0, "mode=0755") < 0)
		return -1;
	put("clean", "nothing");
	put("sick", eicar);
	put("deny1", eicar);
	put("deny2", "nothing");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)umount2(point, MNT_DETACH);
	samples_dir_remove(base);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(denied),
		cmocka_unit_test(not_denied),
	};
	int r = listener_prepare();

	return r ? r : cmocka_run_group_tests(tests, setup, teardown);
}
