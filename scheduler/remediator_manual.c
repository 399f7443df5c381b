/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator wants to be done with what was found. */
#include "remediator_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { REMEDIATOR_MANUAL_BY_MAX = 300 };

/** A request on its way to the store. */
struct remediator_manual_asking {
	struct store *store;
	const struct remediator_manual *manual;
	struct errmsg *msg;
	char status[32]; /**< Of the detection; "" = there is none. */
	bool is_to_do;
	bool is_asked;
};

static int remediator_manual_on_detection(void *arg, const struct detection_record *found)
{
	struct remediator_manual_asking *asking = arg;
	struct detection_record detection = *found;
	char by[REMEDIATOR_MANUAL_BY_MAX];
	int r;

	(void)snprintf(asking->status, sizeof(asking->status), "%s", found->remediation_status);
	asking->is_to_do =
		remediation_outcome_is_to_do(found->remediation_status, found->remediation_action);
	if (asking->is_to_do || !remediation_outcome_is_there(asking->status))
		return 0;
	(void)snprintf(by, sizeof(by), "requestor: %s", asking->manual->who->name);
	detection.remediation_status = REMEDIATION_DETECTED;
	detection.remediation_action = settings_threat_word(asking->manual->action);
	detection.remediation_by = by;
	detection.is_remediation_manual = true;
	detection.quarantine_id = "";
	asking->is_asked = true;
	r = store_detection_remediate(asking->store, &detection, asking->msg);
	if (r == 0)
		r = action_log_remediation_requested(asking->store, &detection, asking->manual->who,
			asking->manual->comment, asking->msg);
	return err_fold(r);
}

static int remediator_manual_write(struct remediator_manual_asking *asking)
{
	const struct store_query query = {.id = asking->manual->detection_id, .limit = 1};
	int r = store_begin(asking->store, asking->msg);

	if (r == 0)
		r = store_detection_list(
			asking->store, &query, remediator_manual_on_detection, asking, asking->msg);
	if (r == 0)
		r = store_commit(asking->store, asking->msg);
	if (r != 0)
		store_rollback(asking->store);
	return err_fold(r);
}

int remediator_ask_manual(
	struct remediator *remediator, const struct remediator_manual *manual, struct fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	struct remediator_manual_asking asking = {
		.store = remediator->config.store, .manual = manual, .msg = &msg};
	int r;

	if (remediator->is_stopping)
		return fault_set(fault, FAULT_SHUTTING_DOWN, NULL, "the service stops");
	r = remediator_manual_write(&asking);
	remediator->config.on_store(remediator->config.arg, r, &msg);
	if (r < 0)
		return fault_from_store(fault, r, &msg);
	if (!asking.status[0])
		return fault_set(
			fault, FAULT_NOT_FOUND, manual->detection_id, "no detection has this id");
	if (!asking.is_asked)
		return fault_set(fault, FAULT_INVALID_STATE, manual->detection_id,
			asking.is_to_do ? "%s: it is being done" : "the file is %s",
			asking.is_to_do ? "Detected" : asking.status);
	remediator_kick(remediator);
	return 0;
}
