/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bounded queue between walkers and lanes.
 *
 *   walker   push: waits while the queue is full
 *   lane     pop: waits while it is empty and not closed; try_pop never waits
 *   main     close (no more will come), drop (cancel), wake (lanes changed)
 *
 * Hands (mutex, conditions). Any thread; opaque because threads share it.
 */
#ifndef QS_FILEQUEUE_H
#define QS_FILEQUEUE_H

#include "entry.h"

struct filequeue;

enum {
	FILEQUEUE_E_CLOSED = 1, /**< Empty, and nothing will come any more. */
	FILEQUEUE_E_WOKEN = 2,  /**< Somebody called filequeue_wake(); look around. */
};

/** An empty queue for @n_max entries, at least 1; NULL without memory. */
struct filequeue *filequeue_new(size_t n_max);
/** Frees the entries left in it; takes NULL. */
void filequeue_free(struct filequeue *queue);

/**
 * Put one entry at the end; waits for room.
 *
 * @entry  Taken over, whatever is returned.
 * @return 0; -ECANCELED after filequeue_drop().
 */
int filequeue_push(struct filequeue *queue, struct entry *entry);

/**
 * Take the first entry; waits for one.
 *
 * @seenp   Wake-ups the caller has seen; start with 0, the queue updates it.
 * @entryp  Set when 0 is returned; the caller owns it.
 * @return  0; FILEQUEUE_E_CLOSED; FILEQUEUE_E_WOKEN when there was a wake-up
 *          since *seenp; -ECANCELED after filequeue_drop().
 */
int filequeue_pop(struct filequeue *queue, uint64_t *seenp, struct entry **entryp);

/**
 * Take the first entry if more than @n_left wait, so that a lane that looks
 * ahead takes nothing an idle lane could begin with.
 *
 * @return NULL when there are not that many.
 */
struct entry *filequeue_try_pop(struct filequeue *queue, size_t n_left);

/** Nothing will be pushed any more; what is in it is still popped. */
void filequeue_close(struct filequeue *queue);
/** Cancel: free what is in it; push and pop return -ECANCELED from now on. */
void filequeue_drop(struct filequeue *queue);
/** Make every waiting pop return FILEQUEUE_E_WOKEN once. */
void filequeue_wake(struct filequeue *queue);

#endif
