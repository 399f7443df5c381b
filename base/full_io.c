/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "full_io.h"

#include "err.h"

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

int full_read(int fd, void *bytes, size_t n, size_t *n_readp)
{
	char *at = bytes;
	size_t done = 0;

	while (done < n) {
		ssize_t got = read(fd, at + done, n - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_origin(-errno);
		if (got == 0)
			break;
		done += (size_t)got;
	}
	*n_readp = done;
	return 0;
}

int full_write(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n > 0) {
		ssize_t put = write(fd, at, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return err_origin(put < 0 ? -errno : -EIO);
		at += put;
		n -= (size_t)put;
	}
	return 0;
}
