/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of a test's own under TMPDIR, gone with everything in it at the
 * end; optionally a tiny tmpfs in it, to be full. Aborts the test on failure.
 */
#ifndef QS_SCRATCH_H
#define QS_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

enum { SCRATCH_PATH_SIZE = 512 };

struct scratch {
	char path[SCRATCH_PATH_SIZE];
	bool is_mounted;
};

/** Make the directory. */
void scratch_init(struct scratch *scratch);
/** As scratch_init(), on a tmpfs of so many KiB. @return false when we may not mount. */
bool scratch_init_small(struct scratch *scratch, unsigned n_kib);
/** Remove it all; may be called twice. */
void scratch_deinit(struct scratch *scratch);

/** path/name into @buf. @return @buf. */
const char *scratch_path(
	const struct scratch *scratch, const char *name, char buf[SCRATCH_PATH_SIZE]);
/** Make a directory in it. */
void scratch_mkdir(const struct scratch *scratch, const char *name);
/** Write a file in it, replacing it. */
void scratch_write(const struct scratch *scratch, const char *name, const void *data, size_t n);
/** Whole file, heap, NUL-terminated; NULL when it is not there. @n_datap may be NULL. */
char *scratch_read(const struct scratch *scratch, const char *name, size_t *n_datap);
/** Fill the file system with a file "filler" until nothing fits any more. */
void scratch_fill(const struct scratch *scratch);
/** Take the filler away. */
void scratch_unfill(const struct scratch *scratch);

#endif
