/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPU time that other antivirus took while a scan ran, by product: a sum of
 * differences of their processes' clocks. What one took before it was seen for
 * the first time, and after it was read for the last time, is not in it.
 *
 * Pure: readings are arguments. Loop thread only.
 */
#ifndef QS_OTHER_CPU_H
#define QS_OTHER_CPU_H

#include "neighbours.h"

enum {
	OTHER_CPU_NAME_MAX = 96,     /**< Bytes of a name as it is shown, NUL included. */
	OTHER_CPU_PRODUCTS_MAX = 16, /**< Products kept; the last is all the rest. */
};

/** One process's clock. */
struct other_cpu_reading {
	pid_t pid;
	uint64_t began; /**< Clock ticks since boot: with the pid it is one process. */
	uint64_t cpu_ns;
	char name[OTHER_CPU_NAME_MAX]; /**< Display form. */
};

struct other_cpu_product {
	char name[OTHER_CPU_NAME_MAX]; /**< Display form; "" = all the rest. */
	uint64_t cpu_ns;
};

struct other_cpu {
	struct other_cpu_product products[OTHER_CPU_PRODUCTS_MAX]; /**< As they were met. */
	size_t n_products;
	/* state */
	struct other_cpu_reading last[NEIGHBOURS_MAX]; /**< The readings of the last step. */
	size_t n_last;
};

/** Nobody. */
void other_cpu_init(struct other_cpu *o);

/**
 * Fold readings in. A process is counted from its second reading on; one that is
 * missing in a step begins anew.
 *
 * @readings  n, at most NEIGHBOURS_MAX.
 * @return    Nanoseconds that were added, all products together.
 */
uint64_t other_cpu_step(struct other_cpu *o, const struct other_cpu_reading readings[], size_t n);

/** Time goes on uncounted (a pause): every process begins anew. The sums stay. */
void other_cpu_skip(struct other_cpu *o);

/** Add to the sum of a product. @name display form, "" = all the rest. */
void other_cpu_add(struct other_cpu *o, const char *name, uint64_t cpu_ns);

#endif
