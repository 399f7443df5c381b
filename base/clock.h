/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clocks: every reading of time in this project comes from here, so that what
 * decides by time takes it as an argument.
 *
 * Hands. Any thread. CPU clocks are the kernel's exact run-time sums
 * (clock_getcpuclockid(3)): nanoseconds, user plus system, not tick samples.
 */
#ifndef QS_CLOCK_H
#define QS_CLOCK_H

#include <stdint.h>
#include <stddef.h>
#include <sys/types.h>

enum {
	CLOCK_ISO_SIZE = 32, /**< Room for clock_iso(), NUL included. */
};

/** CLOCK_MONOTONIC in nanoseconds. */
uint64_t clock_mono_ns(void);

/** CLOCK_REALTIME in milliseconds since 1970. */
int64_t clock_unix_ms(void);

/** CPU time of the calling process, all its threads, in nanoseconds. */
uint64_t clock_self_cpu_ns(void);

/** CPU time of the calling thread in nanoseconds. */
uint64_t clock_thread_cpu_ns(void);

/**
 * CPU time of another process, all its threads, without its children.
 * Works across uids. A zombie that was not reaped yet still has its clock.
 *
 * @pid     A process id.
 * @cpu_nsp Set when 0 is returned.
 * @return  0; -ESRCH when there is no such process.
 */
int clock_process_cpu_ns(pid_t pid, uint64_t *cpu_nsp);

/**
 * Format as Defender does: "2026-11-24T03:55:12.1234567Z" (seven fraction
 * digits; the last four are 0, our resolution is a millisecond).
 *
 * @unix_ms Milliseconds since 1970, years 0 to 9999.
 * @text    Receives the NUL-terminated text.
 */
void clock_iso(int64_t unix_ms, char text[CLOCK_ISO_SIZE]);

#endif
