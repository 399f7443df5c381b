/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The load of a scan over time as a JSON object: what scan.show gives out and
 * the store keeps. Its fields are in docs/local-protocol.md.
 *
 * Pure but for memory. Loop thread only.
 */
#ifndef QS_LOAD_DOCUMENT_H
#define QS_LOAD_DOCUMENT_H

#include "json.h"
#include "load_history.h"
#include "other_cpu.h"

enum { LOAD_DOCUMENT_MAX = 65536 /**< Bytes of its text; 240 points and 241 bins are 20 KiB. */ };

/** What is in it beside the history. */
struct load_summary {
	double asked_pct; /**< Load factor in force at last, 0 = no limit. */
	double aim_pct;   /**< min(factor, lanes / N). */
	double mean_pct;  /**< Over the whole scan. */
	double n_cpus;    /**< What 100 % is, > 0. */
	unsigned n_lanes;
	const struct other_cpu *others; /**< Only its products are told. */
	bool are_others_counted;
};

/** Make it. @itemp the caller's. @return 0 or -ENOMEM. */
int load_document_make(
	const struct load_history *h, const struct load_summary *summary, cJSON **itemp);

/**
 * The history and the others out of a text that load_document_make() was printed
 * to. Times come back to the millisecond. Nothing about the text is taken for
 * granted; only the others and slowOpens may be missing, as in texts of versions without.
 *
 * @h, @others  Empty when it is no such document.
 * @return      0 or -EINVAL.
 */
int load_document_read(const char *text, struct load_history *h, struct other_cpu *others);

#endif
