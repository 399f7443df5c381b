/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Percent-encoding, and the "name=value&name=value" of queries and forms.
 *
 * Pure. Any thread.
 */
#ifndef QS_PERCENT_H
#define QS_PERCENT_H

#include "span.h"

enum {
	PERCENT_PLAIN = 0, /**< '+' is a plus: paths. */
	PERCENT_FORM = 1,  /**< '+' is a blank: queries and forms. */
};

/**
 * Decode. What comes out is text: valid UTF-8 without control characters.
 *
 * @text   Any bytes.
 * @mode   PERCENT_…
 * @buf    Receives at most n_buf - 1 bytes and a NUL.
 * @return 0; -EINVAL a broken '%', or no text; -EMSGSIZE it does not fit.
 */
int percent_decode(struct span text, int mode, char *buf, size_t n_buf);

/** One "name=value", raw. */
struct percent_pair {
	struct span whole;
	struct span name;
	struct span value; /**< Empty when there is no '='. */
};

/**
 * Take the next pair off the front; empty ones ("a=1&&b=2") are passed over.
 *
 * @rest   What is left; moved on.
 * @return false when nothing is left.
 */
bool percent_next(struct span *rest, struct percent_pair *pair);

#endif
