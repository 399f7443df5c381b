/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who waits for a file system, for what and since when. A thread that may hang
 * in a system call (the walker, a lane) has a slot here, marks it while it is
 * with a file system and only then; the main thread, which touches none, reads
 * them and tells the daemon (IPC_SCAN_WAIT).
 *
 * What else a thread waits for (a pause, its grant, room in the queue, the
 * daemon) is no wait of this kind: those places lift the mark (waits_lift()).
 *
 * Hands (a mutex for each slot, held for a copy only). The functions without a
 * struct waits concern the calling thread and do nothing in one without a slot.
 */
#ifndef QS_WAITS_H
#define QS_WAITS_H

#include "ipc.h"

#include <stdbool.h>

enum {
	WAITS_WALKER = IPC_LANES_MAX, /**< The walker's slot; a lane's is its number. */
	WAITS_N,
};

struct waits; /* Opaque: threads share it. */

/** What is known of the waits at one moment. */
struct waits_report {
	bool is_walk_waiting;
	unsigned n_lanes;   /**< Lanes that wait. */
	uint64_t waited_ns; /**< The longest of all. */
	struct span path;   /**< What that one waits for; points into the room given. */
};

/** NULL without memory. */
struct waits *waits_new(void);
/** No thread has a slot any more; takes NULL. */
void waits_free(struct waits *waits);

/** The calling thread has slot @index (below WAITS_N) from now on. */
void waits_adopt(struct waits *waits, unsigned index);
/** It has none any more. */
void waits_drop(void);

/** It turns to @path (copied, cut at IPC_PATH_MAX): what it would wait for. */
void waits_at(struct span path);
/** It is with the file system from now on. */
void waits_begin(void);
/** Since an instant of CLOCK_MONOTONIC, for what was noticed only now. */
void waits_begin_at(uint64_t at_ns);
/** It is not any more. */
void waits_end(void);
/** Lift the mark. @return For waits_lower(): whether it was set. */
bool waits_lift(void);
/** Set it anew if it was set; the time counts from now. */
void waits_lower(bool was_set);

/**
 * Read all slots.
 *
 * @now_ns  CLOCK_MONOTONIC.
 * @min_ns  Shorter waits are none.
 * @path    Room for IPC_PATH_MAX bytes.
 * @return  Whether anybody waits; @report is set then.
 */
bool waits_look(struct waits *waits, uint64_t now_ns, uint64_t min_ns, char *path,
	struct waits_report *report);

#endif
