/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table: a new outcome without a row is a word that is missing, and a test looks. */
#include "remediation_outcome.h"

#include <string.h>

static const struct {
	const char *word;
	bool is_gone; /* what was found is not there any more */
} remediation_outcomes[IPC_MOVE_OUTCOME_N] = {
	[IPC_MOVE_QUARANTINED] = {"Quarantined", false},
	[IPC_MOVE_REMOVED] = {"Removed", false},
	[IPC_MOVE_RESTORED] = {"Restored", false},
	[IPC_MOVE_DELETED] = {"Deleted", false},
	[IPC_MOVE_LEFT] = {"Left", false},
	[IPC_MOVE_CHANGED] = {"Changed", true},
	[IPC_MOVE_BESIDE] = {"ChangedBeside", true},
	[IPC_MOVE_CHANGED_KEPT] = {"ChangedKept", true},
	[IPC_MOVE_VANISHED] = {"Vanished", true},
	[IPC_MOVE_NOT_A_FILE] = {"NotAFile", true},
	[IPC_MOVE_IMMUTABLE] = {"Immutable", false},
	[IPC_MOVE_READ_ONLY] = {"ReadOnlyFileSystem", false},
	[IPC_MOVE_NO_SPACE] = {"NoSpace", false},
	[IPC_MOVE_NO_ITEM] = {"NoItem", false},
	[IPC_MOVE_DAMAGED] = {"Damaged", false},
	[IPC_MOVE_TARGET_EXISTS] = {"TargetExists", false},
	[IPC_MOVE_FOLDER_GONE] = {"FolderGone", false},
	[IPC_MOVE_FOLDER_UNSAFE] = {"FolderUnsafe", false},
	[IPC_MOVE_STRANDED] = {"Stranded", false},
	[IPC_MOVE_LISTED] = {"Listed", false},
	[IPC_MOVE_SOUGHT] = {"Sought", false},
	[IPC_MOVE_STOPPED] = {"Stopped", false},
	[IPC_MOVE_FAILED] = {"Failed", false},
};

static const char *remediation_outcome_failed(enum settings_threat_action action)
{
	return action == SETTINGS_THREAT_REMOVE ? "RemoveFailed" : "QuarantineFailed";
}

struct remediation_outcome remediation_outcome_of_file(
	enum settings_threat_action action, enum ipc_move_outcome outcome)
{
	struct remediation_outcome end = {.word = remediation_outcomes[outcome].word,
		.status = remediation_outcome_failed(action),
		.is_failed = outcome != IPC_MOVE_QUARANTINED && outcome != IPC_MOVE_REMOVED,
		.is_item = outcome == IPC_MOVE_QUARANTINED || outcome == IPC_MOVE_CHANGED_KEPT};

	if (!end.is_failed)
		end.status =
			outcome == IPC_MOVE_REMOVED ? REMEDIATION_REMOVED : REMEDIATION_QUARANTINED;
	else if (outcome == IPC_MOVE_LEFT)
		end.status = REMEDIATION_DETECTED;
	else if (remediation_outcomes[outcome].is_gone)
		end.status = REMEDIATION_ABANDONED;
	return end;
}

struct remediation_outcome remediation_outcome_of_item(enum ipc_move_outcome outcome)
{
	struct remediation_outcome end = {
		.word = remediation_outcomes[outcome].word, .status = NULL, .is_failed = true};

	if (outcome == IPC_MOVE_RESTORED || outcome == IPC_MOVE_DELETED) {
		end.status =
			outcome == IPC_MOVE_RESTORED ? REMEDIATION_RESTORED : REMEDIATION_REMOVED;
		end.is_failed = false;
	}
	return end;
}

const char *remediation_outcome_first(enum settings_threat_action action)
{
	return action == SETTINGS_THREAT_ALLOW ? REMEDIATION_ALLOWED : REMEDIATION_DETECTED;
}

bool remediation_outcome_is_there(const char *status)
{
	static const char *const there[] = {
		REMEDIATION_DETECTED, REMEDIATION_ALLOWED, "QuarantineFailed", "RemoveFailed"};

	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		if (strcmp(status, there[i]) == 0)
			return true;
	return false;
}

bool remediation_outcome_is_to_do(const char *status, const char *action)
{
	return strcmp(status, REMEDIATION_DETECTED) == 0 &&
	       (strcmp(action, settings_threat_word(SETTINGS_THREAT_QUARANTINE)) == 0 ||
		       strcmp(action, settings_threat_word(SETTINGS_THREAT_REMOVE)) == 0);
}
