/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One form for each id: no leading zeros, no "+", no "-0". */
#include "alert_id.h"

#include "err.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALERT_ID_N_HEX = 32 };

/* The 32 digits of a GUID in lower case. */
static bool alert_id_hex(const char *guid, char hex[ALERT_ID_N_HEX + 1])
{
	size_t n = 0;

	if (strlen(guid) != ALERT_ID_GUID_SIZE - 1)
		return false;
	for (size_t i = 0; guid[i] != '\0'; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? guid[i] != '-' : !isxdigit((unsigned char)guid[i]))
			return false;
		if (!is_dash)
			hex[n++] = (char)tolower((unsigned char)guid[i]);
	}
	hex[n] = '\0';
	return true;
}

bool alert_id_write(const char *guid, char id[ALERT_ID_SIZE])
{
	char hex[ALERT_ID_N_HEX + 1];
	uint64_t low;

	id[0] = '\0';
	if (!alert_id_hex(guid, hex))
		return false;
	low = strtoull(hex + ALERT_ID_N_HEX / 2, NULL, 16);
	hex[ALERT_ID_N_HEX / 2] = '\0';
	(void)snprintf(id, ALERT_ID_SIZE, "da%" PRIu64 "_%" PRId64,
		(uint64_t)strtoull(hex, NULL, 16), (int64_t)low);
	return true;
}

static void alert_id_guid(uint64_t high, uint64_t low, char guid[ALERT_ID_GUID_SIZE])
{
	(void)snprintf(guid, ALERT_ID_GUID_SIZE,
		"%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64, high >> 32,
		(high >> 16) & 0xffff, high & 0xffff, low >> 48, low & 0xffffffffffff);
}

bool alert_id_read(const char *id, char guid[ALERT_ID_GUID_SIZE])
{
	char again[ALERT_ID_SIZE];
	char hex[ALERT_ID_N_HEX + 1];
	const char *second = strchr(id, '_');

	guid[0] = '\0';
	if (alert_id_hex(id, hex)) {
		for (size_t i = 0; i < ALERT_ID_GUID_SIZE; i++)
			guid[i] = (char)tolower((unsigned char)id[i]);
		return true;
	}
	if (strncmp(id, "da", 2) != 0 || !second || strlen(id) >= ALERT_ID_SIZE)
		return false;
	alert_id_guid(strtoull(id + 2, NULL, 10), (uint64_t)strtoll(second + 1, NULL, 10), guid);
	/* What is out of range, or written otherwise, does not come back. */
	if (alert_id_write(guid, again) && strcmp(id, again) == 0)
		return true;
	guid[0] = '\0';
	return false;
}

static int alert_id_translate_literal(cJSON *literal)
{
	char guid[ALERT_ID_GUID_SIZE];

	if (!cJSON_IsString(literal) || !alert_id_read(literal->valuestring, guid))
		return 0;
	return cJSON_SetValuestring(literal, guid) ? 0 : err_origin(-ENOMEM);
}

static int alert_id_translate_list(cJSON *literals)
{
	cJSON *item;
	int r = 0;

	cJSON_ArrayForEach(item, literals)
	{
		r |= alert_id_translate_literal(item);
	}
	return r;
}

/* NOLINTNEXTLINE(misc-no-recursion): a filter is at most 16 deep */
int alert_id_translate(cJSON *filter)
{
	cJSON *field = cJSON_IsArray(filter) ? cJSON_GetArrayItem(filter, 1) : NULL;
	cJSON *item;
	int r = 0;

	if (!field)
		return 0;
	if (cJSON_IsString(field)) {
		item = cJSON_GetArrayItem(filter, 2);
		if (strcmp(field->valuestring, "id") != 0 &&
			strcmp(field->valuestring, "alertId") != 0)
			return 0;
		return cJSON_IsArray(item) ? alert_id_translate_list(item)
					   : alert_id_translate_literal(item);
	}
	cJSON_ArrayForEach(item, filter)
	{
		r |= alert_id_translate(item);
	}
	return r;
}
