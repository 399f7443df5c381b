/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    the scanner tells which mounts it scans apart and which pass
 *                begins; nothing else happens here.
 * Failure modes: it stands still on a mount → the rest of that mount is given
 *                up, and a new scanner goes on where this one stood: it has
 *                the book of what was dealt with (scanner/planbook.h) and the
 *                list of passes. When the mount is not known, or was known to
 *                hang, what is not apart is over.
 * On close:      a scanner that is given up is killed and not waited for
 *                (child_link_abandon()); it is reaped whenever it ends.
 *
 * A scanner is given up when nothing in it moves and everything that is not on
 * the mount that hangs was settled before it turned to that, so the counts
 * heard last are what was done.
 */
#include "scan_run_private.h"

#include "action_log.h"
#include "display.h"
#include "left_behind.h"
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void scan_run_hear_mount(void *arg, const struct ipc_scan_mount *mount)
{
	struct scan_run *run = arg;

	if (run->is_clearing || run->is_done)
		return;
	if (pass_list_hear(&run->passes, mount) < 0)
		scan_run_fail(run, "the scanner tells of more mounts than can be remembered");
	run->standstill = (struct standstill)STANDSTILL_NULL;
}

void scan_run_begin_anew(struct scan_run *run)
{
	run->is_start_recorded = false;
	run->progress = (struct ipc_scan_progress){.n_found = 0};
	run->before = run->progress;
	run->n_unlocated = 0;
	pass_list_reset(&run->passes);
	/* Cannot fail: it is a file in memory, of ours. */
	(void)!ftruncate(run->book_fd, 0);
}

/* The processes end, and then others are started. */
static void scan_run_replace(struct scan_run *run)
{
	run->is_clearing = true;
	run->standstill = (struct standstill)STANDSTILL_NULL;
	run->waited_ms = 0;
	scan_team_abandon(run->team);
	scan_cycle_move(&run->job->cycle, run->job->scan.id, SCAN_CYCLE_STARTING);
}

static uint64_t scan_run_unjudged(const struct scan_run *run)
{
	uint64_t n_judged = scan_run_judged(run);

	return run->progress.n_found > n_judged ? run->progress.n_found - n_judged : 0;
}

static void scan_run_record_loss(struct scan_run *run, const struct ipc_scan_wait *wait)
{
	const struct pass_list_item *pass = pass_list_current(&run->passes);
	char type[PASS_LIST_TYPE_SIZE] = "";
	struct action_log_mount_wait loss = {.point = wait->point,
		.waited_ms = run->waited_ms,
		.path = wait->path,
		.n_unscanned = scan_run_unjudged(run)};
	struct errmsg msg = ERRMSG_NULL;
	char text[128];
	int r;

	if (pass)
		loss.point = pass->point;
	(void)display_write(
		DISPLAY_TEXT, pass ? span_str(pass->type) : wait->type, type, sizeof(type));
	loss.fs_type = type[0] ? type : NULL;
	(void)display_write(DISPLAY_TEXT, loss.point, text, sizeof(text));
	log_warn("scan_run", "%s: %s does not answer for %" PRIu64 " s and is given up",
		run->job->scan.id, text, run->waited_ms / 1000);
	r = action_log_scan_mount_not_responding(run->config.store, &run->job->scan, &loss, &msg);
	scan_run_noted(run, r, &msg);
}

/* What is not looked at any more. @return whether what is not apart may go on. */
static bool scan_run_set_aside(struct scan_run *run, const struct ipc_scan_wait *wait)
{
	if (pass_list_current(&run->passes) || run->passes.is_main_over)
		return false;
	if (wait->point.n == 0)
		return ++run->n_unlocated < SCAN_RUN_UNLOCATED_MAX;
	return pass_list_add_hung(&run->passes, wait->point, wait->type) == 0;
}

/* What was judged stays; what was found and not judged is incomplete. */
static void scan_run_give_up(struct scan_run *run, const struct ipc_scan_wait *wait)
{
	struct scan_record *scan = &run->job->scan;
	uint64_t n_unjudged = scan_run_unjudged(run);

	scan_run_record_loss(run, wait);
	scan->results[FILE_RESULT_INCOMPLETE] += n_unjudged;
	run->job->is_mount_left = true;
	run->before = run->progress;
	memcpy(run->before.results, scan->results, sizeof(scan->results));
	if (!scan_run_set_aside(run, wait))
		pass_list_leave_current(&run->passes);
	if (!run->progress.is_walk_done &&
		(!run->passes.is_main_over || pass_list_has_more(&run->passes))) {
		scan_run_replace(run);
		return;
	}
	run->is_done = true;
	run->done_error[0] = '\0';
	scan_team_abandon(run->team);
}

void scan_run_hear_wait(void *arg, const struct ipc_scan_wait *wait)
{
	struct scan_run *run = arg;
	uint64_t limit_ms = (uint64_t)run->config.settings->mount_stall_timeout_s * 1000;

	run->waited_ms = wait->waited_ns / 1000000;
	if (run->job->cycle.state != SCAN_CYCLE_RUNNING || run->is_done ||
		!standstill_step(
			&run->standstill, uv_now(run->config.loop), &run->progress, wait, limit_ms))
		return;
	/* Detections are on the disk before what comes after them. */
	if (!scan_run_flush(run))
		return;
	scan_run_give_up(run, wait);
	scan_run_kick(run);
}

bool scan_run_may_start(struct scan_run *run)
{
	char why[SCAN_RUN_WHY_MAX];
	unsigned n = left_behind_count();

	if (n < SCAN_RUN_LEFT_MAX)
		return true;
	(void)snprintf(why, sizeof(why), "%u processes hang on mounts that do not answer", n);
	scan_run_fail(run, why);
	return false;
}
