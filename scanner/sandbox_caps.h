/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities of the calling process: all of them away, or all but the one
 * that lets a worker chroot into its directory. Hands; one thread.
 */
#ifndef QS_SANDBOX_CAPS_H
#define QS_SANDBOX_CAPS_H

/** Keep nothing. @return 0 or -errno. */
int sandbox_caps_drop(void);

/**
 * Keep CAP_SYS_CHROOT, permitted but not in effect, if the process has it, and
 * nothing else.
 *
 * @return 0; -EPERM when the process does not have it (nothing is kept); other
 *         -errno.
 */
int sandbox_caps_keep_chroot(void);

/** Put a kept CAP_SYS_CHROOT in effect. @return 0; -EPERM without it. */
int sandbox_caps_use_chroot(void);

#endif
