/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grant page: how the governor gives CPU time to the other processes.
 *
 * One page of shared memory (a memfd), written by the daemon alone, mapped
 * read-only by all of our other processes (the memfd is sealed
 * against new writable mappings before it leaves the daemon). Each process has
 * a slot; in it stands how much CPU time, counted by the process's own CPU
 * clock since its birth, it may have used by now. The governor raises that
 * number bit by bit. Who has used what it was granted waits on a futex in the
 * slot until there is more.
 *
 * Two ways to keep to it:
 *   - a single-threaded process (zygote, worker) arms a CPU timer with
 *     grant_timer_start(): the kernel interrupts it, in the middle of whatever
 *     it computes, when the grant is used, and the signal handler waits. It
 *     holds nobody's lock, being alone.
 *   - a multi-threaded process (scanner), and one whose system calls no signal
 *     may cut short (quietscan-remediate), calls grant_pay() at safe points,
 *     holding no lock.
 *
 * A slot is reused by the next worker of a lane. The generation tells them
 * apart: a process waits until the slot carries its generation, so it never
 * spends what was granted to its predecessor.
 *
 * Hands (shared memory, futex, POSIX timers). Law: docs/governor.md.
 */
#ifndef QS_GRANT_H
#define QS_GRANT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GRANT_SLOT_SCANNER = 0,
	GRANT_SLOT_REMEDIATE = 1, /**< quietscan-remediate, also when nothing is scanned. */
	GRANT_SLOT_ZYGOTE = 2,
	GRANT_SLOT_LANE0 = 3, /**< Lane n has slot GRANT_SLOT_LANE0 + n. */
	GRANT_N_LANES = 64,   /**< Equal to IPC_LANES_MAX. */
	GRANT_N_SLOTS = GRANT_SLOT_LANE0 + GRANT_N_LANES,
};

/** What an unlimited process is granted. */
#define GRANT_UNLIMITED UINT64_MAX

/** The real-time signal of grant_timer_start(); block or use it nowhere else. */
#define GRANT_SIGNAL (SIGRTMIN + 1)

/** Opaque; its layout is in grant.c and shared by all processes of one build. */
struct grant_page;

/**
 * Make a page, mapped writable here. Every slot has generation 0, granted 0.
 *
 * @pagep  Set to the mapping; grant_page_close() it.
 * @fdp    Set to a CLOEXEC memfd that maps read-only in others; caller owns.
 * @return 0 or -errno.
 */
int grant_page_new(struct grant_page **pagep, int *fdp);

/**
 * Map a page made by the daemon, read-only.
 *
 * @fd     Borrowed.
 * @return 0; -EPROTO when it is no page of this build; other -errno.
 */
int grant_page_map(int fd, const struct grant_page **pagep);

/** Unmap either kind; takes NULL. */
void grant_page_close(const struct grant_page *page);

/* Daemon side. One writer thread. */

/**
 * Give a slot to a new process: grant 0, then the generation, then wake.
 *
 * @generation Not 0; workers: as in struct ipc_engine_worker.
 */
void grant_assign(struct grant_page *page, size_t slot, uint32_t generation);

/**
 * Raise (never lower, but by grant_assign) what the slot's process may have
 * used, and wake it if it waits.
 */
void grant_raise(struct grant_page *page, size_t slot, uint64_t granted_ns);

/* Reader side. */

/**
 * What this generation may have used so far; 0 while the slot is another's.
 */
uint64_t grant_read(const struct grant_page *page, size_t slot, uint32_t generation);

/**
 * Wait at a safe point until the calling process has used less than its grant.
 * Call without locks. Returns at once when it has.
 *
 * @waited_nsp  Wall time waited is added to it; may be NULL.
 */
void grant_pay(
	const struct grant_page *page, size_t slot, uint32_t generation, uint64_t *waited_nsp);

/**
 * From now on the calling, single-threaded process is stopped by a CPU timer
 * whenever its grant is used, and waits inside the signal handler. Uses one
 * real-time signal, GRANT_SIGNAL (SIGRTMIN + 1), with SA_RESTART; system calls
 * that were interrupted are restarted or return EINTR as signal(7) lists. A forked child has no
 * timer (timer_create(2)): it calls this itself, with its own slot. The first
 * wait, for the slot's generation, happens here.
 *
 * System calls used afterwards (for a seccomp filter): futex, timer_settime,
 * clock_gettime, rt_sigreturn, and restart_syscall (a wait that SIGSTOP and
 * SIGCONT interrupted).
 *
 * @return 0 or -errno.
 */
int grant_timer_start(const struct grant_page *page, size_t slot, uint32_t generation);

/** Delete the timer; the process is not limited any more. */
void grant_timer_stop(void);

#endif
