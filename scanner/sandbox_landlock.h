/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock: from now on the calling thread may use files below one directory
 * only, and (where the kernel knows how) no TCP and no signals to the outside.
 * Hands; kernels from 5.13 on, used up to ABI 7.
 */
#ifndef QS_SANDBOX_LANDLOCK_H
#define QS_SANDBOX_LANDLOCK_H

/**
 * The kernel's Landlock ABI.
 *
 * @return  1 or more; 0 when there is none or it is switched off.
 */
int sandbox_landlock_abi(void);

/**
 * Restrict the calling thread; needs no_new_privs.
 *
 * @dir_fd  The one directory, O_PATH is enough. Files in it may be made, read,
 *          written and removed, not executed.
 * @return  0; -EOPNOTSUPP without Landlock; other -errno.
 */
int sandbox_landlock_restrict(int dir_fd);

#endif
