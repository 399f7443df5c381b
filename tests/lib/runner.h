/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process of a test's own that executes a file of the test's own: a copy of a
 * program that waits for its input. It ends with the test, whatever becomes of
 * that. Aborts the test on failure.
 */
#ifndef QS_RUNNER_H
#define QS_RUNNER_H

#include <stdbool.h>
#include <sys/types.h>

struct runner {
	pid_t pid; /**< 0: none. */
	int pid_fd;
	int input; /**< Its input; it ends when that is closed. */
};

/** Make @path a copy of @program; all copies are different when @mark is. */
void runner_copy(const char *program, const char *path, char mark);
/** The same into a file that is open for writing. */
void runner_copy_to(const char *program, int fd, char mark);
/** Start @path; it is the executable of the process when this returns. */
void runner_start(struct runner *runner, const char *path);
/** The same as another user; 0: as the test's own. */
void runner_start_as(struct runner *runner, const char *path, uid_t uid);
/** Wait until its first thread has ended (leaderless.c). */
void runner_await_leaderless(const struct runner *runner);
/** Whether it is still there (a process that ended and was not waited for is not). */
bool runner_is_running(const struct runner *runner);
/** Wait for its end. @return The signal that ended it, 0 for an exit. */
int runner_wait(struct runner *runner);
/** End it by SIGKILL and wait; may be called twice. */
void runner_end(struct runner *runner);

#endif
