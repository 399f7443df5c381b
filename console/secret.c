/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is random or slow on purpose. */
#include "secret.h"

#include "base64.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { SECRET_BYTES = 32 };

int secret_random(void *bytes, size_t n)
{
	unsigned char *at = bytes;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_origin(-errno); /* UNTESTED: the kernel has always some */
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

int secret_make(char text[SECRET_TEXT_SIZE])
{
	uint8_t bytes[SECRET_BYTES];
	char base64[SECRET_TEXT_SIZE + 1];
	int r = secret_random(bytes, sizeof(bytes));

	if (r < 0)
		return r;
	base64_encode((struct span){bytes, sizeof(bytes)}, base64);
	for (size_t i = 0; i < SECRET_TEXT_SIZE - 1; i++) {
		text[i] = base64[i];
		if (base64[i] == '+')
			text[i] = '-';
		else if (base64[i] == '/')
			text[i] = '_';
	}
	text[SECRET_TEXT_SIZE - 1] = '\0';
	OPENSSL_cleanse(bytes, sizeof(bytes));
	OPENSSL_cleanse(base64, sizeof(base64));
	return 0;
}

int secret_make_id(char text[SECRET_ID_SIZE])
{
	uint8_t b[16];
	int r = secret_random(b, sizeof(b));

	if (r < 0)
		return r;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	(void)snprintf(text, SECRET_ID_SIZE,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
	return 0;
}

int secret_hash(
	const char *secret, const uint8_t salt[SECRET_SALT_BYTES], uint8_t hash[SECRET_HASH_BYTES])
{
	uint64_t cost = 1 << 15;
	uint32_t block = 8;
	uint32_t parallel = 1;
	uint64_t memory_max = 64 << 20; /* OpenSSL's own limit is below what it needs */
	OSSL_PARAM params[] = {OSSL_PARAM_octet_string(OSSL_KDF_PARAM_PASSWORD,
				       (void *)(uintptr_t)secret, strlen(secret)),
		OSSL_PARAM_octet_string(
			OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt, SECRET_SALT_BYTES),
		OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_N, &cost),
		OSSL_PARAM_uint32(OSSL_KDF_PARAM_SCRYPT_R, &block),
		OSSL_PARAM_uint32(OSSL_KDF_PARAM_SCRYPT_P, &parallel),
		OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory_max), OSSL_PARAM_END};
	EVP_KDF *kdf;
	EVP_KDF_CTX *context;
	int done;

	if (strlen(secret) > SECRET_GIVEN_MAX)
		return -EINVAL;
	kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_SCRYPT, NULL);
	context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	EVP_KDF_free(kdf);
	if (!context)
		return err_origin(-ENOMEM);
	done = EVP_KDF_derive(context, hash, SECRET_HASH_BYTES, params);
	EVP_KDF_CTX_free(context);
	return done == 1 ? 0 : err_origin(-ENOMEM);
}

bool secret_equal(const uint8_t a[SECRET_HASH_BYTES], const uint8_t b[SECRET_HASH_BYTES])
{
	return CRYPTO_memcmp(a, b, SECRET_HASH_BYTES) == 0;
}
