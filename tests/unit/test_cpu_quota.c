/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's quota texts, good and bad, as tables. */
#include "unit.h"

#include "cpu_quota.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void parse_max(void **state)
{
	static const struct {
		const char *text;
		int r;
		double cpus;
	} rows[] = {
		{"150000 100000\n", 0, 1.5},
		{"50000 100000", 0, 0.5},
		{"max 100000\n", CPU_QUOTA_E_NONE, 0},
		{"1000 1000000", 0, 0.001},
		{"", -EINVAL, 0},
		{"max", -EINVAL, 0},
		{"max 0", -EINVAL, 0},
		{"0 100000", -EINVAL, 0},
		{"-1 100000", -EINVAL, 0},
		{"100000", -EINVAL, 0},
		{"100000 0", -EINVAL, 0},
		{"100000 100000 1", -EINVAL, 0},
		{"100000\t100000", -EINVAL, 0},
		{"9999999999999999999999 100000", -EINVAL, 0},
		{"unlimited 100000", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double cpus = -7;

		assert_int_equal(cpu_quota_parse_max(rows[i].text, &cpus), rows[i].r);
		assert_true(cpus == (rows[i].r == 0 ? rows[i].cpus : -7));
	}
}

static void parse_cfs(void **state)
{
	static const struct {
		const char *quota;
		const char *period;
		int r;
		double cpus;
	} rows[] = {
		{"200000\n", "100000\n", 0, 2.0},
		{"25000", "100000", 0, 0.25},
		{"-1\n", "100000\n", CPU_QUOTA_E_NONE, 0},
		{"0", "100000", -EINVAL, 0},
		{"-2", "100000", -EINVAL, 0},
		{"100000", "0", -EINVAL, 0},
		{"100000", "-1", -EINVAL, 0},
		{"", "100000", -EINVAL, 0},
		{"100000", "", -EINVAL, 0},
		{"100000x", "100000", -EINVAL, 0},
		{"100000", "100000 7", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double cpus = -7;

		assert_int_equal(
			cpu_quota_parse_cfs(rows[i].quota, rows[i].period, &cpus), rows[i].r);
		assert_true(cpus == (rows[i].r == 0 ? rows[i].cpus : -7));
	}
}

static void find_group(void **state)
{
	static const char hybrid[] = "9:name=systemd:/\n4:memory:/a\n2:cpuacct:/x\n"
				     "1:cpu,other:/docker/abc:d\n0::/user.slice\n";
	char path[CPU_QUOTA_PATH_SIZE];
	char *big = malloc(2 * CPU_QUOTA_PATH_SIZE);

	(void)state;
	assert_non_null(big);
	assert_int_equal(cpu_quota_find_group(hybrid, CPU_QUOTA_V1, path), 0);
	assert_string_equal(path, "/docker/abc:d");
	assert_int_equal(cpu_quota_find_group(hybrid, CPU_QUOTA_V2, path), 0);
	assert_string_equal(path, "/user.slice");
	assert_int_equal(cpu_quota_find_group("0::/", CPU_QUOTA_V2, path), 0);
	assert_string_equal(path, "/");
	assert_int_equal(cpu_quota_find_group("0::/", CPU_QUOTA_V1, path), CPU_QUOTA_E_NONE);
	assert_int_equal(cpu_quota_find_group("1:cpuset:/\n2:cpuacct:/\n", CPU_QUOTA_V1, path),
		CPU_QUOTA_E_NONE);
	assert_int_equal(cpu_quota_find_group("1:cpu:/\n", CPU_QUOTA_V2, path), CPU_QUOTA_E_NONE);
	assert_int_equal(cpu_quota_find_group("\n\n1\n1:cpu\n1:cpu:\n::\n", CPU_QUOTA_V1, path),
		CPU_QUOTA_E_NONE);
	assert_int_equal(cpu_quota_find_group("", CPU_QUOTA_V2, path), CPU_QUOTA_E_NONE);
	memset(big, 'a', 2 * CPU_QUOTA_PATH_SIZE);
	memcpy(big, "0::/", 4);
	big[2 * CPU_QUOTA_PATH_SIZE - 1] = '\0';
	assert_int_equal(cpu_quota_find_group(big, CPU_QUOTA_V2, path), -ENAMETOOLONG);
	free(big);
}

static void find_mount(void **state)
{
	static const char text[] =
		"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
		"33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
		"32 31 0:29 /docker/abc /sys/fs/cgroup/my\\040cpu rw shared:5 master:2 - cgroup "
		"cgroup rw,cpu,cpuacct\n"
		"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
	char root[CPU_QUOTA_PATH_SIZE];
	char point[CPU_QUOTA_PATH_SIZE];

	(void)state;
	assert_int_equal(cpu_quota_find_mount(text, CPU_QUOTA_V1, root, point), 0);
	assert_string_equal(root, "/docker/abc");
	assert_string_equal(point, "/sys/fs/cgroup/my cpu");
	assert_int_equal(cpu_quota_find_mount(text, CPU_QUOTA_V2, root, point), 0);
	assert_string_equal(root, "/");
	assert_string_equal(point, "/sys/fs/cgroup/unified");
	assert_int_equal(cpu_quota_find_mount("1 2 3:4 / /x rw - ext4 /dev/a rw,cpu\n",
				 CPU_QUOTA_V1, root, point),
		CPU_QUOTA_E_NONE);
	assert_int_equal(
		cpu_quota_find_mount("1 2 3:4 / /x rw - cgroup2\n", CPU_QUOTA_V2, root, point),
		CPU_QUOTA_E_NONE);
	assert_int_equal(
		cpu_quota_find_mount("a\n\n- - -\n", CPU_QUOTA_V2, root, point), CPU_QUOTA_E_NONE);
}

static void relative_and_parent(void **state)
{
	static const struct {
		const char *group;
		const char *root;
		const char *relative;
	} rows[] = {
		{"/", "/", ""},
		{"/a/b", "/", "/a/b"},
		{"/docker/abc", "/docker/abc", ""},
		{"/docker/abc/sub", "/docker/abc", "/sub"},
		{"/docker/abcd", "/docker/abc", ""}, /* another group: the mount point */
		{"/elsewhere", "/docker/abc", ""},
		{"/", "/docker/abc", ""},
	};
	char path[CPU_QUOTA_PATH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cpu_quota_relative(rows[i].group, rows[i].root, path);
		assert_string_equal(path, rows[i].relative);
	}
	strcpy(path, "/a/b");
	assert_true(cpu_quota_parent(path));
	assert_string_equal(path, "/a");
	assert_true(cpu_quota_parent(path));
	assert_string_equal(path, "");
	assert_false(cpu_quota_parent(path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_max),
		cmocka_unit_test(parse_cfs),
		cmocka_unit_test(find_group),
		cmocka_unit_test(find_mount),
		cmocka_unit_test(relative_and_parent),
	};

	return cmocka_run_group_tests_name("cpu_quota", tests, NULL, NULL);
}
