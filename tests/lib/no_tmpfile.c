/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "no_tmpfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

bool no_tmpfile;

int __real_openat(int fd, const char *path, int flags, ...);
int __wrap_openat(int fd, const char *path, int flags, ...);

int __wrap_openat(int fd, const char *path, int flags, ...)
{
	va_list ap;
	unsigned mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, unsigned) : 0;
	va_end(ap);
	if ((flags & O_TMPFILE) == O_TMPFILE && no_tmpfile) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return __real_openat(fd, path, flags, mode);
}
