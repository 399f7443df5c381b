/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock: from now on the calling thread may use files below some directories
 * only, and (where the kernel knows how) no TCP of its own making and no signals
 * to the outside. What is open stays open: a listening socket goes on accepting.
 * Hands; kernels from 5.13 on, used up to ABI 7.
 */
#ifndef QS_LANDLOCK_H
#define QS_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

/** What may be done below one directory; nothing may be executed anywhere. */
struct landlock_rule {
	int dir_fd;        /**< O_PATH is enough; borrowed. */
	bool is_read_only; /**< Else files in it may be made, written and removed too. */
};

/**
 * The kernel's Landlock ABI.
 *
 * @return  1 or more; 0 when there is none or it is switched off.
 */
int landlock_abi(void);

/**
 * Restrict the calling thread; needs no_new_privs.
 *
 * @rules   n_rules directories, may be 0.
 * @return  0; -EOPNOTSUPP without Landlock; other -errno.
 */
int landlock_restrict(const struct landlock_rule rules[], size_t n_rules);

#endif
