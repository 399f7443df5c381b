/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store in a scratch directory, open: what tests of the store start from.
 * Inline only; aborts the test on failure.
 */
#ifndef QS_STOREWORLD_H
#define QS_STOREWORLD_H

#include "scratch.h"
#include "store.h"
#include "unit.h"

struct storeworld {
	struct scratch scratch;
	struct store *store; /**< NULL while closed. */
	struct errmsg msg;
};

/** cmocka's setup: *state is a struct storeworld. */
static inline int storeworld_setup(void **state)
{
	struct storeworld *world = test_calloc(1, sizeof(*world));

	scratch_init(&world->scratch);
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
	*state = world;
	return 0;
}

/** cmocka's teardown. */
static inline int storeworld_teardown(void **state)
{
	struct storeworld *world = *state;

	store_close(world->store);
	scratch_deinit(&world->scratch);
	test_free(world);
	return 0;
}

/** Close and open again, as after a restart. */
static inline void storeworld_reopen(struct storeworld *world)
{
	store_close(world->store);
	world->store = NULL;
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
}

#endif
