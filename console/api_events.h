/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live events, as server-sent events (WHATWG HTML, 9.2).
 *
 *   the daemon ── timeline.advanced ──► api_events: how far the timeline is
 *                                        │ tells each stream
 *              ◄── timeline.list ─────── api_stream: a cursor, in its own pace
 *
 * A stream pulls: what a slow client has not taken is not read from the daemon,
 * and nothing is queued for it. Its cursor is the last sequence it was sent, so
 * that nothing is lost when daemon or client are away for a while.
 *
 * Logic. Loop thread only.
 */
#ifndef QS_API_EVENTS_H
#define QS_API_EVENTS_H

#include "api.h"

enum {
	API_EVENTS_STREAMS_MAX = 128, /**< Of all clients, */
	API_EVENTS_CLIENT_MAX = 32,   /**< and of one. */
	API_EVENTS_PROGRESS_MS = 500, /**< Between two looks at a running scan. */
	API_EVENTS_KEEP_ALIVE_MS = 15000,
};

/**
 * Follow the daemon's timeline from now on.
 *
 * @eventsp  Set when 0 is returned; api_events_close() it.
 * @return   0; -ENOMEM; a uv code.
 */
int api_events_open(struct console_api *api, struct api_events **eventsp);

/** End the streams and the timers, and let go of the API when those are closed. */
void api_events_close(struct api_events *events);

/** Streams open now. */
unsigned api_events_n_streams(const struct api_events *events);

#endif
