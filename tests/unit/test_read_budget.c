/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The budget of reads in virtual time: a disk that gives so many bytes a second to
 * who is not held, and a governor that looks when the budget says so.
 */
#include "unit.h"

#include "read_budget.h"

#include <math.h>
#include <string.h>

#define MIB 1048576.0
#define MS_NS UINT64_C(1000000)
#define SECOND_MS 1000u
#define DISK_MS_MAX 200000u

static struct {
	struct read_budget rb;
	double disk_bytes; /* a millisecond, while not held */
	unsigned late_ms;  /* goes on so long into a hold: what was granted before */
	unsigned now_ms;
	unsigned next_ms;
	unsigned left_ms; /* of late_ms */
	unsigned n_looks;
	double pending;                  /* fetched, not yet seen */
	double fetched[DISK_MS_MAX + 1]; /* until then */
} disk;

static void disk_open(double mib_s, unsigned limit_mib_s)
{
	memset(&disk, 0, sizeof(disk));
	disk.disk_bytes = mib_s * MIB / SECOND_MS;
	read_budget_init(&disk.rb);
	read_budget_set_rate(&disk.rb, (uint64_t)(limit_mib_s * MIB));
	read_budget_begin(&disk.rb, 0);
}

static void disk_look(bool is_paused)
{
	uint64_t n_bytes = (uint64_t)disk.pending;

	disk.pending -= (double)n_bytes;
	read_budget_step(&disk.rb, disk.now_ms * MS_NS, n_bytes, is_paused);
	disk.next_ms = disk.now_ms + (unsigned)ceil((double)read_budget_next_ns(&disk.rb) / 1e6);
	disk.n_looks++;
}

static void disk_run(unsigned n_ms)
{
	for (unsigned end_ms = disk.now_ms + n_ms; disk.now_ms < end_ms;) {
		bool is_held = read_budget_is_held(&disk.rb);
		bool is_reading = !is_held || disk.left_ms > 0;
		double n_bytes = is_reading ? disk.disk_bytes : 0;

		if (!is_held)
			disk.left_ms = disk.late_ms;
		else if (disk.left_ms > 0)
			disk.left_ms--;
		disk.now_ms++;
		assert_true(disk.now_ms <= DISK_MS_MAX);
		disk.pending += n_bytes;
		disk.fetched[disk.now_ms] = disk.fetched[disk.now_ms - 1] + n_bytes;
		if (disk.now_ms >= disk.next_ms)
			disk_look(false);
	}
}

static double disk_mib_s(unsigned from_ms, unsigned to_ms)
{
	return (disk.fetched[to_ms] - disk.fetched[from_ms]) / MIB /
	       ((double)(to_ms - from_ms) / SECOND_MS);
}

/* The most that came in any stretch of so many milliseconds. */
static double disk_most_mib(unsigned n_ms)
{
	double most = 0;

	for (unsigned ms = n_ms; ms <= disk.now_ms; ms++)
		most = fmax(most, disk.fetched[ms] - disk.fetched[ms - n_ms]);
	return most / MIB;
}

static void assert_within(const char *what, double got, double low, double high)
{
	if (!(got >= low && got <= high))
		fail_msg("%s: got %.3f, expected %.3f to %.3f", what, got, low, high);
}

/* Fast and slow disks, prompt and late stops: the mean is the limit. */
static void mean_is_exact(void **state)
{
	static const struct {
		double disk;
		unsigned limit;
		unsigned late_ms;
	} cases[] = {
		{200, 10, 0},
		{200, 10, 60},
		{2000, 10, 25},
		{150, 100, 25},
		{30, 20, 25},
		{101, 100, 0},
		{20, 1, 100},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double mean;

		disk_open(cases[i].disk, cases[i].limit);
		disk.late_ms = cases[i].late_ms;
		disk_run(120 * SECOND_MS);
		mean = disk_mib_s(0, disk.now_ms);
		/* Credit of the start, and what the last stop had left to repay. */
		assert_within("mean", mean, 0.99 * cases[i].limit,
			1.01 * cases[i].limit +
				(0.25 * cases[i].limit + 1 + 0.15 * cases[i].disk) / 120);
		disk_look(false);
		assert_within("told", (double)disk.rb.read_bytes, disk.fetched[disk.now_ms] - 1,
			disk.fetched[disk.now_ms] + 1);
	}
}

/* A disk that gives less than the limit is never held, and is hardly looked at. */
static void slow_disk_is_not_held(void **state)
{
	(void)state;
	disk_open(9, 10);
	disk_run(60 * SECOND_MS);
	assert_within("mean", disk_mib_s(0, disk.now_ms), 8.999, 9.001);
	assert_int_equal(disk.rb.held_ns, 0);
	assert_true(disk.n_looks <= 60 * 20 + 1);
}

/* Quiet for a minute, then a fast disk: credit, what comes between looks, the rate. */
static void burst_is_bounded(void **state)
{
	(void)state;
	disk_open(0, 40);
	disk_run(60 * SECOND_MS);
	disk.disk_bytes = 500 * MIB / SECOND_MS;
	disk_run(10 * SECOND_MS);
	/* Credit 10, first look 50 ms late by 25, later ones by 5 ms of 500. */
	assert_within("first second", disk_most_mib(SECOND_MS), 40, 40 + 10 + 25.5);
	assert_within("ten seconds", disk_most_mib(10 * SECOND_MS), 400, 400 + 10 + 25.5);
}

/* Credit is a quarter of a second, at least 1 MiB, however long the rest was. */
static void credit_is_capped(void **state)
{
	(void)state;
	disk_open(0, 40);
	disk_run(100 * SECOND_MS);
	assert_true(disk.rb.balance_bytes <= 10 * MIB);
	assert_true(disk.rb.balance_bytes >= 10 * MIB - 1);
	disk_open(0, 1);
	disk_run(100 * SECOND_MS);
	assert_true(disk.rb.balance_bytes <= MIB);
	assert_true(disk.rb.balance_bytes >= MIB - 1);
}

/* Debt has no bound, is waited for to the end, and the time is told. */
static void debt_is_repaid(void **state)
{
	struct read_budget rb;

	(void)state;
	read_budget_init(&rb);
	read_budget_set_rate(&rb, 1000000);
	read_budget_begin(&rb, 0);
	read_budget_step(&rb, 100 * MS_NS, 21148576, false);
	assert_true(read_budget_is_held(&rb)); /* credit and 0.1 s off: 20 s of debt */
	assert_int_equal(read_budget_next_ns(&rb), 200 * MS_NS);
	read_budget_step(&rb, 20050 * MS_NS, 0, false);
	assert_true(read_budget_is_held(&rb));
	assert_true(read_budget_next_ns(&rb) >= 49 * MS_NS);
	assert_true(read_budget_next_ns(&rb) <= 51 * MS_NS);
	read_budget_step(&rb, 20050 * MS_NS + read_budget_next_ns(&rb), 0, false);
	assert_false(read_budget_is_held(&rb));
	assert_true(rb.held_ns >= 19999 * MS_NS && rb.held_ns <= 20001 * MS_NS);
}

/* Another rate holds from now on, in both directions; none at all owes nothing. */
static void rate_is_changed(void **state)
{
	(void)state;
	disk_open(200, 10);
	disk.late_ms = 25;
	disk_run(30 * SECOND_MS);
	read_budget_set_rate(&disk.rb, (uint64_t)(50 * MIB));
	disk_run(30 * SECOND_MS);
	read_budget_set_rate(&disk.rb, (uint64_t)(5 * MIB));
	disk_run(30 * SECOND_MS);
	assert_within("10", disk_mib_s(SECOND_MS, 30 * SECOND_MS), 9.5, 10.5);
	assert_within("50", disk_mib_s(31 * SECOND_MS, 60 * SECOND_MS), 48, 52);
	assert_within("5", disk_mib_s(62 * SECOND_MS, 90 * SECOND_MS), 4.6, 5.4);
	read_budget_set_rate(&disk.rb, 0);
	assert_false(read_budget_is_held(&disk.rb));
	disk_run(2 * SECOND_MS);
	assert_within("off", disk_mib_s(91 * SECOND_MS, 92 * SECOND_MS), 199, 201);
	read_budget_set_rate(&disk.rb, (uint64_t)(8 * MIB));
	assert_true(disk.rb.balance_bytes >= 2 * MIB - 1); /* begins with full credit */
}

/* Without a limit nothing is held and nothing owed, whatever is read. */
static void off_is_off(void **state)
{
	(void)state;
	disk_open(2000, 0);
	disk_run(5 * SECOND_MS);
	assert_within("mean", disk_mib_s(0, disk.now_ms), 1999, 2001);
	assert_false(read_budget_is_held(&disk.rb));
	assert_int_equal(disk.rb.held_ns, 0);
	assert_true(disk.rb.balance_bytes >= 0 && disk.rb.balance_bytes <= 0);
}

/* A pause repays debt, since the disk rests, and is no time that the limit took. */
static void pause_is_not_held_time(void **state)
{
	(void)state;
	disk_open(0, 10);
	disk.pending = 12.5 * MIB; /* credit 2.5: a second of debt */
	disk_look(false);
	assert_true(read_budget_is_held(&disk.rb));
	disk.now_ms = 2000;
	disk_look(true);
	assert_false(read_budget_is_held(&disk.rb));
	assert_int_equal(disk.rb.held_ns, 0);
}

/* A scan that ended in debt leaves it to the next one, less the time between. */
static void next_scan_owes_it(void **state)
{
	(void)state;
	disk_open(0, 10);
	disk.pending = 32.5 * MIB; /* three seconds of debt */
	disk_look(false);
	read_budget_begin(&disk.rb, 1000 * MS_NS);
	assert_true(read_budget_is_held(&disk.rb));
	assert_int_equal(disk.rb.read_bytes, 0);
	assert_int_equal(disk.rb.held_ns, 0);
	assert_within("owed", -disk.rb.balance_bytes / MIB, 19.9, 20.1);
	read_budget_begin(&disk.rb, 4000 * MS_NS);
	assert_false(read_budget_is_held(&disk.rb));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mean_is_exact),
		cmocka_unit_test(slow_disk_is_not_held),
		cmocka_unit_test(burst_is_bounded),
		cmocka_unit_test(credit_is_capped),
		cmocka_unit_test(debt_is_repaid),
		cmocka_unit_test(rate_is_changed),
		cmocka_unit_test(off_is_off),
		cmocka_unit_test(pause_is_not_held_time),
		cmocka_unit_test(next_scan_owes_it),
	};

	return cmocka_run_group_tests_name("read_budget", tests, NULL, NULL);
}
