/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing here trusts the other end: a field that is missing or of another
 * type reads as nothing, since a newer or older service may leave it out.
 */
#include "cli_format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *cli_format_count(uint64_t count, char text[CLI_FORMAT_SIZE])
{
	char digits[CLI_FORMAT_SIZE];
	size_t n = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			text[out++] = ',';
		text[out++] = digits[i];
	}
	text[out] = '\0';
	return text;
}

const char *cli_format_bytes(uint64_t n_bytes, char text[CLI_FORMAT_SIZE])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)n_bytes;
	size_t unit = 0;

	while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	(void)snprintf(text, CLI_FORMAT_SIZE, "%.*f %s", unit ? 1 : 0, value, units[unit]);
	return text;
}

const char *cli_format_duration(double seconds, char text[CLI_FORMAT_SIZE])
{
	uint64_t s;

	if (!(seconds >= 0) || seconds > 1e15)
		(void)snprintf(text, CLI_FORMAT_SIZE, "-");
	else if (seconds < 9.95)
		(void)snprintf(text, CLI_FORMAT_SIZE, "%.1f s", seconds);
	else if ((s = (uint64_t)(seconds + 0.5)) < 60)
		(void)snprintf(text, CLI_FORMAT_SIZE, "%" PRIu64 " s", s);
	else if (s < 3600)
		(void)snprintf(
			text, CLI_FORMAT_SIZE, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < 86400)
		(void)snprintf(text, CLI_FORMAT_SIZE, "%" PRIu64 " h %" PRIu64 " min", s / 3600,
			s % 3600 / 60);
	else
		(void)snprintf(text, CLI_FORMAT_SIZE, "%" PRIu64 " d %" PRIu64 " h", s / 86400,
			s % 86400 / 3600);
	return text;
}

const char *cli_format_elapsed(double seconds, char text[CLI_FORMAT_SIZE])
{
	static const struct {
		uint64_t seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	uint64_t left;
	int n = 0;

	if (!(seconds >= 0) || seconds > 1e15)
		return memcpy(text, "-", sizeof("-"));
	if (seconds < 0.05)
		return memcpy(text, "0", sizeof("0"));
	left = (uint64_t)(seconds + 0.5);
	if (seconds < 59.95 && fabs(seconds - (double)left) >= 0.05) {
		(void)snprintf(text, CLI_FORMAT_SIZE, "%.1f s", seconds);
		return text;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (left >= units[i].seconds)
			n += snprintf(text + n, CLI_FORMAT_SIZE - (size_t)n, "%s%" PRIu64 " %s",
				n ? " " : "", left / units[i].seconds, units[i].unit);
		left %= units[i].seconds;
	}
	return text;
}

const char *cli_format_time(const char *iso, char text[CLI_FORMAT_SIZE])
{
	if (!iso || !*iso)
		(void)snprintf(text, CLI_FORMAT_SIZE, "-");
	else if (strlen(iso) > 19 && iso[10] == 'T' && iso[strlen(iso) - 1] == 'Z')
		(void)snprintf(text, CLI_FORMAT_SIZE, "%.10s %.8sZ", iso, iso + 11);
	else
		(void)snprintf(text, CLI_FORMAT_SIZE, "%s", iso);
	return text;
}

const char *cli_format_load(double pct, bool is_aim, char text[CLI_FORMAT_SIZE])
{
	if (!(pct >= 0))
		(void)snprintf(text, CLI_FORMAT_SIZE, "-");
	else if (is_aim && pct < 0.05)
		(void)snprintf(text, CLI_FORMAT_SIZE, "no limit");
	else
		(void)snprintf(text, CLI_FORMAT_SIZE, is_aim ? "%.0f %%" : "%.1f %%", pct);
	return text;
}

const char *cli_format_field(const cJSON *object, const char *field)
{
	const char *value = "";

	(void)json_get_string(object, field, SIZE_MAX, &value, NULL);
	return value;
}

uint64_t cli_format_number(const cJSON *object, const char *field)
{
	uint64_t value = 0;

	(void)json_get_uint(object, field, &value, NULL);
	return value;
}

double cli_format_real(const cJSON *object, const char *field)
{
	double value = -1;

	(void)json_get_double(object, field, &value, NULL);
	return value;
}

bool cli_format_flag(const cJSON *object, const char *field)
{
	bool value = false;

	(void)json_get_bool(object, field, &value, NULL);
	return value;
}
