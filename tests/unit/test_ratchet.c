/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps taken and taken back, in virtual seconds. */
#include "unit.h"

#include "ratchet.h"

#define SECOND UINT64_C(1000000000)

struct world {
	struct ratchet ratchet;
	uint64_t now_s;
	unsigned n_needed; /* steps without which it is short */
	unsigned n_changes;
	unsigned n_short; /* seconds */
	double queued;
};

/* Promised one CPU; gets it with enough steps, half of it without. */
static void pass(struct world *w, unsigned n_seconds)
{
	for (unsigned i = 0; i < n_seconds; i++) {
		bool is_short = w->ratchet.n < w->n_needed;
		struct ratchet_input in = {
			.now_ns = ++w->now_s * SECOND,
			.promised = 1.0,
			.got = is_short ? 0.5 : 0.99,
			.waiting = w->queued,
			.slack = 0.015,
			.n_max = 3,
		};

		w->n_short += is_short;
		w->n_changes += ratchet_step(&w->ratchet, &in);
	}
}

static void nothing_without_need(void **state)
{
	struct world w = {.ratchet = RATCHET_NULL, .queued = 1.0};

	(void)state;
	pass(&w, 10000);
	assert_int_equal(w.n_changes, 0);
}

/* Short and queueing: a step each two looks, up to the last. */
static void steps_until_it_is_enough(void **state)
{
	struct world w = {.ratchet = RATCHET_NULL, .queued = 1.0, .n_needed = 2};

	(void)state;
	pass(&w, 1);
	assert_int_equal(w.ratchet.n, 0); /* one look says nothing */
	pass(&w, 1);
	assert_int_equal(w.ratchet.n, 1);
	pass(&w, 2);
	assert_int_equal(w.ratchet.n, 2);
	pass(&w, 20);
	assert_int_equal(w.ratchet.n, 2);
	w.n_needed = 9;
	pass(&w, 20);
	assert_int_equal(w.ratchet.n, 3);
}

/* Nobody waits in a run queue: the disk is slow, or there is no work. */
static void not_for_the_disk(void **state)
{
	struct world w = {.ratchet = RATCHET_NULL, .queued = 0.1, .n_needed = 1};

	(void)state;
	pass(&w, 1000);
	assert_int_equal(w.n_changes, 0);
}

static void taken_back_when_the_trouble_is_over(void **state)
{
	struct world w = {.ratchet = RATCHET_NULL, .queued = 1.0, .n_needed = 2};

	(void)state;
	pass(&w, 10);
	w.n_needed = 0;
	pass(&w, 20);
	assert_int_equal(w.ratchet.n, 2); /* not at once */
	pass(&w, 60);
	assert_int_equal(w.ratchet.n, 0);
}

/* Trouble that stays: trials become rare, so that a day is hardly ever short. */
static void trials_in_vain_become_rare(void **state)
{
	struct world w = {.ratchet = RATCHET_NULL, .queued = 1.0, .n_needed = 1};

	(void)state;
	pass(&w, 3600);
	assert_in_range(w.n_short, 2, 3600 / 100);
	w.n_short = 0;
	pass(&w, 3600);
	assert_in_range(w.n_short, 2, 3600 / 200);
	/* And is found out when it has gone. */
	w.n_needed = 0;
	pass(&w, 600);
	assert_int_equal(w.ratchet.n, 0);
}

static void reset_takes_all_back(void **state)
{
	struct world w = {.ratchet = RATCHET_NULL, .queued = 1.0, .n_needed = 3};

	(void)state;
	pass(&w, 10);
	assert_int_equal(w.ratchet.n, 3);
	ratchet_reset(&w.ratchet, w.now_s * SECOND);
	assert_int_equal(w.ratchet.n, 0);
	w.n_needed = 0;
	pass(&w, 100);
	assert_int_equal(w.ratchet.n, 0);
}

static void fewer_steps_than_taken(void **state)
{
	struct ratchet r = {.n = 3};
	struct ratchet_input in = {.now_ns = SECOND, .promised = 1, .got = 1, .n_max = 1};

	(void)state;
	assert_true(ratchet_step(&r, &in));
	assert_int_equal(r.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_without_need),
		cmocka_unit_test(steps_until_it_is_enough),
		cmocka_unit_test(not_for_the_disk),
		cmocka_unit_test(taken_back_when_the_trouble_is_over),
		cmocka_unit_test(trials_in_vain_become_rare),
		cmocka_unit_test(reset_takes_all_back),
		cmocka_unit_test(fewer_steps_than_taken),
	};

	return cmocka_run_group_tests_name("ratchet", tests, NULL, NULL);
}
