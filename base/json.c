/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cJSON keeps numbers as doubles; a byte count or an id beyond 2^53 would come
 * back as its neighbour. Such numbers travel as decimal strings, and a JSON
 * number beyond that is refused instead of rounded. It also prints with 15
 * digits and takes that for equal (compare_double), so what we write becomes a
 * string from 10^15 on.
 */
#include "json.h"

#include "base64.h"
#include "check.h"
#include "cleanup.h"
#include "json_scan.h"
#include "nearest.h"

#include <math.h>
#include <stdio.h>

enum { JSON_LABEL_MAX = 64 };

int json_parse(const char *text, size_t n, cJSON **rootp, struct errmsg *msg)
{
	const char *end = NULL;
	struct json_place place;
	bool is_json;
	cJSON *root;
	int r;

	if (n > JSON_TEXT_MAX) {
		errmsg_set(msg, "longer than %d bytes", JSON_TEXT_MAX);
		return -EMSGSIZE;
	}
	r = json_scan_check(text, n, JSON_DEPTH_MAX, msg);
	if (r < 0)
		return r;
	errno = 0; /* cJSON tells no difference between bad text and no memory */
	root = n ? cJSON_ParseWithLengthOpts(text, n, &end, false) : NULL;
	if (!root && errno == ENOMEM) {
		errmsg_set(msg, "%s", err_text(-ENOMEM));
		return err_origin(-ENOMEM);
	}
	is_json = root != NULL;
	if (is_json) {
		while (end < text + n && strchr(" \t\r\n", *end))
			end++;
		if (end == text + n) {
			*rootp = root;
			return 0;
		}
		cJSON_Delete(root);
	}
	place = json_scan_place(text, n, end ? (size_t)(end - text) : 0);
	errmsg_set(msg, "line %zu, column %zu: %s", place.line, place.column,
		is_json ? "something follows the JSON value" : "this is not JSON");
	return -EBADMSG;
}

static int json_printed(char *text, char **textp, size_t *n_textp)
{
	if (!text)
		return err_origin(-ENOMEM);
	*textp = text;
	if (n_textp)
		*n_textp = strlen(text);
	return 0;
}

int json_print(const cJSON *item, char **textp, size_t *n_textp)
{
	return json_printed(cJSON_PrintUnformatted(item), textp, n_textp);
}

int json_print_pretty(const cJSON *item, char **textp, size_t *n_textp)
{
	return json_printed(cJSON_Print(item), textp, n_textp);
}

static int json_wrong(const char *field, const char *expected, struct errmsg *msg)
{
	errmsg_set(msg, "\"%s\" must be %s", field, expected);
	return -EINVAL;
}

static int json_find(
	const cJSON *object, const char *field, const cJSON **itemp, struct errmsg *msg)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, field);

	if (!item || cJSON_IsNull(item)) {
		errmsg_set(msg, "\"%s\" is missing", field);
		return JSON_E_ABSENT;
	}
	*itemp = item;
	return 0;
}

int json_get_string(const cJSON *object, const char *field, size_t n_max, const char **valuep,
	struct errmsg *msg)
{
	const cJSON *item;
	int r = json_find(object, field, &item, msg);

	if (r)
		return r;
	if (!cJSON_IsString(item))
		return json_wrong(field, "a string", msg);
	if (strlen(item->valuestring) > n_max) {
		errmsg_set(msg, "\"%s\" must have at most %zu bytes", field, n_max);
		return -EINVAL;
	}
	*valuep = item->valuestring;
	return 0;
}

int json_get_bool(const cJSON *object, const char *field, bool *valuep, struct errmsg *msg)
{
	const cJSON *item;
	int r = json_find(object, field, &item, msg);

	if (r)
		return r;
	if (!cJSON_IsBool(item))
		return json_wrong(field, "true or false", msg);
	*valuep = cJSON_IsTrue(item);
	return 0;
}

static bool json_is_digits(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

int json_int_of(const cJSON *item, const char *label, int64_t min, int64_t max, int64_t *valuep,
	struct errmsg *msg)
{
	int64_t value;

	if (cJSON_IsNumber(item)) {
		double number = item->valuedouble;

		if (!(fabs(number) <= (double)JSON_INT_EXACT_MAX) || floor(number) != number)
			return json_wrong(
				label, "a whole number (beyond 2^53 a string of its digits)", msg);
		value = (int64_t)number;
	} else if (cJSON_IsString(item) &&
		   json_is_digits(item->valuestring + (item->valuestring[0] == '-'))) {
		errno = 0;
		value = strtoll(item->valuestring, NULL, 10);
		if (errno == ERANGE)
			return json_wrong(label, "a whole number of 64 bits", msg);
	} else {
		return json_wrong(label, "a whole number", msg);
	}
	if (value < min || value > max) {
		errmsg_set(msg, "\"%s\" must be from %lld to %lld", label, (long long)min,
			(long long)max);
		return -EINVAL;
	}
	*valuep = value;
	return 0;
}

int json_get_int(const cJSON *object, const char *field, int64_t min, int64_t max, int64_t *valuep,
	struct errmsg *msg)
{
	const cJSON *item;
	int r = json_find(object, field, &item, msg);

	return r ? r : json_int_of(item, field, min, max, valuep, msg);
}

int json_get_uint(const cJSON *object, const char *field, uint64_t *valuep, struct errmsg *msg)
{
	const cJSON *item;
	int64_t number = 0;
	int r = json_find(object, field, &item, msg);

	if (r)
		return r;
	if (cJSON_IsString(item) && json_is_digits(item->valuestring)) {
		unsigned long long large;

		errno = 0;
		large = strtoull(item->valuestring, NULL, 10);
		if (errno == ERANGE)
			return json_wrong(field, "a whole number of 64 bits", msg);
		*valuep = large;
		return 0;
	}
	r = json_int_of(item, field, 0, INT64_MAX, &number, msg);
	if (r < 0)
		return r;
	*valuep = (uint64_t)number;
	return 0;
}

int json_get_double(const cJSON *object, const char *field, double *valuep, struct errmsg *msg)
{
	const cJSON *item;
	int r = json_find(object, field, &item, msg);

	if (r)
		return r;
	if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
		return json_wrong(field, "a number", msg);
	*valuep = item->valuedouble;
	return 0;
}

int json_get_array(const cJSON *object, const char *field, const cJSON **valuep, struct errmsg *msg)
{
	const cJSON *item;
	int r = json_find(object, field, &item, msg);

	if (r)
		return r;
	if (!cJSON_IsArray(item))
		return json_wrong(field, "an array", msg);
	*valuep = item;
	return 0;
}

int json_get_object(
	const cJSON *object, const char *field, const cJSON **valuep, struct errmsg *msg)
{
	const cJSON *item;
	int r = json_find(object, field, &item, msg);

	if (r)
		return r;
	if (!cJSON_IsObject(item))
		return json_wrong(field, "an object", msg);
	*valuep = item;
	return 0;
}

static int json_copy(struct span from, struct span *bytesp)
{
	char *copy = malloc(from.n + 1);

	if (!copy)
		return err_origin(-ENOMEM);
	if (from.n)
		memcpy(copy, from.data, from.n);
	copy[from.n] = '\0';
	*bytesp = (struct span){.data = copy, .n = from.n};
	return 0;
}

int json_bytes_of(
	const cJSON *item, const char *label, size_t n_max, struct span *bytesp, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *buf = NULL;
	struct span text;
	size_t n = 0;
	size_t size;

	if (!cJSON_IsString(item))
		return json_wrong(label, "a string of base64", msg);
	text = span_str(item->valuestring);
	size = base64_decoded_size(text.n);
	if (text.n >= base64_encoded_size(n_max) || text.n > BASE64_BYTES_MAX) {
		errmsg_set(msg, "\"%s\" must hold at most %zu bytes", label, n_max);
		return -EINVAL;
	}
	buf = malloc(size + 1);
	if (!buf)
		return err_origin(-ENOMEM);
	if (base64_decode(text, buf, size, &n) < 0)
		return json_wrong(label, "base64 with padding, without line breaks", msg);
	if (n > n_max)
		return json_wrong(label, "shorter", msg);
	buf[n] = '\0';
	*bytesp = (struct span){.data = buf, .n = n};
	buf = NULL;
	return 0;
}

int json_get_bytes(const cJSON *object, const char *field, size_t n_max, struct span *bytesp,
	struct errmsg *msg)
{
	char label[JSON_LABEL_MAX + sizeof("Bytes")];
	const cJSON *item;
	const char *text = NULL;
	int r;

	PRE(strlen(field) <= JSON_LABEL_MAX);
	(void)snprintf(label, sizeof(label), "%sBytes", field);
	if (json_find(object, label, &item, NULL) == 0)
		return json_bytes_of(item, label, n_max, bytesp, msg);
	r = json_get_string(object, field, n_max, &text, msg);
	return r ? r : json_copy(span_str(text), bytesp);
}

int json_check_fields(
	const cJSON *object, const char *const names[], size_t n_names, struct errmsg *msg)
{
	if (!cJSON_IsObject(object)) {
		errmsg_set(msg, "this must be an object");
		return -EINVAL;
	}
	for (const cJSON *item = object->child; item; item = item->next) {
		const char *near;
		size_t i = 0;

		while (i < n_names && strcmp(names[i], item->string) != 0)
			i++;
		if (i == n_names) {
			near = nearest_find(item->string, names, n_names);
			errmsg_set(msg, "\"%.64s\" is not known here%s%s%s", item->string,
				near ? "; did you mean \"" : "", near ? near : "",
				near ? "\"?" : "");
			return -EINVAL;
		}
		if (cJSON_GetObjectItemCaseSensitive(object, item->string) != item) {
			errmsg_set(msg, "\"%s\" is given twice", item->string);
			return -EINVAL;
		}
	}
	return 0;
}
