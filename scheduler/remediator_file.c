/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is taken to work is a file, not a detection: an archive has as many as
 * there are threats in it, a hard-linked file one for each name. Each detection
 * of the file by one of the names that go is told the same end, also one of an
 * earlier scan that left the file in its place.
 *
 * A name that was taken away already in the same scan (a second detection of it
 * came later) is not asked for again: it has that end.
 *
 * When not all names went (one is in a folder that is immutable, the process died
 * between two), only the first name's detections are told; the others are asked for
 * by themselves next. One that is not there then went with the first.
 */
#include "remediator_private.h"

#include "clock.h"
#include "digest.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void remediator_file_free(struct remediator_file *file)
{
	if (!file)
		return;
	for (size_t i = 0; i < file->n_names; i++)
		span_drop(&file->names[i]);
	free(file->names);
	free(file->ids);
	span_drop(&file->first.path);
	free(file->threat_name);
	free(file->by);
	free(file);
}

static int remediator_file_on_any(void *arg, const struct detection_record *detection)
{
	bool *is_therep = arg;

	(void)detection;
	*is_therep = true;
	return 0;
}

bool remediator_file_is_any(struct remediator *remediator, const struct store_query *query)
{
	struct store_query one = *query;
	struct errmsg msg = ERRMSG_NULL;
	bool is_any = false;

	one.limit = 1;
	(void)store_detection_list(
		remediator->config.store, &one, remediator_file_on_any, &is_any, &msg);
	return is_any;
}

bool remediator_file_is_there(struct remediator *remediator, const char *scan_id)
{
	const struct store_query query = {.is_to_do_only = true, .scan_id = scan_id};

	return remediator_file_is_any(remediator, &query);
}

void remediator_file_end_in_vault(struct remediator *remediator, const char *id)
{
	remediator_end_as(remediator, IPC_MOVE_QUARANTINED, id);
	remediator->end.log.n_names = 1;
	remediator->end.is_counted = true;
}

/* Take. */

/* It was told that the file was not taken away, which may have become wrong. */
static bool remediator_file_is_failed(const struct detection_record *detection)
{
	return strcmp(detection->remediation_status, "QuarantineFailed") == 0 ||
	       strcmp(detection->remediation_status, "RemoveFailed") == 0 ||
	       strcmp(detection->remediation_status, REMEDIATION_ABANDONED) == 0;
}

static int remediator_file_on_first(void *arg, const struct detection_record *detection)
{
	struct remediator_file *file = arg;

	file->is_late = remediator_file_is_failed(detection);
	if (!file->is_late && !remediation_outcome_is_to_do(
				      detection->remediation_status, detection->remediation_action))
		return 0;
	memcpy(file->ids[file->n_ids++], detection->id, RECORD_ID_SIZE);
	file->first = *detection;
	file->first.path = span_copy(detection->path);
	file->threat_name = strdup(detection->threat_name);
	file->by = strdup(detection->remediation_by);
	if (!file->first.path.data || !file->threat_name || !file->by)
		return err_origin(-ENOMEM);
	file->first.container_path = (struct span)SPAN_NULL;
	file->first.threat_name = file->threat_name;
	file->first.remediation_by = file->by;
	(void)snprintf(file->sha256, sizeof(file->sha256), "%s", detection->sha256);
	file->first.sha256 = file->sha256;
	file->is_removal = strcmp(detection->remediation_action, "Remove") == 0;
	file->action = file->is_removal ? SETTINGS_THREAT_REMOVE : SETTINGS_THREAT_QUARANTINE;
	return 0;
}

static bool remediator_file_is_name(const struct remediator_file *file, struct span path)
{
	for (size_t i = 0; i < file->n_names; i++)
		if (span_equal(file->names[i], path))
			return true;
	return false;
}

static int remediator_file_add_name(struct remediator_file *file, struct span path)
{
	if (file->n_names == IPC_MOVE_NAMES_MAX || remediator_file_is_name(file, path))
		return 0;
	file->names[file->n_names] = span_copy(path);
	if (!file->names[file->n_names].data)
		return err_origin(-ENOMEM);
	file->n_names++;
	return 0;
}

static bool remediator_file_is_same(
	const struct remediator_file *file, const struct detection_record *detection)
{
	return detection->size == file->first.size && detection->mtime_ns == file->first.mtime_ns &&
	       strcmp(detection->sha256, file->sha256) == 0;
}

static int remediator_file_on_name(void *arg, const struct detection_record *detection)
{
	struct remediator_file *file = arg;

	if (!remediator_file_is_same(file, detection))
		return 0;
	/* Whoever wants it kept is heard: what is removed cannot be put back. */
	if (strcmp(detection->remediation_action, "Quarantine") == 0)
		file->action = SETTINGS_THREAT_QUARANTINE;
	return remediator_file_add_name(file, detection->path);
}

static int remediator_file_on_detection(void *arg, const struct detection_record *detection)
{
	struct remediator_file *file = arg;

	if (file->n_ids == REMEDIATOR_DETECTIONS_MAX || !remediator_file_is_same(file, detection) ||
		!remediator_file_is_name(file, detection->path) ||
		strcmp(detection->id, file->first.id) == 0)
		return 0; /* the first is there already */
	if (strcmp(detection->remediation_status, REMEDIATION_DETECTED) != 0 &&
		strcmp(detection->remediation_status, REMEDIATION_ALLOWED) != 0 &&
		!(file->is_late && remediator_file_is_failed(detection)))
		return 0;
	memcpy(file->ids[file->n_ids++], detection->id, RECORD_ID_SIZE);
	return 0;
}

/* The same file, and it is gone already. */
static int remediator_file_on_gone(void *arg, const struct detection_record *detection)
{
	struct remediator_file *file = arg;
	const char *status = detection->remediation_status;

	if (!remediator_file_is_same(file, detection) ||
		strcmp(detection->scan_id, file->first.scan_id) != 0)
		return 0;
	if (strcmp(status, REMEDIATION_QUARANTINED) == 0)
		file->done = IPC_MOVE_QUARANTINED;
	else if (strcmp(status, REMEDIATION_REMOVED) == 0)
		file->done = IPC_MOVE_REMOVED;
	else
		return 0;
	file->is_done = true;
	(void)snprintf(file->done_id, sizeof(file->done_id), "%s", detection->quarantine_id);
	return 0;
}

/* The same name of it. */
static int remediator_file_on_done(void *arg, const struct detection_record *detection)
{
	const struct remediator_file *file = arg;

	return span_equal(detection->path, file->first.path)
		       ? remediator_file_on_gone(arg, detection)
		       : 0;
}

static int remediator_file_room(struct remediator_file *file)
{
	file->ids = calloc(REMEDIATOR_DETECTIONS_MAX, sizeof(file->ids[0]));
	file->names = calloc(IPC_MOVE_NAMES_MAX, sizeof(file->names[0]));
	return file->ids && file->names ? 0 : err_origin(-ENOMEM);
}

static int remediator_file_gather(struct remediator *remediator, const char *detection_id,
	struct remediator_file *file, struct errmsg *msg)
{
	struct store *store = remediator->config.store;
	const struct store_query first = {.id = detection_id,
		.is_to_do_only = !detection_id,
		.is_ascending = true,
		.limit = 1};
	struct store_file id;
	struct store_query all = {.file = &id, .is_ascending = true};
	int r = store_detection_list(store, &first, remediator_file_on_first, file, msg);

	if (r < 0 || !file->first.path.data)
		return r;
	id = (struct store_file){.dev = file->first.dev, .ino = file->first.ino};
	/* The first comes first: there may be more names than one request takes. */
	r = remediator_file_add_name(file, file->first.path);
	if (r == 0)
		r = store_detection_list(store, &all, remediator_file_on_done, file, msg);
	all.is_to_do_only = true;
	if (r == 0 && !file->is_done)
		r = store_detection_list(store, &all, remediator_file_on_name, file, msg);
	all.is_to_do_only = false;
	if (r == 0)
		r = store_detection_list(store, &all, remediator_file_on_detection, file, msg);
	return r;
}

void remediator_file_take(struct remediator *remediator, const char *detection_id)
{
	struct remediator_file *file = calloc(1, sizeof(*file));
	struct errmsg msg = ERRMSG_NULL;
	int r = file ? remediator_file_room(file) : -ENOMEM;

	if (r == 0)
		r = remediator_file_gather(remediator, detection_id, file, &msg);
	if (r < 0)
		log_warn("remediator", "what is to be done: %s",
			msg.text[0] ? msg.text : err_text(r));
	if (r < 0 || !file->first.path.data) {
		remediator_file_free(file);
		return;
	}
	remediator->file = file;
	if (!file->is_done)
		return;
	remediator_end_as(remediator, file->done, file->done_id);
	(void)snprintf(remediator->end.text, sizeof(remediator->end.text),
		"taken away with another detection of this file");
}

/* Ask. */

static struct span remediator_file_text(const char *text)
{
	struct span span = span_str(text);

	if (span.n > IPC_TEXT_MAX)
		span.n = IPC_TEXT_MAX;
	return span;
}

int remediator_file_send(struct remediator *remediator)
{
	const struct remediator_file *file = remediator->file;
	struct ipc_move_file request = {
		.serial = ++remediator->serial,
		.action = file->action == SETTINGS_THREAT_REMOVE ? IPC_MOVE_REMOVE
								 : IPC_MOVE_QUARANTINE,
		.dev = file->first.dev,
		.ino = file->first.ino,
		.size = file->first.size,
		.mtime_ns = file->first.mtime_ns,
		.has_hash = file->sha256[0] != '\0',
		.threat_name = remediator_file_text(file->threat_name),
		.detection_id = span_str(file->first.id),
		.reason = remediator_file_text(file->by),
	};
	int r = 0;

	if (request.has_hash)
		r = digest_unhex(file->sha256, sizeof(request.sha256), request.sha256);
	for (size_t i = 0; r == 0 && i < file->n_names; i++)
		r = remediate_process_name(remediator->process, file->names[i]);
	return r == 0 ? remediate_process_file(remediator->process, &request) : r;
}

/* Write. */

/** A detection is told what became of its file. */
struct remediator_file_telling {
	struct store *store;
	const struct remediation_outcome *outcome;
	const struct remediator_file *file;
	const struct remediator_end *end;
	bool is_first_only; /**< The other names are not known to be gone. */
	struct errmsg *msg;
};

static int remediator_file_on_tell(void *arg, const struct detection_record *found)
{
	const struct remediator_file_telling *telling = arg;
	struct detection_record detection = *found;
	int r;

	if (telling->is_first_only && !span_equal(found->path, telling->file->first.path))
		return 0;
	detection.remediation_status = telling->outcome->status;
	detection.remediation_action = settings_threat_word(telling->file->action);
	if (telling->outcome->is_item && !telling->outcome->is_failed)
		detection.quarantine_id = telling->end->id;
	r = store_detection_remediate(telling->store, &detection, telling->msg);
	if (r == 0)
		r = action_log_remediation_done(
			telling->store, &detection, &telling->end->log, telling->msg);
	return err_fold(r);
}

static int remediator_file_write_item(struct remediator *remediator, struct errmsg *msg)
{
	const struct remediator_file *file = remediator->file;
	const struct quarantine_record item = {
		.id = remediator->end.id,
		.time_unix_ms = clock_unix_ms(),
		.path = file->first.path,
		.threat_name = file->threat_name,
		.detection_id = file->first.id,
		.sha256 = file->sha256,
		.size = file->first.size,
		.uid = file->first.uid,
		.gid = file->first.gid,
		.n_names = remediator->end.log.n_names,
		.reason = remediator->end.text[0] ? remediator->end.text : file->by,
	};
	int r = store_quarantine_insert(remediator->config.store, &item, msg);

	return r == STORE_E_DUPLICATE ? 0 : r;
}

static int remediator_file_write_all(struct remediator *remediator, struct errmsg *msg)
{
	struct remediator_file *file = remediator->file;
	struct remediation_outcome outcome =
		remediation_outcome_of_file(file->action, remediator->end.outcome);
	const struct remediator_file_telling telling = {.store = remediator->config.store,
		.outcome = &outcome,
		.file = file,
		.end = &remediator->end,
		.is_first_only =
			remediator->end.is_counted && remediator->end.log.n_names < file->n_names,
		.msg = msg};
	int r = 0;

	remediator->end.log.outcome = outcome.word;
	remediator->end.log.is_failed = outcome.is_failed;
	if (outcome.is_item && remediator->end.id[0])
		r = remediator_file_write_item(remediator, msg);
	for (size_t i = 0; r == 0 && i < file->n_ids; i++) {
		const struct store_query query = {.id = file->ids[i], .limit = 1};

		r = store_detection_list(remediator->config.store, &query, remediator_file_on_tell,
			(void *)&telling, msg);
	}
	return r;
}

/* A name that is not there may have gone with another name of the file. */
static int remediator_file_adopt(struct remediator *remediator, struct errmsg *msg)
{
	struct remediator_file *file = remediator->file;
	const struct store_file id = {.dev = file->first.dev, .ino = file->first.ino};
	const struct store_query query = {.file = &id, .is_ascending = true};
	int r;

	if (remediator->end.outcome != IPC_MOVE_VANISHED)
		return 0;
	r = store_detection_list(
		remediator->config.store, &query, remediator_file_on_gone, file, msg);
	if (r < 0 || !file->is_done)
		return r;
	remediator_end_as(remediator, file->done, file->done_id);
	remediator->end.is_counted = true; /* and none of them by this request */
	(void)snprintf(remediator->end.text, sizeof(remediator->end.text),
		"taken away with another name of this file");
	remediator->end.log.text = remediator->end.text;
	return 0;
}

int remediator_file_write(struct remediator *remediator, struct errmsg *msg)
{
	struct store *store = remediator->config.store;
	int r = store_begin(store, msg);

	if (r == 0)
		r = remediator_file_adopt(remediator, msg);
	if (r == 0)
		r = remediator_file_write_all(remediator, msg);
	if (r == 0)
		r = store_commit(store, msg);
	if (r != 0)
		store_rollback(store);
	return err_fold(r);
}

/* Passive mode. */

int remediator_file_leave(struct remediator *remediator, struct errmsg *msg)
{
	if (!remediator_file_is_there(remediator, NULL))
		return 0;
	return store_detection_leave(remediator->config.store, "PassiveMode", msg);
}
