/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why an operator's request was not done: one of the codes of
 * docs/local-protocol.md, what it is about, and a sentence.
 *
 * Pure. Any thread.
 */
#ifndef QS_FAULT_H
#define QS_FAULT_H

#include "err.h"

enum fault_code {
	FAULT_NONE,
	FAULT_PARSE_ERROR,
	FAULT_INVALID_REQUEST,
	FAULT_METHOD_NOT_FOUND,
	FAULT_INVALID_INPUT,
	FAULT_INTERNAL,
	FAULT_ACTIVE_REQUEST,
	FAULT_NOT_FOUND,
	FAULT_FORBIDDEN,
	FAULT_INVALID_STATE,
	FAULT_SIGNATURES_MISSING,
	FAULT_STORE_UNAVAILABLE,
	FAULT_SHUTTING_DOWN,
	FAULT_NOT_SUPPORTED,
	FAULT_N,
};

enum { FAULT_TARGET_MAX = 128 };

struct fault {
	enum fault_code code;
	char target[FAULT_TARGET_MAX]; /**< A field or an id; cut when longer. */
	struct errmsg msg;             /**< The sentence. */
};

#define FAULT_NULL                                                                                 \
	{                                                                                          \
		.code = FAULT_NONE                                                                 \
	}

/** JSON-RPC's number of a code. */
int fault_number(enum fault_code code);

/** The word of a code: "ActiveRequestAlreadyExists", … */
const char *fault_word(enum fault_code code);

/**
 * Set all of it.
 *
 * @target  May be NULL.
 * @return  -EINVAL, so that "return fault_set(…)" reads well.
 */
int fault_set(struct fault *fault, enum fault_code code, const char *target, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * Make a fault of an error of the store or of ours: disk full and the like are
 * StoreUnavailable, everything else is InternalServerError.
 *
 * @r    Negative.
 * @msg  What was said about it; may be empty.
 * @return r
 */
int fault_from_store(struct fault *fault, int r, const struct errmsg *msg);

#endif
