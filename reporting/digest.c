/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The EVP interface, since the low-level SHA256_*() calls are deprecated since
 * OpenSSL 3.0. EVP_sha256() needs no fetch and no freeing; the context is made
 * anew each time, which costs less than a microsecond against the disk flush
 * that follows every use.
 *
 * Random bytes come from the kernel and not from the library: its generator
 * can fail and would have to be checked after fork, getrandom(2) without flags
 * cannot fail for up to 256 bytes once the pool is ready.
 */
#include "digest.h"

#include "hex.h"

#include "check.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <sys/random.h>

enum { DIGEST_RANDOM_MAX = 256 };

/*
 * The library does not say why it failed ("initialization error"), and SHA-256
 * in software has no other reason. What it left in its error queue is dropped.
 */
static int digest_no_memory(void)
{
	ERR_clear_error();
	return -ENOMEM;
}

int digest_sha256(const struct span parts[], size_t n_parts, uint8_t hash[DIGEST_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; is_ok && i < n_parts; i++)
		is_ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].n) == 1;
	is_ok = is_ok && EVP_DigestFinal_ex(ctx, hash, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return is_ok ? 0 : digest_no_memory();
}

int digest_hmac(const uint8_t *key, size_t n_key, struct span data, uint8_t mac[DIGEST_BYTES])
{
	unsigned n = 0;

	if (!HMAC(EVP_sha256(), key, (int)n_key, data.data, data.n, mac, &n))
		return digest_no_memory();
	POST(n == DIGEST_BYTES);
	return 0;
}

int digest_equal(const uint8_t a[DIGEST_BYTES], const uint8_t b[DIGEST_BYTES])
{
	return CRYPTO_memcmp(a, b, DIGEST_BYTES) == 0;
}

void digest_hex(const uint8_t *bytes, size_t n_bytes, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n_bytes; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * n_bytes] = '\0';
}

int digest_unhex(const char *text, size_t n_bytes, uint8_t *bytes)
{
	for (size_t i = 0; i < n_bytes; i++) {
		int high = hex_digit((unsigned char)text[2 * i]);
		int low = high < 0 ? -1 : hex_digit((unsigned char)text[2 * i + 1]);

		if (low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)((high << 4) | low);
	}
	return 0;
}

void digest_random(void *bytes, size_t n_bytes)
{
	ssize_t n;

	PRE(n_bytes <= DIGEST_RANDOM_MAX);
	do {
		n = getrandom(bytes, n_bytes, 0);
	} while (n < 0 && errno == EINTR);
	POST(n == (ssize_t)n_bytes);
}
