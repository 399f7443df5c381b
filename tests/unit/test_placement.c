/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The place on synthetic machines: which CPUs, as a list, and what stays free. */
#include "unit.h"

#include "placement.h"
#include "topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONE "package:1 core:1 pu:1"
#define TWO "package:1 core:2 pu:1"
#define SMT8 "package:1 l3:1 core:4 pu:2"
#define BIG64 "package:2 numa:2 l3:2 core:4 pu:2"
#define HYBRID "package:1 l3:1 core:12 pu:1"
#define CONTAINER "package:2 l3:1 core:8 pu:2"

struct row {
	const char *machine;
	const char *efficient; /* NULL: no kinds */
	unsigned factor_pct;
	double n_cpus; /* N; 0: all */
	unsigned n_lanes;
	size_t n_extra;
	const char *cpus;
};

static struct placement_machine *machine_of(const char *synthetic, const char *efficient)
{
	struct placement_machine *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	assert_int_equal(topology_describe(synthetic, efficient, m, NULL), 0);
	return m;
}

/* "0-3,6" */
static void print_set(const cpu_set_t *set, char *text, size_t n_text)
{
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < CPU_SETSIZE; i++) {
		size_t end = i;

		if (!CPU_ISSET(i, set))
			continue;
		while (end + 1 < CPU_SETSIZE && CPU_ISSET(end + 1, set))
			end++;
		n += (size_t)snprintf(text + n, n_text - n, end > i ? "%s%zu-%zu" : "%s%zu",
			n > 0 ? "," : "", i, end);
		i = end;
	}
}

static void check_row(const struct row *row)
{
	struct placement_machine *m = machine_of(row->machine, row->efficient);
	double n_cpus = row->n_cpus > 0 ? row->n_cpus : (double)m->n_cpus;
	double need = placement_need(row->factor_pct, n_cpus, row->n_lanes);
	char got[256];
	cpu_set_t set;
	size_t n = placement_choose(m, need, row->n_extra, &set);

	print_set(&set, got, sizeof(got));
	assert_int_equal(n, CPU_COUNT(&set));
	if (strcmp(got, row->cpus) != 0)
		fail_msg("%s, %u %% of %.1f, %u lanes, %zu more: got %s, want %s", row->machine,
			row->factor_pct, n_cpus, row->n_lanes, row->n_extra, got, row->cpus);
	free(m);
}

static void on_machines(void **state)
{
	static const struct row rows[] = {
		{ONE, NULL, 50, 0, 1, 0, "0"},
		{ONE, NULL, 0, 0, 1, 0, "0"},
		/* half of two CPUs is one of them, away from CPU 0 */
		{TWO, NULL, 5, 0, 1, 0, "1"},
		{TWO, NULL, 50, 0, 2, 0, "1"},
		{TWO, NULL, 51, 0, 2, 0, "0-1"},
		{TWO, NULL, 50, 0, 2, 1, "0-1"},
		{TWO, NULL, 0, 0, 2, 0, "0-1"},
		{TWO, NULL, 0, 0, 2, 7, "0-1"}, /* there are no more */
		/* siblings before cores, whole cores */
		{SMT8, NULL, 10, 0, 1, 0, "6-7"},
		{SMT8, NULL, 25, 0, 3, 0, "6-7"},
		{SMT8, NULL, 50, 0, 5, 0, "4-7"},
		{SMT8, NULL, 55, 0, 5, 0, "2-7"},
		{SMT8, NULL, 50, 0, 5, 1, "2-7"},
		{SMT8, NULL, 50, 0, 1, 0, "6-7"}, /* one lane and the scanner */
		{SMT8, NULL, 0, 0, 8, 0, "0-7"},
		/* one L3 domain of eight, a NUMA node of four, a package of two */
		{BIG64, NULL, 10, 0, 7, 0, "56-63"},
		{BIG64, NULL, 12, 0, 9, 0, "56-63"},
		{BIG64, NULL, 20, 0, 14, 0, "50-63"},
		{BIG64, NULL, 25, 0, 17, 0, "48-63"},
		{BIG64, NULL, 30, 0, 20, 0, "44-63"}, /* a part of the next node */
		{BIG64, NULL, 50, 0, 33, 0, "32-63"},
		{BIG64, NULL, 55, 0, 36, 0, "28-63"},
		/* efficiency cores, wherever they are, before the others */
		{HYBRID, "4-11", 50, 0, 7, 0, "6-11"},
		{HYBRID, "0-3", 25, 0, 4, 0, "1-3"},
		{HYBRID, "0-3", 50, 0, 7, 0, "0-3,10-11"},
		/* 1.5 of 32 */
		{CONTAINER, NULL, 5, 1.5, 1, 0, "30-31"},
		{CONTAINER, NULL, 50, 1.5, 1, 0, "30-31"},
		{CONTAINER, NULL, 0, 1.5, 2, 0, "30-31"},
		{CONTAINER, NULL, 0, 1.5, 2, 1, "28-31"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

/* An affinity mask or cpuset: nothing outside is chosen, and half a core counts as one. */
static void within_what_is_allowed(void **state)
{
	struct placement_machine *m = machine_of(SMT8, NULL);
	cpu_set_t set;
	char got[256];

	(void)state;
	for (size_t i = 0; i < m->n_cpus; i++)
		m->cpus[i].is_allowed = i <= 4;
	assert_int_equal(placement_n_allowed(m), 5);
	assert_int_equal(placement_choose(m, 1, 0, &set), 1);
	print_set(&set, got, sizeof(got));
	assert_string_equal(got, "4"); /* others have its sibling anyway */
	assert_int_equal(placement_choose(m, 2, 0, &set), 2);
	print_set(&set, got, sizeof(got));
	assert_string_equal(got, "2-3");
	assert_int_equal(placement_choose(m, 64, 0, &set), 5);
	free(m);
}

/* For every aim on every machine: enough CPUs, and no core too many. */
static void enough_and_not_more(void **state)
{
	static const char *const machines[] = {ONE, TWO, SMT8, BIG64, HYBRID, CONTAINER};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct placement_machine *m = machine_of(machines[i], NULL);
		double siblings = m->cpus[0].core == m->cpus[m->n_cpus > 1].core ? 2 : 1;

		for (unsigned pct = 1; pct <= 100; pct++) {
			double need = placement_need(pct, (double)m->n_cpus, 64);
			cpu_set_t set;
			double n = (double)placement_choose(m, need, 0, &set);

			assert_true(n >= need - 1e-6);
			assert_true(n < need + (m->n_cpus > 1 ? siblings : 1));
		}
		free(m);
	}
}

/* On every machine: the wide set has the set and some more, as long as there is more. */
static void wider_by_a_core(void **state)
{
	static const char *const machines[] = {ONE, TWO, SMT8, BIG64, HYBRID, CONTAINER};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct placement_machine *m = machine_of(machines[i], NULL);
		size_t n_allowed = placement_n_allowed(m);

		for (size_t want = 1; want <= n_allowed; want++) {
			cpu_set_t set;
			cpu_set_t wide;
			cpu_set_t both;
			size_t n = placement_choose(m, (double)want, 0, &set);
			size_t n_wide = placement_widen(m, &set, &wide);

			CPU_AND(&both, &set, &wide);
			assert_true(CPU_EQUAL(&both, &set));
			assert_int_equal(n_wide, CPU_COUNT(&wide));
			if (n < n_allowed)
				assert_true(n_wide > n && n_wide <= n_allowed);
			else
				assert_int_equal(n_wide, n);
		}
		free(m);
	}
}

static void tight_without_air(void **state)
{
	(void)state;
	assert_true(placement_is_tight(1.0, 1));
	assert_true(placement_is_tight(0.95, 1));
	assert_false(placement_is_tight(0.8, 1));
	assert_false(placement_is_tight(1.0, 2)); /* the sibling came with it */
}

static void nothing_known(void **state)
{
	static struct placement_machine none;
	cpu_set_t set;

	(void)state;
	assert_int_equal(placement_choose(&none, 1, 0, &set), 0);
	assert_int_equal(CPU_COUNT(&set), 0);
}

static void bad_description(void **state)
{
	static struct placement_machine m;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	assert_int_equal(topology_describe("no:such machine", NULL, &m, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "describe the CPUs"));
	assert_int_equal(topology_describe(TWO, "first", &m, &msg), -EINVAL);
}

/* This machine: what may be used is what the kernel says. */
static void this_machine(void **state)
{
	static struct placement_machine m;
	cpu_set_t mine;

	(void)state;
	assert_int_equal(topology_describe(NULL, NULL, &m, NULL), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
	assert_int_equal(placement_n_allowed(&m), CPU_COUNT(&mine));
	for (size_t i = 0; i < m.n_cpus; i++)
		assert_int_equal(m.cpus[i].is_allowed, CPU_ISSET(m.cpus[i].os_index, &mine) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_machines),
		cmocka_unit_test(within_what_is_allowed),
		cmocka_unit_test(enough_and_not_more),
		cmocka_unit_test(wider_by_a_core),
		cmocka_unit_test(tight_without_air),
		cmocka_unit_test(nothing_known),
		cmocka_unit_test(bad_description),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
