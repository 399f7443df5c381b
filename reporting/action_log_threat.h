/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of detections and alerts. Contract of all: action_log.h.
 */
#ifndef QS_ACTION_LOG_THREAT_H
#define QS_ACTION_LOG_THREAT_H

#include "err.h"
#include "records.h"
#include "store.h"

/** AntivirusDetection: one infected name; one transaction with its row. */
int action_log_threat_detected(struct store *store, const struct scan_record *scan,
	const struct detection_record *detection, struct errmsg *msg);

/** AlertCreated: the first detection of a threat in a scan. */
int action_log_threat_alert_created(struct store *store, const struct scan_record *scan,
	const struct alert_record *alert, struct errmsg *msg);

/**
 * AlertUpdated: an analyst changed it.
 *
 * @scan       NULL when its record is gone or not at hand; the alert's own
 *             scan id is written then.
 * @alert      As it is now.
 * @who        Asked; @comment may be NULL.
 */
int action_log_threat_alert_updated(struct store *store, const struct scan_record *scan,
	const struct alert_record *alert, const struct requestor *who, const char *comment,
	struct errmsg *msg);

#endif
