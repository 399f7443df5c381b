/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens in virtual time, before one who has to allow them and has other work too; and the pacer. */
#include "unit.h"

#include "open_pace.h"
#include "pacer.h"

#include <math.h>
#include <time.h>

#define MS UINT64_C(1000000)

/* One who allows an open in @service of its time, and is busy for others in a part of it. */
struct world {
	struct open_pace pace;
	uint64_t now_ns;
	double service_ns;
	double others; /* part of its time */
	double rate;   /* ours: part of its time, an average */
	uint64_t held_ns;
};

static struct world world(double service_ns, double others)
{
	return (struct world){
		.pace = OPEN_PACE_NULL, .now_ns = MS, .service_ns = service_ns, .others = others};
}

static void note(struct open_pace *pace, unsigned n, uint64_t took_ns)
{
	for (unsigned i = 0; i < n; i++)
		open_pace_note(pace, took_ns);
}

/* Opens one after the other. What waits for a server that is busy with ρ takes 1 / (1 - ρ) as long. */
static void pass(struct world *w, unsigned n, bool is_held)
{
	w->held_ns = 0;
	for (unsigned i = 0; i < n; i++) {
		uint64_t at_ns = is_held ? open_pace_take(&w->pace, w->now_ns) : w->now_ns;
		double latency_ns = w->service_ns / (1 - fmin(0.99, w->others + w->rate));
		double waited_ns = (double)(at_ns - w->now_ns);

		assert_true(at_ns >= w->now_ns);
		assert_true(at_ns <= w->now_ns + OPEN_PACE_WAIT_MS * MS);
		w->held_ns += at_ns - w->now_ns;
		w->rate += (w->service_ns / (waited_ns + latency_ns) - w->rate) / 8;
		w->now_ns = at_ns + (uint64_t)latency_ns;
		open_pace_note(&w->pace, (uint64_t)latency_ns);
	}
}

/* What is as it always was is not held, fast or slow, nor is one that is slow now and then. */
static void as_always(void **state)
{
	static const uint64_t durations_ns[] = {20000, 500000, 3 * MS, 15 * MS};

	(void)state;
	for (size_t i = 0; i < sizeof(durations_ns) / sizeof(durations_ns[0]); i++) {
		struct open_pace pace = OPEN_PACE_NULL;

		note(&pace, 2000, durations_ns[i]);
		assert_int_equal(pace.level, 0);
		assert_int_equal(open_pace_take(&pace, 1000), 1000);
		assert_int_equal(open_pace_take(&pace, 1000), 1000);
		/* One of them waits for a disk: felt, but over before the next judgement. */
		note(&pace, 1, 10 * MS);
		note(&pace, 15, durations_ns[i]);
		assert_int_equal(pace.level, 0);
	}
}

/* Sixfold, but nobody feels it; and little more than twofold, which is no clear rise. */
static void no_clear_rise(void **state)
{
	struct open_pace pace = OPEN_PACE_NULL;

	(void)state;
	note(&pace, 200, MS / 2);
	note(&pace, 8, 3 * MS);
	assert_int_equal(pace.level, 0);
	note(&pace, 400, 4 * MS);
	note(&pace, 24, 9 * MS);
	assert_int_equal(pace.level, 0);
}

/* Others come: opens take longer, we step back, and take less than we would; freely again when they go. */
static void others_come_and_go(void **state)
{
	struct world w = world(2e6, 0);
	struct world greedy;

	(void)state;
	note(&w.pace, 100, 2 * MS);
	w.others = 0.8;
	greedy = w;
	pass(&w, 400, true);
	pass(&greedy, 400, false);
	assert_true(w.held_ns > 0);
	assert_true(w.rate < 0.8 * greedy.rate);
	w.others = 0;
	w.rate = 0;
	pass(&w, 200, true);
	assert_int_equal(w.pace.level, 0);
	pass(&w, 50, true);
	assert_int_equal(w.held_ns, 0);
}

/* Between the two bounds the level stays as it is. */
static void hysteresis(void **state)
{
	struct open_pace pace = OPEN_PACE_NULL;
	unsigned level;

	(void)state;
	note(&pace, 104, 2 * MS);
	note(&pace, 16, 30 * MS);
	assert_true(pace.level > 0);
	note(&pace, 16, 6 * MS); /* what was before still counts */
	level = pace.level;
	assert_true(level > 0);
	note(&pace, 400, 6 * MS); /* three times calm */
	assert_int_equal(pace.level, level);
	note(&pace, 100, 2 * MS);
	assert_int_equal(pace.level, 0);
	note(&pace, 400, 6 * MS); /* the same from below */
	assert_int_equal(pace.level, 0);
}

/* Slow from the beginning is slow; and however slow, two opens a second are begun. */
static void bounded(void **state)
{
	static const uint64_t durations_ms[] = {50, 300, 5000, 100000};

	(void)state;
	for (size_t i = 0; i < sizeof(durations_ms) / sizeof(durations_ms[0]); i++) {
		struct open_pace pace = OPEN_PACE_NULL;
		uint64_t now_ns = 12345 * MS;

		note(&pace, 100, durations_ms[i] * MS);
		assert_int_equal(pace.level, OPEN_PACE_LEVEL_MAX);
		assert_int_equal(open_pace_take(&pace, now_ns), now_ns);
		assert_true(open_pace_take(&pace, now_ns) > now_ns);
		assert_true(open_pace_take(&pace, now_ns) <= now_ns + 2 * OPEN_PACE_GAP_MS * MS);
		/* So many at once: none of them waits longer than the bound. */
		for (unsigned n = 0; n < 64; n++)
			assert_true(
				open_pace_take(&pace, now_ns) <= now_ns + OPEN_PACE_WAIT_MS * MS);
		/* After a long time nothing is owed. */
		now_ns += 100000 * MS;
		assert_int_equal(open_pace_take(&pace, now_ns), now_ns);
	}
}

/* What is far may be slow on its best day: only a rise counts there. */
static void far_away(void **state)
{
	struct open_pace pace = OPEN_PACE_NULL;

	(void)state;
	pace.is_far = true;
	note(&pace, 400, 80 * MS);
	assert_int_equal(pace.level, 0);
	note(&pace, 24, 500 * MS);
	assert_true(pace.level > 0);
	note(&pace, 100, 80 * MS);
	assert_int_equal(pace.level, 0);
}

/* Opens that take so long, in this thread. */
static void open_for(struct pacer *pacer, struct pacer_seat *seat, dev_t dev, uint64_t took_ns)
{
	for (unsigned i = 0; i < 4 * OPEN_PACE_WINDOW; i++) {
		pacer_begin(seat);
		seat->began_ns -= took_ns;
		pacer_end(pacer, seat, dev, false);
	}
}

/* One mount is held, another is not; a cancel ends the wait; more mounts than there is room for. */
static void by_mount(void **state)
{
	struct pacer *pacer = pacer_new();
	struct pacer_seat seat = PACER_SEAT_NULL;
	struct gate gate;

	(void)state;
	gate_init(&gate, NULL, 0);
	pacer_sit(&seat);
	open_for(pacer, &seat, 1, 0);
	assert_false(pacer_is_slow(pacer));
	assert_int_equal(pacer_hold(pacer, &gate, 1, false), 0);
	open_for(pacer, &seat, 2, 50 * MS);
	assert_true(pacer_is_slow(pacer));
	assert_int_equal(pacer_hold(pacer, &gate, 1, false), 0);
	(void)pacer_hold(pacer, &gate, 2, false);
	assert_true(pacer_hold(pacer, &gate, 2, false) > 0);
	gate_cancel(&gate);
	assert_true(pacer_hold(pacer, &gate, 2, false) < OPEN_PACE_WAIT_MS * MS);
	open_for(pacer, &seat, 2, 0);
	open_for(pacer, &seat, 2, 0);
	assert_false(pacer_is_slow(pacer));
	for (dev_t dev = 3; dev < 3 + 2 * PACER_MOUNTS_MAX; dev++)
		open_for(pacer, &seat, dev, 0);
	open_for(pacer, &seat, 1000, 50 * MS); /* not told apart */
	assert_false(pacer_is_slow(pacer));
	pacer_rise(&seat);
	pacer_rise(&seat);
	open_for(pacer, &seat, 1, 50 * MS); /* without what it knows of the CPU */
	assert_true(pacer_is_slow(pacer));
	gate_deinit(&gate);
	pacer_free(pacer);
	pacer_free(NULL);
}

/* A thread that waits for its CPU is not one that waits for the mount. */
static void not_the_machine(void **state)
{
	struct pacer *pacer = pacer_new();
	struct pacer_seat seat = PACER_SEAT_NULL;

	(void)state;
	pacer_sit(&seat);
	if (seat.schedstat_fd < 0)
		skip(); /* a kernel that does not tell */
	for (unsigned i = 0; i < 4 * OPEN_PACE_WINDOW; i++) {
		pacer_begin(&seat);
		seat.began_ns -= 100 * MS;  /* it took so long, */
		seat.queued_ns -= 100 * MS; /* all of it in a run queue */
		pacer_end(pacer, &seat, 1, false);
	}
	assert_false(pacer_is_slow(pacer));
	pacer_rise(&seat);
	pacer_free(pacer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_always),
		cmocka_unit_test(no_clear_rise),
		cmocka_unit_test(others_come_and_go),
		cmocka_unit_test(hysteresis),
		cmocka_unit_test(bounded),
		cmocka_unit_test(far_away),
		cmocka_unit_test(by_mount),
		cmocka_unit_test(not_the_machine),
	};

	return cmocka_run_group_tests_name("open_pace", tests, NULL, NULL);
}
