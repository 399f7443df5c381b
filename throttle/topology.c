/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What 100 % is must be what the kernel would give at most. hwloc knows which
 * CPUs are online and which the cpuset allows; the affinity mask may be
 * narrower still (taskset, CPUAffinity= of a unit). A quota is another thing: it
 * leaves all CPUs in sight and takes time away, so it is read from the cgroup
 * files, from the process's own group up to the root of what is mounted,
 * because any ancestor may be the narrow one. Both versions are looked at; on a
 * hybrid machine the cpu controller is in v1 while "0::" exists too.
 *
 * A machine where none of this can be read has no quota as far as we can know.
 */
#include "topology.h"

#include "cleanup.h"
#include "cpu_quota.h"

#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	TOPOLOGY_PROC_SIZE = 1 << 20, /**< mountinfo of a busy container host. */
	TOPOLOGY_VALUE_SIZE = 64,     /**< "MAX PERIOD" and the like. */
};

/* Read a small file whole, cut at size - 1, NUL-terminated. */
static int topology_read_file(const char *path, char *text, size_t size)
{
	_cleanup_(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = 1;

	if (fd < 0)
		return -errno;
	while (got > 0 && n < size - 1) {
		got = read(fd, text + n, size - 1 - n);
		if (got < 0 && errno != EINTR)
			return -errno; /* UNTESTED: a file of /proc or cgroupfs that fails */
		n += got > 0 ? (size_t)got : 0;
	}
	text[n] = '\0';
	return 0;
}

/* The value of a file in one group's directory. */
static int topology_read_value(const char *group, const char *name, char text[TOPOLOGY_VALUE_SIZE])
{
	char path[PATH_MAX * 2];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", group, name) >= sizeof(path))
		return -ENAMETOOLONG; /* UNTESTED: both parts are shorter than half of it */
	return topology_read_file(path, text, TOPOLOGY_VALUE_SIZE);
}

static int topology_read_group(const char *group, enum cpu_quota_kind kind, double *cpusp)
{
	char first[TOPOLOGY_VALUE_SIZE];
	char second[TOPOLOGY_VALUE_SIZE];
	int r;

	if (kind == CPU_QUOTA_V2) {
		r = topology_read_value(group, "cpu.max", first);
		return r < 0 ? r : cpu_quota_parse_max(first, cpusp);
	}
	r = topology_read_value(group, "cpu.cfs_quota_us", first);
	if (r == 0)
		r = topology_read_value(group, "cpu.cfs_period_us", second);
	return r < 0 ? r : cpu_quota_parse_cfs(first, second, cpusp);
}

/** Where a hierarchy is and where in it the process. */
struct topology_place {
	char group[CPU_QUOTA_PATH_SIZE];
	char root[CPU_QUOTA_PATH_SIZE];
	char point[CPU_QUOTA_PATH_SIZE];
	char relative[CPU_QUOTA_PATH_SIZE];
	char directory[CPU_QUOTA_PATH_SIZE * 3];
};

static int topology_find(const char *prefix, enum cpu_quota_kind kind, struct topology_place *place)
{
	_cleanup_(cleanup_free) char *text = malloc(TOPOLOGY_PROC_SIZE);
	char path[PATH_MAX];
	int r;

	if (!text)
		return -ENOMEM; /* UNTESTED: a megabyte */
	(void)snprintf(path, sizeof(path), "%s/proc/self/cgroup", prefix);
	r = topology_read_file(path, text, TOPOLOGY_PROC_SIZE);
	if (r == 0)
		r = cpu_quota_find_group(text, kind, place->group);
	if (r != 0)
		return r;
	(void)snprintf(path, sizeof(path), "%s/proc/self/mountinfo", prefix);
	r = topology_read_file(path, text, TOPOLOGY_PROC_SIZE);
	if (r == 0)
		r = cpu_quota_find_mount(text, kind, place->root, place->point);
	return r;
}

/* The lowest quota from the process's group to the top of one hierarchy. */
static int topology_climb(const char *prefix, enum cpu_quota_kind kind, double *cpusp)
{
	_cleanup_(cleanup_free) struct topology_place *place = calloc(1, sizeof(*place));
	int found = -ENOENT;
	double cpus;

	if (!place)
		return -ENOMEM; /* UNTESTED: 28 KB */
	if (topology_find(prefix, kind, place) != 0)
		return -ENOENT;
	cpu_quota_relative(place->group, place->root, place->relative);
	do {
		(void)snprintf(place->directory, sizeof(place->directory), "%s%s%s", prefix,
			place->point, place->relative);
		if (topology_read_group(place->directory, kind, &cpus) == 0 &&
			(found != 0 || cpus < *cpusp)) {
			*cpusp = cpus;
			found = 0;
		}
	} while (cpu_quota_parent(place->relative));
	return found;
}

int topology_read_quota(const char *prefix, double *cpusp)
{
	double v1 = 0;
	double v2 = 0;
	int r1 = topology_climb(prefix, CPU_QUOTA_V1, &v1);
	int r2 = topology_climb(prefix, CPU_QUOTA_V2, &v2);

	if (r1 != 0 && r2 != 0)
		return -ENOENT;
	*cpusp = r1 != 0 || (r2 == 0 && v2 < v1) ? v2 : v1;
	return 0;
}

/* The CPUs of @machine that this process may run on. */
static int topology_count(hwloc_topology_t machine, hwloc_bitmap_t set, struct topology *t)
{
	int n = hwloc_bitmap_weight(hwloc_topology_get_topology_cpuset(machine));

	if (n <= 0)
		return -ENODEV; /* UNTESTED: a machine without CPUs */
	t->n_online = (unsigned)n;
	/* Without a binding (no permission, not supported) all that is allowed counts. */
	if (hwloc_get_cpubind(machine, set, HWLOC_CPUBIND_PROCESS) != 0)
		(void)hwloc_bitmap_copy(set, hwloc_topology_get_topology_cpuset(machine));
	(void)hwloc_bitmap_and(set, set, hwloc_topology_get_topology_cpuset(machine));
	(void)hwloc_bitmap_and(set, set, hwloc_topology_get_allowed_cpuset(machine));
	n = hwloc_bitmap_weight(set);
	t->n_allowed = n > 0 ? (unsigned)n : 1;
	t->n_cores = 0;
	for (hwloc_obj_t core = NULL;
		(core = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_CORE, core)) != NULL;)
		t->n_cores += hwloc_bitmap_intersects(core->cpuset, set) != 0;
	return 0;
}

static int topology_discover(struct topology *t)
{
	hwloc_topology_t machine;
	hwloc_bitmap_t set;
	int r = -ENOMEM;

	if (hwloc_topology_init(&machine) != 0)
		return err_origin(-ENOMEM); /* UNTESTED: hwloc's only failure here */
	set = hwloc_bitmap_alloc();
	/* Disallowed CPUs stay in sight, so that "online" is the machine's number. */
	(void)hwloc_topology_set_flags(machine, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
	(void)hwloc_topology_set_io_types_filter(machine, HWLOC_TYPE_FILTER_KEEP_NONE);
	if (set)
		r = hwloc_topology_load(machine) == 0 ? topology_count(machine, set, t) : -EIO;
	hwloc_bitmap_free(set);
	hwloc_topology_destroy(machine);
	return err_origin(r);
}

int topology_read(struct topology *t, struct errmsg *msg)
{
	struct topology found = {0};
	int r = topology_discover(&found);

	if (r < 0) {
		errmsg_set(msg, "look at the CPUs: %s", err_text(r));
		return err_trace(r);
	}
	found.has_quota = topology_read_quota("", &found.quota_cpus) == 0;
	found.n_cpus = found.n_allowed;
	if (found.has_quota && found.quota_cpus < found.n_cpus)
		found.n_cpus = found.quota_cpus;
	*t = found;
	return 0;
}
