/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The look. For each process one reading of its CPU clock, for the daemon its
 * own; then one step of the budget; then one store and one futex wake for each
 * grant that rose. Calls that change something (a new process, another factor)
 * look at once, in the caller's thread, so that nobody waits for the next beat.
 *
 * Whose clocks are they. The daemon is told a worker's pid by the zygote, and
 * the zygote reaps: for a moment the pid may belong to somebody else. A clock
 * that is gone or goes backwards is therefore never read again; the last
 * reading stands until account_remove() brings the final one.
 *
 * What is not charged: the daemon's own use during a pause (a pause of a day
 * must not end in a debt of minutes) and outside an open account.
 *
 * Reads. Looks come every 5 to 20 ms while there is work; what was fetched is
 * read at most every 10 ms, and at every look in a hold, which are few.
 */
#include "account.h"

#include "check.h"
#include "clock.h"
#include "log.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum {
	/*
	 * Of who is no worker: safe points are further apart than timers, forks
	 * and loads are long system calls, and the end of one costs a whole pass.
	 */
	ACCOUNT_PATIENCE = 20,
};

/** A clock that falls by more is another process's; less is ignored (two sums in the kernel). */
#define ACCOUNT_JITTER_NS UINT64_C(50000000)

/** A reading of /proc/PID/io is some microseconds for each of up to 67 processes. */
#define ACCOUNT_READS_NS UINT64_C(10000000)

/* CLOCK_MONOTONIC_COARSE ticks with the kernel's timer interrupt. */
static uint64_t account_tick_ns(void)
{
	struct timespec ts = {0};

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &ts) != 0 || ts.tv_sec != 0 || ts.tv_nsec < 1)
		return 10000000; /* UNTESTED: HZ=100, the slowest there is */
	return (uint64_t)ts.tv_nsec;
}

static void account_read_clock(struct account *a, size_t slot, uint64_t now_ns)
{
	struct account_process *p = &a->processes[slot];
	uint64_t cpu_ns = 0;

	if (p->is_gone)
		return;
	if (clock_process_cpu_ns(p->pid, &cpu_ns) != 0 ||
		cpu_ns + ACCOUNT_JITTER_NS < a->budget.consumers[slot].used_ns) {
		p->is_gone = true;
		return;
	}
	p->read_at_ns = now_ns;
	budget_use(&a->budget, slot, cpu_ns);
}

static void account_read_self(struct account *a)
{
	uint64_t cpu_ns = clock_self_cpu_ns();

	if (!a->budget.is_paused)
		budget_charge(&a->budget, cpu_ns - a->self_ns);
	a->self_ns = cpu_ns;
}

/* How far it is beyond what it was granted, or had used before it could be. */
static uint64_t account_excess_ns(const struct account *a, size_t slot)
{
	const struct budget_consumer *c = &a->budget.consumers[slot];
	uint64_t base_ns = a->processes[slot].base_ns;
	uint64_t allowed_ns = c->granted_ns > base_ns ? c->granted_ns : base_ns;

	return c->used_ns > allowed_ns ? c->used_ns - allowed_ns : 0;
}

uint64_t account_bound_ns(uint64_t overrun_ns, size_t slot)
{
	return slot < GRANT_SLOT_LANE0 ? overrun_ns * ACCOUNT_PATIENCE : overrun_ns;
}

static void account_judge(struct account *a, size_t slot)
{
	struct account_process *p = &a->processes[slot];
	uint64_t excess_ns = account_excess_ns(a, slot);

	if (p->is_told || p->is_gone || excess_ns <= account_bound_ns(a->overrun_ns, slot))
		return;
	p->is_told = true;
	p->is_offence = true;
	p->excess_ns = excess_ns;
	log_warn("governor",
		"process %d in slot %zu is %" PRIu64 " ms of CPU time beyond its grant",
		(int)p->pid, slot, excess_ns / 1000000);
}

static void account_read_clocks(struct account *a, uint64_t now_ns)
{
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (a->processes[i].generation != 0)
			account_read_clock(a, i, now_ns);
	}
}

/* CPUs that are asked for: min(factor × N, lanes). */
static double account_aim(const struct account *a)
{
	double factor = a->budget.factor_pct == 0 ? 1.0 : a->budget.factor_pct / 100.0;
	double asked = factor * a->n_cpus;

	return asked < a->n_lanes ? asked : a->n_lanes;
}

static void account_note(struct account *a, uint64_t now_ns)
{
	meter_note(&a->meter, now_ns, a->budget.total_ns, account_aim(a), a->budget.is_paused);
}

/* What the lanes did since the last step. */
static void account_note_lanes(struct account *a, uint64_t now_ns)
{
	const struct budget *b = &a->budget;
	bool is_counting = b->has_stepped && !b->is_paused;
	uint64_t elapsed_ns = is_counting ? now_ns - b->last_at_ns : 0;
	uint32_t generations[GRANT_N_LANES];
	pid_t pids[GRANT_N_LANES];

	a->meter.history.budget_wait_ns +=
		lane_times_note(&a->lane_times, b, elapsed_ns) / a->n_lanes;
	if (now_ns < a->lane_times.next_read_ns)
		return;
	for (size_t i = 0; i < GRANT_N_LANES; i++) {
		const struct account_process *p = &a->processes[GRANT_SLOT_LANE0 + i];

		generations[i] = p->is_gone ? 0 : p->generation;
		pids[i] = p->pid;
	}
	lane_times_read(&a->lane_times, &a->budget, now_ns, generations, pids);
}

/* Once for each limit that is set: nobody reads a line for each process. */
static void account_tell_blind(struct account *a)
{
	if (a->read_meter.error == 0 || a->is_blind_told)
		return;
	a->is_blind_told = true;
	log_warn("governor", "reads cannot be counted, so they are not limited: /proc/PID/io: %s",
		err_text(a->read_meter.error));
}

static bool account_is_reads_due(const struct account *a, uint64_t now_ns)
{
	return a->budget.is_held || now_ns - a->reads.last_at_ns >= ACCOUNT_READS_NS;
}

static void account_read_reads(struct account *a, uint64_t now_ns)
{
	if (a->reads.rate_bytes == 0)
		return;
	read_budget_step(&a->reads, now_ns, read_meter_take(&a->read_meter), a->budget.is_paused);
	budget_set_held(&a->budget, read_budget_is_held(&a->reads));
	account_tell_blind(a);
}

/* What was read outside of a scan is not charged; what the last scan owes is owed. */
static void account_begin_reads(struct account *a, uint64_t now_ns)
{
	if (a->reads.rate_bytes != 0)
		(void)read_meter_take(&a->read_meter);
	read_budget_begin(&a->reads, now_ns);
	budget_set_held(&a->budget, read_budget_is_held(&a->reads));
}

/* A worker was forked a moment ago, and its pid is the zygote's word: what it had read before
 * is nothing, and what somebody else has read is not ours. */
static void account_add_reads(struct account *a, size_t slot, pid_t pid)
{
	if (a->reads.rate_bytes == 0)
		return;
	(void)read_meter_add(&a->read_meter, slot, pid, slot < GRANT_SLOT_LANE0);
	account_tell_blind(a);
}

void account_deinit(struct account *a)
{
	read_meter_reset(&a->read_meter);
}

void account_init(struct account *a, const struct governor_config *config, struct grant_page *page)
{
	struct budget_config budget = {
		.n_cpus = config->n_cpus,
		.tick_ns = account_tick_ns(),
		.step_min_ns = config->look_min_ns,
	};

	memset(a, 0, sizeof(*a));
	a->n_cpus = config->n_cpus;
	a->overrun_ns = config->overrun_ns;
	a->page = page;
	budget_init(&a->budget, &budget);
	meter_start(&a->meter, config->n_cpus);
	read_budget_init(&a->reads);
}

void account_open(struct account *a, unsigned factor_pct, unsigned n_lanes)
{
	uint64_t now_ns = clock_mono_ns();

	PRE(!a->is_open);
	account_read_clocks(a, now_ns);
	account_begin_reads(a, now_ns);
	budget_start(&a->budget, factor_pct);
	meter_start(&a->meter, a->n_cpus);
	lane_times_start(&a->lane_times);
	a->n_lanes = n_lanes;
	a->n_looks = 0;
	a->governor_ns = 0;
	a->self_ns = clock_self_cpu_ns();
	a->is_open = true;
	account_look(a);
}

void account_close(struct account *a, struct governor_reading *reading)
{
	uint64_t now_ns = clock_mono_ns();

	if (a->is_open) {
		a->lane_times.next_read_ns = 0; /* the last second's queues too */
		account_read_clocks(a, now_ns);
		account_read_reads(a, now_ns);
		account_read_self(a);
		account_note(a, now_ns);
		account_note_lanes(a, now_ns);
	}
	account_tell(a, reading);
	a->is_open = false;
}

void account_look(struct account *a)
{
	uint64_t now_ns = clock_mono_ns();

	if (!a->is_open)
		return;
	account_read_clocks(a, now_ns);
	if (account_is_reads_due(a, now_ns))
		account_read_reads(a, now_ns);
	account_read_self(a);
	account_note(a, now_ns);
	account_note_lanes(a, now_ns);
	/* Before the step: it would put a new grant over what ran past the old one. */
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (a->processes[i].generation != 0)
			account_judge(a, i);
	}
	budget_step(&a->budget, now_ns);
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (a->processes[i].generation != 0)
			grant_raise(a->page, i, a->budget.consumers[i].granted_ns);
	}
	a->n_looks++;
}

void account_add(struct account *a, size_t slot, uint32_t generation, pid_t pid)
{
	budget_remove(&a->budget, slot, 0);
	budget_add(&a->budget, slot, 0);
	a->processes[slot] = (struct account_process){
		.generation = generation,
		.pid = pid,
		.read_at_ns = clock_mono_ns(),
	};
	account_add_reads(a, slot, pid);
	grant_assign(a->page, slot, generation);
	account_read_clock(a, slot, clock_mono_ns());
	a->processes[slot].base_ns = a->budget.consumers[slot].used_ns;
	account_look(a);
}

/* What a process cannot have exceeded: all CPUs since it was last looked at, and a tick. */
static uint64_t account_final_max_ns(const struct account *a, size_t slot)
{
	const struct account_process *p = &a->processes[slot];
	double since_ns =
		(double)(clock_mono_ns() - p->read_at_ns) + 2.0 * (double)a->budget.config.tick_ns;

	return a->budget.consumers[slot].used_ns + (uint64_t)(since_ns * (a->n_cpus + 1.0));
}

int account_remove(struct account *a, size_t slot, uint32_t generation, uint64_t final_cpu_ns)
{
	uint64_t max_ns;

	if (slot >= GRANT_N_SLOTS || generation == 0 || a->processes[slot].generation != generation)
		return GOVERNOR_E_STALE;
	max_ns = account_final_max_ns(a, slot);
	if (final_cpu_ns > max_ns)
		final_cpu_ns = max_ns;
	lane_times_remove(&a->lane_times, &a->budget, slot, final_cpu_ns);
	budget_remove(&a->budget, slot, final_cpu_ns);
	memset(&a->processes[slot], 0, sizeof(a->processes[slot]));
	read_meter_remove(&a->read_meter, slot);
	return 0;
}

void account_hand_over(struct account *from, struct account *to, size_t slot)
{
	struct account_process *p = &from->processes[slot];

	if (p->generation == 0)
		return;
	account_look(from);
	budget_hand_over(&from->budget, &to->budget, slot);
	to->processes[slot] = *p;
	memset(p, 0, sizeof(*p));
	read_meter_remove(&from->read_meter, slot);
	if (to->reads.rate_bytes != 0)
		(void)read_meter_add(&to->read_meter, slot, to->processes[slot].pid, false);
}

/* All who are there, from their birth; what they have fetched so far is taken at once. */
static void account_start_reads(struct account *a)
{
	a->is_blind_told = false;
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (a->processes[i].generation != 0 && !a->processes[i].is_gone)
			(void)read_meter_add(&a->read_meter, i, a->processes[i].pid, true);
	}
	(void)read_meter_take(&a->read_meter);
	account_tell_blind(a);
}

void account_set_read_rate(struct account *a, uint64_t rate_bytes)
{
	uint64_t now_ns = clock_mono_ns();

	if (rate_bytes == a->reads.rate_bytes)
		return;
	if (a->reads.rate_bytes == 0)
		account_start_reads(a);
	else
		account_read_reads(a, now_ns); /* until now the old rate holds */
	if (rate_bytes == 0)
		read_meter_reset(&a->read_meter);
	read_budget_set_rate(&a->reads, rate_bytes);
	read_budget_step(&a->reads, now_ns, 0, a->budget.is_paused);
	budget_set_metered(&a->budget, rate_bytes != 0);
	budget_set_held(&a->budget, read_budget_is_held(&a->reads));
}

uint64_t account_next_ns(const struct account *a)
{
	uint64_t next_ns = budget_next_ns(&a->budget);
	uint64_t reads_ns = read_budget_next_ns(&a->reads);

	if (a->reads.rate_bytes == 0 || a->budget.is_paused || next_ns < reads_ns)
		return next_ns;
	return reads_ns;
}

void account_set_paused(struct account *a, bool is_paused)
{
	if (!a->is_open || a->budget.is_paused == is_paused)
		return;
	account_look(a);
	budget_set_paused(&a->budget, is_paused);
}

static void account_tell_reads(const struct account *a, struct governor_reading *reading)
{
	reading->read_rate_bytes = a->reads.rate_bytes;
	reading->read_bytes = a->reads.read_bytes;
	reading->read_held_ns = a->reads.held_ns;
	reading->is_read_held = a->budget.is_held;
}

void account_tell(const struct account *a, struct governor_reading *reading)
{
	const struct budget *b = &a->budget;
	const struct meter *m = &a->meter;

	*reading = (struct governor_reading){
		.n_cpus = a->n_cpus,
		.read_error = a->read_meter.error,
	};
	if (!a->is_open)
		return;
	reading->factor_pct = b->factor_pct;
	reading->n_lanes = a->n_lanes;
	reading->is_paused = b->is_paused;
	reading->aim_pct = 100.0 * account_aim(a) / a->n_cpus;
	reading->mean_pct = meter_mean_pct(m);
	reading->window_pct = m->window_pct;
	reading->window_p95_pct = load_history_percentile_pct(&m->history, 0.95);
	reading->window_p99_pct = load_history_percentile_pct(&m->history, 0.99);
	reading->window_max_pct = m->history.window_max_pct;
	reading->n_windows = m->history.n_windows;
	reading->active_ns = m->active_ns;
	reading->paused_ns = m->paused_ns;
	reading->cpu_ns = m->cpu_ns;
	reading->governor_ns = a->governor_ns;
	reading->lanes_cpu_ns = a->lane_times.cpu_ns;
	reading->lanes_waited_ns = a->lane_times.waited_ns;
	reading->lanes_queued_ns = a->lane_times.queued_ns;
	reading->n_looks = a->n_looks;
	reading->share_pct = 100.0 * b->share;
	account_tell_reads(a, reading);
}

size_t account_take_offences(struct account *a, struct governor_offence offences[], size_t n_max)
{
	size_t n = 0;

	for (size_t i = 0; i < GRANT_N_SLOTS && n < n_max; i++) {
		struct account_process *p = &a->processes[i];

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
	return n;
}
