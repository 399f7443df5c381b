/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the log costs on this disk: printed, not judged. Judged is only that
 * all of it is there and verifies.
 */
#include "clock.h"
#include "logworld.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { N_SINGLE = 300, N_BATCHES = 50, N_BATCH = 100 };

static void append_typical(struct logworld *world, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char fields[256];
		struct event_record event = {.action_type = "AntivirusDetection",
			.scan_id = "8a0f7e52-4a3e-4b0e-9a57-6f1f4f4c1d11",
			.fields_json = fields};

		(void)snprintf(fields, sizeof(fields),
			"{\"path\":\"/srv/data/%08u\",\"pathBytes\":\"L3Nydi9kYXRhLzAwMDAwMDAx\","
			"\"threatName\":\"Eicar-Test-Signature\",\"sha256\":"
			"\"2546dcffc5ad854d4ddc64fbf056871cd5a00f2471cb7a5bfd4ac23b6e9eedad\"}",
			i);
		assert_int_equal(store_event_append(world->store, &event, NULL, NULL), 0);
	}
}

static double per_second(unsigned n, uint64_t from_ns)
{
	return (double)n * 1e9 / (double)(clock_mono_ns() - from_ns);
}

/* Events a second: one by one and in transactions, then lines and verification. */
static void speed(void **state)
{
	struct logworld world;
	struct log_verify_result result;
	struct rusage usage;
	uint64_t at;

	(void)state;
	logworld_init(&world);
	logworld_open(&world);
	at = clock_mono_ns();
	append_typical(&world, N_SINGLE);
	print_message("one event a commit, FULL: %.0f events/s\n", per_second(N_SINGLE, at));
	at = clock_mono_ns();
	for (unsigned i = 0; i < N_BATCHES; i++) {
		assert_int_equal(store_begin(world.store, NULL), 0);
		append_typical(&world, N_BATCH);
		assert_int_equal(store_commit(world.store, NULL), 0);
	}
	print_message("%d events a commit, FULL: %.0f events/s\n", N_BATCH,
		per_second(N_BATCHES * N_BATCH, at));
	at = clock_mono_ns();
	logworld_close(&world);
	print_message(
		"to JSON lines: %.0f events/s\n", per_second(N_SINGLE + N_BATCHES * N_BATCH, at));
	at = clock_mono_ns();
	assert_int_equal(logworld_verify(&world, &result), 0);
	print_message("verified: %.0f events/s\n", per_second((unsigned)result.n_events, at));
	assert_int_equal(result.lines_last, result.head_sequence);
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	print_message("peak memory: %ld KiB\n", usage.ru_maxrss);
	logworld_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
