/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPU time of others, by product: what is counted, what is not, and that it is bounded. */
#include "unit.h"

#include "other_cpu.h"

#include <stdio.h>
#include <string.h>

static struct other_cpu cpu; /* too large for a stack */

static struct other_cpu_reading of(pid_t pid, uint64_t began, uint64_t cpu_ns, const char *name)
{
	struct other_cpu_reading reading = {.pid = pid, .began = began, .cpu_ns = cpu_ns};

	(void)snprintf(reading.name, sizeof(reading.name), "%s", name);
	return reading;
}

static uint64_t step(struct other_cpu_reading a, struct other_cpu_reading b)
{
	const struct other_cpu_reading both[] = {a, b};

	return other_cpu_step(&cpu, both, 2);
}

/* From the second reading on; processes of one product together; who takes nothing is named. */
static void sums(void **state)
{
	(void)state;
	other_cpu_init(&cpu);
	assert_int_equal(step(of(7, 1, 1000, "A"), of(8, 1, 5000, "B")), 0);
	assert_int_equal(step(of(7, 1, 1100, "A"), of(9, 1, 70, "A")), 100);
	assert_int_equal(step(of(9, 1, 90, "A"), of(7, 1, 1400, "A")), 320);
	assert_int_equal(cpu.n_products, 2);
	assert_string_equal(cpu.products[0].name, "A");
	assert_int_equal(cpu.products[0].cpu_ns, 420);
	assert_string_equal(cpu.products[1].name, "B");
	assert_int_equal(cpu.products[1].cpu_ns, 0);
}

/* A number that was given out again, a clock that went back, and who was away: not counted. */
static void begins_anew(void **state)
{
	(void)state;
	other_cpu_init(&cpu);
	(void)step(of(7, 1, 100, "A"), of(8, 1, 100, "A"));
	assert_int_equal(step(of(7, 2, 900, "A"), of(8, 1, 50, "A")), 0);
	assert_int_equal(step(of(7, 2, 901, "A"), of(8, 1, 51, "A")), 2);
	assert_int_equal(other_cpu_step(&cpu, NULL, 0), 0);
	assert_int_equal(step(of(7, 2, 2000, "A"), of(8, 1, 2000, "A")), 0);
	other_cpu_skip(&cpu);
	assert_int_equal(step(of(7, 2, 3000, "A"), of(8, 1, 3000, "A")), 0);
	assert_int_equal(step(of(7, 2, 3001, "A"), of(8, 1, 3000, "A")), 1);
	assert_int_equal(cpu.products[0].cpu_ns, 3);
}

/* More names than are kept: the last place is for all the rest, and says so. */
static void bounded(void **state)
{
	char name[OTHER_CPU_NAME_MAX + 20];

	(void)state;
	other_cpu_init(&cpu);
	for (int i = 0; i < 3 * OTHER_CPU_PRODUCTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "product %d", i);
		other_cpu_add(&cpu, name, 1);
	}
	assert_int_equal(cpu.n_products, OTHER_CPU_PRODUCTS_MAX);
	assert_string_equal(cpu.products[OTHER_CPU_PRODUCTS_MAX - 2].name, "product 14");
	assert_string_equal(cpu.products[OTHER_CPU_PRODUCTS_MAX - 1].name, "");
	assert_int_equal(cpu.products[OTHER_CPU_PRODUCTS_MAX - 1].cpu_ns,
		3 * OTHER_CPU_PRODUCTS_MAX - (OTHER_CPU_PRODUCTS_MAX - 1));
	other_cpu_add(&cpu, "product 0", UINT64_MAX);
	other_cpu_add(&cpu, "product 0", 5);
	assert_true(cpu.products[0].cpu_ns == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums),
		cmocka_unit_test(begins_anew),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests_name("other_cpu", tests, NULL, NULL);
}
