/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Client secrets and ids. A secret is kept as a salted scrypt hash (RFC 7914),
 * N = 2^15, r = 8, p = 1: 32 MiB and some 80 ms for each try.
 *
 * Hands (getrandom(2)); any thread. The hash is OpenSSL's.
 */
#ifndef QS_SECRET_H
#define QS_SECRET_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SECRET_TEXT_SIZE = 44,  /**< 43 characters of base64url and a NUL: 256 bits. */
	SECRET_GIVEN_MAX = 256, /**< Bytes of a secret that is looked at. */
	SECRET_SALT_BYTES = 16,
	SECRET_HASH_BYTES = 32,
	SECRET_ID_SIZE = 37,
};

/** Fill with random bytes. @return 0 or -errno. */
int secret_random(void *bytes, size_t n);

/** A new secret. @return 0 or -errno. */
int secret_make(char text[SECRET_TEXT_SIZE]);

/** A new random GUID (version 4). @return 0 or -errno. */
int secret_make_id(char text[SECRET_ID_SIZE]);

/**
 * The slow hash.
 *
 * @secret  NUL-terminated, at most SECRET_GIVEN_MAX bytes.
 * @return  0; -EINVAL too long; -ENOMEM.
 */
int secret_hash(
	const char *secret, const uint8_t salt[SECRET_SALT_BYTES], uint8_t hash[SECRET_HASH_BYTES]);

/** Compare in constant time. */
bool secret_equal(const uint8_t a[SECRET_HASH_BYTES], const uint8_t b[SECRET_HASH_BYTES]);

#endif
