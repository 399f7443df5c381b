/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From method and path to what is asked for, its parameter, and the roles of
 * which one is needed. Defender's paths are alike in any case, and the same
 * below /api and /api/v1.0.
 *
 * Pure. Any thread.
 */
#ifndef QS_ROUTE_H
#define QS_ROUTE_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

enum route_id {
	ROUTE_MACHINES,
	ROUTE_MACHINES_COUNT,
	ROUTE_FIND_BY_IP,
	ROUTE_MACHINE,
	ROUTE_MACHINE_TAGS,
	ROUTE_MACHINE_SCAN,
	ROUTE_MACHINE_FILE,
	ROUTE_MACHINE_ALERTS,
	ROUTE_MACHINE_ALERTS_COUNT,
	ROUTE_UNSUPPORTED, /**< An action this device cannot do; see unsupported. */
	ROUTE_ACTIONS,
	ROUTE_ACTIONS_COUNT,
	ROUTE_ACTION,
	ROUTE_ACTION_CANCEL,
	ROUTE_ACTION_RESULT, /**< getPackageUri and the like: no action here has one. */
	ROUTE_ALERTS,
	ROUTE_ALERTS_COUNT,
	ROUTE_ALERT,
	ROUTE_ALERT_UPDATE,
	ROUTE_SCANS,
	ROUTE_SCANS_COUNT,
	ROUTE_SCAN,
	ROUTE_SCAN_PAUSE,
	ROUTE_SCAN_RESUME,
	ROUTE_DETECTIONS,
	ROUTE_DETECTIONS_COUNT,
	ROUTE_QUARANTINE,
	ROUTE_QUARANTINE_COUNT,
	ROUTE_QUARANTINE_ITEM,
	ROUTE_QUARANTINE_RESTORE,
	ROUTE_QUARANTINE_DELETE,
	ROUTE_TIMELINE,
	ROUTE_EVENTS,
	ROUTE_HEALTH,
	ROUTE_TOKEN, /**< v1. */
	ROUTE_TOKEN_V2,
	ROUTE_OPENAPI,
	ROUTE_METRICS,
	ROUTE_ALIVE, /**< /healthz */
	ROUTE_N,
};

/** Actions of Defender that this device cannot do, by the bodies they take. */
enum route_unsupported {
	ROUTE_UNSUPPORTED_NONE,
	ROUTE_UNSUPPORTED_COMMENT, /**< Only "Comment". */
	ROUTE_UNSUPPORTED_ISOLATE, /**< And "IsolationType". */
	ROUTE_UNSUPPORTED_LIVE,    /**< And "Commands". */
};

enum {
	ROUTE_PARAMETER_SIZE = 256, /**< Of an id, decoded. */

	ROUTE_E_NOT_FOUND = 1, /**< There is no such path. */
	ROUTE_E_METHOD = 2,    /**< Not with this method; match->allowed says which. */
	ROUTE_E_BAD = 3,       /**< The path is not text. */
};

struct route_match {
	enum route_id id;
	enum route_unsupported unsupported;
	unsigned roles;                       /**< One of them is needed; 0: see is_open. */
	bool is_open;                         /**< No token is needed. */
	bool is_versioned;                    /**< Below /api/v1.0. */
	char parameter[ROUTE_PARAMETER_SIZE]; /**< The id in the path, decoded; "" without. */
	const char *allowed;                  /**< With ROUTE_E_METHOD: for the header Allow. */
};

/**
 * Find.
 *
 * @method  "GET", …; HEAD is GET.
 * @path    As it was sent.
 * @match   Set when 0 is returned.
 * @return  0 or ROUTE_E_….
 */
int route_find(const char *method, const char *path, struct route_match *match);

#endif
