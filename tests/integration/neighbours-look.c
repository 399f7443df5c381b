/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One look at a machine on which others watch: real fanotify listeners on a
 * private file system, real programs with the names of products, and, for what
 * cannot be had at will (services, processes that end at that moment), a tree
 * in the shape of /proc.
 */
#include "neighbours.h"

#include "listener.h"
#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct scratch scratch;
static char mount_path[SCRATCH_PATH_SIZE];
static struct known_products *table;

static struct neighbours *look_at(const char *proc, pid_t own_pid)
{
	const struct neighbours_config config = {.proc = proc, .own_pid = own_pid, .table = table};
	struct neighbours *neighbours = NULL;
	struct errmsg msg = ERRMSG_NULL;

	if (neighbours_look(&config, &neighbours, &msg) != 0)
		fail_msg("%s", msg.text);
	return neighbours;
}

static const struct neighbour *find(const struct neighbours *neighbours, pid_t pid)
{
	for (size_t i = 0; i < neighbours->n; i++)
		if (neighbours->list[i].pid == pid)
			return &neighbours->list[i];
	return NULL;
}

static const struct neighbour *blocking(
	const struct neighbours *neighbours, const char *name, const char **pointp)
{
	static char point[SCRATCH_PATH_SIZE];
	char path[2 * SCRATCH_PATH_SIZE];
	struct span mount;
	const struct neighbour *neighbour;

	(void)snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : mount_path,
		name[0] == '/' ? "" : "/", name);
	neighbour = neighbours_blocking(neighbours, span_str(path), &mount);
	(void)snprintf(point, sizeof(point), "%.*s", (int)mount.n, (const char *)mount.data);
	*pointp = point;
	return neighbour;
}

/* All three forms: seen, with the mount, and it is what denies there. */
static void three_forms(void **state)
{
	char path[2 * SCRATCH_PATH_SIZE];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/deny", mount_path);
	for (int form = FANOTIFY_MARKS_INODE; form <= FANOTIFY_MARKS_FILESYSTEM; form++) {
		struct listener listener = {
			.form = (enum fanotify_marks_form)form, .path = mount_path};
		const struct neighbour *neighbour;
		struct neighbours *neighbours;
		const char *point;
		struct stat st;

		listener_start(&listener);
		assert_int_equal(open(path, O_RDONLY | O_CLOEXEC), -1);
		assert_int_equal(errno, EPERM);
		neighbours = look_at("/proc", 0);
		neighbour = find(neighbours, listener.pid);
		assert_non_null(neighbour);
		assert_string_equal(neighbour->name, "neighbours_look");
		assert_false(neighbour->is_known);
		assert_true(neighbour->began > 0);
		assert_string_equal(neighbour->works_for, "");
		assert_int_equal(neighbour->n_blocking, 1);
		assert_int_equal(neighbour->n_blocks, 1);
		assert_int_equal(neighbour->blocks[0].form, form);
		assert_int_equal(neighbour->blocks[0].mask, FAN_OPEN_PERM);
		assert_string_equal(neighbour->blocks[0].point, mount_path);
		assert_int_equal(stat(mount_path, &st), 0);
		assert_int_equal(neighbour->blocks[0].dev, st.st_dev);
		assert_ptr_equal(blocking(neighbours, "a/b", &point), neighbour);
		assert_string_equal(point, mount_path);
		assert_null(blocking(neighbours, "/proc/self", &point));
		neighbours_free(neighbours);
		listener_stop(&listener);
	}
}

/* A bind mount of the file system: a mark on the one mount is none on the other. */
static void other_mount(void **state)
{
	struct listener listener = {.form = FANOTIFY_MARKS_MOUNT, .path = mount_path};
	char bind[SCRATCH_PATH_SIZE];
	struct neighbours *neighbours;
	const char *point;

	(void)state;
	scratch_mkdir(&scratch, "bind");
	(void)scratch_path(&scratch, "bind", bind);
	assert_int_equal(mount(mount_path, bind, NULL, MS_BIND, NULL), 0);
	listener_start(&listener);
	neighbours = look_at("/proc", 0);
	assert_non_null(blocking(neighbours, "x", &point));
	assert_null(blocking(neighbours, bind, &point));
	assert_string_equal(point, bind);
	neighbours_free(neighbours);
	listener_stop(&listener);
	listener.form = FANOTIFY_MARKS_FILESYSTEM;
	listener_start(&listener);
	neighbours = look_at("/proc", 0);
	assert_non_null(blocking(neighbours, bind, &point));
	neighbours_free(neighbours);
	listener_stop(&listener);
	assert_int_equal(umount2(bind, MNT_DETACH), 0);
}

/* Who only listens is no neighbour, and neither are we and our children. */
static void not_listed(void **state)
{
	struct listener mute = {.form = FANOTIFY_MARKS_MOUNT, .path = mount_path, .is_mute = true};
	struct listener own = {.form = FANOTIFY_MARKS_MOUNT, .path = mount_path};
	struct neighbours *neighbours;

	(void)state;
	listener_start(&mute);
	listener_start(&own);
	neighbours = look_at("/proc", getpid());
	assert_null(find(neighbours, mute.pid));
	assert_null(find(neighbours, own.pid));
	neighbours_free(neighbours);
	neighbours = look_at("/proc", 0);
	assert_null(find(neighbours, mute.pid));
	assert_non_null(find(neighbours, own.pid));
	neighbours_free(neighbours);
	listener_stop(&mute);
	listener_stop(&own);
}

static pid_t start_program(const char *path, uid_t uid)
{
	int ends[2];
	char word;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = unit_fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (setresuid(uid, uid, uid) == 0)
			(void)execl(path, path, "600", (char *)NULL);
		_exit(1);
	}
	(void)close(ends[1]);
	/* The pipe closes when the program is there. */
	assert_int_equal(read(ends[0], &word, 1), 0);
	(void)close(ends[0]);
	return pid;
}

/* A program with a product's name: only a system user's is believed. */
static void by_program(void **state)
{
	char path[2 * SCRATCH_PATH_SIZE];
	char command[5 * SCRATCH_PATH_SIZE];
	const uid_t uids[] = {0, 999, 1000};

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/wdavdaemon", mount_path);
	(void)snprintf(command, sizeof(command), "cp /bin/sleep %s && chmod 755 %s", path, path);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a test */
	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		pid_t pid = start_program(path, uids[i]);
		struct neighbours *neighbours = look_at("/proc", 0);
		const struct neighbour *neighbour = find(neighbours, pid);

		if (uids[i] == 1000) {
			assert_null(neighbour);
		} else {
			assert_non_null(neighbour);
			assert_string_equal(neighbour->name, "Microsoft Defender for Endpoint");
			assert_string_equal(neighbour->path, path);
			assert_int_equal(neighbour->role, KNOWN_PRODUCT_ANTIVIRUS);
			assert_int_equal(neighbour->by, KNOWN_PRODUCT_BY_PROCESS);
			assert_true(neighbour->is_bpf);
			assert_int_equal(neighbour->n_blocking, 0);
		}
		neighbours_free(neighbours);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
}

/* Who is not root sees not everything, and is told so. */
static void not_root(void **state)
{
	struct listener listener = {.form = FANOTIFY_MARKS_MOUNT, .path = mount_path};
	int status = 0;
	pid_t pid;

	(void)state;
	listener_start(&listener);
	pid = unit_fork();
	if (pid == 0) {
		const struct neighbours_config config = {.proc = "/proc", .table = table};
		struct neighbours *neighbours = NULL;

		if (setresuid(65534, 65534, 65534) != 0 ||
			neighbours_look(&config, &neighbours, NULL) != 0)
			_exit(1);
		_exit(neighbours->is_partial && neighbours->n_hidden > 0 &&
					!find(neighbours, listener.pid)
				? 0
				: 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	listener_stop(&listener);
}

/* A tree in the shape of /proc. */

static void put(const char *name, const char *text)
{
	char path[SCRATCH_PATH_SIZE];
	char *slash;

	(void)scratch_path(&scratch, name, path);
	for (slash = path + strlen(scratch.path) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	scratch_write(&scratch, name, text, strlen(text));
}

static void put_link(const char *name, const char *target)
{
	char path[SCRATCH_PATH_SIZE];

	(void)scratch_path(&scratch, name, path);
	(void)unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

static void put_process(int pid, int parent, unsigned uid, const char *cgroup)
{
	char name[64];
	char text[256];

	(void)snprintf(name, sizeof(name), "proc/%d/status", pid);
	(void)snprintf(text, sizeof(text),
		"Name:\tsome\nUmask:\t0022\nPid:\t%d\nPPid:\t%d\nUid:\t%u\t%u\t%u\t%u\n", pid,
		parent, uid, uid, uid, uid);
	put(name, text);
	(void)snprintf(name, sizeof(name), "proc/%d/cgroup", pid);
	put(name, cgroup);
	(void)snprintf(name, sizeof(name), "proc/%d/exe", pid);
	put_link(name, "/usr/bin/agent");
}

/* By service, in both forms of cgroups; a user's own service of that name is none. */
static void by_service(void **state)
{
	char proc[SCRATCH_PATH_SIZE];
	struct neighbours *neighbours;

	(void)state;
	put_process(21, 1, 0, "0::/system.slice/mdatp.service\n");
	put_process(22, 21, 990,
		"12:pids:/x\n1:name=systemd:/system.slice/a.slice/cbsensor.service/x\n");
	put_process(23, 1, 0, "0::/user.slice/user-1000.slice/user@1000.service/mdatp.service\n");
	put_process(24, 1, 1000, "0::/system.slice/mdatp.service\n");
	put_process(25, 1, 0, "4:memory:/system.slice/mdatp.service\n");
	put_process(26, 1, 0, "0::/system.slice/mdatp.servicex\n");
	put_process(27, 1, 0, "nonsense");
	put_process(28, 1, 0, "0::/system.slice/clamav-daemon.service\n");
	put("proc/28/stat", "28 (clamd) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 0 4711 9\n");
	(void)scratch_path(&scratch, "proc", proc);
	neighbours = look_at(proc, 0);
	assert_int_equal(neighbours->n, 3);
	assert_string_equal(find(neighbours, 28)->works_for, "ClamAV on-access scanning");
	assert_int_equal(find(neighbours, 28)->began, 4711);
	assert_string_equal(find(neighbours, 21)->name, "Microsoft Defender for Endpoint");
	assert_int_equal(find(neighbours, 21)->by, KNOWN_PRODUCT_BY_SERVICE);
	assert_string_equal(find(neighbours, 22)->name, "Carbon Black");
	assert_string_equal(find(neighbours, 22)->path, "/usr/bin/agent");
	neighbours_free(neighbours);
	neighbours = look_at(proc, 21); /* and what descends from it */
	assert_int_equal(neighbours->n, 1);
	assert_non_null(find(neighbours, 28));
	neighbours_free(neighbours);
}

/* Processes that end while they are looked at, and broken files: passed over. */
static void vanishing(void **state)
{
	char proc[SCRATCH_PATH_SIZE];
	struct neighbours *neighbours;

	(void)state;
	put("proc/31/other", "");                      /* no status any more */
	put("proc/32/status", "Name:\tx\nPPid:\tx\n"); /* none */
	put_process(33, 1, 0, "");
	put("proc/33/fd/x", "");
	put_link("proc/33/fd/5", "anon_inode:[fanotify]"); /* fdinfo is gone */
	put_process(34, 1, 0, "");
	put("proc/34/fd/x", "");
	put("proc/34/fdinfo/7", "fanotify flags:5 event-flags:0\nfanotify mnt_id:7 mask:10000\n");
	put_link("proc/34/fd/7", "anon_inode:[fanotify]"); /* its mounts are gone */
	put_link("proc/34/fd/8", "anon_inode:[eventfd]");
	(void)scratch_path(&scratch, "proc", proc);
	neighbours = look_at(proc, 0);
	assert_null(find(neighbours, 31));
	assert_null(find(neighbours, 32));
	assert_null(find(neighbours, 33));
	assert_non_null(find(neighbours, 34));
	assert_string_equal(find(neighbours, 34)->name, "agent");
	assert_int_equal(find(neighbours, 34)->began, 0); /* no stat */
	assert_int_equal(find(neighbours, 34)->n_blocks, 1);
	assert_null(find(neighbours, 34)->blocks[0].point);
	assert_false(neighbours->is_partial);
	neighbours_free(neighbours);
}

/* Too many listeners, too many places: cut, and said. */
static void bounded(void **state)
{
	char proc[SCRATCH_PATH_SIZE];
	struct neighbours *neighbours;
	char text[4096] = "fanotify flags:5 event-flags:0\n";

	(void)state;
	for (int i = 0; i <= NEIGHBOURS_BLOCKS_MAX; i++) {
		size_t n = strlen(text);

		(void)snprintf(text + n, sizeof(text) - n, "fanotify sdev:%x mask:10000\n", i + 1);
	}
	for (int pid = 100; pid <= 100 + NEIGHBOURS_MAX; pid++) {
		char name[64];

		put_process(pid, 1, 0, "");
		(void)snprintf(name, sizeof(name), "proc/%d/fdinfo/3", pid);
		put(name, text);
		(void)snprintf(name, sizeof(name), "proc/%d/fd/x", pid);
		put(name, "");
		(void)snprintf(name, sizeof(name), "proc/%d/fd/3", pid);
		put_link(name, "anon_inode:[fanotify]");
	}
	(void)scratch_path(&scratch, "proc", proc);
	neighbours = look_at(proc, 0);
	assert_int_equal(neighbours->n, NEIGHBOURS_MAX);
	assert_true(neighbours->is_cut);
	assert_true(neighbours->list[NEIGHBOURS_MAX - 1].is_cut);
	assert_int_equal(neighbours->list[NEIGHBOURS_MAX - 1].n_blocks, NEIGHBOURS_BLOCKS_MAX);
	assert_int_equal(
		neighbours->list[NEIGHBOURS_MAX - 1].n_blocking, NEIGHBOURS_BLOCKS_MAX + 1);
	neighbours_free(neighbours);
}

/* Nobody there, and nothing to compare mounts with. */
static void nobody(void **state)
{
	struct neighbours *neighbours;
	char proc[SCRATCH_PATH_SIZE];
	struct span mount;

	(void)state;
	scratch_mkdir(&scratch, "empty");
	neighbours = look_at(scratch_path(&scratch, "empty", proc), 0);
	assert_int_equal(neighbours->n, 0);
	assert_null(neighbours->mounts);
	assert_null(neighbours_blocking(neighbours, span_str("/a"), &mount));
	assert_int_equal(mount.n, 0);
	neighbours_free(neighbours);
	neighbours_free(NULL);
}

/* No /proc: an error with its name, and no result. */
static void no_proc(void **state)
{
	const struct neighbours_config config = {.proc = "/nowhere"};
	struct neighbours *neighbours = NULL;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	assert_int_equal(neighbours_look(&config, &neighbours, &msg), -ENOENT);
	assert_null(neighbours);
	assert_non_null(strstr(msg.text, "/nowhere"));
}

static int setup(void **state)
{
	char deny[2 * SCRATCH_PATH_SIZE];
	struct errmsg msg = ERRMSG_NULL;
	int fd;

	(void)state;
	scratch_init(&scratch);
	scratch_mkdir(&scratch, "mount");
	(void)scratch_path(&scratch, "mount", mount_path);
	(void)snprintf(deny, sizeof(deny), "%s/deny", mount_path);
	if (chmod(scratch.path, 0755) < 0 ||
		mount("test", mount_path, "tmpfs", 0, "mode=0755") < 0 ||
		known_products_load(
			TEST_SOURCE_DIR "/packaging/known-antivirus.json", &table, &msg) < 0)
		return -1;
	fd = open(deny, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	return fd < 0 || close(fd) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)umount2(mount_path, MNT_DETACH);
	scratch_deinit(&scratch);
	known_products_free(table);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_forms),
		cmocka_unit_test(other_mount),
		cmocka_unit_test(not_listed),
		cmocka_unit_test(by_program),
		cmocka_unit_test(not_root),
		cmocka_unit_test(by_service),
		cmocka_unit_test(vanishing),
		cmocka_unit_test(bounded),
		cmocka_unit_test(nobody),
		cmocka_unit_test(no_proc),
	};
	int r = listener_prepare();

	return r ? r : cmocka_run_group_tests(tests, setup, teardown);
}
