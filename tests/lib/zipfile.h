/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes zip files for tests, member by member, in the order and with the method
 * the test wants. Hands (writes one file). Fails the test on any error.
 */
#ifndef QS_ZIPFILE_H
#define QS_ZIPFILE_H

#include <stdbool.h>
#include <stddef.h>

struct zipfile;

/** Begin a zip file at @path, replacing what is there. */
struct zipfile *zipfile_new(const char *path);

/** Add a member from memory, deflated or stored. @name as it stands in the zip. */
void zipfile_add(
	struct zipfile *zip, const char *name, const void *bytes, size_t n, bool is_deflated);

/** Add a member from a file. */
void zipfile_add_file(struct zipfile *zip, const char *name, const char *path, bool is_deflated);

/** Write the directory, close and free. */
void zipfile_end(struct zipfile *zip);

#endif
