/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-remediate reads what was found, so it may be taken over, and then says
 * what it likes. What cannot be so is not believed, and it is ended: an end that
 * the request cannot have, of another request or another item.
 */
#include "remediator_private.h"

#include <string.h>

static enum remediation_ask remediator_judge_ask(const struct remediator *remediator)
{
	if (remediator->is_listing)
		return REMEDIATION_ASK_LIST;
	if (remediator->file)
		return remediator->file->action == SETTINGS_THREAT_REMOVE
			       ? REMEDIATION_ASK_REMOVE
			       : REMEDIATION_ASK_QUARANTINE;
	if (remediator->wish)
		return remediator->wish->is_restore ? REMEDIATION_ASK_RESTORE
						    : REMEDIATION_ASK_DELETE;
	if (remediator->hunt && remediator->hunt->stage == REMEDIATOR_HUNT_SEEK)
		return REMEDIATION_ASK_SEEK;
	return remediator->hunt && remediator->hunt->stage == REMEDIATOR_HUNT_STOP
		       ? REMEDIATION_ASK_STOP
		       : REMEDIATION_ASK_QUARANTINE;
}

/* Names that went, of those that were asked for. */
static const char *remediator_judge_names(
	const struct remediator *remediator, const struct ipc_move_result *result)
{
	size_t n_names = remediator->file ? remediator->file->n_names : 1;

	if (result->outcome != IPC_MOVE_QUARANTINED && result->outcome != IPC_MOVE_REMOVED)
		return NULL;
	return result->n_names >= 1 && result->n_names <= n_names
		       ? NULL
		       : "other names than were asked for";
}

/* The list told of it, and it is not in the store yet. */
static bool remediator_judge_is_stray(const struct remediator *remediator, const char *id)
{
	const struct remediator_stray *stray;

	TAILQ_FOREACH(stray, &remediator->strays, link)
	if (strcmp(stray->id, id) == 0)
		return true;
	return false;
}

/* A new item, or the one that was asked for. */
static const char *remediator_judge_item(
	struct remediator *remediator, const struct ipc_move_result *result)
{
	char id[IPC_MOVE_ID_LENGTH + 1] = "";
	struct errmsg msg = ERRMSG_NULL;
	bool is_known = false;

	if (result->id[0] == '\0' || remediator->is_listing)
		return NULL;
	memcpy(id, result->id, IPC_MOVE_ID_LENGTH);
	if (remediator->wish)
		return strcmp(id, remediator->wish->id) == 0 ? NULL : "another item";
	/* Without an answer of the store nothing can be written either. */
	(void)remediator_item_is_known(remediator, id, &is_known, &msg);
	return is_known || remediator_judge_is_stray(remediator, id)
		       ? "an item that was there before"
		       : NULL;
}

const char *remediator_judge(struct remediator *remediator, const struct ipc_move_result *result)
{
	const char *why;

	if (result->serial != remediator->serial)
		return "an answer to another request";
	if (!remediation_outcome_answers(
		    remediator_judge_ask(remediator), (enum ipc_move_outcome)result->outcome))
		return "an end that this request cannot have";
	why = remediator_judge_names(remediator, result);
	return why ? why : remediator_judge_item(remediator, result);
}
