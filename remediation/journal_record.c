/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The codec is that of the messages: a table, so that writing and reading agree.
 */
#include "journal_record.h"

#include "base64.h"
#include "cleanup.h"
#include "vault_crypto.h"
#include "wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	JOURNAL_RECORD_TYPE = 0x4a01,
	JOURNAL_RECORD_BYTES = 3 * JOURNAL_RECORD_PATH_MAX + 3 * JOURNAL_RECORD_TEXT_MAX + 512,
	JOURNAL_RECORD_CHECK = 16, /* digits */
};

#define FIELD(kind, max, member)                                                                   \
	{                                                                                          \
		kind, max, offsetof(struct journal_record, member)                                 \
	}

static const struct wire_field journal_record_fields[] = {FIELD(WIRE_U8, 0, step),
	FIELD(WIRE_U8, 0, action), FIELD(WIRE_U8, 0, end),
	FIELD(WIRE_FIXED, JOURNAL_RECORD_ID_LENGTH, id), FIELD(WIRE_U64, 0, dev),
	FIELD(WIRE_U64, 0, inode), FIELD(WIRE_U64, 0, size), FIELD(WIRE_I64, 0, mtime_ns),
	FIELD(WIRE_I64, 0, ctime_ns), FIELD(WIRE_BYTES, 64, sha256),
	FIELD(WIRE_BYTES, JOURNAL_RECORD_PATH_MAX, path),
	FIELD(WIRE_BYTES, JOURNAL_RECORD_PATH_MAX, folder), FIELD(WIRE_U64, 0, folder_dev),
	FIELD(WIRE_U64, 0, folder_inode), FIELD(WIRE_BYTES, JOURNAL_RECORD_PATH_MAX, staging),
	FIELD(WIRE_BYTES, JOURNAL_RECORD_TEXT_MAX, threat_name),
	FIELD(WIRE_BYTES, JOURNAL_RECORD_TEXT_MAX, detection_id),
	FIELD(WIRE_BYTES, JOURNAL_RECORD_TEXT_MAX, reason), FIELD(WIRE_I64, 0, begun_ms)};

static const struct wire_message journal_record_table = {JOURNAL_RECORD_TYPE, "journal_record",
	sizeof(struct journal_record), journal_record_fields,
	sizeof(journal_record_fields) / sizeof(journal_record_fields[0])};

const char *journal_end_name(enum journal_end end)
{
	static const char *const names[JOURNAL_END_N] = {"in place", "in quarantine", "removed",
		"beside its place", "another file, in quarantine"};

	return end < JOURNAL_END_N ? names[end] : "unknown";
}

void journal_record_identity(const struct journal_record *record, struct identity *identity)
{
	*identity = (struct identity){.dev = record->dev,
		.inode = record->inode,
		.size = record->size,
		.mtime_ns = record->mtime_ns,
		.ctime_ns = record->ctime_ns};
	if (record->sha256.n == 64)
		memcpy(identity->sha256, record->sha256.data, 64);
}

size_t journal_record_line_size(void)
{
	return base64_encoded_size(JOURNAL_RECORD_BYTES) + JOURNAL_RECORD_CHECK + 3;
}

static int journal_record_check(struct span bytes, char check[JOURNAL_RECORD_CHECK + 1])
{
	_cleanup_(vault_crypto_hash_cleanup) struct vault_crypto_hash *hash = NULL;
	char sha256[65];
	char sha1[41];
	int r = vault_crypto_hash_new(&hash);

	if (r == 0)
		r = vault_crypto_hash_add(hash, bytes);
	if (r == 0)
		r = vault_crypto_hash_end(hash, sha256, sha1);
	if (r < 0)
		return err_trace(r);
	(void)snprintf(check, JOURNAL_RECORD_CHECK + 1, "%.*s", (int)JOURNAL_RECORD_CHECK, sha256);
	return 0;
}

int journal_record_write(const struct journal_record *record, char *line, size_t *n_linep)
{
	_cleanup_(cleanup_free) uint8_t *bytes = malloc(JOURNAL_RECORD_BYTES);
	char check[JOURNAL_RECORD_CHECK + 1];
	size_t n = 0;
	int r = bytes ? wire_encode(&journal_record_table, record, bytes, JOURNAL_RECORD_BYTES, &n)
		      : -ENOMEM;

	if (r == 0)
		r = journal_record_check((struct span){bytes, n}, check);
	if (r < 0)
		return err_origin(r);
	base64_encode((struct span){bytes, n}, line);
	n = strlen(line);
	*n_linep = n + (size_t)snprintf(line + n, JOURNAL_RECORD_CHECK + 3, " %s\n", check);
	return 0;
}

static bool journal_record_is_sound(const struct journal_record *record)
{
	static const char digits[] = "0123456789abcdef";

	if (record->step >= JOURNAL_STEP_N || record->action >= JOURNAL_ACTION_N ||
		record->end >= JOURNAL_END_N)
		return false;
	for (size_t i = 0; i < JOURNAL_RECORD_ID_LENGTH; i++)
		if (!memchr(digits, record->id[i], sizeof(digits) - 1))
			return false;
	return true;
}

int journal_record_read(struct span line, struct journal_record *record, void **bytesp)
{
	const char *blank = line.n > 0 ? memchr(line.data, ' ', line.n) : NULL;
	struct span text = {line.data, blank ? (size_t)(blank - (const char *)line.data) : 0};
	_cleanup_(cleanup_free) uint8_t *bytes = NULL;
	char check[JOURNAL_RECORD_CHECK + 1];
	size_t n = 0;
	int r;

	if (!blank || line.n != text.n + 1 + JOURNAL_RECORD_CHECK ||
		text.n > journal_record_line_size())
		return -EBADMSG;
	bytes = malloc(base64_decoded_size(text.n) + 1);
	if (!bytes)
		return err_origin(-ENOMEM);
	if (base64_decode(text, bytes, base64_decoded_size(text.n), &n) < 0)
		return -EBADMSG;
	r = journal_record_check((struct span){bytes, n}, check);
	if (r < 0)
		return r;
	if (memcmp(check, blank + 1, JOURNAL_RECORD_CHECK) != 0 ||
		wire_decode(&journal_record_table, bytes, n, record) < 0 ||
		!journal_record_is_sound(record))
		return -EBADMSG;
	*bytesp = bytes;
	bytes = NULL;
	return 0;
}
