/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table: a new outcome without a row is a word that is missing, and a test looks. */
#include "remediation_outcome.h"

#include <string.h>

#define OF(request) (1U << REMEDIATION_ASK_##request)
#define OF_AWAY (OF(QUARANTINE) | OF(REMOVE))
#define OF_ITEM (OF(RESTORE) | OF(DELETE))
#define OF_FILES (OF_AWAY | OF_ITEM | OF(LIST)) /* errors of a file system, see mover_outcome() */
#define OF_ALL (OF_FILES | OF(SEEK) | OF(STOP))

static const struct {
	const char *word;
	bool is_gone;      /* what was found is not there any more */
	unsigned requests; /* that may end so */
} remediation_outcomes[IPC_MOVE_OUTCOME_N] = {
	[IPC_MOVE_QUARANTINED] = {"Quarantined", false, OF(QUARANTINE)},
	[IPC_MOVE_REMOVED] = {"Removed", false, OF(REMOVE)},
	[IPC_MOVE_RESTORED] = {"Restored", false, OF(RESTORE)},
	[IPC_MOVE_DELETED] = {"Deleted", false, OF(DELETE)},
	[IPC_MOVE_LEFT] = {"Left", false, 0},
	[IPC_MOVE_CHANGED] = {"Changed", true, OF_FILES},
	[IPC_MOVE_BESIDE] = {"ChangedBeside", true, OF_AWAY},
	[IPC_MOVE_CHANGED_KEPT] = {"ChangedKept", true, OF_AWAY},
	[IPC_MOVE_VANISHED] = {"Vanished", true, OF_AWAY},
	[IPC_MOVE_NOT_A_FILE] = {"NotAFile", true, OF_FILES},
	[IPC_MOVE_IMMUTABLE] = {"Immutable", false, OF_AWAY},
	[IPC_MOVE_READ_ONLY] = {"ReadOnlyFileSystem", false, OF_FILES},
	[IPC_MOVE_NO_SPACE] = {"NoSpace", false, OF_FILES},
	[IPC_MOVE_NO_ITEM] = {"NoItem", false, OF_ITEM},
	[IPC_MOVE_DAMAGED] = {"Damaged", false, OF(RESTORE)},
	[IPC_MOVE_TARGET_EXISTS] = {"TargetExists", false, OF(RESTORE)},
	[IPC_MOVE_FOLDER_GONE] = {"FolderGone", false, OF(RESTORE)},
	[IPC_MOVE_FOLDER_UNSAFE] = {"FolderUnsafe", false, OF(RESTORE)},
	[IPC_MOVE_STRANDED] = {"Stranded", false, OF_AWAY},
	[IPC_MOVE_LISTED] = {"Listed", false, OF(LIST)},
	[IPC_MOVE_SOUGHT] = {"Sought", false, OF(SEEK)},
	[IPC_MOVE_STOPPED] = {"Stopped", false, OF(STOP)},
	[IPC_MOVE_FAILED] = {"Failed", false, OF_ALL},
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

bool remediation_outcome_answers(enum remediation_ask ask, enum ipc_move_outcome outcome)
{
	return (remediation_outcomes[outcome].requests & (1U << ask)) != 0;
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
