/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What quietscan-remediate answers when it is asked who executes a file: IPC_MOVE_SEEK
 * and IPC_MOVE_STOP (base/ipc.h), by seek.h.
 *
 * Hands. One thread.
 */
#ifndef QS_REMEDIATE_SEEK_H
#define QS_REMEDIATE_SEEK_H

#include "ipc.h"
#include "mover.h"

enum {
	/** Bytes; a larger executable is not read: it takes seconds of CPU time. */
	REMEDIATE_SEEK_SIZE_MAX = 1 << 30,
	/** For one search, whatever the load factor and the file systems: half an hour … */
	REMEDIATE_SEEK_TIME_MS = 30 * 60 * 1000,
	/** For killed processes to end; who sits in the kernel longer is told as left. */
	REMEDIATE_SEEK_WAIT_MS = 10000,
};

/** … and bytes: a minute or two of CPU time. */
#define REMEDIATE_SEEK_TOTAL_MAX (UINT64_C(16) << 30)

/**
 * Tell each file that somebody executes and that has the hash, by FOUND.
 *
 * @control_fd  The channel, borrowed.
 * @result      Set when 0 is returned: SOUGHT, or FAILED when /proc cannot be read.
 * @return      0; -EPROTO the hash is none; -errno of the channel.
 */
int remediate_seek_tell(
	int control_fd, const struct ipc_move_seek *seek, struct mover_result *result);

/**
 * End who executes a file, and not one that has got its inode since. A file that is ours (our own executable, the daemon's, or
 * one in our own executable's folder) is nobody's to end: all who execute it are told
 * as refused.
 *
 * @result  STOPPED, or FAILED when /proc or our own folder cannot be read.
 */
void remediate_seek_stop(const struct ipc_move_stop *stop, struct mover_result *result);

#endif
