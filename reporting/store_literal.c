/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store has milliseconds, a literal may have finer digits: whether it has
 * is kept, so that "after 12.0001 s" is not "after 12 s" (the list would
 * repeat what a client has seen) and "from 12.0001 s on" is not "from 12 s on".
 */
#include "store_literal.h"

#include "iso_time.h"

#include <errno.h>
#include <string.h>

/** Of "2026-11-24T03:55:12Z". */
enum { STORE_LITERAL_TIME_MIN = 20 };

/*
 * The protocol's one form, "2026-11-24T03:55:12[.1234567]Z", since 1970; other
 * forms that iso_time knows are those of other protocols.
 */
int store_literal_time(const char *text, int64_t *unix_msp, bool *has_restp)
{
	size_t n = strlen(text);
	int64_t unix_ms = 0;
	bool is_exact = true;

	if (n < STORE_LITERAL_TIME_MIN || text[10] != 'T' || text[n - 1] != 'Z' ||
		(n > STORE_LITERAL_TIME_MIN && text[STORE_LITERAL_TIME_MIN - 1] != '.') ||
		strncmp(text + 17, "60", 2) == 0 ||
		iso_time_parse(text, n, &unix_ms, &is_exact) < 0 || unix_ms < 0)
		return -EINVAL;
	*unix_msp = unix_ms;
	*has_restp = !is_exact;
	return 0;
}

static int store_literal_refuse(struct errmsg *msg, const char *expected)
{
	errmsg_set(msg, "%s is expected", expected);
	return -EINVAL;
}

static int store_literal_text(
	enum store_literal_type type, const cJSON *item, struct store_literal *literal)
{
	literal->type = type;
	literal->text = item->valuestring;
	return cJSON_IsString(item) && strlen(item->valuestring) <= STORE_LITERAL_TEXT_MAX
		       ? 0
		       : -EINVAL;
}

int store_literal_read(enum store_field_type type, const cJSON *item, struct store_literal *literal,
	struct errmsg *msg)
{
	*literal = (struct store_literal){.type = STORE_LITERAL_INTEGER};
	if (cJSON_IsNull(item)) {
		literal->type = STORE_LITERAL_NULL;
		return 0;
	}
	switch (type) {
	case STORE_FIELD_TEXT:
	case STORE_FIELD_OPTIONAL:
	case STORE_FIELD_MACHINE:
	case STORE_FIELD_DNS:
		return store_literal_text(STORE_LITERAL_TEXT, item, literal) == 0
			       ? 0
			       : store_literal_refuse(msg, "a string of at most 4096 bytes");
	case STORE_FIELD_BYTES:
		return store_literal_text(STORE_LITERAL_BYTES, item, literal) == 0
			       ? 0
			       : store_literal_refuse(msg, "a string of at most 4096 bytes");
	case STORE_FIELD_INTEGER:
		return json_int_of(item, "it", INT64_MIN, INT64_MAX, &literal->integer, NULL) == 0
			       ? 0
			       : store_literal_refuse(msg, "a whole number");
	case STORE_FIELD_REAL:
		literal->type = STORE_LITERAL_REAL;
		literal->real = item->valuedouble;
		return cJSON_IsNumber(item) ? 0 : store_literal_refuse(msg, "a number");
	case STORE_FIELD_BOOL:
		literal->integer = cJSON_IsTrue(item);
		return cJSON_IsBool(item) ? 0 : store_literal_refuse(msg, "true or false");
	case STORE_FIELD_TIME:
		break;
	}
	if (!cJSON_IsString(item) ||
		store_literal_time(item->valuestring, &literal->integer, &literal->has_rest) < 0)
		return store_literal_refuse(msg, "a time as 2026-11-24T03:55:12.1234567Z");
	return 0;
}
