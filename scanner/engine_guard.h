/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libclamav does not tell about memory and temporary space. When either
 * runs out, a parser unpacks less and the file can still come out clean: the
 * temporary directory of a scan that cannot be made gives CL_CLEAN without a
 * single byte scanned (1.4.6), a member that does not fit is left out. This
 * module therefore replaces the functions that make and write temporary files
 * and those that get memory, and notes the first failure of each file.
 *
 * Hands; one thread. The replaced functions do what the originals do. With a
 * sanitizer the memory functions are the sanitizer's and are not watched.
 */
#ifndef QS_ENGINE_GUARD_H
#define QS_ENGINE_GUARD_H

/** Begin to watch; forgets earlier notes. */
void engine_guard_begin(void);

/**
 * End to watch.
 *
 * @whatp  Set to what failed ("write", "mkdir", "malloc"), a literal; NULL if
 *         nothing did.
 * @return 0; -errno of the first failure.
 */
int engine_guard_end(const char **whatp);

#endif
