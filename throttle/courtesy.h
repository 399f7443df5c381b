/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service owes to others beside the limit itself, and what it does not
 * let them take: where our processes run (placement.h), which part of the budget
 * they use while the machine suffers (pressure.h) or others' CPU time counts
 * (foreign_load.h), and how much priority the guaranteed minimum needs (ratchet.h). The policies are pure; this is the hand
 * that reads for them and does what they say.
 *
 * Hands (affinity, nice, /proc). Under the governor's lock. Never sleeps.
 */
#ifndef QS_COURTESY_H
#define QS_COURTESY_H

#include "foreign_load.h"
#include "grant.h"
#include "governor.h"
#include "placement.h"
#include "pressure.h"
#include "pressure_probe.h"
#include "queueing.h"
#include "ratchet.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** One of our processes. */
struct courtesy_member {
	uint32_t generation; /**< 0 = nobody. */
	pid_t pid;
};

/** How the account stands at a look. */
struct courtesy_look {
	uint64_t now_ns;
	double budget;   /**< CPUs that the whole budget is, unlimited: N. */
	double aim;      /**< CPUs that may be used now: of the budget, what lanes can use. */
	uint64_t cpu_ns; /**< CPU time of all since the account was opened. */
	struct courtesy_member members[GRANT_N_SLOTS];
};

/** What others took, and how the account stands. */
struct courtesy_foreign {
	uint64_t now_ns;
	uint64_t others_ns; /**< CPU time of others since the last one. */
	uint64_t cpu_ns;    /**< CPU time of ours since the account was opened. */
	double budget;      /**< As in courtesy_look. */
	double share;       /**< Part of it in force. */
	bool is_limited;    /**< There is a load factor that it can count against. */
};

struct courtesy {
	const struct placement_machine *machine; /**< Borrowed; NULL: nobody is bound. */
	double n_online;                         /**< CPUs of the machine. */
	double n_cpus;                           /**< N. */
	struct governor_courtesy options;
	/* state */
	double share;    /**< Part of the budget to use, above 0 to 1. */
	bool is_pressed; /**< Priority was raised while the machine as a whole suffered. */
	struct pressure pressure;
	struct pressure_probe probe;
	struct foreign_load foreign;
	uint64_t foreign_at_ns;  /**< Of the last courtesy_note_others(); 0 = none before. */
	uint64_t foreign_cpu_ns; /**< cpu_ns then. */
	struct ratchet spread;   /**< CPUs more than the aim takes. */
	struct ratchet urgency;  /**< Steps of priority. */
	double need;             /**< CPUs that the aim takes. */
	unsigned n_lanes;
	bool is_bound;       /**< set is less than all that is allowed. */
	bool is_move_due;    /**< Members are not there yet. */
	cpu_set_t set;       /**< Where we run. */
	size_t n_set;        /**< CPUs in it. */
	cpu_set_t wide;      /**< Where the roamer runs; includes set. */
	size_t roamer;       /**< Slot of the last lane while set is tight, else GRANT_N_SLOTS. */
	bool is_bind_failed; /**< Told once. */
	bool is_nice_failed;
	uint64_t next_look_ns;   /**< CLOCK_MONOTONIC. */
	uint64_t next_second_ns; /**< … of what is looked at every second. */
	uint64_t last_second_ns; /**< Of the last such look; 0 before the first. */
	uint64_t last_cpu_ns;    /**< cpu_ns then. */
	uint64_t queued_ns;      /**< What of our queueing was seen since then. */
	uint64_t backed_off_ns;  /**< Time that back-off took: Σ (1 − share) × time. */
	uint64_t last_look_ns;   /**< 0 = before the first, or after a pause. */
	uint32_t generations[GRANT_N_SLOTS]; /**< Whose queueing is. */
	struct queueing queueing[GRANT_N_SLOTS];
};

/**
 * Everything off.
 *
 * @machine   Borrowed; may be NULL.
 */
void courtesy_init(struct courtesy *c, const struct placement_machine *machine, double n_online,
	double n_cpus);

/** Idempotent. */
void courtesy_deinit(struct courtesy *c);

/** A scan begins: nothing is held back, nobody is bound yet. */
void courtesy_begin(struct courtesy *c, unsigned factor_pct, unsigned n_lanes);

/** The scan is over: close what was opened. */
void courtesy_end(struct courtesy *c);

/** Other options, factor or lanes (n_lanes >= 1): the place is chosen anew; members move at the next look. */
void courtesy_plan(struct courtesy *c, unsigned factor_pct, unsigned n_lanes);

/** A new process in a slot: it goes to the place. */
void courtesy_greet(struct courtesy *c, size_t slot, pid_t pid);

/** Time goes on without looks (a pause): differences begin anew. */
void courtesy_skip(struct courtesy *c);

/**
 * What others took that counts against the load factor, where the option says so;
 * about each second. It is in force with the next look. The first call after the
 * begin or a pause only says from when on it is counted.
 */
void courtesy_note_others(struct courtesy *c, const struct courtesy_foreign *foreign);

/** Whether a look is due. */
bool courtesy_is_due(const struct courtesy *c, uint64_t now_ns);

/** Look, decide, act. c->share is the part of the budget to use. */
void courtesy_look(struct courtesy *c, const struct courtesy_look *look);

/** The nice value that our processes have, as far as we changed it. */
int courtesy_nice(const struct courtesy *c);

#endif
