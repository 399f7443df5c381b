/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * StopAndQuarantineFile in the store: an action about a file that is known by its
 * hash. What was found of it before is to be quarantined from the moment the
 * action is durable; the rest is remediator_hunt.c's.
 *
 * Hands (store). Loop thread only.
 */
#ifndef QS_FILE_ACTION_H
#define QS_FILE_ACTION_H

#include "action_log.h"
#include "fault.h"
#include "records.h"
#include "store.h"

#define FILE_ACTION_TYPE "StopAndQuarantineFile"

/** ERROR_MP_QUARANTINE_FAILED of Defender. */
#define FILE_ACTION_HRESULT_FAILED UINT32_C(0x80508021)

enum {
	FILE_ACTION_BY_SIZE = 64, /**< remediation_by of its detections, NUL included. */
	FILE_ACTION_DETECTIONS_MAX = 10000,
};

/** What its detections have as remediation_by. */
void file_action_by(const char *action_id, char by[FILE_ACTION_BY_SIZE]);

/** Lower-case hex of a SHA-1 or SHA-256 in hex; any text. 0 or -EINVAL. */
int file_action_hash(const char *text, char hash[RECORD_SHA256_LENGTH + 1]);

/**
 * A new one: durable, with its detections and its event, when 0 is returned.
 *
 * @hash   As file_action_hash() gives it.
 * @id     Receives the action's.
 * @fault  ActiveRequestAlreadyExists: one for this hash is open.
 */
int file_action_submit(struct store *store, const char *hash, const struct requestor *who,
	const char *comment, char id[RECORD_ID_SIZE], struct fault *fault);

/**
 * What became of the detections that have its hash.
 *
 * @endp      n_detections, n_quarantined (before it, too) and n_failed are counted up.
 * @n_to_dop  Those that are still to do.
 */
int file_action_count(struct store *store, const char *action_id, const char *hash,
	struct action_log_file_action *endp, uint64_t *n_to_dop, struct errmsg *msg);

/** Its end, with its event: Succeeded when it is in quarantine and nothing is left. */
int file_action_end(struct store *store, const char *action_id,
	const struct action_log_file_action *end, struct errmsg *msg);

/** Those that are open, oldest first: a row call-back of actions. */
int file_action_list_open(struct store *store, store_action_row row, void *arg, struct errmsg *msg);

#endif
