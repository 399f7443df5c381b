/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list is enough: it holds what operators asked for by hand. */
#include "queue.h"

#include "check.h"

#include <string.h>

void queue_init(struct queue *queue)
{
	TAILQ_INIT(&queue->jobs);
	queue->n = 0;
}

void queue_deinit(struct queue *queue)
{
	struct job *job;

	while ((job = queue_first(queue))) {
		queue_remove(queue, job);
		job_free(job);
	}
}

void queue_append(struct queue *queue, struct job *job)
{
	TAILQ_INSERT_TAIL(&queue->jobs, job, link);
	queue->n++;
}

void queue_prepend(struct queue *queue, struct job *job)
{
	TAILQ_INSERT_HEAD(&queue->jobs, job, link);
	queue->n++;
}

void queue_remove(struct queue *queue, struct job *job)
{
	PRE(queue->n > 0);
	TAILQ_REMOVE(&queue->jobs, job, link);
	queue->n--;
}

struct job *queue_first(const struct queue *queue)
{
	return TAILQ_FIRST(&queue->jobs);
}

struct job *queue_find(const struct queue *queue, const char *id)
{
	struct job *job;

	TAILQ_FOREACH(job, &queue->jobs, link)
	if (strcmp(job->scan.id, id) == 0 || strcmp(job->action.id, id) == 0)
		return job;
	return NULL;
}

struct job *queue_duplicate(const struct queue *queue, enum scan_type type)
{
	struct job *job;

	if (type == SCAN_TYPE_CUSTOM)
		return NULL;
	TAILQ_FOREACH(job, &queue->jobs, link)
	if (job->scan.type == type)
		return job;
	return NULL;
}
