/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process or a service that was killed may have ended a move that nobody heard
 * the end of: the file is gone, and who asks for it again is told that there is
 * none. So the next process tells how the moves of the last request ended, and of
 * those that it brought to an end itself. What that means for a detection is
 * written before anything is asked for again; an item that was put back is written
 * when the vault's list shows that it is gone.
 *
 * An end is believed for a detection that waits for one, or that was told as
 * failed, by the name that was asked for; and "removed" only where removal was
 * decided. The same end told twice changes nothing.
 */
#include "remediator_private.h"

#include "display.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void remediator_recovered_drop(struct remediator *remediator, struct remediator_note *note)
{
	TAILQ_REMOVE(&remediator->notes, note, link);
	remediator->n_notes--;
	span_drop(&note->path);
	free(note);
}

void remediator_recovered_clear(struct remediator *remediator)
{
	struct remediator_note *note;

	while ((note = TAILQ_FIRST(&remediator->notes)))
		remediator_recovered_drop(remediator, note);
}

/* Hear. */

/* What is in its place is asked for again, and what is lost the list shows. */
static bool remediator_recovered_is_telling(const struct ipc_move_recovered *recovered)
{
	switch (recovered->end) {
	case IPC_MOVE_END_RESTORED:
		return true;
	case IPC_MOVE_END_IN_QUARANTINE:
	case IPC_MOVE_END_KEPT:
	case IPC_MOVE_END_REMOVED:
	case IPC_MOVE_END_PENDING:
		return recovered->detection_id.n > 0;
	default:
		return false;
	}
}

static void remediator_recovered_note(
	struct remediator *remediator, const struct ipc_move_recovered *recovered)
{
	struct remediator_note *note;

	if (!remediator_recovered_is_telling(recovered) ||
		remediator->n_notes >= REMEDIATOR_NOTES_MAX)
		return;
	note = calloc(1, sizeof(*note));
	if (note)
		note->path = span_copy(recovered->path);
	if (!note || !note->path.data) {
		log_warn("remediator", "the end of a move: %s", err_text(-ENOMEM));
		free(note);
		return;
	}
	note->end = (enum ipc_move_end)recovered->end;
	memcpy(note->id, recovered->id, IPC_MOVE_ID_LENGTH);
	(void)display_write(DISPLAY_TEXT, recovered->detection_id, note->detection_id,
		sizeof(note->detection_id));
	TAILQ_INSERT_TAIL(&remediator->notes, note, link);
	remediator->n_notes++;
}

void remediator_recovered_hear(
	struct remediator *remediator, const struct ipc_move_recovered *recovered)
{
	struct errmsg msg = ERRMSG_NULL;
	char text[REMEDIATOR_TEXT_MAX];
	int r;

	remediator_recovered_note(remediator, recovered);
	if (recovered->was_over)
		return; /* nothing was interrupted */
	(void)display_write(DISPLAY_TEXT, recovered->text, text, sizeof(text));
	if (remediator->n_recovered++ >= REMEDIATOR_RECOVERED_MAX) {
		log_warn("remediator", "one more move was half done: %s", text);
		return;
	}
	r = action_log_remediation_recovered(remediator->config.store, recovered->path,
		recovered->end != IPC_MOVE_END_PENDING, text, &msg);
	remediator->config.on_store(remediator->config.arg, r, &msg);
}

/* Settle. */

/* Whether it is the end of the file at work. */
static bool remediator_recovered_is_of_file(
	const struct remediator *remediator, const struct remediator_note *note)
{
	const struct remediator_file *file = remediator->file;

	if (!file || note->end == IPC_MOVE_END_RESTORED ||
		strcmp(note->detection_id, file->first.id) != 0 ||
		!span_equal(note->path, file->first.path))
		return false;
	if (note->end == IPC_MOVE_END_REMOVED)
		return file->is_removal;
	return note->end != IPC_MOVE_END_PENDING || !file->is_late;
}

/* Likewise of a hunt, which only ever asks for the quarantine. */
static bool remediator_recovered_is_of_hunt(
	const struct remediator *remediator, const struct remediator_note *note)
{
	return remediator_hunt_is_moving(remediator, note) && note->end != IPC_MOVE_END_REMOVED &&
	       note->end != IPC_MOVE_END_RESTORED;
}

static void remediator_recovered_end(
	struct remediator *remediator, const struct remediator_note *note)
{
	enum ipc_move_outcome outcome = IPC_MOVE_STRANDED;
	const char *id = "";

	if (note->end == IPC_MOVE_END_REMOVED)
		outcome = IPC_MOVE_REMOVED;
	else if (note->end == IPC_MOVE_END_IN_QUARANTINE)
		outcome = IPC_MOVE_QUARANTINED;
	else if (note->end == IPC_MOVE_END_KEPT)
		outcome = IPC_MOVE_CHANGED_KEPT;
	if (outcome == IPC_MOVE_QUARANTINED || outcome == IPC_MOVE_CHANGED_KEPT)
		id = note->id;
	remediator_end_as(remediator, outcome, id);
	/* Of other names nothing is known: they are asked for by themselves. */
	remediator->end.is_counted = true;
	remediator->end.log.n_names =
		outcome == IPC_MOVE_QUARANTINED || outcome == IPC_MOVE_REMOVED ? 1 : 0;
	(void)snprintf(remediator->end.text, sizeof(remediator->end.text), "%s",
		outcome == IPC_MOVE_STRANDED ? "it is still half done; the next start tries again"
					     : "brought to its end after a stop");
}

void remediator_recovered_match(struct remediator *remediator)
{
	struct remediator_note *note = TAILQ_FIRST(&remediator->notes);
	bool is_over = false;

	while (note && !remediator->is_ended) {
		struct remediator_note *next = TAILQ_NEXT(note, link);

		is_over = remediator_recovered_is_of_file(remediator, note) ||
			  remediator_recovered_is_of_hunt(remediator, note);
		if (is_over) {
			remediator_recovered_end(remediator, note);
			remediator_recovered_drop(remediator, note);
		}
		note = next;
	}
}

/* Another file than was scanned is kept: written together with the detection's end. */
static bool remediator_recovered_is_kept_known(
	struct remediator *remediator, const struct remediator_note *note)
{
	struct errmsg msg = ERRMSG_NULL;
	bool is_known = false;

	if (note->end != IPC_MOVE_END_KEPT || !remediator->file || !remediator->file->is_late)
		return false;
	/* Without an answer of the store nothing can be written either. */
	(void)remediator_item_is_known(remediator, note->id, &is_known, &msg);
	return is_known;
}

/* Its detection to work, if it waits for this end. */
static bool remediator_recovered_take_one(
	struct remediator *remediator, const struct remediator_note *note)
{
	remediator_file_take(remediator, note->detection_id);
	if (remediator_recovered_is_of_file(remediator, note) &&
		!remediator_recovered_is_kept_known(remediator, note)) {
		remediator_recovered_end(remediator, note);
		return true;
	}
	remediator_file_free(remediator->file);
	remediator->file = NULL;
	remediator_end_clear(remediator);
	return false;
}

bool remediator_recovered_take(struct remediator *remediator)
{
	struct remediator_note *note = TAILQ_FIRST(&remediator->notes);
	bool is_taken = false;

	while (note && !is_taken) {
		struct remediator_note *next = TAILQ_NEXT(note, link);

		if (note->end != IPC_MOVE_END_RESTORED) {
			is_taken = remediator_recovered_take_one(remediator, note);
			remediator_recovered_drop(remediator, note);
		}
		note = next;
	}
	return is_taken;
}

/* Items. */

bool remediator_recovered_is_restored(const struct remediator *remediator, const char *id)
{
	const struct remediator_note *note;

	TAILQ_FOREACH(note, &remediator->notes, link)
	if (note->end == IPC_MOVE_END_RESTORED && strcmp(note->id, id) == 0)
		return true;
	return false;
}

void remediator_recovered_forget_restored(struct remediator *remediator)
{
	struct remediator_note *note = TAILQ_FIRST(&remediator->notes);

	while (note) {
		struct remediator_note *next = TAILQ_NEXT(note, link);

		if (note->end == IPC_MOVE_END_RESTORED)
			remediator_recovered_drop(remediator, note);
		note = next;
	}
}
