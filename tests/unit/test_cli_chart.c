/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli_chart: points in, lines of text out. */
#include "snapshot.h"

#include "cli_chart.h"
#include "utf8.h"

#include <float.h>
#include <math.h>

enum { MANY = 1000000 };

static const char title[] = "Load over time, per cent of 2 CPUs";

/* On the heap; "" when nothing was drawn, which must be so unless @expected is 0. */
static char *drawn(const struct cli_chart_point points[], size_t n,
	const struct cli_chart_config *config, int expected)
{
	char *text = NULL;
	size_t n_text = 0;
	FILE *out = open_memstream(&text, &n_text);

	assert_non_null(out);
	assert_int_equal(cli_chart_draw(out, points, n, config), expected);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(n_text > 0, expected == 0);
	return text;
}

/* A load with a slow start, a dip, a peak, and a limit that is lowered near the end. */
static struct cli_chart_point *series(size_t n, double duration_s, double asked)
{
	struct cli_chart_point *points = calloc(n + 1, sizeof(*points));

	assert_non_null(points);
	for (size_t i = 0; i < n; i++) {
		double part = (double)i / (double)n;
		double now = part < 0.85 ? asked : asked / 2;
		double kept = now > 0 ? now : 93;

		if (part < 0.03)
			kept *= 0.3;
		else if (part > 0.3 && part < 0.38)
			kept *= 0.5;
		else if (part > 0.6 && part < 0.63)
			kept *= 1.04;
		else
			kept *= 0.995 + 0.01 * ((double)(i * 7 % 11) / 11 - 0.5);
		points[i] = (struct cli_chart_point){duration_s, now, kept};
	}
	return points;
}

/* What it looks like: the file is for eyes as well. */
static void looks(void **state)
{
	static const struct {
		size_t n;
		double duration_s;
		double asked;
		struct cli_chart_config config;
	} rows[] = {
		{240, 5, 50, {title, 80, 10, true, false}},
		{240, 5, 50, {title, 80, 10, false, false}},
		{240, 90, 25, {title, 100, 10, true, false}},
		{240, 60, 20, {title, 72, 10, false, false}},
		{240, 4, 15, {title, 60, 10, true, false}},
		{240, 3, 33, {title, 60, 10, true, false}},
		{240, 3, 33, {title, 60, 10, false, false}},
		{240, 2, 100, {title, 60, 10, true, false}},
		{240, 700, 0, {title, 70, 10, true, false}},
		{240, 20000, 5, {title, 70, 8, true, false}},
		{240, 5, 50, {title, 60, 5, true, false}},
		{240, 5, 50, {"", 40, 10, true, false}},
		{240, 5, 50, {title, 16, 10, true, false}},
		{2, 0.25, 50, {title, 60, 10, true, false}},
		{1, 2, 10, {title, 60, 10, false, false}},
	};
	char path[512];
	char *text = NULL;
	size_t n_text = 0;
	FILE *out = open_memstream(&text, &n_text);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cli_chart_point *points =
			series(rows[i].n, rows[i].duration_s, rows[i].asked);

		(void)fprintf(out, "---- %zu points of %g s, %g %% asked, %zu x %zu\n", rows[i].n,
			rows[i].duration_s, rows[i].asked, rows[i].config.width,
			rows[i].config.height);
		assert_int_equal(cli_chart_draw(out, points, rows[i].n, &rows[i].config), 0);
		free(points);
	}
	assert_int_equal(fclose(out), 0);
	(void)snprintf(path, sizeof(path), "%s/chart.out", CLI_SNAPSHOTS);
	snapshot_check(path, text);
	free(text);
}

/* One second at 3 of 5 %, one at 5.6: half of the columns each, whole rows and eighths. */
static void two_points(void **state)
{
	static const struct cli_chart_point points[] = {{1, 5, 3}, {1, 5, 5.6}};
	struct cli_chart_config config = {"T", 16, 10, false, false};
	char *text = drawn(points, 2, &config, 0);

	(void)state;
	assert_string_equal(text, "T\n"
				  "  5 %|_____:::::\n"
				  "  4 %|     #####\n"
				  "  3 %|     #####\n"
				  "  2 %|##########\n"
				  "  1 %|##########\n"
				  "  0 %|##########\n"
				  "     +----------\n"
				  "      0\n");
	free(text);
	config.is_utf8 = true;
	text = drawn(points, 2, &config, 0);
	assert_string_equal(text, "T\n"
				  "  5 %│_____▅▅▅▅▅\n"
				  "  4 %│     █████\n"
				  "  3 %│     █████\n"
				  "  2 %│██████████\n"
				  "  1 %│██████████\n"
				  "  0 %│██████████\n"
				  "     └──────────\n"
				  "      0\n");
	free(text);
}

/* A line through a row: under a bar's top, and through a bar that goes on above it. */
static void line_in_a_row(void **state)
{
	static const struct cli_chart_point points[] = {
		{2, 33, 30}, {2, 33, 32}, {2, 33, 34.5}, {2, 33, 38}, {2, 0, 38}};
	static const struct cli_chart_config config = {"", 16, 10, true, false};
	char *text = drawn(points, 5, &config, 0);
	const char *row = strstr(text, " 30 %");

	(void)state;
	assert_int_equal(strncmp(row, " 30 %│────▇▇──██\n", strlen(" 30 %│────▇▇──██\n")), 0);
	free(text);
}

/* Nothing, or nothing that means anything. */
static void no_points(void **state)
{
	static const double bad[] = {-1, -DBL_MAX, NAN, -NAN, -INFINITY};
	static const struct cli_chart_config config = {title, 80, 10, true, false};
	static const struct cli_chart_point short_ones[] = {{0, 50, 50}, {9e-7, 50, 50}};

	(void)state;
	free(drawn(NULL, 0, &config, CLI_CHART_E_EMPTY));
	free(drawn(short_ones, 2, &config, CLI_CHART_E_EMPTY));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cli_chart_point points[] = {
			{bad[i], 50, 50}, {1, bad[i], 50}, {1, 50, bad[i]}};
		struct cli_chart_point mixed[] = {{bad[i], 50, 50}, {5, 50, 50}, {1, bad[i], 50},
			{5, 50, 50}, {1, 50, bad[i]}};
		struct cli_chart_point good[] = {{10, 50, 50}};
		char *with = drawn(mixed, 5, &config, 0);
		char *without = drawn(good, 1, &config, 0);

		free(drawn(points, 3, &config, CLI_CHART_E_EMPTY));
		assert_string_equal(with, without);
		free(with);
		free(without);
	}
}

static void check_line(const char *line, size_t n, const struct cli_chart_config *config)
{
	size_t width = 0;

	assert_true(n > 0 && line[n - 1] != ' ');
	for (size_t at = 0; at < n; width++) {
		uint32_t code = 0;
		size_t n_bytes = utf8_next((const uint8_t *)line + at, n - at, &code);

		assert_true(n_bytes > 0 && code >= 0x20 && code != 0x7f);
		assert_true(config->is_utf8 || code < 0x7f);
		at += n_bytes;
	}
	if (width > config->width)
		fail_msg("%zu columns for %zu: %.*s", width, config->width, (int)n, line);
}

static void check_lines(const char *text, const struct cli_chart_config *config)
{
	size_t height = config->height;
	size_t n_lines = 0;
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1, n_lines++)
		check_line(text, (size_t)(end - text), config);
	assert_int_equal(*text, '\0');
	height = height < CLI_CHART_HEIGHT_MIN ? CLI_CHART_HEIGHT_MIN : height;
	height = height > CLI_CHART_HEIGHT_MAX ? CLI_CHART_HEIGHT_MAX : height;
	assert_true(n_lines > 3 && n_lines <= height + 3);
}

static void check_sizes(const struct cli_chart_point points[], size_t n)
{
	for (size_t width = 0; width <= 250; width++) {
		struct cli_chart_config config = {title, width, width % 25, width % 2, false};
		int r = width < CLI_CHART_WIDTH_MIN ? CLI_CHART_E_NARROW : 0;
		char *text = drawn(points, n, &config, r);

		if (r == 0)
			check_lines(text, &config);
		free(text);
	}
}

/* No line is wider than was asked for, and there are no more than were asked for. */
static void every_width(void **state)
{
	static const size_t counts[] = {1, 2, 3, 7, 240, 1000};
	static const double asked[] = {0, 5, 12.5, 33, 50, 99.9, 100, 900};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (size_t k = 0; k < sizeof(asked) / sizeof(asked[0]); k++) {
			struct cli_chart_point *points =
				series(counts[i], 0.01 * (double)(k * k * k + 1), asked[k]);

			check_sizes(points, counts[i]);
			free(points);
		}
	}
}

/* Any numbers, all combinations. */
static void any_numbers(void **state)
{
	static const double n[] = {0, DBL_MIN, 4.9e-324, 1e-6, 0.049, 1, 899, 900, 901, 1e9, 1e300,
		DBL_MAX, INFINITY, NAN, -1};
	enum { N = sizeof(n) / sizeof(n[0]), N_ALL = N * N * N };
	static struct cli_chart_point all[N_ALL];
	size_t n_all = 0;

	(void)state;
	for (size_t i = 0; i < N_ALL; i++)
		all[n_all++] = (struct cli_chart_point){n[i % N], n[i / N % N], n[i / N / N % N]};
	check_sizes(all, n_all);
	for (size_t i = 0; i < n_all; i++) {
		struct cli_chart_config config = {title, 16 + i % 185, i % 23, true, false};
		bool is_point = all[i].duration_s >= 1e-6 && all[i].asked_pct >= 0 &&
				all[i].achieved_pct >= 0;
		char *text = drawn(&all[i], 1, &config, is_point ? 0 : CLI_CHART_E_EMPTY);

		if (is_point)
			check_lines(text, &config);
		free(text);
	}
}

/* A million points are drawn as what they average to. */
static void many_points(void **state)
{
	struct cli_chart_point *points = calloc(MANY, sizeof(*points));
	struct cli_chart_point one = {MANY, 50, 40};
	struct cli_chart_config config = {title, 80, 10, true, false};
	char *text;
	char *expected = drawn(&one, 1, &config, 0);

	(void)state;
	assert_non_null(points);
	for (size_t i = 0; i < MANY; i++)
		points[i] = (struct cli_chart_point){1, 50, i % 2 ? 30 : 50};
	text = drawn(points, MANY, &config, 0);
	assert_string_equal(text, expected);
	free(text);
	free(expected);
	free(points);
}

/* A point counts as long as it lasts: 3 s of 40 % and 1 s of nothing are 30 %. */
static void weighed_by_duration(void **state)
{
	struct cli_chart_config config = {title, 16, 10, true, false};
	struct cli_chart_point points[40];
	struct cli_chart_point one = {80, 50, 30};
	char *text;
	char *expected = drawn(&one, 1, &config, 0);

	(void)state;
	for (size_t i = 0; i < 40; i++)
		points[i] = i % 2 ? (struct cli_chart_point){1, 50, 0}
				  : (struct cli_chart_point){3, 50, 40};
	text = drawn(points, 40, &config, 0);
	assert_string_equal(text, expected);
	free(text);
	free(expected);
}

/* What is next to nothing is not nothing. */
static void little_shows(void **state)
{
	static const struct cli_chart_point points[] = {{5, 50, 0.01}, {5, 50, 0}};
	static const struct cli_chart_config config = {title, 16, 10, true, false};
	char *text = drawn(points, 2, &config, 0);

	(void)state;
	assert_non_null(strstr(text, "  0 %│▁▁▁▁▁\n"));
	free(text);
}

/* A label that was moved to stay inside would stand in the one before it: its tick stays. */
static void labels_apart(void **state)
{
	static const struct cli_chart_point one = {92.2, 5, 5};
	static const struct cli_chart_config config = {title, 43, 10, false, false};
	char *text = drawn(&one, 1, &config, 0);

	(void)state;
	assert_string_equal(strstr(text, "     +"), "     +------------+-----------+-----------+\n"
						    "      0         30 s        1 min\n");
	free(text);
}

/* Colours change nothing but colours, and end with their line. */
static void colours(void **state)
{
	struct cli_chart_point *points = series(240, 5, 50);
	struct cli_chart_config config = {title, 80, 10, true, true};
	char *text = drawn(points, 240, &config, 0);
	char *plain;
	size_t n = 0;
	bool is_on = false;
	bool was_on = false;

	(void)state;
	for (const char *at = text; *at; at++) {
		if (*at == '\x1b') {
			is_on = strncmp(at, "\x1b[0m", 4) != 0;
			was_on = was_on || is_on;
			at = strchr(at, 'm');
			continue;
		}
		assert_false(*at == '\n' && is_on);
		text[n++] = *at;
	}
	text[n] = '\0';
	assert_true(was_on);
	config.is_colour = false;
	plain = drawn(points, 240, &config, 0);
	assert_null(strchr(plain, '\x1b'));
	assert_string_equal(text, plain);
	free(plain);
	free(text);
	free(points);
}

/* A full disk is in the stream's error flag. */
static void no_room(void **state)
{
	struct cli_chart_point one = {10, 50, 50};
	struct cli_chart_config config = {title, 80, 10, true, false};
	FILE *out = fopen("/dev/full", "we");

	(void)state;
	assert_non_null(out);
	assert_int_equal(cli_chart_draw(out, &one, 1, &config), 0);
	assert_int_equal(fflush(out), EOF);
	assert_true(ferror(out));
	(void)fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(looks), cmocka_unit_test(two_points),
		cmocka_unit_test(line_in_a_row), cmocka_unit_test(no_points),
		cmocka_unit_test(every_width), cmocka_unit_test(any_numbers),
		cmocka_unit_test(many_points), cmocka_unit_test(weighed_by_duration),
		cmocka_unit_test(little_shows), cmocka_unit_test(labels_apart),
		cmocka_unit_test(colours), cmocka_unit_test(no_room)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
