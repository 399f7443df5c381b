/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ids of alerts: the daemon's are GUIDs, Defender's "da", the digits of a number,
 * "_" and those of a signed one. Each GUID is one of Defender's form and back:
 * its first 8 bytes are the first number, the others the second.
 *
 * Pure. Any thread.
 */
#ifndef QS_ALERT_ID_H
#define QS_ALERT_ID_H

#include "json.h"

#include <stdbool.h>

enum {
	ALERT_ID_SIZE = 48,      /**< "da", 20 digits, "_", "-", 19 digits. */
	ALERT_ID_GUID_SIZE = 37, /**< With the NUL. */
};

/** A GUID as Defender would have it. @return Whether it is a GUID; else @id is "". */
bool alert_id_write(const char *guid, char id[ALERT_ID_SIZE]);

/**
 * The GUID of an id in either form; letters in lower case.
 *
 * @return Whether it is one; else @guid is "".
 */
bool alert_id_read(const char *id, char guid[ALERT_ID_GUID_SIZE]);

/**
 * In a filter tree (docs/local-protocol.md), what "id" and "alertId" are compared
 * with becomes a GUID. What is no id of an alert stays as it is.
 *
 * @return 0 or -ENOMEM.
 */
int alert_id_translate(cJSON *filter);

#endif
