/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which scan begins next, and what the machine has to do with it. A scheduled
 * scan that waits for the machine lets everything behind it pass: what an
 * operator asks for never waits for that.
 */
#include "scheduler_private.h"

#include "clock.h"
#include "fault.h"
#include "log.h"
#include "start_policy.h"

static struct start_policy_input scheduler_start_input(
	const struct scheduler *scheduler, const struct job *job)
{
	const struct settings *settings = scheduler_settings(scheduler);

	return (struct start_policy_input){
		.origin = job->scan.origin,
		.type = job->scan.type,
		.waited_ms = clock_unix_ms() - job->scan.creation_unix_ms,
		.is_only_if_idle = settings->scan_only_if_idle,
		.is_full_on_battery = settings->enable_full_scan_on_battery_power,
		.is_machine_idle = scheduler->machine.idle.is_idle,
		.is_on_battery = scheduler->machine.is_on_battery,
	};
}

/* One that has begun before (a daemon that was restarted) goes on. */
static enum start_policy scheduler_start_decide(
	const struct scheduler *scheduler, const struct job *job)
{
	const struct start_policy_input in = scheduler_start_input(scheduler, job);

	if (job->action.cancellation_unix_ms || job->cycle.state != SCAN_CYCLE_WAITING ||
		job->scan.start_unix_ms)
		return START_POLICY_NOW;
	return start_policy_decide(&in);
}

bool scheduler_wants_scan(const struct scheduler *scheduler)
{
	const struct job *job;

	TAILQ_FOREACH(job, &scheduler->queue.jobs, link)
	{
		if (scheduler_start_decide(scheduler, job) == START_POLICY_NOW)
			return true;
	}
	return false;
}

static bool scheduler_start_may(const struct scheduler *scheduler, struct job *job)
{
	enum start_policy policy = scheduler_start_decide(scheduler, job);

	if (policy != job->held)
		log_info("scheduler", "%s: %s", job->scan.id,
			policy == START_POLICY_NOW ? "need not wait any more"
						   : start_policy_text(policy));
	job->held = policy;
	return policy == START_POLICY_NOW;
}

struct job *scheduler_next(struct scheduler *scheduler)
{
	struct job *job;

	TAILQ_FOREACH(job, &scheduler->queue.jobs, link)
	{
		if (scheduler_start_may(scheduler, job))
			return job;
	}
	return NULL;
}

void scheduler_replan(struct scheduler *scheduler)
{
	struct job *job;

	TAILQ_FOREACH(job, &scheduler->queue.jobs, link)
	scheduler_plan(scheduler, job);
	if (scheduler->run)
		scan_run_retune(scheduler->run);
}

/* As Defender does (event 1002): a scheduled full scan that loses mains is stopped. */
static void scheduler_start_check_power(struct scheduler *scheduler)
{
	static const struct requestor who = {.name = "quietscan", .source = "LocalCli"};
	struct job *job = scheduler->run ? queue_first(&scheduler->queue) : NULL;
	struct start_policy_input in;
	struct fault fault;

	if (!job || job->action.cancellation_unix_ms)
		return;
	in = scheduler_start_input(scheduler, job);
	if (start_policy_must_end(&in))
		(void)scheduler_cancel(
			scheduler, job->scan.id, &who, "the machine runs on battery power", &fault);
}

void scheduler_watch_machine(struct scheduler *scheduler)
{
	if (idle_watch_tick(&scheduler->machine, scheduler->run != NULL))
		scheduler_replan(scheduler);
	scheduler_start_check_power(scheduler);
}
