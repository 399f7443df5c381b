/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts are told apart by their superblock: a mark on one mount of it makes
 * opens slow there only, but who is held back on the other loses little.
 *
 * What a thread waited for a CPU is taken off: at the lowest priority on a busy
 * machine that is most of any duration, and says nothing about the mount.
 */
#include "pacer.h"

#include "clock.h"
#include "open_pace.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PACER_STEP_NS UINT64_C(50000000) /* between two looks for a cancel */

struct pacer_mount {
	dev_t dev;
	struct open_pace pace;
};

struct pacer {
	pthread_mutex_t lock;
	struct pacer_mount mounts[PACER_MOUNTS_MAX]; /* under the lock, as is n_mounts */
	size_t n_mounts;
	atomic_uint n_slow; /* mounts whose level is not 0; written under the lock */
};

struct pacer *pacer_new(void)
{
	struct pacer *pacer = calloc(1, sizeof(*pacer));

	if (pacer)
		(void)pthread_mutex_init(&pacer->lock, NULL);
	return pacer;
}

void pacer_free(struct pacer *pacer)
{
	if (!pacer)
		return;
	(void)pthread_mutex_destroy(&pacer->lock);
	free(pacer);
}

void pacer_sit(struct pacer_seat *seat)
{
	seat->schedstat_fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
}

void pacer_rise(struct pacer_seat *seat)
{
	if (seat->schedstat_fd >= 0)
		(void)close(seat->schedstat_fd);
	seat->schedstat_fd = -1;
}

/* "run wait slices", nanoseconds the first two. */
static uint64_t pacer_queued_ns(const struct pacer_seat *seat)
{
	char text[96];
	uint64_t queued_ns = 0;
	ssize_t n = -1;

	if (seat->schedstat_fd >= 0)
		n = pread(seat->schedstat_fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own number, its width fits */
	return sscanf(text, "%*u %" SCNu64, &queued_ns) == 1 ? queued_ns : 0;
}

bool pacer_is_slow(const struct pacer *pacer)
{
	return atomic_load(&pacer->n_slow) > 0;
}

/* NULL: there are more than are told apart. Under the lock. */
static struct open_pace *pacer_pace(struct pacer *pacer, dev_t dev, bool is_far)
{
	struct pacer_mount *mount;

	for (size_t i = 0; i < pacer->n_mounts; i++)
		if (pacer->mounts[i].dev == dev)
			return &pacer->mounts[i].pace;
	if (pacer->n_mounts == PACER_MOUNTS_MAX)
		return NULL;
	mount = &pacer->mounts[pacer->n_mounts++];
	*mount = (struct pacer_mount){.dev = dev, .pace = OPEN_PACE_NULL};
	mount->pace.is_far = is_far;
	return &mount->pace;
}

static void pacer_sleep_until(struct gate *gate, uint64_t at_ns)
{
	uint64_t now_ns;

	while ((now_ns = clock_mono_ns()) < at_ns && !gate_is_cancelled(gate)) {
		uint64_t left_ns = at_ns - now_ns;
		const struct timespec wait = {
			.tv_nsec = (long)(left_ns < PACER_STEP_NS ? left_ns : PACER_STEP_NS)};

		(void)nanosleep(&wait, NULL);
	}
}

uint64_t pacer_hold(struct pacer *pacer, struct gate *gate, dev_t dev, bool is_far)
{
	struct open_pace *pace;
	uint64_t now_ns;
	uint64_t at_ns;

	if (!pacer_is_slow(pacer))
		return 0;
	now_ns = clock_mono_ns();
	(void)pthread_mutex_lock(&pacer->lock);
	pace = pacer_pace(pacer, dev, is_far);
	at_ns = pace ? open_pace_take(pace, now_ns) : now_ns;
	(void)pthread_mutex_unlock(&pacer->lock);
	if (at_ns == now_ns)
		return 0;
	pacer_sleep_until(gate, at_ns);
	return clock_mono_ns() - now_ns;
}

void pacer_begin(struct pacer_seat *seat)
{
	seat->queued_ns = pacer_queued_ns(seat);
	seat->began_ns = clock_mono_ns();
}

void pacer_end(struct pacer *pacer, struct pacer_seat *seat, dev_t dev, bool is_far)
{
	uint64_t took_ns = clock_mono_ns() - seat->began_ns;
	uint64_t queued_ns = pacer_queued_ns(seat) - seat->queued_ns;
	struct open_pace *pace;

	(void)pthread_mutex_lock(&pacer->lock);
	pace = pacer_pace(pacer, dev, is_far);
	if (pace) {
		bool was_slow = pace->level > 0;

		open_pace_note(pace, took_ns > queued_ns ? took_ns - queued_ns : 0);
		if (was_slow && pace->level == 0)
			(void)atomic_fetch_sub(&pacer->n_slow, 1);
		if (!was_slow && pace->level > 0)
			(void)atomic_fetch_add(&pacer->n_slow, 1);
	}
	(void)pthread_mutex_unlock(&pacer->lock);
}
