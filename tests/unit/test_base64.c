/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base64: the vectors of RFC 4648, every length, and what must be refused. */
#include "unit.h"

#include "base64.h"

#include <errno.h>
#include <stdlib.h>

static void rfc_vectors(void **state)
{
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char text[32];
		uint8_t back[32];
		size_t n = 99;

		base64_encode(span_str(pairs[i][0]), text);
		assert_string_equal(text, pairs[i][1]);
		assert_int_equal(base64_decode(span_str(text), back, sizeof(back), &n), 0);
		assert_int_equal(n, strlen(pairs[i][0]));
		assert_memory_equal(back, pairs[i][0], n);
	}
}

/* Any bytes of any length come back, in a buffer of exactly the promised size. */
static void every_length(void **state)
{
	uint8_t bytes[257];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 167 + 13);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		char *text = malloc(base64_encoded_size(n));
		size_t n_text;
		uint8_t *back;
		size_t got = 0;

		base64_encode((struct span){bytes, n}, text);
		n_text = strlen(text);
		assert_int_equal(n_text + 1, base64_encoded_size(n));
		back = malloc(base64_decoded_size(n_text) + 1);
		assert_int_equal(base64_decode((struct span){text, n_text}, back,
					 base64_decoded_size(n_text), &got),
			0);
		assert_int_equal(got, n);
		assert_memory_equal(back, bytes, n);
		free(back);
		free(text);
	}
}

/* One byte string has one spelling; everything else is refused. */
static void not_canonical(void **state)
{
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v\n",
		" Zm9", "Zm 9", "Zh==", "Zm9=", "Zg==Zg==", "Zm9-", "Zm9_", "Zm=v", "=Zm9"};
	uint8_t back[32];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t n = 77;

		assert_int_equal(base64_decode(span_str(bad[i]), back, sizeof(back), &n), -EINVAL);
		assert_int_equal(n, 77);
	}
}

static void buffer_too_small(void **state)
{
	uint8_t back[2];
	size_t n = 77;

	(void)state;
	assert_int_equal(base64_decode(span_str("Zm9v"), back, sizeof(back), &n), -EMSGSIZE);
	assert_int_equal(n, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rfc_vectors),
		cmocka_unit_test(every_length), cmocka_unit_test(not_canonical),
		cmocka_unit_test(buffer_too_small)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
