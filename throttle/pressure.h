/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back-off: which share of its budget the service uses when the machine
 * suffers. Never less than a minimum, whatever the machine does: load must not
 * be a way to stop a scan.
 *
 * Pure: time and readings are arguments. Owner's lock. The law, and what is
 * measured how: docs/governor.md, "Back-off".
 */
#ifndef QS_PRESSURE_H
#define QS_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

/** What was seen since the last look. All without our own part. */
struct pressure_input {
	uint64_t now_ns;      /**< CLOCK_MONOTONIC; some 500 ms after the last look. */
	double running;       /**< Processes of others that run or wait for a CPU, now. */
	bool has_waiting;     /**< waiting is known. */
	double waiting;       /**< Share of time in which anybody waited for a CPU, 0 to 1. */
	double io;            /**< Share of time in which others waited for a disk; 0 unknown. */
	double own_io;        /**< How many of our threads wait for a disk, now. */
	double memory;        /**< Share of time in which anybody waited for memory; 0 unknown. */
	double budget;        /**< CPUs that the whole budget is, > 0. */
	double n_online;      /**< CPUs of the machine that `running` has, > 0. */
	double minimum_share; /**< The least answer, above 0 to 1. */
};

struct pressure {
	double share; /**< The answer: minimum_share to 1. */
	/* state */
	bool has_looked; /**< last_at_ns is valid. */
	uint64_t last_at_ns;
	double running; /**< Averages over some seconds of what is in pressure_input. */
	double waiting;
	double io;
	double own_io; /**< Of looks, how many found us waiting for a disk. */
	double memory;
};

/** Nothing seen, share 1. */
void pressure_init(struct pressure *p);

/** Fold one look in; p->share is the answer. */
void pressure_step(struct pressure *p, const struct pressure_input *in);

/**
 * The least share: a part of the budget, and never less than 1 % of a CPU.
 *
 * @minimum_pct  BackOffMinimumProgress, 1 to 100 per cent of the budget.
 * @budget       CPUs that the whole budget is, > 0.
 */
double pressure_minimum(unsigned minimum_pct, double budget);

#endif
