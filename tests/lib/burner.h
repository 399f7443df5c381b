/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that burn CPU under a grant page, and what the kernel says of them.
 * All die with the test. Failures of the machinery end the test (cmocka).
 */
#ifndef QS_BURNER_H
#define QS_BURNER_H

#include "grant.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { BURNER_MS = 1000000 }; /**< A millisecond in nanoseconds. */

/** What a process that stands still may use: a look each second, or a sanitizer's own thread. */
#ifdef QUIETSCAN_TSAN
enum { BURNER_STILL_NS = 10 * BURNER_MS };
#else
enum { BURNER_STILL_NS = BURNER_MS };
#endif

enum burner_kind {
	BURNER_LOOP,   /**< Timer, then a loop that makes no system call. */
	BURNER_PAYERS, /**< Three threads that pay every millisecond or so. */
	BURNER_DEAF,   /**< No timer: takes all it can get. */
	BURNER_BURSTS, /**< Timer; 7 ms of work, 3 ms of sleep. */
};

/** Sleep, whatever signals come. */
void burner_sleep_ms(long ms);

/** Start one; it waits for its generation first (but not BURNER_DEAF). */
pid_t burner_start(
	const struct grant_page *page, size_t slot, uint32_t generation, enum burner_kind kind);

/** Run @body in a child that dies with the test; the child ends with its result. */
pid_t burner_fork(int (*body)(void *arg), void *arg);

/** Exit status of a child that ends by itself; -1 when a signal ended it. */
int burner_wait(pid_t pid);

/** Kill and reap. @return Its whole CPU time by wait4, in nanoseconds. */
uint64_t burner_kill(pid_t pid);

/** Its CPU clock now, in nanoseconds. */
uint64_t burner_cpu_ns(pid_t pid);

/**
 * How long it has waited for a CPU that others had (/proc/PID/schedstat).
 *
 * @return  Nanoseconds; UINT64_MAX where the kernel does not tell.
 */
uint64_t burner_queued_ns(pid_t pid);

/** Wait until its clock says at least @ns; fails the test after 20 s. */
void burner_await_cpu(pid_t pid, uint64_t ns);

/**
 * Wait until it sleeps and its clock has stood still for 150 ms.
 *
 * @return  Whether that was so within 20 s. What it used until then is for the
 *          caller to judge.
 */
bool burner_stands(pid_t pid);

#endif
