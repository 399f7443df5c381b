/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a thread and not a timer of the daemon's loop: the loop writes to a
 * database with full sync and may be away for tens of milliseconds; a worker
 * that runs freely is 14 ms ahead. A late look costs work, never the limit:
 * nobody has more than was granted.
 *
 * The look. For each process one reading of its CPU clock, for the daemon its
 * own; then one step of the budget; then one store and one futex wake for each
 * grant that rose. Calls that change something (a new process, another factor)
 * look at once, in the caller's thread, so that nobody waits for the next beat.
 * All of it is under one lock and none of it allocates or sleeps.
 *
 * Whose clocks are they. The daemon is told a worker's pid by the zygote, and
 * the zygote reaps: for a moment the pid may belong to somebody else. A clock
 * that is gone or goes backwards is therefore never read again; the last
 * reading stands until governor_remove() brings the final one.
 *
 * What is not charged: the daemon's own use during a pause (a pause of a day
 * must not end in a debt of minutes) and outside an account.
 *
 * In a pause the look comes ten times more seldom; it is only there to see who
 * goes on all the same.
 */
#include "governor.h"

#include "budget.h"
#include "check.h"
#include "cleanup.h"
#include "clock.h"
#include "log.h"
#include "meter.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	GOVERNOR_SCANNER_PATIENCE = 10, /**< Safe points are further apart than timers. */
	GOVERNOR_PAUSED_SLOWER = 10,
};

#define GOVERNOR_INTERVAL_NS UINT64_C(5000000)
#define GOVERNOR_INTERVAL_MIN_NS UINT64_C(1000000)
#define GOVERNOR_INTERVAL_MAX_NS UINT64_C(100000000)

/** A long system call (the end of a large mapping) is no offence; two seconds of one are. */
#define GOVERNOR_OVERRUN_NS UINT64_C(250000000)

/** Somebody the page has a slot for. */
struct governor_process {
	uint32_t generation; /**< 0 = nobody. */
	pid_t pid;
	bool is_gone;        /**< Its clock cannot be read any more. */
	bool is_told;        /**< Its offence was noticed. */
	bool is_offence;     /**< … and not yet taken. */
	uint64_t excess_ns;  /**< At the offence. */
	uint64_t read_at_ns; /**< CLOCK_MONOTONIC of the last reading. */
};

struct governor {
	struct governor_config config;
	struct grant_page *page;
	int page_fd;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /**< Of everything below. */
	pthread_cond_t changed;
	bool is_ending;
	bool is_open; /**< Between begin and end. */
	struct budget budget;
	struct meter meter;
	unsigned n_lanes;
	uint64_t self_ns; /**< The daemon's clock at the last look. */
	uint64_t beat_ns; /**< CPU time of the governor's thread in this account. */
	uint64_t n_looks;
	struct governor_process processes[GRANT_N_SLOTS];
};

static void governor_lock(struct governor *gov)
{
	int r = pthread_mutex_lock(&gov->lock);

	INVARIANT(r == 0);
}

static void governor_unlock(struct governor *gov)
{
	int r = pthread_mutex_unlock(&gov->lock);

	INVARIANT(r == 0);
}

/* CLOCK_MONOTONIC_COARSE ticks with the kernel's timer interrupt. */
static uint64_t governor_tick_ns(void)
{
	struct timespec ts = {0};

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &ts) != 0 || ts.tv_sec != 0 || ts.tv_nsec < 1)
		return 10000000; /* UNTESTED: HZ=100, the slowest there is */
	return (uint64_t)ts.tv_nsec;
}

static void governor_read_clock(struct governor *gov, size_t slot, uint64_t now_ns)
{
	struct governor_process *p = &gov->processes[slot];
	uint64_t cpu_ns = 0;

	if (p->is_gone)
		return;
	if (clock_process_cpu_ns(p->pid, &cpu_ns) != 0 ||
		cpu_ns < gov->budget.consumers[slot].used_ns) {
		p->is_gone = true;
		return;
	}
	p->read_at_ns = now_ns;
	budget_use(&gov->budget, slot, cpu_ns);
}

static void governor_read_self(struct governor *gov)
{
	uint64_t cpu_ns = clock_self_cpu_ns();

	if (!gov->budget.is_paused)
		budget_charge(&gov->budget, cpu_ns - gov->self_ns);
	gov->self_ns = cpu_ns;
}

static void governor_judge(struct governor *gov, size_t slot)
{
	struct governor_process *p = &gov->processes[slot];
	uint64_t bound_ns = gov->config.overrun_ns;

	if (slot == GRANT_SLOT_SCANNER)
		bound_ns *= GOVERNOR_SCANNER_PATIENCE;
	if (p->is_told || p->is_gone || budget_excess_ns(&gov->budget, slot) <= bound_ns)
		return;
	p->is_told = true;
	p->is_offence = true;
	p->excess_ns = budget_excess_ns(&gov->budget, slot);
	log_warn("governor",
		"process %d in slot %zu is %" PRIu64 " ms of CPU time beyond its grant",
		(int)p->pid, slot, p->excess_ns / 1000000);
}

/* One look: clocks, budget, grants. The lock is held and an account is open. */
static void governor_look(struct governor *gov)
{
	uint64_t now_ns = clock_mono_ns();

	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (gov->processes[i].generation != 0)
			governor_read_clock(gov, i, now_ns);
	}
	governor_read_self(gov);
	meter_note(&gov->meter, now_ns, gov->budget.total_ns, gov->budget.is_paused);
	/* Before the step: it would put a new grant over what ran past the old one. */
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (gov->processes[i].generation != 0)
			governor_judge(gov, i);
	}
	budget_step(&gov->budget, now_ns);
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (gov->processes[i].generation != 0)
			grant_raise(gov->page, i, gov->budget.consumers[i].granted_ns);
	}
	gov->n_looks++;
}

/* Sleep until the next look is due or something changed; the lock is held. */
static void governor_sleep(struct governor *gov)
{
	uint64_t at_ns =
		clock_mono_ns() +
		gov->config.interval_ns * (gov->budget.is_paused ? GOVERNOR_PAUSED_SLOWER : 1);
	struct timespec at = {
		.tv_sec = (time_t)(at_ns / 1000000000u),
		.tv_nsec = (long)(at_ns % 1000000000u),
	};

	(void)pthread_cond_timedwait(&gov->changed, &gov->lock, &at);
}

static void *governor_run(void *arg)
{
	struct governor *gov = arg;
	uint64_t before_ns;

	(void)pthread_setname_np(pthread_self(), "governor");
	governor_lock(gov);
	before_ns = clock_thread_cpu_ns();
	while (!gov->is_ending) {
		uint64_t cpu_ns;

		if (!gov->is_open) {
			(void)pthread_cond_wait(&gov->changed, &gov->lock);
			before_ns = clock_thread_cpu_ns();
			continue;
		}
		governor_look(gov);
		cpu_ns = clock_thread_cpu_ns();
		gov->beat_ns += cpu_ns - before_ns;
		before_ns = cpu_ns;
		governor_sleep(gov);
	}
	governor_unlock(gov);
	return NULL;
}

static int governor_start_thread(struct governor *gov)
{
	sigset_t all;
	sigset_t before;
	int r;

	/* Signals are the loop's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&gov->thread, NULL, governor_run, gov);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	gov->has_thread = r == 0;
	return err_origin(-r);
}

static int governor_init_lock(struct governor *gov)
{
	pthread_condattr_t attr;
	int r = pthread_mutex_init(&gov->lock, NULL);

	if (r != 0)
		return err_origin(-r); /* UNTESTED: glibc has no such failure */
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	r = pthread_cond_init(&gov->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	return err_origin(-r);
}

static void governor_cleanup(struct governor **govp)
{
	governor_free(*govp);
}

static int governor_check_config(struct governor_config *config, struct errmsg *msg)
{
	if (config->interval_ns == 0)
		config->interval_ns = GOVERNOR_INTERVAL_NS;
	if (config->overrun_ns == 0)
		config->overrun_ns = GOVERNOR_OVERRUN_NS;
	if (!(config->n_cpus > 0)) {
		errmsg_set(msg, "the number of CPUs must be above 0");
		return err_origin(-EINVAL);
	}
	if (config->interval_ns < GOVERNOR_INTERVAL_MIN_NS ||
		config->interval_ns > GOVERNOR_INTERVAL_MAX_NS) {
		errmsg_set(msg, "the interval must be 1 to 100 ms");
		return err_origin(-EINVAL);
	}
	return 0;
}

int governor_new(const struct governor_config *config, struct governor **govp, struct errmsg *msg)
{
	_cleanup_(governor_cleanup) struct governor *gov = NULL;
	struct governor_config checked = *config;
	struct budget_config budget;
	int r = governor_check_config(&checked, msg);

	if (r < 0)
		return err_trace(r);
	gov = calloc(1, sizeof(*gov));
	if (!gov)
		return err_origin(-ENOMEM); /* UNTESTED: 10 KB */
	gov->config = checked;
	gov->page_fd = -1;
	budget.n_cpus = checked.n_cpus;
	budget.interval_ns = checked.interval_ns;
	budget.tick_ns = governor_tick_ns();
	budget_init(&gov->budget, &budget);
	meter_start(&gov->meter, checked.n_cpus);
	r = governor_init_lock(gov);
	if (r == 0)
		r = grant_page_new(&gov->page, &gov->page_fd);
	if (r < 0) {
		errmsg_set(msg, "make the grant page: %s", err_text(r));
		return err_trace(r);
	}
	r = governor_start_thread(gov);
	if (r < 0) {
		errmsg_set(msg, "start the governor's thread: %s", err_text(r));
		return err_trace(r);
	}
	*govp = gov;
	gov = NULL;
	return 0;
}

void governor_free(struct governor *gov)
{
	if (!gov)
		return;
	if (gov->has_thread) {
		governor_lock(gov);
		gov->is_ending = true;
		(void)pthread_cond_broadcast(&gov->changed);
		governor_unlock(gov);
		(void)pthread_join(gov->thread, NULL);
	}
	(void)pthread_cond_destroy(&gov->changed);
	(void)pthread_mutex_destroy(&gov->lock);
	grant_page_close(gov->page);
	if (gov->page_fd >= 0)
		(void)close(gov->page_fd);
	free(gov);
}

int governor_page_fd(const struct governor *gov)
{
	return gov->page_fd;
}

static bool governor_is_lanes(unsigned n_lanes)
{
	return n_lanes >= 1 && n_lanes <= GRANT_N_LANES;
}

int governor_begin(struct governor *gov, unsigned factor_pct, unsigned n_lanes)
{
	uint64_t now_ns = clock_mono_ns();

	if (factor_pct > 100 || !governor_is_lanes(n_lanes))
		return err_origin(-EINVAL);
	governor_lock(gov);
	if (gov->is_open) {
		governor_unlock(gov);
		return err_origin(-EALREADY);
	}
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (gov->processes[i].generation != 0)
			governor_read_clock(gov, i, now_ns);
	}
	budget_start(&gov->budget, factor_pct);
	meter_start(&gov->meter, gov->config.n_cpus);
	gov->n_lanes = n_lanes;
	gov->n_looks = 0;
	gov->beat_ns = 0;
	gov->self_ns = clock_self_cpu_ns();
	gov->is_open = true;
	governor_look(gov);
	(void)pthread_cond_broadcast(&gov->changed);
	governor_unlock(gov);
	return 0;
}

/* The lock is held. */
static void governor_tell(const struct governor *gov, struct governor_reading *reading)
{
	const struct budget *b = &gov->budget;
	const struct meter *m = &gov->meter;
	double aim_pct = 100.0 * gov->n_lanes / gov->config.n_cpus;

	*reading = (struct governor_reading){.n_cpus = gov->config.n_cpus};
	if (!gov->is_open)
		return;
	if (aim_pct > 100.0)
		aim_pct = 100.0;
	if (budget_is_limited(b) && b->factor_pct < aim_pct)
		aim_pct = b->factor_pct;
	reading->factor_pct = b->factor_pct;
	reading->n_lanes = gov->n_lanes;
	reading->is_paused = b->is_paused;
	reading->aim_pct = aim_pct;
	reading->mean_pct = meter_mean_pct(m);
	reading->window_pct = m->window_pct;
	reading->window_p95_pct = meter_percentile_pct(m, 0.95);
	reading->window_p99_pct = meter_percentile_pct(m, 0.99);
	reading->window_max_pct = m->window_max_pct;
	reading->n_windows = m->n_windows;
	reading->active_ns = m->active_ns;
	reading->paused_ns = m->paused_ns;
	reading->cpu_ns = m->cpu_ns;
	reading->governor_ns = gov->beat_ns;
	reading->n_looks = gov->n_looks;
}

void governor_end(struct governor *gov, struct governor_reading *reading)
{
	struct governor_reading last;

	governor_lock(gov);
	if (gov->is_open) {
		uint64_t now_ns = clock_mono_ns();

		for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
			if (gov->processes[i].generation != 0)
				governor_read_clock(gov, i, now_ns);
		}
		governor_read_self(gov);
		meter_note(&gov->meter, now_ns, gov->budget.total_ns, gov->budget.is_paused);
	}
	governor_tell(gov, &last);
	gov->is_open = false;
	governor_unlock(gov);
	if (reading)
		*reading = last;
}

int governor_add(struct governor *gov, size_t slot, uint32_t generation, pid_t pid)
{
	if (slot >= GRANT_N_SLOTS || generation == 0 || pid <= 0)
		return err_origin(-EINVAL);
	governor_lock(gov);
	budget_remove(&gov->budget, slot, 0);
	budget_add(&gov->budget, slot, 0);
	gov->processes[slot] = (struct governor_process){
		.generation = generation,
		.pid = pid,
		.read_at_ns = clock_mono_ns(),
	};
	grant_assign(gov->page, slot, generation);
	if (gov->is_open)
		governor_look(gov);
	governor_unlock(gov);
	return 0;
}

/* What a process cannot have exceeded: all CPUs since it was last looked at, and a tick. */
static uint64_t governor_final_max_ns(const struct governor *gov, size_t slot)
{
	const struct governor_process *p = &gov->processes[slot];
	double since_ns = (double)(clock_mono_ns() - p->read_at_ns) +
			  2.0 * (double)gov->budget.config.tick_ns;

	return gov->budget.consumers[slot].used_ns +
	       (uint64_t)(since_ns * (gov->config.n_cpus + 1.0));
}

int governor_remove(struct governor *gov, size_t slot, uint32_t generation, uint64_t final_cpu_ns)
{
	uint64_t max_ns;

	if (slot >= GRANT_N_SLOTS || generation == 0)
		return GOVERNOR_E_STALE;
	governor_lock(gov);
	if (gov->processes[slot].generation != generation) {
		governor_unlock(gov);
		return GOVERNOR_E_STALE;
	}
	max_ns = governor_final_max_ns(gov, slot);
	budget_remove(&gov->budget, slot, final_cpu_ns < max_ns ? final_cpu_ns : max_ns);
	memset(&gov->processes[slot], 0, sizeof(gov->processes[slot]));
	governor_unlock(gov);
	return 0;
}

int governor_set_factor(struct governor *gov, unsigned factor_pct)
{
	if (factor_pct > 100)
		return err_origin(-EINVAL);
	governor_lock(gov);
	if (gov->is_open)
		governor_look(gov); /* what was used until now is judged by the old one */
	budget_set_factor(&gov->budget, factor_pct);
	governor_unlock(gov);
	return 0;
}

int governor_set_lanes(struct governor *gov, unsigned n_lanes)
{
	if (!governor_is_lanes(n_lanes))
		return err_origin(-EINVAL);
	governor_lock(gov);
	gov->n_lanes = n_lanes;
	governor_unlock(gov);
	return 0;
}

static void governor_set_paused(struct governor *gov, bool is_paused)
{
	governor_lock(gov);
	if (gov->is_open && gov->budget.is_paused != is_paused) {
		governor_look(gov); /* up to here the time belongs to the old state */
		budget_set_paused(&gov->budget, is_paused);
		(void)pthread_cond_broadcast(&gov->changed);
	}
	governor_unlock(gov);
}

void governor_pause(struct governor *gov)
{
	governor_set_paused(gov, true);
}

void governor_resume(struct governor *gov)
{
	governor_set_paused(gov, false);
}

void governor_read(struct governor *gov, struct governor_reading *reading)
{
	governor_lock(gov);
	governor_tell(gov, reading);
	governor_unlock(gov);
}

size_t governor_take_offences(
	struct governor *gov, struct governor_offence offences[], size_t n_max)
{
	size_t n = 0;

	governor_lock(gov);
	for (size_t i = 0; i < GRANT_N_SLOTS && n < n_max; i++) {
		struct governor_process *p = &gov->processes[i];

		if (!p->is_offence)
			continue;
		p->is_offence = false;
		offences[n++] = (struct governor_offence){
			.slot = i,
			.generation = p->generation,
			.pid = p->pid,
			.excess_ns = p->excess_ns,
		};
	}
	governor_unlock(gov);
	return n;
}
