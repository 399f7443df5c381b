/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures how long opens take on each mount, and holds lanes back from a mount
 * on which they have become slow (open_pace.h). All lanes of a scan share one;
 * each has a seat in it.
 *
 * Hands (clocks, /proc/thread-self/schedstat, sleep). A seat is its lane's.
 */
#ifndef QS_PACER_H
#define QS_PACER_H

#include "gate.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	PACER_MOUNTS_MAX = 64, /**< File systems told apart; those beyond are opened freely. */
};

/** Opaque: threads share it. */
struct pacer;

/** A lane's. */
struct pacer_seat {
	int schedstat_fd; /**< Owned; -1 = what the thread waits for a CPU is not known. */
	/* state */
	uint64_t began_ns;
	uint64_t queued_ns;
};

#define PACER_SEAT_NULL                                                                            \
	{                                                                                          \
		.schedstat_fd = -1                                                                 \
	}

/** NULL without memory. */
struct pacer *pacer_new(void);

/** Nobody uses it any more; takes NULL. */
void pacer_free(struct pacer *pacer);

/** Take a seat, in the thread that opens. Never fails: it may know less. */
void pacer_sit(struct pacer_seat *seat);

/** Leave it; idempotent. */
void pacer_rise(struct pacer_seat *seat);

/** Whether opens are slow on any mount: nobody opens ahead then. */
bool pacer_is_slow(const struct pacer *pacer);

/**
 * Wait until an open on this file system may begin; a second at most, and not after
 * a cancel.
 *
 * @dev, @is_far  As the walker saw it: entry.dev, entry.is_apart.
 * @return        Nanoseconds that it took.
 */
uint64_t pacer_hold(struct pacer *pacer, struct gate *gate, dev_t dev, bool is_far);

/** An open begins. */
void pacer_begin(struct pacer_seat *seat);

/** It is over, well or not. As pacer_hold(). */
void pacer_end(struct pacer *pacer, struct pacer_seat *seat, dev_t dev, bool is_far);

#endif
