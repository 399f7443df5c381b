/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may end a scan is many (the scanner, an operator, a time limit, five
 * crashes), so the outcome is first come, first kept, and there is one place
 * that writes it.
 */
#include "scan_cycle.h"

#include "check.h"
#include "err.h"
#include "log.h"

#include <errno.h>

#define BIT(state) (1U << (state))

/* Rows: from; bits: to. */
static const unsigned scan_cycle_moves[SCAN_CYCLE_N] = {
	[SCAN_CYCLE_WAITING] = BIT(SCAN_CYCLE_STARTING) | BIT(SCAN_CYCLE_PAUSED) |
			       BIT(SCAN_CYCLE_ENDING) | BIT(SCAN_CYCLE_LEFT),
	[SCAN_CYCLE_STARTING] = BIT(SCAN_CYCLE_RUNNING) | BIT(SCAN_CYCLE_PAUSED) |
				BIT(SCAN_CYCLE_ENDING) | BIT(SCAN_CYCLE_LEFT),
	[SCAN_CYCLE_RUNNING] = BIT(SCAN_CYCLE_STARTING) | BIT(SCAN_CYCLE_PAUSED) |
			       BIT(SCAN_CYCLE_ENDING) | BIT(SCAN_CYCLE_LEFT),
	[SCAN_CYCLE_PAUSED] = BIT(SCAN_CYCLE_STARTING) | BIT(SCAN_CYCLE_RUNNING) |
			      BIT(SCAN_CYCLE_ENDING) | BIT(SCAN_CYCLE_LEFT),
	[SCAN_CYCLE_ENDING] = BIT(SCAN_CYCLE_ENDED) | BIT(SCAN_CYCLE_LEFT),
};

static const char *const scan_cycle_names[SCAN_CYCLE_N] = {
	"waiting", "starting", "running", "paused", "ending", "ended", "left"};

static void scan_cycle_check(const struct scan_cycle *cycle)
{
	bool is_with_outcome =
		cycle->state == SCAN_CYCLE_ENDING || cycle->state == SCAN_CYCLE_ENDED;

	INVARIANT(cycle->has_outcome == is_with_outcome || cycle->state == SCAN_CYCLE_LEFT);
}

const char *scan_cycle_name(enum scan_cycle_state state)
{
	return (unsigned)state < SCAN_CYCLE_N ? scan_cycle_names[state] : "unknown";
}

bool scan_cycle_may(enum scan_cycle_state from, enum scan_cycle_state to)
{
	return (unsigned)from < SCAN_CYCLE_N && (unsigned)to < SCAN_CYCLE_N &&
	       (scan_cycle_moves[from] & BIT(to));
}

static void scan_cycle_set(struct scan_cycle *cycle, const char *id, enum scan_cycle_state to)
{
	PRE(scan_cycle_may(cycle->state, to));
	log_debug("scan_cycle", "%s: %s -> %s", id, scan_cycle_name(cycle->state),
		scan_cycle_name(to));
	cycle->state = to;
	scan_cycle_check(cycle);
}

void scan_cycle_move(struct scan_cycle *cycle, const char *id, enum scan_cycle_state to)
{
	PRE(to != SCAN_CYCLE_ENDING);
	scan_cycle_set(cycle, id, to);
}

int scan_cycle_end(struct scan_cycle *cycle, const char *id, enum run_status outcome)
{
	PRE(run_status_is_final(outcome));
	if (cycle->state == SCAN_CYCLE_ENDING)
		return -EALREADY;
	if (!scan_cycle_may(cycle->state, SCAN_CYCLE_ENDING))
		return -EINVAL;
	cycle->has_outcome = true;
	cycle->outcome = outcome;
	scan_cycle_set(cycle, id, SCAN_CYCLE_ENDING);
	return 0;
}

enum run_status scan_cycle_status(const struct scan_cycle *cycle)
{
	switch (cycle->state) {
	case SCAN_CYCLE_WAITING:
		return RUN_STATUS_PENDING;
	case SCAN_CYCLE_PAUSED:
		return RUN_STATUS_PAUSED;
	case SCAN_CYCLE_ENDED:
		return cycle->outcome;
	case SCAN_CYCLE_STARTING:
	case SCAN_CYCLE_RUNNING:
	case SCAN_CYCLE_ENDING:
	case SCAN_CYCLE_LEFT:
	case SCAN_CYCLE_N:
		break;
	}
	return RUN_STATUS_IN_PROGRESS;
}

int32_t scan_cycle_hresult(enum run_status status)
{
	switch (status) {
	case RUN_STATUS_CANCELLED:
		return SCAN_CYCLE_HRESULT_CANCELLED;
	case RUN_STATUS_TIME_OUT:
		return SCAN_CYCLE_HRESULT_TIME_OUT;
	case RUN_STATUS_FAILED:
		return SCAN_CYCLE_HRESULT_FAILED;
	case RUN_STATUS_PENDING:
	case RUN_STATUS_IN_PROGRESS:
	case RUN_STATUS_PAUSED:
	case RUN_STATUS_SUCCEEDED:
	case RUN_STATUS_N:
		break;
	}
	return 0;
}
