/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to stop trying: a scan whose scanner dies is begun again, unless that
 * leads nowhere.
 *
 * A SIGKILL comes from outside (the OOM killer, an administrator, a test) and
 * is not the scan's fault: SETBACK_KILLED_MAX of them are borne. A crash or an
 * error exit counts to SETBACK_CRASHED_MAX in a row; getting further than ever
 * before starts the count anew.
 *
 * Pure. Loop thread only.
 */
#ifndef QS_SETBACK_H
#define QS_SETBACK_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SETBACK_KILLED_MAX = 1000,
	SETBACK_CRASHED_MAX = 5,
};

struct setback {
	/* state */
	unsigned n_killed;
	unsigned n_crashed;
	uint64_t furthest; /**< Names judged at best. */
};

#define SETBACK_NULL                                                                               \
	{                                                                                          \
		.n_killed = 0                                                                      \
	}

/**
 * Count one death.
 *
 * @is_killed  It was ended by SIGKILL.
 * @progress   Names judged when it died.
 * @return     Whether to try again.
 */
bool setback_count(struct setback *setback, bool is_killed, uint64_t progress);

#endif
