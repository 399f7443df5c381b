/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Print the settings as the middle of quietscan-settings(5), in scdoc(5): from
 * the one table that the parser, the local protocol and the command line use,
 * so that the manual cannot fall behind.
 *
 * Hands (stdout), at build time only. Exit: 0, or 1 without memory.
 */
#include "cleanup.h"
#include "settings.h"

#include <stdio.h>

/** Text with scdoc's marks escaped. */
static void manual_settings_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '_' || *text == '*' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
}

/** A default as a person writes it. */
static void manual_settings_value(const cJSON *value)
{
	if (cJSON_IsString(value) && value->valuestring[0])
		manual_settings_text(value->valuestring);
	else if (cJSON_IsBool(value))
		fputs(cJSON_IsTrue(value) ? "true" : "false", stdout);
	else if (cJSON_IsNumber(value))
		printf("%.0f", value->valuedouble);
	else
		fputs("empty", stdout);
}

int main(void)
{
	_cleanup_(settings_cleanup) struct settings settings = SETTINGS_NULL;
	_cleanup_(json_cleanup) cJSON *all = NULL;
	const cJSON *row;

	if (settings_init(&settings) < 0 || settings_describe(&settings, NULL, &all) < 0)
		return 1;
	cJSON_ArrayForEach(row, all)
	{
		printf("*%s*\n\t", cJSON_GetObjectItemCaseSensitive(row, "name")->valuestring);
		manual_settings_text(
			cJSON_GetObjectItemCaseSensitive(row, "description")->valuestring);
		fputs("++\nDefault ", stdout);
		manual_settings_value(cJSON_GetObjectItemCaseSensitive(row, "default"));
		fputs("; allowed: ", stdout);
		manual_settings_text(cJSON_GetObjectItemCaseSensitive(row, "range")->valuestring);
		fputs(".\n\n", stdout);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
