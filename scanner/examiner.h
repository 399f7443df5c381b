/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The examiner: a lane's hold on its engine worker. It gets one, hands it a
 * file, waits for the verdict under the watch (watch.h), has it killed when it
 * must, and says how the attempt ended. What an attempt's end means for the
 * file is judge.c's business.
 *
 * The worker is not trusted: a verdict with another serial, an unknown code or
 * no name for what it found ends it.
 *
 * Hands (socket, /proc/PID/stat, clocks). Owned by one lane thread.
 */
#ifndef QS_EXAMINER_H
#define QS_EXAMINER_H

#include "channel.h"
#include "enginehost.h"
#include "gate.h"
#include "watch.h"

/** How an attempt ended. */
enum examiner_end {
	EXAMINER_VERDICT,   /**< There is a verdict. */
	EXAMINER_LOST,      /**< The zygote died: nobody's fault, again. */
	EXAMINER_KILLED,    /**< SIGKILL, not from us (governor, out of memory): again. */
	EXAMINER_CRASHED,   /**< Any other signal or an exit: the file may be the cause. */
	EXAMINER_VIOLATION, /**< SIGSYS, or a broken protocol: taken over by the file. */
	EXAMINER_OVERRUN,   /**< CPU time used up; killed. */
	EXAMINER_STALLED,   /**< Stood still; killed. */
	EXAMINER_CANCELLED, /**< The scan was; killed. */
	EXAMINER_NO_WORKER, /**< None could be started; error has the reason. */
};

struct examiner_config {
	unsigned lane;
	struct enginehost *host; /**< Borrowed, as is gate. */
	struct gate *gate;
	uint64_t file_cpu_max_ns;  /**< 0: no limit. */
	uint64_t stall_ns;         /**< 0: no limit. */
	uint64_t worker_files_max; /**< 0: no limit. */
};

struct examiner {
	struct examiner_config config;
	/* state */
	struct enginehost_worker worker;
	struct channel_inbox *inbox; /**< Holds the verdict; owned. */
	uint64_t serial;
	/** What the worker said it found in the file in work, before its last word. */
	struct ipc_work_verdict found;
	bool has_found;
	char signature[IPC_NAME_MAX]; /**< Of found. */
	uint64_t n_files;             /**< The worker has had. */
	struct watch watch;
	bool is_apart;        /**< The lane's: the file in work lies where any call may hang. */
	uint64_t stuck_at_ns; /**< Since then the worker waits in the kernel; 0: it does not. */
	int error;            /**< Why there is no worker, -errno. */
	char text[96];        /**< Of the last end that is not a verdict, for people. */
};

/** Set up without a worker. @return 0 or -ENOMEM. */
int examiner_init(struct examiner *examiner, const struct examiner_config *config);
/** Let the worker go and free; idempotent. */
void examiner_deinit(struct examiner *examiner);

/**
 * Hand over a file; gets a worker first if there is none.
 *
 * @fd      Readable, borrowed. @size From fstat.
 * @return  EXAMINER_VERDICT: handed over, call examiner_finish(); else how it
 *          ended before it began (LOST, KILLED, CRASHED and STALLED then concern
 *          a worker that had no file yet).
 */
enum examiner_end examiner_begin(struct examiner *examiner, int fd, uint64_t size);

/**
 * Wait for the end of what was begun. Except after EXAMINER_VERDICT there is no
 * worker afterwards. What the worker said it found stands, whatever became of
 * the worker or of its last word: then that is the verdict, without the names
 * inside containers, and there may be no worker.
 *
 * @verdictp  Set for EXAMINER_VERDICT; points into the examiner until the next
 *            call.
 */
enum examiner_end examiner_finish(
	struct examiner *examiner, const struct ipc_work_verdict **verdictp);

/**
 * Let the worker go if it has served its time: after a number of files, after
 * every detection and every engine error.
 */
void examiner_retire(struct examiner *examiner, const struct ipc_work_verdict *verdict);

/** Let the worker go, whatever it has done; waits for its end a little. */
void examiner_dismiss(struct examiner *examiner);

/** What a wait status means. Pure. @text Receives words for people. */
enum examiner_end examiner_classify(int wait_status, char *text, size_t n_text);

/** Whether a verdict can be one of ours. Pure. */
bool examiner_is_credible(const struct ipc_work_verdict *verdict, uint64_t serial);

#endif
