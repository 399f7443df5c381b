/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The EVP interface. One cipher context for each direction is kept for all
 * pieces of an item: the key's schedule is computed once, a piece only sets its
 * nonce. The library does not say why it failed; for what is called here it has
 * no other reason than memory, but for the one call that compares a tag.
 *
 * Random bytes come from getrandom(2), which cannot fail for up to 256 bytes
 * once the kernel's pool is ready.
 */
#include "vault_crypto.h"

#include "check.h"
#include "err.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
	VAULT_CRYPTO_RANDOM_MAX = 256,
	VAULT_CRYPTO_HEADER_MAX = 256,
	VAULT_CRYPTO_LABEL_MAX = 64,
	VAULT_CRYPTO_REST_MAX = 64,
};

struct vault_crypto {
	EVP_CIPHER_CTX *seal;   /**< Encrypts. */
	EVP_CIPHER_CTX *unseal; /**< Decrypts. */
	size_t n_header;
	uint8_t header[VAULT_CRYPTO_HEADER_MAX]; /**< Authenticated with every piece. */
};

struct vault_crypto_hash {
	EVP_MD_CTX *sha256;
	EVP_MD_CTX *sha1;
};

static int vault_crypto_no_memory(void)
{
	ERR_clear_error();
	return err_origin(-ENOMEM);
}

void vault_crypto_random(void *bytes, size_t n)
{
	ssize_t got;

	PRE(n <= VAULT_CRYPTO_RANDOM_MAX);
	do {
		got = getrandom(bytes, n, 0);
	} while (got < 0 && errno == EINTR);
	POST(got == (ssize_t)n);
}

void vault_crypto_wipe(void *bytes, size_t n)
{
	OPENSSL_cleanse(bytes, n);
}

void vault_crypto_hex(const uint8_t *bytes, size_t n, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * n] = '\0';
}

int vault_crypto_derive(const uint8_t key[VAULT_CRYPTO_KEY_BYTES], const char *label,
	struct span rest, uint8_t out[VAULT_CRYPTO_KEY_BYTES])
{
	uint8_t text[VAULT_CRYPTO_LABEL_MAX + VAULT_CRYPTO_REST_MAX];
	const struct span name = span_str(label);
	unsigned n = 0;

	PRE(name.n <= VAULT_CRYPTO_LABEL_MAX && rest.n <= VAULT_CRYPTO_REST_MAX);
	memcpy(text, name.data, name.n);
	if (rest.n > 0)
		memcpy(text + name.n, rest.data, rest.n);
	if (!HMAC(EVP_sha256(), key, VAULT_CRYPTO_KEY_BYTES, text, name.n + rest.n, out, &n))
		return vault_crypto_no_memory();
	POST(n == VAULT_CRYPTO_KEY_BYTES);
	return 0;
}

int vault_crypto_new(const uint8_t key[VAULT_CRYPTO_KEY_BYTES], struct span header,
	struct vault_crypto **cryptop)
{
	struct vault_crypto *crypto = calloc(1, sizeof(*crypto));
	bool is_ok;

	PRE(header.n > 0 && header.n <= VAULT_CRYPTO_HEADER_MAX);
	if (!crypto)
		return err_origin(-ENOMEM);
	crypto->n_header = header.n;
	memcpy(crypto->header, header.data, header.n);
	crypto->seal = EVP_CIPHER_CTX_new();
	crypto->unseal = EVP_CIPHER_CTX_new();
	is_ok = crypto->seal && crypto->unseal &&
		EVP_EncryptInit_ex(crypto->seal, EVP_aes_256_gcm(), NULL, key, NULL) == 1 &&
		EVP_DecryptInit_ex(crypto->unseal, EVP_aes_256_gcm(), NULL, key, NULL) == 1;
	if (!is_ok) {
		vault_crypto_free(crypto);
		return vault_crypto_no_memory();
	}
	*cryptop = crypto;
	return 0;
}

void vault_crypto_free(struct vault_crypto *crypto)
{
	if (!crypto)
		return;
	EVP_CIPHER_CTX_free(crypto->seal);
	EVP_CIPHER_CTX_free(crypto->unseal);
	free(crypto);
}

int vault_crypto_seal(struct vault_crypto *crypto, const uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES],
	struct span plain, uint8_t *sealed)
{
	EVP_CIPHER_CTX *ctx = crypto->seal;
	int n = 0;
	int n_end = 0;
	bool is_ok;

	PRE(plain.n <= VAULT_CRYPTO_PIECE_MAX);
	/* Without data the library would take the call for the end of the header. */
	is_ok = EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, nonce) == 1 &&
		EVP_EncryptUpdate(ctx, NULL, &n, crypto->header, (int)crypto->n_header) == 1;
	n = 0;
	if (is_ok && plain.n > 0)
		is_ok = EVP_EncryptUpdate(ctx, sealed, &n, plain.data, (int)plain.n) == 1;
	is_ok = is_ok && EVP_EncryptFinal_ex(ctx, sealed + n, &n_end) == 1 &&
		EVP_CIPHER_CTX_ctrl(
			ctx, EVP_CTRL_AEAD_GET_TAG, VAULT_CRYPTO_TAG_BYTES, sealed + plain.n) == 1;
	if (!is_ok)
		return vault_crypto_no_memory();
	POST((size_t)(n + n_end) == plain.n);
	return 0;
}

int vault_crypto_unseal(struct vault_crypto *crypto, const uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES],
	struct span sealed, uint8_t *plain)
{
	EVP_CIPHER_CTX *ctx = crypto->unseal;
	const uint8_t *from = sealed.data;
	uint8_t tag[VAULT_CRYPTO_TAG_BYTES];
	size_t n_plain = sealed.n - sizeof(tag);
	uint8_t none[1];
	int n = 0;
	int n_end = 0;
	bool is_ok;

	PRE(sealed.n >= sizeof(tag) && n_plain <= VAULT_CRYPTO_PIECE_MAX);
	memcpy(tag, from + n_plain, sizeof(tag)); /* the library asks for one that it may write */
	is_ok = EVP_DecryptInit_ex(ctx, NULL, NULL, NULL, nonce) == 1 &&
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) == 1 &&
		EVP_DecryptUpdate(ctx, NULL, &n, crypto->header, (int)crypto->n_header) == 1;
	n = 0;
	if (is_ok && n_plain > 0)
		is_ok = EVP_DecryptUpdate(ctx, plain, &n, from, (int)n_plain) == 1;
	if (!is_ok)
		return vault_crypto_no_memory();
	if (EVP_DecryptFinal_ex(ctx, n_plain > 0 ? plain + n : none, &n_end) != 1) {
		ERR_clear_error();
		return -EBADMSG;
	}
	POST((size_t)(n + n_end) == n_plain);
	return 0;
}

int vault_crypto_hash_new(struct vault_crypto_hash **hashp)
{
	struct vault_crypto_hash *hash = calloc(1, sizeof(*hash));
	bool is_ok;

	if (!hash)
		return err_origin(-ENOMEM);
	hash->sha256 = EVP_MD_CTX_new();
	hash->sha1 = EVP_MD_CTX_new();
	is_ok = hash->sha256 && hash->sha1 &&
		EVP_DigestInit_ex(hash->sha256, EVP_sha256(), NULL) == 1 &&
		EVP_DigestInit_ex(hash->sha1, EVP_sha1(), NULL) == 1;
	if (!is_ok) {
		vault_crypto_hash_free(hash);
		return vault_crypto_no_memory();
	}
	*hashp = hash;
	return 0;
}

void vault_crypto_hash_free(struct vault_crypto_hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->sha256);
	EVP_MD_CTX_free(hash->sha1);
	free(hash);
}

int vault_crypto_hash_add(struct vault_crypto_hash *hash, struct span bytes)
{
	if (EVP_DigestUpdate(hash->sha256, bytes.data, bytes.n) != 1 ||
		EVP_DigestUpdate(hash->sha1, bytes.data, bytes.n) != 1)
		return vault_crypto_no_memory();
	return 0;
}

int vault_crypto_hash_end(struct vault_crypto_hash *hash, char sha256[65], char sha1[41])
{
	uint8_t bytes256[32];
	uint8_t bytes1[20];

	if (EVP_DigestFinal_ex(hash->sha256, bytes256, NULL) != 1 ||
		EVP_DigestFinal_ex(hash->sha1, bytes1, NULL) != 1)
		return vault_crypto_no_memory();
	vault_crypto_hex(bytes256, sizeof(bytes256), sha256);
	vault_crypto_hex(bytes1, sizeof(bytes1), sha1);
	return 0;
}
