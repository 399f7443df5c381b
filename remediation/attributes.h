/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file is besides its content: owner, mode, times, extended attributes
 * (ACLs are some of them). Taken down before it goes into the vault, set again
 * when it comes out.
 *
 * Hands, on descriptors. Any thread.
 */
#ifndef QS_ATTRIBUTES_H
#define QS_ATTRIBUTES_H

#include "vault_item.h"

#include <sys/stat.h>

/**
 * Take them down.
 *
 * @fd        Open for reading, borrowed.
 * @status    Of it.
 * @item      mode, uid, gid, times, dev, inode and xattrs are set; the rest stays.
 * @n_leftp   Set when 0 is returned: extended attributes that are beyond the vault's
 *            limits (their owner chooses them) or vanished meanwhile.
 * @return    0; -ENOMEM; -errno.
 */
int attributes_take(int fd, const struct stat *status, struct vault_item *item, size_t *n_leftp);

/**
 * Set them, on a new file that nobody else has yet; owner first, because that
 * clears set-id bits and capabilities, times last.
 *
 * @fd     Open for writing, borrowed.
 * @lost   Receives, for people, what the kernel does not let us set: security.*
 *         and trusted.* attributes, and bits of the mode; "" when nothing is lost.
 * @msg    What failed.
 * @return 0; -EPERM, -EDQUOT, -ENOSPC, -EOPNOTSUPP (no extended attributes
 *         there), -errno: the file is not as it was.
 */
int attributes_set(int fd, const struct vault_item *item, struct errmsg *lost, struct errmsg *msg);

#endif
