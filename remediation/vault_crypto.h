/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AES-256-GCM, HMAC-SHA-256 and the two hashes of a file: NIST SP 800-38D, RFC
 * 2104, FIPS 180-4, computed by OpenSSL's libcrypto. The only module of
 * remediation/ that includes its headers. What is encrypted with which nonce is
 * decided in vault_format.h.
 *
 * Pure but for memory and vault_crypto_random(). Any thread; a context belongs
 * to one at a time.
 */
#ifndef QS_VAULT_CRYPTO_H
#define QS_VAULT_CRYPTO_H

#include "span.h"

#include <stddef.h>
#include <stdint.h>

enum {
	VAULT_CRYPTO_KEY_BYTES = 32,
	VAULT_CRYPTO_NONCE_BYTES = 12,
	VAULT_CRYPTO_TAG_BYTES = 16,
	VAULT_CRYPTO_PIECE_MAX = 1 << 30, /**< Bytes of one piece; libcrypto counts in int. */
};

/** Up to 256 random bytes from the kernel; waits for its pool at boot. */
void vault_crypto_random(void *bytes, size_t n);

/** Overwrite a secret, also where a compiler would see no use in it. */
void vault_crypto_wipe(void *bytes, size_t n);

/** Lower-case hex. @text receives 2 * n + 1 bytes, NUL-terminated. */
void vault_crypto_hex(const uint8_t *bytes, size_t n, char *text);

/**
 * HMAC-SHA-256 of a label and of what follows it.
 *
 * @label  A literal; without its NUL.
 * @out    Receives 32 bytes when 0 is returned, else undefined.
 * @return 0 or -ENOMEM.
 */
int vault_crypto_derive(const uint8_t key[VAULT_CRYPTO_KEY_BYTES], const char *label,
	struct span rest, uint8_t out[VAULT_CRYPTO_KEY_BYTES]);

/** One key and the bytes that every piece is authenticated with. */
struct vault_crypto;

/**
 * @header   Copied.
 * @cryptop  Set when 0 is returned; vault_crypto_free() it.
 * @return   0 or -ENOMEM.
 */
int vault_crypto_new(const uint8_t key[VAULT_CRYPTO_KEY_BYTES], struct span header,
	struct vault_crypto **cryptop);

/** Wipes the key; takes NULL. */
void vault_crypto_free(struct vault_crypto *crypto);

/** For _cleanup_(). */
static inline void vault_crypto_cleanup(struct vault_crypto **crypto)
{
	vault_crypto_free(*crypto);
}

/**
 * Encrypt a piece.
 *
 * @nonce   Never used before with this key.
 * @plain   At most VAULT_CRYPTO_PIECE_MAX bytes, may be empty.
 * @sealed  Receives plain.n + VAULT_CRYPTO_TAG_BYTES.
 * @return  0 or -ENOMEM.
 */
int vault_crypto_seal(struct vault_crypto *crypto, const uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES],
	struct span plain, uint8_t *sealed);

/**
 * Decrypt a piece.
 *
 * @sealed  Any bytes, at least VAULT_CRYPTO_TAG_BYTES of them.
 * @plain   Receives sealed.n - VAULT_CRYPTO_TAG_BYTES; undefined unless 0.
 * @return  0; -EBADMSG key, nonce, header or bytes are not those it was sealed
 *          with; -ENOMEM.
 */
int vault_crypto_unseal(struct vault_crypto *crypto, const uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES],
	struct span sealed, uint8_t *plain);

/** SHA-256 and SHA-1 of one stream. */
struct vault_crypto_hash;

/** @return 0 or -ENOMEM; then vault_crypto_hash_free() it. */
int vault_crypto_hash_new(struct vault_crypto_hash **hashp);
/** Takes NULL. */
void vault_crypto_hash_free(struct vault_crypto_hash *hash);
/** Add bytes. 0 or -ENOMEM. */
int vault_crypto_hash_add(struct vault_crypto_hash *hash, struct span bytes);
/** End, and give lower-case hex. 0 or -ENOMEM. */
int vault_crypto_hash_end(struct vault_crypto_hash *hash, char sha256[65], char sha1[41]);

/** For _cleanup_(). */
static inline void vault_crypto_hash_cleanup(struct vault_crypto_hash **hash)
{
	vault_crypto_hash_free(*hash);
}

#endif
