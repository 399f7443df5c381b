/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli_view_load, and cli_view_scan with it: the record of a scan's load as text. */
#include "jsontext.h"
#include "snapshot.h"

#include "cli_print.h"
#include "cli_view.h"
#include "cli_view_load.h"
#include "utf8.h"

#include <locale.h>

enum {
	FLOOD = 200000,     /* points */
	SIZE_MAX_OK = 8192, /* bytes of a chart of 120 columns and its figures */
};

/* A scan as a service sends it, with a field this client knows nothing of. */
static cJSON *recorded(void)
{
	char *text = snapshot_read(CLI_SNAPSHOTS "/scan-load.json");
	cJSON *scan = jsontext_parse(text);

	free(text);
	return scan;
}

/* What is written for @load; heap. */
static char *shown(const cJSON *load, struct cli_terminal terminal)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	cli_view_load(out, load, &terminal);
	assert_int_equal(fclose(out), 0);
	return text;
}

static char *shown_scan(const cJSON *scan)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	cli_view_scan(out, scan);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* The whole of "scan show", in both character sets. */
static void scan_show(void **state)
{
	cJSON *scan = recorded();
	char *text = shown_scan(scan);
	char *ascii;

	(void)state;
	snapshot_check(CLI_SNAPSHOTS "/scan-show-load.out", text);
	cli_print_set_ascii(true);
	ascii = shown_scan(scan);
	cli_print_set_ascii(false);
	snapshot_check(CLI_SNAPSHOTS "/scan-show-load-ascii.out", ascii);
	free(ascii);
	free(text);
	cJSON_Delete(scan);
}

/* Without the record, or with null, everything else is as with it. */
static void no_record(void **state)
{
	cJSON *scan = recorded();
	char *with = shown_scan(scan);
	char *absent;
	char *null;
	char *begin = strstr(with, "\nLoad over time");

	(void)state;
	cJSON_DeleteItemFromObjectCaseSensitive(scan, "load");
	absent = shown_scan(scan);
	assert_int_equal(json_add_null(scan, "load"), 0);
	null = shown_scan(scan);
	assert_non_null(begin);
	*begin = '\0';
	assert_string_equal(absent, with);
	assert_string_equal(null, with);
	free(null);
	free(absent);
	free(with);
	cJSON_Delete(scan);
}

/* As JSON the record goes through as it came, also what is not known here. */
static void as_json(void **state)
{
	cJSON *scan = recorded();
	cJSON *back;
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	assert_int_equal(cli_print_json(out, scan), 0);
	assert_int_equal(fclose(out), 0);
	back = jsontext_parse(text);
	assert_true(cJSON_Compare(scan, back, true));
	assert_non_null(strstr(text, "\"later\""));
	cJSON_Delete(back);
	cJSON_Delete(scan);
	free(text);
}

/* The chart is as wide as the terminal up to a bound, and left out where it has no room. */
static void widths(void **state)
{
	cJSON *scan = recorded();
	const cJSON *load = cJSON_GetObjectItemCaseSensitive(scan, "load");
	char *bound = shown(load, (struct cli_terminal){CLI_VIEW_LOAD_WIDTH_MAX, true, false});
	char *wide = shown(load, (struct cli_terminal){1000, true, false});
	char *narrow = shown(load, (struct cli_terminal){15, true, false});

	(void)state;
	assert_string_equal(wide, bound);
	assert_int_equal(strncmp(narrow, "Seconds     p95 50.5 %, p99 ", 28), 0);
	assert_string_equal(strstr(bound, "Seconds "), narrow);
	assert_int_equal(strchr(bound, '\n') - bound, CLI_VIEW_LOAD_WIDTH_MAX + strlen("█") - 1);
	free(narrow);
	free(wide);
	free(bound);
	cJSON_Delete(scan);
}

static const char nothing[] =
	"Seconds     p95 -, p99 -, fullest - (of 0); mean -\n"
	"Waited      for budget -, disk -, read limit -, slow opens -; backed off -\n"
	"Lanes       0 on all CPUs, aim -; the governor took - of CPU time\n";

/* No object: nothing. An object without sense: its figures read "-". */
static void broken(void **state)
{
	static const char *const nones[] = {"null", "7", "\"x\"", "true", "[]",
		"[{\"duration\":1,\"asked\":50,\"achieved\":50}]"};
	static const char bad_points[] =
		"{\"series\":[{\"duration\":5},{\"achieved\":5},{\"duration\":-1,\"achieved\":5},"
		"{\"duration\":1,\"achieved\":-5},{\"duration\":1e999,\"achieved\":1},"
		"{\"duration\":1,\"achieved\":1e999},{\"duration\":0,\"achieved\":1}],"
		"\"cpus\":1e300,\"mean\":-1,\"max\":null,\"waiting\":{\"budget\":-3}}";
	static const char *const senseless[] = {"{}", bad_points,
		"{\"series\":7,\"waiting\":[],\"mean\":\"x\"}",
		"{\"series\":{\"a\":{\"duration\":1,\"achieved\":5}},\"cpus\":-1,\"lanes\":-2}",
		"{\"series\":[7,null,[],\"x\",{}],\"cpus\":0,\"windows\":0.5,\"waiting\":null}"};
	struct cli_terminal terminal = {80, true, false};

	(void)state;
	for (size_t i = 0; i < sizeof(nones) / sizeof(nones[0]); i++) {
		cJSON *load = jsontext_parse(nones[i]);
		char *text = shown(load, terminal);

		assert_string_equal(text, "");
		free(text);
		cJSON_Delete(load);
	}
	for (size_t i = 0; i < sizeof(senseless) / sizeof(senseless[0]); i++) {
		cJSON *load = jsontext_parse(senseless[i]);
		char *text = shown(load, terminal);

		assert_string_equal(text, nothing);
		free(text);
		cJSON_Delete(load);
	}
}

/* Whoever names himself does not steer the terminal, nor fill it; of nobody there is no line. */
static void others(void **state)
{
	static const char head[] = "{\"otherAntivirusCounted\":true,\"otherAntivirus\":[";
	struct cli_terminal terminal = {15, true, false};
	char *json = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&json, &n);
	cJSON *load;
	char *text;

	(void)state;
	(void)fputs(head, out);
	for (int i = 0; i < FLOOD; i++)
		(void)fprintf(out, "%s{\"name\":\"a\\u001b[2J\",\"cpu\":1.5}", i ? "," : "");
	(void)fputs("]}", out);
	assert_int_equal(fclose(out), 0);
	load = jsontext_parse(json);
	text = shown(load, terminal);
	assert_non_null(strstr(text, "\nOthers      a\\x1b[2J 1.5 s, a\\x1b[2J 1.5 s, "));
	assert_non_null(strstr(text, " of CPU time meanwhile; counted against the limit\n"));
	assert_null(strchr(text, '\x1b'));
	assert_true(strlen(text) < SIZE_MAX_OK);
	free(text);
	cJSON_Delete(load);
	free(json);
	load = jsontext_parse("{\"otherAntivirus\":[7,{\"name\":8,\"cpu\":\"x\"}]}");
	text = shown(load, terminal);
	assert_non_null(strstr(
		text, "\nOthers      others -, others - of CPU time meanwhile; not counted\n"));
	free(text);
	cJSON_Delete(load);
	load = jsontext_parse("{\"otherAntivirus\":[]}");
	text = shown(load, terminal);
	assert_null(strstr(text, "Others"));
	free(text);
	cJSON_Delete(load);
}

/* Points without a load that was asked had no limit: there is no line. */
static void no_limit(void **state)
{
	static const char *const texts[] = {
		"{\"cpus\":1,\"series\":[{\"duration\":5,\"achieved\":80}]}",
		"{\"cpus\":1,\"series\":[{\"duration\":5,\"asked\":null,\"achieved\":80}]}",
		"{\"cpus\":1,\"series\":[{\"duration\":5,\"asked\":-50,\"achieved\":80}]}",
		"{\"cpus\":1,\"series\":[{\"duration\":5,\"asked\":0,\"achieved\":80}]}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cJSON *load = jsontext_parse(texts[i]);
		char *text = shown(load, (struct cli_terminal){80, false, false});

		assert_int_equal(strncmp(text, "Load over time, per cent of 1 CPU  ", 35), 0);
		assert_non_null(strstr(text, "# achieved\n"));
		assert_null(strchr(text, '_'));
		free(text);
		cJSON_Delete(load);
	}
}

static void huge_numbers(void **state)
{
	static const char text[] =
		"{\"asked\":1e300,\"aim\":1e300,\"mean\":1e300,\"p95\":1e300,\"p99\":1e300,"
		"\"max\":1e300,\"windows\":1e300,\"cpus\":1e300,\"lanes\":1e300,\"waiting\":{"
		"\"budget\":1e300,\"disk\":1e300,\"backedOff\":1e300,\"readLimit\":1e300},"
		"\"governorCpu\":1e300,\"series\":[{\"duration\":1e300,\"asked\":1e300,"
		"\"achieved\":1e300},{\"duration\":1e-300,\"asked\":1e-300,\"achieved\":1e-300}]}";
	cJSON *load = jsontext_parse(text);
	char *got = shown(load, (struct cli_terminal){80, true, true});

	(void)state;
	assert_true(strlen(got) < SIZE_MAX_OK);
	assert_true(utf8_is_valid(span_str(got)));
	assert_non_null(strstr(got, "for budget -, disk -"));
	free(got);
	cJSON_Delete(load);
}

/* However many points there are, the terminal is not flooded. */
static void flood(void **state)
{
	char *json = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&json, &n);
	cJSON *load;
	char *text;

	(void)state;
	(void)fputs("{\"series\":[", out);
	for (int i = 0; i < FLOOD; i++)
		(void)fprintf(out, "%s{\"duration\":1,\"asked\":50,\"achieved\":%d}", i ? "," : "",
			i % 60);
	(void)fputs("]}", out);
	assert_int_equal(fclose(out), 0);
	load = jsontext_parse(json);
	text = shown(load, (struct cli_terminal){500, true, true});
	assert_non_null(strstr(text, " 50 %│"));
	assert_true(strlen(text) < SIZE_MAX_OK);
	free(text);
	free(json);
	cJSON_Delete(load);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(scan_show), cmocka_unit_test(no_record),
		cmocka_unit_test(as_json), cmocka_unit_test(widths), cmocka_unit_test(broken),
		cmocka_unit_test(others), cmocka_unit_test(no_limit),
		cmocka_unit_test(huge_numbers), cmocka_unit_test(flood)};

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
