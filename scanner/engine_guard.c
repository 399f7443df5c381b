/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interposed like the functions in read_guard.c, and under libc's names for
 * the same reason. Not every failure loses anything: EEXIST is how unique
 * names are found, and an open for reading may probe. What is noted is a file
 * or directory that could not be made, a write that was not whole, a stream
 * that had an error by the time it was closed, a lack of descriptors, and
 * memory that could not be had.
 *
 * libclamav's own cap on one allocation (1 GiB) does not come by here; such a
 * header is refused by its parser, as in clamscan.
 */
#include "engine_guard.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#if !defined(QUIETSCAN_ASAN) && !defined(QUIETSCAN_TSAN)
#define ENGINE_GUARD_MEMORY 1
#endif

enum { ENGINE_GUARD_FDS_MAX = 256 }; /* A worker has no more (WORKER_FDS_MAX). */

static struct {
	bool is_on;
	bool is_cut;
	int error; /* Negative, of the first failure. */
	const char *what;
	uint64_t file_bytes_max;
	uint64_t written[ENGINE_GUARD_FDS_MAX]; /* By descriptor, since it was opened. */
} engine_guard;

void engine_guard_begin(uint64_t file_bytes_max)
{
	engine_guard.file_bytes_max = file_bytes_max;
	engine_guard.is_cut = false;
	engine_guard.error = 0;
	engine_guard.what = NULL;
	engine_guard.is_on = true;
}

int engine_guard_end(const char **whatp)
{
	engine_guard.is_on = false;
	*whatp = engine_guard.what;
	return engine_guard.error;
}

bool engine_guard_was_cut(void)
{
	return engine_guard.is_cut;
}

static void engine_guard_grew(uint64_t n_bytes)
{
	if (engine_guard.is_on && engine_guard.file_bytes_max > 0 &&
		n_bytes >= engine_guard.file_bytes_max)
		engine_guard.is_cut = true;
}

static void engine_guard_note(const char *what, int error)
{
	if (!engine_guard.is_on || engine_guard.error != 0)
		return;
	engine_guard.error = error;
	engine_guard.what = what;
}

/* A short write is as bad as a failed one: who gets it writes on and fails, or gives up. */
static ssize_t engine_guard_written(int fd, size_t n, ssize_t done)
{
	if (done > 0 && fd >= 0 && fd < ENGINE_GUARD_FDS_MAX) {
		engine_guard.written[fd] += (uint64_t)done;
		engine_guard_grew(engine_guard.written[fd]);
	}
	if (done < 0 && errno != EINTR && errno != EAGAIN)
		engine_guard_note("write", -errno);
	else if (done >= 0 && (size_t)done < n)
		engine_guard_note("write", -ENOSPC);
	return done;
}

ssize_t write(int fd, const void *buf, size_t n)
{
	return engine_guard_written(fd, n, (ssize_t)syscall(SYS_write, fd, buf, n));
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset)
{
	return engine_guard_written(fd, n, (ssize_t)syscall(SYS_pwrite64, fd, buf, n, offset));
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t offset)
{
	return pwrite64(fd, buf, n, offset);
}

ssize_t writev(int fd, const struct iovec *iov, int n_iov)
{
	size_t n = 0;

	for (int i = 0; i < n_iov; i++)
		n += iov[i].iov_len;
	return engine_guard_written(fd, n, (ssize_t)syscall(SYS_writev, fd, iov, n_iov));
}

int mkdir(const char *path, mode_t mode)
{
	int r = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);

	if (r < 0 && errno != EEXIST)
		engine_guard_note("mkdir", -errno);
	return r;
}

static bool engine_guard_is_lack(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

static int engine_guard_open(int dir, const char *path, int flags, mode_t mode)
{
	int fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	bool is_made = (flags & (O_CREAT | __O_TMPFILE)) || (flags & O_ACCMODE) != O_RDONLY;

	if (fd < 0 && ((is_made && errno != EEXIST) || engine_guard_is_lack(errno)))
		engine_guard_note("open", -errno);
	if (fd >= 0 && fd < ENGINE_GUARD_FDS_MAX)
		engine_guard.written[fd] = 0;
	return fd;
}

#define ENGINE_GUARD_MODE(flags)                                                                   \
	({                                                                                         \
		mode_t mode_ = 0;                                                                  \
		va_list ap_;                                                                       \
		if ((flags) & (O_CREAT | __O_TMPFILE)) {                                           \
			va_start(ap_, flags);                                                      \
			mode_ = va_arg(ap_, mode_t);                                               \
			va_end(ap_);                                                               \
		}                                                                                  \
		mode_;                                                                             \
	})

/* Under _FORTIFY_SOURCE libc's open() is an inline wrapper; its asm name is what is replaced. */
int engine_guard_open_name(const char *path, int flags, ...) __asm__("open");
int engine_guard_open64_name(const char *path, int flags, ...) __asm__("open64");
int engine_guard_openat64_name(int dir, const char *path, int flags, ...) __asm__("openat64");

int engine_guard_open_name(const char *path, int flags, ...)
{
	return engine_guard_open(AT_FDCWD, path, flags, ENGINE_GUARD_MODE(flags));
}

int engine_guard_open64_name(const char *path, int flags, ...)
{
	return engine_guard_open(AT_FDCWD, path, flags, ENGINE_GUARD_MODE(flags));
}

int engine_guard_openat64_name(int dir, const char *path, int flags, ...)
{
	return engine_guard_open(dir, path, flags, ENGINE_GUARD_MODE(flags));
}

/* Streams write inside libc, unseen, but a stream remembers its error. */
int fclose(FILE *stream)
{
	static int (*real)(FILE *);
	bool was_bad = ferror(stream) != 0;
	off_t at = engine_guard.is_on ? ftello(stream) : 0;
	int r;

	if (at > 0)
		engine_guard_grew((uint64_t)at);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "fclose");
	r = real(stream);
	if (was_bad || r != 0)
		engine_guard_note("close of a stream", r != 0 ? -errno : -EIO);
	return r;
}

FILE *fopen64(const char *path, const char *mode)
{
	static FILE *(*real)(const char *, const char *);
	FILE *stream;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "fopen64");
	stream = real(path, mode);
	if (!stream && (mode[0] != 'r' || engine_guard_is_lack(errno)))
		engine_guard_note("fopen", -errno);
	return stream;
}

int dup(int fd)
{
	int copy = (int)syscall(SYS_dup, fd);

	if (copy < 0)
		engine_guard_note("dup", -errno);
	return copy;
}

#ifdef ENGINE_GUARD_MEMORY
void *mmap64(void *at, size_t n, int prot, int flags, int fd, off64_t offset)
{
	void *p = (void *)syscall(SYS_mmap, at, n, prot, flags, fd, offset);

	if (p == MAP_FAILED)
		engine_guard_note("mmap", -errno);
	return p;
}

void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset)
{
	return mmap64(at, n, prot, flags, fd, offset);
}

/* glibc keeps these names for exactly this use (malloc hooks went away in 2.34). */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static void *engine_guard_memory(void *p)
{
	if (__builtin_expect(!p, 0))
		engine_guard_note("malloc", -ENOMEM);
	return p;
}

void *malloc(size_t n)
{
	return engine_guard_memory(__libc_malloc(n));
}

void *calloc(size_t n, size_t size)
{
	return engine_guard_memory(__libc_calloc(n, size));
}

void *realloc(void *p, size_t n)
{
	void *new = __libc_realloc(p, n);

	return n == 0 ? new : engine_guard_memory(new);
}
#endif
