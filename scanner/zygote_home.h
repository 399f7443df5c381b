/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the zygote and its workers live: own mount, network and IPC
 * namespaces, one private directory for each lane, the engine's uid, and no
 * privilege but (where it was to be had) the one that lets a worker chroot.
 *
 * As root the namespaces are made directly; as any other user by way of a user
 * namespace, where the system allows that. With a mount namespace each lane's
 * directory is a tmpfs of its own with a size, and all else is read-only; without,
 * it is a plain directory, where only the size of one file is limited.
 *
 * Hands. One thread, once, before anything is loaded.
 */
#ifndef QS_ZYGOTE_HOME_H
#define QS_ZYGOTE_HOME_H

#include "err.h"
#include "sandbox.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	ZYGOTE_HOME_PATH_SIZE = 4096, /**< Of a lane's directory, NUL included. */
};

struct zygote_home_config {
	const char *temp_dir; /**< Absolute; made (0700) if it is not there. */
	uint64_t temp_bytes;  /**< Of one lane. */
	unsigned n_lanes;
	bool has_ids; /**< Change to uid and gid; needs root. */
	uid_t uid;
	gid_t gid;
	enum sandbox_walls walls; /**< LANDLOCK: do not keep the right to chroot. */
};

/**
 * Move in.
 *
 * @is_mountedp Set to whether the lanes have a tmpfs each.
 * @msg         What failed.
 * @return      0; -errno, and then the process must end.
 */
int zygote_home_enter(
	const struct zygote_home_config *config, bool *is_mountedp, struct errmsg *msg);

/** The directory of a lane. */
void zygote_home_lane(const char *temp_dir, unsigned lane, char path[ZYGOTE_HOME_PATH_SIZE]);

#endif
