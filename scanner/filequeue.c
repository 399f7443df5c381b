/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring under one mutex. A file costs milliseconds in the engine, so the lock
 * is never hot; the bound is what keeps memory flat over trees of any size and
 * makes the walker wait for the lanes, who in turn wait for the daemon.
 */
#include "filequeue.h"

#include "check.h"
#include "waits.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct filequeue {
	pthread_mutex_t lock;
	pthread_cond_t has_room;
	pthread_cond_t has_entry; /**< An entry, the end, or a wake-up. */
	uint64_t n_wakes;
	bool is_closed;
	bool is_dropped;
	size_t n_max;
	size_t first;
	size_t n;
	struct entry *ring[];
};

struct filequeue *filequeue_new(size_t n_max)
{
	struct filequeue *queue;

	PRE(n_max >= 1);
	queue = calloc(1, sizeof(*queue) + n_max * sizeof(struct entry *));
	if (!queue)
		return NULL;
	(void)pthread_mutex_init(&queue->lock, NULL);
	(void)pthread_cond_init(&queue->has_room, NULL);
	(void)pthread_cond_init(&queue->has_entry, NULL);
	queue->n_max = n_max;
	return queue;
}

/* The caller holds the lock. */
static struct entry *filequeue_take(struct filequeue *queue)
{
	struct entry *entry = queue->ring[queue->first];

	queue->first = (queue->first + 1) % queue->n_max;
	queue->n--;
	(void)pthread_cond_signal(&queue->has_room);
	return entry;
}

void filequeue_free(struct filequeue *queue)
{
	if (!queue)
		return;
	while (queue->n > 0)
		entry_free(filequeue_take(queue));
	(void)pthread_cond_destroy(&queue->has_entry);
	(void)pthread_cond_destroy(&queue->has_room);
	(void)pthread_mutex_destroy(&queue->lock);
	free(queue);
}

int filequeue_push(struct filequeue *queue, struct entry *entry)
{
	bool was_set = waits_lift();
	int r = 0;

	(void)pthread_mutex_lock(&queue->lock);
	while (queue->n == queue->n_max && !queue->is_dropped)
		(void)pthread_cond_wait(&queue->has_room, &queue->lock);
	if (queue->is_dropped) {
		r = -ECANCELED;
	} else {
		queue->ring[(queue->first + queue->n) % queue->n_max] = entry;
		queue->n++;
		(void)pthread_cond_signal(&queue->has_entry);
	}
	(void)pthread_mutex_unlock(&queue->lock);
	waits_lower(was_set);
	if (r < 0)
		entry_free(entry);
	return r;
}

int filequeue_pop(struct filequeue *queue, uint64_t *seenp, struct entry **entryp)
{
	int r = 0;

	(void)pthread_mutex_lock(&queue->lock);
	while (queue->n == 0 && !queue->is_closed && !queue->is_dropped && queue->n_wakes == *seenp)
		(void)pthread_cond_wait(&queue->has_entry, &queue->lock);
	if (queue->is_dropped)
		r = -ECANCELED;
	else if (queue->n_wakes != *seenp)
		r = FILEQUEUE_E_WOKEN;
	else if (queue->n > 0)
		*entryp = filequeue_take(queue);
	else
		r = FILEQUEUE_E_CLOSED;
	*seenp = queue->n_wakes;
	(void)pthread_mutex_unlock(&queue->lock);
	return r;
}

struct entry *filequeue_try_pop(struct filequeue *queue, size_t n_left)
{
	struct entry *entry = NULL;

	(void)pthread_mutex_lock(&queue->lock);
	if (queue->n > n_left)
		entry = filequeue_take(queue);
	(void)pthread_mutex_unlock(&queue->lock);
	return entry;
}

void filequeue_close(struct filequeue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->is_closed = true;
	(void)pthread_cond_broadcast(&queue->has_entry);
	(void)pthread_mutex_unlock(&queue->lock);
}

void filequeue_drop(struct filequeue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->is_dropped = true;
	while (queue->n > 0)
		entry_free(filequeue_take(queue));
	(void)pthread_cond_broadcast(&queue->has_room);
	(void)pthread_cond_broadcast(&queue->has_entry);
	(void)pthread_mutex_unlock(&queue->lock);
}

void filequeue_wake(struct filequeue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->n_wakes++;
	(void)pthread_cond_broadcast(&queue->has_entry);
	(void)pthread_mutex_unlock(&queue->lock);
}
