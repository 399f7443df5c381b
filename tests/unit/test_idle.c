/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Idleness in virtual time, a look each ten seconds. */
#include "unit.h"

#include "idle.h"

#define SECOND UINT64_C(1000000000)

struct world {
	struct idle idle;
	struct idle_input in;
	unsigned n_changes;
};

static struct world *world(void)
{
	static struct world w;

	w = (struct world){.idle = IDLE_NULL,
		.in = {.now_ns = SECOND, .has_disk = true, .since_input_s = UINT64_MAX}};
	return &w;
}

static bool pass(struct world *w, unsigned n_seconds)
{
	w->n_changes = 0;
	for (unsigned i = 0; i < n_seconds / 10; i++) {
		w->in.now_ns += 10 * SECOND;
		w->n_changes += idle_step(&w->idle, &w->in);
	}
	return w->idle.is_idle;
}

/* A server: quiet for five minutes is idle, work ends it, and it comes back. */
static void server(void **state)
{
	struct world *w = world();

	(void)state;
	w->in.cpu_share = 0.03;
	assert_false(pass(w, 290));
	assert_true(pass(w, 30));
	w->in.cpu_share = 0.5;
	(void)pass(w, 10);
	assert_true(w->idle.is_idle); /* ten seconds are no work yet */
	assert_false(pass(w, 50));
	w->in.cpu_share = 0.03;
	assert_false(pass(w, 300));
	assert_true(pass(w, 200));
}

/* Load between the two bounds changes nothing, either way. */
static void between_the_bounds(void **state)
{
	struct world *w = world();

	(void)state;
	w->in.cpu_share = 0.15;
	assert_false(pass(w, 3600));
	w->in.cpu_share = 0.01;
	assert_true(pass(w, 600));
	w->in.cpu_share = 0.15;
	assert_true(pass(w, 3600));
	assert_int_equal(w->n_changes, 0);
}

/* A key ends it at the next look, and five minutes after the last one it may begin. */
static void terminal(void **state)
{
	struct world *w = world();

	(void)state;
	assert_true(pass(w, 600));
	w->in.since_input_s = 3;
	assert_false(pass(w, 10));
	for (unsigned i = 0; i < 30; i++) {
		w->in.since_input_s = 10 * (uint64_t)i;
		assert_false(pass(w, 10));
	}
	w->in.since_input_s = 300;
	assert_false(pass(w, 290));
	assert_true(pass(w, 20));
}

static void desktop(void **state)
{
	struct world *w = world();

	(void)state;
	w->in.is_screen_lit = true; /* reading a long page */
	assert_false(pass(w, 36000));
	w->in.is_screen_lit = false;
	assert_false(pass(w, 280));
	assert_true(pass(w, 30));
	w->in.is_screen_lit = true;
	assert_false(pass(w, 10));
}

/* A backup that hardly computes; unknown while we read ourselves. */
static void disk(void **state)
{
	struct world *w = world();

	(void)state;
	w->in.disk_share = 0.9;
	assert_false(pass(w, 3600));
	w->in.disk_share = 0;
	assert_true(pass(w, 1200));
	w->in.has_disk = false;
	w->in.disk_share = 1.0;
	assert_true(pass(w, 3600));
}

static void after_sleep(void **state)
{
	struct world *w = world();

	(void)state;
	assert_true(pass(w, 600));
	w->in.now_ns += 8 * 3600 * SECOND;
	assert_true(idle_step(&w->idle, &w->in));
	assert_false(w->idle.is_idle);
	assert_true(pass(w, 310));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server),
		cmocka_unit_test(between_the_bounds),
		cmocka_unit_test(terminal),
		cmocka_unit_test(desktop),
		cmocka_unit_test(disk),
		cmocka_unit_test(after_sleep),
	};

	return cmocka_run_group_tests_name("idle", tests, NULL, NULL);
}
