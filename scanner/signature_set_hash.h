/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 for signature sets. The only module here that includes OpenSSL.
 * Hands (reads descriptors); any thread, an object belongs to one.
 */
#ifndef QS_SIGNATURE_SET_HASH_H
#define QS_SIGNATURE_SET_HASH_H

#include "signature_set.h"

enum { SIGNATURE_SET_HASH_BYTES = 32 };

/** Opaque. A failure of the library is remembered and told at the end. */
struct signature_set_hash;

/** Begin; NULL without memory. End it with signature_set_hash_end(). */
struct signature_set_hash *signature_set_hash_new(void);

/** Add n bytes. */
void signature_set_hash_add(struct signature_set_hash *hash, const void *bytes, size_t n);

/**
 * End and free.
 *
 * @hash  Taken; may be NULL.
 * @r     What happened so far: unless 0, it is returned and @hex set to "".
 * @hex   The digest in lower-case hex.
 * @return @r; -EIO when the library failed.
 */
int signature_set_hash_end(
	struct signature_set_hash *hash, int r, char hex[SIGNATURE_SET_HEX_SIZE]);

/**
 * Hash a file from its current offset to its end.
 *
 * @fd      Borrowed.
 * @digest  Receives the digest.
 * @n_bytesp Set to the bytes read.
 * @return  0; -errno of read; -EIO, -ENOMEM of the library.
 */
int signature_set_hash_fd(
	int fd, unsigned char digest[SIGNATURE_SET_HASH_BYTES], uint64_t *n_bytesp);

#endif
