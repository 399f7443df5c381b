/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON-RPC 2.0, one message a line: from bytes to a request, from an answer to
 * bytes. docs/local-protocol.md.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_JSONRPC_H
#define QS_JSONRPC_H

#include "fault.h"
#include "json.h"

struct jsonrpc_request {
	cJSON *root;     /**< Owned; the rest points into it. */
	const cJSON *id; /**< NULL: a notification, which gets no answer. */
	const char *method;
	const cJSON *params;       /**< An object; NULL when there was none. */
	const cJSON *on_behalf_of; /**< For on_behalf_parse(), of any type; NULL: there was none. */
};

#define JSONRPC_REQUEST_NULL                                                                       \
	{                                                                                          \
		.root = NULL                                                                       \
	}

/**
 * Parse one line.
 *
 * @request  jsonrpc_request_deinit() it in every case: of a request that is
 *           refused, the id may be known.
 * @fault    ParseError or InvalidRequest on failure.
 * @return   0; -EINVAL; -ENOMEM.
 */
int jsonrpc_parse(const char *line, size_t n, struct jsonrpc_request *request, struct fault *fault);

/** Free; idempotent. */
void jsonrpc_request_deinit(struct jsonrpc_request *request);

/**
 * An answer as a line, newline included.
 *
 * @id      Copied; NULL is written as null.
 * @result  Taken in every case; NULL is -ENOMEM.
 * @linep   Heap, free(3).
 * @return  0 or -ENOMEM.
 */
int jsonrpc_result(const cJSON *id, cJSON *result, char **linep, size_t *n_linep);

/** An error answer, likewise. */
int jsonrpc_fault(const cJSON *id, const struct fault *fault, char **linep, size_t *n_linep);

/** A notification, likewise. @params is taken. */
int jsonrpc_notification(const char *method, cJSON *params, char **linep, size_t *n_linep);

#endif
