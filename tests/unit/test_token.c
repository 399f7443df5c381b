/* SPDX-License-Identifier: GPL-2.0-or-later */
/* token: made, read back, and refused after any change. */
#include "unit.h"

#include "roles.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t key[TOKEN_KEY_BYTES] = {1, 2, 3};
static const struct token_claims claims = {"0e0d3b1a-0000-4000-8000-123456789abc", "SOC \"one\"",
	ROLE_MACHINE_SCAN | ROLE_ALERT_READ_WRITE, 1000000, 1003600};

static char *made(void)
{
	char *text = NULL;

	assert_int_equal(token_make(key, "https://h:8443/", &claims, &text), 0);
	return text;
}

static void there_and_back(void **state)
{
	char *text = made();
	struct token_claims back;

	(void)state;
	assert_int_equal(token_check(key, text, strlen(text), 1000000, &back), 0);
	assert_string_equal(back.app_id, claims.app_id);
	assert_string_equal(back.app_name, claims.app_name);
	assert_int_equal(back.roles, claims.roles);
	assert_true(back.expires_s == claims.expires_s);
	assert_null(strpbrk(text, "+/="));
	free(text);
}

static void time_is_over(void **state)
{
	char *text = made();
	struct token_claims back;

	(void)state;
	assert_int_equal(token_check(key, text, strlen(text), 1003599, &back), 0);
	assert_int_equal(token_check(key, text, strlen(text), 1003600, &back), TOKEN_E_EXPIRED);
	assert_int_equal(token_check(key, text, strlen(text), 999000, &back), TOKEN_E_INVALID);
	free(text);
}

static void another_key(void **state)
{
	static const uint8_t other[TOKEN_KEY_BYTES] = {1, 2, 4};
	char *text = made();
	struct token_claims back;

	(void)state;
	assert_int_equal(token_check(other, text, strlen(text), 1000000, &back), TOKEN_E_INVALID);
	free(text);
}

/* Every single bit counts, the last one of the signature's spelling too. */
static void any_change_is_refused(void **state)
{
	char *text = made();
	size_t n = strlen(text);
	struct token_claims back;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];

		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(c ^ (1 << bit));
			assert_int_equal(
				token_check(key, text, n, 1000000, &back), TOKEN_E_INVALID);
		}
		text[i] = c;
		assert_int_equal(token_check(key, text, i, 1000000, &back), TOKEN_E_INVALID);
	}
	free(text);
}

/* What others would take: no signature, or one by another rule. */
static void other_headers(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a.b.c",
		"eyJhbGciOiJub25lIn0.eyJhcHBpZCI6IngifQ.",
		"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.",
		("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		 "AAA")};
	struct token_claims back;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			token_check(key, bad[i], strlen(bad[i]), 1000000, &back), TOKEN_E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(time_is_over),
		cmocka_unit_test(another_key),
		cmocka_unit_test(any_change_is_refused),
		cmocka_unit_test(other_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
