/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all scans have done together since the daemon began: counters for
 * monitoring, which only grow. A scan that is begun anew counts again what it
 * does again.
 *
 * Pure. One thread at a time.
 */
#ifndef QS_SCAN_TOTALS_H
#define QS_SCAN_TOTALS_H

#include "records.h"

/** What is counted of one scan or of all. */
struct scan_totals_sums {
	uint64_t results[FILE_RESULT_N];
	uint64_t n_bytes;
	uint64_t n_directories;
	uint64_t n_excluded;
	uint64_t n_detections;
	uint64_t cpu_ns;
};

struct scan_totals {
	struct scan_totals_sums sums;
	uint64_t n_ended[SCAN_TYPE_N][RUN_STATUS_N]; /**< Final statuses only. */
	/* state */
	char id[RECORD_ID_SIZE];      /**< Of the scan looked at last. */
	struct scan_totals_sums seen; /**< What it had then, which is in sums. */
};

#define SCAN_TOTALS_NULL                                                                           \
	{                                                                                          \
		.id = ""                                                                           \
	}

/**
 * Look at a scan that is at work: what it has more than at the last look is
 * added. What it has less, it has begun anew.
 */
void scan_totals_follow(struct scan_totals *totals, const struct scan_record *scan);

/** A scan is over: the last look at it, if it was ever at work. */
void scan_totals_end(struct scan_totals *totals, const struct scan_record *scan);

#endif
