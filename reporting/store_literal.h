/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A literal of a filter: from a JSON value to a value that SQL is bound to.
 *
 * Pure. Any thread.
 */
#ifndef QS_STORE_LITERAL_H
#define QS_STORE_LITERAL_H

#include "err.h"
#include "json.h"
#include "store_field.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	STORE_LITERAL_TEXT_MAX = 4096, /**< Bytes of a text. */
	STORE_LITERAL_PART_MAX = 256,  /**< Of one that is searched for in others. */
};

enum store_literal_type {
	STORE_LITERAL_NULL,
	STORE_LITERAL_TEXT,
	STORE_LITERAL_BYTES,
	STORE_LITERAL_INTEGER,
	STORE_LITERAL_REAL,
};

struct store_literal {
	enum store_literal_type type;
	const char *text; /**< TEXT and BYTES: NUL-terminated; borrowed of the JSON. */
	int64_t integer;  /**< INTEGER: also of a time and of a bool. */
	double real;      /**< REAL */
	/** A time that has more than whole milliseconds: it lies after integer, before the next. */
	bool has_rest;
};

/**
 * Read a literal for a field.
 *
 * @item   A string, number, bool or null, as the type wants; an integer may be a
 *         string of its digits.
 * @msg    Says what is expected.
 * @return 0; -EINVAL.
 */
int store_literal_read(enum store_field_type type, const cJSON *item, struct store_literal *literal,
	struct errmsg *msg);

/**
 * Read a time: "2026-11-24T03:55:12.1234567Z", 0 to 9 digits of a fraction,
 * years 1970 to 9999; the fraction may be left out with its point.
 *
 * @unix_msp   Set when 0 is returned: milliseconds since 1970, rounded down.
 * @has_restp  Set to whether something was cut off.
 * @return     0; -EINVAL.
 */
int store_literal_time(const char *text, int64_t *unix_msp, bool *has_restp);

#endif
