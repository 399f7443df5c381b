/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Detections carry the action in remediation_by: no other link is needed. */
#include "file_action.h"

#include "clock.h"
#include "err.h"
#include "remediation_outcome.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void file_action_by(const char *action_id, char by[FILE_ACTION_BY_SIZE])
{
	(void)snprintf(by, FILE_ACTION_BY_SIZE, FILE_ACTION_TYPE " %s", action_id);
}

int file_action_hash(const char *text, char hash[RECORD_SHA256_LENGTH + 1])
{
	size_t n = strspn(text, "0123456789abcdefABCDEF");

	if (text[n] != '\0' || (n != RECORD_SHA1_LENGTH && n != RECORD_SHA256_LENGTH))
		return err_origin(-EINVAL);
	memcpy(hash, text, n);
	for (size_t i = 0; i < n; i++) {
		static const char upper[] = "ABCDEF";
		const char *letter = strchr(upper, text[i]);

		if (letter)
			hash[i] = "abcdef"[letter - upper];
	}
	hash[n] = '\0';
	return 0;
}

/* Submit. */

/** A new action on its way to the store. */
struct file_action_new {
	struct store *store;
	struct action_record action;
	char by[FILE_ACTION_BY_SIZE];
	bool is_open; /**< One for this hash. */
	struct errmsg *msg;
};

static int file_action_on_detection(void *arg, const struct detection_record *found)
{
	const struct file_action_new *new = arg;
	struct detection_record detection = *found;

	if (!remediation_outcome_is_there(found->remediation_status))
		return 0;
	detection.remediation_status = REMEDIATION_DETECTED;
	detection.remediation_action = settings_threat_word(SETTINGS_THREAT_QUARANTINE);
	detection.remediation_by = new->by;
	detection.is_remediation_manual = true;
	detection.quarantine_id = "";
	return err_fold(store_detection_remediate(new->store, &detection, new->msg));
}

/* All detections that have the action's hash. */
static int file_action_detections(struct store *store, const char *hash, store_detection_row row,
	void *arg, struct errmsg *msg)
{
	struct store_query query = {.limit = FILE_ACTION_DETECTIONS_MAX};

	if (strlen(hash) == RECORD_SHA1_LENGTH)
		query.sha1 = hash;
	else
		query.sha256 = hash;
	return store_detection_list(store, &query, row, arg, msg);
}

static int file_action_write(struct file_action_new *new)
{
	int r = store_begin(new->store, new->msg);

	if (r == 0)
		r = store_action_insert(new->store, &new->action, new->msg);
	if (r == 0)
		r = action_log_remediation_file_submitted(new->store, &new->action, new->msg);
	if (r == 0)
		r = file_action_detections(
			new->store, new->action.file_hash, file_action_on_detection, new, new->msg);
	if (r == 0)
		r = store_commit(new->store, new->msg);
	if (r != 0)
		store_rollback(new->store);
	return err_fold(r);
}

static int file_action_on_open(void *arg, const struct action_record *action)
{
	struct file_action_new *new = arg;

	if (action->file_hash && strcmp(action->file_hash, new->action.file_hash) == 0)
		new->is_open = true;
	return 0;
}

int file_action_list_open(struct store *store, store_action_row row, void *arg, struct errmsg *msg)
{
	const struct store_query query = {.is_open_only = true, .is_ascending = true};

	return store_action_list(store, &query, row, arg, msg);
}

int file_action_submit(struct store *store, const char *hash, const struct requestor *who,
	const char *comment, char id[RECORD_ID_SIZE], struct fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	struct file_action_new new = {.store = store, .msg = &msg};
	struct action_record *action = &new.action;
	int r;

	*action = (struct action_record){.type = FILE_ACTION_TYPE,
		.requestor = who->name,
		.comment = comment,
		.request_source = who->source,
		.gateway = who->gateway,
		.scope = "",
		.status = RUN_STATUS_IN_PROGRESS,
		.creation_unix_ms = clock_unix_ms(),
		.file_hash = hash};
	action->last_update_unix_ms = action->creation_unix_ms;
	store_new_id(action->id);
	file_action_by(action->id, new.by);
	r = file_action_list_open(store, file_action_on_open, &new, &msg);
	if (r == 0 && new.is_open)
		return fault_set(fault, FAULT_ACTIVE_REQUEST, hash,
			"this file is being stopped and quarantined already");
	if (r == 0)
		r = file_action_write(&new);
	if (r < 0)
		return fault_from_store(fault, r, &msg);
	memcpy(id, action->id, RECORD_ID_SIZE);
	return 0;
}

/* End. */

struct file_action_counting {
	struct action_log_file_action *end;
	char by[FILE_ACTION_BY_SIZE];
	uint64_t n_to_do;
};

static int file_action_on_count(void *arg, const struct detection_record *detection)
{
	struct file_action_counting *counting = arg;
	const char *status = detection->remediation_status;

	counting->end->n_detections++;
	if (strcmp(status, REMEDIATION_QUARANTINED) == 0)
		counting->end->n_quarantined++;
	else if (strcmp(detection->remediation_by, counting->by) != 0 ||
		 !remediation_outcome_is_there(status))
		return 0;
	else if (strcmp(status, REMEDIATION_DETECTED) == 0)
		counting->n_to_do++;
	else
		counting->end->n_failed++;
	return 0;
}

int file_action_count(struct store *store, const char *action_id, const char *hash,
	struct action_log_file_action *endp, uint64_t *n_to_dop, struct errmsg *msg)
{
	struct file_action_counting counting = {.end = endp};
	int r;

	file_action_by(action_id, counting.by);
	r = file_action_detections(store, hash, file_action_on_count, &counting, msg);
	*n_to_dop = counting.n_to_do;
	return r;
}

/** The end of an action on its way to the store. */
struct file_action_ending {
	struct store *store;
	const struct action_log_file_action *end;
	struct errmsg *msg;
};

static int file_action_on_end(void *arg, const struct action_record *found)
{
	const struct file_action_ending *ending = arg;
	const struct action_log_file_action *end = ending->end;
	struct action_record action = *found;
	bool is_done = end->n_quarantined > 0 && end->n_failed == 0 && end->n_processes_left == 0;
	int r;

	action.status = is_done ? RUN_STATUS_SUCCEEDED : RUN_STATUS_FAILED;
	action.last_update_unix_ms = clock_unix_ms();
	action.error_hresult = is_done ? 0 : (int32_t)FILE_ACTION_HRESULT_FAILED;
	r = store_action_update(ending->store, &action, ending->msg);
	if (r == 0)
		r = action_log_remediation_file_completed(ending->store, &action, end, ending->msg);
	return err_fold(r);
}

int file_action_end(struct store *store, const char *action_id,
	const struct action_log_file_action *end, struct errmsg *msg)
{
	const struct file_action_ending ending = {.store = store, .end = end, .msg = msg};
	const struct store_query query = {.id = action_id, .limit = 1};
	int r = store_begin(store, msg);

	if (r == 0)
		r = store_action_list(store, &query, file_action_on_end, (void *)&ending, msg);
	if (r == 0)
		r = store_commit(store, msg);
	if (r != 0)
		store_rollback(store);
	return err_fold(r);
}
