/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The load document: what goes in comes back; a text that is none costs the past only. */
#include "jsontext.h"

#include "load_document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LONG16 "0123456789abcdef"
#define LONG LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 /* as large as a name's buffer */
#define SECOND UINT64_C(1000000000)

static const struct other_cpu others = {.n_products = 3,
	.products = {{"Other", 3 * SECOND}, {"caf\303\251 \\xff", 1}, {"", 7 * SECOND}}};

static const struct load_summary summary = {.asked_pct = 50,
	.aim_pct = 50,
	.mean_pct = 49.5,
	.n_cpus = 2,
	.n_lanes = 2,
	.others = &others,
	.are_others_counted = true};

static struct other_cpu read_others; /* too large for a stack */

/* A history with something in every field. */
static void fill(struct load_history *h, unsigned n_seconds)
{
	load_history_init(h);
	for (unsigned i = 0; i < n_seconds; i++) {
		const struct load_point point = {
			.active_ns = SECOND, .cpu_ns = SECOND * (i % 2), .asked_ns = SECOND};

		load_history_add(h, &point);
		load_history_window(h, 25.0 * (i % 4));
	}
	h->budget_wait_ns = 11 * SECOND;
	h->disk_wait_ns = 12 * SECOND;
	h->backed_off_ns = 13 * SECOND;
	h->read_held_ns = 14 * SECOND;
	h->slow_open_ns = 16 * SECOND;
	h->governor_ns = 15 * SECOND / 1000;
}

static char *printed(const struct load_history *h)
{
	cJSON *item = NULL;
	char *text = NULL;

	assert_int_equal(load_document_make(h, &summary, &item), 0);
	assert_int_equal(json_print(item, &text, NULL), 0);
	cJSON_Delete(item);
	return text;
}

static void shape(void **state)
{
	struct load_history h;
	cJSON *item = NULL;
	cJSON *point;

	(void)state;
	fill(&h, 4);
	assert_int_equal(load_document_make(&h, &summary, &item), 0);
	point = cJSON_GetArrayItem(cJSON_GetObjectItem(item, "series"), 1);
	assert_true(cJSON_GetObjectItem(item, "asked")->valuedouble == 50);
	assert_true(cJSON_GetObjectItem(item, "mean")->valuedouble == 49.5);
	assert_true(cJSON_GetObjectItem(item, "max")->valuedouble == 75);
	assert_true(cJSON_GetObjectItem(item, "p95")->valuedouble == 75);
	assert_true(cJSON_GetObjectItem(item, "windows")->valuedouble == 4);
	assert_true(cJSON_GetObjectItem(point, "duration")->valuedouble == 1);
	assert_true(cJSON_GetObjectItem(point, "asked")->valuedouble == 50);
	assert_true(cJSON_GetObjectItem(point, "achieved")->valuedouble == 50);
	assert_true(
		cJSON_GetObjectItem(cJSON_GetObjectItem(item, "waiting"), "disk")->valuedouble ==
		12);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(item, "otherAntivirus")), 3);
	point = cJSON_GetArrayItem(cJSON_GetObjectItem(item, "otherAntivirus"), 0);
	assert_string_equal(cJSON_GetObjectItem(point, "name")->valuestring, "Other");
	assert_true(cJSON_GetObjectItem(point, "cpu")->valuedouble == 3);
	point = cJSON_GetArrayItem(cJSON_GetObjectItem(item, "otherAntivirus"), 2);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(point, "name"))); /* the rest */
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(item, "otherAntivirusCounted")));
	cJSON_Delete(item);
}

/* Empty, short, and folded many times. */
static void comes_back(void **state)
{
	static const unsigned sizes[] = {0, 1, 240, 100000};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct load_history h;
		struct load_history back;
		char *text;

		fill(&h, sizes[i]);
		text = printed(&h);
		assert_true(strlen(text) <= LOAD_DOCUMENT_MAX);
		assert_int_equal(load_document_read(text, &back, &read_others), 0);
		/* All of it: there is no padding and every number is a whole one. */
		assert_memory_equal(back.bins, h.bins, sizeof(h.bins));
		assert_int_equal(back.n_points, h.n_points);
		/* Not further: what lies behind is left over from folding. */
		assert_memory_equal(back.points, h.points, h.n_points * sizeof(h.points[0]));
		assert_int_equal(back.step_ns, h.step_ns);
		assert_int_equal(back.n_windows, h.n_windows);
		assert_true(back.window_max_pct == h.window_max_pct);
		assert_int_equal(back.budget_wait_ns, h.budget_wait_ns);
		assert_int_equal(back.disk_wait_ns, h.disk_wait_ns);
		assert_int_equal(back.backed_off_ns, h.backed_off_ns);
		assert_int_equal(back.read_held_ns, h.read_held_ns);
		assert_int_equal(back.slow_open_ns, h.slow_open_ns);
		assert_int_equal(back.governor_ns, h.governor_ns);
		assert_int_equal(read_others.n_products, 3);
		assert_string_equal(read_others.products[0].name, others.products[0].name);
		assert_int_equal(read_others.products[0].cpu_ns, 3 * SECOND);
		assert_string_equal(read_others.products[1].name, others.products[1].name);
		assert_int_equal(read_others.products[1].cpu_ns, 0); /* below a millisecond */
		assert_string_equal(read_others.products[2].name, "");
		assert_int_equal(read_others.products[2].cpu_ns, 7 * SECOND);
		free(text);
	}
}

/* The largest document there is fits what may be read. */
static void largest(void **state)
{
	struct load_history h;
	struct load_history back;
	char *text;

	(void)state;
	load_history_init(&h);
	for (unsigned i = 0; i < LOAD_HISTORY_POINTS_MAX; i++) {
		const struct load_point point = {.active_ns = 123456789 * SECOND + i,
			.cpu_ns = 98765432 * SECOND + 7 * i,
			.asked_ns = 87654321 * SECOND + 3 * i};

		load_history_add(&h, &point);
	}
	for (size_t i = 0; i < LOAD_HISTORY_BINS; i++)
		h.bins[i] = UINT32_MAX - 1;
	text = printed(&h);
	assert_in_range(strlen(text), LOAD_DOCUMENT_MAX / 8, LOAD_DOCUMENT_MAX);
	assert_int_equal(load_document_read(text, &back, &read_others), 0);
	assert_int_equal(back.n_points, LOAD_HISTORY_POINTS_MAX);
	free(text);
}

static void assert_refused(const char *text)
{
	struct load_history h;

	memset(&h, 0xff, sizeof(h));
	if (load_document_read(text, &h, &read_others) != -EINVAL)
		fail_msg("taken: %.200s", text);
	assert_int_equal(h.n_points, 0);
	assert_int_equal(h.n_windows, 0);
	assert_int_equal(h.step_ns, LOAD_HISTORY_STEP_NS);
	assert_int_equal(h.budget_wait_ns, 0);
	assert_int_equal(read_others.n_products, 0);
}

/* Replace @field's value in a good document by @value. */
static void assert_refused_with(const char *field, const char *value)
{
	struct load_history h;
	char *good;
	cJSON *item;
	char *text = NULL;

	fill(&h, 3);
	good = printed(&h);
	item = jsontext_parse(good);
	cJSON_DeleteItemFromObject(item, field);
	if (value)
		cJSON_AddItemToObject(item, field, cJSON_Parse(value));
	assert_int_equal(json_print(item, &text, NULL), 0);
	assert_refused(text);
	free(text);
	free(good);
	cJSON_Delete(item);
}

static void hostile(void **state)
{
	static const char *const fields[] = {
		"cpus", "step", "governorCpu", "waiting", "max", "series", "histogram"};
	static const struct {
		const char *field;
		const char *value;
	} values[] = {
		{"cpus", "0"},
		{"cpus", "-1"},
		{"cpus", "1e308"},
		{"step", "0.5"},
		{"step", "1e300"},
		{"waiting", "{}"},
		{"governorCpu", "-1"},
		{"series", "[1]"},
		{"series", "[{\"duration\":1,\"asked\":-1,\"achieved\":1}]"},
		{"series", "[{\"duration\":1,\"asked\":1,\"achieved\":1e300}]"},
		{"histogram", "[[120.5,1]]"},
		{"histogram", "[[-1,1]]"},
		{"histogram", "[[1,-1]]"},
		{"histogram", "[[1,4294967296]]"},
		{"histogram", "[[1]]"},
		{"histogram", "[1]"},
		{"otherAntivirus", "{}"},
		{"otherAntivirus", "[1]"},
		{"otherAntivirus", "[{\"name\":\"x\"}]"},
		{"otherAntivirus", "[{\"name\":\"x\",\"cpu\":-1}]"},
		{"otherAntivirus", "[{\"name\":7,\"cpu\":1}]"},
		{"otherAntivirus", "[{\"name\":\"" LONG "\",\"cpu\":1}]"},
		{"otherAntivirus", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"},
	};

	(void)state;
	assert_refused("");
	assert_refused("[]");
	assert_refused("{\"cpus\":2");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_refused_with(fields[i], NULL);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_refused_with(values[i].field, values[i].value);
}

/* A text of a version that knew of neither others nor slow opens. */
static void without_others(void **state)
{
	struct load_history h;
	char *good;
	cJSON *item;
	char *text = NULL;

	(void)state;
	fill(&h, 3);
	good = printed(&h);
	item = jsontext_parse(good);
	cJSON_DeleteItemFromObject(item, "otherAntivirus");
	cJSON_DeleteItemFromObject(item, "otherAntivirusCounted");
	cJSON_DeleteItemFromObject(cJSON_GetObjectItem(item, "waiting"), "slowOpens");
	assert_int_equal(json_print(item, &text, NULL), 0);
	assert_int_equal(load_document_read(text, &h, &read_others), 0);
	assert_int_equal(h.n_points, 3);
	assert_int_equal(h.slow_open_ns, 0);
	assert_int_equal(read_others.n_products, 0);
	free(text);
	free(good);
	cJSON_Delete(item);
}

/* More points or more bytes than there can be. */
static void too_long(void **state)
{
	char *text = calloc(1, LOAD_DOCUMENT_MAX + 100);
	struct load_history h;
	char *series;

	(void)state;
	assert_non_null(text);
	fill(&h, 1);
	series = printed(&h);
	memset(text, ' ', LOAD_DOCUMENT_MAX + 1);
	memcpy(text, series, strlen(series));
	assert_refused(text);
	text[LOAD_DOCUMENT_MAX] = '\0';
	assert_int_equal(load_document_read(text, &h, &read_others), 0);
	free(series);
	(void)snprintf(text, LOAD_DOCUMENT_MAX, "[{\"duration\":1,\"asked\":1,\"achieved\":1}");
	for (int i = 0; i < LOAD_HISTORY_POINTS_MAX; i++)
		(void)strcat(text, ",{\"duration\":1,\"asked\":1,\"achieved\":1}");
	(void)strcat(text, "]");
	assert_refused_with("series", text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shape),
		cmocka_unit_test(comes_back),
		cmocka_unit_test(largest),
		cmocka_unit_test(hostile),
		cmocka_unit_test(without_others),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests_name("load_document", tests, NULL, NULL);
}
