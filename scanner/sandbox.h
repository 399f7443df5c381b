/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walls around a worker, which parses hostile bytes with a library that
 * has had several memory faults a year. Afterwards the process sees one private
 * directory and nothing else of any file system, has no capability and no way
 * to get one, can make no socket, process or executable memory, cannot signal
 * or trace others, and is killed by the kernel at the first system call that
 * is not on the list.
 *
 * Hands. The calling process must have one thread; there is no way back.
 * Table of walls and what each stops: docs/engine.md.
 */
#ifndef QS_SANDBOX_H
#define QS_SANDBOX_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

/** What hides the file systems. */
enum sandbox_walls {
	SANDBOX_WALLS_AUTO,     /**< Both where possible; one must be. */
	SANDBOX_WALLS_LANDLOCK, /**< Landlock and no chroot. */
	SANDBOX_WALLS_CHROOT,   /**< chroot and no Landlock (a kernel without it). */
};

struct sandbox_config {
	const char *dir;       /**< The private directory: absolute, the caller's, writable. */
	int socket_fd;         /**< The only descriptor that may send and receive messages. */
	uint64_t memory_bytes; /**< Address space beyond what the process has now. */
	uint64_t file_bytes;   /**< Size of the largest file it may write. */
	uint64_t n_fds_max;    /**< Descriptors, the open ones included. */
	enum sandbox_walls walls;
};

/**
 * Confine the calling process.
 *
 * @insidep  Set to the path of the private directory as seen from inside:
 *           config->dir itself, or "/" after a chroot.
 * @msg      Which wall could not be built.
 * @return   0; -errno, and then the process may be confined in part and must
 *           end (CHILD_EXIT_SANDBOX).
 */
int sandbox_enter(const struct sandbox_config *config, const char **insidep, struct errmsg *msg);

/** Parse "auto", "landlock" or "chroot"; 0 or -EINVAL. */
int sandbox_walls_parse(const char *name, enum sandbox_walls *wallsp);

#endif
