/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building JSON. Every function appends one field to an object, and returns 0
 * or -ENOMEM; results may be or-ed together ("r |= json_add_…"): the outcome is
 * 0 or -ENOMEM again. On failure the object lacks the field.
 *
 * Whatever string is given, what is added is valid UTF-8: cJSON prints the
 * bytes it gets.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_JSON_ADD_H
#define QS_JSON_ADD_H

#include "json.h"

/** A string of ours; NULL adds null. Invalid UTF-8 is replaced by its display form. */
int json_add_string(cJSON *object, const char *field, const char *value);
/** The display form (display.h) of foreign bytes. */
int json_add_display(cJSON *object, const char *field, struct span bytes);
/** "<field>" as display form and "<field>Bytes" as base64. @field at most 64 bytes. */
int json_add_bytes(cJSON *object, const char *field, struct span bytes);
/** A number; beyond +-JSON_INT_PRINT_MAX a decimal string. */
int json_add_int(cJSON *object, const char *field, int64_t value);
/** As json_add_int(). */
int json_add_uint(cJSON *object, const char *field, uint64_t value);
/** A number, rounded to n_digits (0 to 6) after the point; not finite adds null. */
int json_add_double(cJSON *object, const char *field, double value, int n_digits);
/** true or false. */
int json_add_bool(cJSON *object, const char *field, bool value);
/** null. */
int json_add_null(cJSON *object, const char *field);
/** clock_iso() of milliseconds since 1970; 0 adds null. */
int json_add_time(cJSON *object, const char *field, int64_t unix_ms);
/** Takes @item in every case (frees it on failure); NULL is -ENOMEM. */
int json_add_item(cJSON *object, const char *field, cJSON *item);
/** An array kept as text; [] for NULL and for what is no JSON array: it has been on a disk. */
int json_add_array_text(cJSON *object, const char *field, const char *text);
/** Append to an array; takes @item in every case; NULL is -ENOMEM. */
int json_append(cJSON *array, cJSON *item);
/** A string item as json_add_string() makes it; NULL without memory. */
cJSON *json_new_string(const char *value);

#endif
