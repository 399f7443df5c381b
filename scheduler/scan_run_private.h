/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the four files of scan_run share: scan_run.c (what it is asked),
 * scan_run_hear.c (what it hears of its processes), scan_run_left.c (when one
 * of them hangs), scan_run_tick.c (what it decides). Nobody else includes this.
 *
 * Hands. Loop thread only.
 */
#ifndef QS_SCAN_RUN_PRIVATE_H
#define QS_SCAN_RUN_PRIVATE_H

#include "scan_run.h"

#include "file_groups.h"
#include "detection_backlog.h"
#include "lane_growth.h"
#include "left_behind.h"
#include "pass_list.h"
#include "scan_account.h"
#include "scan_team.h"
#include "setback.h"
#include "standstill.h"

enum {
	SCAN_RUN_TICK_MS = 1000,
	SCAN_RUN_COUNT_MS = 10000,  /**< Counts go to the disk that often. */
	SCAN_RUN_GRACE_MS = 3000,   /**< For a process to end when asked. */
	SCAN_RUN_CANCEL_MS = 5000,  /**< For the scanner to say DONE after a cancel. */
	SCAN_RUN_HUNG_MS = 2000,    /**< Who waits that long is not waited for in the end. */
	SCAN_RUN_UNLOCATED_MAX = 3, /**< Hangs on mounts that are not known. */
	SCAN_RUN_LEFT_MAX = 2 * LEFT_BEHIND_MAX, /**< With so many that hang no scan begins. */
	SCAN_RUN_NOTICES_MAX = 100,              /**< Events of one kind in a scan. */
	SCAN_RUN_PATH_MAX = 4096,                /**< Of the file in work, for show. */
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
	struct file_groups *blocked; /**< Not told yet; blocked_files.h. */
	struct file_groups *changed; /**< Likewise; changed_files.h. */
	uint64_t pass_began_ms;      /**< duration_ms when scanning began. */
	/* of the scan */
	struct setback scanner_setback;
	struct setback engine_setback;
	unsigned n_notices[IPC_NOTICE_KIND_N];
	unsigned n_lanes; /**< As planned and grown. */
	struct lane_growth growth;
	struct ipc_scan_progress before;   /**< Counts of scanners that were given up. */
	struct ipc_scan_progress progress; /**< With those; its path points into path. */
	struct pass_list passes;
	int book_fd;          /**< What scanners have done (scanner/planbook.h). */
	unsigned n_unlocated; /**< Times it was not known on which mount one hung. */
	struct standstill standstill;
	uint64_t waited_ms; /**< The scanner waits for a mount that long; 0: it does not. */
	char path[SCAN_RUN_PATH_MAX];
};

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

/** Count what other antivirus has taken since the last look; each second, at begin and end. */
void scan_run_look_at_others(struct scan_run *run);

/** Lanes that the load factor and the settings take. */
unsigned scan_run_planned_lanes(const struct scan_run *run);

/** Names judged in this pass. */
uint64_t scan_run_judged(const struct scan_run *run);

/** Forget what was counted: the next scanner begins at the start. */
void scan_run_begin_anew(struct scan_run *run);

/** Whether another scanner may be started; else the scan has failed now. */
bool scan_run_may_start(struct scan_run *run);

/** The team tells which mount the scanner begins with; @arg is the run. */
void scan_run_hear_mount(void *arg, const struct ipc_scan_mount *mount);

/** The team tells who of the scanner waits, and for which mount; @arg is the run. */
void scan_run_hear_wait(void *arg, const struct ipc_scan_wait *wait);

/** What the team calls. */
extern const struct scan_team_events scan_run_events;

#endif
