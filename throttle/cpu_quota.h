/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts by which Linux tells a CPU quota: cgroup v2's cpu.max, v1's
 * cpu.cfs_quota_us and cpu.cfs_period_us, and the two files of /proc/self that
 * say where they are.
 *
 * Pure: texts in, values out. Any thread. Formats: cgroups(7), proc(5),
 * Documentation/admin-guide/cgroup-v2.rst, Documentation/scheduler/sched-bwc.rst.
 */
#ifndef QS_CPU_QUOTA_H
#define QS_CPU_QUOTA_H

#include <stddef.h>

enum {
	CPU_QUOTA_PATH_SIZE = 4096, /**< Room for a path, NUL included. */
};

enum {
	CPU_QUOTA_E_NONE = 1, /**< The text says that there is none. */
};

/** Which hierarchy the cpu controller is in. */
enum cpu_quota_kind {
	CPU_QUOTA_V1,
	CPU_QUOTA_V2,
};

/**
 * Parse cpu.max, "QUOTA PERIOD" or "max PERIOD", microseconds.
 *
 * @cpusp  CPUs, > 0, when 0 is returned.
 * @return 0; CPU_QUOTA_E_NONE for "max"; -EINVAL for anything else.
 */
int cpu_quota_parse_max(const char *text, double *cpusp);

/**
 * Parse v1's pair of numbers, microseconds.
 *
 * @return 0; CPU_QUOTA_E_NONE for a quota of -1; -EINVAL for anything else.
 */
int cpu_quota_parse_cfs(const char *quota, const char *period, double *cpusp);

/**
 * Find the process's own cgroup in the text of /proc/self/cgroup.
 *
 * @kind    V1 looks for the hierarchy with the controller "cpu", V2 for "0::".
 * @path    Receives the path in that hierarchy, "/…".
 * @return  0; CPU_QUOTA_E_NONE when there is no such line; -ENAMETOOLONG.
 */
int cpu_quota_find_group(
	const char *text, enum cpu_quota_kind kind, char path[CPU_QUOTA_PATH_SIZE]);

/**
 * Find where that hierarchy is mounted in the text of /proc/self/mountinfo.
 *
 * @root    Receives the path within the hierarchy that is mounted there.
 * @point   Receives the mount point.
 * @return  0; CPU_QUOTA_E_NONE when it is not mounted; -ENAMETOOLONG.
 */
int cpu_quota_find_mount(const char *text, enum cpu_quota_kind kind, char root[CPU_QUOTA_PATH_SIZE],
	char point[CPU_QUOTA_PATH_SIZE]);

/**
 * The path of a group below a mount point: @group without the leading @root. In
 * a container without its own cgroup namespace the group's path is the host's
 * and need not begin with what is mounted; then it is the mount point itself.
 *
 * @relative  Receives "" or "/…".
 */
void cpu_quota_relative(const char *group, const char *root, char relative[CPU_QUOTA_PATH_SIZE]);

/**
 * Cut the last component off.
 *
 * @path    "" or "/…"; changed in place.
 * @return  Whether there was one.
 */
int cpu_quota_parent(char *path);

#endif
