/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a path that somebody wrote to what lies there: component by component,
 * following symbolic links as the kernel would, but looking into the mount
 * table before each step, so that a scan that must not touch a network or FUSE
 * mount does not do so on its way either. The path that comes out has no link,
 * "." or ".." in it.
 *
 * Hands. The walker's thread.
 */
#ifndef QS_RESOLVE_H
#define QS_RESOLVE_H

#include "inode.h"
#include "mounttable.h"

enum {
	RESOLVE_LINKS_MAX = 40,        /**< As the kernel's. */
	RESOLVE_PATH_MAX = 128 * 1024, /**< Of a path while it is worked on. */
	RESOLVE_E_MOUNT = 1,           /**< It leads to a mount this scan does not enter. */
	RESOLVE_E_APART = 2,           /**< It leads over a mount that may hang: halts. */
};

struct resolve {
	bool halts; /**< Set before: do not touch a mount on which a stat may hang (apart.h). */
	int fd;     /**< O_PATH of what is there, owned; -1. */
	int dir_fd; /**< O_PATH of the directory it is in, owned; -1 for "/". */
	char *path; /**< Canonical, on the heap, NUL-terminated (it has none inside). */
	size_t n_path;
	struct inode inode;
	struct mounttable_mount *mount; /**< It lies on this one; also with RESOLVE_E_MOUNT. */
	struct mounttable_mount *apart; /**< First on its way on which a stat may hang; NULL. */
	bool is_link;                   /**< The last component as written was a symbolic link. */
};

#define RESOLVE_NULL                                                                               \
	{                                                                                          \
		.fd = -1, .dir_fd = -1                                                             \
	}

/** Idempotent. */
void resolve_deinit(struct resolve *resolve);

/**
 * Resolve.
 *
 * @path    Absolute, no NUL, at most IPC_PATH_MAX bytes.
 * @type    Decides which mounts may be touched.
 * @result  RESOLVE_NULL before, but for halts; to be given to resolve_deinit() whatever is
 *          returned.
 * @return  0; RESOLVE_E_MOUNT; RESOLVE_E_APART (apart is set); -ENOENT, -ENOTDIR, -ELOOP, -EACCES as open(2);
 *          -ENAMETOOLONG; -ENOMEM; -EINVAL for a relative path.
 */
int resolve_path(const struct mounttable *table, struct span path, enum scan_type type,
	struct resolve *result);

/** The path as a span. */
static inline struct span resolve_span(const struct resolve *resolve)
{
	return (struct span){.data = resolve->path, .n = resolve->n_path};
}

/** The last component of the path as a span; empty for "/". */
static inline struct span resolve_name(const struct resolve *resolve)
{
	const char *slash = memrchr(resolve->path, '/', resolve->n_path);
	const char *name = slash ? slash + 1 : resolve->path;

	return (struct span){.data = name, .n = resolve->n_path - (size_t)(name - resolve->path)};
}

#endif
