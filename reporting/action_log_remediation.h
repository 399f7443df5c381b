/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of what was done with files that were found, and with those in
 * quarantine. Contract of all: action_log.h.
 */
#ifndef QS_ACTION_LOG_REMEDIATION_H
#define QS_ACTION_LOG_REMEDIATION_H

#include "err.h"
#include "records.h"
#include "store.h"

#include <stdbool.h>

/** How a request to quietscan-remediate ended; strings borrowed. */
struct action_log_remediation {
	bool is_failed;
	const char *outcome; /**< "Quarantined", "Changed", … docs/remediation.md. */
	uint64_t n_names;    /**< Names that are gone; restore: are there. */
	uint64_t n_left;     /**< Other names that the file still has. */
	bool is_executing;   /**< A process runs it. */
	struct span where;   /**< Where it is, when not where one would look. */
	const char *text;    /**< Why, for people. */
	int error;           /**< Positive errno behind it, or 0. */
};

/**
 * AntivirusMalwareActionTaken, or AntivirusMalwareActionFailed: one detection's
 * remediation is over; one transaction with its row.
 *
 * @detection  As it is now.
 */
int action_log_remediation_done(struct store *store, const struct detection_record *detection,
	const struct action_log_remediation *end, struct errmsg *msg);

/** What is done with an item of the quarantine, and for whom. */
struct action_log_item {
	bool is_restored; /**< Else deleted for good. */
	const struct requestor *who;
	const char *comment; /**< May be NULL. */
};

/**
 * QuarantineItemRestored, QuarantineItemDeleted, or QuarantineItemRestoreFailed,
 * QuarantineItemDeleteFailed.
 *
 * @item  As it was; its id is enough when no more is known.
 */
int action_log_remediation_item(struct store *store, const struct action_log_item *what,
	const struct quarantine_record *item, const struct action_log_remediation *end,
	struct errmsg *msg);

/**
 * RemediationRecovered: a move that was half done when a process was stopped.
 *
 * @path     As it was asked for, raw.
 * @is_over  It is at one of its ends; else it is still half done.
 * @text     Where the file is.
 */
int action_log_remediation_recovered(
	struct store *store, struct span path, bool is_over, const char *text, struct errmsg *msg);

/** QuarantineItemLost: an item is not in the quarantine any more, and nobody has written why. */
int action_log_remediation_lost(struct store *store, const char *id, struct errmsg *msg);

/** What became of StopAndQuarantineFile. */
struct action_log_file_action {
	uint64_t n_detections;      /**< Recorded ones that have the hash. */
	uint64_t n_executables;     /**< Files that running processes had been started from. */
	uint64_t n_quarantined;     /**< Of both: in quarantine, some of them before. */
	uint64_t n_failed;          /**< Still there. */
	uint64_t n_processes_ended; /**< Killed. */
	uint64_t n_processes_left;  /**< Not killed. */
	const char *text;           /**< What was looked at and what not, for people. */
};

/** StopAndQuarantineFileSubmitted: one transaction with its action. */
int action_log_remediation_file_submitted(
	struct store *store, const struct action_record *action, struct errmsg *msg);

/** StopAndQuarantineFileCompleted: it is over; the action's status says how. */
int action_log_remediation_file_completed(struct store *store, const struct action_record *action,
	const struct action_log_file_action *end, struct errmsg *msg);

/**
 * FileQuarantined: a file that StopAndQuarantineFile found running, and that no
 * detection is of, was taken away, or was not (FileQuarantineFailed).
 *
 * @quarantine_id  "" where none.
 */
int action_log_remediation_file(struct store *store, const struct action_record *action,
	struct span path, const char *quarantine_id, const struct action_log_remediation *end,
	struct errmsg *msg);

/** RemediationRequested: somebody asks for something to be done with what was found. */
int action_log_remediation_requested(struct store *store, const struct detection_record *detection,
	const struct requestor *who, const char *comment, struct errmsg *msg);

#endif
