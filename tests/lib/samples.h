/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files for tests: the EICAR test string, assembled at run time so that no
 * scanner stumbles over this repository, signatures that find it and ClamAV's
 * test program, and filler. Hands. Fails the test on any error.
 */
#ifndef QS_SAMPLES_H
#define QS_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

enum {
	SAMPLES_EICAR_BYTES = 68,
	SAMPLES_PATH_SIZE = 512, /**< Of every path made here. */
};

/** A signature's name for EICAR, with the suffix libclamav adds. */
#define SAMPLES_EICAR_NAME "Eicar-Test-Signature.UNOFFICIAL"
/** And for ClamAV's test program. */
#define SAMPLES_CLAM_NAME "ClamAV-Test-File.UNOFFICIAL"

/** Room for EICAR, NUL-terminated. */
void samples_eicar(char text[SAMPLES_EICAR_BYTES + 1]);

/** Run a shell command of at most 8 KiB; fail the test, with the command, when it fails. */
__attribute__((format(printf, 1, 2))) void samples_run(const char *fmt, ...);

/** A new directory, mode 0755, below $TMPDIR; samples_dir_remove() it. */
void samples_dir(char path[SAMPLES_PATH_SIZE]);

/** Remove a directory and all that is in it. */
void samples_dir_remove(const char *path);

/** "dir/name" into @path. */
void samples_path(char path[SAMPLES_PATH_SIZE], const char *dir, const char *name);

/** Write a whole file, mode 0644. */
void samples_write(const char *path, const void *bytes, size_t n);

/** n pseudo-random bytes that repeat from run to run; free() them. */
unsigned char *samples_noise(size_t n, uint64_t seed);

/** Write "dir/test.hdb" with the two signatures above. */
void samples_signatures(const char *dir);

/** Open a file for reading; fails the test if it cannot. */
int samples_open(const char *path);

#endif
