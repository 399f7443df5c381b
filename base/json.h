/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON: the only way to cJSON. It adds to it what a daemon needs: limits on
 * length and depth, errors with a place and with the field's name, integers
 * that keep all their bits, and strings that are always valid UTF-8.
 *
 * Field names are case-sensitive everywhere; use these functions, not
 * cJSON_GetObjectItem(), which is not. Building: json_add.h, included below.
 *
 * Pure but for memory. Any thread; a tree belongs to one thread at a time.
 */
#ifndef QS_JSON_H
#define QS_JSON_H

#include "err.h"
#include "span.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdint.h>

enum {
	JSON_DEPTH_MAX = 64,             /**< Nesting accepted by json_parse(). */
	JSON_TEXT_MAX = 16 * 1024 * 1024 /**< Longest text json_parse() takes. */
};

/** Largest integer a JSON number holds exactly (2^53 - 1): what is read. */
#define JSON_INT_EXACT_MAX INT64_C(9007199254740991)
/** Largest integer cJSON prints exactly (15 digits): what is written as number. */
#define JSON_INT_PRINT_MAX INT64_C(999999999999999)

enum {
	JSON_E_ABSENT = 1, /**< There is no such field, or it is null. */
};

/** A field that must be there: absent becomes -EINVAL (the message is set already). */
static inline int json_required(int r)
{
	return r == JSON_E_ABSENT ? -EINVAL : r;
}

/** A field that may be absent: the value stays what it was. */
static inline int json_optional(int r)
{
	return r == JSON_E_ABSENT ? 0 : r;
}

/**
 * Parse one JSON text and nothing after it but white space.
 *
 * @text   n bytes, NUL not needed.
 * @n      At most JSON_TEXT_MAX.
 * @rootp  Set when 0 is returned; free with cJSON_Delete() or _cleanup_(json_cleanup).
 * @msg    "line L, column C: …" on failure.
 * @return 0; -EBADMSG no JSON, invalid UTF-8, too deep; -EMSGSIZE too long; -ENOMEM.
 */
int json_parse(const char *text, size_t n, cJSON **rootp, struct errmsg *msg);

/**
 * Print without white space, on one line.
 *
 * @textp  Set when 0 is returned; free(3).
 * @n_textp Its length without NUL; may be NULL.
 * @return 0 or -ENOMEM.
 */
int json_print(const cJSON *item, char **textp, size_t *n_textp);

/** Print for people: one member a line. As json_print() otherwise. */
int json_print_pretty(const cJSON *item, char **textp, size_t *n_textp);

/** For _cleanup_(). */
static inline void json_cleanup(cJSON **item)
{
	cJSON_Delete(*item);
}

/*
 * Typed getters. @object is an object (anything else has no fields), @field the
 * exact name; values are borrowed from the tree. They return 0 and set the
 * value; JSON_E_ABSENT; or -EINVAL for another type or a value out of range.
 * Unless 0 is returned the value is untouched and @msg says which field and
 * what was expected. Wrap with json_required() or json_optional().
 */

/** A string, at most n_max bytes. */
int json_get_string(const cJSON *object, const char *field, size_t n_max, const char **valuep,
	struct errmsg *msg);
/** true or false. */
int json_get_bool(const cJSON *object, const char *field, bool *valuep, struct errmsg *msg);
/** A whole number as number, or as decimal string (needed beyond 2^53), in [min, max]. */
int json_get_int(const cJSON *object, const char *field, int64_t min, int64_t max, int64_t *valuep,
	struct errmsg *msg);
/** As json_get_int(), 0 to 2^64 - 1. */
int json_get_uint(const cJSON *object, const char *field, uint64_t *valuep, struct errmsg *msg);
/** Any number, finite. */
int json_get_double(const cJSON *object, const char *field, double *valuep, struct errmsg *msg);
/** An array. */
int json_get_array(
	const cJSON *object, const char *field, const cJSON **valuep, struct errmsg *msg);
/** An object. */
int json_get_object(
	const cJSON *object, const char *field, const cJSON **valuep, struct errmsg *msg);

/**
 * Raw bytes: base64 in "<field>Bytes" if that is there, else the bytes of the
 * string "<field>" as they are (it is not unescaped: requests spell names that
 * are valid UTF-8 plainly, and use base64 for all others).
 *
 * @field  At most 64 bytes.
 * @n_max  Longest result.
 * @bytesp Set when 0 is returned; the data is on the heap, free(3); NUL-terminated
 *         beyond n for convenience.
 * @return As the getters, or -ENOMEM.
 */
int json_get_bytes(const cJSON *object, const char *field, size_t n_max, struct span *bytesp,
	struct errmsg *msg);

/** One base64 string item, as json_get_bytes(). @label is named in @msg. */
int json_bytes_of(const cJSON *item, const char *label, size_t n_max, struct span *bytesp,
	struct errmsg *msg);

/** A whole number from an item, as json_get_int(). @label is named in @msg. */
int json_int_of(const cJSON *item, const char *label, int64_t min, int64_t max, int64_t *valuep,
	struct errmsg *msg);

/**
 * Refuse fields nobody asked for and fields given twice.
 *
 * @names  n_names names that are allowed.
 * @msg    Names the field, and the nearest allowed name if one is near.
 * @return 0 or -EINVAL; also -EINVAL when @object is no object.
 */
int json_check_fields(
	const cJSON *object, const char *const names[], size_t n_names, struct errmsg *msg);

#include "json_add.h"

#endif
