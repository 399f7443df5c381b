/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libclamav does not tell about memory and temporary space. When either
 * runs out, a parser unpacks less and the file can still come out clean: the
 * temporary directory of a scan that cannot be made gives CL_CLEAN without a
 * single byte scanned (1.4.6), a member that does not fit is left out. This
 * module therefore replaces the functions that make and write temporary files
 * and those that get memory, and notes the first failure of each file.
 *
 * It also sees what libclamav cuts off without a word: a deflated zip member
 * larger than MaxFileSize is unpacked up to that size and judged by its
 * beginning, and HEURISTIC_EXCEEDS_MAX says nothing (1.4.6). A temporary file
 * that has reached the limit is taken for such a cut.
 *
 * Hands; one thread. The replaced functions do what the originals do. With a
 * sanitizer the memory functions are the sanitizer's and are not watched.
 */
#ifndef QS_ENGINE_GUARD_H
#define QS_ENGINE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Begin to watch; forgets earlier notes.
 *
 * @file_bytes_max  MaxFileSize, where libclamav cuts; 0 = it does not.
 */
void engine_guard_begin(uint64_t file_bytes_max);

/**
 * End to watch.
 *
 * @whatp  Set to what failed ("write", "mkdir", "malloc"), a literal; NULL if
 *         nothing did.
 * @return 0; -errno of the first failure.
 */
int engine_guard_end(const char **whatp);

/** Whether a temporary file reached the limit since the last begin. */
bool engine_guard_was_cut(void);

#endif
