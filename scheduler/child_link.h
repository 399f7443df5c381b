/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child process and its control channel as one thing: it has a phase, it may
 * be asked to end, and it is gone exactly once, when both the process has ended
 * and everything it had said has been read. What is common to the scanner and
 * the engine.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_CHILD_LINK_H
#define QS_CHILD_LINK_H

#include "channel_port.h"
#include "child_process.h"
#include "phase.h"

#include <stdbool.h>

enum {
	CHILD_LINK_ABANDON_MS = 5000, /**< From SIGKILL to "it hangs in the kernel". */
	CHILD_LINK_LEAVE_MS = 500,    /**< The same where that is known before. */
};

/** How a child ended. */
struct child_link_end {
	bool is_abandoned;     /**< It survived SIGKILL; nobody waits for it. */
	int exit_status;       /**< enum child_exit, when term_signal is 0. */
	int term_signal;       /**< 0 = it exited. */
	bool is_ours;          /**< We ended it: asked to, or killed. */
	const char *violation; /**< Static sentence of a protocol violation, or NULL. */
};

/** Opaque. */
struct child_link;

struct child_link_config {
	const char *name;    /**< For logs; a literal. */
	const char *program; /**< Absolute path. */
	char *const *argv;   /**< Borrowed during the call. The control channel is fd 3. */
	int fds[CHILD_PROCESS_FDS_MAX - 1]; /**< Borrowed; become 4, 5, 6; -1 = closed. */
	enum phase phase;                   /**< To begin with. */
	/** An allowed message, already judged; borrowed during the call. */
	void (*on_message)(void *arg, const struct channel_inbox *inbox);
	/** What was readable has been told. May be NULL. */
	void (*on_batch_end)(void *arg);
	/** Once, last, never before child_link_open() returned. Free the link. */
	void (*on_gone)(void *arg, const struct child_link_end *end);
	void *arg;
};

/**
 * Start.
 *
 * @linkp  Set when 0 is returned; child_link_free().
 * @return 0 or a negative code.
 */
int child_link_open(uv_loop_t *loop, const struct child_link_config *config,
	struct child_link **linkp, struct errmsg *msg);

/** Its pid; 0 once it was reaped. */
pid_t child_link_pid(const struct child_link *link);

/** See channel_port_send(). */
int child_link_send(struct child_link *link, uint16_t type, const void *msg, int fd);

/** See channel_port_hold(). */
void child_link_hold(struct child_link *link, bool is_held);

/** The phase it is in: what it may say (phase.h). */
enum phase child_link_phase(const struct child_link *link);

/** A phase that begins by something we did, not by what it said. */
void child_link_set_phase(struct child_link *link, enum phase phase);

/** Say "end" (close our side of the channel); SIGKILL after @grace_ms. */
void child_link_stop(struct child_link *link, uint64_t grace_ms);

/** SIGKILL now; on_gone follows, after CHILD_LINK_ABANDON_MS at the latest. */
void child_link_kill(struct child_link *link);

/**
 * The same for one that is known to hang: nobody waits longer than
 * CHILD_LINK_LEAVE_MS for it. What it said before is still read.
 */
void child_link_abandon(struct child_link *link);

/**
 * The same for something it did elsewhere than on its channel: it ends as after
 * a protocol violation, and nothing it said is read any more.
 *
 * @why  Static sentence.
 */
void child_link_accuse(struct child_link *link, const char *why);

/** No call-back any more, SIGKILL if it still runs. Takes NULL. */
void child_link_free(struct child_link *link);

/**
 * Whether a process that was loading something ended in a way that what it
 * loaded may have caused: a crash or a broken protocol, but no SIGKILL from
 * outside and no exit with a reason of its own.
 */
bool child_link_end_is_crash(const struct child_link_end *end);

/** A sentence about an end: "ended by signal 11", into @buf. */
void child_link_end_text(const struct child_link_end *end, char *buf, size_t n_buf);

#endif
