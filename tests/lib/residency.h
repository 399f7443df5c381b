/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a file is in the page cache, by mincore(2): independent of what is
 * tested, which asks cachestat(2) first. Hands. Fails the test on any error.
 */
#ifndef QS_RESIDENCY_H
#define QS_RESIDENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Make a file of so many bytes on the disk, none of it cached. */
void residency_make(const char *path, size_t n_bytes);
/** Write it back and drop all of it; requires that nothing is left. */
void residency_drop(const char *path);
/** Read so many pages from one on, without reading ahead. */
void residency_read(const char *path, size_t first, size_t n);
/** Cached pages among n from one on. */
size_t residency_count(const char *path, size_t first, size_t n);
/** Cached pages of the whole file. */
size_t residency_count_all(const char *path);

/**
 * From now on cachestat(2) fails in this process and its children; they can
 * get no privileges by execve(2) any more.
 */
void residency_forbid_cachestat(int error);

#endif
