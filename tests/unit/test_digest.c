/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Published vectors (FIPS 180-2 appendix B, RFC 4231), and hex.
 */
#include "digest.h"

#include "unit.h"

#include <errno.h>
#include <string.h>

/* One message, whole and in parts. */
static void sha256(void **state)
{
	static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	const struct span whole = span_str(text);
	const struct span parts[] = {
		{.data = text, .n = 10}, SPAN_NULL, {.data = text + 10, .n = whole.n - 10}};
	uint8_t hash[DIGEST_BYTES];
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(digest_sha256(&whole, 1, hash), 0);
	digest_hex(hash, sizeof(hash), hex);
	assert_string_equal(
		hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_int_equal(digest_sha256(parts, 3, hash), 0);
	digest_hex(hash, sizeof(hash), hex);
	assert_string_equal(
		hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_int_equal(digest_sha256(NULL, 0, hash), 0);
	digest_hex(hash, sizeof(hash), hex);
	assert_string_equal(
		hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test case 2. */
static void hmac(void **state)
{
	uint8_t mac[DIGEST_BYTES];
	uint8_t other[DIGEST_BYTES];
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(digest_hmac((const uint8_t *)"Jefe", 4,
				 span_str("what do ya want for nothing?"), mac),
		0);
	digest_hex(mac, sizeof(mac), hex);
	assert_string_equal(
		hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memcpy(other, mac, sizeof(mac));
	assert_true(digest_equal(mac, other));
	other[31] ^= 1;
	assert_false(digest_equal(mac, other));
}

/* There and back; what is no hex is refused. */
static void hex(void **state)
{
	uint8_t bytes[3];
	char text[7];

	(void)state;
	assert_int_equal(digest_unhex("00aFf9zz", 3, bytes), 0);
	digest_hex(bytes, 3, text);
	assert_string_equal(text, "00aff9");
	assert_int_equal(digest_unhex("00aF", 3, bytes), -EINVAL);
	assert_int_equal(digest_unhex("00a", 2, bytes), -EINVAL);
	assert_int_equal(digest_unhex("0g", 1, bytes), -EINVAL);
	assert_int_equal(digest_unhex("", 0, bytes), 0);
}

/* Random bytes are not the same twice. */
static void random_bytes(void **state)
{
	uint8_t a[32] = {0};
	uint8_t b[32] = {0};

	(void)state;
	digest_random(a, sizeof(a));
	digest_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256),
		cmocka_unit_test(hmac),
		cmocka_unit_test(hex),
		cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
