/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line from the local socket, before anybody knows who sent it: parsed or
 * refused with a message, and what was parsed prints to something that parses.
 */
#include "fuzz.h"

#include "json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct errmsg msg = ERRMSG_NULL;
	cJSON *root, *again;
	char *text;
	size_t n_text;

	if (json_parse((const char *)data, n, &root, &msg) < 0) {
		if (!msg.text[0])
			abort();
		return 0;
	}
	if (json_print(root, &text, &n_text) < 0)
		abort();
	if (json_parse(text, n_text, &again, &msg) < 0)
		abort();
	cJSON_Delete(again);
	cJSON_Delete(root);
	free(text);
	return 0;
}
