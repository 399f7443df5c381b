/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One byte string has one spelling: what decodes encodes to the same text. */
#include "fuzz.h"

#include "base64.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t n_bytes = base64_decoded_size(n) + 1, n_used;
	uint8_t *bytes = malloc(n_bytes);
	char *text = malloc(base64_encoded_size(n_bytes));

	if (!bytes || !text)
		abort();
	if (base64_decode((struct span){data, n}, bytes, n_bytes, &n_used) == 0) {
		base64_encode((struct span){bytes, n_used}, text);
		if (strlen(text) != n || (n && memcmp(text, data, n) != 0))
			abort();
	}
	free(bytes);
	free(text);
	return 0;
}
