/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a taken-over worker or scanner can send: any bytes. Decoding never reads
 * outside of them, and what was accepted encodes to the same bytes again, so
 * that no two messages mean the same.
 */
#include "fuzz.h"

#include "ipc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint8_t again[IPC_MESSAGE_MAX];
	const struct wire_message *desc;
	union ipc_any message;
	size_t n_again;
	uint16_t type;

	if (wire_peek(data, n, &type) < 0)
		return 0;
	desc = ipc_describe(type);
	if (!desc || wire_decode(desc, data, n, &message) < 0)
		return 0;
	if (wire_encode(desc, &message, again, sizeof again, &n_again) < 0)
		return n > sizeof again ? 0 : (abort(), 0);
	if (n_again != n || memcmp(again, data, n) != 0)
		abort();
	return 0;
}
