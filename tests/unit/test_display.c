/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utf8 and display: what a hostile name may and may not do to its reader. */
#include "unit.h"

#include "display.h"
#include "utf8.h"

#include <errno.h>
#include <stdlib.h>

static void valid_and_invalid_utf8(void **state)
{
	static const struct {
		const char *text;
		bool is_valid;
	} rows[] = {{"", true}, {"abc", true}, {"\xc3\xa9", true}, {"\xe2\x82\xac", true},
		{"\xf0\x9f\x98\x80", true}, {"\xf4\x8f\xbf\xbf", true},
		{"\x80", false},             /* continuation alone */
		{"\xc3", false},             /* cut */
		{"\xe2\x82", false},         /* cut */
		{"\xc0\xaf", false},         /* overlong slash */
		{"\xc1\xbf", false},         /* overlong */
		{"\xe0\x80\xaf", false},     /* overlong slash */
		{"\xf0\x80\x80\xaf", false}, /* overlong slash */
		{"\xed\xa0\x80", false},     /* surrogate */
		{"\xed\xbf\xbf", false},     /* surrogate */
		{"\xf4\x90\x80\x80", false}, /* above U+10FFFF */
		{"\xf5\x80\x80\x80", false}, {"\xff", false}, {"a\xc3(", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(utf8_is_valid(span_str(rows[i].text)), rows[i].is_valid);
	assert_true(utf8_is_valid((struct span){"a\0b", 3}));
}

struct display_row {
	const char *bytes;
	const char *text;
	const char *html;
};

static const struct display_row display_rows[] = {
	{"", "", ""},
	{"plain name.txt", "plain name.txt", "plain name.txt"},
	{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
	{"a\\b", "a\\\\b", "a\\\\b"},
	{"\\x1b", "\\\\x1b", "\\\\x1b"},
	{"a\nb\r\t", "a\\x0ab\\x0d\\x09", "a\\x0ab\\x0d\\x09"},
	{"\x1b[31mred", "\\x1b[31mred", "\\x1b[31mred"},
	{"\x7f", "\\x7f", "\\x7f"},
	{"\xc2\x9b"
	 "31m",
		"\\u009b31m", "\\u009b31m"},
	{"\x9b"
	 "31m",
		"\\x9b31m", "\\x9b31m"},
	{"x\xff\xfey", "x\\xff\\xfey", "x\\xff\\xfey"},
	{"invoice\xe2\x80\xaetxt.exe", "invoice\\u202etxt.exe", "invoice\\u202etxt.exe"},
	{"\xe2\x81\xa6", "\\u2066", "\\u2066"},
	{"\xe2\x80\xa8", "\\u2028", "\\u2028"},
	{"a\xe2\x80\x8b"
	 "b",
		"a\\u200bb", "a\\u200bb"},
	{"\xef\xbb\xbf", "\\ufeff", "\\ufeff"},
	{"\xf3\xa0\x80\x81", "\\U000e0001", "\\U000e0001"},
	{"<b a='1' c=\"2\">&", "<b a='1' c=\"2\">&",
		"&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;"},
};

static void table(void **state)
{
	char buf[256];

	(void)state;
	for (size_t i = 0; i < sizeof(display_rows) / sizeof(display_rows[0]); i++) {
		const struct display_row *row = &display_rows[i];
		struct span bytes = span_str(row->bytes);

		assert_int_equal(
			display_write(DISPLAY_TEXT, bytes, buf, sizeof(buf)), strlen(row->text));
		assert_string_equal(buf, row->text);
		assert_int_equal(
			display_write(DISPLAY_HTML, bytes, buf, sizeof(buf)), strlen(row->html));
		assert_string_equal(buf, row->html);
	}
}

/* Every two-byte string: valid, visible, short enough, and read back unchanged. */
static void every_pair_of_bytes_comes_back(void **state)
{
	(void)state;
	for (unsigned pair = 0; pair < 0x10000; pair++) {
		uint8_t bytes[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};
		char text[2 * DISPLAY_EXPANSION + 1];
		uint8_t back[sizeof(text)];
		size_t n = display_write(DISPLAY_TEXT, (struct span){bytes, 2}, text, sizeof(text));
		size_t n_back = 0;

		assert_true(utf8_is_valid(span_str(text)));
		for (size_t i = 0; i < n; i++)
			assert_true((uint8_t)text[i] >= 0x20 && text[i] != 0x7f);
		assert_int_equal(
			display_read((struct span){text, n}, back, sizeof(back), &n_back), 0);
		assert_int_equal(n_back, 2);
		assert_memory_equal(back, bytes, 2);
	}
}

/* Whatever the room, the output fits, ends in NUL, is valid, and is marked as cut. */
static void cut_at_every_size(void **state)
{
	static const char name[] = "ab\xc3\xa9\x1b\xe2\x82\xac\xff\\z";
	char whole[128];
	size_t n_whole = display_write(DISPLAY_TEXT, span_str(name), whole, sizeof(whole));

	(void)state;
	for (size_t room = 1; room <= n_whole + 2; room++) {
		char *buf = malloc(room);
		size_t n = display_write(DISPLAY_TEXT, span_str(name), buf, room);

		assert_true(n < room);
		assert_int_equal(strlen(buf), n);
		assert_true(utf8_is_valid(span_str(buf)));
		if (room > n_whole)
			assert_string_equal(buf, whole);
		else if (room > 3)
			assert_string_equal(buf + n - 3, "...");
		free(buf);
	}
}

static void broken_escapes(void **state)
{
	static const char *const bad[] = {"\\", "\\x", "\\x1", "\\xg0", "\\q", "\\u12", "\\u0041",
		"\\U0000", "\\U00000041", "\\X41"};
	char back[32];
	size_t n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(display_read(span_str(bad[i]), back, sizeof(back), &n), -EINVAL);
	assert_int_equal(display_read(span_str("abc"), back, 2, &n), -EMSGSIZE);
	assert_int_equal(n, 7);
}

/* A form that is made again stays as it is; what is no form becomes harmless. */
static void made_again(void **state)
{
	char once[256];
	char again[256];

	(void)state;
	for (size_t i = 0; i < sizeof(display_rows) / sizeof(display_rows[0]); i++) {
		(void)display_write(
			DISPLAY_TEXT, span_str(display_rows[i].bytes), once, sizeof(once));
		(void)display_write(DISPLAY_AGAIN, span_str(once), again, sizeof(again));
		assert_string_equal(again, once);
	}
	(void)display_write(DISPLAY_AGAIN, span_str("C:\\x\x1b"), again, sizeof(again));
	assert_string_equal(again, "C:\\x\\x1b");
	assert_true(display_is_plain('a') && display_is_plain(0xe9) && display_is_plain(0x1f600));
	assert_true(display_is_visible("") && display_is_visible("caf\xc3\xa9 1"));
	assert_false(display_is_visible("a\nb") ||
		     display_is_visible("a\xe2\x80\xae"
					"b") ||
		     display_is_visible("\xff"));
	assert_false(display_is_plain(0x1b) || display_is_plain(0x9b) || display_is_plain(0x202e));
}

static void on_the_heap(void **state)
{
	char *text = display_dup((struct span){"a\0b", 3});

	(void)state;
	assert_string_equal(text, "a\\x00b");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(valid_and_invalid_utf8),
		cmocka_unit_test(table), cmocka_unit_test(every_pair_of_bytes_comes_back),
		cmocka_unit_test(cut_at_every_size), cmocka_unit_test(broken_escapes),
		cmocka_unit_test(made_again), cmocka_unit_test(on_the_heap)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
