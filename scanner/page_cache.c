/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cachestat(2) (Linux 6.5) answers for a whole file in one call, and nearly
 * every file is cached wholly or not at all. Only for the rest, and on older
 * kernels, the file is mapped and mincore(2) asked; the mapping is never
 * touched (PROT_NONE), so a file that shrinks meanwhile is no SIGBUS.
 *
 * Both tell the owner, CAP_FOWNER and who may write the file; of others
 * cachestat says EPERM and mincore that every page is there, which leaves the
 * file alone. A container's filter may also answer EPERM, so EPERM is asked
 * again each time and only ENOSYS is remembered.
 *
 * A stacked file system (overlay) has its pages in the file below. mmap and
 * fadvise go there, cachestat does not: it says "none" of what is cached well.
 * Hence the type is asked before anything but "all of it" is believed.
 *
 * fadvise drops whole pages within its range, and of a large folio nothing
 * unless all of it is within. Folios end at the end of the file, but for file
 * systems whose blocks are larger than a page: there the range goes on to the
 * end of the largest block. What was appended meanwhile beyond that stays.
 */
#include "page_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef SYS_cachestat
#define SYS_cachestat 451 /* the same on every architecture */
#endif

/* Out of tree, so not in linux/magic.h. */
#define PAGE_CACHE_MAGIC_AUFS UINT32_C(0x61756673)
#define PAGE_CACHE_MAGIC_ZFS UINT32_C(0x2fc12fc1)

enum {
	PAGE_CACHE_BLOCK_MAX = 64 * 1024, /* largest block of a file system, XFS */
	PAGE_CACHE_WINDOW = 4096,         /* pages of one mincore(2), a byte each */
};

/* Both of linux/mman.h, since 6.5. */
struct page_cache_range {
	uint64_t offset;
	uint64_t n; /* 0: to the end */
};

struct page_cache_counts {
	uint64_t n_cached;
	uint64_t n_dirty;
	uint64_t n_writeback;
	uint64_t n_evicted;
	uint64_t n_recently_evicted;
};

enum page_cache_kind {
	PAGE_CACHE_KIND_PLAIN,
	PAGE_CACHE_KIND_STACKED, /* cachestat looks at the wrong file */
	PAGE_CACHE_KIND_OTHER,   /* the cache is the file, or it is not the page cache */
};

static uint64_t page_cache_page_bytes(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static enum page_cache_kind page_cache_kind_of(int fd)
{
	struct statfs stat;

	if (fstatfs(fd, &stat) < 0)
		return PAGE_CACHE_KIND_OTHER; /* UNTESTED: a network file system's EIO */
	switch ((uint32_t)stat.f_type) {
	case OVERLAYFS_SUPER_MAGIC:
	case PAGE_CACHE_MAGIC_AUFS:
		return PAGE_CACHE_KIND_STACKED;
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
	case HUGETLBFS_MAGIC:
	case PAGE_CACHE_MAGIC_ZFS:
		return PAGE_CACHE_KIND_OTHER;
	default:
		return PAGE_CACHE_KIND_PLAIN;
	}
}

/* Pages of the file in the cache. @return 0; -ENOSYS; -EPERM; another -errno. */
static int page_cache_count(struct page_cache *cache, int fd, uint64_t *n_cachedp)
{
	const struct page_cache_range whole = {.offset = 0};
	struct page_cache_counts counts;

	if (!atomic_load_explicit(&cache->has_cachestat, memory_order_relaxed))
		return -ENOSYS;
	if (syscall(SYS_cachestat, fd, &whole, &counts, 0U) == 0) {
		*n_cachedp = counts.n_cached;
		return 0;
	}
	if (errno == ENOSYS)
		atomic_store_explicit(&cache->has_cachestat, false, memory_order_relaxed);
	return -errno;
}

static void page_cache_mark(struct page_cache_note *note, uint64_t page)
{
	uint64_t chunk = page / note->chunk_pages;

	note->cached[chunk / 8] |= (uint8_t)(1U << (chunk % 8));
}

static bool page_cache_is_marked(const struct page_cache_note *note, uint64_t chunk)
{
	return note->cached[chunk / 8] & (1U << (chunk % 8));
}

/* @return pages that are there, marked; -errno. */
static int64_t page_cache_ask_map(struct page_cache_note *note, unsigned char *map)
{
	unsigned char there[PAGE_CACHE_WINDOW];
	uint64_t page_bytes = page_cache_page_bytes();
	int64_t n_there = 0;

	for (uint64_t at = 0; at < note->n_pages; at += PAGE_CACHE_WINDOW) {
		uint64_t left = note->n_pages - at;
		uint64_t n = left < PAGE_CACHE_WINDOW ? left : PAGE_CACHE_WINDOW;

		if (mincore(map + at * page_bytes, n * page_bytes, there) < 0)
			return -errno; /* UNTESTED: out of kernel memory */
		for (uint64_t i = 0; i < n; i++) {
			if (!(there[i] & 1))
				continue;
			page_cache_mark(note, at + i);
			n_there++;
		}
	}
	return n_there;
}

/* Page by page, as far as PAGE_CACHE_SPAN_MAX. */
static void page_cache_ask(int fd, uint64_t n_pages, struct page_cache_note *note)
{
	uint64_t page_bytes = page_cache_page_bytes();
	uint64_t n_max = PAGE_CACHE_SPAN_MAX / page_bytes;
	int64_t n_there;
	void *map;

	note->n_pages = n_pages < n_max ? n_pages : n_max;
	note->chunk_pages = (note->n_pages + PAGE_CACHE_CHUNKS_MAX - 1) / PAGE_CACHE_CHUNKS_MAX;
	memset(note->cached, 0, sizeof(note->cached));
	/* Shared: a private mapping of a FUSE file may empty its cache. */
	map = mmap(NULL, note->n_pages * page_bytes, PROT_NONE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return;
	n_there = page_cache_ask_map(note, map);
	(void)munmap(map, note->n_pages * page_bytes);
	if (n_there == 0)
		note->state = PAGE_CACHE_COLD;
	else if (n_there > 0 && (uint64_t)n_there < note->n_pages)
		note->state = PAGE_CACHE_MIXED;
}

void page_cache_look(struct page_cache *cache, int fd, uint64_t size, struct page_cache_note *note)
{
	uint64_t page_bytes = page_cache_page_bytes();
	uint64_t n_pages = size / page_bytes + (size % page_bytes != 0);
	uint64_t n_cached = 0;
	enum page_cache_kind kind;
	int r;

	note->state = PAGE_CACHE_LEAVE;
	if (n_pages == 0)
		return;
	r = page_cache_count(cache, fd, &n_cached);
	if ((r < 0 && r != -ENOSYS && r != -EPERM) || (r == 0 && n_cached >= n_pages))
		return;
	kind = page_cache_kind_of(fd);
	if (kind == PAGE_CACHE_KIND_OTHER)
		return;
	if (r < 0 || n_cached > 0 || kind == PAGE_CACHE_KIND_STACKED) {
		page_cache_ask(fd, n_pages, note);
		return;
	}
	note->state = PAGE_CACHE_COLD;
	note->n_pages = n_pages;
}

/* The pages from @first up to @end, which is not one of them. */
static void page_cache_drop(
	const struct page_cache_note *note, int fd, uint64_t first, uint64_t end)
{
	uint64_t page_bytes = page_cache_page_bytes();
	uint64_t end_bytes = end * page_bytes;

	if (end == note->n_pages)
		end_bytes = (end_bytes + PAGE_CACHE_BLOCK_MAX - 1) / PAGE_CACHE_BLOCK_MAX *
			    PAGE_CACHE_BLOCK_MAX;
	(void)posix_fadvise(fd, (off_t)(first * page_bytes),
		(off_t)(end_bytes - first * page_bytes), POSIX_FADV_DONTNEED);
}

static void page_cache_drop_unmarked(const struct page_cache_note *note, int fd)
{
	uint64_t first = 0;

	while (first < note->n_pages) {
		uint64_t end = first;

		while (end < note->n_pages && !page_cache_is_marked(note, end / note->chunk_pages))
			end += note->chunk_pages;
		if (end > first)
			page_cache_drop(note, fd, first, end < note->n_pages ? end : note->n_pages);
		first = end + note->chunk_pages;
	}
}

void page_cache_restore(const struct page_cache_note *note, int fd)
{
	switch (note->state) {
	case PAGE_CACHE_LEAVE:
		break;
	case PAGE_CACHE_COLD:
		page_cache_drop(note, fd, 0, note->n_pages);
		break;
	case PAGE_CACHE_MIXED:
		page_cache_drop_unmarked(note, fd);
		break;
	}
}
