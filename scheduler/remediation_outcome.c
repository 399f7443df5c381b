/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table: a new outcome without a row is a word that is missing, and a test looks. */
#include "remediation_outcome.h"

enum remediation_outcome_kind {
	REMEDIATION_OUTCOME_DONE,   /**< As asked. */
	REMEDIATION_OUTCOME_NONE,   /**< Nothing was to be done. */
	REMEDIATION_OUTCOME_GONE,   /**< What was found is not there any more. */
	REMEDIATION_OUTCOME_FAILED, /**< It is there, or may be. */
};

static const struct {
	const char *word;
	enum remediation_outcome_kind kind;
} remediation_outcomes[IPC_MOVE_OUTCOME_N] = {
	[IPC_MOVE_QUARANTINED] = {"Quarantined", REMEDIATION_OUTCOME_DONE},
	[IPC_MOVE_REMOVED] = {"Removed", REMEDIATION_OUTCOME_DONE},
	[IPC_MOVE_RESTORED] = {"Restored", REMEDIATION_OUTCOME_DONE},
	[IPC_MOVE_DELETED] = {"Deleted", REMEDIATION_OUTCOME_DONE},
	[IPC_MOVE_LEFT] = {"Left", REMEDIATION_OUTCOME_NONE},
	[IPC_MOVE_CHANGED] = {"Changed", REMEDIATION_OUTCOME_GONE},
	[IPC_MOVE_BESIDE] = {"ChangedBeside", REMEDIATION_OUTCOME_GONE},
	[IPC_MOVE_CHANGED_KEPT] = {"ChangedKept", REMEDIATION_OUTCOME_GONE},
	[IPC_MOVE_VANISHED] = {"Vanished", REMEDIATION_OUTCOME_GONE},
	[IPC_MOVE_NOT_A_FILE] = {"NotAFile", REMEDIATION_OUTCOME_GONE},
	[IPC_MOVE_IMMUTABLE] = {"Immutable", REMEDIATION_OUTCOME_FAILED},
	[IPC_MOVE_READ_ONLY] = {"ReadOnlyFileSystem", REMEDIATION_OUTCOME_FAILED},
	[IPC_MOVE_NO_SPACE] = {"NoSpace", REMEDIATION_OUTCOME_FAILED},
	[IPC_MOVE_NO_ITEM] = {"NoItem", REMEDIATION_OUTCOME_FAILED},
	[IPC_MOVE_DAMAGED] = {"Damaged", REMEDIATION_OUTCOME_FAILED},
	[IPC_MOVE_TARGET_EXISTS] = {"TargetExists", REMEDIATION_OUTCOME_FAILED},
	[IPC_MOVE_FOLDER_GONE] = {"FolderGone", REMEDIATION_OUTCOME_FAILED},
	[IPC_MOVE_FOLDER_UNSAFE] = {"FolderUnsafe", REMEDIATION_OUTCOME_FAILED},
	[IPC_MOVE_STRANDED] = {"Stranded", REMEDIATION_OUTCOME_FAILED},
	[IPC_MOVE_LISTED] = {"Listed", REMEDIATION_OUTCOME_NONE},
	[IPC_MOVE_FAILED] = {"Failed", REMEDIATION_OUTCOME_FAILED},
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
		.is_failed = true,
		.is_item = outcome == IPC_MOVE_QUARANTINED || outcome == IPC_MOVE_CHANGED_KEPT};

	if (outcome == IPC_MOVE_QUARANTINED || outcome == IPC_MOVE_REMOVED) {
		end.status =
			outcome == IPC_MOVE_REMOVED ? REMEDIATION_REMOVED : REMEDIATION_QUARANTINED;
		end.is_failed = false;
	} else if (outcome == IPC_MOVE_LEFT) {
		end.status = REMEDIATION_DETECTED;
	} else if (remediation_outcomes[outcome].kind == REMEDIATION_OUTCOME_GONE) {
		end.status = REMEDIATION_ABANDONED;
	}
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
