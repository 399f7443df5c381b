/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls a worker may make; any other kills it (SIGSYS). Hands; the
 * only module that includes seccomp.h.
 */
#ifndef QS_SANDBOX_FILTER_H
#define QS_SANDBOX_FILTER_H

/**
 * Load the filter into the calling thread, with no_new_privs.
 *
 * @socket_fd  Where sendmsg and recvmsg are allowed.
 * @return     0 or -errno.
 */
int sandbox_filter_load(int socket_fd);

#endif
