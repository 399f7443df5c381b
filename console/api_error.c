/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table. Clients look for "code" and, for a scan that is running already,
 * for the literal text "message":"Action is already in progress".
 */
#include "api_error.h"

#include "check.h"
#include "cleanup.h"
#include "json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *code;
	unsigned status;
} api_error_table[API_ERROR_N] = {
	[API_ERROR_NONE] = {"InternalServerError", 500},
	[API_ERROR_BAD_REQUEST] = {"BadRequest", 400},
	[API_ERROR_ODATA] = {"ODataError", 400},
	[API_ERROR_INVALID_INPUT] = {"InvalidInput", 400},
	[API_ERROR_INVALID_BODY] = {"InvalidRequestBody", 400},
	[API_ERROR_INVALID_HASH] = {"InvalidHashValue", 400},
	[API_ERROR_INVALID_IP] = {"InvalidIpAddress", 400},
	[API_ERROR_MISSING_PARAMETER] = {"MissingRequiredParameter", 400},
	[API_ERROR_OS_NOT_SUPPORTED] = {"OsPlatformNotSupported", 400},
	[API_ERROR_ACTIVE_REQUEST] = {"ActiveRequestAlreadyExists", 400},
	[API_ERROR_UNAUTHORIZED] = {"Unauthorized", 401},
	[API_ERROR_FORBIDDEN] = {"Forbidden", 403},
	[API_ERROR_NOT_FOUND] = {"NotFound", 404},
	[API_ERROR_RESOURCE_NOT_FOUND] = {"ResourceNotFound", 404},
	[API_ERROR_METHOD] = {"MethodNotAllowed", 405},
	[API_ERROR_TOO_MANY] = {"TooManyRequests", 429},
	[API_ERROR_INTERNAL] = {"InternalServerError", 500},
	[API_ERROR_UNAVAILABLE] = {"InternalServerError", 503},
	[API_ERROR_TIMEOUT] = {"InternalServerError", 504},
};

const char *api_error_code(enum api_error error)
{
	PRE(error < API_ERROR_N);
	return api_error_table[error].code;
}

unsigned api_error_status(enum api_error error)
{
	PRE(error < API_ERROR_N);
	return api_error_table[error].status;
}

int api_fault_set(struct api_fault *fault, enum api_error error, const char *fmt, ...)
{
	va_list args;

	fault->error = error;
	va_start(args, fmt);
	(void)vsnprintf(fault->msg.text, sizeof(fault->msg.text), fmt, args);
	va_end(args);
	return -EINVAL;
}

int api_error_body(enum api_error error, const char *message, const char *target, char **textp)
{
	_cleanup_(json_cleanup) cJSON *json = cJSON_CreateObject();
	cJSON *inner = cJSON_AddObjectToObject(json, "error");
	int r = json_add_string(inner, "code", api_error_code(error));

	r |= json_add_string(inner, "message", message);
	r |= json_add_string(inner, "target", target);
	return r < 0 ? r : json_print(json, textp, NULL);
}

enum api_error api_error_of(int number, int transport)
{
	static const struct {
		int number;
		enum api_error error;
	} table[] = {
		{-32602, API_ERROR_INVALID_INPUT}, {-32001, API_ERROR_ACTIVE_REQUEST},
		{-32002, API_ERROR_RESOURCE_NOT_FOUND}, {-32003, API_ERROR_FORBIDDEN},
		{-32004, API_ERROR_BAD_REQUEST},      /* InvalidState */
		{-32005, API_ERROR_BAD_REQUEST},      /* SignaturesMissing */
		{-32006, API_ERROR_UNAVAILABLE},      /* StoreUnavailable */
		{-32007, API_ERROR_UNAVAILABLE},      /* ShuttingDown */
		{-32008, API_ERROR_OS_NOT_SUPPORTED}, /* NotSupported */
	};

	if (transport == -ETIMEDOUT)
		return API_ERROR_TIMEOUT;
	if (transport != 0)
		return API_ERROR_UNAVAILABLE;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].number == number)
			return table[i].error;
	return API_ERROR_INTERNAL;
}
