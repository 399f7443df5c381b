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

/* Which CPUs of @machine this process may run on. */
static void topology_allowed(hwloc_topology_t machine, hwloc_bitmap_t set)
{
	/* Without a binding (no permission, not supported) all that is allowed counts. */
	if (hwloc_get_cpubind(machine, set, HWLOC_CPUBIND_PROCESS) != 0)
		(void)hwloc_bitmap_copy(set, hwloc_topology_get_topology_cpuset(machine));
	(void)hwloc_bitmap_and(set, set, hwloc_topology_get_topology_cpuset(machine));
	(void)hwloc_bitmap_and(set, set, hwloc_topology_get_allowed_cpuset(machine));
}

static int topology_count(hwloc_topology_t machine, hwloc_bitmap_t set, struct topology *t)
{
	int n = hwloc_bitmap_weight(hwloc_topology_get_topology_cpuset(machine));

	if (n <= 0)
		return -ENODEV; /* UNTESTED: a machine without CPUs */
	t->n_online = (unsigned)n;
	topology_allowed(machine, set);
	n = hwloc_bitmap_weight(set);
	t->n_allowed = n > 0 ? (unsigned)n : 1;
	t->n_cores = 0;
	for (hwloc_obj_t core = NULL;
		(core = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_CORE, core)) != NULL;)
		t->n_cores += hwloc_bitmap_intersects(core->cpuset, set) != 0;
	return 0;
}

static void topology_free(hwloc_topology_t *machinep)
{
	if (*machinep)
		hwloc_topology_destroy(*machinep);
}

static void topology_free_set(hwloc_bitmap_t *setp)
{
	hwloc_bitmap_free(*setp);
}

/* Discover this machine, or make one up. */
static int topology_load(const char *synthetic, hwloc_topology_t *machinep)
{
	_cleanup_(topology_free) hwloc_topology_t machine = NULL;

	if (hwloc_topology_init(&machine) != 0)
		return -ENOMEM; /* UNTESTED: hwloc's only failure here */
	if (synthetic && hwloc_topology_set_synthetic(machine, synthetic) != 0)
		return -EINVAL;
	/* Disallowed CPUs stay in sight, so that "online" is the machine's number. */
	(void)hwloc_topology_set_flags(machine, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
	(void)hwloc_topology_set_io_types_filter(machine, HWLOC_TYPE_FILTER_KEEP_NONE);
	if (hwloc_topology_load(machine) != 0)
		return -EIO; /* UNTESTED: no machine is without /sys */
	*machinep = machine;
	machine = NULL;
	return 0;
}

static int topology_discover(struct topology *t)
{
	_cleanup_(topology_free) hwloc_topology_t machine = NULL;
	_cleanup_(topology_free_set) hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int r = set ? topology_load(NULL, &machine) : -ENOMEM;

	return err_origin(r < 0 ? r : topology_count(machine, set, t));
}

/* Tests say which cores are efficient; the rest are fast. */
static int topology_add_kinds(hwloc_topology_t machine, const char *efficient)
{
	_cleanup_(topology_free_set) hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int r = -ENOMEM;

	if (set && hwloc_bitmap_list_sscanf(set, efficient) == 0)
		r = hwloc_cpukinds_register(machine, set, 0, 0, NULL, 0);
	if (set && r == 0) {
		(void)hwloc_bitmap_andnot(set, hwloc_topology_get_topology_cpuset(machine), set);
		r = hwloc_cpukinds_register(machine, set, 1, 0, NULL, 0);
	}
	return r == 0 ? 0 : -EINVAL;
}

/* Rank of a CPU's kind, the most efficient is 0; hwloc sorts them where it can tell. */
static unsigned topology_kind(hwloc_topology_t machine, hwloc_const_bitmap_t cpuset)
{
	int kind = hwloc_cpukinds_get_by_cpuset(machine, cpuset, 0);
	int efficiency = -1;

	if (kind < 0 || hwloc_cpukinds_get_info(
				machine, (unsigned)kind, NULL, &efficiency, NULL, NULL, 0) != 0)
		return 0;
	return efficiency > 0 ? (unsigned)efficiency : 0;
}

static unsigned topology_ancestor(
	hwloc_topology_t machine, hwloc_obj_t pu, hwloc_obj_type_t type, unsigned otherwise)
{
	hwloc_obj_t found = hwloc_get_ancestor_obj_by_type(machine, type, pu);

	return found ? found->logical_index : otherwise;
}

static void topology_fill(
	hwloc_topology_t machine, hwloc_const_bitmap_t allowed, struct placement_machine *m)
{
	hwloc_obj_t pu = NULL;

	m->n_cpus = 0;
	while ((pu = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_PU, pu)) != NULL) {
		unsigned package = topology_ancestor(machine, pu, HWLOC_OBJ_PACKAGE, 0);
		int node = hwloc_bitmap_first(pu->nodeset);

		if (pu->os_index >= PLACEMENT_N_CPUS || m->n_cpus == PLACEMENT_N_CPUS) {
			m->n_cpus = 0; /* UNTESTED: more than 1024 CPUs */
			return;
		}
		m->cpus[m->n_cpus++] = (struct placement_cpu){
			.os_index = pu->os_index,
			.kind = topology_kind(machine, pu->cpuset),
			.package = package,
			.node = node > 0 ? (unsigned)node : 0,
			.l3 = topology_ancestor(machine, pu, HWLOC_OBJ_L3CACHE, package),
			.core = topology_ancestor(machine, pu, HWLOC_OBJ_CORE, pu->logical_index),
			.is_allowed = hwloc_bitmap_isset(allowed, pu->os_index) != 0,
		};
	}
}

int topology_describe(const char *synthetic, const char *efficient, struct placement_machine *m,
	struct errmsg *msg)
{
	_cleanup_(topology_free) hwloc_topology_t machine = NULL;
	_cleanup_(topology_free_set) hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int r = set ? topology_load(synthetic, &machine) : -ENOMEM;

	if (r == 0 && synthetic && efficient)
		r = topology_add_kinds(machine, efficient);
	if (r < 0) {
		errmsg_set(msg, "describe the CPUs: %s", err_text(r));
		return err_origin(r);
	}
	if (synthetic)
		(void)hwloc_bitmap_copy(set, hwloc_topology_get_topology_cpuset(machine));
	else
		topology_allowed(machine, set);
	topology_fill(machine, set, m);
	return 0;
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
