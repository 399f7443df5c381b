/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header is in every piece's authentication, so nothing in it can be
 * changed and no piece be taken to another item, even by who writes the file
 * with pieces of ours. Each item has a key of its own, made from the vault's and
 * a random salt; so nonces may count, which is what tells a chunk's place, and
 * the vault's key is never used up (SP 800-38D allows 2^32 random nonces only).
 *
 * The last chunk says that it is the last one in its nonce: a file cut at a
 * chunk's end, with the size in its header put right, is not authentic.
 */
#include "vault_format.h"

#include "check.h"
#include "hex.h"

#include <errno.h>
#include <inttypes.h>

/* The last byte ends a listing on old terminals; none of it is text of a sample. */
static const uint8_t vault_format_magic[8] = {'Q', 'S', 'V', 'A', 'U', 'L', 'T', 0x1a};

enum {
	VAULT_FORMAT_AT_VERSION = 8,
	VAULT_FORMAT_AT_CHUNK = 12,
	VAULT_FORMAT_AT_METADATA = 16,
	VAULT_FORMAT_AT_RESERVED = 20,
	VAULT_FORMAT_AT_CONTENT = 24,
	VAULT_FORMAT_AT_KEY_ID = 32,
	VAULT_FORMAT_AT_ID = 48,
	VAULT_FORMAT_AT_SALT = 64,
};

static void vault_format_put(uint8_t *at, size_t n, uint64_t value)
{
	for (size_t i = 0; i < n; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t vault_format_get(const uint8_t *at, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

void vault_format_write(
	const struct vault_format *format, uint8_t header[VAULT_FORMAT_HEADER_BYTES])
{
	PRE(format->n_metadata > 0 && format->n_metadata <= VAULT_FORMAT_METADATA_MAX);
	PRE(format->n_content <= VAULT_FORMAT_CONTENT_MAX);
	memcpy(header, vault_format_magic, sizeof(vault_format_magic));
	vault_format_put(header + VAULT_FORMAT_AT_VERSION, 4, VAULT_FORMAT_VERSION);
	vault_format_put(header + VAULT_FORMAT_AT_CHUNK, 4, VAULT_FORMAT_CHUNK_BYTES);
	vault_format_put(header + VAULT_FORMAT_AT_METADATA, 4, format->n_metadata);
	vault_format_put(header + VAULT_FORMAT_AT_RESERVED, 4, 0);
	vault_format_put(header + VAULT_FORMAT_AT_CONTENT, 8, format->n_content);
	memcpy(header + VAULT_FORMAT_AT_KEY_ID, format->key_id, VAULT_FORMAT_ID_BYTES);
	memcpy(header + VAULT_FORMAT_AT_ID, format->id, VAULT_FORMAT_ID_BYTES);
	memcpy(header + VAULT_FORMAT_AT_SALT, format->salt, VAULT_FORMAT_SALT_BYTES);
}

static int vault_format_refuse(struct errmsg *msg, const char *what)
{
	errmsg_set(msg, "%s", what);
	return -EBADMSG;
}

int vault_format_read(const uint8_t header[VAULT_FORMAT_HEADER_BYTES], struct vault_format *format,
	struct errmsg *msg)
{
	uint64_t version = vault_format_get(header + VAULT_FORMAT_AT_VERSION, 4);

	if (memcmp(header, vault_format_magic, sizeof(vault_format_magic)) != 0)
		return vault_format_refuse(msg, "not an item of the quarantine");
	if (version != VAULT_FORMAT_VERSION) {
		errmsg_set(msg, "version %" PRIu64 ", 1 is known", version);
		return -EBADMSG;
	}
	if (vault_format_get(header + VAULT_FORMAT_AT_CHUNK, 4) != VAULT_FORMAT_CHUNK_BYTES ||
		vault_format_get(header + VAULT_FORMAT_AT_RESERVED, 4) != 0)
		return vault_format_refuse(msg, "bad header");
	format->n_metadata = (uint32_t)vault_format_get(header + VAULT_FORMAT_AT_METADATA, 4);
	format->n_content = vault_format_get(header + VAULT_FORMAT_AT_CONTENT, 8);
	if (format->n_metadata == 0 || format->n_metadata > VAULT_FORMAT_METADATA_MAX ||
		format->n_content > VAULT_FORMAT_CONTENT_MAX)
		return vault_format_refuse(msg, "bad header: a length is out of range");
	memcpy(format->key_id, header + VAULT_FORMAT_AT_KEY_ID, VAULT_FORMAT_ID_BYTES);
	memcpy(format->id, header + VAULT_FORMAT_AT_ID, VAULT_FORMAT_ID_BYTES);
	memcpy(format->salt, header + VAULT_FORMAT_AT_SALT, VAULT_FORMAT_SALT_BYTES);
	return 0;
}

uint64_t vault_format_n_chunks(const struct vault_format *format)
{
	if (format->n_content == 0)
		return 1;
	return (format->n_content - 1) / VAULT_FORMAT_CHUNK_BYTES + 1;
}

size_t vault_format_chunk_size(const struct vault_format *format, uint64_t index)
{
	uint64_t n_chunks = vault_format_n_chunks(format);

	PRE(index < n_chunks);
	if (index + 1 < n_chunks)
		return VAULT_FORMAT_CHUNK_BYTES;
	return (size_t)(format->n_content - index * VAULT_FORMAT_CHUNK_BYTES);
}

uint64_t vault_format_chunk_at(const struct vault_format *format, uint64_t index)
{
	uint64_t n_chunks = vault_format_n_chunks(format);
	uint64_t n_before = index < n_chunks ? index * VAULT_FORMAT_CHUNK_BYTES : format->n_content;

	PRE(index <= n_chunks);
	return VAULT_FORMAT_HEADER_BYTES + (uint64_t)format->n_metadata + VAULT_CRYPTO_TAG_BYTES +
	       n_before + index * VAULT_CRYPTO_TAG_BYTES;
}

static void vault_format_nonce(
	enum vault_format_piece piece, uint64_t index, uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES])
{
	memset(nonce, 0, VAULT_CRYPTO_NONCE_BYTES);
	nonce[0] = (uint8_t)piece;
	vault_format_put(nonce + 4, 8, index);
}

void vault_format_chunk_nonce(
	const struct vault_format *format, uint64_t index, uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES])
{
	bool is_last = index + 1 == vault_format_n_chunks(format);

	vault_format_nonce(is_last ? VAULT_FORMAT_CHUNK_LAST : VAULT_FORMAT_CHUNK, index, nonce);
}

void vault_format_metadata_nonce(uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES])
{
	vault_format_nonce(VAULT_FORMAT_METADATA, 0, nonce);
}

int vault_format_read_id(const char *text, uint8_t id[VAULT_FORMAT_ID_BYTES])
{
	if (!vault_item_is_id(text))
		return -EINVAL;
	for (size_t i = 0; i < VAULT_FORMAT_ID_BYTES; i++)
		id[i] = (uint8_t)(hex_digit((unsigned char)text[2 * i]) * 16 +
				  hex_digit((unsigned char)text[2 * i + 1]));
	return 0;
}
