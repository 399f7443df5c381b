/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dynamic linker resolves a symbol in the executable before it looks into
 * libc, so a definition here is what libclamav and the libraries below it
 * (libxml2, zlib, libmspack) call. libc's own calls do not come by here:
 * fread() and the like are seen by the errors they leave (engine_guard.c).
 *
 * The functions have libc's names, the one exception to the prefix rule.
 */
#include "read_guard.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* NOLINTBEGIN(readability-redundant-declaration): some headers have them and some do not.
 * Declared here: with large files libc renames pread to pread64. */
ssize_t pread64(int fd, void *buf, size_t n, off64_t offset);
ssize_t preadv64(int fd, const struct iovec *iov, int n_iov, off64_t offset);
/* NOLINTEND(readability-redundant-declaration) */

static struct {
	bool is_on;
	dev_t dev;
	ino_t ino;
	uint64_t size;
	int error; /* Negative, of the first fault. */
} read_guard;

void read_guard_begin(int fd, uint64_t size)
{
	struct stat st;

	read_guard.is_on = true;
	read_guard.error = 0;
	read_guard.size = size;
	read_guard.dev = 0;
	read_guard.ino = 0;
	if (fstat(fd, &st) == 0) {
		read_guard.dev = st.st_dev;
		read_guard.ino = st.st_ino;
	}
}

int read_guard_end(void)
{
	read_guard.is_on = false;
	return read_guard.error;
}

bool read_guard_has_more(int fd, uint64_t size)
{
	char byte;

	return syscall(SYS_pread64, fd, &byte, 1, (off64_t)size) > 0;
}

static void read_guard_note(int error)
{
	if (read_guard.error == 0 || (error == -EPERM && read_guard.error != -EPERM))
		read_guard.error = error;
}

/* A read of @n bytes at @offset gave @got; was more to be had? */
static void read_guard_check(int fd, off64_t offset, size_t n, ssize_t got)
{
	int saved = errno;
	uint64_t end, size;
	struct stat st;

	if (!read_guard.is_on || (got >= 0 && (size_t)got == n))
		return;
	if (got < 0) {
		if (saved != EINTR && saved != EAGAIN)
			read_guard_note(-saved);
	} else if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (offset < 0)
			offset = lseek64(fd, 0, SEEK_CUR) - got;
		end = (uint64_t)offset + (uint64_t)got;
		size = (uint64_t)st.st_size;
		if (st.st_dev == read_guard.dev && st.st_ino == read_guard.ino &&
			size < read_guard.size)
			size = read_guard.size;
		if (end < size)
			read_guard_note(-ENODATA);
	}
	errno = saved;
}

static size_t read_guard_sum(const struct iovec *iov, int n_iov)
{
	size_t n = 0;

	for (int i = 0; i < n_iov; i++)
		n += iov[i].iov_len;
	return n;
}

ssize_t read(int fd, void *buf, size_t n)
{
	ssize_t got = (ssize_t)syscall(SYS_read, fd, buf, n);

	read_guard_check(fd, -1, n, got);
	return got;
}

ssize_t pread64(int fd, void *buf, size_t n, off64_t offset)
{
	ssize_t got = (ssize_t)syscall(SYS_pread64, fd, buf, n, offset);

	read_guard_check(fd, offset, n, got);
	return got;
}

ssize_t pread(int fd, void *buf, size_t n, off_t offset)
{
	return pread64(fd, buf, n, offset);
}

ssize_t readv(int fd, const struct iovec *iov, int n_iov)
{
	ssize_t got = (ssize_t)syscall(SYS_readv, fd, iov, n_iov);

	read_guard_check(fd, -1, read_guard_sum(iov, n_iov), got);
	return got;
}

ssize_t preadv64(int fd, const struct iovec *iov, int n_iov, off64_t offset)
{
	/* The system call takes the offset in two halves; on 64 bits the high one is ignored. */
	ssize_t got = (ssize_t)syscall(SYS_preadv, fd, iov, n_iov, offset, 0L);

	read_guard_check(fd, offset, read_guard_sum(iov, n_iov), got);
	return got;
}

ssize_t preadv(int fd, const struct iovec *iov, int n_iov, off_t offset)
{
	return preadv64(fd, iov, n_iov, offset);
}
