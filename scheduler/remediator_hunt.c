/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * StopAndQuarantineFile: a hash is looked for among the executables of running
 * processes; those processes are ended, and each file is taken away. What was
 * detected of it before is to be done already (file_action.c), as everything that
 * an operator asks for; the action ends when that is over too.
 *
 *   SEEK → for each file: STOP → MOVE, unless a detection of it is to be done →
 *   REST: until no detection is to be done any more → over
 *
 * A service that was stopped in between begins again: who runs it is looked for
 * anew, and what is gone is not found.
 */
#include "remediator_private.h"

#include "check.h"
#include "clock.h"
#include "digest.h"
#include "display.h"
#include "log.h"
#include "own_programs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void remediator_hunt_free(struct remediator_hunt *hunt)
{
	for (size_t i = 0; i < hunt->n_found; i++)
		span_drop(&hunt->found[i].path);
	free(hunt);
}

void remediator_hunt_clear(struct remediator *remediator)
{
	struct remediator_hunt *hunt;

	remediator->hunt = NULL;
	while ((hunt = TAILQ_FIRST(&remediator->hunts))) {
		TAILQ_REMOVE(&remediator->hunts, hunt, link);
		remediator_hunt_free(hunt);
	}
}

static int remediator_hunt_add(
	struct remediator *remediator, const char *action_id, const char *hash)
{
	struct remediator_hunt *hunt = calloc(1, sizeof(*hunt));

	if (!hunt)
		return err_origin(-ENOMEM);
	(void)snprintf(hunt->action_id, sizeof(hunt->action_id), "%s", action_id);
	(void)snprintf(hunt->hash, sizeof(hunt->hash), "%s", hash);
	TAILQ_INSERT_TAIL(&remediator->hunts, hunt, link);
	return 0;
}

static int remediator_hunt_on_open(void *arg, const struct action_record *action)
{
	return action->file_hash ? remediator_hunt_add(arg, action->id, action->file_hash) : 0;
}

int remediator_hunt_recover(struct remediator *remediator)
{
	struct errmsg msg = ERRMSG_NULL;

	return file_action_list_open(
		remediator->config.store, remediator_hunt_on_open, remediator, &msg);
}

int remediator_ask_file(struct remediator *remediator,
	const struct remediator_file_request *request, char id[RECORD_ID_SIZE], struct fault *fault)
{
	char hash[RECORD_SHA256_LENGTH + 1];
	int r;

	if (remediator->is_stopping)
		return fault_set(fault, FAULT_SHUTTING_DOWN, NULL, "the service stops");
	if (file_action_hash(request->hash, hash) < 0)
		return fault_set(fault, FAULT_INVALID_INPUT, "hash",
			"a SHA-1 (40 hex digits) or SHA-256 (64) is expected");
	r = file_action_submit(
		remediator->config.store, hash, request->who, request->comment, id, fault);
	if (r == 0)
		r = remediator_hunt_add(remediator, id, hash);
	if (r == 0)
		remediator_kick(remediator);
	return r;
}

/* Work. */

bool remediator_hunt_take(struct remediator *remediator)
{
	struct remediator_hunt *hunt;

	TAILQ_FOREACH(hunt, &remediator->hunts, link)
	if (hunt->stage != REMEDIATOR_HUNT_REST) {
		remediator->hunt = hunt;
		return true;
	}
	return false;
}

static const struct remediator_found *remediator_hunt_at(const struct remediator_hunt *hunt)
{
	PRE(hunt->at < hunt->n_found);
	return &hunt->found[hunt->at];
}

static int remediator_hunt_send_move(struct remediator *remediator)
{
	const struct remediator_hunt *hunt = remediator->hunt;
	const struct remediator_found *found = remediator_hunt_at(hunt);
	struct ipc_move_file request = {.serial = ++remediator->serial,
		.action = IPC_MOVE_QUARANTINE,
		.dev = found->dev,
		.ino = found->ino,
		.size = found->size,
		.mtime_ns = found->mtime_ns,
		.has_hash = 1,
		.threat_name = span_str(FILE_ACTION_TYPE),
		.detection_id = span_str(hunt->action_id),
		.reason = span_str(FILE_ACTION_TYPE)};
	int r = digest_unhex(found->sha256, sizeof(request.sha256), request.sha256);

	if (r == 0)
		r = remediate_process_name(remediator->process, found->path);
	return r == 0 ? remediate_process_file(remediator->process, &request) : r;
}

static int remediator_hunt_send_stop(struct remediator *remediator)
{
	const struct remediator_found *found = remediator_hunt_at(remediator->hunt);
	struct ipc_move_stop request = {.serial = ++remediator->serial,
		.dev = found->dev,
		.ino = found->ino,
		.size = found->size,
		.mtime_ns = found->mtime_ns,
		.ctime_ns = found->ctime_ns};
	int r = digest_unhex(found->sha256, sizeof(request.sha256), request.sha256);

	return r == 0 ? remediate_process_end(remediator->process, &request) : r;
}

int remediator_hunt_send(struct remediator *remediator)
{
	const struct remediator_hunt *hunt = remediator->hunt;

	switch (hunt->stage) {
	case REMEDIATOR_HUNT_SEEK:
		return remediate_process_seek(
			remediator->process, ++remediator->serial, hunt->hash);
	case REMEDIATOR_HUNT_STOP:
		return remediator_hunt_send_stop(remediator);
	case REMEDIATOR_HUNT_MOVE:
		return remediator_hunt_send_move(remediator);
	case REMEDIATOR_HUNT_REST:
		break;
	}
	return err_origin(-EINVAL);
}

void remediator_hunt_on_found(struct remediator *remediator, const struct ipc_move_found *told)
{
	struct remediator_hunt *hunt = remediator->hunt;
	struct remediator_found *found;

	if (!hunt || hunt->stage != REMEDIATOR_HUNT_SEEK || hunt->n_found == IPC_MOVE_FOUNDS_MAX)
		return;
	if (own_programs_has(remediator->config.paths, told->dev, told->ino)) {
		if (hunt->n_ours++ == 0)
			(void)display_write(
				DISPLAY_TEXT, told->path, hunt->our_path, sizeof(hunt->our_path));
		return;
	}
	found = &hunt->found[hunt->n_found];
	*found = (struct remediator_found){.dev = told->dev,
		.ino = told->ino,
		.size = told->size,
		.mtime_ns = told->mtime_ns,
		.ctime_ns = told->ctime_ns,
		.name = (enum seek_name)told->name,
		.path = span_copy(told->path)};
	if (!found->path.data) {
		hunt->end.n_failed++;
		return;
	}
	digest_hex(told->sha256, sizeof(told->sha256), found->sha256);
	hunt->n_found++;
}

bool remediator_hunt_dev(const struct remediator *remediator, uint64_t *devp)
{
	if (!remediator->hunt || remediator->hunt->stage != REMEDIATOR_HUNT_MOVE)
		return false;
	*devp = remediator_hunt_at(remediator->hunt)->dev;
	return true;
}

bool remediator_hunt_is_moving(
	const struct remediator *remediator, const struct remediator_note *note)
{
	const struct remediator_hunt *hunt = remediator->hunt;

	return hunt && hunt->stage == REMEDIATOR_HUNT_MOVE &&
	       strcmp(hunt->action_id, note->detection_id) == 0 &&
	       span_equal(remediator_hunt_at(hunt)->path, note->path);
}

/* Write. */

/* A detection of the file is to be done: that takes it away, with all its names. */
static bool remediator_hunt_is_detected(
	struct remediator *remediator, const struct remediator_found *found)
{
	const struct store_file file = {.dev = found->dev, .ino = found->ino};
	const struct store_query query = {.file = &file, .is_to_do_only = true};

	return remediator_file_is_any(remediator, &query);
}

/* The next file, or the rest. */
static void remediator_hunt_next(struct remediator_hunt *hunt)
{
	hunt->at++;
	hunt->stage = hunt->at < hunt->n_found ? REMEDIATOR_HUNT_STOP : REMEDIATOR_HUNT_REST;
}

/* What is left alone because it is ours counts as failed with what was not told. */
static void remediator_hunt_sought(struct remediator *remediator)
{
	struct remediator_hunt *hunt = remediator->hunt;

	if (hunt->n_ours > 0)
		(void)snprintf(hunt->text, sizeof(hunt->text),
			"%s is a program of this service, which is neither ended nor taken away; "
			"%s",
			hunt->our_path, remediator->end.text);
	else
		(void)snprintf(hunt->text, sizeof(hunt->text), "%s", remediator->end.text);
	hunt->end.n_executables = remediator->end.log.n_names;
	if (remediator->end.outcome != IPC_MOVE_SOUGHT)
		hunt->end.n_failed++;
	else if (remediator->end.log.n_names > hunt->n_found)
		hunt->end.n_failed += remediator->end.log.n_names - hunt->n_found;
	hunt->stage = hunt->n_found > 0 ? REMEDIATOR_HUNT_STOP : REMEDIATOR_HUNT_REST;
}

/*
 * Whether there is nothing to be moved by its name here: it has none any more, or
 * has it in another mount namespace, or is taken away as what was detected.
 */
static bool remediator_hunt_is_left(struct remediator *remediator, struct remediator_hunt *hunt,
	const struct remediator_found *found)
{
	if (found->name == SEEK_NAME_GONE || found->name == SEEK_NAME_NEVER)
		return true;
	if (found->name == SEEK_NAME_FOREIGN || found->path.n == 0) {
		hunt->end.n_failed++;
		return true;
	}
	return remediator_hunt_is_detected(remediator, found);
}

static void remediator_hunt_stopped(struct remediator *remediator)
{
	struct remediator_hunt *hunt = remediator->hunt;

	hunt->end.n_processes_ended += remediator->end.log.n_names;
	hunt->end.n_processes_left += remediator->end.log.n_left;
	if (remediator->end.outcome != IPC_MOVE_STOPPED)
		hunt->end.n_processes_left++;
	hunt->stage = REMEDIATOR_HUNT_MOVE;
	if (remediator_hunt_is_left(remediator, hunt, remediator_hunt_at(hunt)))
		remediator_hunt_next(hunt);
}

static int remediator_hunt_write_move(
	struct remediator *remediator, bool is_item, struct errmsg *msg)
{
	struct store *store = remediator->config.store;
	const struct remediator_hunt *hunt = remediator->hunt;
	const struct remediator_found *found = remediator_hunt_at(hunt);
	const struct action_record action = {.file_hash = hunt->hash};
	const struct quarantine_record item = {.id = remediator->end.id,
		.time_unix_ms = clock_unix_ms(),
		.path = found->path,
		.threat_name = FILE_ACTION_TYPE,
		.sha256 = found->sha256,
		.size = found->size,
		.n_names = remediator->end.log.n_names,
		.reason = FILE_ACTION_TYPE};
	struct action_record named = action;
	int r = store_begin(store, msg);

	memcpy(named.id, hunt->action_id, RECORD_ID_SIZE);
	if (r == 0 && is_item)
		r = store_quarantine_insert(store, &item, msg);
	if (r == 0)
		r = action_log_remediation_file(
			store, &named, item.path, remediator->end.id, &remediator->end.log, msg);
	if (r == 0)
		r = store_commit(store, msg);
	if (r != 0)
		store_rollback(store);
	return err_fold(r);
}

static int remediator_hunt_moved(struct remediator *remediator, struct errmsg *msg)
{
	struct remediator_hunt *hunt = remediator->hunt;
	const struct remediation_outcome outcome =
		remediation_outcome_of_file(SETTINGS_THREAT_QUARANTINE, remediator->end.outcome);
	int r;

	remediator->end.log.outcome = outcome.word;
	remediator->end.log.is_failed = outcome.is_failed;
	r = remediator_hunt_write_move(remediator, outcome.is_item && remediator->end.id[0], msg);
	if (r < 0)
		return r;
	if (!outcome.is_failed)
		hunt->end.n_quarantined++;
	else if (strcmp(outcome.status, REMEDIATION_ABANDONED) != 0)
		hunt->end.n_failed++;
	remediator_hunt_next(hunt);
	return 0;
}

int remediator_hunt_write(struct remediator *remediator, struct errmsg *msg)
{
	switch (remediator->hunt->stage) {
	case REMEDIATOR_HUNT_SEEK:
		remediator_hunt_sought(remediator);
		return 0;
	case REMEDIATOR_HUNT_STOP:
		remediator_hunt_stopped(remediator);
		return 0;
	case REMEDIATOR_HUNT_MOVE:
		return remediator_hunt_moved(remediator, msg);
	case REMEDIATOR_HUNT_REST:
		break;
	}
	return 0;
}

/* Over. */

static int remediator_hunt_end(
	struct remediator *remediator, struct remediator_hunt *hunt, bool *is_overp)
{
	struct action_log_file_action end = hunt->end;
	struct errmsg msg = ERRMSG_NULL;
	uint64_t n_to_do = 0;
	int r = file_action_count(
		remediator->config.store, hunt->action_id, hunt->hash, &end, &n_to_do, &msg);

	end.text = hunt->text;
	*is_overp = r == 0 && n_to_do == 0;
	if (*is_overp)
		r = file_action_end(remediator->config.store, hunt->action_id, &end, &msg);
	remediator->config.on_store(remediator->config.arg, r, &msg);
	return r;
}

void remediator_hunt_settle(struct remediator *remediator)
{
	struct remediator_hunt *hunt = TAILQ_FIRST(&remediator->hunts);

	while (hunt) {
		struct remediator_hunt *next = TAILQ_NEXT(hunt, link);
		bool is_over = false;

		if (hunt->stage == REMEDIATOR_HUNT_REST && hunt != remediator->hunt &&
			remediator_hunt_end(remediator, hunt, &is_over) == 0 && is_over) {
			TAILQ_REMOVE(&remediator->hunts, hunt, link);
			remediator_hunt_free(hunt);
		}
		hunt = next;
	}
}
