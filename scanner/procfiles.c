/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps names device and inode of each mapping without touching the file
 * system it is on, so the caller can leave out what lies on a mount that may
 * hang before it follows the link. The text of a mapping is read from its
 * map_files link where that is allowed and from maps else not at all: maps
 * escapes newlines only and cuts nothing, but a link is exact. Only where the
 * first thread has ended there are no such links, and maps is all there is.
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
	bool has_links; /* there is map_files */
	bool has_exe;   /* a mapping with the executable's text was seen */
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
	int n = 0;

	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers, widths fit */
	if (sscanf(line, "%lx-%lx %4s %*x %x:%x %llu %n", &map->begin, &map->end, permissions,
		    &dev_major, &dev_minor, &ino, &n) != 6)
		return -EBADMSG;
	map->path = line + n;
	map->is_executable = permissions[2] == 'x';
	map->dev = makedev(dev_major, dev_minor);
	map->ino = (ino_t)ino;
	return 0;
}

/* The kernel does not tell a path that is longer than PATH_MAX; the link's own name is one. */
static bool procfiles_read_link(
	const struct procfiles_walk *walk, const char *link, char text[PATH_MAX], size_t *np)
{
	ssize_t n = readlinkat(walk->file.pid_fd, link, text, PATH_MAX);

	if (n < 0 && errno == ENAMETOOLONG)
		n = snprintf(text, PATH_MAX, "/proc/%d/%s", (int)walk->file.pid, link);
	if (n <= 0 || n == PATH_MAX)
		return false;
	*np = (size_t)n;
	return true;
}

/* By its link. */
static int procfiles_mapping(struct procfiles_walk *walk, const struct procfiles_map *map)
{
	size_t n;

	(void)snprintf(walk->link, sizeof(walk->link), "map_files/%lx-%lx", map->begin, map->end);
	if (!procfiles_read_link(walk, walk->link, walk->text, &n))
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

/* The path of a line of maps as it is; a name with "\012" in it is not told from one. */
static size_t procfiles_read_path(const char *path, char text[PATH_MAX])
{
	static const char newline[] = "\\012";
	size_t n = 0;

	while (*path != '\0' && *path != '\n' && n < PATH_MAX) {
		if (strncmp(path, newline, sizeof(newline) - 1) == 0) {
			text[n++] = '\n';
			path += sizeof(newline) - 1;
		} else {
			text[n++] = *path++;
		}
	}
	return n;
}

/* By its path. The executable has its link. */
static int procfiles_named(struct procfiles_walk *walk, const struct procfiles_map *map)
{
	size_t n = procfiles_read_path(map->path, walk->text);

	if (n == 0 || n == PATH_MAX || walk->text[0] != '/' ||
		(n == walk->n_exe && memcmp(walk->text, walk->exe, n) == 0))
		return 0;
	walk->file.link = NULL;
	walk->file.is_mapped = true;
	walk->file.dev = map->dev;
	walk->file.ino = map->ino;
	walk->file.text = (struct span){.data = walk->text, .n = n};
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
			r = walk->has_links ? procfiles_mapping(walk, &map)
					    : procfiles_named(walk, &map);
	}
	return r;
}

/*
 * Where it lies is known by the inode in memory, which a running process holds:
 * AT_STATX_DONT_SYNC and no more asked for than the number. No network or FUSE
 * file system has to answer.
 */
static bool procfiles_look(int fd, const char *link, dev_t *devp, ino_t *inop)
{
	struct statx found;

	if (statx(fd, link, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &found) < 0)
		return false;
	*devp = makedev(found.stx_dev_major, found.stx_dev_minor);
	*inop = found.stx_ino;
	return true;
}

static int procfiles_process(struct procfiles_walk *walk)
{
	struct procfiles_file *file = &walk->file;
	int r;

	walk->has_exe = false;
	walk->n_exe = 0;
	if (!procfiles_read_link(walk, "exe", walk->exe, &walk->n_exe))
		return 0;
	r = procfiles_mappings(walk);
	if (r < 0 || walk->has_exe)
		return r;
	file->link = "exe";
	file->text = (struct span){.data = walk->exe, .n = walk->n_exe};
	/* A text that is no path of the file does not say where that lies. */
	file->is_mapped = strncmp(walk->exe, "/proc/", 6) == 0;
	if (file->is_mapped && !procfiles_look(file->pid_fd, "exe", &file->dev, &file->ino))
		return 0;
	return walk->on_file(walk->data, file);
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

		/* A kernel thread executes nothing; another user's may not be read. */
		if (proc_dir_exe(dirfd(proc), pid, name) < 0)
			continue;
		*strrchr(name, '/') = '\0';
		pid_fd = openat(dirfd(proc), name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (pid_fd < 0)
			continue;
		walk.file.pid = pid;
		walk.file.pid_fd = pid_fd;
		walk.has_links = strchr(name, '/') == NULL; /* else it is a thread's */
		r = procfiles_process(&walk);
	}
	return r;
}

static bool procfiles_is_executing(DIR *proc, pid_t pid, dev_t dev, ino_t ino)
{
	char name[PROC_DIR_NAME_SIZE];
	dev_t found_dev;
	ino_t found_ino;

	return proc_dir_exe(dirfd(proc), pid, name) == 0 &&
	       procfiles_look(dirfd(proc), name, &found_dev, &found_ino) && found_ino == ino &&
	       found_dev == dev;
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
