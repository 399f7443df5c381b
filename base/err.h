/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors: the one contract every fallible function of this project keeps.
 *
 *   0         done
 *   negative  -errno or a UV_* code (on Linux the same numbers): forwarded
 *             unchanged by whoever does not know better
 *   positive  a condition of the called module, X_E_*: documented, handled by
 *             the direct caller, never forwarded
 *
 * Pure but for the trace, which goes to the log at level debug. Any thread.
 */
#ifndef QS_ERR_H
#define QS_ERR_H

#include <stddef.h>

/** A sentence for a person who asks "why". Innermost writes, callers prefix. */
struct errmsg {
	char text[512]; /**< NUL-terminated, "" when nothing was said. */
};

#define ERRMSG_NULL                                                                                \
	{                                                                                          \
		.text = ""                                                                         \
	}

/**
 * Write the innermost message; replaces what was there.
 *
 * @msg  May be NULL: nothing happens.
 */
void errmsg_set(struct errmsg *msg, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * Put "text: " before what is there. @msg may be NULL. What does not fit is
 * cut at the end, so that the outermost words stay.
 */
void errmsg_prefix(struct errmsg *msg, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * Text of a negative code ("no space left on device"), from libc.
 *
 * @r      A negative code; 0 gives "success", a positive one "condition N".
 * @return A string of the calling thread, valid until its next call.
 */
const char *err_text(int r);

/** Raise, forward, and fold (an unexpected condition becomes -ENOTRECOVERABLE). */
#define err_origin(r) err_note((r), "raised", __FILE__, __LINE__, __func__)
#define err_trace(r) err_note((r), "forwarded", __FILE__, __LINE__, __func__)
#define err_fold(r) err_fold_note((r), __FILE__, __LINE__, __func__)

/** Behind err_origin() and err_trace(); returns @r. Use the macros. */
int err_note(int r, const char *what, const char *file, int line, const char *func);
/** Behind err_fold(); returns @r if it is <= 0. Use the macro. */
int err_fold_note(int r, const char *file, int line, const char *func);

#endif
