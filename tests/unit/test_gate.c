/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's own clock: pauses are summed, also the one that lasts; cancel is final. */
#include "unit.h"

#include "clock.h"
#include "gate.h"

#include <errno.h>
#include <time.h>

static void nap(long ms)
{
	(void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void pauses_are_summed(void **state)
{
	struct gate gate;
	uint64_t first_ns;
	uint64_t begin_ns;

	(void)state;
	gate_init(&gate, NULL, 1);
	nap(5);
	assert_int_equal(gate_paused_ns(&gate), 0);
	begin_ns = clock_mono_ns();
	gate_pause(&gate, true);
	gate_pause(&gate, true); /* told twice is one pause */
	nap(5);
	first_ns = gate_paused_ns(&gate);
	assert_true(first_ns >= 4000000);
	nap(5);
	assert_true(gate_paused_ns(&gate) >= first_ns + 4000000);
	gate_pause(&gate, false);
	first_ns = gate_paused_ns(&gate);
	assert_true(first_ns <= clock_mono_ns() - begin_ns);
	gate_pause(&gate, false);
	nap(5);
	assert_int_equal(gate_paused_ns(&gate), first_ns);
	gate_deinit(&gate);
}

static void cancelled_does_not_wait(void **state)
{
	struct gate gate;

	(void)state;
	gate_init(&gate, NULL, 1);
	assert_int_equal(gate_pass(&gate), 0);
	gate_pause(&gate, true);
	gate_cancel(&gate);
	assert_int_equal(gate_pass(&gate), -ECANCELED);
	gate_deinit(&gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_are_summed),
		cmocka_unit_test(cancelled_does_not_wait),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
