/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that were read from disk and are to be dropped from the page cache
 * together (page_cache.h). Dropping pages that another CPU has just read makes
 * the kernel interrupt every CPU (lru_add_drain_all, Linux mm/fadvise.c; some
 * 60 us on two CPUs); the files after the first one cost a microsecond each.
 *
 * Hands. Owned by one lane thread; holds descriptors until it is flushed.
 */
#ifndef QS_PAGE_CACHE_BATCH_H
#define QS_PAGE_CACHE_BATCH_H

#include "page_cache.h"

#include <stddef.h>

enum {
	PAGE_CACHE_BATCH_FILES = 16,  /**< 64 lanes of them fit in RLIMIT_NOFILE. */
	PAGE_CACHE_BATCH_PAGES = 256, /**< With as many it is flushed at once; 1 MiB. */
};

struct page_cache_batch_file {
	int fd;           /**< Owned. */
	uint64_t n_pages; /**< Of its note. */
};

struct page_cache_batch {
	/* state */
	size_t n;
	uint64_t n_pages; /**< Of all of them. */
	struct page_cache_batch_file files[PAGE_CACHE_BATCH_FILES];
};

#define PAGE_CACHE_BATCH_NULL                                                                      \
	{                                                                                          \
		.n = 0                                                                             \
	}

/**
 * A file has been read: what was not cached before will be dropped, at the
 * latest when this is flushed.
 *
 * @note  Borrowed.
 * @fdp   Of the file; taken over when it has to wait, and -1 then.
 */
void page_cache_batch_add(
	struct page_cache_batch *batch, const struct page_cache_note *note, int *fdp);

/** Drop and close all that waits; it is PAGE_CACHE_BATCH_NULL then. */
void page_cache_batch_flush(struct page_cache_batch *batch);

#endif
