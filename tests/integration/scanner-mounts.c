/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quick, full and custom scans over a machine of their own: a scanner in a
 * root directory on a loop-mounted image, with bind mounts, other file
 * systems and a FUSE mount that must not be touched. Needs root; skipped
 * elsewhere.
 */
#include "faultfs.h"
#include "runner.h"
#include "samples.h"
#include "scannerproc.h"
#include "unit.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char mounts_top[SAMPLES_PATH_SIZE];
static char mounts_root[SAMPLES_PATH_SIZE];

/* A small machine: an ext4 image with every kind of file, and mounts on it. */
static int mounts_setup(void **state)
{
	(void)state;
	samples_dir(mounts_top);
	samples_path(mounts_root, mounts_top, "root");
	/* Of our own, so that nothing is left mounted when this test dies. */
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	samples_run("set -e; cd '%s'; truncate -s 256M image; mkfs.ext4 -q image; mkdir root; "
		    "mount -o loop image root",
		mounts_top);
	scannerproc_make_root(mounts_root);
	samples_run("set -e; cd '%s'; umask 022; mkdir -p proc dev tmp var/tmp home/user mnt "
		    "data/inner; "
		    "mkdir mnt/bind mnt/tmpfs mnt/fuse mnt/again mnt/up; "
		    "echo 'user:x:1000:1000::/home/user:/bin/sh' >>etc/passwd; "
		    "echo VIRUS >data/inner/sick; echo x >data/file; echo x >data/inner/other; "
		    "ln data/file data/inner/link; mkfifo data/fifo; mknod data/null c 1 3; "
		    "ln -s /data/file data/symlink; "
		    "printf x >\"$(printf 'data/any\\nbyte \\377')\"; "
		    "truncate -s 1T data/sparse; echo x >data/secret; chmod 0 data/secret; "
		    "mkdir -p data/a/b/c/d; echo x >data/a/b/c/d/deep",
		mounts_root);
	samples_run(
		"set -e; cd '%s'; mount -t proc proc proc; mount -t tmpfs tmpfs mnt/tmpfs; "
		"echo x >mnt/tmpfs/file; mkdir mnt/tmpfs/sub; mount -t tmpfs tmpfs mnt/tmpfs/sub; "
		"echo x >mnt/tmpfs/sub/file; mount --bind data mnt/bind; "
		"mount --bind mnt/tmpfs mnt/again; mount --bind . mnt/up; "
		"mount -t tmpfs tmpfs dev; mkdir dev/shm; mount -t tmpfs shm dev/shm; "
		"echo x >dev/shm/file; touch mnt/single; echo x >mnt/plain; mount --bind data/file "
		"mnt/single",
		mounts_root);
	return 0;
}

static int mounts_teardown(void **state)
{
	char command[SAMPLES_PATH_SIZE + 64];

	(void)state;
	(void)snprintf(command, sizeof(command), "umount -R -l '%s' 2>/dev/null", mounts_root);
	(void)!system(command);
	samples_dir_remove(mounts_top);
	return 0;
}

static void expect(const struct scannerproc *proc, const char *path, enum file_result result,
	enum reason reason)
{
	scannerproc_expect(proc, path, result, reason);
}

static void expect_absent(const struct scannerproc *proc, const char *path)
{
	if (scannerproc_line(proc, path))
		fail_msg("%s is in the report", path);
}

/* Full: every file system once, from its best mount; pseudo ones never. */
static void full(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_FULL, .root = mounts_root};
	char options[2048];

	(void)state;
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	(void)snprintf(options, sizeof(options),
		"'%s/mnt/up/mnt/single' \\( -path '%s/proc' -o -path '%s/mnt/bind' -o -path "
		"'%s/mnt/again' -o -path "
		"'%s/mnt/up' -o -path '%s/mnt/single' \\) -prune -o",
		mounts_root, mounts_root, mounts_root, mounts_root, mounts_root, mounts_root);
	scannerproc_expect_find(&proc, mounts_root, options);
	expect(&proc, "/proc", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	expect(&proc, "/mnt/bind", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	expect(&proc, "/mnt/again", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	expect(&proc, "/mnt/up", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	expect(&proc, "/mnt/single", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	expect(&proc, "/mnt/tmpfs/sub/file", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/dev/shm/file", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/data/inner/sick", FILE_RESULT_INFECTED, REASON_NONE);
	assert_true(proc.progress.n_files_total_hint > 0);
	assert_true(proc.progress.n_bytes_total_hint > 0);
	scannerproc_close(&proc);
}

/* Custom: the given places and the mounts below, overlaps once. */
static void custom(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .root = mounts_root};
	char options[2048];

	(void)state;
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data/inner");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data//./a/../");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data/inner/sick");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt/tmpfs");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt/again");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	(void)snprintf(options, sizeof(options), "'%s/mnt/tmpfs'", mounts_root);
	(void)snprintf(options + strlen(options), sizeof(options) - strlen(options),
		" -path '%s/mnt/again/sub' -prune -o", mounts_root);
	{
		char data[SAMPLES_PATH_SIZE];

		samples_path(data, mounts_root, "data");
		scannerproc_expect_find(&proc, data, options);
	}
	scannerproc_close(&proc);
}

/* A bind mount of an ancestor: what it shows was scanned under its own name. */
static void bind_of_an_ancestor(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .root = mounts_root};

	(void)state;
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	/* /mnt/up shows the whole image; its /mnt is the target and turns back. */
	expect(&proc, "/mnt/up/etc/passwd", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/mnt/plain", FILE_RESULT_CLEAN, REASON_NONE);
	expect_absent(&proc, "/mnt/up/mnt/plain");
	/* But for what is there under another mount: nothing else shows that. */
	expect(&proc, "/mnt/single", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/mnt/up/mnt/single", FILE_RESULT_CLEAN, REASON_NONE);
	/* data is seen once, by whichever mount came first. */
	assert_true(!scannerproc_line(&proc, "/mnt/bind/inner/sick") !=
		    !scannerproc_line(&proc, "/mnt/up/data/inner/sick"));
	scannerproc_close(&proc);
}

/*
 * Something is mounted in a bind mount of what is scanned under another name: no
 * walk comes to it, whether the place was asked for, was met or is turned back at.
 */
static void below_a_bind_mount(void **state)
{
	static const char *const targets[][2] = {
		{"/data", "/mnt/bind"},
		{"/data", "/mnt/bind/a"},
		{"/data", "/mnt"},
		{"/mnt/bind", "/mnt/bind/a"},
	};

	(void)state;
	samples_run(
		"set -e; cd '%s/mnt'; mount -t tmpfs tmpfs bind/a/b; echo VIRUS >bind/a/b/sick; "
		"mount -t tmpfs tmpfs up/data/inner; mkdir up/data/inner/sub; "
		"mount --bind ../data/a up/data/inner/sub; "
		"mount -t tmpfs tmpfs up/data/inner/sub/b; echo VIRUS >up/data/inner/sub/b/sick",
		mounts_root);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .root = mounts_root};

		scannerproc_add(&proc, IPC_PATH_TARGET, targets[i][0]);
		scannerproc_add(&proc, IPC_PATH_TARGET, targets[i][1]);
		scannerproc_run(&proc);
		scannerproc_expect_sound(&proc);
		expect(&proc, "/mnt/bind/a/b/sick", FILE_RESULT_INFECTED, REASON_NONE);
		if (i == 2)
			expect(&proc, "/mnt/up/data/inner/sub/b/sick", FILE_RESULT_INFECTED,
				REASON_NONE);
		scannerproc_close(&proc);
	}
	samples_run("cd '%s/mnt'; umount bind/a/b; umount -R up/data/inner", mounts_root);
}

/*
 * A mount hides a directory, and a bind mount shows it: that is scanned there, whatever
 * was asked for, though all around it was scanned under another name.
 */
static void hidden_by_a_mount(void **state)
{
	static const char *const targets[][2] = {
		{"/data", "/mnt/bind"}, {"/data", "/mnt/bind/inner"},
		{"/data", "/mnt/bind/inner/sick"}, {"/data", "/mnt"}, {"/mnt/bind/inner", "/data"},
		{NULL, NULL}, /* a full scan */
	};

	(void)state;
	samples_run("mount -t tmpfs tmpfs '%s/data/inner'", mounts_root);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct scannerproc proc = {
			.type = targets[i][0] ? SCAN_TYPE_CUSTOM : SCAN_TYPE_FULL,
			.root = mounts_root};
		unsigned n = 0;

		for (size_t k = 0; targets[i][0] && k < 2; k++)
			scannerproc_add(&proc, IPC_PATH_TARGET, targets[i][k]);
		scannerproc_run(&proc);
		scannerproc_expect_sound(&proc);
		n += scannerproc_line(&proc, "/mnt/bind/inner/sick") != NULL;
		n += scannerproc_line(&proc, "/mnt/up/data/inner/sick") != NULL;
		assert_int_equal(n, 1);
		assert_int_equal(proc.n_detections, 1);
		expect_absent(&proc, "/mnt/bind/file");
		scannerproc_close(&proc);
	}
	samples_run("umount '%s/data/inner'", mounts_root);
}

/*
 * Where hidden directories would be shown, links lead back to what was scanned: they
 * are not followed round and round.
 */
static void link_for_a_hidden_one(void **state)
{
	static const char *const targets[][2] = {
		{"/data", "/mnt/bind"}, {"/data", "/mnt"}, {NULL, NULL}, /* a full scan */
	};

	(void)state;
	samples_run("set -e; cd '%s'; mkdir data/a/c; mount -t tmpfs tmpfs data/a/b; "
		    "mount -t tmpfs tmpfs data/a/c; mount -t tmpfs tmpfs mnt/bind/a; "
		    "ln -s /mnt/bind mnt/bind/a/b; ln -s /mnt/bind mnt/bind/a/c; "
		    "echo VIRUS >mnt/bind/a/sick",
		mounts_root);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct scannerproc proc = {
			.type = targets[i][0] ? SCAN_TYPE_CUSTOM : SCAN_TYPE_FULL,
			.root = mounts_root};

		for (size_t k = 0; targets[i][0] && k < 2; k++)
			scannerproc_add(&proc, IPC_PATH_TARGET, targets[i][k]);
		scannerproc_run(&proc);
		scannerproc_expect_sound(&proc);
		expect(&proc, "/mnt/bind/a/sick", FILE_RESULT_INFECTED, REASON_NONE);
		scannerproc_close(&proc);
	}
	samples_run("cd '%s'; umount mnt/bind/a data/a/b data/a/c; rmdir data/a/c", mounts_root);
}

/* Where mounts are piled up, and another one covers their directory, that one's is walked. */
static void above_a_pile(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .root = mounts_root};

	(void)state;
	samples_run("set -e; cd '%s'; mkdir -p mnt/cover/b; echo VIRUS >mnt/cover/b/sick; "
		    "mount -t tmpfs tmpfs data/a/b; mount -t tmpfs tmpfs data/a/b; "
		    "mount --bind mnt/cover data/a",
		mounts_root);
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	expect(&proc, "/data/a/b/sick", FILE_RESULT_INFECTED, REASON_NONE);
	scannerproc_close(&proc);
	samples_run("cd '%s'; umount data/a data/a/b data/a/b; rm -r mnt/cover", mounts_root);
}

/* Quick: the quick targets and nothing else. */
static void quick(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_QUICK, .root = mounts_root};

	(void)state;
	samples_run(
		"set -e; cd '%s'; mkdir -p home/user/.ssh etc/cron.d etc/systemd/system "
		"home/user/Downloads home/user/.config home/user/Geladen usr/local/bin "
		"root/.config "
		"etc/rc.d lib/x86/security usr/lib/udev; "
		"echo x >tmp/file; echo x >home/user/.ssh/authorized_keys; echo x >etc/cron.d/job; "
		"echo x >etc/systemd/system/a.service; echo x >home/user/Downloads/got; "
		"echo 'XDG_DOWNLOAD_DIR=\"$HOME/Geladen\"' >home/user/.config/user-dirs.dirs; "
		"echo VIRUS >home/user/Geladen/got; echo x >home/user/document; "
		"echo x >usr/local/bin/new; echo x >usr/local/bin/old; "
		"echo x >root/.bashrc; echo x >etc/rc.d/rc.local; ln -s rc.d/rc.local "
		"etc/rc.local; "
		"echo x >lib/x86/security/pam_x.so; echo x >usr/lib/udev/helper; mkfifo tmp/fifo",
		mounts_root);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	expect(&proc, "/tmp/file", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/tmp/fifo", FILE_RESULT_SKIPPED, REASON_SPECIAL);
	expect(&proc, "/dev/shm/file", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/home/user/.ssh/authorized_keys", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/etc/cron.d/job", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/etc/systemd/system/a.service", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/home/user/Downloads/got", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/home/user/Geladen/got", FILE_RESULT_INFECTED, REASON_NONE);
	expect(&proc, "/usr/local/bin/new", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/root/.bashrc", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/etc/rc.d/rc.local", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/lib/x86/security/pam_x.so", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/usr/lib/udev/helper", FILE_RESULT_CLEAN, REASON_NONE);
	expect_absent(&proc, "/home/user/document");
	expect_absent(&proc, "/data/inner/sick");
	expect_absent(&proc, "/etc/passwd");
	/* This very process runs from another root: seen through /proc. */
	assert_true(proc.progress.n_found > 20);
	scannerproc_close(&proc);
}

/* A process whose executable is deleted, and one that runs from memory. */
static void hidden_processes(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_QUICK, .root = mounts_root};
	char path[SAMPLES_PATH_SIZE + 32];
	char expected[SAMPLES_PATH_SIZE + 64];
	pid_t pids[2];
	int source;
	int memory;
	int ready[2];
	char buffer[65536];
	ssize_t n;

	(void)state;
	source = open("/bin/sleep", O_RDONLY | O_CLOEXEC);
	memory = memfd_create("hidden", MFD_CLOEXEC);
	assert_true(source >= 0 && memory >= 0);
	while ((n = read(source, buffer, sizeof(buffer))) > 0)
		assert_int_equal(write(memory, buffer, (size_t)n), n);
	(void)close(source);
	(void)snprintf(path, sizeof(path), "%s/tmp/gone", mounts_root);
	samples_run("cp /bin/sleep '%s'", path);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			char *const argv[] = {
				(char *)(uintptr_t) "sleep", (char *)(uintptr_t) "1000", NULL};
			char *const environment[] = {NULL};

			if (i == 0)
				(void)execve(path, argv, environment);
			(void)fexecve(memory, argv, environment);
			_exit(127);
		}
	}
	/* The pipe is CLOEXEC: its end says that both have executed. */
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], buffer, 1), 0);
	(void)close(ready[0]);
	assert_int_equal(unlink(path), 0);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	(void)snprintf(expected, sizeof(expected), "/tmp/gone (deleted) (pid %d)", (int)pids[0]);
	expect(&proc, expected, FILE_RESULT_CLEAN, REASON_NONE);
	(void)snprintf(
		expected, sizeof(expected), "/memfd:hidden (deleted) (pid %d)", (int)pids[1]);
	expect(&proc, expected, FILE_RESULT_CLEAN, REASON_NONE);
	for (int i = 0; i < 2; i++) {
		(void)kill(pids[i], SIGKILL);
		(void)waitpid(pids[i], NULL, 0);
	}
	(void)close(memory);
	scannerproc_close(&proc);
}

/* A process that has ended its own first thread: its deleted executable and its library. */
static void first_thread_ended(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_QUICK, .root = mounts_root};
	struct runner runner = {.pid = 0};
	char path[SAMPLES_PATH_SIZE];
	char library[SAMPLES_PATH_SIZE];
	char expected[SAMPLES_PATH_SIZE + 64];

	(void)state;
	samples_path(path, mounts_root, "home/leaderless");
	samples_path(library, mounts_root, "home/library");
	samples_write(library, "VIRUS", 5);
	runner_copy(LEADERLESS, path, 0);
	assert_int_equal(setenv("LEADERLESS_MAP", library, 1), 0);
	runner_start(&runner, path);
	runner_await_leaderless(&runner);
	assert_int_equal(unlink(path), 0);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	(void)snprintf(
		expected, sizeof(expected), "/home/leaderless (deleted) (pid %d)", (int)runner.pid);
	expect(&proc, expected, FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/home/library", FILE_RESULT_INFECTED, REASON_NONE);
	runner_end(&runner);
	assert_int_equal(unlink(library), 0);
	scannerproc_close(&proc);
}

/* A hung FUSE mount is not touched by a full scan; a custom scan reads one. */
static void fuse(void **state)
{
	struct faultfs fs = {.kind = FAULTFS_NONE};
	struct scannerproc proc = {.type = SCAN_TYPE_FULL, .root = mounts_root};
	char backing[SAMPLES_PATH_SIZE];
	char point[SAMPLES_PATH_SIZE];

	(void)state;
	samples_path(backing, mounts_top, "backing");
	samples_write(backing, "VIRUS", 5);
	if (faultfs_mount(&fs, backing) < 0)
		skip();
	samples_path(point, mounts_root, "mnt/fuse");
	assert_int_equal(mount(fs.mountpoint, point, NULL, MS_BIND, NULL), 0);
	/* Stopped, it answers nobody: whoever touches it hangs. */
	assert_int_equal(kill(fs.pid, SIGSTOP), 0);
	scannerproc_run(&proc);
	assert_int_equal(kill(fs.pid, SIGCONT), 0);
	scannerproc_expect_sound(&proc);
	expect(&proc, "/mnt/fuse", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	scannerproc_close(&proc);

	proc = (struct scannerproc){.type = SCAN_TYPE_CUSTOM, .root = mounts_root};
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt/fuse");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	expect(&proc, "/mnt/fuse/file", FILE_RESULT_INFECTED, REASON_NONE);
	scannerproc_close(&proc);
	assert_int_equal(umount2(point, MNT_DETACH), 0);
	faultfs_unmount(&fs);
}

/* What may hang is scanned after everything else, each superblock in a pass of its own. */
static void apart(void **state)
{
	struct faultfs fs = {.kind = FAULTFS_NONE};
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .root = mounts_root};
	char backing[SAMPLES_PATH_SIZE];
	char point[SAMPLES_PATH_SIZE];

	(void)state;
	samples_path(backing, mounts_top, "backing");
	samples_write(backing, "VIRUS", 5);
	if (faultfs_mount(&fs, backing) < 0)
		skip();
	samples_path(point, mounts_root, "mnt/fuse");
	assert_int_equal(mount(fs.mountpoint, point, NULL, MS_BIND, NULL), 0);
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt/fuse/file");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt/fuse/file");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt/fuse/nothing");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data/inner");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_string_equal(proc.passes, "+/mnt/fuse =/mnt/fuse ");
	expect(&proc, "/mnt/fuse/file", FILE_RESULT_INFECTED, REASON_NONE);
	expect(&proc, "/mnt/fuse/nothing", FILE_RESULT_CHANGED, REASON_VANISHED);
	assert_int_equal(proc.n_lines, 5);
	scannerproc_close(&proc);

	/* Met by a walk: all of it. A local mount that hung before: the same. */
	proc = (struct scannerproc){.type = SCAN_TYPE_CUSTOM, .root = mounts_root};
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt/tmpfs");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt");
	scannerproc_add(&proc, IPC_PATH_HUNG, "/mnt/tmpfs/sub");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_non_null(strstr(proc.passes, "!/mnt/fuse "));
	assert_non_null(strstr(proc.passes, "=/mnt/fuse "));
	assert_non_null(strstr(proc.passes, "!/mnt/tmpfs/sub "));
	assert_non_null(strstr(proc.passes, "=/mnt/tmpfs/sub "));
	expect(&proc, "/mnt/fuse/file", FILE_RESULT_INFECTED, REASON_NONE);
	expect(&proc, "/mnt/tmpfs/sub/file", FILE_RESULT_CLEAN, REASON_NONE);
	scannerproc_close(&proc);

	/* Too many that hang: it is left out, and that is told. */
	proc = (struct scannerproc){
		.type = SCAN_TYPE_CUSTOM, .root = mounts_root, .flags = IPC_SCAN_NOTHING_APART};
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt/fuse");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data/inner/sick");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_string_equal(proc.passes, "");
	expect(&proc, "/mnt/fuse", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	expect(&proc, "/data/inner/sick", FILE_RESULT_INFECTED, REASON_NONE);
	assert_non_null(scannerproc_notice(&proc, IPC_NOTICE_TARGET_LEFT_OUT));
	assert_int_equal(proc.n_lines, 2);
	scannerproc_close(&proc);
	assert_int_equal(umount2(point, MNT_DETACH), 0);
	faultfs_unmount(&fs);
}

/* A scanner that comes after others: passes that are over and those that are to come. */
static void passes_to_come(void **state)
{
	struct scannerproc proc = {
		.type = SCAN_TYPE_CUSTOM, .root = mounts_root, .flags = IPC_SCAN_PASSES_ONLY};

	(void)state;
	scannerproc_add(&proc, IPC_PATH_TARGET, "/mnt/tmpfs");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data/inner");
	scannerproc_add(&proc, IPC_PATH_HUNG, "/mnt/tmpfs");
	scannerproc_add(&proc, IPC_PATH_HUNG, "/dev/shm");
	scannerproc_add(&proc, IPC_PATH_PASSED, "/mnt/tmpfs");
	scannerproc_add(&proc, IPC_PATH_PASS_WHOLE, "/dev/shm");
	scannerproc_add(&proc, IPC_PATH_PASS, "/mnt/gone");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	expect(&proc, "/dev/shm/file", FILE_RESULT_CLEAN, REASON_NONE);
	expect_absent(&proc, "/mnt/tmpfs/file");
	expect_absent(&proc, "/data/inner/sick");
	/* Where nothing is mounted any more that was to be scanned, that is told. */
	expect(&proc, "/mnt/gone", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	assert_string_equal(
		scannerproc_notice(&proc, IPC_NOTICE_TARGET_LEFT_OUT)->path, "/mnt/gone");
	assert_int_equal(proc.n_lines, 2);
	scannerproc_close(&proc);
}

static void book_run(struct scannerproc *proc, enum scan_type type, int book_fd)
{
	*proc = (struct scannerproc){.type = type, .root = mounts_root, .book_fd = book_fd};
	scannerproc_add(proc, IPC_PATH_TARGET, "/mnt");
	scannerproc_add(proc, IPC_PATH_TARGET, "/data");
	scannerproc_add(proc, IPC_PATH_TARGET, "/nowhere");
	scannerproc_run(proc);
	scannerproc_expect_sound(proc);
}

/* With the book of a scanner before it nothing is scanned twice, whatever the type. */
static void book(void **state)
{
	static const enum scan_type types[] = {SCAN_TYPE_CUSTOM, SCAN_TYPE_QUICK, SCAN_TYPE_FULL};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int book_fd = memfd_create("book", 0);
		struct scannerproc first, second;

		assert_true(book_fd >= 0);
		assert_int_equal(fcntl(book_fd, F_SETFL, O_APPEND), 0);
		book_run(&first, types[i], book_fd);
		assert_true(first.progress.n_found > 1);
		book_run(&second, types[i], book_fd);
		/* Processes begin meanwhile; what was there is not found again. */
		for (size_t n = 0; n < second.n_lines; n++) {
			const struct scannerproc_line *line = &second.lines[n];

			if (types[i] == SCAN_TYPE_CUSTOM ||
				!memmem(line->path.data, line->path.n, " (pid ", 6))
				fail_msg("%.*s again", (int)line->path.n,
					(const char *)line->path.data);
		}
		scannerproc_close(&first);
		scannerproc_close(&second);
		(void)close(book_fd);
	}
}

/* Targets that are not there, are links, lie on file systems never entered. */
static void odd_targets(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .root = mounts_root};

	(void)state;
	scannerproc_add(&proc, IPC_PATH_TARGET, "/nowhere");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data/file/below");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data/symlink");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data/fifo");
	scannerproc_add(&proc, IPC_PATH_TARGET, "/proc/self");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	expect(&proc, "/nowhere", FILE_RESULT_CHANGED, REASON_VANISHED);
	expect(&proc, "/data/file/below", FILE_RESULT_CHANGED, REASON_VANISHED);
	expect(&proc, "/data/symlink", FILE_RESULT_SKIPPED, REASON_SYMLINK);
	expect(&proc, "/data/file", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/data/fifo", FILE_RESULT_SKIPPED, REASON_SPECIAL);
	expect(&proc, "/proc", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	assert_string_equal(scannerproc_notice(&proc, IPC_NOTICE_TARGET_MISSING)->path, "/nowhere");
	assert_string_equal(scannerproc_notice(&proc, IPC_NOTICE_MOUNT_SKIPPED)->text, "proc");
	assert_string_equal(
		scannerproc_notice(&proc, IPC_NOTICE_TARGET_LEFT_OUT)->path, "/data/fifo");
	assert_int_equal(proc.n_lines, 6);
	scannerproc_close(&proc);
}

/* A target of which nothing is scanned is told; one with something left out in it is not. */
static void targets_left_out(void **state)
{
	static const struct {
		const char *path;
		const char *why; /* NULL: nothing is told */
	} cases[] = {
		{"/proc", "file system"},
		{"/data/fifo", "neither a file nor a directory"},
		{"/data/inner", "exclusion"},
		{"/data/inner/sick", "exclusion"},
		{"/data/a/b", "belongs to the service"},
		{"/data", NULL},
		{"/data/symlink", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .root = mounts_root};
		const struct scannerproc_notice *notice;

		scannerproc_add(&proc, IPC_PATH_TARGET, cases[i].path);
		scannerproc_add(&proc, IPC_PATH_EXCLUDE, "/data/inner");
		scannerproc_add(&proc, IPC_PATH_OWN, "/data/a/b");
		scannerproc_run(&proc);
		notice = scannerproc_notice(&proc, IPC_NOTICE_TARGET_LEFT_OUT);
		if ((notice != NULL) != (cases[i].why != NULL))
			fail_msg("%s: %s", cases[i].path, notice ? notice->text : "not told");
		if (cases[i].why) {
			assert_string_equal(notice->path, cases[i].path);
			assert_non_null(strstr(notice->text, cases[i].why));
		}
		scannerproc_close(&proc);
	}
}

/* Exclusions come first, own state next; both are listed and counted. */
static void exclusions(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .root = mounts_root};

	(void)state;
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data");
	scannerproc_add(&proc, IPC_PATH_EXCLUDE, "/data/inner");
	scannerproc_add(&proc, IPC_PATH_OWN, "/data/a/b/");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	expect(&proc, "/data/inner/sick", FILE_RESULT_SKIPPED, REASON_EXCLUDED);
	expect(&proc, "/data/inner/link", FILE_RESULT_SKIPPED, REASON_EXCLUDED);
	expect(&proc, "/data/file", FILE_RESULT_CLEAN, REASON_NONE);
	expect(&proc, "/data/a/b/c/d/deep", FILE_RESULT_SKIPPED, REASON_OWN);
	assert_int_equal(proc.progress.n_excluded, 3);
	assert_int_equal(proc.n_detections, 0);
	scannerproc_close(&proc);

	proc = (struct scannerproc){
		.type = SCAN_TYPE_CUSTOM, .root = mounts_root, .flags = IPC_SCAN_IGNORE_EXCLUSIONS};
	scannerproc_add(&proc, IPC_PATH_TARGET, "/data");
	scannerproc_add(&proc, IPC_PATH_EXCLUDE, "/data/inner");
	scannerproc_run(&proc);
	expect(&proc, "/data/inner/sick", FILE_RESULT_INFECTED, REASON_NONE);
	assert_int_equal(proc.progress.n_excluded, 0);
	scannerproc_close(&proc);
}

/* What is mounted below a file system of the kernel's (/dev/shm) is met all the same. */
static void below_a_pseudo_file_system(void **state)
{
	static const char *const targets[] = {"/proc", "/", "/proc/fs"};

	(void)state;
	samples_run(
		"set -e; cd '%s/proc/fs'; mount -t tmpfs tmpfs .; echo VIRUS >'%s/proc/fs/sick'",
		mounts_root, mounts_root);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .root = mounts_root};

		scannerproc_add(&proc, IPC_PATH_TARGET, targets[i]);
		scannerproc_run(&proc);
		scannerproc_expect_sound(&proc);
		expect(&proc, "/proc/fs/sick", FILE_RESULT_INFECTED, REASON_NONE);
		if (i < 2)
			expect(&proc, "/proc", FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
		scannerproc_close(&proc);
	}
	samples_run("umount '%s/proc/fs'", mounts_root);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full),
		cmocka_unit_test(custom),
		cmocka_unit_test(bind_of_an_ancestor),
		cmocka_unit_test(below_a_bind_mount),
		cmocka_unit_test(hidden_by_a_mount),
		cmocka_unit_test(link_for_a_hidden_one),
		cmocka_unit_test(above_a_pile),
		cmocka_unit_test(odd_targets),
		cmocka_unit_test(targets_left_out),
		cmocka_unit_test(exclusions),
		cmocka_unit_test(below_a_pseudo_file_system),
		cmocka_unit_test(fuse),
		cmocka_unit_test(apart),
		cmocka_unit_test(passes_to_come),
		cmocka_unit_test(book),
		cmocka_unit_test(quick),
		cmocka_unit_test(hidden_processes),
		cmocka_unit_test(first_thread_ended),
		cmocka_unit_test(full),
	};

	if (geteuid() != 0)
		return UNIT_SKIPPED;
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, mounts_setup, mounts_teardown);
}
