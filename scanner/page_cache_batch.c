/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Only files of which nothing was cached wait: they are the many small ones of
 * a first scan, and two numbers tell all about them. A large one fills the
 * batch by itself, and takes those before it along.
 */
#include "page_cache_batch.h"

#include <unistd.h>

void page_cache_batch_add(
	struct page_cache_batch *batch, const struct page_cache_note *note, int *fdp)
{
	if (note->state != PAGE_CACHE_COLD) {
		page_cache_restore(note, *fdp);
		return;
	}
	batch->files[batch->n++] =
		(struct page_cache_batch_file){.fd = *fdp, .n_pages = note->n_pages};
	batch->n_pages += note->n_pages;
	*fdp = -1;
	if (batch->n == PAGE_CACHE_BATCH_FILES || batch->n_pages >= PAGE_CACHE_BATCH_PAGES)
		page_cache_batch_flush(batch);
}

void page_cache_batch_flush(struct page_cache_batch *batch)
{
	struct page_cache_note note = {.state = PAGE_CACHE_COLD};

	for (size_t i = 0; i < batch->n; i++) {
		note.n_pages = batch->files[i].n_pages;
		page_cache_restore(&note, batch->files[i].fd);
		(void)close(batch->files[i].fd);
	}
	batch->n = 0;
	batch->n_pages = 0;
}
