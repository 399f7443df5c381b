/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json, json_add, json_scan: limits, places of errors, whole integers, safe strings. */
#include "jsontext.h"

#include "json.h"

#include "json_scan.h"

#include <math.h>
#include <stdlib.h>

static void good_texts(void **state)
{
	static const char *const good[] = {"{}", " [1,2] \r\n", "\"\\ud83d\\ude00\"", "-1.5e3",
		"true", "null", "{\"a\":{\"b\":[{}]}}", "\"\\\\u0000\"", "\"a\\\\\\\\u0000\""};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cJSON_Delete(jsontext_parse(good[i]));
}

static void bad_texts_say_where(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} bad[] = {{"", "line 1, column 1"}, {"   ", "line 1, column"}, {"{\"a\":1,}", "line 1"},
		{"{\n \"a\": x\n}", "line 2, column 7"}, {"{} x", "line 1, column 4: something"},
		{"{}{}", "something follows"}, {"\"a\nb\"", "line 1, column 3: control character"},
		{"\n\"\xff\"", "line 2, column 2: not valid UTF-8"},
		{"\"\\u0000\"", "\\u0000 in a string"}, {"\"a\\\\\\u0000\"", "\\u0000"},
		{"\"\\ud800\"", "not JSON"}, {"[1,2", "line 1"}, {"{'a':1}", "line 1, column"},
		{"nul", "line 1"}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cJSON *root = NULL;
		struct errmsg msg = ERRMSG_NULL;

		assert_int_equal(
			json_parse(bad[i].text, strlen(bad[i].text), &root, &msg), -EBADMSG);
		assert_null(root);
		if (!strstr(msg.text, bad[i].message))
			fail_msg("%s: said \"%s\"", bad[i].text, msg.text);
	}
}

static void raw_nul(void **state)
{
	cJSON *root = NULL;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	assert_int_equal(json_parse("{}\0", 3, &root, &msg), -EBADMSG);
	assert_non_null(strstr(msg.text, "NUL"));
}

/* A text is not read beyond its length, whatever follows. */
static void no_terminator(void **state)
{
	char *text = malloc(2);
	cJSON *root = NULL;

	(void)state;
	memcpy(text, "{}", 2);
	assert_int_equal(json_parse(text, 2, &root, NULL), 0);
	cJSON_Delete(root);
	memcpy(text, "12", 2);
	assert_int_equal(json_parse(text, 2, &root, NULL), 0);
	assert_int_equal(root->valueint, 12);
	cJSON_Delete(root);
	free(text);
}

static void depth(void **state)
{
	char text[2 * (JSON_DEPTH_MAX + 1) + 1] = "";
	cJSON *root = NULL;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_int_equal(json_parse(text, 2 * JSON_DEPTH_MAX, &root, &msg), 0);
	cJSON_Delete(root);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_int_equal(json_parse(text, 2 * (JSON_DEPTH_MAX + 1), &root, &msg), -EBADMSG);
	assert_non_null(strstr(msg.text, "deep"));
}

static void length(void **state)
{
	char *text = malloc(JSON_TEXT_MAX + 1);
	cJSON *root = NULL;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	memset(text, ' ', JSON_TEXT_MAX + 1);
	assert_int_equal(json_parse(text, JSON_TEXT_MAX + 1, &root, &msg), -EMSGSIZE);
	assert_non_null(strstr(msg.text, "longer than"));
	free(text);
}

/* Integers beyond 2^53 keep every bit, as strings; as numbers they are refused. */
static void integers_keep_their_bits(void **state)
{
	static const int64_t values[] = {0, -1, JSON_INT_PRINT_MAX, JSON_INT_PRINT_MAX + 1,
		JSON_INT_EXACT_MAX, JSON_INT_EXACT_MAX + 1, -JSON_INT_EXACT_MAX - 1, INT64_MAX,
		INT64_MIN};
	cJSON *object = cJSON_CreateObject();
	cJSON *back;
	char *text = NULL;
	uint64_t large = 0;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char name[2] = {(char)('a' + i), '\0'};

		assert_int_equal(json_add_int(object, name, values[i]), 0);
	}
	assert_int_equal(json_add_uint(object, "large", UINT64_MAX), 0);
	assert_int_equal(json_add_uint(object, "small", 7), 0);
	assert_int_equal(json_print(object, &text, &n), 0);
	assert_int_equal(strlen(text), n);
	assert_non_null(strstr(text, "\"c\":999999999999999,\"d\":\"1000000000000000\""));
	back = jsontext_parse(text);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char name[2] = {(char)('a' + i), '\0'};
		int64_t got = 0;

		assert_int_equal(json_get_int(back, name, INT64_MIN, INT64_MAX, &got, NULL), 0);
		assert_true(got == values[i]);
	}
	assert_int_equal(json_get_uint(back, "large", &large, NULL), 0);
	assert_true(large == UINT64_MAX);
	assert_int_equal(json_get_uint(back, "small", &large, NULL), 0);
	assert_int_equal(large, 7);
	cJSON_Delete(back);
	free(text);
	cJSON_Delete(object);
}

static void integers_refused(void **state)
{
	static const char *const bad[] = {"{\"a\":1.5}", "{\"a\":9007199254740993}",
		"{\"a\":1e300}", "{\"a\":1e999}", "{\"a\":\"\"}", "{\"a\":\"-\"}", "{\"a\":\" 1\"}",
		"{\"a\":\"1x\"}", "{\"a\":\"9223372036854775808\"}", "{\"a\":true}", "{\"a\":[1]}",
		"{\"a\":\"0x10\"}", "{\"a\":\"+1\"}"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cJSON *root = jsontext_parse(bad[i]);
		struct errmsg msg = ERRMSG_NULL;
		int64_t value = 42;

		if (json_get_int(root, "a", INT64_MIN, INT64_MAX, &value, &msg) != -EINVAL)
			fail_msg("%s was taken", bad[i]);
		assert_int_equal(value, 42);
		assert_non_null(strstr(msg.text, "\"a\" must be a whole number"));
		cJSON_Delete(root);
	}
}

static void unsigned_refused(void **state)
{
	cJSON *root = jsontext_parse("{\"a\":-1,\"b\":\"18446744073709551616\",\"c\":\"-1\"}");
	uint64_t value = 42;

	(void)state;
	assert_int_equal(json_get_uint(root, "a", &value, NULL), -EINVAL);
	assert_int_equal(json_get_uint(root, "b", &value, NULL), -EINVAL);
	assert_int_equal(json_get_uint(root, "c", &value, NULL), -EINVAL);
	assert_int_equal(json_get_uint(root, "x", &value, NULL), JSON_E_ABSENT);
	assert_int_equal(value, 42);
	cJSON_Delete(root);
}

static void ranges(void **state)
{
	cJSON *root = jsontext_parse("{\"a\":10}");
	struct errmsg msg = ERRMSG_NULL;
	int64_t value = 42;

	(void)state;
	assert_int_equal(json_get_int(root, "a", 10, 10, &value, &msg), 0);
	assert_int_equal(value, 10);
	assert_int_equal(json_get_int(root, "a", 11, 20, &value, &msg), -EINVAL);
	assert_string_equal(msg.text, "\"a\" must be from 11 to 20");
	assert_int_equal(json_get_int(root, "a", -5, 9, &value, &msg), -EINVAL);
	cJSON_Delete(root);
}

/* Each getter: found, absent, null, wrong type; the value moves only when found. */
static void getters(void **state)
{
	cJSON *root = jsontext_parse(
		"{\"s\":\"text\",\"b\":true,\"d\":1.5,\"l\":[1],\"o\":{},\"z\":null}");
	struct errmsg msg = ERRMSG_NULL;
	const char *text = NULL;
	const cJSON *item = NULL;
	double number = 0;
	bool flag = false;

	(void)state;
	assert_int_equal(json_get_string(root, "s", 4, &text, &msg), 0);
	assert_string_equal(text, "text");
	assert_int_equal(json_get_string(root, "s", 3, &text, &msg), -EINVAL);
	assert_string_equal(msg.text, "\"s\" must have at most 3 bytes");
	assert_int_equal(json_get_string(root, "S", 4, &text, &msg), JSON_E_ABSENT);
	assert_string_equal(msg.text, "\"S\" is missing");
	assert_int_equal(json_get_string(root, "z", 4, &text, &msg), JSON_E_ABSENT);
	assert_int_equal(json_get_string(root, "b", 4, &text, &msg), -EINVAL);
	assert_string_equal(msg.text, "\"b\" must be a string");
	assert_int_equal(json_get_bool(root, "b", &flag, &msg), 0);
	assert_true(flag);
	assert_int_equal(json_get_bool(root, "s", &flag, &msg), -EINVAL);
	assert_int_equal(json_get_bool(root, "x", &flag, &msg), JSON_E_ABSENT);
	assert_int_equal(json_get_double(root, "d", &number, &msg), 0);
	assert_true(fabs(number - 1.5) < 1e-9);
	assert_int_equal(json_get_double(root, "s", &number, &msg), -EINVAL);
	assert_int_equal(json_get_double(root, "x", &number, &msg), JSON_E_ABSENT);
	assert_int_equal(json_get_array(root, "l", &item, &msg), 0);
	assert_int_equal(json_get_array(root, "o", &item, &msg), -EINVAL);
	assert_int_equal(json_get_array(root, "x", &item, &msg), JSON_E_ABSENT);
	assert_int_equal(json_get_object(root, "o", &item, &msg), 0);
	assert_int_equal(json_get_object(root, "l", &item, &msg), -EINVAL);
	assert_int_equal(json_get_object(root, "x", &item, &msg), JSON_E_ABSENT);
	assert_int_equal(json_required(JSON_E_ABSENT), -EINVAL);
	assert_int_equal(json_optional(JSON_E_ABSENT), 0);
	assert_int_equal(json_required(0) | json_optional(0), 0);
	assert_int_equal(json_optional(-EINVAL), -EINVAL);
	assert_int_equal(json_get_string(NULL, "s", 4, &text, &msg), JSON_E_ABSENT);
	cJSON_Delete(root);
}

static void raw_bytes_there_and_back(void **state)
{
	static const char name[] = "/t/\xff\n\xe2\x80\xaex";
	cJSON *object = cJSON_CreateObject();
	struct span back = SPAN_NULL;

	(void)state;
	assert_int_equal(json_add_bytes(object, "path", span_str(name)), 0);
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(object, "path")->valuestring,
		"/t/\\xff\\x0a\\u202ex");
	assert_int_equal(json_get_bytes(object, "path", 100, &back, NULL), 0);
	assert_true(span_equal(back, span_str(name)));
	free((void *)back.data);
	assert_int_equal(json_get_bytes(object, "path", 5, &back, NULL), -EINVAL);
	cJSON_Delete(object);
}

static void raw_bytes_either_form(void **state)
{
	cJSON *root =
		jsontext_parse("{\"a\":\"/x\\\\y\",\"bBytes\":\"/w==\",\"cBytes\":\"!\",\"d\":7,"
			       "\"eBytes\":5}");
	struct errmsg msg = ERRMSG_NULL;
	struct span back = SPAN_NULL;

	(void)state;
	assert_int_equal(json_get_bytes(root, "a", 100, &back, &msg), 0);
	assert_string_equal(back.data, "/x\\y");
	free((void *)back.data);
	assert_int_equal(json_get_bytes(root, "b", 100, &back, &msg), 0);
	assert_true(span_equal(back, span_str("\xff")));
	free((void *)back.data);
	assert_int_equal(json_get_bytes(root, "c", 100, &back, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "\"cBytes\" must be base64"));
	assert_int_equal(json_get_bytes(root, "d", 100, &back, &msg), -EINVAL);
	assert_int_equal(json_get_bytes(root, "e", 100, &back, &msg), -EINVAL);
	assert_int_equal(json_get_bytes(root, "x", 100, &back, &msg), JSON_E_ABSENT);
	cJSON_Delete(root);
}

static void unknown_and_double_fields(void **state)
{
	static const char *const names[] = {"comment", "type"};
	static const struct {
		const char *text;
		const char *message;
	} bad[] = {{"{\"coment\":1}", "\"coment\" is not known here; did you mean \"comment\"?"},
		{"{\"zzzz\":1}", "\"zzzz\" is not known here"},
		{"{\"type\":1,\"type\":2}", "\"type\" is given twice"},
		{"{\"Type\":1}", "did you mean \"type\""}, {"[]", "must be an object"}};
	cJSON *root = jsontext_parse("{\"type\":1}");

	(void)state;
	assert_int_equal(json_check_fields(root, names, 2, NULL), 0);
	cJSON_Delete(root);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct errmsg msg = ERRMSG_NULL;

		root = jsontext_parse(bad[i].text);
		assert_int_equal(json_check_fields(root, names, 2, &msg), -EINVAL);
		if (!strstr(msg.text, bad[i].message))
			fail_msg("%s: said \"%s\"", bad[i].text, msg.text);
		cJSON_Delete(root);
	}
}

/* What is printed is valid UTF-8 and one line, whatever was put in. */
static void printed_text_is_safe(void **state)
{
	cJSON *object = cJSON_CreateObject();
	char *text = NULL;
	int r = 0;

	(void)state;
	r |= json_add_string(object, "a", "bad \xff");
	r |= json_add_string(object, "b", NULL);
	r |= json_add_string(object, "c", "line\nbreak");
	r |= json_add_display(object, "d", span_str("\x1b[0m"));
	r |= json_add_double(object, "e", 49.12345, 1);
	r |= json_add_double(object, "f", NAN, 1);
	r |= json_add_bool(object, "g", true);
	r |= json_add_null(object, "h");
	r |= json_add_time(object, "i", 0);
	r |= json_add_time(object, "j", 1);
	assert_int_equal(r, 0);
	assert_int_equal(json_print(object, &text, NULL), 0);
	assert_string_equal(text,
		"{\"a\":\"bad \\\\xff\",\"b\":null,\"c\":\"line\\nbreak\",\"d\":\"\\\\x1b[0m\","
		"\"e\":49.1,\"f\":null,\"g\":true,\"h\":null,\"i\":null,"
		"\"j\":\"1970-01-01T00:00:00.0010000Z\"}");
	free(text);
	cJSON_Delete(object);
}

/* Texts that were on a disk: what is no array is an empty one. */
static void arrays_from_text(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {{"[]", "{\"a\":[]}"}, {"[1,\"x\"]", "{\"a\":[1,\"x\"]}"}, {NULL, "{\"a\":[]}"},
		{"", "{\"a\":[]}"}, {"{\"b\":1}", "{\"a\":[]}"}, {"[1", "{\"a\":[]}"},
		{"1", "{\"a\":[]}"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cJSON *object = cJSON_CreateObject();
		char *text = NULL;

		assert_int_equal(json_add_array_text(object, "a", rows[i].text), 0);
		assert_int_equal(json_print(object, &text, NULL), 0);
		assert_string_equal(text, rows[i].want);
		free(text);
		cJSON_Delete(object);
	}
}

static void lines_of_members(void **state)
{
	static const char text[] = "{\n  \"a\": {\"x\": 1,\n \"y\": [\"q\", \"{\"]},\n\n \"b\": "
				   "\"c,\\\"\",\n\"d\":1}";

	(void)state;
	assert_int_equal(json_scan_member(text, strlen(text), 0).line, 2);
	assert_int_equal(json_scan_member(text, strlen(text), 1).line, 5);
	assert_int_equal(json_scan_member(text, strlen(text), 2).line, 6);
	assert_int_equal(json_scan_member(text, strlen(text), 2).column, 1);
	assert_int_equal(json_scan_member(text, strlen(text), 3).line, 0);
	assert_int_equal(json_scan_member("[\"a\",\"b\"]", 9, 0).line, 0);
}

/* The n-th allocation fails: -ENOMEM, nothing lost, nothing leaked. */
static size_t heap_left;

static void *heap_malloc(size_t n)
{
	if (heap_left == 0)
		return NULL;
	heap_left--;
	return malloc(n);
}

static int build(void)
{
	cJSON *object = cJSON_CreateObject();
	cJSON *array = cJSON_CreateArray();
	char *text = NULL;
	int r = object && array ? 0 : -ENOMEM;

	if (r == 0) {
		r |= json_add_bytes(object, "path", span_str("a\xff"));
		r |= json_add_int(object, "n", INT64_MAX);
		r |= json_append(array, json_new_string("x"));
		r |= json_add_item(object, "list", array);
		r |= json_add_array_text(object, "text", "[1]");
		array = NULL;
		r |= json_print(object, &text, NULL);
	}
	free(text);
	cJSON_Delete(array);
	cJSON_Delete(object);
	return r;
}

static void no_memory(void **state)
{
	cJSON_Hooks hooks = {.malloc_fn = heap_malloc, .free_fn = free};
	size_t n = 0;

	(void)state;
	cJSON_InitHooks(&hooks);
	for (;; n++) {
		heap_left = n;
		if (build() == 0)
			break;
		heap_left = n;
		assert_int_equal(build(), -ENOMEM);
		assert_true(n < 100);
	}
	assert_true(n > 8);
	cJSON_InitHooks(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(good_texts),
		cmocka_unit_test(bad_texts_say_where), cmocka_unit_test(raw_nul),
		cmocka_unit_test(no_terminator), cmocka_unit_test(depth), cmocka_unit_test(length),
		cmocka_unit_test(integers_keep_their_bits), cmocka_unit_test(integers_refused),
		cmocka_unit_test(unsigned_refused), cmocka_unit_test(ranges),
		cmocka_unit_test(getters), cmocka_unit_test(raw_bytes_there_and_back),
		cmocka_unit_test(raw_bytes_either_form),
		cmocka_unit_test(unknown_and_double_fields), cmocka_unit_test(printed_text_is_safe),
		cmocka_unit_test(arrays_from_text), cmocka_unit_test(lines_of_members),
		cmocka_unit_test(no_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
