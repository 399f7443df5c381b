/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The requests of the daemon, one after the other (base/ipc.h: ipc_move_*):
 * names, then what is to be done with them; or an item's id; or a file by its hash,
 * and who executes it.
 *
 * Hands. One thread.
 */
#ifndef QS_REMEDIATE_H
#define QS_REMEDIATE_H

#include "exitcode.h"
#include "mover.h"

/**
 * Recover what a stopped process left, say HELLO, answer requests until the other
 * side closes.
 *
 * @mover       Borrowed.
 * @control_fd  The channel, borrowed.
 * @is_leaving  Do not look at what is half done: its file system did not answer.
 * @return      CHILD_EXIT_OK; CHILD_EXIT_PROTOCOL what came is no request that may
 *              come now; CHILD_EXIT_SYSTEM.
 */
enum child_exit remediate_run(struct mover *mover, int control_fd, bool is_leaving);

#endif
