/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The zygote: loads the signature set once and forks a worker whenever the
 * scanner asks for one, so that all workers share the engine's memory.
 *
 * Hands. The process has one thread, always: a fork copies only the thread
 * that calls it, and locks held by others would stay locked for ever.
 */
#ifndef QS_ZYGOTE_H
#define QS_ZYGOTE_H

#include "engine_args.h"
#include "exitcode.h"

/**
 * Be the zygote until the daemon closes the control channel.
 *
 * @args   Checked; its descriptors are owned by this call.
 * @return How to exit: CHILD_EXIT_OK at the daemon's end of file;
 *         CHILD_EXIT_SIGNATURES, told by IPC_ENGINE_FAILED; CHILD_EXIT_PROTOCOL
 *         on a wrong message; CHILD_EXIT_SYSTEM, told by IPC_ENGINE_FAILED
 *         before READY.
 */
enum child_exit zygote_run(const struct engine_args *args);

#endif
