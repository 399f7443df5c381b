/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli_format, cli_print, cli_view, cli_progress: JSON in, safe text out. */
#include "jsontext.h"
#include "snapshot.h"

#include "cleanup.h"
#include "cli_format.h"
#include "cli_print.h"
#include "cli_progress.h"
#include "cli_view.h"
#include "utf8.h"

#include <locale.h>

static void numbers(void **state)
{
	char t[CLI_FORMAT_SIZE];

	(void)state;
	assert_string_equal(cli_format_count(0, t), "0");
	assert_string_equal(cli_format_count(999, t), "999");
	assert_string_equal(cli_format_count(1000, t), "1,000");
	assert_string_equal(cli_format_count(1234567, t), "1,234,567");
	assert_string_equal(cli_format_count(UINT64_MAX, t), "18,446,744,073,709,551,615");
	assert_string_equal(cli_format_bytes(0, t), "0 B");
	assert_string_equal(cli_format_bytes(1023, t), "1023 B");
	assert_string_equal(cli_format_bytes(1024, t), "1.0 KiB");
	assert_string_equal(cli_format_bytes(1024 * 1024 - 1, t), "1.0 MiB");
	assert_string_equal(cli_format_bytes(UINT64_MAX, t), "16.0 EiB");
	assert_string_equal(cli_format_duration(0.44, t), "0.4 s");
	assert_string_equal(cli_format_duration(9.97, t), "10 s");
	assert_string_equal(cli_format_duration(59.6, t), "1 min 0 s");
	assert_string_equal(cli_format_duration(3661, t), "1 h 1 min");
	assert_string_equal(cli_format_duration(90061, t), "1 d 1 h");
	assert_string_equal(cli_format_duration(-1, t), "-");
	assert_string_equal(cli_format_elapsed(0, t), "0");
	assert_string_equal(cli_format_elapsed(0.1, t), "0.1 s");
	assert_string_equal(cli_format_elapsed(1.5, t), "1.5 s");
	assert_string_equal(cli_format_elapsed(3 * 0.1 + 0.7, t), "1 s");
	assert_string_equal(cli_format_elapsed(59.97, t), "1 min");
	assert_string_equal(cli_format_elapsed(90, t), "1 min 30 s");
	assert_string_equal(cli_format_elapsed(7200, t), "2 h");
	assert_string_equal(cli_format_elapsed(129600, t), "1 d 12 h");
	assert_string_equal(cli_format_elapsed(1e15 - 1, t), "11574074074 d 1 h 46 min 39 s");
	assert_string_equal(cli_format_elapsed(1e16, t), "-");
	assert_string_equal(cli_format_elapsed(-1, t), "-");
	assert_string_equal(
		cli_format_time("2026-11-24T03:55:12.1230000Z", t), "2026-11-24 03:55:12Z");
	assert_string_equal(cli_format_time("", t), "-");
	assert_string_equal(cli_format_time("yesterday", t), "yesterday");
	assert_string_equal(cli_format_load(0, true, t), "no limit");
	assert_string_equal(cli_format_load(50, true, t), "50 %");
	assert_string_equal(cli_format_load(49.57, false, t), "49.6 %");
	assert_string_equal(cli_format_load(-1, false, t), "-");
}

/* What a stream received. */
struct output {
	FILE *out;
	char *text;
	size_t n;
};

static const char *closed(struct output *o)
{
	assert_int_equal(fclose(o->out), 0);
	o->out = NULL;
	return o->text;
}

#define OUTPUT(o)                                                                                  \
	struct output o = {.n = 0};                                                                \
	o.out = open_memstream(&o.text, &o.n)

static const char hostile[] = "{\"a\":\"\\u001b[31m\\u009b1m\\u202e\\\\x\\n\\r\\u007f\"}";

static void hostile_strings(void **state)
{
	cJSON *object = jsontext_parse(hostile);
	OUTPUT(text);
	OUTPUT(json);
	cJSON *back;

	(void)state;
	cli_print_value(text.out, cJSON_GetObjectItemCaseSensitive(object, "a"));
	assert_string_equal(closed(&text), "\\x1b[31m\\u009b1m\\u202e\\x\\x0a\\x0d\\x7f");
	assert_int_equal(cli_print_json(json.out, object), 0);
	for (const char *at = closed(&json); *at; at++)
		assert_true(*at == '\n' || (*at >= 0x20 && *at < 0x7f));
	back = jsontext_parse(json.text);
	assert_true(cJSON_Compare(object, back, true));
	cJSON_Delete(back);
	cJSON_Delete(object);
	free(text.text);
	free(json.text);
}

/* Other products: by name, with what waits for them. */
static void products(void **state)
{
	cJSON *object = jsontext_parse(
		"{\"a\":[{\"name\":\"X\",\"pid\":7,\"path\":\"/x\",\"blocks\":[{\"mount\":\"/"
		"srv\"},"
		"{\"mount\":null}]},{\"name\":\"Y\\u001b\",\"pid\":8,\"blocks\":[]}]}");
	OUTPUT(text);

	(void)state;
	cli_print_object(text.out, object);
	assert_string_equal(closed(&text), "a  X (pid 7) blocks /srv and -\n   Y\\x1b (pid 8)\n");
	cJSON_Delete(object);
	free(text.text);
}

/* In a locale of ASCII nothing else is written, and the JSON is still the same. */
static void ascii_only(void **state)
{
	cJSON *object = jsontext_parse("{\"a\":\"gr\xc3\xbc\xf0\x9f\x98\x80\"}");
	OUTPUT(text);
	OUTPUT(json);
	cJSON *back;

	(void)state;
	cli_print_set_ascii(true);
	cli_print_object(text.out, object);
	assert_int_equal(cli_print_json(json.out, object), 0);
	cli_print_set_ascii(false);
	assert_non_null(strstr(closed(&text), "gr\\u00fc\\U0001f600"));
	assert_string_equal(closed(&json), "{\n  \"a\": \"gr\\u00fc\\ud83d\\ude00\"\n}\n");
	back = jsontext_parse(json.text);
	assert_true(cJSON_Compare(object, back, true));
	cJSON_Delete(back);
	cJSON_Delete(object);
	free(text.text);
	free(json.text);
}

static const char scan_text[] =
	"{\"id\":\"8a4f0b52-6d0c-4b8e-9d1f-3d2f7c1e5a60\",\"type\":\"custom\",\"origin\":"
	"\"manual\","
	"\"status\":\"Succeeded\",\"comment\":\"ticket 4711, a comment that is longer than a list "
	"shows\",\"startTime\":\"2026-11-24T03:55:12.1230000Z\","
	"\"endTime\":\"2026-11-24T03:58:32.0000000Z\","
	"\"creationTime\":\"2026-11-24T03:55:12.0000000Z\",\"loadFactor\":50,\"achievedLoad\":49."
	"57,"
	"\"results\":{\"clean\":123456,\"infected\":2,\"incomplete\":3,\"changed\":1,\"skipped\":"
	"17,"
	"\"blocked\":0,\"crashed\":1},\"bytes\":\"1234567890123\",\"detections\":2,\"complete\":"
	"false,"
	"\"actionId\":\"5f0c9c0e-2a51-4a8b-b3de-7c2d1f6f9a11\",\"excluded\":5,\"directories\":991,"
	"\"duration\":199.9,\"signatureSet\":\"ab12\",\"paths\":[{\"path\":\"/srv/\\\\xff\","
	"\"pathBytes\":\"L3Nydi//\"},{\"path\":\"/b\",\"pathBytes\":\"L2I=\"}]}";

static const char running_text[] =
	"{\"id\":\"8a4f0b52-6d0c-4b8e-9d1f-3d2f7c1e5a60\",\"type\":\"quick\",\"origin\":\"manual\","
	"\"status\":\"InProgress\",\"comment\":\"c\",\"loadFactor\":0,\"detections\":1,"
	"\"results\":{\"clean\":10},\"progress\":{\"phase\":\"scanning\",\"found\":5000,"
	"\"judged\":1234,\"bytes\":126213632,\"lanes\":2,\"etaSeconds\":80,\"percent\":24.7,"
	"\"load\":98.2,\"path\":\"/usr/bin/\\u001b[31mx\"}}";

static void snapshot_view(const char *name, struct output *o)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s.out", CLI_SNAPSHOTS, name);
	snapshot_check(path, closed(o));
	free(o->text);
}

static void scans(void **state)
{
	cJSON *scan = jsontext_parse(scan_text);
	cJSON *running = jsontext_parse(running_text);
	cJSON *array = cJSON_CreateArray();
	OUTPUT(one);
	OUTPUT(list);

	(void)state;
	cli_view_scan(one.out, scan);
	(void)fputs("----\n", one.out);
	cli_view_scan(one.out, running);
	assert_int_equal(json_append(array, scan), 0);
	assert_int_equal(json_append(array, running), 0);
	assert_int_equal(cli_view_scans(list.out, array), 0);
	cJSON_Delete(array);
	snapshot_view("scan-show", &one);
	snapshot_view("scan-list", &list);
}

static void other_lists(void **state)
{
	static const struct {
		int (*view)(FILE *out, const cJSON *array);
		const char *text;
	} rows[] = {
		{cli_view_actions,
			"[{\"id\":\"a1\",\"type\":\"RunAntiVirusScan\",\"scope\":\"Quick\","
			"\"status\":"
			"\"Pending\",\"creationDateTimeUtc\":\"2026-11-24T03:55:12.1230000Z\","
			"\"requestor\":\"root\",\"requestorComment\":\"why\\tnot\"},{\"id\":\"a2\"}"
			"]"},
		{cli_view_detections,
			"[{\"id\":\"d1\",\"time\":\"2026-11-24T03:55:12.1230000Z\",\"threatName\":"
			"\"Eicar-Test-Signature\",\"severity\":\"Low\",\"remediationStatus\":"
			"\"Detected\","
			"\"path\":\"/tmp/a\\\\x0a.zip\",\"containerPath\":\"a.tar/"
			"b\\u202e.txt\"}]"},
		{cli_view_alerts,
			"[{\"id\":\"l1\",\"severity\":\"High\",\"status\":\"New\","
			"\"alertCreationTime\":"
			"\"2026-11-24T03:55:12.1230000Z\",\"detections\":1200,\"assignedTo\":null,"
			"\"title\":\"'X' malware was detected\"}]"},
		{cli_view_exclusions, "[{\"kind\":\"path\",\"value\":\"/a\"}]"},
		{cli_view_allowed, "[{\"kind\":\"name\",\"value\":\"Eicar-Test-Signature\"}]"},
		{cli_view_settings,
			"[{\"name\":\"MaxFiles\",\"value\":5,\"default\":10000,\"range\":\"1 to "
			"9\"},"
			"{\"name\":\"ExclusionPath\",\"value\":[\"/a\",\"/b\"],\"default\":[],"
			"\"range\":\"paths\"}]"},
		{cli_view_quarantine, "[{\"id\":\"q1\",\"path\":\"/x\"}]"},
	};
	OUTPUT(o);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cJSON *array = jsontext_parse(rows[i].text);
		cJSON *empty = cJSON_CreateArray();

		assert_int_equal(rows[i].view(o.out, array), 0);
		assert_int_equal(rows[i].view(o.out, empty), 0);
		cJSON_Delete(array);
		cJSON_Delete(empty);
	}
	snapshot_view("lists", &o);
}

static void objects_and_events(void **state)
{
	cJSON *event = jsontext_parse(
		"{\"sequence\":12,\"time\":\"2026-11-24T03:55:12.1230000Z\","
		"\"actionType\":\"AntivirusScanSubmitted\",\"scanId\":\"s\",\"actionId\":"
		"\"a\",\"comment\":\"x\\ny\",\"path\":\"/p\",\"pathBytes\":\"L3A=\",\"n\":5,"
		"\"results\":{\"clean\":1,\"infected\":0},\"none\":null,\"list\":[1,2]}");
	cJSON *setting = jsontext_parse(
		"{\"name\":\"A\",\"value\":true,\"default\":false,\"range\":\"true or "
		"false\",\"description\":\"What it does.\"}");
	OUTPUT(o);

	(void)state;
	cli_view_event(o.out, event);
	cli_print_object(o.out, event);
	cli_view_setting(o.out, setting);
	cJSON_Delete(event);
	cJSON_Delete(setting);
	snapshot_view("objects", &o);
}

/* Nothing, the wrong types, and the wrong shape are shown as nothing, not followed. */
static void strange_answers(void **state)
{
	static const char *const texts[] = {"{}", "[]", "null", "7", "\"x\"",
		"{\"id\":7,\"results\":[],\"progress\":5,\"paths\":7,\"status\":[]}",
		"{\"results\":{\"clean\":\"many\"},\"paths\":[7,null,{}],\"progress\":{}}",
		"[7,null,\"x\",[]]"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cJSON *item = jsontext_parse(texts[i]);
		char line[CLI_PROGRESS_SIZE];
		OUTPUT(o);

		cli_view_scan(o.out, item);
		cli_view_event(o.out, item);
		cli_view_setting(o.out, item);
		cli_print_object(o.out, item);
		(void)cli_view_scans(o.out, item);
		(void)cli_view_detections(o.out, item);
		cli_progress_line(item, 0, line);
		assert_int_equal(cli_view_verdict(item, item), CLI_EXIT_ERROR);
		assert_false(cli_view_is_final(item));
		assert_true(utf8_is_valid(span_str(closed(&o))));
		free(o.text);
		cJSON_Delete(item);
	}
}

static void verdicts(void **state)
{
	static const struct {
		const char *scan;
		const char *detections;
		enum cli_exit code;
	} rows[] = {
		{"{\"status\":\"Succeeded\",\"complete\":true}", "[]", CLI_EXIT_CLEAN},
		{"{\"status\":\"Succeeded\",\"complete\":false}", "[]", CLI_EXIT_ERROR},
		{"{\"status\":\"Succeeded\"}", "[]", CLI_EXIT_ERROR},
		{"{\"status\":\"Succeeded\",\"complete\":true,\"type\":\"custom\","
		 "\"results\":{\"skipped\":2}}",
			"[]", CLI_EXIT_ERROR},
		{"{\"status\":\"Succeeded\",\"complete\":true,\"type\":\"custom\","
		 "\"results\":{\"skipped\":2,\"clean\":1}}",
			"[]", CLI_EXIT_CLEAN},
		{"{\"status\":\"Succeeded\",\"complete\":true,\"type\":\"custom\"}", "[]",
			CLI_EXIT_CLEAN},
		{"{\"status\":\"Cancelled\",\"complete\":false}", "[]", CLI_EXIT_ERROR},
		{"{\"status\":\"InProgress\",\"complete\":true}", "[]", CLI_EXIT_ERROR},
		{"{\"status\":\"Succeeded\",\"complete\":true,\"results\":{\"infected\":1}}", "[]",
			CLI_EXIT_FOUND},
		{"{\"status\":\"Succeeded\",\"complete\":true,\"detections\":1}",
			"[{\"remediationStatus\":\"Detected\"}]", CLI_EXIT_FOUND},
		{"{\"status\":\"Succeeded\",\"complete\":true,\"detections\":1,\"results\":"
		 "{\"infected\":1}}",
			"[{\"remediationStatus\":\"Quarantined\"}]", CLI_EXIT_CLEAN},
		{"{\"status\":\"Succeeded\",\"complete\":true,\"detections\":2,\"results\":"
		 "{\"infected\":2}}",
			"[{\"remediationStatus\":\"Quarantined\"}]", CLI_EXIT_FOUND},
		{"{\"status\":\"Succeeded\",\"complete\":false,\"detections\":1}",
			"[{\"remediationStatus\":\"Removed\"}]", CLI_EXIT_ERROR},
		{"{\"status\":\"Cancelled\",\"detections\":1}", "null", CLI_EXIT_FOUND},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cJSON *scan = jsontext_parse(rows[i].scan);
		cJSON *detections = jsontext_parse(rows[i].detections);

		if (cli_view_verdict(scan, detections) != rows[i].code)
			fail_msg("%s with %s", rows[i].scan, rows[i].detections);
		cJSON_Delete(scan);
		cJSON_Delete(detections);
	}
}

static void progress_line(void **state)
{
	cJSON *scan = jsontext_parse(running_text);
	char text[CLI_PROGRESS_SIZE];

	(void)state;
	cli_progress_line(scan, 0, text);
	assert_string_equal(text,
		"scanning   25 %  1,234 of 5,000 files  120.4 MiB  1 detected  load "
		"98.2 % of no limit  2 lanes  1 min 20 s left  "
		"/usr/bin/\\x1b[31mx");
	for (size_t width = 1; width < 160; width++) {
		cli_progress_line(scan, width, text);
		assert_true(cli_print_width(text) <= width);
	}
	cJSON_Delete(scan);
}

/* On a terminal one line is rewritten; elsewhere a line comes now and then. */
static void progress_shown(void **state)
{
	cJSON *scan = jsontext_parse(running_text);
	OUTPUT(o);
	struct cli_progress live = {.out = o.out, .kind = CLI_PROGRESS_LIVE};
	struct cli_progress plain = {.out = o.out, .kind = CLI_PROGRESS_PLAIN};
	struct cli_progress none = {.out = o.out, .kind = CLI_PROGRESS_NONE};
	uint64_t second = 1000000000;

	(void)state;
	cli_progress_show(&none, scan, second);
	(void)fflush(o.out);
	assert_int_equal(o.n, 0);
	cli_progress_show(&live, scan, second);
	cli_progress_show(&live, scan, second);
	cli_progress_clear(&live);
	cli_progress_clear(&live);
	assert_int_equal(strncmp(o.text, "\r\x1b[Kscanning", 12), 0);
	assert_null(strchr(o.text, '\n'));
	assert_string_equal(o.text + o.n - 4, "\r\x1b[K");
	(void)fputs("|", o.out);
	cli_progress_show(&plain, scan, second);
	cli_progress_show(&plain, scan, 2 * second);
	cli_progress_show(&plain, scan, 12 * second);
	cli_progress_clear(&plain);
	(void)closed(&o);
	assert_int_equal(strncmp(strchr(o.text, '|'), "|scanning", 9), 0);
	assert_int_equal(o.text[o.n - 1], '\n');
	assert_ptr_equal(strchr(strchr(o.text, '\n') + 1, '\n'), o.text + o.n - 1);
	free(o.text);
	cJSON_Delete(scan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(numbers),
		cmocka_unit_test(hostile_strings), cmocka_unit_test(ascii_only),
		cmocka_unit_test(products), cmocka_unit_test(scans), cmocka_unit_test(other_lists),
		cmocka_unit_test(objects_and_events), cmocka_unit_test(strange_answers),
		cmocka_unit_test(verdicts), cmocka_unit_test(progress_line),
		cmocka_unit_test(progress_shown)};

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
