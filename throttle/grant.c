/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why shared memory and not a message: a worker in the middle of one long file
 * makes no call in which it could receive anything, and a message for every
 * five milliseconds and worker would cost more than what it governs. A word in
 * memory costs the daemon a store and one futex wake.
 *
 * Who may write. The daemon maps the memfd writable first and only then seals
 * it with F_SEAL_FUTURE_WRITE: its own mapping stays writable, every later one
 * is read-only and cannot be made writable with mprotect, and write(2) fails,
 * also through /proc/self/fd. A worker that a hostile file has taken over can
 * thus not grant itself anything. (It can delete its own timer; the daemon
 * reads the kernel's clocks and ends who runs past his grant.) The size is
 * sealed too, so that nobody gets a SIGBUS out of it.
 *
 * What a reader sees. Two words belong together, generation and granted_ns,
 * and there is no lock across processes that may be killed at any moment.
 *
 *   writer, assign     granted = 0 ; generation = new        (both release)
 *   writer, raise      granted = more                        (release)
 *   reader             generation ; granted ; generation     (acquire)
 *
 * The new process sees its generation only after the 0 was stored, so what it
 * reads next is 0 or was raised for it. The old process may read the successor's
 * number, but then it has acquired a store that came after the new generation,
 * and its second look at the generation tells it. Neither ever takes the
 * other's grant.
 *
 * Waiting. The futex word is counted up after every change; a reader loads it
 * before it looks and sleeps only while it is unchanged, so that no wake is
 * lost. FUTEX_WAIT needs no write access to the page (the kernel's key of a
 * shared mapping is the inode and the offset; tests/unit/test_grant.c leans on
 * it). The wait has a timeout of a second all the same: nothing here may wait
 * for ever on a wake that a dead daemon cannot send.
 *
 * The timer. A CPU timer counts user and system time of the process. The kernel
 * looks at it when the tick interrupts the running process, so it fires up to
 * one tick late (4 ms with HZ=250). Nobody corrects that here: the governor
 * charges what the clock says, and the next grant comes later by as much. A
 * timer that is armed in the past fires at once, so that a grant which ran out
 * between look and arming is noticed.
 *
 * The handler uses clock_gettime, timer_settime (both async-signal-safe by
 * POSIX) and the futex system call. It may run for seconds; that is its job.
 */
#include "grant.h"

#include "check.h"
#include "cleanup.h"
#include "clock.h"
#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	GRANT_VERSION = 1,
	GRANT_LINE = 64, /**< A cache line: a worker's look must not disturb its neighbour's. */
	GRANT_WAIT_S = 1,
};

/** "QSgrant\1" as a little-endian number: a page of another program is refused. */
#define GRANT_MAGIC UINT64_C(0x01746e6172675351)

/**
 * A process that has more than this is interrupted at this distance all the
 * same and looks again, so that a slot that changes hands is noticed.
 */
#define GRANT_STEP_NS UINT64_C(100000000)

#define GRANT_SEALS (F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

struct grant_slot {
	_Alignas(GRANT_LINE) _Atomic uint32_t word; /**< Futex; counts changes. */
	_Atomic uint32_t generation;                /**< Whose the grant is; 0 = nobody's. */
	_Atomic uint64_t granted_ns;                /**< CPU time since birth it may have used. */
};

struct grant_page {
	uint64_t magic;
	uint32_t version;
	uint32_t size_bytes; /**< Of this struct: a build with other lanes is refused. */
	struct grant_slot slots[GRANT_N_SLOTS];
};

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "the futex word needs no lock");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit grants need no lock across processes");

/** The one timer of a single-threaded process; a forked child inherits a stale copy. */
static struct {
	const struct grant_page *page;
	size_t slot;
	uint32_t generation;
	timer_t timer;
	pid_t owner; /**< Process that made the timer. */
	volatile sig_atomic_t
		is_active; /**< A signal that was queued before the stop is ignored. */
} grant_timer;

int grant_page_new(struct grant_page **pagep, int *fdp)
{
	_cleanup_(cleanup_close) int fd =
		memfd_create("quietscan-grant", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct grant_page *page;

	if (fd < 0)
		return err_origin(-errno);
	if (ftruncate(fd, sizeof(*page)) != 0)
		return err_origin(-errno); /* UNTESTED: needs a full memory */
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return err_origin(-errno); /* UNTESTED: needs a full address space */
	/* memfd bytes are zero: every slot has generation 0, granted 0. */
	page->magic = GRANT_MAGIC;
	page->version = GRANT_VERSION;
	page->size_bytes = sizeof(*page);
	if (fcntl(fd, F_ADD_SEALS, GRANT_SEALS) != 0) {
		int r = -errno; /* UNTESTED: a kernel before 5.1 */

		grant_page_close(page);
		return err_origin(r);
	}
	*pagep = page;
	*fdp = take_fd(&fd);
	return 0;
}

int grant_page_map(int fd, const struct grant_page **pagep)
{
	const struct grant_page *page;
	struct stat st;
	int seals;

	if (fstat(fd, &st) != 0)
		return err_origin(-errno);
	seals = fcntl(fd, F_GET_SEALS);
	/* Not sealed: whoever holds it could write, or cut it and kill us by SIGBUS. */
	if (st.st_size != sizeof(*page) || seals < 0 || (seals & GRANT_SEALS) != GRANT_SEALS)
		return err_origin(-EPROTO);
	page = mmap(NULL, sizeof(*page), PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return err_origin(-errno); /* UNTESTED: needs a full address space */
	if (page->magic != GRANT_MAGIC || page->version != GRANT_VERSION ||
		page->size_bytes != sizeof(*page)) {
		grant_page_close(page);
		return err_origin(-EPROTO);
	}
	*pagep = page;
	return 0;
}

void grant_page_close(const struct grant_page *page)
{
	if (page)
		(void)munmap((void *)(uintptr_t)page, sizeof(*page));
}

/* Count the word up, so that who looked before does not sleep, and wake who sleeps. */
static void grant_wake(struct grant_slot *slot)
{
	(void)atomic_fetch_add_explicit(&slot->word, 1, memory_order_release);
	(void)syscall(SYS_futex, &slot->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void grant_assign(struct grant_page *page, size_t slot, uint32_t generation)
{
	struct grant_slot *s = &page->slots[slot];

	PRE(slot < GRANT_N_SLOTS && generation != 0);
	atomic_store_explicit(&s->granted_ns, 0, memory_order_release);
	atomic_store_explicit(&s->generation, generation, memory_order_release);
	grant_wake(s);
}

void grant_raise(struct grant_page *page, size_t slot, uint64_t granted_ns)
{
	struct grant_slot *s = &page->slots[slot];

	PRE(slot < GRANT_N_SLOTS);
	if (granted_ns <= atomic_load_explicit(&s->granted_ns, memory_order_relaxed))
		return;
	atomic_store_explicit(&s->granted_ns, granted_ns, memory_order_release);
	grant_wake(s);
}

uint64_t grant_read(const struct grant_page *page, size_t slot, uint32_t generation)
{
	const struct grant_slot *s = &page->slots[slot];
	uint64_t granted_ns;

	PRE(slot < GRANT_N_SLOTS);
	if (atomic_load_explicit(&s->generation, memory_order_acquire) != generation)
		return 0;
	granted_ns = atomic_load_explicit(&s->granted_ns, memory_order_acquire);
	if (atomic_load_explicit(&s->generation, memory_order_acquire) != generation)
		return 0;
	return granted_ns;
}

/*
 * Sleep until the process has used less than it was granted; async-signal-safe.
 * Returns the grant, *used_nsp what was used.
 */
static uint64_t grant_wait(
	const struct grant_page *page, size_t slot, uint32_t generation, uint64_t *used_nsp)
{
	const struct grant_slot *s = &page->slots[slot];
	const struct timespec timeout = {.tv_sec = GRANT_WAIT_S};

	for (;;) {
		uint32_t word = atomic_load_explicit(&s->word, memory_order_acquire);
		uint64_t granted_ns = grant_read(page, slot, generation);

		*used_nsp = clock_self_cpu_ns();
		if (*used_nsp < granted_ns)
			return granted_ns;
		/* Changed, woken, interrupted, timed out: in every case look again. */
		(void)syscall(SYS_futex, &s->word, FUTEX_WAIT, word, &timeout, NULL, 0);
	}
}

void grant_pay(
	const struct grant_page *page, size_t slot, uint32_t generation, uint64_t *waited_nsp)
{
	uint64_t used_ns = clock_self_cpu_ns();
	uint64_t since_ns;

	if (used_ns < grant_read(page, slot, generation))
		return;
	since_ns = clock_mono_ns();
	(void)grant_wait(page, slot, generation, &used_ns);
	if (waited_nsp)
		*waited_nsp += clock_mono_ns() - since_ns;
}

/* Wait for a grant, then let the timer interrupt when it is used. */
static int grant_timer_arm(void)
{
	struct itimerspec at = {0};
	uint64_t used_ns;
	uint64_t expiry_ns =
		grant_wait(grant_timer.page, grant_timer.slot, grant_timer.generation, &used_ns);

	if (expiry_ns - used_ns > GRANT_STEP_NS)
		expiry_ns = used_ns + GRANT_STEP_NS;
	at.it_value.tv_sec = (time_t)(expiry_ns / 1000000000u);
	at.it_value.tv_nsec = (long)(expiry_ns % 1000000000u);
	return timer_settime(grant_timer.timer, TIMER_ABSTIME, &at, NULL) == 0 ? 0 : -errno;
}

static void grant_timer_on_signal(int number)
{
	int saved = errno;

	(void)number;
	if (grant_timer.is_active)
		(void)grant_timer_arm();
	errno = saved;
}

/* The signal's action and, whatever was inherited, its being unblocked. */
static int grant_timer_take_signal(void)
{
	struct sigaction action = {.sa_handler = grant_timer_on_signal, .sa_flags = SA_RESTART};
	sigset_t set;

	(void)sigemptyset(&action.sa_mask);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, GRANT_SIGNAL);
	if (sigaction(GRANT_SIGNAL, &action, NULL) != 0)
		return err_origin(-errno); /* UNTESTED: GRANT_SIGNAL is a valid signal */
	if (sigprocmask(SIG_UNBLOCK, &set, NULL) != 0)
		return err_origin(-errno); /* UNTESTED: the arguments are valid */
	return 0;
}

int grant_timer_start(const struct grant_page *page, size_t slot, uint32_t generation)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = GRANT_SIGNAL,
	};
	int r;

	PRE(slot < GRANT_N_SLOTS && generation != 0);
	grant_timer_stop();
	r = grant_timer_take_signal();
	if (r < 0)
		return err_trace(r);
	/* To this thread and no other, should a library have made one after all. */
	event._sigev_un._tid = gettid();
	if (timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &grant_timer.timer) != 0)
		return err_origin(-errno);
	grant_timer.page = page;
	grant_timer.slot = slot;
	grant_timer.generation = generation;
	grant_timer.owner = getpid();
	grant_timer.is_active = 1;
	r = grant_timer_arm();
	if (r < 0)
		grant_timer_stop(); /* UNTESTED: the timer was just made */
	return err_trace(r);
}

void grant_timer_stop(void)
{
	/* In a forked child the copied id names no timer of its own: leave it. */
	if (grant_timer.is_active && grant_timer.owner == getpid())
		(void)timer_delete(grant_timer.timer);
	grant_timer.is_active = 0;
}
