/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A failure that nobody handles should leave a trail without a debugger: each
 * raise and each forward is one debug line. They cost nothing when the level is
 * higher, and the success path never gets here.
 */
#include "err.h"

#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void errmsg_set(struct errmsg *msg, const char *fmt, ...)
{
	va_list ap;

	if (!msg)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(msg->text, sizeof(msg->text), fmt, ap);
	va_end(ap);
}

void errmsg_prefix(struct errmsg *msg, const char *fmt, ...)
{
	struct errmsg outer = ERRMSG_NULL;
	size_t n;
	va_list ap;

	if (!msg)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(outer.text, sizeof(outer.text), fmt, ap);
	va_end(ap);
	n = strlen(outer.text);
	(void)snprintf(outer.text + n, sizeof(outer.text) - n, ": %s", msg->text);
	*msg = outer;
}

const char *err_text(int r)
{
	static _Thread_local char text[128];

	if (r > 0) {
		(void)snprintf(text, sizeof(text), "condition %d", r);
		return text;
	}
	return strerror_r(-r, text, sizeof(text));
}

int err_note(int r, const char *what, const char *file, int line, const char *func)
{
	if (r < 0)
		log_debug("err", "%s: %s at %s:%d (%s)", err_text(r), what, file, line, func);
	return r;
}

int err_fold_note(int r, const char *file, int line, const char *func)
{
	if (r <= 0)
		return err_note(r, "forwarded", file, line, func);
	log_error("err", "unexpected condition %d at %s:%d (%s)", r, file, line, func);
	return -ENOTRECOVERABLE;
}
