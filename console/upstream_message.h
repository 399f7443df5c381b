/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the local protocol, seen from a client: requests out, answers and
 * notifications in.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_UPSTREAM_MESSAGE_H
#define QS_UPSTREAM_MESSAGE_H

#include "upstream.h"

struct upstream_message_call {
	int64_t id;
	const char *method;
	const struct upstream_caller *caller; /**< NULL: without onBehalfOf. */
};

/** What came. Everything points into root. */
struct upstream_message {
	cJSON *root;        /**< Owned. */
	const char *method; /**< Of a notification; NULL: an answer. */
	const cJSON *params;
	int64_t id; /**< Of an answer; -1: it has none that is a number. */
	struct upstream_reply reply;
};

/**
 * A request as a line.
 *
 * @params   An object, taken in every case; NULL sends none.
 * @linep    Heap, newline included, no NUL; set when 0 is returned.
 * @return   0; -EMSGSIZE longer than UPSTREAM_REQUEST_MAX; -ENOMEM.
 */
int upstream_message_request(
	const struct upstream_message_call *call, cJSON *params, char **linep, size_t *n_linep);

/**
 * Read a line.
 *
 * @message  upstream_message_deinit() it in every case.
 * @return   0; -EBADMSG no object; -EMSGSIZE; -ENOMEM.
 */
int upstream_message_read(
	const char *line, size_t n, struct upstream_message *message, struct errmsg *msg);

/** Free; idempotent. */
void upstream_message_deinit(struct upstream_message *message);

/** A reply that says only how the transport failed. */
struct upstream_reply upstream_message_failure(int transport);

#endif
