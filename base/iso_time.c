/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader that walks over the text once. Days are counted by the civil
 * calendar's own arithmetic: timegm(3) would take 31 February for 3 March.
 */
#include "iso_time.h"

#include <errno.h>

enum { ISO_TIME_FRACTION_MAX = 9 };

struct iso_time_reader {
	const char *at;
	const char *end;
};

/* Exactly @n_digits digits, at most @max. */
static int iso_time_number(struct iso_time_reader *reader, int n_digits, int max, int *valuep)
{
	int value = 0;

	for (int i = 0; i < n_digits; i++) {
		if (reader->at == reader->end || *reader->at < '0' || *reader->at > '9')
			return -EINVAL;
		value = value * 10 + (*reader->at++ - '0');
	}
	*valuep = value;
	return value <= max ? 0 : -EINVAL;
}

static bool iso_time_take(struct iso_time_reader *reader, const char *set)
{
	for (; *set != '\0' && reader->at < reader->end; set++) {
		if (*reader->at == *set) {
			reader->at++;
			return true;
		}
	}
	return false;
}

static bool iso_time_is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static int iso_time_days(int year, int month, int day, int64_t *daysp)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	int64_t past = year - 1;
	int length;

	if (year < 1 || month < 1 || month > 12)
		return -EINVAL;
	length = before[month] - before[month - 1] + (month == 2 && iso_time_is_leap(year));
	if (day < 1 || day > length)
		return -EINVAL;
	*daysp = past * 365 + past / 4 - past / 100 + past / 400 + before[month - 1] +
		 (month > 2 && iso_time_is_leap(year)) + day - 1 - 719162;
	return 0;
}

static int iso_time_fraction(struct iso_time_reader *reader, int *msp, bool *is_exactp)
{
	int n = 0;

	for (int scale = 100; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
		n++, scale /= 10) {
		int digit = *reader->at++ - '0';

		*msp += digit * scale;
		if (scale == 0 && digit != 0)
			*is_exactp = false;
	}
	return n >= 1 && n <= ISO_TIME_FRACTION_MAX ? 0 : -EINVAL;
}

/* Minutes east of Greenwich. */
static int iso_time_zone(struct iso_time_reader *reader, int *minutesp)
{
	bool is_west;
	int hours = 0;
	int minutes = 0;

	if (reader->at == reader->end || iso_time_take(reader, "Zz"))
		return 0;
	is_west = *reader->at == '-';
	if (!iso_time_take(reader, "+- ") || iso_time_number(reader, 2, 14, &hours) < 0)
		return -EINVAL;
	(void)iso_time_take(reader, ":");
	if (reader->at < reader->end && iso_time_number(reader, 2, 59, &minutes) < 0)
		return -EINVAL;
	*minutesp = (is_west ? -1 : 1) * (hours * 60 + minutes);
	return 0;
}

/* What follows the date; milliseconds since midnight, UTC. */
static int iso_time_clock(struct iso_time_reader *reader, int64_t *msp, bool *is_exactp)
{
	int hour = 0;
	int minute = 0;
	int second = 0;
	int ms = 0;
	int zone = 0;

	if (reader->at == reader->end)
		return 0;
	if (!iso_time_take(reader, "Tt ") || iso_time_number(reader, 2, 23, &hour) < 0 ||
		!iso_time_take(reader, ":") || iso_time_number(reader, 2, 59, &minute) < 0)
		return -EINVAL;
	if (iso_time_take(reader, ":")) {
		if (iso_time_number(reader, 2, 60, &second) < 0)
			return -EINVAL;
		if (iso_time_take(reader, ".,") && iso_time_fraction(reader, &ms, is_exactp) < 0)
			return -EINVAL;
	}
	if (iso_time_zone(reader, &zone) < 0)
		return -EINVAL;
	*msp = ((int64_t)hour * 60 + minute - zone) * 60000 + (int64_t)second * 1000 + ms;
	return 0;
}

int iso_time_parse(const char *text, size_t n, int64_t *unix_msp, bool *is_exactp)
{
	struct iso_time_reader reader = {text, text + n};
	bool is_exact = true;
	int64_t days = 0;
	int64_t ms = 0;
	int year = 0;
	int month = 0;
	int day = 0;

	if (iso_time_number(&reader, 4, 9999, &year) < 0 || !iso_time_take(&reader, "-") ||
		iso_time_number(&reader, 2, 12, &month) < 0 || !iso_time_take(&reader, "-") ||
		iso_time_number(&reader, 2, 31, &day) < 0 ||
		iso_time_days(year, month, day, &days) < 0 ||
		iso_time_clock(&reader, &ms, &is_exact) < 0 || reader.at != reader.end)
		return -EINVAL;
	*unix_msp = days * 86400000 + ms;
	if (is_exactp)
		*is_exactp = is_exact;
	return 0;
}
