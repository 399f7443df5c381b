/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of an item's file: a header of 96 bytes, the sealed metadata, the
 * sealed chunks of the content. Numbers are little-endian. Byte by byte:
 * docs/quarantine.md.
 *
 * Pure. Any thread.
 */
#ifndef QS_VAULT_FORMAT_H
#define QS_VAULT_FORMAT_H

#include "err.h"
#include "span.h"
#include "vault_crypto.h"
#include "vault_item.h"

#include <stdint.h>

enum {
	VAULT_FORMAT_VERSION = 1,
	VAULT_FORMAT_HEADER_BYTES = 96,
	VAULT_FORMAT_CHUNK_BYTES = 65536,        /**< Of content; only the last is shorter. */
	VAULT_FORMAT_METADATA_MAX = 2 * 1048576, /**< Bytes before they are sealed. */
	VAULT_FORMAT_ID_BYTES = 16,              /**< Of an item's id and of a key's. */
	VAULT_FORMAT_SALT_BYTES = 32,
};

/** Content is at most that long: the file's size stays below 2^63. */
#define VAULT_FORMAT_CONTENT_MAX (INT64_MAX / 2)

/** What a key's id and the key of an item are made of, see vault_crypto_derive(). */
#define VAULT_FORMAT_KEY_ID_LABEL "quietscan vault key id 1"
#define VAULT_FORMAT_ITEM_KEY_LABEL "quietscan vault item key 1"

struct vault_format {
	uint32_t n_metadata;                   /**< 1 to VAULT_FORMAT_METADATA_MAX. */
	uint64_t n_content;                    /**< At most VAULT_FORMAT_CONTENT_MAX. */
	uint8_t key_id[VAULT_FORMAT_ID_BYTES]; /**< Of the key it is sealed with. */
	uint8_t id[VAULT_FORMAT_ID_BYTES];     /**< The item's. */
	uint8_t salt[VAULT_FORMAT_SALT_BYTES]; /**< Random; the item's key comes from it. */
};

/** What a piece is: the first byte of its nonce. */
enum vault_format_piece {
	VAULT_FORMAT_METADATA = 0,
	VAULT_FORMAT_CHUNK = 1,
	VAULT_FORMAT_CHUNK_LAST = 2,
};

/** Write the header; the fields are within their ranges. */
void vault_format_write(
	const struct vault_format *format, uint8_t header[VAULT_FORMAT_HEADER_BYTES]);

/**
 * Read a header; any bytes.
 *
 * @format  Undefined unless 0 is returned.
 * @msg     Says what is wrong.
 * @return  0 or -EBADMSG.
 */
int vault_format_read(const uint8_t header[VAULT_FORMAT_HEADER_BYTES], struct vault_format *format,
	struct errmsg *msg);

/** Chunks of the content; never 0, so that an empty content has an end as well. */
uint64_t vault_format_n_chunks(const struct vault_format *format);
/** Bytes of content in a chunk. */
size_t vault_format_chunk_size(const struct vault_format *format, uint64_t index);
/** Where a sealed chunk begins in the file; for index n_chunks its size. */
uint64_t vault_format_chunk_at(const struct vault_format *format, uint64_t index);

/** The nonce of a chunk: its index, and whether it is the last. */
void vault_format_chunk_nonce(
	const struct vault_format *format, uint64_t index, uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES]);
/** The nonce of the metadata. */
void vault_format_metadata_nonce(uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES]);

/** Read an id. @return 0 or -EINVAL, see vault_item_is_id(). */
int vault_format_read_id(const char *text, uint8_t id[VAULT_FORMAT_ID_BYTES]);

#endif
