/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heartbeat of a wait: tells the daemon who waits for which mount. It comes
 * from the main thread, which touches no file system but /proc, so it comes
 * while everybody else hangs.
 *
 * Hands (socket, /proc/self/mountinfo). The main thread.
 */
#ifndef QS_HEARTBEAT_H
#define QS_HEARTBEAT_H

#include "outbox.h"
#include "waits.h"

/** Send IPC_SCAN_WAIT if somebody waits for longer than a moment. */
void heartbeat_send(struct waits *waits, struct outbox *outbox);

#endif
