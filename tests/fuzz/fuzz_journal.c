/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a journal, as it may lie on a disk that failed, and as somebody
 * could have made it: each line as it is, and each line's record under a check
 * that is right. What is accepted is within its limits and is the same when it is
 * written and read again.
 */
#include "fuzz.h"

#include "base64.h"
#include "check.h"
#include "journal_record.h"
#include "vault_crypto.h"
#include "vault_item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_JOURNAL_CHECK = 16 };

static void fuzz_journal_limits(const struct journal_record *record)
{
	char id[JOURNAL_RECORD_ID_LENGTH + 1] = "";
	struct identity identity;

	memcpy(id, record->id, JOURNAL_RECORD_ID_LENGTH);
	INVARIANT(vault_item_is_id(id));
	INVARIANT(record->step < JOURNAL_STEP_N && record->action < JOURNAL_ACTION_N);
	INVARIANT(record->path.n <= JOURNAL_RECORD_PATH_MAX &&
		  record->reason.n <= JOURNAL_RECORD_TEXT_MAX);
	INVARIANT(strcmp(journal_end_name((enum journal_end)record->end), "unknown") != 0);
	journal_record_identity(record, &identity);
	INVARIANT(memchr(identity.sha256, '\0', sizeof(identity.sha256)));
}

static void fuzz_journal_line(struct span line)
{
	struct journal_record record = {0};
	struct journal_record back = {0};
	void *bytes = NULL;
	void *bytes_back = NULL;
	char *again;
	size_t n = 0;

	if (journal_record_read(line, &record, &bytes) < 0) {
		INVARIANT(!bytes);
		return;
	}
	fuzz_journal_limits(&record);
	again = malloc(journal_record_line_size());
	INVARIANT(journal_record_write(&record, again, &n) == 0);
	INVARIANT(n <= journal_record_line_size() && again[n - 1] == '\n');
	INVARIANT(n - 1 == line.n && memcmp(again, line.data, line.n) == 0);
	INVARIANT(journal_record_read((struct span){again, n - 1}, &back, &bytes_back) == 0);
	INVARIANT(span_equal(record.path, back.path) && record.begun_ms == back.begun_ms);
	free(again);
	free(bytes);
	free(bytes_back);
}

/* Any bytes as a record, with the check that they should have. */
static void fuzz_journal_bytes(const void *data, size_t n_data)
{
	struct vault_crypto_hash *hash = NULL;
	struct span bytes = {data, n_data};
	char *line = malloc(base64_encoded_size(n_data) + FUZZ_JOURNAL_CHECK + 3);
	char sha256[65];
	char sha1[41];
	size_t n;

	INVARIANT(vault_crypto_hash_new(&hash) == 0 && vault_crypto_hash_add(hash, bytes) == 0 &&
		  vault_crypto_hash_end(hash, sha256, sha1) == 0);
	vault_crypto_hash_free(hash);
	base64_encode(bytes, line);
	n = strlen(line);
	n += (size_t)sprintf(line + n, " %.*s", FUZZ_JOURNAL_CHECK, sha256);
	fuzz_journal_line((struct span){line, n});
	free(line);
}

static void fuzz_journal_both(const char *line, size_t n)
{
	const char *blank = n > 0 ? memchr(line, ' ', n) : NULL;
	size_t n_text = blank ? (size_t)(blank - line) : n;
	uint8_t *bytes = malloc(base64_decoded_size(n_text) + 1);
	size_t n_bytes = 0;

	fuzz_journal_line((struct span){line, n});
	if (base64_decode(
		    (struct span){line, n_text}, bytes, base64_decoded_size(n_text), &n_bytes) == 0)
		fuzz_journal_bytes(bytes, n_bytes);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *at = (const char *)data;
	const char *end = at + n;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		fuzz_journal_both(at, (size_t)((stop ? stop : end) - at));
		at = stop ? stop + 1 : end;
	}
	fuzz_journal_bytes(data, n);
	return 0;
}
