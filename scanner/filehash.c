/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both sums in one pass: the file is read once more than the engine read it,
 * not twice. SHA-1 is for consoles and feeds that still key on it; nothing in
 * this project trusts it.
 */
#include "filehash.h"

#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FILEHASH_BLOCK = 128 * 1024, /* about 0.5 ms of hashing between two payments */
};

static void filehash_ctx_cleanup(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static int filehash_read(
	int fd, uint64_t size, struct gate *gate, EVP_MD_CTX *sha256, EVP_MD_CTX *sha1)
{
	_cleanup_(cleanup_free) uint8_t *block = malloc(FILEHASH_BLOCK);
	uint64_t done = 0;

	if (!block)
		return -ENOMEM;
	while (done < size) {
		uint64_t left = size - done;
		size_t want = left < FILEHASH_BLOCK ? (size_t)left : FILEHASH_BLOCK;
		ssize_t n;

		if (gate_pass(gate) < 0)
			return -ECANCELED;
		n = pread(fd, block, want, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_origin(-errno);
		if (n == 0)
			return -ENODATA;
		if (EVP_DigestUpdate(sha256, block, (size_t)n) != 1 ||
			EVP_DigestUpdate(sha1, block, (size_t)n) != 1)
			return err_origin(-ENOTRECOVERABLE); /* UNTESTED: no input does it */
		done += (uint64_t)n;
	}
	return 0;
}

int filehash_prepare(void)
{
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned n = sizeof(sum);

	if (EVP_Digest("", 0, sum, &n, EVP_sha256(), NULL) != 1 ||
		EVP_Digest("", 0, sum, &n, EVP_sha1(), NULL) != 1)
		return err_origin(-ENOTRECOVERABLE); /* UNTESTED: a broken installation */
	return 0;
}

int filehash_compute(int fd, uint64_t size, struct gate *gate,
	uint8_t sha256[FILEHASH_SHA256_BYTES], uint8_t sha1[FILEHASH_SHA1_BYTES])
{
	_cleanup_(filehash_ctx_cleanup) EVP_MD_CTX *ctx256 = EVP_MD_CTX_new();
	_cleanup_(filehash_ctx_cleanup) EVP_MD_CTX *ctx1 = EVP_MD_CTX_new();
	int r;

	if (!ctx256 || !ctx1)
		return -ENOMEM;
	if (EVP_DigestInit_ex(ctx256, EVP_sha256(), NULL) != 1 ||
		EVP_DigestInit_ex(ctx1, EVP_sha1(), NULL) != 1)
		return err_origin(-ENOMEM);
	r = filehash_read(fd, size, gate, ctx256, ctx1);
	if (r < 0)
		return r;
	if (EVP_DigestFinal_ex(ctx256, sha256, NULL) != 1 ||
		EVP_DigestFinal_ex(ctx1, sha1, NULL) != 1)
		return err_origin(-ENOTRECOVERABLE); /* UNTESTED: no input does it */
	return 0;
}
