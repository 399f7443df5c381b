/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device and inode alone are not enough: an inode that was freed comes back with
 * the next file that is made. The content decides; where it could not be hashed,
 * size and times have to be what they were to the nanosecond.
 */
#include "identity.h"

#include "cleanup.h"
#include "clock.h"
#include "pace.h"
#include "vault_crypto.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { IDENTITY_BLOCK = 256 * 1024 };

void identity_from_stat(const struct stat *status, struct identity *identity)
{
	*identity = (struct identity){.dev = status->st_dev,
		.inode = status->st_ino,
		.size = (uint64_t)status->st_size,
		.mtime_ns = identity_ns(status->st_mtim),
		.ctime_ns = identity_ns(status->st_ctim)};
}

int identity_compare(const struct identity *identity, const struct stat *status, int is_moved)
{
	if (status->st_dev != identity->dev || status->st_ino != identity->inode)
		return IDENTITY_E_OTHER;
	if (!S_ISREG(status->st_mode))
		return IDENTITY_E_KIND;
	if ((uint64_t)status->st_size != identity->size)
		return IDENTITY_E_CHANGED;
	if (identity->sha256[0] != '\0')
		return 0;
	if (identity_ns(status->st_mtim) != identity->mtime_ns)
		return IDENTITY_E_CHANGED;
	if (!is_moved && identity->ctime_ns != 0 &&
		identity_ns(status->st_ctim) != identity->ctime_ns)
		return IDENTITY_E_CHANGED;
	return 0;
}

int identity_is_unchanged(const struct stat *before, const struct stat *after)
{
	return before->st_size == after->st_size &&
	       identity_ns(before->st_mtim) == identity_ns(after->st_mtim);
}

int identity_hash_until(int fd, uint64_t size, uint64_t end_ns, char sha256[65], char sha1[41])
{
	_cleanup_(vault_crypto_hash_cleanup) struct vault_crypto_hash *hash = NULL;
	_cleanup_(cleanup_free) uint8_t *block = malloc(IDENTITY_BLOCK);
	uint64_t offset = 0;
	int r = block ? vault_crypto_hash_new(&hash) : -ENOMEM;

	while (r == 0 && offset <= size) {
		ssize_t n;

		pace_keep();
		if (end_ns != UINT64_MAX && clock_mono_ns() >= end_ns)
			return IDENTITY_E_LATE;
		n = pread(fd, block, IDENTITY_BLOCK, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = -errno;
		if (n <= 0)
			break;
		r = vault_crypto_hash_add(hash, (struct span){block, (size_t)n});
		offset += (uint64_t)n;
	}
	if (r == 0 && offset != size)
		return IDENTITY_E_CHANGED;
	return r == 0 ? vault_crypto_hash_end(hash, sha256, sha1) : err_origin(r);
}

int identity_hash(int fd, uint64_t size, char sha256[65], char sha1[41])
{
	return identity_hash_until(fd, size, UINT64_MAX, sha256, sha1);
}

int identity_check(const struct identity *identity, int fd, struct stat *status)
{
	struct stat after;
	char sha256[65];
	char sha1[41];
	int r;

	if (fstat(fd, status) < 0)
		return err_origin(-errno); /* UNTESTED: of an open file */
	r = identity_compare(identity, status, 1);
	if (r != 0 || identity->sha256[0] == '\0')
		return r;
	r = identity_hash(fd, identity->size, sha256, sha1);
	if (r != 0)
		return r;
	if (fstat(fd, &after) < 0)
		return err_origin(-errno); /* UNTESTED: of an open file */
	if (!identity_is_unchanged(status, &after) || strcmp(sha256, identity->sha256) != 0)
		return IDENTITY_E_CHANGED;
	return 0;
}
