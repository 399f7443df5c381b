/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Defender's errors: {"error":{"code","message","target"}}, where target is the
 * GUID of the request. Each code has one HTTP status.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_API_ERROR_H
#define QS_API_ERROR_H

#include "err.h"

enum api_error {
	API_ERROR_NONE,
	API_ERROR_BAD_REQUEST,
	API_ERROR_ODATA,
	API_ERROR_INVALID_INPUT,
	API_ERROR_INVALID_BODY,
	API_ERROR_INVALID_HASH,
	API_ERROR_INVALID_IP,
	API_ERROR_MISSING_PARAMETER,
	API_ERROR_OS_NOT_SUPPORTED,
	API_ERROR_ACTIVE_REQUEST, /**< ActiveRequestAlreadyExists */
	API_ERROR_UNAUTHORIZED,
	API_ERROR_FORBIDDEN,
	API_ERROR_NOT_FOUND,
	API_ERROR_RESOURCE_NOT_FOUND,
	API_ERROR_METHOD, /**< 405, which Defender's table does not have. */
	API_ERROR_TOO_MANY,
	API_ERROR_INTERNAL,
	API_ERROR_UNAVAILABLE, /**< 503: the daemon is not there; InternalServerError. */
	API_ERROR_TIMEOUT,     /**< 504: it does not answer; likewise. */
	API_ERROR_N,
};

/** Why a request is not carried out. */
struct api_fault {
	enum api_error error;
	struct errmsg msg;
};

#define API_FAULT_NULL                                                                             \
	{                                                                                          \
		.error = API_ERROR_NONE, .msg = ERRMSG_NULL                                        \
	}

/** "BadRequest", "ODataError", … */
const char *api_error_code(enum api_error error);

/** 400, 401, … */
unsigned api_error_status(enum api_error error);

/**
 * Set a fault.
 *
 * @return -EINVAL, for "return api_fault_set(…)".
 */
int api_fault_set(struct api_fault *fault, enum api_error error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * The body of an error.
 *
 * @target  GUID of the request.
 * @textp   Set when 0 is returned; free(3).
 * @return  0 or -ENOMEM.
 */
int api_error_body(enum api_error error, const char *message, const char *target, char **textp);

/**
 * What an error of the local protocol is here.
 *
 * @number  Its number, as in local-protocol.md; 0: none, see @transport.
 * @transport  0, or how the call failed: -ECONNREFUSED, -ETIMEDOUT, ….
 */
enum api_error api_error_of(int number, int transport);

#endif
