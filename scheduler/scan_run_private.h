/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the three files of scan_run share: scan_run.c (what it is asked),
 * scan_run_hear.c (what it hears of its processes), scan_run_tick.c (what it
 * decides). Nobody else includes this.
 *
 * Hands. Loop thread only.
 */
#ifndef QS_SCAN_RUN_PRIVATE_H
#define QS_SCAN_RUN_PRIVATE_H

#include "scan_run.h"

#include "detection_backlog.h"
#include "lane_growth.h"
#include "scan_account.h"
#include "scan_team.h"
#include "setback.h"

enum {
	SCAN_RUN_TICK_MS = 1000,
	SCAN_RUN_COUNT_MS = 10000,  /**< Counts go to the disk that often. */
	SCAN_RUN_GRACE_MS = 3000,   /**< For a process to end when asked. */
	SCAN_RUN_CANCEL_MS = 5000,  /**< For the scanner to say DONE after a cancel. */
	SCAN_RUN_NOTICES_MAX = 100, /**< Events of one kind in a scan. */
	SCAN_RUN_PATH_MAX = 4096,   /**< Of the file in work, for show. */
	SCAN_RUN_WHY_MAX = 256,
};

struct scan_run {
	struct scan_run_config config;
	struct job *job;
	/* state */
	struct scan_team *team;
	struct detection_backlog *backlog;
	struct scan_account account;
	uv_timer_t timer;
	uint64_t next_second_ms; /**< Loop time of the next housekeeping. */
	uint64_t next_count_ms;
	/* of this pass */
	bool is_start_recorded;
	bool is_clearing;                  /**< The last pass's processes are still ending. */
	bool is_engine_ready;              /**< The engine at work has loaded its set. */
	bool is_done;                      /**< DONE was heard. */
	bool is_stopping;                  /**< The team was told to end. */
	uint64_t cancel_deadline_ms;       /**< Loop time until which DONE is waited for. */
	char done_error[SCAN_RUN_WHY_MAX]; /**< "" = it ended by itself. */
	char interrupt[SCAN_RUN_WHY_MAX];  /**< To be recorded; "" = nothing. */
	char set_name[SIGNATURE_SET_NAME_SIZE];
	char load_error[DEFINITIONS_TEXT_MAX];
	uint64_t pass_began_ms; /**< duration_ms when scanning began. */
	/* of the scan */
	struct setback scanner_setback;
	struct setback engine_setback;
	unsigned n_notices[IPC_NOTICE_KIND_N];
	unsigned n_lanes; /**< As planned and grown. */
	struct lane_growth growth;
	struct ipc_scan_progress progress; /**< Its path points into path. */
	char path[SCAN_RUN_PATH_MAX];
};

/** Decide what to do next, soon. */
void scan_run_kick(struct scan_run *run);

/** Decide now. May end in on_over: the run is freed then. */
void scan_run_tick(struct scan_run *run);

/** Write the detections that wait; whether none is left. */
bool scan_run_flush(struct scan_run *run);

/** Tell the owner whether a record was taken, and return it. It is tried again. */
bool scan_run_stored(struct scan_run *run, int r, const struct errmsg *msg);

/** Likewise, for a record that is not tried again. */
void scan_run_noted(struct scan_run *run, int r, const struct errmsg *msg);

/** End as Failed. @why copied. */
void scan_run_fail(struct scan_run *run, const char *why);

/** Factor in force and lanes, by settings and request; into the job and the run. */
void scan_run_plan(struct scan_run *run);

/** Lanes that the load factor and the settings take. */
unsigned scan_run_planned_lanes(const struct scan_run *run);

/** Names judged in this pass. */
uint64_t scan_run_judged(const struct scan_run *run);

/** What the team calls. */
extern const struct scan_team_events scan_run_events;

#endif
