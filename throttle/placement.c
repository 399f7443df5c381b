/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One set for all of us. A lane is not nailed to a CPU of its own: if somebody
 * else's work is nailed to the same one, the lane would stand still beside idle
 * CPUs. Within the set the kernel balances, and it does that better than we
 * could. Zygote and scanner are in the set too: what they use is in the same
 * budget, so the set is large enough for all together.
 *
 * Whole cores. The promise is that others find free *cores*. Two lanes on the
 * two siblings of one core are slower each (30 to 40 %), two lanes on two cores
 * leave no core to anybody: whoever starts there shares execution units and
 * first-level caches with a scan. So siblings are filled before a new core is
 * begun, and the last core is taken whole, its other half being of little use
 * to others. What a CPU-second of ours achieves is the same as without limit,
 * where all siblings are busy as well.
 *
 * Efficiency cores first; they are there for work that nobody waits for. Then
 * downwards through package, NUMA node, L3 domain: the smallest part that is
 * large enough (best fit keeps large ones whole), or, when none is, the largest
 * part entirely and the rest from the next. So at most one part of each kind is
 * shared with others.
 *
 * A set that is as large as the need has no room for what else runs there. The
 * last lane, which does only what the others leave, is let out of it then: some
 * per cent of one more CPU are felt by nobody, and the aim is had.
 *
 * Among equals the one furthest from CPU 0: the kernel's housekeeping and the
 * interrupts of most devices are there, and foreground programs that are woken
 * by them.
 */
#include "placement.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>

/** CPUs that a set should have above the need. A CPU that is ours alone gives 0.97 to 0.99 of its time. */
#define PLACEMENT_AIR 0.1

/** Levels of the tree; a group of level n has the same ids up to it. */
enum placement_level {
	PLACEMENT_ALL,
	PLACEMENT_KIND,
	PLACEMENT_PACKAGE,
	PLACEMENT_NODE,
	PLACEMENT_L3,
	PLACEMENT_CORE,
	PLACEMENT_CPU,
};

/** CPUs that are allowed, in the order of the tree. */
struct placement_order {
	const struct placement_cpu *cpus[PLACEMENT_N_CPUS];
	size_t n;
	cpu_set_t *chosen;
};

static unsigned placement_id(const struct placement_cpu *cpu, enum placement_level level)
{
	const unsigned ids[] = {
		0, cpu->kind, cpu->package, cpu->node, cpu->l3, cpu->core, cpu->os_index};

	return ids[level];
}

static int placement_compare(const void *a, const void *b)
{
	const struct placement_cpu *x = *(const struct placement_cpu *const *)a;
	const struct placement_cpu *y = *(const struct placement_cpu *const *)b;

	for (enum placement_level level = PLACEMENT_KIND; level <= PLACEMENT_CPU; level++) {
		unsigned i = placement_id(x, level);
		unsigned j = placement_id(y, level);

		if (i != j)
			return i < j ? -1 : 1;
	}
	return 0;
}

/* End of the group of this level that begins at @first. */
static size_t placement_group_end(
	const struct placement_order *o, size_t first, size_t end, enum placement_level level)
{
	size_t i = first + 1;

	while (i < end && placement_id(o->cpus[i], level) == placement_id(o->cpus[first], level))
		i++;
	return i;
}

static unsigned placement_lowest(const struct placement_order *o, size_t first, size_t end)
{
	unsigned lowest = o->cpus[first]->os_index;

	for (size_t i = first + 1; i < end; i++) {
		if (o->cpus[i]->os_index < lowest)
			lowest = o->cpus[i]->os_index;
	}
	return lowest;
}

/* Whether a group of @n CPUs is a better choice for @want than one of @n_best. */
static int placement_fits_better(size_t n, size_t n_best, size_t want)
{
	if (n == n_best)
		return 0;
	if (n >= want && n_best >= want)
		return n < n_best ? 1 : -1;
	return n > n_best ? 1 : -1;
}

/* The group of this level in [first, end) to take next; returns its start, sets its end. */
static size_t placement_next_group(const struct placement_order *o, size_t first, size_t end,
	enum placement_level level, size_t want, size_t *group_endp)
{
	size_t best = end;

	for (size_t i = first, next; i < end; i = next) {
		int better = 1;

		next = placement_group_end(o, i, end, level);
		if (CPU_ISSET(o->cpus[i]->os_index, o->chosen))
			continue;
		if (best < end && level == PLACEMENT_KIND)
			continue; /* sorted: the most efficient comes first */
		if (best < end)
			better = placement_fits_better(next - i, *group_endp - best, want);
		if (better > 0 || (better == 0 && placement_lowest(o, i, next) >
							  placement_lowest(o, best, *group_endp))) {
			best = i;
			*group_endp = next;
		}
	}
	return best;
}

/* Take at least @want CPUs, whole cores, of the group [first, end). Returns how many. */
static size_t placement_take(const struct placement_order *o, size_t first,
	size_t end, /* NOLINT(misc-no-recursion): six levels */
	enum placement_level level, size_t want)
{
	size_t n = 0;

	if (level == PLACEMENT_CORE) {
		for (size_t i = first; i < end; i++)
			CPU_SET(o->cpus[i]->os_index, o->chosen);
		return end - first;
	}
	while (n < want) {
		size_t group_end = end;
		size_t group = placement_next_group(o, first, end, level + 1, want - n, &group_end);

		if (group == end)
			break;
		n += placement_take(o, group, group_end, level + 1, want - n);
	}
	return n;
}

double placement_need(unsigned factor_pct, double n_cpus, unsigned n_lanes)
{
	double share = factor_pct == 0 ? 1.0 : factor_pct / 100.0;

	PRE(factor_pct <= 100 && n_cpus > 0 && n_lanes >= 1);
	return fmin(share * n_cpus, n_lanes + 1.0);
}

size_t placement_n_allowed(const struct placement_machine *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_cpus; i++)
		n += m->cpus[i].is_allowed;
	return n;
}

bool placement_is_tight(double need, size_t n_set)
{
	return (double)n_set - need < PLACEMENT_AIR;
}

size_t placement_choose(
	const struct placement_machine *m, double need, size_t n_extra, cpu_set_t *setp)
{
	struct placement_order order = {.chosen = setp};
	/* 1.0000001 CPUs is one, not two. */
	double want = ceil(need - 1e-6) + (double)n_extra;

	PRE(need > 0);
	CPU_ZERO(setp);
	for (size_t i = 0; i < m->n_cpus; i++) {
		if (m->cpus[i].is_allowed)
			order.cpus[order.n++] = &m->cpus[i];
	}
	if (order.n == 0)
		return 0;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what is sorted */
	qsort(order.cpus, order.n, sizeof(order.cpus[0]), placement_compare);
	return placement_take(&order, 0, order.n, PLACEMENT_ALL,
		want < (double)order.n ? (size_t)fmax(want, 1.0) : order.n);
}

size_t placement_widen(const struct placement_machine *m, const cpu_set_t *set, cpu_set_t *widep)
{
	size_t n_set = (size_t)CPU_COUNT(set);
	cpu_set_t wide = *set;
	cpu_set_t more;

	if (n_set < placement_n_allowed(m)) {
		/* It may be another part of the machine that is the smallest one now. */
		(void)placement_choose(m, (double)n_set + 1, 0, &more);
		CPU_OR(&wide, &wide, &more);
	}
	*widep = wide;
	return (size_t)CPU_COUNT(&wide);
}
