/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts are hashed where they lie; only the integers and lengths between them
 * are written into a small buffer. No JSON is canonicalised: the stored text
 * is hashed byte for byte, and never parsed and printed again.
 */
#include "log_chain.h"

#include "digest.h"

#include <endian.h>
#include <string.h>

_Static_assert(RECORD_HASH_SIZE == (int)DIGEST_BYTES, "the record holds one SHA-256");

enum { LOG_CHAIN_N_TEXTS = 4 };

static const char log_chain_tag[] = "quietscan-log-1";

int log_chain_hash(const struct event_record *event, uint8_t hash[RECORD_HASH_SIZE])
{
	const struct span texts[LOG_CHAIN_N_TEXTS] = {span_str(event->action_type),
		span_str(event->scan_id), span_str(event->action_id), span_str(event->fields_json)};
	uint64_t sequence = htobe64(event->sequence);
	uint64_t time = htobe64((uint64_t)event->time_unix_ms);
	uint32_t lengths[LOG_CHAIN_N_TEXTS];
	struct span parts[4 + 2 * LOG_CHAIN_N_TEXTS] = {
		{.data = log_chain_tag, .n = sizeof(log_chain_tag)},
		{.data = event->previous_hash, .n = RECORD_HASH_SIZE},
		{.data = &sequence, .n = sizeof(sequence)},
		{.data = &time, .n = sizeof(time)},
	};

	for (size_t i = 0; i < LOG_CHAIN_N_TEXTS; i++) {
		lengths[i] = htobe32((uint32_t)texts[i].n);
		parts[4 + 2 * i] = (struct span){.data = &lengths[i], .n = sizeof(lengths[i])};
		parts[5 + 2 * i] = texts[i];
	}
	return digest_sha256(parts, sizeof(parts) / sizeof(parts[0]), hash);
}
