/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records as JSON, in the shapes of docs/local-protocol.md: actions as
 * Defender's machineAction, alerts with Defender's alert fields that apply.
 *
 *   times       "2026-11-24T03:55:12.1234567Z", null = not yet
 *   loads       per cent numbers
 *   duration    seconds, with three digits
 *   owner       {"uid", "gid"}: numbers, since asking for names may block
 *   ids         null where there is none
 *   file names  display form in "path", base64 of the bytes in "pathBytes"
 *
 * Pure but for memory. Any thread. Every function returns 0 and sets *itemp to
 * a tree the caller frees with cJSON_Delete(), or returns -ENOMEM and leaves
 * it alone.
 */
#ifndef QS_RECORD_JSON_H
#define QS_RECORD_JSON_H

#include "json.h"
#include "records.h"

/** What every action and alert says about where it is. */
struct record_json_machine {
	const char *id;       /**< store_machine_id() */
	const char *dns_name; /**< computerDnsName: the host's name. */
};

/** An action. */
int record_json_action(const struct action_record *action,
	const struct record_json_machine *machine, cJSON **itemp);

/** A scan, without its progress: the caller adds that to *itemp. */
int record_json_scan(const struct scan_record *scan, cJSON **itemp);

/** As record_json_scan(), without its paths, which may be megabytes: below 32 KiB as text. */
int record_json_scan_brief(const struct scan_record *scan, cJSON **itemp);

/** A detection. */
int record_json_detection(const struct detection_record *detection, cJSON **itemp);

/** A file in quarantine. */
int record_json_quarantine(const struct quarantine_record *quarantined, cJSON **itemp);

/** An alert. */
int record_json_alert(
	const struct alert_record *alert, const struct record_json_machine *machine, cJSON **itemp);

/**
 * A timeline event: the common fields and what its type adds. Fields that do
 * not parse (the store was edited) appear as the string "invalidFields".
 */
int record_json_event(const struct event_record *event, cJSON **itemp);

#endif
