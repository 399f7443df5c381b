/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A first look over JSON text: what cJSON would accept and we do not, and
 * where in the text things stand, which cJSON does not keep.
 *
 * Pure: no allocation. Any thread.
 */
#ifndef QS_JSON_SCAN_H
#define QS_JSON_SCAN_H

#include "err.h"

#include <stddef.h>

/** A place in a text; both count from 1, columns in bytes. */
struct json_place {
	size_t line;
	size_t column;
};

/** The place of byte @at of a text of n bytes. */
struct json_place json_scan_place(const char *text, size_t n, size_t at);

/**
 * Check what the parser leaves open: valid UTF-8, no NUL (raw or \u0000), no
 * raw control character in a string, nesting.
 *
 * @depth_max Deepest nesting of arrays and objects allowed.
 * @msg       "line L, column C: …" on failure.
 * @return    0 or -EBADMSG.
 */
int json_scan_check(const char *text, size_t n, size_t depth_max, struct errmsg *msg);

/**
 * Where the name of a member of the outermost object stands.
 *
 * @text   Text that was parsed without error.
 * @index  Counts the members from 0.
 * @return Its place; line 0 when there is no such member.
 */
struct json_place json_scan_member(const char *text, size_t n, size_t index);

#endif
