/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The console's own walls. A program that parses what strangers send over a
 * network has nothing worth taking over:
 *
 *   credentials   when started as root the user quietscan-console; no capabilities
 *   no_new_privs, not dumpable, no core, few descriptors, bounded memory
 *   Landlock      the state directory, nothing else; no TCP connection out, no new port
 *   seccomp       an allow-list; every other call ends the process
 *
 * Hands. Main thread, before any other thread.
 */
#ifndef QS_CONSOLE_SANDBOX_H
#define QS_CONSOLE_SANDBOX_H

#include "err.h"

#define CONSOLE_SANDBOX_USER "quietscan-console"

/**
 * First step: make the state directory and become who owns it. When not root the
 * user stays. Until the second step a port below 1024 can be bound, and a key that
 * only root may read can be read.
 *
 * @user    NULL: CONSOLE_SANDBOX_USER, or whoever started it if there is no such user.
 * @return  0; -ENOENT there is no such user; other -errno.
 */
int console_sandbox_begin(const char *user, const char *state_dir, struct errmsg *msg);

/**
 * Second step, when sockets, certificate and libraries are there. What is needed
 * afterwards must be open or below @state_dir.
 *
 * @return 0 or -errno: the process must not go on. Without Landlock in the kernel
 *         it goes on, and says so in the log.
 */
int console_sandbox_close(const char *state_dir, struct errmsg *msg);

#endif
