/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One stream of events: api_events.h.
 *
 * Logic. Loop thread only.
 */
#ifndef QS_API_STREAM_H
#define QS_API_STREAM_H

#include "api.h"
#include "text_buffer.h"

/** Opaque. */
struct api_stream;

/** States that are told without an id: only the last one of each matters. */
enum api_stream_topic {
	API_STREAM_CHANGED,
	API_STREAM_PROGRESS,
	API_STREAM_TOPICS_N,
};

/** The streams of the API, linked. */
struct api_streams {
	struct console_api *api;
	struct api_stream *first;
	unsigned n;
	uint64_t newest;                              /**< Sequence of the newest event. */
	struct text_buffer last[API_STREAM_TOPICS_N]; /**< What was told last. */
};

/**
 * Begin; the request is gone if 0 is returned.
 *
 * @cursor    Everything after this sequence is sent.
 * @is_fresh  Nothing was sent before: begin with "hello".
 * @return    0 or -ENOMEM.
 */
int api_stream_open(
	struct api_streams *streams, struct api_request *request, uint64_t cursor, bool is_fresh);

/** How many streams a client has. */
unsigned api_stream_count(const struct api_streams *streams, const char *app_id);

/**
 * The timeline is at streams->newest: let all pull that are behind, each at most
 * twice a second. To be called again and again.
 */
void api_stream_advance_all(struct api_streams *streams);

/**
 * The daemon is there anew. A stream that is beyond its newest event saw another
 * store: it begins again, with "hello".
 */
void api_stream_rebase_all(struct api_streams *streams);

/**
 * Send a state to all. A stream that takes nothing now gets what was told last
 * when it takes something again.
 *
 * @data  One line.
 */
void api_stream_tell_all(
	struct api_streams *streams, enum api_stream_topic topic, struct span data);

/** Keep-alive for all; those whose token or client is over are ended. */
void api_stream_keep_all(struct api_streams *streams, int64_t now_s);

/** End all, and let go of what was told. */
void api_stream_end_all(struct api_streams *streams);

#endif
