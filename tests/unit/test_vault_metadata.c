/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vault_item and vault_metadata: limits at their borders, and texts that are none of ours. */
#include "unit.h"
#include "vaultworld.h"

#include "vault_format.h"
#include "vault_metadata.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void fill(char *bytes, size_t n)
{
	memset(bytes, 0xff, n);
	bytes[n] = '\0';
}

/* Everything at its limit, in bytes that grow most: within the format's, and read again. */
static void largest(void **state)
{
	const size_t n_name = VAULT_XATTRS_BYTES_MAX / VAULT_XATTRS_MAX < VAULT_XATTR_NAME_MAX
				      ? VAULT_XATTRS_BYTES_MAX / VAULT_XATTRS_MAX
				      : VAULT_XATTR_NAME_MAX;
	struct vault_item item = VAULT_ITEM_NULL;
	struct vault_item back;
	struct errmsg msg = ERRMSG_NULL;
	char *text = NULL;
	size_t n = 0;

	(void)state;
	vault_make_id(item.id);
	fill(item.sha256, 64);
	memset(item.sha256, 'a', 64);
	memset(item.sha1, 'b', 40);
	item.path = malloc(VAULT_PATH_MAX + 1);
	item.path_size = VAULT_PATH_MAX;
	fill((char *)item.path, VAULT_PATH_MAX);
	item.path[0] = '/';
	item.threat_name = malloc(VAULT_TEXT_MAX + 1);
	memset(item.threat_name, '"', VAULT_TEXT_MAX);
	item.threat_name[VAULT_TEXT_MAX] = '\0';
	item.n_xattrs = VAULT_XATTRS_MAX;
	item.xattrs = calloc(item.n_xattrs, sizeof(item.xattrs[0]));
	for (size_t i = 0; i < item.n_xattrs; i++) {
		item.xattrs[i].name = malloc(n_name + 1);
		fill(item.xattrs[i].name, n_name);
		item.xattrs[i].value = calloc(1, 512);
		item.xattrs[i].size = VAULT_XATTRS_BYTES_MAX / VAULT_XATTRS_MAX - n_name;
	}
	assert_int_equal(vault_item_check(&item, &msg), 0);
	assert_int_equal(vault_metadata_write(&item, &text, &n), 0);
	assert_true(n <= VAULT_FORMAT_METADATA_MAX);
	print_message("%zu bytes of metadata, at most %d\n", n, VAULT_FORMAT_METADATA_MAX);
	if (vault_metadata_read(text, n, &back, &msg) != 0)
		fail_msg("%s", msg.text);
	vaultworld_expect_equal(&item, &back);
	vault_item_deinit(&back);
	free(text);
	vault_item_deinit(&item);
}

static void expect_refused(struct vault_item *item, int code, const char *text)
{
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(vault_item_check(item, &msg), code);
	assert_string_equal(msg.text, text);
}

/* One beyond each limit. */
static void limits(void **state)
{
	struct vault_item item;
	char *large = malloc(VAULT_XATTRS_BYTES_MAX);
	char *old;

	(void)state;
	memset(large, 'x', VAULT_XATTRS_BYTES_MAX);
	vaultworld_item("/a", &item);
	assert_int_equal(vault_item_check(&item, NULL), 0);
	item.path_size = 0;
	expect_refused(&item, -EINVAL, "the path is not absolute or too long");
	item.path_size = 3; /* its NUL */
	expect_refused(&item, -EINVAL, "the path is not absolute or too long");
	item.path_size = VAULT_PATH_MAX + 1;
	expect_refused(&item, -EINVAL, "the path is not absolute or too long");
	item.path_size = 2;
	item.atime.tv_nsec = 1000000000;
	expect_refused(&item, -EINVAL, "a time is out of range");
	item.atime.tv_nsec = 0;
	item.mtime.tv_nsec = -1;
	expect_refused(&item, -EINVAL, "a time is out of range");
	item.mtime.tv_nsec = 0;
	large[VAULT_TEXT_MAX + 1] = '\0';
	item.reason = large;
	expect_refused(&item, -EINVAL, "a text is too long");
	item.reason = NULL;

	old = item.xattrs[0].name;
	large[VAULT_XATTR_NAME_MAX + 1] = '\0';
	item.xattrs[0].name = large;
	expect_refused(&item, -EINVAL, "an extended attribute's name is empty or too long");
	large[0] = '\0';
	expect_refused(&item, -EINVAL, "an extended attribute's name is empty or too long");
	item.xattrs[0].name = old;
	item.xattrs[0].size = VAULT_XATTR_VALUE_MAX + 1;
	expect_refused(&item, -E2BIG, "an extended attribute is too long");
	for (size_t i = 0; i < 4; i++)
		item.xattrs[i].size = VAULT_XATTR_VALUE_MAX;
	expect_refused(&item, -E2BIG, "extended attributes are too long together");
	item.n_xattrs = VAULT_XATTRS_MAX + 1;
	expect_refused(&item, -E2BIG, "too many extended attributes");
	item.n_xattrs = 4;
	vault_item_deinit(&item);
	free(large);
}

/* A whole text, one field of which is replaced each time. */
static char *text_with(const char *from, const char *to)
{
	static const char whole[] =
		"{\"id\":\"00112233445566778899aabbccddeeff\",\"path\":\"/"
		"a\",\"pathBytes\":\"L2E=\","
		"\"device\":1,\"inode\":2,\"mode\":33188,\"uid\":0,\"gid\":0,\"linkCount\":2,"
		"\"size\":3,"
		"\"accessTime\":{\"seconds\":1,\"nanoseconds\":2},"
		"\"modificationTime\":{\"seconds\":1,\"nanoseconds\":2},"
		"\"xattrs\":[{\"name\":\"user.a\",\"nameBytes\":\"dXNlci5h\","
		"\"valueBytes\":\"AAE=\"}],"
		"\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
		"\"sha1\":\"a9993e364706816aba3e25717850c26c9cd0d89d\",\"threatName\":\"T\","
		"\"detectionId\":null,\"reason\":null,\"quarantinedUnixMs\":5}";
	char *text = calloc(1, sizeof(whole) + 4096);
	const char *at = strstr(whole, from);

	assert_non_null(at);
	memcpy(text, whole, (size_t)(at - whole));
	strcat(text, to);
	strcat(text, at + strlen(from));
	return text;
}

/* Missing, of the wrong type, out of range, unknown: nothing is taken. */
static void refused_texts(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		const char *text; /* in the message */
	} rows[] = {{"\"id\":\"0", "\"id\":\"", "id"}, {"\"id\"", "\"Id\"", "Id"},
		{"ccddeeff\"", "ccddeefg\"", "id"}, {"\"L2E=\"", "\"L2E\"", "path"},
		{"\"L2E=\"", "\"YQ==\"", "path"}, {"\"L2E=\"", "\"LwBh\"", "path"},
		{"\"L2E=\"", "\"\"", "path"}, {"\"device\":1", "\"device\":-1", "device"},
		{"\"inode\":2", "\"inode\":\"x\"", "inode"}, {"33188", "4294967296", "mode"},
		{"\"uid\":0", "\"uid\":null", "uid"}, {"\"gid\":0", "\"gid\":0.5", "gid"},
		{"\"size\":3", "\"size\":[3]", "size"}, {"Count\":2", "Count\":-1", "linkCount"},
		{"{\"seconds\":1,\"nanoseconds\":2},\"x", "7,\"x", "modificationTime"},
		{"\"nanoseconds\":2", "\"nanoseconds\":1000000000", "nanoseconds"},
		{"\"seconds\":1", "\"seconds\":\"9223372036854775808\"", "seconds"},
		{"[{\"name\"", "[{},{\"name\"", "name"}, {"\"dXNlci5h\"", "\"dQBh\"", "NUL"},
		{"\"dXNlci5h\"", "\"\"", "name"}, {"\"AAE=\"", "\"A\"", "value"},
		{"ba7816", "BA7816", "sha256"}, {"a9993e", "a9993", "sha1"},
		{"\"T\"", "7", "threatName"}, {":5}", ":5,\"more\":1}", "more"},
		{":5}", ":5} {}", "line 1"}, {":5}", ":5", "line 1"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = text_with(rows[i].from, rows[i].to);
		struct errmsg msg = ERRMSG_NULL;
		struct vault_item item;
		int r = vault_metadata_read(text, strlen(text), &item, &msg);

		if (r != -EBADMSG || !strstr(msg.text, rows[i].text) ||
			strncmp(msg.text, "metadata: ", 10) != 0)
			fail_msg("row %zu: %d %s", i, r, msg.text);
		assert_null(item.path);
		assert_null(item.xattrs);
		free(text);
	}
}

/* An item of the time before names were counted. */
static void no_link_count(void **state)
{
	char *text = text_with("\"linkCount\":2,", "");
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item;

	(void)state;
	assert_int_equal(vault_metadata_read(text, strlen(text), &item, &msg), 0);
	assert_int_equal(item.n_links, 0);
	assert_string_equal(msg.text, ""); /* what may be missing is no error */
	vault_item_deinit(&item);
	free(text);
}

/* The whole text itself, and one with more attributes than there may be. */
static void whole_text(void **state)
{
	char *text = text_with("33188", "33188");
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item;
	char many[2 * VAULT_XATTRS_MAX + 64] = "\"xattrs\":[";

	(void)state;
	assert_int_equal(vault_metadata_read(text, strlen(text), &item, &msg), 0);
	assert_int_equal(item.n_xattrs, 1);
	assert_int_equal(item.n_links, 2);
	assert_memory_equal(item.xattrs[0].value, "\0\1", 2);
	assert_string_equal(item.threat_name, "T");
	vault_item_deinit(&item);
	free(text);
	for (size_t i = 0; i <= VAULT_XATTRS_MAX; i++)
		strcat(many, "1,");
	strcat(many, "1");
	strcat(many, ",{\"name\"");
	text = text_with("\"xattrs\":[{\"name\"", many);
	assert_int_equal(vault_metadata_read(text, strlen(text), &item, &msg), -EBADMSG);
	assert_string_equal(msg.text, "metadata: xattrs: too many");
	free(text);
}

/* The header at its borders, and what places follow from it. */
static void header(void **state)
{
	struct vault_format format = {.n_metadata = 1};
	struct vault_format back;
	uint8_t bytes[VAULT_FORMAT_HEADER_BYTES];
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	vault_format_write(&format, bytes);
	assert_int_equal(vault_format_read(bytes, &back, &msg), 0);
	assert_int_equal(vault_format_n_chunks(&back), 1);
	assert_int_equal(vault_format_chunk_size(&back, 0), 0);
	assert_int_equal(vault_format_chunk_at(&back, 1), 96 + 1 + 16 + 16);
	format.n_metadata = VAULT_FORMAT_METADATA_MAX;
	format.n_content = VAULT_FORMAT_CONTENT_MAX;
	vault_format_write(&format, bytes);
	assert_int_equal(vault_format_read(bytes, &back, &msg), 0);
	assert_true(back.n_content == VAULT_FORMAT_CONTENT_MAX);
	assert_true(vault_format_chunk_at(&back, vault_format_n_chunks(&back)) < INT64_MAX);
	bytes[8] = 2;
	assert_int_equal(vault_format_read(bytes, &back, &msg), -EBADMSG);
	assert_string_equal(msg.text, "version 2, 1 is known");
	bytes[8] = 1;
	bytes[20] = 1;
	assert_int_equal(vault_format_read(bytes, &back, &msg), -EBADMSG);
	assert_string_equal(msg.text, "bad header");
	bytes[20] = 0;
	bytes[31] = 0x40;
	assert_int_equal(vault_format_read(bytes, &back, &msg), -EBADMSG);
	assert_string_equal(msg.text, "bad header: a length is out of range");
	bytes[0] = 'P';
	assert_int_equal(vault_format_read(bytes, &back, &msg), -EBADMSG);
	assert_string_equal(msg.text, "not an item of the quarantine");
}

/* No two pieces of an item have one nonce; that of the last chunk says that it is. */
static void nonces(void **state)
{
	static const uint8_t metadata[VAULT_CRYPTO_NONCE_BYTES] = {0};
	static const uint8_t chunk[VAULT_CRYPTO_NONCE_BYTES] = {1, 0, 0, 0, 0x02, 0x01};
	static const uint8_t last[VAULT_CRYPTO_NONCE_BYTES] = {2, 0, 0, 0, 0x02, 0x01};
	struct vault_format format = {.n_metadata = 1, .n_content = UINT64_C(259) << 16};
	uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES];

	(void)state;
	vault_format_metadata_nonce(nonce);
	assert_memory_equal(nonce, metadata, sizeof(nonce));
	vault_format_chunk_nonce(&format, 258, nonce);
	assert_memory_equal(nonce, last, sizeof(nonce));
	format.n_content++;
	vault_format_chunk_nonce(&format, 258, nonce);
	assert_memory_equal(nonce, chunk, sizeof(nonce));
	format.n_content = 0;
	vault_format_chunk_nonce(&format, 0, nonce);
	assert_int_equal(nonce[0], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(largest),
		cmocka_unit_test(limits),
		cmocka_unit_test(refused_texts),
		cmocka_unit_test(no_link_count),
		cmocka_unit_test(whole_text),
		cmocka_unit_test(header),
		cmocka_unit_test(nonces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
