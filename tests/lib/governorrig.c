/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sums by wait4 are the second opinion on what the account says. */
#include "governorrig.h"

#include "unit.h"

#include <stdlib.h>

int governorrig_setup(void **state)
{
	struct governorrig *f = calloc(1, sizeof(*f));
	struct governor_config config = {0};

	if (!f || topology_read(&f->machine, NULL) != 0 ||
		topology_describe(NULL, NULL, &f->place, NULL) != 0)
		return -1;
	config.n_cpus = f->machine.n_cpus;
	config.n_online = f->machine.n_online;
	config.machine = &f->place;
	if (governor_new(&config, &f->gov, NULL) != 0 ||
		grant_page_map(governor_page_fd(f->gov), &f->page) != 0)
		return -1;
	*state = f;
	return 0;
}

void governorrig_lane_start(struct governorrig *f, unsigned lane, enum burner_kind kind)
{
	uint32_t generation = ++f->generations[lane];

	f->lanes[lane] = burner_start(f->page, GRANT_SLOT_LANE0 + lane, generation, kind);
	assert_int_equal(
		governor_add(f->gov, GRANT_SLOT_LANE0 + lane, generation, f->lanes[lane]), 0);
}

void governorrig_lane_end(struct governorrig *f, unsigned lane)
{
	uint64_t queued_ns = burner_queued_ns(f->lanes[lane]);
	uint64_t cpu_ns = burner_kill(f->lanes[lane]);

	f->lanes[lane] = 0;
	f->used_ns += cpu_ns;
	f->queued_ns += queued_ns;
	assert_int_equal(
		governor_remove(f->gov, GRANT_SLOT_LANE0 + lane, f->generations[lane], cpu_ns), 0);
}

void governorrig_lanes_start(struct governorrig *f, unsigned n, enum burner_kind kind)
{
	for (unsigned i = 0; i < n; i++)
		governorrig_lane_start(f, i, kind);
}

void governorrig_lanes_end(struct governorrig *f)
{
	for (unsigned i = 0; i < GOVERNORRIG_N_LANES; i++) {
		if (f->lanes[i] != 0)
			governorrig_lane_end(f, i);
	}
}

int governorrig_teardown(void **state)
{
	struct governorrig *f = *state;

	for (unsigned i = 0; i < GOVERNORRIG_N_LANES; i++) {
		if (f->lanes[i] != 0)
			(void)burner_kill(f->lanes[i]);
	}
	governor_free(f->gov);
	grant_page_close(f->page);
	free(f);
	return 0;
}

double governorrig_load_pct(const struct governor_reading *r, uint64_t cpu_ns)
{
	return 100.0 * (double)cpu_ns / ((double)r->active_ns * r->n_cpus);
}

void governorrig_print(const char *what, const struct governor_reading *r)
{
	print_message("%s: aim %.1f mean %.2f p95 %.1f p99 %.1f max %.2f %%; governor %.2f %% of "
		      "it, %llu looks\n",
		what, r->aim_pct, r->mean_pct, r->window_p95_pct, r->window_p99_pct,
		r->window_max_pct, 100.0 * (double)r->governor_ns / (double)r->cpu_ns,
		(unsigned long long)r->n_looks);
}

/*
 * The thread sanitizer holds signals back and slows what lies between two safe
 * points by a factor: its build looks for races, the others for figures.
 */
static bool governorrig_is_measuring(void)
{
#ifdef QUIETSCAN_TSAN
	return false;
#else
	return true;
#endif
}

void governorrig_at_most(const char *what, double got, double bound)
{
	if (governorrig_is_measuring() && got > bound)
		fail_msg("%s: got %.2f, at most %.2f", what, got, bound);
}

void governorrig_at_least(const char *what, double got, double bound)
{
	if (governorrig_is_measuring() && got < bound)
		fail_msg("%s: got %.2f, at least %.2f", what, got, bound);
}

void governorrig_assert_kept(
	const struct governorrig *f, const char *what, const struct governor_reading *r)
{
	/* Credit and headroom of the start weigh less the longer it goes. */
	double start_pct = 3.0 / ((double)r->active_ns / (1000.0 * BURNER_MS));

	governorrig_print(what, r);
	governorrig_at_most(what, r->mean_pct, r->aim_pct + 0.5 + start_pct);
	governorrig_at_most(what, r->window_p99_pct, r->aim_pct + 4.0);
	/* The account and the kernel's rusage agree; the rest is this process. */
	governorrig_at_least("account", governorrig_load_pct(r, r->cpu_ns),
		governorrig_load_pct(r, f->used_ns) - 0.5);
	governorrig_at_most("account", governorrig_load_pct(r, r->cpu_ns),
		governorrig_load_pct(r, f->used_ns) + 4.0);
	if (f->queued_ns != UINT64_MAX)
		governorrig_at_least(
			what, governorrig_load_pct(r, r->cpu_ns + f->queued_ns), r->aim_pct - 1.0);
}
