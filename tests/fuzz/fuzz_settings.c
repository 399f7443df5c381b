/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A settings file of any bytes: accepted whole, or refused with a message and
 * nothing changed. What was accepted is accepted again in the form it is saved.
 */
#include "fuzz.h"

#include "cleanup.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	_cleanup_(settings_cleanup) struct settings settings = SETTINGS_NULL;
	struct errmsg msg = ERRMSG_NULL;
	cJSON *object;
	char *text;
	size_t n_text;

	if (settings_init(&settings) < 0)
		abort();
	if (settings_parse((const char *)data, n, "fuzz", &settings, &msg) < 0) {
		if (!msg.text[0] || settings.given)
			abort();
		return 0;
	}
	if (settings_to_json(&settings, &object) < 0 || json_print(object, &text, &n_text) < 0)
		abort();
	if (settings_parse(text, n_text, "again", &settings, &msg) < 0)
		abort();
	free(text);
	cJSON_Delete(object);
	return 0;
}
