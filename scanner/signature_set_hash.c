/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EVP instead of the plain SHA256_* calls, which OpenSSL 3 deprecates. An
 * update cannot fail but for a broken provider, so it is checked once, at the
 * end, and callers stay readable.
 */
#include "signature_set_hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct signature_set_hash {
	EVP_MD_CTX *context;
	bool is_failed;
};

struct signature_set_hash *signature_set_hash_new(void)
{
	struct signature_set_hash *hash = calloc(1, sizeof(*hash));

	if (!hash)
		return NULL;
	hash->context = EVP_MD_CTX_new();
	if (!hash->context) {
		free(hash);
		return NULL;
	}
	hash->is_failed = EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1;
	return hash;
}

void signature_set_hash_add(struct signature_set_hash *hash, const void *bytes, size_t n)
{
	if (EVP_DigestUpdate(hash->context, bytes, n) != 1)
		hash->is_failed = true;
}

static int signature_set_hash_finish(
	struct signature_set_hash *hash, unsigned char digest[SIGNATURE_SET_HASH_BYTES])
{
	int r = !hash->is_failed && EVP_DigestFinal_ex(hash->context, digest, NULL) == 1 ? 0 : -EIO;

	EVP_MD_CTX_free(hash->context);
	free(hash);
	return r;
}

int signature_set_hash_end(struct signature_set_hash *hash, int r, char hex[SIGNATURE_SET_HEX_SIZE])
{
	unsigned char digest[SIGNATURE_SET_HASH_BYTES];
	int finished = hash ? signature_set_hash_finish(hash, digest) : 0;

	hex[0] = '\0';
	if (r != 0 || !hash)
		return r;
	for (size_t i = 0; finished == 0 && i < sizeof(digest); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return err_trace(finished);
}

int signature_set_hash_fd(
	int fd, unsigned char digest[SIGNATURE_SET_HASH_BYTES], uint64_t *n_bytesp)
{
	struct signature_set_hash *hash = signature_set_hash_new();
	char buf[65536];
	ssize_t n;
	int r;

	if (!hash)
		return err_origin(-ENOMEM);
	*n_bytesp = 0;
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		signature_set_hash_add(hash, buf, (size_t)n);
		*n_bytesp += (uint64_t)n;
	}
	r = n < 0 ? -errno : 0;
	return signature_set_hash_finish(hash, digest) < 0 ? -EIO : err_trace(r);
}
