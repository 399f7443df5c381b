/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a thread and not a timer of the daemon's loop: the loop writes to a
 * database with full sync and may be away for tens of milliseconds; a worker
 * that runs freely is 14 ms ahead. A late look costs work, never the limit:
 * nobody has more than was granted.
 *
 * The look itself is account.c's. All of it is under one lock and none of it
 * allocates or sleeps.
 *
 * A look and the wake before it are 50 to 80 µs of CPU on a virtual machine;
 * 200 in a second would be more than a per cent of what they govern. The budget
 * tells when the next one is of use.
 */
#include "governor.h"

#include "account.h"
#include "aside.h"
#include "check.h"
#include "cleanup.h"
#include "clock.h"
#include "courtesy.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GOVERNOR_LOOK_NS UINT64_C(5000000)
#define GOVERNOR_LOOK_MIN_NS UINT64_C(1000000)
#define GOVERNOR_LOOK_MAX_NS UINT64_C(100000000)

/** A long system call (the end of a large mapping) is no offence; two seconds of one are. */
#define GOVERNOR_OVERRUN_NS UINT64_C(250000000)

struct governor {
	struct governor_config config;
	struct grant_page *page;
	int page_fd;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /**< Of everything below. */
	pthread_cond_t changed;
	bool is_ending;
	struct account account; /**< Of scans. */
	struct aside aside;
	struct courtesy courtesy;
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

/* Sleep until the next look is due or something changed; the lock is held. */
static void governor_sleep(struct governor *gov)
{
	uint64_t scan_ns = gov->account.is_open ? account_next_ns(&gov->account) : UINT64_MAX;
	uint64_t own_ns = gov->aside.own.is_open ? account_next_ns(&gov->aside.own) : UINT64_MAX;
	uint64_t at_ns = clock_mono_ns() + (scan_ns < own_ns ? scan_ns : own_ns);
	struct timespec at = {
		.tv_sec = (time_t)(at_ns / 1000000000u),
		.tv_nsec = (long)(at_ns % 1000000000u),
	};

	(void)pthread_cond_timedwait(&gov->changed, &gov->lock, &at);
}

/* The place and the priority of ours, and the part of the budget that others leave to us. */
static void governor_look_around(struct governor *gov)
{
	struct account *a = &gov->account;
	struct courtesy_look look = {.now_ns = clock_mono_ns(), .cpu_ns = a->budget.total_ns};
	double rate = budget_rate(&a->budget);

	if (a->budget.is_paused)
		courtesy_skip(&gov->courtesy);
	if (a->budget.is_paused || !courtesy_is_due(&gov->courtesy, look.now_ns))
		return;
	look.budget = rate / a->budget.share;
	look.aim = rate < a->n_lanes ? rate : a->n_lanes;
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (!a->processes[i].is_gone)
			look.members[i] = (struct courtesy_member){
				.generation = a->processes[i].generation,
				.pid = a->processes[i].pid,
			};
	}
	courtesy_look(&gov->courtesy, &look);
	budget_set_share(&a->budget, gov->courtesy.share);
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

		if (!gov->account.is_open && !gov->aside.own.is_open) {
			(void)pthread_cond_wait(&gov->changed, &gov->lock);
			before_ns = clock_thread_cpu_ns();
			continue;
		}
		account_look(&gov->account);
		account_look(&gov->aside.own);
		if (gov->account.is_open)
			governor_look_around(gov);
		cpu_ns = clock_thread_cpu_ns();
		if (gov->account.is_open)
			gov->account.governor_ns += cpu_ns - before_ns;
		else
			gov->aside.own.governor_ns += cpu_ns - before_ns;
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
	if (config->look_min_ns == 0)
		config->look_min_ns = GOVERNOR_LOOK_NS;
	if (config->n_online == 0)
		config->n_online = config->n_cpus;
	if (config->overrun_ns == 0)
		config->overrun_ns = GOVERNOR_OVERRUN_NS;
	if (!(config->n_cpus > 0)) {
		errmsg_set(msg, "the number of CPUs must be above 0");
		return err_origin(-EINVAL);
	}
	if (config->look_min_ns < GOVERNOR_LOOK_MIN_NS ||
		config->look_min_ns > GOVERNOR_LOOK_MAX_NS) {
		errmsg_set(msg, "the distance of two looks must be 1 to 100 ms");
		return err_origin(-EINVAL);
	}
	return 0;
}

int governor_new(const struct governor_config *config, struct governor **govp, struct errmsg *msg)
{
	_cleanup_(governor_cleanup) struct governor *gov = NULL;
	struct governor_config checked = *config;
	int r = governor_check_config(&checked, msg);

	if (r < 0)
		return err_trace(r);
	gov = calloc(1, sizeof(*gov));
	if (!gov)
		return err_origin(-ENOMEM); /* UNTESTED: 10 KB */
	gov->config = checked;
	gov->page_fd = -1;
	r = governor_init_lock(gov);
	if (r == 0)
		r = grant_page_new(&gov->page, &gov->page_fd);
	if (r < 0) {
		errmsg_set(msg, "make the grant page: %s", err_text(r));
		return err_trace(r);
	}
	account_init(&gov->account, &checked, gov->page);
	aside_init(&gov->aside, &checked, gov->page);
	courtesy_init(&gov->courtesy, checked.machine, checked.n_online, checked.n_cpus);
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
	courtesy_deinit(&gov->courtesy);
	account_deinit(&gov->account);
	aside_deinit(&gov->aside);
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

/* Figures of the courtesy; all 0 while no account is open, as account_tell() has it. */
static void governor_tell_courtesy(const struct governor *gov, struct governor_reading *reading)
{
	const struct courtesy *c = &gov->courtesy;

	if (reading->n_lanes == 0)
		return;
	reading->backed_off_ns = c->backed_off_ns;
	reading->n_place_cpus = c->is_bound ? (unsigned)c->n_set : 0;
	reading->nice = courtesy_nice(c);
}

/* The scans' account is another by now: who works beside scans goes along. */
static void governor_settle_aside(struct governor *gov)
{
	const struct account_process *p = &gov->account.processes[GRANT_SLOT_REMEDIATE];
	bool was_there = p->generation != 0;

	aside_settle(&gov->aside, &gov->account);
	if (p->generation != 0 && !was_there)
		courtesy_greet(&gov->courtesy, GRANT_SLOT_REMEDIATE, p->pid);
	(void)pthread_cond_broadcast(&gov->changed);
}

int governor_begin(struct governor *gov, unsigned factor_pct, unsigned n_lanes)
{
	int r = 0;

	if (factor_pct > 100 || !governor_is_lanes(n_lanes))
		return err_origin(-EINVAL);
	governor_lock(gov);
	if (gov->account.is_open) {
		r = -EALREADY;
	} else {
		account_open(&gov->account, factor_pct, n_lanes);
		courtesy_begin(&gov->courtesy, factor_pct, n_lanes);
		governor_settle_aside(gov);
	}
	governor_unlock(gov);
	return err_origin(r);
}

void governor_end(struct governor *gov, struct governor_reading *reading)
{
	struct governor_reading last;

	governor_lock(gov);
	account_close(&gov->account, &last);
	governor_tell_courtesy(gov, &last);
	courtesy_end(&gov->courtesy);
	governor_settle_aside(gov);
	governor_unlock(gov);
	if (reading)
		*reading = last;
}

int governor_add(struct governor *gov, size_t slot, uint32_t generation, pid_t pid)
{
	if (slot >= GRANT_N_SLOTS || generation == 0 || pid <= 0)
		return err_origin(-EINVAL);
	governor_lock(gov);
	if (slot == GRANT_SLOT_REMEDIATE)
		aside_add(&gov->aside, &gov->account, generation, pid);
	else
		account_add(&gov->account, slot, generation, pid);
	if (gov->account.is_open)
		courtesy_greet(&gov->courtesy, slot, pid);
	/* The next look was planned without it: its first portion would be its last till then. */
	(void)pthread_cond_broadcast(&gov->changed);
	governor_unlock(gov);
	return 0;
}

int governor_remove(struct governor *gov, size_t slot, uint32_t generation, uint64_t final_cpu_ns)
{
	int r;

	governor_lock(gov);
	if (slot == GRANT_SLOT_REMEDIATE)
		r = aside_remove(&gov->aside, &gov->account, generation, final_cpu_ns);
	else
		r = account_remove(&gov->account, slot, generation, final_cpu_ns);
	governor_unlock(gov);
	return r;
}

int governor_set_aside(struct governor *gov, unsigned factor_pct)
{
	if (factor_pct > 100)
		return err_origin(-EINVAL);
	governor_lock(gov);
	aside_set_factor(&gov->aside, factor_pct);
	(void)pthread_cond_broadcast(&gov->changed);
	governor_unlock(gov);
	return 0;
}

int governor_set_factor(struct governor *gov, unsigned factor_pct)
{
	if (factor_pct > 100)
		return err_origin(-EINVAL);
	governor_lock(gov);
	account_look(&gov->account); /* what was used until now is judged by the old one */
	budget_set_factor(&gov->account.budget, factor_pct);
	if (gov->account.is_open)
		courtesy_plan(&gov->courtesy, factor_pct, gov->account.n_lanes);
	(void)pthread_cond_broadcast(&gov->changed);
	governor_unlock(gov);
	return 0;
}

int governor_set_lanes(struct governor *gov, unsigned n_lanes)
{
	if (!governor_is_lanes(n_lanes))
		return err_origin(-EINVAL);
	governor_lock(gov);
	gov->account.n_lanes = n_lanes;
	if (gov->account.is_open)
		courtesy_plan(&gov->courtesy, gov->account.budget.factor_pct, n_lanes);
	governor_unlock(gov);
	return 0;
}

int governor_set_courtesy(struct governor *gov, const struct governor_courtesy *courtesy)
{
	bool has_minimum =
		courtesy->is_backing_off || courtesy->is_urging || courtesy->is_counting_others;

	if (has_minimum && (courtesy->minimum_pct < 1 || courtesy->minimum_pct > 100))
		return err_origin(-EINVAL);
	governor_lock(gov);
	gov->courtesy.options = *courtesy;
	if (gov->account.is_open)
		courtesy_plan(&gov->courtesy, gov->account.budget.factor_pct, gov->account.n_lanes);
	governor_unlock(gov);
	return 0;
}

void governor_set_read_rate(struct governor *gov, uint64_t rate_bytes)
{
	governor_lock(gov);
	account_set_read_rate(&gov->account, rate_bytes);
	account_set_read_rate(&gov->aside.own, rate_bytes);
	(void)pthread_cond_broadcast(&gov->changed);
	governor_unlock(gov);
}

void governor_note_others(struct governor *gov, uint64_t cpu_ns)
{
	const struct budget *b = &gov->account.budget;
	struct courtesy_foreign foreign = {.now_ns = clock_mono_ns(), .others_ns = cpu_ns};

	governor_lock(gov);
	if (gov->account.is_open && !b->is_paused) {
		foreign.cpu_ns = b->total_ns;
		foreign.budget = budget_rate(b) / b->share;
		foreign.share = b->share;
		foreign.is_limited = b->factor_pct > 0 && b->factor_pct < 100;
		courtesy_note_others(&gov->courtesy, &foreign);
	}
	governor_unlock(gov);
}

static void governor_set_paused(struct governor *gov, bool is_paused)
{
	governor_lock(gov);
	account_set_paused(&gov->account, is_paused);
	governor_settle_aside(gov);
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
	account_tell(&gov->account, reading);
	governor_tell_courtesy(gov, reading);
	governor_unlock(gov);
}

void governor_read_aside(struct governor *gov, struct governor_reading *reading)
{
	governor_lock(gov);
	account_tell(&gov->aside.own, reading);
	governor_unlock(gov);
}

void governor_history(struct governor *gov, struct load_history *history)
{
	governor_lock(gov);
	if (gov->account.is_open) {
		*history = gov->account.meter.history;
		history->backed_off_ns = gov->courtesy.backed_off_ns;
		history->governor_ns = gov->account.governor_ns;
		history->read_held_ns = gov->account.reads.held_ns;
	} else {
		load_history_init(history);
	}
	governor_unlock(gov);
}

size_t governor_take_offences(
	struct governor *gov, struct governor_offence offences[], size_t n_max)
{
	size_t n;

	governor_lock(gov);
	n = account_take_offences(&gov->account, offences, n_max);
	governor_unlock(gov);
	return n;
}
