/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bucket is kept as one instant (a "virtual scheduling" leaky bucket): the
 * time at which it would be full again. Taking one moves it on by the time one
 * token needs; it may lie at most a burst ahead.
 */
#include "outbox.h"

#include "channel.h"
#include "clock.h"
#include "waits.h"

#include <stdio.h>

void outbox_init(struct outbox *outbox, int fd)
{
	memset(outbox, 0, sizeof(*outbox));
	outbox->fd = fd;
	(void)pthread_mutex_init(&outbox->lock, NULL);
}

void outbox_deinit(struct outbox *outbox)
{
	(void)pthread_mutex_destroy(&outbox->lock);
}

int outbox_send(struct outbox *outbox, uint16_t type, const void *msg)
{
	bool was_set = waits_lift();
	int r = channel_send(outbox->fd, type, msg, NULL, 0);

	waits_lower(was_set);
	return r;
}

bool outbox_limit_take(struct outbox_limit *limit, uint64_t now_ns)
{
	const uint64_t token_ns = UINT64_C(1000000000) / OUTBOX_PER_SECOND;
	uint64_t from_ns = limit->full_at_ns > now_ns ? limit->full_at_ns : now_ns;

	if (from_ns + token_ns > now_ns + token_ns * OUTBOX_BURST) {
		limit->n_held++;
		return false;
	}
	limit->full_at_ns = from_ns + token_ns;
	return true;
}

void outbox_notice_now(
	struct outbox *outbox, enum ipc_notice_kind kind, struct span path, const char *text)
{
	struct ipc_scan_notice notice = {
		.kind = (uint8_t)kind, .path = path, .text = span_str(text)};

	if (notice.path.n > IPC_PATH_MAX)
		notice.path.n = IPC_PATH_MAX;
	if (notice.text.n > IPC_TEXT_MAX)
		notice.text.n = IPC_TEXT_MAX;
	(void)outbox_send(outbox, IPC_SCAN_NOTICE, &notice);
}

void outbox_notice(
	struct outbox *outbox, enum ipc_notice_kind kind, struct span path, const char *text)
{
	bool is_let_through;

	(void)pthread_mutex_lock(&outbox->lock);
	is_let_through = outbox_limit_take(&outbox->limits[kind], clock_mono_ns());
	(void)pthread_mutex_unlock(&outbox->lock);
	if (is_let_through)
		outbox_notice_now(outbox, kind, path, text);
}

void outbox_flush(struct outbox *outbox)
{
	for (size_t kind = 0; kind < IPC_NOTICE_KIND_N; kind++) {
		char text[64];
		uint64_t n_held;

		(void)pthread_mutex_lock(&outbox->lock);
		n_held = outbox->limits[kind].n_held;
		outbox->limits[kind].n_held = 0;
		(void)pthread_mutex_unlock(&outbox->lock);
		if (n_held == 0)
			continue;
		(void)snprintf(text, sizeof(text), "and %llu more", (unsigned long long)n_held);
		outbox_notice_now(outbox, (enum ipc_notice_kind)kind, (struct span)SPAN_NULL, text);
	}
}
