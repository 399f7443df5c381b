/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slot is found through a thread-local pointer: the marks lie deep in the
 * walk, where a parameter for them would go through every function. Whoever
 * hangs holds no lock, so reading never waits.
 */
#include "waits.h"

#include "check.h"
#include "clock.h"

#include <pthread.h>
#include <stdlib.h>

struct waits_slot {
	pthread_mutex_t lock;
	uint64_t since_ns; /* 0: not with a file system */
	size_t n_path;
	char path[IPC_PATH_MAX];
};

struct waits {
	struct waits_slot slots[WAITS_N];
};

static _Thread_local struct waits_slot *waits_mine;

struct waits *waits_new(void)
{
	struct waits *waits = calloc(1, sizeof(*waits));

	for (size_t i = 0; waits && i < WAITS_N; i++)
		(void)pthread_mutex_init(&waits->slots[i].lock, NULL);
	return waits;
}

void waits_free(struct waits *waits)
{
	for (size_t i = 0; waits && i < WAITS_N; i++)
		(void)pthread_mutex_destroy(&waits->slots[i].lock);
	free(waits);
}

void waits_adopt(struct waits *waits, unsigned index)
{
	PRE(index < WAITS_N);
	waits_mine = &waits->slots[index];
}

void waits_drop(void)
{
	waits_end();
	waits_mine = NULL;
}

void waits_at(struct span path)
{
	struct waits_slot *slot = waits_mine;
	size_t n = path.n < IPC_PATH_MAX ? path.n : IPC_PATH_MAX;

	if (!slot)
		return;
	(void)pthread_mutex_lock(&slot->lock);
	if (n > 0)
		memcpy(slot->path, path.data, n);
	slot->n_path = n;
	/* Whoever turns to the next thing has not hung at the last. */
	if (slot->since_ns)
		slot->since_ns = clock_mono_ns();
	(void)pthread_mutex_unlock(&slot->lock);
}

void waits_begin_at(uint64_t at_ns)
{
	struct waits_slot *slot = waits_mine;

	if (!slot)
		return;
	(void)pthread_mutex_lock(&slot->lock);
	slot->since_ns = at_ns;
	(void)pthread_mutex_unlock(&slot->lock);
}

void waits_begin(void)
{
	if (waits_mine)
		waits_begin_at(clock_mono_ns());
}

void waits_end(void)
{
	waits_begin_at(0);
}

bool waits_lift(void)
{
	/* Only this thread writes it. */
	bool was_set = waits_mine && waits_mine->since_ns != 0;

	if (was_set)
		waits_end();
	return was_set;
}

void waits_lower(bool was_set)
{
	if (was_set)
		waits_begin();
}

bool waits_look(struct waits *waits, uint64_t now_ns, uint64_t min_ns, char *path,
	struct waits_report *report)
{
	*report = (struct waits_report){.n_lanes = 0};
	for (unsigned i = 0; i < WAITS_N; i++) {
		struct waits_slot *slot = &waits->slots[i];

		(void)pthread_mutex_lock(&slot->lock);
		if (slot->since_ns && now_ns > slot->since_ns &&
			now_ns - slot->since_ns >= min_ns) {
			uint64_t waited_ns = now_ns - slot->since_ns;

			if (i == WAITS_WALKER)
				report->is_walk_waiting = true;
			else
				report->n_lanes++;
			if (waited_ns > report->waited_ns) {
				report->waited_ns = waited_ns;
				memcpy(path, slot->path, slot->n_path);
				report->path = (struct span){.data = path, .n = slot->n_path};
			}
		}
		(void)pthread_mutex_unlock(&slot->lock);
	}
	return report->is_walk_waiting || report->n_lanes > 0;
}
