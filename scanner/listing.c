/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readdir(3) would cost an allocation and 32 KiB for each open directory; a
 * buffer of 64 KiB shared by all makes few calls and bounded memory. The
 * records are the kernel's, but of a file system that may be broken or
 * hostile, so lengths are checked.
 */
#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int listing_read(struct listing *listing, int fd, size_t n_max)
{
	long n;

	listing->n = 0;
	listing->at = 0;
	do
		n = syscall(SYS_getdents64, fd, listing->bytes, n_max);
	while (n < 0 && errno == EINTR);
	/* A directory that was removed while it was open has ended. */
	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	listing->n = (size_t)n;
	return n > 0;
}

bool listing_next(struct listing *listing, struct listing_entry *entry)
{
	while (listing->at < listing->n) {
		const struct dirent64 *record =
			(const struct dirent64 *)(void *)(listing->bytes + listing->at);
		size_t left = listing->n - listing->at;
		size_t head = offsetof(struct dirent64, d_name);

		if (left <= head || record->d_reclen <= head || record->d_reclen > left)
			return false;
		listing->at += record->d_reclen;
		listing->cookie = record->d_off;
		entry->name.data = record->d_name;
		entry->name.n = strnlen(record->d_name, record->d_reclen - head);
		entry->type = record->d_type;
		if (entry->name.n == 0 || entry->name.n == record->d_reclen - head)
			continue;
		if (span_equal(entry->name, span_str(".")) ||
			span_equal(entry->name, span_str("..")))
			continue;
		return true;
	}
	return false;
}
