/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process under a grant page that reads a file over and over, from the disk or
 * out of the cache, and computes a little on what it got, as an engine does.
 * Failures of the machinery end the test (cmocka).
 */
#ifndef QS_DISKREADER_H
#define QS_DISKREADER_H

#include "grant.h"
#include "scratch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	DISKREADER_BLOCK = 128 * 1024, /**< Bytes of one read. */
	DISKREADER_FILE = 64 << 20,    /**< Bytes of the file. */
	DISKREADER_WORK_US = 1000,     /**< CPU time of a block: 125 MiB a second and CPU. */
};

enum diskreader_kind {
	DISKREADER_DIRECT, /**< O_DIRECT: what is fetched is what is read. */
	DISKREADER_FORGET, /**< Through the cache, which is dropped at each turn. */
	DISKREADER_CACHED, /**< Out of the cache. */
	DISKREADER_IDLE,   /**< Reads once, O_DIRECT, without grant, and ends with 0. */
};

struct diskreader {
	char path[SCRATCH_PATH_SIZE];  /**< The file. */
	const struct grant_page *page; /**< Borrowed; not used by DISKREADER_IDLE. */
	size_t slot;
	uint32_t generation;
	enum diskreader_kind kind;
	/* state */
	_Atomic uint64_t *n_bytesp; /**< Shared: bytes the process has read. */
};

/**
 * Make the file and the shared counter.
 *
 * @return  Whether the file lies on a disk: the kernel counts what is read of it.
 */
bool diskreader_open(struct diskreader *dr, const struct scratch *scratch);

/** Unmap the counter; the file is the scratch directory's. */
void diskreader_close(struct diskreader *dr);

/** Start one; it waits for its generation first, then reads and counts from 0. */
pid_t diskreader_start(struct diskreader *dr);

/** What it has read so far. */
uint64_t diskreader_n_bytes(const struct diskreader *dr);

/** Read the file once in the calling process, past the cache or out of it. */
void diskreader_read_here(const struct diskreader *dr, bool is_direct);

/** read_bytes of /proc/PID/io. */
uint64_t diskreader_fetched(pid_t pid);

#endif
