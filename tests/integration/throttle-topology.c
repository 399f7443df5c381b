/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * N on this machine and in made-up cgroup trees. The process narrows its own
 * affinity mask, and, where it may, puts itself under a real quota.
 */
#include "unit.h"

#include "topology.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char tree[64];

static int setup(void **state)
{
	(void)state;
	strcpy(tree, "/tmp/topology-XXXXXX");
	return mkdtemp(tree) ? 0 : -1;
}

static int tree_remove(const char *path, const struct stat *st, int flag, struct FTW *where)
{
	(void)st;
	(void)flag;
	(void)where;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(tree, tree_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* Write a file of the tree, with the directories on its way. */
static void tree_put(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s%s", tree, name);
	for (char *p = path + strlen(tree) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
		*p = '/';
	}
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* No /proc at all, or nothing of use in it: no quota, no failure. */
static void quota_absent(void **state)
{
	double cpus = -7;

	(void)state;
	assert_int_equal(topology_read_quota(tree, &cpus), -ENOENT);
	tree_put("/proc/self/cgroup", "0::/svc\n");
	assert_int_equal(topology_read_quota(tree, &cpus), -ENOENT);
	tree_put("/proc/self/mountinfo", "41 31 0:38 / /cg rw - cgroup2 cgroup2 rw\n");
	assert_int_equal(topology_read_quota(tree, &cpus), -ENOENT);
	tree_put("/cg/svc/cpu.max", "max 100000\n");
	assert_int_equal(topology_read_quota(tree, &cpus), -ENOENT);
	tree_put("/cg/svc/cpu.max", "nonsense");
	assert_int_equal(topology_read_quota(tree, &cpus), -ENOENT);
	assert_true(cpus == -7);
}

/* The narrowest ancestor counts, also above a group that has none. */
static void quota_of_ancestors(void **state)
{
	double cpus = 0;

	(void)state;
	tree_put("/proc/self/cgroup", "0::/a/b/c\n");
	tree_put("/proc/self/mountinfo", "41 31 0:38 / /cg rw - cgroup2 cgroup2 rw\n");
	tree_put("/cg/a/b/c/cpu.max", "max 100000\n");
	tree_put("/cg/a/b/cpu.max", "400000 100000\n");
	tree_put("/cg/a/cpu.max", "150000 100000\n");
	assert_int_equal(topology_read_quota(tree, &cpus), 0);
	assert_true(cpus == 1.5);
}

/* A container: its group is mounted as the root, the path is the host's. */
static void quota_in_container(void **state)
{
	double cpus = 0;

	(void)state;
	tree_put("/proc/self/cgroup", "1:cpu,cpuacct:/docker/abc\n");
	tree_put("/proc/self/mountinfo",
		"32 31 0:29 /docker/abc /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n");
	tree_put("/cg/cpu/cpu.cfs_quota_us", "50000\n");
	tree_put("/cg/cpu/cpu.cfs_period_us", "100000\n");
	assert_int_equal(topology_read_quota(tree, &cpus), 0);
	assert_true(cpus == 0.5);
}

/* Hybrid: both hierarchies are asked, the lower quota counts. */
static void quota_of_both_versions(void **state)
{
	double cpus = 0;

	(void)state;
	tree_put("/proc/self/cgroup", "1:cpu:/v1\n0::/v2\n");
	tree_put("/proc/self/mountinfo", "32 31 0:29 / /cpu rw - cgroup cgroup rw,cpu\n"
					 "41 31 0:38 / /two rw - cgroup2 cgroup2 rw\n");
	tree_put("/cpu/v1/cpu.cfs_quota_us", "300000\n");
	tree_put("/cpu/v1/cpu.cfs_period_us", "100000\n");
	assert_int_equal(topology_read_quota(tree, &cpus), 0);
	assert_true(cpus == 3.0);
	tree_put("/two/v2/cpu.max", "200000 100000\n");
	assert_int_equal(topology_read_quota(tree, &cpus), 0);
	assert_true(cpus == 2.0);
	tree_put("/two/v2/cpu.max", "800000 100000\n");
	assert_int_equal(topology_read_quota(tree, &cpus), 0);
	assert_true(cpus == 3.0);
}

/* This machine: consistent, and as the kernel counts. */
static void this_machine(void **state)
{
	struct topology t = {0};
	struct errmsg msg = ERRMSG_NULL;
	cpu_set_t mine;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
	assert_int_equal(topology_read(&t, &msg), 0);
	assert_string_equal(msg.text, "");
	assert_int_equal(t.n_allowed, CPU_COUNT(&mine));
	assert_int_equal(t.n_online, sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(t.n_cores <= t.n_allowed);
	assert_true(t.n_cpus > 0 && t.n_cpus <= t.n_allowed);
	assert_true(t.has_quota == (t.quota_cpus > 0));
}

/* A narrower affinity mask is a smaller N. */
static void affinity_narrows(void **state)
{
	cpu_set_t before;
	cpu_set_t one;
	struct topology t = {0};

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++) {
		if (CPU_ISSET(cpu, &before))
			CPU_SET(cpu, &one);
	}
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(topology_read(&t, NULL), 0);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(t.n_allowed, 1);
	assert_true(t.n_cpus <= 1.0);
}

/* Into a file that is there already: on a tmpfs none must be made. */
static bool write_text(const char *directory, const char *name, const char *text)
{
	char path[512];
	bool is_written;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	is_written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	(void)close(fd);
	return is_written;
}

/* The child's part: into the group, look, tell by the exit status. */
static int quota_child(const char *group)
{
	struct topology t;
	char pid[32];

	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (!write_text(group, "cgroup.procs", pid))
		return UNIT_SKIPPED;
	if (topology_read(&t, NULL) != 0)
		return 1;
	return t.has_quota && t.n_cpus > 0.29 && t.n_cpus < 0.31 ? 0 : 2;
}

/* A real v1 or v2 group with a quota of 0.3 CPUs, where one can be made. */
static void real_quota(void **state)
{
	static const char *const parents[] = {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup"};
	char group[128];
	int status = -1;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(
			group, sizeof(group), "%s/quietscan-test-%d", parents[i], (int)getpid());
		if (mkdir(group, 0755) != 0)
			continue;
		if (write_text(group, "cpu.cfs_quota_us", "30000\n") ||
			write_text(group, "cpu.max", "30000 100000\n"))
			break;
		(void)rmdir(group);
		group[0] = '\0';
	}
	if (access(group, W_OK) != 0)
		skip();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(quota_child(group));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	for (int i = 0; i < 100 && rmdir(group) != 0; i++)
		(void)usleep(10000);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == UNIT_SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(quota_absent),
		TREE_TEST(quota_of_ancestors),
		TREE_TEST(quota_in_container),
		TREE_TEST(quota_of_both_versions),
		cmocka_unit_test(this_machine),
		cmocka_unit_test(affinity_narrows),
		cmocka_unit_test(real_quota),
	};

	return cmocka_run_group_tests_name("throttle-topology", tests, NULL, NULL);
}
