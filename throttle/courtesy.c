/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every half second (small budgets: every second): what the machine suffers from, and our own part of it.
 * Every second: whether we got what we should have.
 *
 * Two promises can be broken by others, and each has its measure.
 *   - The aim, because the CPUs we chose are taken: more CPUs. Others' work can
 *     be nailed to them, and nothing tells but that we wait.
 *   - The guaranteed minimum, because the whole machine is taken and our
 *     priority is the lowest there is: more priority, step by step. As long as
 *     it is raised the minimum is all that is used, back-off or not, and the
 *     grants see to it: priority is for the guarantee, never for the rest.
 *
 * Options that are off cost nothing; without any, there is no look.
 */
#include "courtesy.h"

#include "budget.h"
#include "log.h"
#include "placing.h"
#include "priority.h"

#include <math.h>
#include <string.h>

#define COURTESY_LOOK_NS UINT64_C(500000000)
#define COURTESY_SECOND_NS UINT64_C(1000000000)

/** The load may be this part of N below the aim before we take more CPUs. */
#define COURTESY_SPREAD_SLACK 0.0075

/** This part of the guaranteed minimum may be missing. */
#define COURTESY_URGENCY_SLACK 0.25

/** The machine as a whole leaves us less than this of the budget. */
#define COURTESY_PRESSED 0.9

static const int courtesy_nices[] = {19, 10, 0, -10, -20};

enum {
	COURTESY_N_NICES = sizeof(courtesy_nices) / sizeof(courtesy_nices[0]),
	COURTESY_NORMAL = 2, /**< Where who is not to have low priority begins. */
};

static unsigned courtesy_first_nice(const struct courtesy *c)
{
	return c->options.is_low_priority ? 0 : COURTESY_NORMAL;
}

int courtesy_nice(const struct courtesy *c)
{
	return courtesy_nices[courtesy_first_nice(c) + c->urgency.n];
}

void courtesy_init(
	struct courtesy *c, const struct placement_machine *machine, double n_online, double n_cpus)
{
	memset(c, 0, sizeof(*c));
	c->machine = machine;
	c->n_online = n_online;
	c->n_cpus = n_cpus;
	c->probe = (struct pressure_probe)PRESSURE_PROBE_NULL;
	pressure_init(&c->pressure);
	foreign_load_init(&c->foreign);
	c->share = 1.0;
}

void courtesy_deinit(struct courtesy *c)
{
	pressure_probe_close(&c->probe);
}

/* Let the last lane out of a tight set. A lane that is the only one stays: it is all there is. */
static void courtesy_choose_roamer(struct courtesy *c)
{
	c->wide = c->set;
	c->roamer = GRANT_N_SLOTS;
	if (!c->is_bound || c->n_lanes < 2 || !placement_is_tight(c->need, c->n_set))
		return;
	(void)placement_widen(c->machine, &c->set, &c->wide);
	c->roamer = GRANT_SLOT_LANE0 + c->n_lanes - 1;
}

/* Choose the place; returns whether members have to move. */
static bool courtesy_choose(struct courtesy *c)
{
	cpu_set_t before = c->set;
	bool was_bound = c->is_bound;
	size_t roamer = c->roamer;
	size_t n_allowed;

	if (!c->machine || c->need <= 0)
		return false;
	n_allowed = placement_n_allowed(c->machine);
	c->n_set = placement_choose(c->machine, c->options.is_placing ? c->need : (double)n_allowed,
		c->spread.n, &c->set);
	c->is_bound = c->n_set > 0 && c->n_set < n_allowed;
	courtesy_choose_roamer(c);
	return (c->is_bound || was_bound) && (!CPU_EQUAL(&before, &c->set) || roamer != c->roamer);
}

void courtesy_begin(struct courtesy *c, unsigned factor_pct, unsigned n_lanes)
{
	pressure_init(&c->pressure);
	foreign_load_init(&c->foreign);
	c->spread = (struct ratchet)RATCHET_NULL;
	c->urgency = (struct ratchet)RATCHET_NULL;
	c->backed_off_ns = 0;
	c->share = 1.0;
	c->is_pressed = false;
	c->is_bound = false;
	c->roamer = GRANT_N_SLOTS;
	c->is_move_due = false;
	c->is_bind_failed = false;
	c->is_nice_failed = false;
	c->next_look_ns = 0;
	memset(c->generations, 0, sizeof(c->generations));
	courtesy_skip(c);
	pressure_probe_close(&c->probe);
	pressure_probe_open(&c->probe, "");
	courtesy_plan(c, factor_pct, n_lanes);
}

void courtesy_end(struct courtesy *c)
{
	pressure_probe_close(&c->probe);
	c->need = 0;
}

void courtesy_plan(struct courtesy *c, unsigned factor_pct, unsigned n_lanes)
{
	c->need = placement_need(factor_pct, c->n_cpus, n_lanes);
	c->n_lanes = n_lanes;
	c->is_move_due = courtesy_choose(c) || c->is_move_due;
}

static void courtesy_bind(struct courtesy *c, size_t slot, pid_t pid)
{
	struct errmsg msg = ERRMSG_NULL;

	if (placing_bind(pid, slot == c->roamer ? &c->wide : &c->set, &msg) == 0 ||
		c->is_bind_failed)
		return;
	c->is_bind_failed = true;
	log_warn("courtesy", "process %d stays where it is: %s", (int)pid, msg.text);
}

static void courtesy_urge(struct courtesy *c, pid_t pid)
{
	struct errmsg msg = ERRMSG_NULL;

	if (priority_set(pid, courtesy_nice(c), &msg) == 0 || c->is_nice_failed)
		return;
	c->is_nice_failed = true;
	log_warn("courtesy", "process %d keeps its priority: %s", (int)pid, msg.text);
}

void courtesy_greet(struct courtesy *c, size_t slot, pid_t pid)
{
	if (c->is_bound)
		courtesy_bind(c, slot, pid);
	if (c->urgency.n > 0)
		courtesy_urge(c, pid);
}

void courtesy_skip(struct courtesy *c)
{
	c->last_second_ns = 0;
	c->last_look_ns = 0;
	c->queued_ns = 0;
	c->foreign_at_ns = 0;
	c->probe.has_looked = false;
	c->pressure.has_looked = false;
}

bool courtesy_is_due(const struct courtesy *c, uint64_t now_ns)
{
	return now_ns >= c->next_look_ns &&
	       (c->options.is_placing || c->options.is_backing_off || c->options.is_urging ||
		       c->options.is_counting_others);
}

/* What our threads do now; what they queued since the last look goes into queued_ns. */
static void courtesy_read_own(
	struct courtesy *c, const struct courtesy_look *look, struct own_tasks *all)
{
	uint64_t elapsed_ns = c->last_look_ns != 0 ? look->now_ns - c->last_look_ns : 0;

	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		const struct courtesy_member *member = &look->members[i];
		struct own_tasks tasks = {0};

		if (member->generation == 0 || own_tasks_add(&tasks, member->pid) < 0)
			continue;
		if (c->generations[i] != member->generation)
			c->queueing[i] = (struct queueing)QUEUEING_NULL;
		c->generations[i] = member->generation;
		c->queued_ns += queueing_step(&c->queueing[i], &tasks, elapsed_ns);
		all->n_running += tasks.n_running;
		all->n_blocked += tasks.n_blocked;
	}
}

static double courtesy_minimum_share(const struct courtesy *c, const struct courtesy_look *look)
{
	return pressure_minimum(c->options.minimum_pct, look->budget);
}

static void courtesy_note_backed_off(struct courtesy *c, const struct courtesy_look *look)
{
	if (c->last_look_ns != 0)
		c->backed_off_ns +=
			(uint64_t)((1.0 - c->share) * (double)(look->now_ns - c->last_look_ns));
}

static void courtesy_look_at_others(
	struct courtesy *c, const struct courtesy_look *look, const struct own_tasks *ours)
{
	struct pressure_input in = {
		.now_ns = look->now_ns,
		.budget = look->budget,
		.n_online = c->n_online,
		.minimum_share = courtesy_minimum_share(c, look),
	};

	pressure_probe_look(&c->probe, ours, &in);
	pressure_step(&c->pressure, &in);
	log_debug("courtesy",
		"others: %.0f run, waiting %.2f, disk %.2f, memory %.2f; they leave %.2f",
		in.running, in.waiting, in.io, in.memory, c->pressure.share);
}

void courtesy_note_others(struct courtesy *c, const struct courtesy_foreign *foreign)
{
	uint64_t elapsed_ns = foreign->now_ns - c->foreign_at_ns;
	uint64_t ours_ns = foreign->cpu_ns - c->foreign_cpu_ns;
	bool is_first = c->foreign_at_ns == 0;

	c->foreign_at_ns = foreign->now_ns;
	c->foreign_cpu_ns = foreign->cpu_ns;
	if (!c->options.is_counting_others || !foreign->is_limited) {
		foreign_load_init(&c->foreign);
		return;
	}
	if (is_first || elapsed_ns == 0)
		return;
	foreign_load_step(&c->foreign,
		&(struct foreign_load_input){
			.elapsed_s = (double)elapsed_ns / 1e9,
			.budget = foreign->budget,
			.share = foreign->share,
			.ours = (double)ours_ns / (double)elapsed_ns,
			.others = (double)foreign->others_ns / (double)elapsed_ns,
			.minimum_share = pressure_minimum(c->options.minimum_pct, foreign->budget),
		});
}

static void courtesy_share_out(struct courtesy *c, const struct courtesy_look *look)
{
	c->share = c->options.is_backing_off ? c->pressure.share : 1.0;
	if (c->options.is_counting_others)
		c->share = fmin(c->share, c->foreign.share);
	if (c->options.is_urging && c->urgency.n > 0)
		c->share = fmin(c->share, courtesy_minimum_share(c, look));
}

static void courtesy_move(struct courtesy *c, const struct courtesy_look *look)
{
	/* The zygote first: what it forks from now on is there already. */
	log_debug("courtesy", "on %zu CPUs, %u of them because of others", c->n_set, c->spread.n);
	for (size_t n = 0; n < GRANT_N_SLOTS; n++) {
		size_t i = (n + GRANT_SLOT_ZYGOTE) % GRANT_N_SLOTS;

		if (look->members[i].generation != 0)
			courtesy_bind(c, i, look->members[i].pid);
	}
	c->is_move_due = false;
}

static void courtesy_hurry(struct courtesy *c, const struct courtesy_look *look)
{
	log_info("courtesy", "priority of the scan is now nice %d", courtesy_nice(c));
	for (size_t n = 0; n < GRANT_N_SLOTS; n++) {
		size_t i = (n + GRANT_SLOT_ZYGOTE) % GRANT_N_SLOTS;

		if (look->members[i].generation != 0)
			courtesy_urge(c, look->members[i].pid);
	}
}

static void courtesy_judge_minimum(
	struct courtesy *c, const struct courtesy_look *look, struct ratchet_input *in)
{
	bool is_changed;

	in->promised = fmin(look->aim, look->budget * courtesy_minimum_share(c, look));
	in->slack = COURTESY_URGENCY_SLACK * in->promised;
	in->n_max = COURTESY_N_NICES - 1 - courtesy_first_nice(c);
	is_changed = ratchet_step(&c->urgency, in);
	c->is_pressed = c->urgency.n > 0 && (c->is_pressed || c->pressure.share < COURTESY_PRESSED);
	if (c->is_pressed && c->pressure.share >= 1.0) {
		/* Those who took it all have gone. */
		ratchet_reset(&c->urgency, look->now_ns);
		c->is_pressed = false;
		is_changed = true;
	}
	if (is_changed)
		courtesy_hurry(c, look);
}

/* CPUs that the place could have more. */
static unsigned courtesy_spare_cpus(const struct courtesy *c)
{
	double n_spare = c->machine ? (double)placement_n_allowed(c->machine) - c->need : 0;

	return c->options.is_placing && n_spare > 0 ? (unsigned)n_spare : 0;
}

static void courtesy_judge(struct courtesy *c, const struct courtesy_look *look, double elapsed_ns)
{
	struct ratchet_input in = {
		.now_ns = look->now_ns,
		.promised = look->aim,
		.got = (double)(look->cpu_ns - c->last_cpu_ns) / elapsed_ns,
		.waiting = (double)c->queued_ns / elapsed_ns,
		.slack = COURTESY_SPREAD_SLACK * c->n_cpus,
		.n_max = courtesy_spare_cpus(c),
	};

	if (ratchet_step(&c->spread, &in))
		c->is_move_due = courtesy_choose(c) || c->is_move_due;
	if (c->options.is_urging)
		courtesy_judge_minimum(c, look, &in);
}

static void courtesy_second(struct courtesy *c, const struct courtesy_look *look)
{
	if (c->last_second_ns != 0 && look->now_ns > c->last_second_ns)
		courtesy_judge(c, look, (double)(look->now_ns - c->last_second_ns));
	c->last_second_ns = look->now_ns;
	c->last_cpu_ns = look->cpu_ns;
	c->queued_ns = 0;
	c->next_second_ns = look->now_ns + COURTESY_SECOND_NS;
}

void courtesy_look(struct courtesy *c, const struct courtesy_look *look)
{
	struct own_tasks ours = {0};

	courtesy_read_own(c, look, &ours);
	courtesy_note_backed_off(c, look);
	if (c->options.is_backing_off || c->options.is_urging)
		courtesy_look_at_others(c, look, &ours);
	if (look->now_ns >= c->next_second_ns)
		courtesy_second(c, look);
	if (c->is_move_due)
		courtesy_move(c, look);
	courtesy_share_out(c, look);
	c->last_look_ns = look->now_ns;
	c->next_look_ns = look->now_ns +
			  (look->budget < BUDGET_SMALL ? COURTESY_SECOND_NS : COURTESY_LOOK_NS);
}
