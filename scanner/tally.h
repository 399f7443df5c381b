/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The count of a scan: how many names were found and what became of each. The
 * promise is that every name found is settled exactly once, so that at the end
 * the results add up to n_found.
 *
 * Hands (a mutex for the path only; the counters are atomic). Any thread.
 */
#ifndef QS_TALLY_H
#define QS_TALLY_H

#include "ipc.h"

#include <pthread.h>
#include <stdatomic.h>

struct tally {
	/* state */
	atomic_uint_least64_t results[FILE_RESULT_N];
	atomic_uint_least64_t n_found;
	atomic_uint_least64_t n_directories;
	atomic_uint_least64_t n_bytes;
	atomic_uint_least64_t n_excluded;
	atomic_uint_least64_t n_lanes_busy;
	atomic_uint_least64_t lanes_ns; /**< As ipc_scan_progress has it. */
	atomic_uint_least64_t held_ns;  /**< Likewise. */
	atomic_uint_least64_t n_bytes_total_hint;
	atomic_uint_least64_t n_files_total_hint;
	atomic_bool is_walk_done;
	pthread_mutex_t lock; /**< For path. */
	size_t n_path;
	char path[IPC_PATH_MAX];
};

/** All zero. */
void tally_init(struct tally *tally);
/** Nobody uses it any more. */
void tally_deinit(struct tally *tally);

/** A name was listed. */
static inline void tally_found(struct tally *tally)
{
	(void)atomic_fetch_add(&tally->n_found, 1);
}

/**
 * A name was judged.
 *
 * @n_bytes  Size of the file when it was scanned (wholly or not), else 0.
 */
void tally_settle(
	struct tally *tally, enum file_result result, enum reason reason, uint64_t n_bytes);

/** Whether every name found so far was judged. The one who finds them asks. */
bool tally_is_settled(struct tally *tally);

/** Show this path as the one in work. */
void tally_show_path(struct tally *tally, struct span path);

/**
 * Fill a progress message. Results are read before n_found, so that they never
 * add up to more than it.
 *
 * @path      Room for the path, IPC_PATH_MAX bytes; progress->path points into it.
 */
void tally_read(struct tally *tally, struct ipc_scan_progress *progress, char *path);

#endif
