/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a result of quietscan-remediate means for a detection and for an item in
 * quarantine: the status it ends in, in the words of Defender's threat status
 * (docs/remediation.md has the table).
 *
 * Pure. Any thread.
 */
#ifndef QS_REMEDIATION_OUTCOME_H
#define QS_REMEDIATION_OUTCOME_H

#include "ipc.h"
#include "settings_threat.h"

#include <stdbool.h>

#define REMEDIATION_DETECTED "Detected"       /* to be done, or nothing was to be done */
#define REMEDIATION_QUARANTINED "Quarantined" /* in quarantine */
#define REMEDIATION_REMOVED "Removed"         /* gone for good */
#define REMEDIATION_ALLOWED "Allowed"         /* the settings allow it; it stays */
#define REMEDIATION_RESTORED "Restored"       /* out of quarantine again */
#define REMEDIATION_ABANDONED "Abandoned"     /* what was found is not there any more */

/** What is asked of quietscan-remediate. */
enum remediation_ask {
	REMEDIATION_ASK_QUARANTINE,
	REMEDIATION_ASK_REMOVE,
	REMEDIATION_ASK_RESTORE,
	REMEDIATION_ASK_DELETE,
	REMEDIATION_ASK_LIST,
	REMEDIATION_ASK_SEEK,
	REMEDIATION_ASK_STOP,
	REMEDIATION_ASK_N,
};

struct remediation_outcome {
	const char *word;   /**< "Quarantined", "ReadOnlyFileSystem", …; static. */
	const char *status; /**< Of the detection; static. */
	bool is_failed;     /**< Nothing was done that was asked for. */
	bool is_item;       /**< Something is in quarantine, under the id of the result. */
};

/**
 * Of a request to take a file away.
 *
 * @action   What was asked for: quarantine or remove.
 * @outcome  In range.
 */
struct remediation_outcome remediation_outcome_of_file(
	enum settings_threat_action action, enum ipc_move_outcome outcome);

/** Of a request to restore or delete an item: status is NULL when the item stays. */
struct remediation_outcome remediation_outcome_of_item(enum ipc_move_outcome outcome);

/** Whether that request can end so; else whoever says it lies. @outcome In range. */
bool remediation_outcome_answers(enum remediation_ask ask, enum ipc_move_outcome outcome);

/**
 * Whether what was detected may be in its place, by the status. What was restored is
 * another file since: a scan has to find it.
 */
bool remediation_outcome_is_there(const char *status);

/** Whether what was decided is still to be done: STORE_SQL_TO_DO for a record at hand. */
bool remediation_outcome_is_to_do(const char *status, const char *action);

/** The status of a detection that is new. */
const char *remediation_outcome_first(enum settings_threat_action action);

#endif
