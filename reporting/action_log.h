/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The action log: one typed function for each event of the machine's history,
 * so that an event cannot be written with a field missing or misspelt. Names
 * are near Defender's ActionTypes; docs/events.md lists every event with its
 * fields and a sample line, and a test holds both together.
 *
 *   action_log_scan.h      a scan's life, and what happened to files on the way
 *   action_log_threat.h    detections and alerts
 *   action_log_remediation.h  what was done with files that were found
 *   action_log_service.h   service, signatures, settings, refused requests
 *
 * All of them append to the store (store_event_append()): inside a transaction
 * the event becomes durable with the rows it tells about; outside one, at
 * once. They return 0 or -errno, with the reason in @msg, and then nothing was
 * written. What they are given is borrowed for the call. Texts may be NULL (the
 * field is null) and may hold any bytes; names of files are given raw.
 *
 * Hands, by the store. Loop thread only. Writing an event: action_log_write().
 */
#ifndef QS_ACTION_LOG_H
#define QS_ACTION_LOG_H

#include "err.h"
#include "json.h"
#include "records.h"
#include "store.h"

/**
 * Append one event; for the typed functions only.
 *
 * @action_type  As in docs/events.md.
 * @scan         Gives scan and action id; NULL when the event belongs to none.
 * @fields       What the type adds, an object; borrowed. NULL means that there
 *               was no memory for it.
 * @built        Outcome of filling it, 0 or -ENOMEM; handed in so that callers
 *               need no branch of their own.
 * @return       0; @built; as store_event_append().
 */
int action_log_write(struct store *store, const char *action_type, const struct scan_record *scan,
	const cJSON *fields, int built, struct errmsg *msg);

/** "gatewayUid": a uid, or null. For the typed functions. 0 or -ENOMEM. */
int action_log_add_gateway(cJSON *fields, const struct record_gateway *gateway);

/** "requestor" and its "gatewayUid". For the typed functions. 0 or -ENOMEM. */
int action_log_add_requestor(cJSON *fields, const struct requestor *who);

#include "action_log_remediation.h"
#include "action_log_scan.h"
#include "action_log_service.h"
#include "action_log_threat.h"

#endif
