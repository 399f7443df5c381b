/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a scan is and how long it will still take, as far as that can be
 * said truthfully: by names judged of names found once the walk is done; for a
 * full scan before that by the used bytes and inodes of its mounts; else
 * unknown. Nothing is said in the first seconds either.
 *
 * Pure. Any thread.
 */
#ifndef QS_ESTIMATE_H
#define QS_ESTIMATE_H

#include "words.h"

#include <stdbool.h>
#include <stdint.h>

struct estimate_input {
	enum scan_type type;
	uint64_t n_judged;     /**< Names with a result. */
	uint64_t n_found;      /**< Names listed so far. */
	uint64_t n_bytes;      /**< Of the files judged. */
	uint64_t n_files_hint; /**< Used inodes of the target, 0 = unknown. */
	uint64_t n_bytes_hint; /**< Used bytes of the target, 0 = unknown. */
	bool is_walk_done;
	uint64_t elapsed_ms; /**< In progress since this pass began, pauses left out. */
};

struct estimate {
	bool has_percent;
	double percent; /**< 0 to 99.9; 100 is said by the end of the scan alone. */
	bool has_eta;
	uint64_t eta_s; /**< Rounded up. */
};

/** Estimate. */
struct estimate estimate_make(const struct estimate_input *in);

#endif
