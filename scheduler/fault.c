/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table, so that a number and a word cannot be paired in two ways. */
#include "fault.h"

#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
	int number;
	const char *word;
} fault_table[FAULT_N] = {
	[FAULT_NONE] = {0, "None"},
	[FAULT_PARSE_ERROR] = {-32700, "ParseError"},
	[FAULT_INVALID_REQUEST] = {-32600, "InvalidRequest"},
	[FAULT_METHOD_NOT_FOUND] = {-32601, "MethodNotFound"},
	[FAULT_INVALID_INPUT] = {-32602, "InvalidInput"},
	[FAULT_INTERNAL] = {-32603, "InternalServerError"},
	[FAULT_ACTIVE_REQUEST] = {-32001, "ActiveRequestAlreadyExists"},
	[FAULT_NOT_FOUND] = {-32002, "NotFound"},
	[FAULT_FORBIDDEN] = {-32003, "Forbidden"},
	[FAULT_INVALID_STATE] = {-32004, "InvalidState"},
	[FAULT_SIGNATURES_MISSING] = {-32005, "SignaturesMissing"},
	[FAULT_STORE_UNAVAILABLE] = {-32006, "StoreUnavailable"},
	[FAULT_SHUTTING_DOWN] = {-32007, "ShuttingDown"},
	[FAULT_NOT_SUPPORTED] = {-32008, "NotSupported"},
};

int fault_number(enum fault_code code)
{
	PRE((unsigned)code < FAULT_N);
	return fault_table[code].number;
}

const char *fault_word(enum fault_code code)
{
	PRE((unsigned)code < FAULT_N);
	return fault_table[code].word;
}

int fault_set(struct fault *fault, enum fault_code code, const char *target, const char *fmt, ...)
{
	va_list ap;

	fault->code = code;
	(void)snprintf(fault->target, sizeof(fault->target), "%s", target ? target : "");
	va_start(ap, fmt);
	(void)vsnprintf(fault->msg.text, sizeof(fault->msg.text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int fault_from_store(struct fault *fault, int r, const struct errmsg *msg)
{
	const char *text = msg->text[0] ? msg->text : err_text(r);

	PRE(r < 0);
	switch (r) {
	case -ENOSPC:
	case -EDQUOT:
	case -EIO:
	case -EROFS:
	case -EBUSY:
		(void)fault_set(fault, FAULT_STORE_UNAVAILABLE, NULL,
			"nothing was done, the record cannot be made durable: %s", text);
		break;
	default:
		(void)fault_set(fault, FAULT_INTERNAL, NULL, "%s", text);
	}
	return r;
}
