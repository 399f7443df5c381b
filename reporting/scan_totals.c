/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scans run one after the other, so what one of them had is enough to remember. */
#include "scan_totals.h"

#include "check.h"

#include <string.h>

static void scan_totals_add(uint64_t *sum, uint64_t *seen, uint64_t now)
{
	*sum += now >= *seen ? now - *seen : now;
	*seen = now;
}

void scan_totals_follow(struct scan_totals *totals, const struct scan_record *scan)
{
	struct scan_totals_sums *sums = &totals->sums;
	struct scan_totals_sums *seen = &totals->seen;

	if (strcmp(totals->id, scan->id) != 0) {
		memcpy(totals->id, scan->id, RECORD_ID_SIZE);
		*seen = (struct scan_totals_sums){.n_bytes = 0};
	}
	for (size_t i = 0; i < FILE_RESULT_N; i++)
		scan_totals_add(&sums->results[i], &seen->results[i], scan->results[i]);
	scan_totals_add(&sums->n_bytes, &seen->n_bytes, scan->n_bytes);
	scan_totals_add(&sums->n_directories, &seen->n_directories, scan->n_directories);
	scan_totals_add(&sums->n_excluded, &seen->n_excluded, scan->n_excluded);
	scan_totals_add(&sums->n_detections, &seen->n_detections, scan->n_detections);
	scan_totals_add(&sums->cpu_ns, &seen->cpu_ns, scan->cpu_ns);
}

void scan_totals_end(struct scan_totals *totals, const struct scan_record *scan)
{
	PRE((unsigned)scan->type < SCAN_TYPE_N && (unsigned)scan->status < RUN_STATUS_N);
	/* One that waited has done nothing; another one may be at work, which is remembered. */
	if (scan->start_unix_ms != 0)
		scan_totals_follow(totals, scan);
	totals->n_ended[scan->type][scan->status]++;
}
