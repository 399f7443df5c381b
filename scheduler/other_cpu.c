/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A clock that went back is another process's after all: nothing is counted.
 * Sums do not overflow: an addition that would stays at the top.
 */
#include "other_cpu.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

void other_cpu_init(struct other_cpu *o)
{
	memset(o, 0, sizeof(*o));
}

/* The product of this name; the rest, when there is no room for it. */
static struct other_cpu_product *other_cpu_product(struct other_cpu *o, const char *name)
{
	struct other_cpu_product *product;

	for (size_t i = 0; i < o->n_products; i++)
		if (strcmp(o->products[i].name, name) == 0)
			return &o->products[i];
	if (o->n_products == OTHER_CPU_PRODUCTS_MAX)
		return &o->products[OTHER_CPU_PRODUCTS_MAX - 1];
	if (o->n_products == OTHER_CPU_PRODUCTS_MAX - 1)
		name = "";
	product = &o->products[o->n_products++];
	*product = (struct other_cpu_product){.cpu_ns = 0};
	(void)snprintf(product->name, sizeof(product->name), "%s", name);
	return product;
}

void other_cpu_add(struct other_cpu *o, const char *name, uint64_t cpu_ns)
{
	struct other_cpu_product *product = other_cpu_product(o, name);

	product->cpu_ns =
		cpu_ns > UINT64_MAX - product->cpu_ns ? UINT64_MAX : product->cpu_ns + cpu_ns;
}

/* What it took since the last step; 0 when it was not in it. */
static uint64_t other_cpu_since(const struct other_cpu *o, const struct other_cpu_reading *reading)
{
	for (size_t i = 0; i < o->n_last; i++) {
		const struct other_cpu_reading *last = &o->last[i];

		if (last->pid == reading->pid && last->began == reading->began)
			return reading->cpu_ns > last->cpu_ns ? reading->cpu_ns - last->cpu_ns : 0;
	}
	return 0;
}

uint64_t other_cpu_step(struct other_cpu *o, const struct other_cpu_reading readings[], size_t n)
{
	uint64_t sum_ns = 0;

	PRE(n <= NEIGHBOURS_MAX);
	for (size_t i = 0; i < n; i++) {
		uint64_t cpu_ns = other_cpu_since(o, &readings[i]);

		/* Also with 0: who is there is named. */
		other_cpu_add(o, readings[i].name, cpu_ns);
		sum_ns += cpu_ns;
	}
	if (n > 0)
		memcpy(o->last, readings, n * sizeof(readings[0]));
	o->n_last = n;
	return sum_ns;
}

void other_cpu_skip(struct other_cpu *o)
{
	o->n_last = 0;
}
