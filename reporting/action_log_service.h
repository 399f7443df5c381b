/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of the service itself: its start and end, signatures, settings,
 * requests it refused, and what happened to the log. Contract of all:
 * action_log.h.
 */
#ifndef QS_ACTION_LOG_SERVICE_H
#define QS_ACTION_LOG_SERVICE_H

#include "err.h"
#include "records.h"
#include "span.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

/** A signature set, as the log tells of it. */
struct action_log_definitions {
	const char *fingerprint;          /**< Of the set now in use. */
	const char *previous_fingerprint; /**< Of the one before, NULL = none. */
	const char *set_version;
	const char *engine_version;
	const char *path; /**< SignaturePath. */
	uint64_t n_signatures;
	int64_t set_time_unix_ms; /**< 0 = unknown. */
};

/**
 * ServiceStarted; before it ServiceKilled, when the last start was followed by
 * no action_log_service_stopped(). Both and the note that the service runs are
 * one transaction: not between store_begin() and store_commit().
 *
 * @version     Of the program.
 * @was_killedp Set to whether ServiceKilled was written; may be NULL.
 */
int action_log_service_started(
	struct store *store, const char *version, bool *was_killedp, struct errmsg *msg);

/** ServiceStopped: a graceful end. @reason: "SIGTERM". Transaction as above. */
int action_log_service_stopped(struct store *store, const char *reason, struct errmsg *msg);

/** A change of the running mode, as the log tells of it. */
struct action_log_running_mode {
	const char *previous; /**< "Normal" or "Passive". */
	const char *mode;
	const char *reason;        /**< A sentence. */
	const cJSON *applications; /**< Other products, an array; copied. */
};

/**
 * AntivirusRunningModeChanged. Event and the note of the mode are one
 * transaction: not between store_begin() and store_commit().
 */
int action_log_service_running_mode(
	struct store *store, const struct action_log_running_mode *change, struct errmsg *msg);

/** Whether the last such event was of Passive; false when there was none. */
int action_log_service_was_passive(struct store *store, bool *wasp, struct errmsg *msg);

/** AntivirusDefinitionsUpdated: a set was loaded that is not the one before. */
int action_log_service_definitions_updated(
	struct store *store, const struct action_log_definitions *definitions, struct errmsg *msg);

/** AntivirusDefinitionsUpdateFailed. @kept_fingerprint: what stays in use, NULL = none. */
int action_log_service_definitions_failed(struct store *store, const char *path, const char *reason,
	const char *kept_fingerprint, struct errmsg *msg);

/**
 * SettingsChanged: one setting.
 *
 * @old_json, @new_json  The values as JSON text, NULL = default.
 * @requestor            Who; NULL when the file changed.
 */
int action_log_service_setting_changed(struct store *store, const char *name, const char *old_json,
	const char *new_json, const char *requestor, struct errmsg *msg);

/** SettingsRejected: a file or a value that was refused; the running settings stay. */
int action_log_service_settings_rejected(struct store *store, const char *file, const char *reason,
	const char *requestor, struct errmsg *msg);

/** ExclusionAdded. @kind: "path" or "extension"; @value: raw bytes. */
int action_log_service_exclusion_added(struct store *store, const char *kind, struct span value,
	const char *requestor, struct errmsg *msg);

/** ExclusionRemoved. See action_log_service_exclusion_added(). */
int action_log_service_exclusion_removed(struct store *store, const char *kind, struct span value,
	const char *requestor, struct errmsg *msg);

/**
 * AllowanceAdded: what is found there, so or in such a file, stays in its place.
 *
 * @kind       "name", "hash" or "path"; @value: as in the settings.
 * @requestor  Who; @comment: why.
 */
int action_log_service_allowance_added(struct store *store, const char *kind, const char *value,
	const char *requestor, const char *comment, struct errmsg *msg);

/** AllowanceRemoved. See action_log_service_allowance_added(). */
int action_log_service_allowance_removed(struct store *store, const char *kind, const char *value,
	const char *requestor, const char *comment, struct errmsg *msg);

/**
 * RequestRefused: somebody asked for what was not done.
 *
 * @who      Asked; @method: "scan.start"; @code: data.code of the answer;
 * @message  The answer's sentence.
 */
int action_log_service_request_refused(struct store *store, const struct requestor *who,
	const char *method, const char *code, const char *message, struct errmsg *msg);

/**
 * MachineTagsChanged: the machine has one tag more or less.
 *
 * @action     "Add" or "Remove"; @value: the tag.
 * @tags_json  All tags as they are now, a JSON array.
 * @who        Asked.
 */
int action_log_service_machine_tags_changed(struct store *store, const char *action,
	const char *value, const char *tags_json, const struct requestor *who, struct errmsg *msg);

/**
 * ServiceUserMissing: whom a process is to become does not exist.
 *
 * @setting  "ScannerUser"; @user: its value; @uid: used instead.
 */
int action_log_service_user_missing(struct store *store, const char *setting, const char *user,
	uint32_t uid, struct errmsg *msg);

/**
 * StoreRecovered: the store takes records again.
 *
 * @reason         Why it did not ("no space left on device").
 * @since_unix_ms  Since when it did not.
 * @n_lost         Events that could not be recorded meanwhile.
 */
int action_log_service_store_recovered(struct store *store, const char *reason,
	int64_t since_unix_ms, uint64_t n_lost, struct errmsg *msg);

/** ActionLogDamaged: the last record did not fit its hash at the start. */
int action_log_service_log_damaged(struct store *store, struct errmsg *msg);

/**
 * ActionLogDiverged: a witness of the log (actions.jsonl, checkpoints.jsonl)
 * knows of other records than the store.
 *
 * @witness   The file's name.
 * @sequence  What the witness has last.
 * @reason    A sentence.
 */
int action_log_service_log_diverged(struct store *store, const char *witness, uint64_t sequence,
	const char *reason, struct errmsg *msg);

/** CheckpointKeyCreated: a new key signs from here on. @key_id: 16 hex digits. */
int action_log_service_key_created(struct store *store, const char *key_id, struct errmsg *msg);

#endif
