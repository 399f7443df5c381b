/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of an item's file, then the text of its metadata. Lengths of an
 * accepted header never overflow; accepted metadata are within their limits and
 * are the same when they are written and read again.
 */
#include "fuzz.h"

#include "check.h"
#include "vault_format.h"
#include "vault_metadata.h"

#include <stdlib.h>
#include <string.h>

static void fuzz_vault_header(const uint8_t *data)
{
	struct vault_format format;
	uint8_t again[VAULT_FORMAT_HEADER_BYTES];
	uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES];
	struct errmsg msg = ERRMSG_NULL;
	uint64_t n;

	if (vault_format_read(data, &format, &msg) < 0) {
		INVARIANT(msg.text[0] != '\0');
		return;
	}
	n = vault_format_n_chunks(&format);
	INVARIANT(vault_format_chunk_at(&format, n) <= INT64_MAX);
	INVARIANT(vault_format_chunk_at(&format, n) ==
		  vault_format_chunk_at(&format, n - 1) + vault_format_chunk_size(&format, n - 1) +
			  VAULT_CRYPTO_TAG_BYTES);
	vault_format_chunk_nonce(&format, n - 1, nonce);
	INVARIANT(nonce[0] == VAULT_FORMAT_CHUNK_LAST);
	vault_format_write(&format, again);
	INVARIANT(memcmp(again, data, sizeof(again)) == 0);
}

static void fuzz_vault_metadata(const char *data, size_t n_data)
{
	struct vault_item item;
	struct vault_item back;
	struct errmsg msg = ERRMSG_NULL;
	char *text = NULL;
	char *again = NULL;
	size_t n = 0;
	size_t n_again = 0;

	if (vault_metadata_read(data, n_data, &item, &msg) < 0) {
		INVARIANT(!item.path && !item.xattrs && msg.text[0] != '\0');
		return;
	}
	INVARIANT(vault_item_check(&item, NULL) == 0 && vault_item_is_id(item.id));
	INVARIANT(vault_metadata_write(&item, &text, &n) == 0);
	INVARIANT(n <= VAULT_FORMAT_METADATA_MAX);
	INVARIANT(vault_metadata_read(text, n, &back, NULL) == 0);
	INVARIANT(vault_metadata_write(&back, &again, &n_again) == 0);
	INVARIANT(n == n_again && memcmp(text, again, n) == 0);
	free(text);
	free(again);
	vault_item_deinit(&item);
	vault_item_deinit(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t header[VAULT_FORMAT_HEADER_BYTES] = {0};

	memcpy(header, data, n < sizeof(header) ? n : sizeof(header));
	fuzz_vault_header(header);
	/* A good beginning, so that what follows is reached. */
	memcpy(header, "QSVAULT\x1a\1\0\0\0\0\0\1\0", 16);
	memset(header + 20, 0, 4);
	fuzz_vault_header(header);
	fuzz_vault_metadata((const char *)data, n);
	return 0;
}
