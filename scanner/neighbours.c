/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System users' processes come first, so that nobody can use up what a look may
 * cost with descriptors of his own and hide a product behind them.
 *
 * Mount ids are those of the listener's mount namespace, so its own mountinfo
 * is asked first. A mark on a mount holds only what goes through that mount; a
 * copy of it in another namespace (a service with a private one: ours, perhaps)
 * has no mark. Such a mount is compared by its point all the same: that a
 * product means to block there is what people ask about.
 */
#include "neighbours.h"

#include "cleanup.h"
#include "neighbour_clock.h"
#include "neighbour_probe.h"
#include "proc_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	NEIGHBOURS_LINKS = 1024 * 1024,      /* descriptors looked at in one look */
	NEIGHBOURS_BYTES = 16 * 1024 * 1024, /* of fdinfo */
	NEIGHBOURS_ANCESTORS = 64,
	NEIGHBOURS_SYSTEM_UID_MAX = 999, /* SYS_UID_MAX, login.defs(5) */
};

struct neighbours_process {
	pid_t pid;
	pid_t parent;
	bool is_system;
};

struct neighbours_scan {
	const struct neighbours_config *config;
	int proc_fd;
	struct neighbours_process *processes; /* sorted by pid */
	size_t n_processes;
	struct neighbour_probe_budget budget;
	struct neighbours *result;
	struct neighbour_probe probe; /* the one in work */
	struct mounttable *mounts;    /* of its namespace, when it has marks */
	struct neighbour *neighbour;  /* its entry; NULL = none yet */
	int r;
};

static void neighbours_free_neighbour(struct neighbour *neighbour)
{
	for (size_t i = 0; i < neighbour->n_blocks; i++)
		free(neighbour->blocks[i].point);
}

void neighbours_free(struct neighbours *neighbours)
{
	if (!neighbours)
		return;
	for (size_t i = 0; i < neighbours->n; i++)
		neighbours_free_neighbour(&neighbours->list[i]);
	mounttable_free(neighbours->mounts);
	free(neighbours);
}

/* The list. */

static void neighbours_name(struct neighbour *neighbour, const struct neighbour_probe *probe)
{
	const char *slash = memrchr(probe->executable, '/', probe->n_executable);
	size_t at = slash ? (size_t)(slash + 1 - probe->executable) : 0;

	(void)snprintf(neighbour->path, sizeof(neighbour->path), "%.*s", (int)probe->n_executable,
		probe->executable);
	if (probe->n_executable > at)
		(void)snprintf(neighbour->name, sizeof(neighbour->name), "%.*s",
			(int)(probe->n_executable - at), probe->executable + at);
	else
		(void)snprintf(neighbour->name, sizeof(neighbour->name), "%s", probe->comm);
}

/* The entry of the process in work; NULL: the list is full. */
static struct neighbour *neighbours_entry(struct neighbours_scan *scan)
{
	struct neighbours *result = scan->result;

	if (scan->neighbour)
		return scan->neighbour;
	if (result->n == NEIGHBOURS_MAX) {
		result->is_cut = true;
		return NULL;
	}
	scan->neighbour = &result->list[result->n++];
	scan->neighbour->pid = scan->probe.pid;
	/* Not to be had: its CPU time is not told. */
	(void)neighbour_clock_began(scan->probe.fd, "stat", &scan->neighbour->began);
	neighbours_name(scan->neighbour, &scan->probe);
	return scan->neighbour;
}

static bool neighbours_is_system(const struct neighbour_probe *probe)
{
	return probe->uid <= NEIGHBOURS_SYSTEM_UID_MAX &&
	       probe->effective_uid <= NEIGHBOURS_SYSTEM_UID_MAX;
}

static void neighbours_recognise(struct neighbours_scan *scan)
{
	const struct neighbour_probe *probe = &scan->probe;
	const struct known_products_clue clue = {
		.executable = {.data = probe->executable, .n = probe->n_executable},
		.service = span_str(probe->service),
		.comm = span_str(probe->is_hidden ? probe->comm : NULL),
	};
	enum known_product_by by = KNOWN_PRODUCT_BY_N;
	const struct known_product *product;
	struct neighbour *neighbour;

	if (!neighbours_is_system(probe) && !scan->neighbour)
		return;
	product = known_products_match(scan->config->table, &clue, &by);
	neighbour = product ? neighbours_entry(scan) : NULL;
	if (!neighbour)
		return;
	(void)snprintf(neighbour->name, sizeof(neighbour->name), "%s", product->name);
	neighbour->is_known = true;
	neighbour->role = product->role;
	neighbour->by = by;
	neighbour->is_bpf = product->is_bpf;
	(void)snprintf(neighbour->works_for, sizeof(neighbour->works_for), "%s",
		product->works_for ? product->works_for : "");
}

/* Marks. */

static const struct mounttable_mount *neighbours_mount(
	const struct mounttable *mounts, const struct fanotify_marks_place *place)
{
	const struct mounttable_mount *found = NULL;
	dev_t dev = fanotify_marks_dev(place->id);

	if (!mounts)
		return NULL;
	if (place->form == FANOTIFY_MARKS_MOUNT)
		return mounttable_by_id(mounts, place->id);
	for (size_t i = 0; i < mounts->n_mounts; i++) {
		const struct mounttable_mount *mount = &mounts->mounts[i];

		if (mount->dev != dev)
			continue;
		if (mount->is_visible)
			return mount;
		if (!found)
			found = mount;
	}
	return found;
}

static void neighbours_block(struct neighbours_scan *scan, struct neighbour *neighbour,
	const struct fanotify_marks_place *place)
{
	const struct mounttable_mount *mount = neighbours_mount(scan->mounts, place);
	struct neighbour_block *block = &neighbour->blocks[neighbour->n_blocks];

	if (neighbour->n_blocks == NEIGHBOURS_BLOCKS_MAX) {
		neighbour->is_cut = true;
		return;
	}
	if (!mount)
		mount = neighbours_mount(scan->result->mounts, place);
	*block =
		(struct neighbour_block){.form = place->form, .id = place->id, .mask = place->mask};
	if (place->form != FANOTIFY_MARKS_MOUNT)
		block->dev = fanotify_marks_dev(place->id);
	if (mount) {
		block->dev = mount->dev;
		block->point = strndup(mount->point.data, mount->point.n);
		if (!block->point)
			scan->r = -ENOMEM;
	}
	neighbour->n_blocks++;
}

static void neighbours_on_group(void *data, const struct fanotify_marks *marks)
{
	struct neighbours_scan *scan = data;
	struct neighbour *neighbour;

	if (marks->n_blocking == 0)
		return;
	neighbour = neighbours_entry(scan);
	if (!neighbour)
		return;
	if (!scan->mounts)
		(void)mounttable_load(scan->probe.fd, "mountinfo", &scan->mounts);
	neighbour->n_blocking += marks->n_blocking;
	neighbour->is_cut |= marks->is_cut;
	for (size_t i = 0; i < marks->n_places; i++)
		neighbours_block(scan, neighbour, &marks->places[i]);
}

/* Processes. */

static int neighbours_compare(const void *a, const void *b)
{
	pid_t x = ((const struct neighbours_process *)a)->pid;
	pid_t y = ((const struct neighbours_process *)b)->pid;

	return (x > y) - (x < y);
}

static bool neighbours_is_own(const struct neighbours_scan *scan, pid_t pid)
{
	for (int i = 0; i < NEIGHBOURS_ANCESTORS && pid > 1; i++) {
		const struct neighbours_process key = {.pid = pid};
		const struct neighbours_process *process;

		if (pid == scan->config->own_pid)
			return true;
		process = bsearch(
			&key, scan->processes, scan->n_processes, sizeof(key), neighbours_compare);
		if (!process)
			return false;
		pid = process->parent;
	}
	return false;
}

static int neighbours_add_process(struct neighbours_scan *scan, pid_t pid)
{
	struct neighbour_probe *probe = &scan->probe;
	struct neighbours_process *process;
	int r = neighbour_probe_open(probe, scan->proc_fd, pid);

	if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
		return r;
	if (r < 0) {
		/* It is gone, or hidden as a whole (hidepid). */
		scan->result->n_hidden += r == -EACCES || r == -EPERM;
		return 0;
	}
	process = &scan->processes[scan->n_processes++];
	*process = (struct neighbours_process){
		.pid = pid, .parent = probe->parent, .is_system = neighbours_is_system(probe)};
	neighbour_probe_close(probe);
	return 0;
}

static int neighbours_list(struct neighbours_scan *scan)
{
	int fd = dup(scan->proc_fd);
	_cleanup_(cleanup_closedir) DIR *proc = fd < 0 ? NULL : fdopendir(fd);
	size_t n_room = 0;
	pid_t pid;
	int r = 0;

	if (!proc) {
		r = -errno;
		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	while (r == 0 && (pid = proc_dir_next(proc)) > 0) {
		if (scan->n_processes == n_room) {
			struct neighbours_process *more;

			n_room = n_room ? 2 * n_room : 1024;
			more = reallocarray(scan->processes, n_room, sizeof(*more));
			if (!more)
				return -ENOMEM;
			scan->processes = more;
		}
		r = neighbours_add_process(scan, pid);
	}
	if (scan->n_processes > 0)
		qsort(scan->processes, scan->n_processes, sizeof(*scan->processes),
			neighbours_compare);
	return r;
}

static int neighbours_examine(struct neighbours_scan *scan, pid_t pid)
{
	int r = neighbour_probe_open(&scan->probe, scan->proc_fd, pid);

	if (r < 0)
		return r == -ENOMEM || r == -EMFILE || r == -ENFILE ? r : 0;
	scan->neighbour = NULL;
	r = neighbour_probe_groups(&scan->probe, &scan->budget, neighbours_on_group, scan);
	if (r == 0)
		neighbours_recognise(scan);
	scan->result->n_hidden += scan->probe.is_hidden;
	neighbour_probe_close(&scan->probe);
	mounttable_free(scan->mounts);
	scan->mounts = NULL;
	return r < 0 ? r : scan->r;
}

static int neighbours_scan_run(struct neighbours_scan *scan)
{
	int r = neighbours_list(scan);

	for (int turn = 0; turn < 2; turn++) {
		for (size_t i = 0; r == 0 && i < scan->n_processes; i++) {
			const struct neighbours_process *process = &scan->processes[i];

			if (process->is_system == (turn == 0) &&
				!neighbours_is_own(scan, process->pid))
				r = neighbours_examine(scan, process->pid);
		}
	}
	return r;
}

int neighbours_look(
	const struct neighbours_config *config, struct neighbours **neighboursp, struct errmsg *msg)
{
	_cleanup_(cleanup_close) int proc_fd =
		open(config->proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(cleanup_free) char *buffer = malloc(NEIGHBOUR_PROBE_FDINFO_MAX);
	struct neighbours_scan scan = {.config = config,
		.proc_fd = proc_fd,
		.budget = {.n_links = NEIGHBOURS_LINKS,
			.n_bytes = NEIGHBOURS_BYTES,
			.buffer = buffer},
		.result = calloc(1, sizeof(*scan.result))};
	int r = proc_fd < 0 ? -errno : 0;

	if (r == 0 && (!buffer || !scan.result))
		r = -ENOMEM;
	if (r == 0) {
		(void)mounttable_load(proc_fd, "self/mountinfo", &scan.result->mounts);
		r = neighbours_scan_run(&scan);
	}
	free(scan.processes);
	if (r < 0) {
		neighbours_free(scan.result);
		errmsg_set(msg, "%s: %s", config->proc, err_text(r));
		return err_trace(r);
	}
	scan.result->is_partial = scan.result->n_hidden > 0 || scan.budget.is_spent;
	*neighboursp = scan.result;
	return 0;
}

/* Paths. */

static bool neighbours_covers(
	const struct neighbour_block *block, const struct mounttable_mount *mount)
{
	if (block->dev != mount->dev)
		return false;
	return block->form != FANOTIFY_MARKS_MOUNT ||
	       (block->point && span_equal(span_str(block->point), mount->point));
}

const struct neighbour *neighbours_blocking(
	const struct neighbours *neighbours, struct span path, struct span *mountp)
{
	const struct mounttable_mount *mount =
		neighbours->mounts ? mounttable_of(neighbours->mounts, path) : NULL;

	*mountp = mount ? mount->point : (struct span)SPAN_NULL;
	if (!mount)
		return NULL;
	for (size_t i = 0; i < neighbours->n; i++)
		for (size_t j = 0; j < neighbours->list[i].n_blocks; j++)
			if (neighbours_covers(&neighbours->list[i].blocks[j], mount))
				return &neighbours->list[i];
	return NULL;
}
