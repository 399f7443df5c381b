/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a settings file: taken or refused with a message; what was taken
 * is written as a text that is taken again and says the same.
 */
#include "check.h"
#include "cleanup.h"
#include "fuzz.h"
#include "settings.h"

static char *fuzz_settings_text(const struct settings *settings)
{
	_cleanup_(json_cleanup) cJSON *object = NULL;
	char *text = NULL;

	INVARIANT(settings_to_json(settings, &object) == 0);
	INVARIANT(json_print(object, &text, NULL) == 0);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(settings_cleanup) struct settings settings = SETTINGS_NULL;
	_cleanup_(cleanup_free) char *once = NULL;
	_cleanup_(cleanup_free) char *twice = NULL;
	struct errmsg msg = ERRMSG_NULL;

	INVARIANT(settings_init(&settings) == 0);
	if (settings_parse((const char *)data, size, "f", &settings, &msg) < 0) {
		INVARIANT(strncmp(msg.text, "f:", 2) == 0);
		return 0;
	}
	once = fuzz_settings_text(&settings);
	INVARIANT(settings_parse(once, strlen(once), "f", &settings, NULL) == 0);
	twice = fuzz_settings_text(&settings);
	INVARIANT(strcmp(once, twice) == 0);
	return 0;
}
