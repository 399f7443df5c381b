/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scheduler shows of itself; reads only. */
#include "scheduler_private.h"

const struct job *scheduler_find(const struct scheduler *scheduler, const char *id)
{
	return queue_find(&scheduler->queue, id);
}

const struct job *scheduler_running(const struct scheduler *scheduler)
{
	return scheduler->run ? queue_first(&scheduler->queue) : NULL;
}

bool scheduler_progress(const struct scheduler *scheduler, const struct job *job,
	struct scan_run_progress *progress)
{
	if (job != scheduler_running(scheduler))
		return false;
	scan_run_progress(scheduler->run, progress);
	return true;
}

void scheduler_note_load(struct scheduler *scheduler, const struct job *job)
{
	if (job == scheduler_running(scheduler))
		scan_run_note_load(scheduler->run);
}

/* During a scan a new set waits for its end, and nobody waits for that. */
bool scheduler_is_definitions_busy(const struct scheduler *scheduler)
{
	if (!scheduler->is_look_over)
		return true;
	return !scheduler->run && !scheduler_wants_scan(scheduler) &&
	       (scheduler->check || definitions_candidate(scheduler->definitions));
}

const struct definitions *scheduler_definitions(const struct scheduler *scheduler)
{
	return scheduler->definitions;
}

const struct store_watch *scheduler_store_watch(const struct scheduler *scheduler)
{
	return &scheduler->watch;
}

const struct neighbour_watch *scheduler_neighbours(const struct scheduler *scheduler)
{
	return scheduler->neighbours;
}

const struct settings *scheduler_settings(const struct scheduler *scheduler)
{
	return &scheduler->config.keeper->settings;
}

int scheduler_read_rate_error(const struct scheduler *scheduler)
{
	struct governor_reading reading;

	governor_read(scheduler->config.governor, &reading);
	return reading.read_error;
}

size_t scheduler_n_open(const struct scheduler *scheduler)
{
	return scheduler->queue.n;
}
