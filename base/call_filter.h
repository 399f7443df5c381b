/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System call filters of our processes: an allow-list; every other call ends the
 * process. Which calls, and why each, stands with the process; here is what all of
 * them do alike, so that it is mended in one place.
 *
 * Hands (libseccomp, whose scmp_filter_ctx is the void pointer here).
 */
#ifndef QS_CALL_FILTER_H
#define QS_CALL_FILTER_H

#include <stddef.h>
#include <stdint.h>

/**
 * Allow these calls, and what every one of our processes needs with conditions: memory
 * that is never code (mmap, mprotect), abort(3) (tgkill to itself), and prctl(2)
 * answered EINVAL (malloc names its arenas, libuv its threads).
 *
 * @return  0 or libseccomp's -errno.
 */
int call_filter_allow(void *filter, const int calls[], size_t n_calls);

/**
 * Allow a call when the low 32 bits of its second argument are one of these: fcntl's
 * commands, ioctl's requests, pidfd_send_signal's signals.
 *
 * @return  As call_filter_allow().
 */
int call_filter_allow_commands(
	void *filter, int call, const uint32_t commands[], size_t n_commands);

/**
 * Put a filter in force, for good. Does nothing in a build with a sanitizer, which
 * makes calls of its own.
 *
 * @add     Adds the rules; 0 or -errno.
 * @return  0; -ENOMEM; what @add returned; -errno of seccomp(2).
 */
int call_filter_load(int (*add)(void *filter));

#endif
