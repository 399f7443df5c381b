/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world of virtual time for the budget: processes that compute, rest and die,
 * a kernel that notices a used grant only at its tick, clocks that are read up
 * to a tick late, a governor that steps when the budget says so. Nothing here
 * sleeps; a minute takes milliseconds.
 */
#ifndef QS_BUDGETWORLD_H
#define QS_BUDGETWORLD_H

#include "budget.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MS = 1000000, /**< Nanoseconds. */
	SECOND_MS = 1000,
	WORLD_TICK_MS = 4, /**< HZ=250 */
	WORLD_STEP_MS = 5, /**< As the governor's default. */
	WORLD_MS_MAX = 130000,
};

/** What a process of the world does. */
struct actor {
	bool is_there;
	unsigned n_threads;    /**< CPUs it takes when it runs. */
	unsigned busy_ms;      /**< Computes that long (CPU), … */
	unsigned rest_ms;      /**< … then waits that long (wall) for a disk, a file. */
	bool is_stopped;       /**< The kernel has stopped it; it waits for a grant. */
	bool is_deaf;          /**< Ignores its grant. */
	unsigned busy_left_ms; /* state */
	unsigned rest_left_ms; /* state */
	uint64_t used_ns;      /**< The true clock. */
	uint64_t seen_ns;      /**< The clock as of the last tick. */
};

struct world {
	struct budget budget;
	unsigned n_cpus;
	unsigned daemon_us; /**< CPU of the daemon for each millisecond. */
	unsigned now_ms;
	unsigned next_ms; /**< Next step of the budget; 0 = now. */
	unsigned n_steps;
	struct actor actors[GRANT_N_SLOTS];
	uint64_t used_by_ms[WORLD_MS_MAX + 1]; /**< All CPU until then. */
};

/** The one world of a test. */
extern struct world world;

/** Begin: nobody there, time 0. */
void world_open(unsigned n_cpus, unsigned factor_pct);

/** A process in a slot, with busy and rest times as in struct actor. */
struct actor *world_add(size_t slot, unsigned n_threads, unsigned busy_ms, unsigned rest_ms);

/** @n single-threaded workers from lane 0 on. */
void world_lanes(size_t n, unsigned busy_ms, unsigned rest_ms);

/** It dies, and the budget is told its final clock. */
void world_kill(size_t slot);

/** Let time pass. */
void world_run(unsigned ms);

/** Load in per cent of all CPUs between two instants. */
double world_load_pct(unsigned from_ms, unsigned to_ms);

/** The fullest second between two instants. */
double world_worst_pct(unsigned from_ms, unsigned to_ms);

/** Fail the test unless @got is within @tolerance of @want. */
void world_assert_near(const char *what, double got, double want, double tolerance);

/** Fail the test unless @got is at most @bound. */
void world_assert_at_most(const char *what, double got, double bound);

#endif
