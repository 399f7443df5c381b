/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash of an event: the format is for ever, so one vector is fixed; every
 * field counts, and so does where one field ends and the next begins.
 */
#include "log_chain.h"

#include "digest.h"
#include "unit.h"

#include <string.h>

static const struct event_record log_chain_event = {
	.sequence = 7,
	.time_unix_ms = 1764000000123,
	.action_type = "AntivirusScanStarted",
	.scan_id = "s",
	.action_id = "a",
	.fields_json = "{\"x\":1}",
	.previous_hash = {1, 2, 3},
};

/* Computed with sha256sum from the layout in log_chain.h. */
static void vector(void **state)
{
	uint8_t hash[RECORD_HASH_SIZE];
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(log_chain_hash(&log_chain_event, hash), 0);
	digest_hex(hash, sizeof(hash), hex);
	assert_string_equal(
		hex, "909fa048d65ac303494db887d6234a78e8ad9812b95039100be1a24bf046f182");
}

/* No field can be changed without the hash. */
static void every_field(void **state)
{
	struct event_record events[8];
	uint8_t hashes[8][RECORD_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		events[i] = log_chain_event;
	events[1].sequence = 8;
	events[2].time_unix_ms++;
	events[3].action_type = "AntivirusScanStartedX";
	events[4].scan_id = "sa";
	events[4].action_id = "";
	events[5].action_id = "b";
	events[6].fields_json = "{\"x\": 1}";
	events[7].previous_hash[31] = 1;
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(log_chain_hash(&events[i], hashes[i]), 0);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(hashes[i], hashes[k], RECORD_HASH_SIZE);
	}
}

/* NULL is the empty text; the hash field itself is not read. */
static void null_and_hash(void **state)
{
	struct event_record a = {.action_type = "X"};
	struct event_record b = {
		.action_type = "X", .scan_id = "", .action_id = "", .fields_json = "", .hash = {9}};
	uint8_t of_a[RECORD_HASH_SIZE];
	uint8_t of_b[RECORD_HASH_SIZE];

	(void)state;
	assert_int_equal(log_chain_hash(&a, of_a), 0);
	assert_int_equal(log_chain_hash(&b, of_b), 0);
	assert_memory_equal(of_a, of_b, RECORD_HASH_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vector),
		cmocka_unit_test(every_field),
		cmocka_unit_test(null_and_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
