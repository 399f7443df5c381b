/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The noise is a xorshift generator: not compressible, so that sizes on disk
 * are what a test says.
 */
#include "samples.h"

#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void samples_eicar(char text[SAMPLES_EICAR_BYTES + 1])
{
	(void)snprintf(text, SAMPLES_EICAR_BYTES + 1, "%s%s%s", "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EI",
		"CAR-STANDARD-ANTIV", "IRUS-TEST-FILE!$H+H*");
}

void samples_run(const char *fmt, ...)
{
	char command[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(command) || system(command) != 0)
		fail_msg("%s", command);
}

void samples_dir(char path[SAMPLES_PATH_SIZE])
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(path, SAMPLES_PATH_SIZE, "%s/quietscan-test-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(path));
	assert_int_equal(chmod(path, 0755), 0);
}

static int samples_remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void samples_dir_remove(const char *path)
{
	(void)nftw(path, samples_remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void samples_path(char path[SAMPLES_PATH_SIZE], const char *dir, const char *name)
{
	assert_true(snprintf(path, SAMPLES_PATH_SIZE, "%s/%s", dir, name) < SAMPLES_PATH_SIZE);
}

void samples_write(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t done = 0;

	assert_true(fd >= 0);
	while (done < n) {
		ssize_t w = write(fd, (const char *)bytes + done, n - done);

		assert_true(w > 0);
		done += (size_t)w;
	}
	assert_int_equal(close(fd), 0);
}

unsigned char *samples_noise(size_t n, uint64_t seed)
{
	unsigned char *bytes = malloc(n + 8);
	uint64_t x = seed * 2654435761u + 88172645463325252u;

	assert_non_null(bytes);
	for (size_t i = 0; i < n; i += 8) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(bytes + i, &x, 8);
	}
	return bytes;
}

void samples_signatures(const char *dir)
{
	static const char text[] = "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n"
				   "aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File\n";
	char path[SAMPLES_PATH_SIZE];

	samples_path(path, dir, "test.hdb");
	samples_write(path, text, sizeof(text) - 1);
}

int samples_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}
