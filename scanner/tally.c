/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atomics instead of one lock, because the walker counts every name. Sequential
 * consistency (the default) is what makes the promise of tally_read() true: a
 * name is found before it is settled, and results are read first.
 */
#include "tally.h"

#include "check.h"

void tally_init(struct tally *tally)
{
	memset(tally, 0, sizeof(*tally));
	(void)pthread_mutex_init(&tally->lock, NULL);
}

void tally_deinit(struct tally *tally)
{
	(void)pthread_mutex_destroy(&tally->lock);
}

void tally_settle(
	struct tally *tally, enum file_result result, enum reason reason, uint64_t n_bytes)
{
	PRE(result < FILE_RESULT_N);
	(void)atomic_fetch_add(&tally->results[result], 1);
	(void)atomic_fetch_add(&tally->n_bytes, n_bytes);
	if (result == FILE_RESULT_SKIPPED && reason == REASON_EXCLUDED)
		(void)atomic_fetch_add(&tally->n_excluded, 1);
}

bool tally_is_settled(struct tally *tally)
{
	uint64_t n_judged = 0;

	for (size_t i = 0; i < FILE_RESULT_N; i++)
		n_judged += atomic_load(&tally->results[i]);
	return n_judged == atomic_load(&tally->n_found);
}

void tally_show_path(struct tally *tally, struct span path)
{
	size_t n = path.n < sizeof(tally->path) ? path.n : sizeof(tally->path);

	(void)pthread_mutex_lock(&tally->lock);
	if (n > 0)
		memcpy(tally->path, path.data, n);
	tally->n_path = n;
	(void)pthread_mutex_unlock(&tally->lock);
}

void tally_read(struct tally *tally, struct ipc_scan_progress *progress, char *path)
{
	uint64_t n_lanes_busy = atomic_load(&tally->n_lanes_busy);
	size_t n_path;

	memset(progress, 0, sizeof(*progress));
	progress->is_walk_done = atomic_load(&tally->is_walk_done);
	for (size_t i = 0; i < FILE_RESULT_N; i++)
		progress->results[i] = atomic_load(&tally->results[i]);
	progress->n_found = atomic_load(&tally->n_found);
	progress->n_directories = atomic_load(&tally->n_directories);
	progress->n_bytes = atomic_load(&tally->n_bytes);
	progress->n_bytes_total_hint = atomic_load(&tally->n_bytes_total_hint);
	progress->n_files_total_hint = atomic_load(&tally->n_files_total_hint);
	progress->n_lanes_busy = n_lanes_busy;
	progress->lanes_ns = atomic_load(&tally->lanes_ns);
	progress->held_ns = atomic_load(&tally->held_ns);
	progress->n_excluded = atomic_load(&tally->n_excluded);
	(void)pthread_mutex_lock(&tally->lock);
	n_path = tally->n_path;
	memcpy(path, tally->path, n_path);
	(void)pthread_mutex_unlock(&tally->lock);
	progress->path = (struct span){.data = path, .n = n_path};
}
