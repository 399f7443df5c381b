/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store has milliseconds, a literal may have finer digits: whether it has
 * is kept, so that "after 12.0001 s" is not "after 12 s" (the list would
 * repeat what a client has seen) and "from 12.0001 s on" is not "from 12 s on".
 */
#include "store_literal.h"

#include <errno.h>
#include <string.h>

static const int store_literal_month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static bool store_literal_is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Exactly n digits at *atp, which is moved on. -1: they are not there. */
static int store_literal_digits(const char **atp, int n)
{
	int value = 0;

	for (; n > 0; n--, ++*atp) {
		if (**atp < '0' || **atp > '9')
			return -1;
		value = value * 10 + (**atp - '0');
	}
	return value;
}

static bool store_literal_is(const char **atp, char expected)
{
	if (**atp != expected)
		return false;
	++*atp;
	return true;
}

static int64_t store_literal_days(int year, int month, int day)
{
	int y = year - 1;
	int64_t days = (int64_t)y * 365 + y / 4 - y / 100 + y / 400 - 719162; /* to 1970-01-01 */

	for (int m = 0; m < month - 1; m++)
		days += store_literal_month_days[m] + (m == 1 && store_literal_is_leap(year));
	return days + day - 1;
}

static int store_literal_date(const char **atp, int64_t *daysp)
{
	int year = store_literal_digits(atp, 4);
	int month = year >= 1970 && store_literal_is(atp, '-') ? store_literal_digits(atp, 2) : -1;
	int day = month >= 1 && store_literal_is(atp, '-') ? store_literal_digits(atp, 2) : -1;

	if (month < 1 || month > 12 || day < 1)
		return -EINVAL;
	if (day > store_literal_month_days[month - 1] + (month == 2 && store_literal_is_leap(year)))
		return -EINVAL;
	*daysp = store_literal_days(year, month, day);
	return 0;
}

/* ".123…": milliseconds, and whether there was more. */
static int store_literal_fraction(const char **atp, int64_t *msp, bool *has_restp)
{
	int n = 0;

	*msp = 0;
	*has_restp = false;
	if (!store_literal_is(atp, '.'))
		return 0;
	for (; **atp >= '0' && **atp <= '9'; ++*atp, n++) {
		if (n < 3)
			*msp = *msp * 10 + (**atp - '0');
		else
			*has_restp = *has_restp || **atp != '0';
	}
	for (int i = n; i < 3; i++)
		*msp *= 10;
	return n >= 1 && n <= 9 ? 0 : -EINVAL;
}

int store_literal_time(const char *text, int64_t *unix_msp, bool *has_restp)
{
	const char *at = text;
	int64_t days = 0;
	int64_t ms = 0;
	bool has_rest = false;
	int hour;
	int minute;
	int second;

	if (store_literal_date(&at, &days) < 0 || !store_literal_is(&at, 'T'))
		return -EINVAL;
	hour = store_literal_digits(&at, 2);
	minute = hour >= 0 && store_literal_is(&at, ':') ? store_literal_digits(&at, 2) : -1;
	second = minute >= 0 && store_literal_is(&at, ':') ? store_literal_digits(&at, 2) : -1;
	if (hour > 23 || minute > 59 || second < 0 || second > 59 ||
		store_literal_fraction(&at, &ms, &has_rest) < 0 || strcmp(at, "Z") != 0)
		return -EINVAL;
	*unix_msp = ((days * 24 + hour) * 60 + minute) * 60000 + second * INT64_C(1000) + ms;
	*has_restp = has_rest;
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
