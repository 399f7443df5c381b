/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows slide by a twentieth of their length: often enough that a burst which
 * lies across two whole seconds is seen (a window that sits up to 50 ms off
 * misses at most a twentieth of it), rarely enough that the ring is small. A
 * scan of a day has 1.7 million windows, so percentiles come from a histogram.
 */
#include "meter.h"

#include "check.h"

#include <string.h>

void meter_start(struct meter *m, double n_cpus)
{
	PRE(n_cpus > 0);
	memset(m, 0, sizeof(*m));
	m->n_cpus = n_cpus;
	load_history_init(&m->history);
}

static double meter_load_pct(const struct meter *m, uint64_t cpu_ns, uint64_t wall_ns)
{
	return wall_ns == 0 ? 0.0 : 100.0 * (double)cpu_ns / ((double)wall_ns * m->n_cpus);
}

/* The newest sample that is a whole window old; NULL while there is none. */
static const struct meter_sample *meter_window_start(const struct meter *m)
{
	for (size_t back = 1; back <= m->n_samples && back <= METER_N_SAMPLES; back++) {
		const struct meter_sample *s = &m->samples[(m->n_samples - back) % METER_N_SAMPLES];

		if (m->active_ns - s->active_ns >= METER_WINDOW_NS)
			return s;
	}
	return NULL;
}

static void meter_take_window(struct meter *m)
{
	const struct meter_sample *s = meter_window_start(m);

	if (!s)
		return;
	m->window_pct = meter_load_pct(m, m->cpu_ns - s->cpu_ns, m->active_ns - s->active_ns);
	load_history_window(&m->history, m->window_pct);
}

static void meter_take_sample(struct meter *m)
{
	m->samples[m->n_samples % METER_N_SAMPLES] = (struct meter_sample){
		.active_ns = m->active_ns,
		.cpu_ns = m->cpu_ns,
		.asked_ns = m->asked_ns,
	};
	m->n_samples++;
}

/* The time since the newest sample goes into the series. */
static void meter_tell_history(struct meter *m, const struct meter_sample *newest)
{
	const struct load_point more = {
		.active_ns = m->active_ns - newest->active_ns,
		.cpu_ns = m->cpu_ns - newest->cpu_ns,
		.asked_ns = m->asked_ns - newest->asked_ns,
	};

	load_history_add(&m->history, &more);
}

void meter_note(struct meter *m, uint64_t now_ns, uint64_t cpu_ns, double aim, bool is_paused)
{
	const struct meter_sample *newest;
	uint64_t elapsed_ns = m->has_noted ? now_ns - m->last_at_ns : 0;

	PRE(!m->has_noted || now_ns >= m->last_at_ns);
	if (is_paused) {
		m->paused_ns += elapsed_ns;
	} else {
		m->active_ns += elapsed_ns;
		m->asked_ns += (uint64_t)(aim * (double)elapsed_ns);
	}
	m->has_noted = true;
	m->last_at_ns = now_ns;
	m->cpu_ns = cpu_ns;
	if (m->n_samples == 0) {
		meter_take_sample(m);
		return;
	}
	newest = &m->samples[(m->n_samples - 1) % METER_N_SAMPLES];
	if (m->active_ns - newest->active_ns < METER_SAMPLE_NS)
		return;
	meter_tell_history(m, newest);
	meter_take_window(m);
	meter_take_sample(m);
}

double meter_mean_pct(const struct meter *m)
{
	return meter_load_pct(m, m->cpu_ns, m->active_ns);
}
