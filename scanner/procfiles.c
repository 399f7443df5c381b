/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps names device and inode of each mapping without touching the file
 * system it is on, so the caller can leave out what lies on a mount that may
 * hang before it follows the link. The text of a mapping is read from its
 * map_files link where that is allowed and from maps else not at all: maps
 * escapes newlines only and cuts nothing, but a link is exact.
 */
#include "procfiles.h"

#include "cleanup.h"
#include "err.h"
#include "proc_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct procfiles_walk {
	int (*on_file)(void *data, const struct procfiles_file *file);
	void *data;
	struct procfiles_file file;
	bool has_exe; /* a mapping with the executable's text was seen */
	size_t n_exe;
	char exe[PATH_MAX];
	char text[PATH_MAX];
	char link[64];
};

int procfiles_parse(const char *line, struct procfiles_map *map)
{
	char permissions[5];
	unsigned dev_major;
	unsigned dev_minor;
	unsigned long long ino;

	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers, widths fit */
	if (sscanf(line, "%lx-%lx %4s %*x %x:%x %llu", &map->begin, &map->end, permissions,
		    &dev_major, &dev_minor, &ino) != 6)
		return -EBADMSG;
	map->is_executable = permissions[2] == 'x';
	map->dev = makedev(dev_major, dev_minor);
	map->ino = (ino_t)ino;
	return 0;
}

static bool procfiles_read_link(int pid_fd, const char *link, char text[PATH_MAX], size_t *np)
{
	ssize_t n = readlinkat(pid_fd, link, text, PATH_MAX);

	if (n <= 0 || n == PATH_MAX)
		return false;
	*np = (size_t)n;
	return true;
}

static int procfiles_mapping(struct procfiles_walk *walk, const struct procfiles_map *map)
{
	size_t n;

	(void)snprintf(walk->link, sizeof(walk->link), "map_files/%lx-%lx", map->begin, map->end);
	if (!procfiles_read_link(walk->file.pid_fd, walk->link, walk->text, &n))
		return 0;
	walk->file.link = walk->link;
	walk->file.is_mapped = true;
	walk->file.dev = map->dev;
	walk->file.ino = map->ino;
	walk->file.text = (struct span){.data = walk->text, .n = n};
	if (n == walk->n_exe && memcmp(walk->text, walk->exe, n) == 0)
		walk->has_exe = true;
	return walk->on_file(walk->data, &walk->file);
}

static int procfiles_mappings(struct procfiles_walk *walk)
{
	int fd = openat(walk->file.pid_fd, "maps", O_RDONLY | O_CLOEXEC);
	_cleanup_(cleanup_fclose) FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");
	_cleanup_(cleanup_free) char *line = NULL;
	size_t n_line = 0;
	int r = 0;

	if (!maps) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	while (r == 0 && getline(&line, &n_line, maps) > 0) {
		struct procfiles_map map;

		if (procfiles_parse(line, &map) == 0 && map.is_executable && map.ino != 0)
			r = procfiles_mapping(walk, &map);
	}
	return r;
}

static int procfiles_process(struct procfiles_walk *walk)
{
	int r;

	walk->has_exe = false;
	walk->n_exe = 0;
	/* A kernel thread has none; another user's may not be read. */
	if (!procfiles_read_link(walk->file.pid_fd, "exe", walk->exe, &walk->n_exe))
		return 0;
	r = procfiles_mappings(walk);
	if (r < 0 || walk->has_exe)
		return r;
	walk->file.link = "exe";
	walk->file.is_mapped = false;
	walk->file.text = (struct span){.data = walk->exe, .n = walk->n_exe};
	return walk->on_file(walk->data, &walk->file);
}

int procfiles_each(int (*on_file)(void *data, const struct procfiles_file *file), void *data)
{
	_cleanup_(cleanup_closedir) DIR *proc = opendir("/proc");
	struct procfiles_walk walk = {.on_file = on_file, .data = data};
	pid_t pid;
	int r = 0;

	if (!proc)
		return err_origin(-errno);
	while (r == 0 && (pid = proc_dir_next(proc)) > 0) {
		_cleanup_(cleanup_close) int pid_fd = -1;
		char name[PROC_DIR_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "%d", (int)pid);
		pid_fd = openat(dirfd(proc), name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (pid_fd < 0)
			continue;
		walk.file.pid = pid;
		walk.file.pid_fd = pid_fd;
		r = procfiles_process(&walk);
	}
	return r;
}

/*
 * AT_STATX_DONT_SYNC and no more asked for than the number: a network or FUSE
 * file system answers from the inode in memory, which a running process holds.
 */
static bool procfiles_is_executing(DIR *proc, pid_t pid, dev_t dev, ino_t ino)
{
	struct statx found;
	char name[PROC_DIR_NAME_SIZE];

	return proc_dir_exe(dirfd(proc), pid, name) == 0 &&
	       statx(dirfd(proc), name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &found) ==
		       0 &&
	       found.stx_ino == ino && makedev(found.stx_dev_major, found.stx_dev_minor) == dev;
}

int procfiles_find_executing(dev_t dev, ino_t ino, uint64_t *pids, size_t n_max, uint64_t *n_allp)
{
	_cleanup_(cleanup_closedir) DIR *proc = opendir("/proc");
	uint64_t n = 0;
	pid_t pid;

	if (!proc)
		return err_origin(-errno);
	while ((pid = proc_dir_next(proc)) > 0) {
		if (!procfiles_is_executing(proc, pid, dev, ino))
			continue;
		if (n < n_max)
			pids[n] = (uint64_t)pid;
		n++;
	}
	*n_allp = n;
	return 0;
}
