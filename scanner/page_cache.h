/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scan reads everything once; what it reads must not push out of memory what
 * others read often. Before a file is read it is noted which of its pages are
 * in the page cache; afterwards the others are dropped (posix_fadvise(2),
 * POSIX_FADV_DONTNEED). A page that was there before is never dropped.
 *
 * Hands (system calls, no heap). Nothing here fails: what cannot be found out
 * or dropped is left as it is, and the scan does not hear of it.
 * Source: cachestat(2), mincore(2), posix_fadvise(2), Linux mm/fadvise.c; which
 * file systems: docs/scanner.md, "The page cache".
 */
#ifndef QS_PAGE_CACHE_H
#define QS_PAGE_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	/** Parts a file is divided into when some of it is cached: one page each up
	 *  to 16 MiB (of 4 KiB pages), 256 KiB for 1 GiB. */
	PAGE_CACHE_CHUNKS_MAX = 4096,
	/** Bytes looked at page by page, from the start; above MaxFileSize's range. */
	PAGE_CACHE_SPAN_MAX = 1 << 30,
};

/** What is known of the kernel; one for each scan, shared by its lanes. */
struct page_cache {
	/* state */
	atomic_bool has_cachestat; /**< Not yet answered ENOSYS. */
};

#define PAGE_CACHE_NULL                                                                            \
	{                                                                                          \
		.has_cachestat = true                                                              \
	}

enum page_cache_state {
	PAGE_CACHE_LEAVE, /**< All of it is cached, or that is not known: touch nothing. */
	PAGE_CACHE_COLD,  /**< None of it is cached. */
	PAGE_CACHE_MIXED, /**< Some of it is: cached[] tells which. */
};

/** What of one file was cached. */
struct page_cache_note {
	/* state */
	enum page_cache_state state;
	uint64_t n_pages;     /**< COLD, MIXED: that may be dropped. */
	uint64_t chunk_pages; /**< MIXED: pages a bit of cached[] stands for. */
	uint8_t cached[PAGE_CACHE_CHUNKS_MAX / 8]; /**< MIXED: any page of the chunk was. */
};

/**
 * Note what of a file is cached.
 *
 * @cache  Any thread may use it at the same time.
 * @fd     Of a regular file, readable, borrowed; its offset stays.
 * @size   From fstat, bytes.
 * @note   Written in any case.
 */
void page_cache_look(struct page_cache *cache, int fd, uint64_t size, struct page_cache_note *note);

/**
 * Drop what was not cached then. Pages that are mapped, locked or dirty stay.
 *
 * @fd  Of the file that was looked at, borrowed.
 */
void page_cache_restore(const struct page_cache_note *note, int fd);

#endif
