/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every branch ends in a result or in another attempt, and attempts are
 * counted, so a file is judged in bounded time if the daemon keeps a zygote
 * alive. Losing the zygote is not counted: how often it is started again is
 * the daemon's decision, which then ends the scan.
 *
 * A file that changed while it was read is "changed" whatever the engine made
 * of it, unless it was found infected: that it was so at some moment is known.
 * A file that crashed the engine may have been cut short under it (SIGBUS), so
 * there, too, the change is the truer word.
 */
#include "judge.h"

#include "clock.h"
#include "err.h"
#include "filehash.h"
#include "log.h"
#include "procfiles.h"
#include "waits.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

struct judge_attempts {
	unsigned n_kills;
	unsigned n_crashes;
};

void judge_translate(const struct ipc_work_verdict *verdict, struct outcome *outcome)
{
	switch ((enum ipc_work_code)verdict->code) {
	case IPC_WORK_CLEAN:
		outcome_set(outcome, FILE_RESULT_CLEAN, REASON_NONE);
		break;
	case IPC_WORK_INFECTED:
		outcome_set(outcome, FILE_RESULT_INFECTED, REASON_NONE);
		break;
	case IPC_WORK_LIMIT:
		outcome_set(outcome, FILE_RESULT_INCOMPLETE, REASON_LIMIT);
		break;
	case IPC_WORK_READ_ERROR:
		outcome_set(outcome, FILE_RESULT_INCOMPLETE, REASON_READ_ERROR);
		break;
	case IPC_WORK_DENIED:
		outcome_set(outcome, FILE_RESULT_BLOCKED, REASON_DENIED);
		break;
	case IPC_WORK_ENGINE_ERROR:
	case IPC_WORK_CODE_N:
		outcome_set(outcome, FILE_RESULT_INCOMPLETE, REASON_ENGINE_ERROR);
		break;
	}
}

static bool judge_has_changed(const struct filejob *job)
{
	struct stat now;
	bool has_changed;

	waits_begin();
	has_changed = fstat(job->fd, &now) < 0 || opener_has_changed(&job->stat, &now);
	waits_end();
	return has_changed;
}

static int judge_hash(
	const struct judge *judge, const struct filejob *job, struct ipc_scan_detection *detection)
{
	int r;

	waits_begin();
	r = filehash_compute(
		job->fd, detection->size, judge->gate, detection->sha256, detection->sha1);
	waits_end();
	return r;
}

/*
 * Where it waits, if it does, is no matter of the file in work: an executable
 * lies anywhere.
 */
static void judge_find_executing(const struct stat *stat, struct ipc_scan_detection *detection)
{
	int r;

	waits_at((struct span)SPAN_NULL);
	waits_begin();
	r = procfiles_find_executing(stat->st_dev, stat->st_ino, detection->executing_pids,
		IPC_EXECUTING_MAX, &detection->n_executing);
	waits_end();
	if (r < 0)
		log_warn("judge", "processes: %s", err_text(r));
}

/* Gather what is known of an infected file while its descriptor is open. */
static int judge_find(
	struct judge *judge, struct filejob *job, const struct ipc_work_verdict *verdict)
{
	const struct stat *stat = &job->stat;
	struct finding *finding = finding_new(verdict->signature, verdict->container);
	struct ipc_scan_detection *detection;

	if (!finding)
		return -ENOMEM;
	detection = &finding->detection;
	detection->size = (uint64_t)stat->st_size;
	detection->uid = stat->st_uid;
	detection->gid = stat->st_gid;
	detection->mode = stat->st_mode;
	detection->dev = stat->st_dev;
	detection->ino = stat->st_ino;
	detection->nlink = stat->st_nlink;
	detection->mtime_ns = stat->st_mtim.tv_sec * INT64_C(1000000000) + stat->st_mtim.tv_nsec;
	/* Hashes of another content than the one that was judged would mislead. */
	detection->has_hashes = judge_hash(judge, job, detection) == 0 && !judge_has_changed(job);
	judge_find_executing(stat, detection);
	job->outcome.finding = finding;
	return 0;
}

static void judge_check_change(struct filejob *job)
{
	if (job->outcome.result == FILE_RESULT_INFECTED)
		return;
	if (judge_has_changed(job))
		outcome_set(&job->outcome, FILE_RESULT_CHANGED, REASON_CHANGED);
}

/* One attempt, up to its end. */
static enum examiner_end judge_attempt(struct judge *judge, struct filejob *job)
{
	const struct ipc_work_verdict *verdict;
	enum examiner_end end =
		examiner_begin(judge->examiner, job->fd, (uint64_t)job->stat.st_size);

	if (end != EXAMINER_VERDICT) {
		/* It had no file yet: that says nothing about this one. */
		if (end == EXAMINER_CANCELLED || end == EXAMINER_LOST)
			return end;
		judge->n_starts++;
		log_warn("judge", "a worker did not start: %s", judge->examiner->text);
		return EXAMINER_NO_WORKER;
	}
	judge->n_starts = 0;
	if (judge->on_busy)
		judge->on_busy(judge->data);
	end = examiner_finish(judge->examiner, &verdict);
	if (end != EXAMINER_VERDICT)
		return end;
	judge_translate(verdict, &job->outcome);
	if (job->outcome.result == FILE_RESULT_INFECTED && judge_find(judge, job, verdict) < 0)
		outcome_set(&job->outcome, FILE_RESULT_INCOMPLETE, REASON_ENGINE_ERROR);
	examiner_retire(judge->examiner, verdict);
	return EXAMINER_VERDICT;
}

static void judge_pause_before_start(const struct judge *judge)
{
	const struct timespec wait = {.tv_nsec = 100000000L};

	if (!gate_is_cancelled(judge->gate))
		(void)nanosleep(&wait, NULL);
}

static bool judge_crashed(struct judge *judge, struct filejob *job, struct span path)
{
	outcome_set(&job->outcome, FILE_RESULT_CRASHED, REASON_CRASHED);
	outbox_notice(judge->outbox, IPC_NOTICE_CRASHED, path, judge->examiner->text);
	return true;
}

static bool judge_incomplete(
	struct judge *judge, struct filejob *job, struct span path, enum reason reason)
{
	outcome_set(&job->outcome, FILE_RESULT_INCOMPLETE, reason);
	if (reason != REASON_CANCELLED)
		outbox_notice(judge->outbox,
			reason == REASON_CPU_TIME ? IPC_NOTICE_OVERRUN : IPC_NOTICE_STALLED, path,
			judge->examiner->text);
	return true;
}

/* Whether the file is judged by this end; false: another attempt. */
static bool judge_weigh(struct judge *judge, struct filejob *job, struct span path,
	enum examiner_end end, struct judge_attempts *attempts)
{
	switch (end) {
	case EXAMINER_VERDICT:
		return true;
	case EXAMINER_LOST:
		return false;
	case EXAMINER_KILLED:
		return ++attempts->n_kills >= JUDGE_KILLS_MAX && judge_crashed(judge, job, path);
	case EXAMINER_CRASHED:
		return ++attempts->n_crashes >= JUDGE_CRASHES_MAX &&
		       judge_crashed(judge, job, path);
	case EXAMINER_VIOLATION:
		return judge_crashed(judge, job, path);
	case EXAMINER_OVERRUN:
		return judge_incomplete(judge, job, path, REASON_CPU_TIME);
	case EXAMINER_STALLED:
		return judge_incomplete(judge, job, path, REASON_STALLED);
	case EXAMINER_CANCELLED:
		return judge_incomplete(judge, job, path, REASON_CANCELLED);
	case EXAMINER_NO_WORKER:
		break;
	}
	if (judge->n_starts < JUDGE_STARTS_MAX) {
		judge_pause_before_start(judge);
		return false;
	}
	judge->error = judge->examiner->error ? judge->examiner->error : -ENOEXEC;
	outcome_set(&job->outcome, FILE_RESULT_INCOMPLETE, REASON_ENGINE_ERROR);
	return true;
}

int judge_file(struct judge *judge, struct filejob *job, struct span path)
{
	struct judge_attempts attempts = {.n_kills = 0};
	enum examiner_end end;

	do {
		/* Held before each attempt: a pause begins no new one. */
		end = gate_pass(judge->gate) < 0 ? EXAMINER_CANCELLED : judge_attempt(judge, job);
	} while (!judge_weigh(judge, job, path, end, &attempts));
	if (end != EXAMINER_CANCELLED)
		judge_check_change(job);
	return judge->error;
}
