/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One place decides how a value of ours looks in JSON, so that the local
 * protocol, the action log and the web interface agree.
 */
#include "json_add.h"

#include "base64.h"
#include "check.h"
#include "cleanup.h"
#include "clock.h"
#include "display.h"
#include "utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { JSON_ADD_LABEL_MAX = 64 };

int json_add_item(cJSON *object, const char *field, cJSON *item)
{
	if (item && cJSON_AddItemToObject(object, field, item))
		return 0;
	cJSON_Delete(item);
	return err_origin(-ENOMEM);
}

int json_append(cJSON *array, cJSON *item)
{
	if (item && cJSON_AddItemToArray(array, item))
		return 0;
	cJSON_Delete(item);
	return err_origin(-ENOMEM);
}

static cJSON *json_add_new_display(struct span bytes)
{
	_cleanup_(cleanup_free) char *text = display_dup(bytes);

	return text ? cJSON_CreateString(text) : NULL;
}

cJSON *json_new_string(const char *value)
{
	if (!value)
		return cJSON_CreateNull();
	if (!utf8_is_valid(span_str(value)))
		return json_add_new_display(span_str(value));
	return cJSON_CreateString(value);
}

int json_add_string(cJSON *object, const char *field, const char *value)
{
	return json_add_item(object, field, json_new_string(value));
}

int json_add_display(cJSON *object, const char *field, struct span bytes)
{
	return json_add_item(object, field, json_add_new_display(bytes));
}

int json_add_bytes(cJSON *object, const char *field, struct span bytes)
{
	char label[JSON_ADD_LABEL_MAX + sizeof("Bytes")];
	_cleanup_(cleanup_free) char *text = malloc(base64_encoded_size(bytes.n));
	int r;

	PRE(strlen(field) <= JSON_ADD_LABEL_MAX);
	if (!text)
		return err_origin(-ENOMEM);
	(void)snprintf(label, sizeof(label), "%sBytes", field);
	base64_encode(bytes, text);
	r = json_add_display(object, field, bytes);
	if (r < 0)
		return r;
	return json_add_string(object, label, text);
}

int json_add_int(cJSON *object, const char *field, int64_t value)
{
	char text[32];

	if (value >= -JSON_INT_PRINT_MAX && value <= JSON_INT_PRINT_MAX)
		return json_add_item(object, field, cJSON_CreateNumber((double)value));
	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	return json_add_string(object, field, text);
}

int json_add_uint(cJSON *object, const char *field, uint64_t value)
{
	char text[32];

	if (value <= (uint64_t)JSON_INT_PRINT_MAX)
		return json_add_item(object, field, cJSON_CreateNumber((double)value));
	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	return json_add_string(object, field, text);
}

int json_add_double(cJSON *object, const char *field, double value, int n_digits)
{
	static const double scales[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

	PRE(n_digits >= 0 && n_digits <= 6);
	if (!isfinite(value))
		return json_add_null(object, field);
	return json_add_item(object, field,
		cJSON_CreateNumber(round(value * scales[n_digits]) / scales[n_digits]));
}

int json_add_bool(cJSON *object, const char *field, bool value)
{
	return json_add_item(object, field, cJSON_CreateBool(value));
}

int json_add_null(cJSON *object, const char *field)
{
	return json_add_item(object, field, cJSON_CreateNull());
}

int json_add_time(cJSON *object, const char *field, int64_t unix_ms)
{
	char text[CLOCK_ISO_SIZE];

	if (unix_ms == 0)
		return json_add_null(object, field);
	clock_iso(unix_ms, text);
	return json_add_string(object, field, text);
}

int json_add_array_text(cJSON *object, const char *field, const char *text)
{
	cJSON *array = NULL;
	int r = text ? json_parse(text, strlen(text), &array, NULL) : -EBADMSG;

	if (r == 0 && !cJSON_IsArray(array)) {
		cJSON_Delete(array);
		r = -EBADMSG;
	}
	if (r < 0)
		array = r == -ENOMEM ? NULL : cJSON_CreateArray();
	return json_add_item(object, field, array);
}
