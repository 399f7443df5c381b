/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vault's key: a file "key" in its directory, mode 0600, 64 digits of
 * lower-case hex and a newline; made once.
 *
 * Hands. Any thread.
 */
#ifndef QS_VAULT_KEY_H
#define QS_VAULT_KEY_H

#include "err.h"
#include "vault_crypto.h"

#define VAULT_KEY_NAME "key"

/**
 * Read the key.
 *
 * @key    Set when 0 is returned; vault_crypto_wipe() it.
 * @return 0; -ENOENT there is none (@msg is not set); -EPERM others than we may
 *         use it, or it is no regular file; -EBADMSG it is none; -errno.
 */
int vault_key_load(int dirfd, uint8_t key[VAULT_CRYPTO_KEY_BYTES], struct errmsg *msg);

/** Make a key and read what is there then: another process may have been first. As vault_key_load(). */
int vault_key_make(int dirfd, uint8_t key[VAULT_CRYPTO_KEY_BYTES], struct errmsg *msg);

#endif
