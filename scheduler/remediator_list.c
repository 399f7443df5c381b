/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vault and the store of what is in it, brought in line: before the first
 * request, and after a process that died. A service that was killed may have a
 * file in the vault whose detection still says that it is to be taken away, and an
 * item in its list that was put back.
 */
#include "remediator_private.h"

#include "clock.h"
#include "digest.h"
#include "display.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void remediator_list_free_stray(struct remediator_stray *stray)
{
	span_drop(&stray->path);
	free(stray->threat_name);
	free(stray->reason);
	free(stray);
}

static void remediator_list_forget_seen(struct remediator *remediator)
{
	free(remediator->seen);
	remediator->seen = NULL;
	remediator->n_seen = 0;
	remediator->n_seen_room = 0;
	remediator->list_after[0] = '\0';
}

void remediator_list_clear(struct remediator *remediator)
{
	struct remediator_stray *stray;

	while ((stray = TAILQ_FIRST(&remediator->strays))) {
		TAILQ_REMOVE(&remediator->strays, stray, link);
		remediator_list_free_stray(stray);
	}
	remediator->n_stray_bytes = 0;
	remediator_list_forget_seen(remediator);
}

int remediator_list_send(struct remediator *remediator)
{
	remediator->n_page = 0;
	if (remediator->list_after[0] == '\0')
		remediator->n_list_left = UINT64_MAX;
	return remediate_process_list(
		remediator->process, ++remediator->serial, remediator->list_after);
}

/* Fewer are left from page to page, so that it ends, and not after all memory is used up. */
bool remediator_list_goes_on(struct remediator *remediator, const struct ipc_move_result *result)
{
	const char *why = NULL;

	if (result->n_names_left == 0)
		return false;
	if (memcmp(result->id, remediator->list_after, IPC_MOVE_ID_LENGTH) <= 0 ||
		remediator->n_page == 0 || result->n_names_left >= remediator->n_list_left)
		why = "does not go on";
	else if (remediator->n_seen >= REMEDIATOR_LIST_MAX)
		why = "is too long";
	else if (remediator->n_stray_bytes >= REMEDIATOR_STRAY_BYTES_MAX)
		why = "has too many items that nobody knows";
	if (why) {
		log_warn("remediator", "the list of the quarantine %s", why);
		remediator->is_list_lacking = true;
		return false;
	}
	remediator->n_list_left = result->n_names_left;
	memcpy(remediator->list_after, result->id, IPC_MOVE_ID_LENGTH);
	remediator->list_after[IPC_MOVE_ID_LENGTH] = '\0';
	return true;
}

/* Hear. */

/* Rising, and not more than were asked for: what is searched and kept rests on it. */
static int remediator_list_note_seen(struct remediator *remediator, const char *id)
{
	if (remediator->n_page++ >= IPC_MOVE_ITEMS_MAX ||
		(remediator->n_seen > 0 &&
			strcmp(id, remediator->seen[remediator->n_seen - 1]) <= 0))
		return err_origin(-EPROTO);
	if (remediator->n_seen == remediator->n_seen_room) {
		size_t n_room = remediator->n_seen_room ? 2 * remediator->n_seen_room : 64;
		void *seen = reallocarray(remediator->seen, n_room, sizeof(remediator->seen[0]));

		if (!seen)
			return err_origin(-ENOMEM);
		remediator->seen = seen;
		remediator->n_seen_room = n_room;
	}
	memcpy(remediator->seen[remediator->n_seen++], id, sizeof(remediator->seen[0]));
	return 0;
}

/* Text of an entry, safe to show. */
static char *remediator_list_text(struct span text)
{
	char shown[REMEDIATOR_TEXT_MAX];

	(void)display_write(DISPLAY_TEXT, text, shown, sizeof(shown));
	return strdup(shown);
}

static int remediator_list_add_stray(
	struct remediator *remediator, const char *id, const struct ipc_move_entry *entry)
{
	struct remediator_stray *stray = calloc(1, sizeof(*stray));
	struct quarantine_record *item;

	if (!stray)
		return err_origin(-ENOMEM);
	item = &stray->item;
	memcpy(stray->id, id, sizeof(stray->id));
	digest_hex(entry->sha256, sizeof(entry->sha256), stray->sha256);
	(void)display_write(DISPLAY_TEXT, entry->detection_id, stray->detection_id,
		sizeof(stray->detection_id));
	stray->path = span_copy(entry->path);
	stray->threat_name = remediator_list_text(entry->threat_name);
	stray->reason = remediator_list_text(entry->reason);
	TAILQ_INSERT_TAIL(&remediator->strays, stray, link);
	if (!stray->path.data || !stray->threat_name || !stray->reason)
		return err_origin(-ENOMEM);
	remediator->n_stray_bytes +=
		sizeof(*stray) + stray->path.n + strlen(stray->threat_name) + strlen(stray->reason);
	*item = (struct quarantine_record){.id = stray->id,
		/* Of a damaged one it is not known: not to be taken for an old one. */
		.time_unix_ms = entry->is_damaged ? clock_unix_ms() : entry->quarantined_unix_ms,
		.path = stray->path,
		.threat_name = stray->threat_name,
		.detection_id = stray->detection_id,
		.sha256 = stray->sha256,
		.size = entry->size,
		.uid = entry->uid,
		.n_names = entry->n_names,
		.reason = stray->reason};
	return 0;
}

static int remediator_list_hear(struct remediator *remediator, const struct ipc_move_entry *entry)
{
	char id[IPC_MOVE_ID_LENGTH + 1] = {0};
	struct errmsg msg = ERRMSG_NULL;
	bool is_known = false;
	int r;

	memcpy(id, entry->id, IPC_MOVE_ID_LENGTH);
	r = remediator_list_note_seen(remediator, id);
	if (r == 0)
		r = remediator_item_is_known(remediator, id, &is_known, &msg);
	if (r == 0 && !is_known)
		r = remediator_list_add_stray(remediator, id, entry);
	return r;
}

void remediator_list_on_item(struct remediator *remediator, const struct ipc_move_entry *entry)
{
	int r = remediator_list_hear(remediator, entry);

	if (r < 0 && !remediator->is_list_lacking)
		log_warn("remediator", "an item of the quarantine: %s", err_text(r));
	remediator->is_list_lacking |= r < 0;
}

/* Settle. */

/** Items that the store has and the vault does not. */
struct remediator_list_lost {
	struct remediator *remediator;
	char (*ids)[IPC_MOVE_ID_LENGTH + 1];
	size_t n;
	size_t n_room;
};

static int remediator_list_compare(const void *a, const void *b)
{
	return memcmp(a, b, IPC_MOVE_ID_LENGTH);
}

static bool remediator_list_has_seen(const struct remediator *remediator, const char *id)
{
	return remediator->n_seen > 0 &&
	       bsearch(id, remediator->seen, remediator->n_seen, sizeof(remediator->seen[0]),
		       remediator_list_compare);
}

/* A process was asked for it, died, and the vault does not have the item any more. */
static bool remediator_list_is_wish_over(const struct remediator *remediator)
{
	const struct remediator_wish *wish = remediator->wish;

	return wish && wish->is_begun && strlen(wish->id) == IPC_MOVE_ID_LENGTH &&
	       !remediator_list_has_seen(remediator, wish->id);
}

static int remediator_list_on_row(void *arg, const struct quarantine_record *item)
{
	struct remediator_list_lost *lost = arg;
	const struct remediator *remediator = lost->remediator;

	if (strlen(item->id) != IPC_MOVE_ID_LENGTH ||
		remediator_list_has_seen(remediator, item->id) ||
		(remediator->wish && strcmp(item->id, remediator->wish->id) == 0))
		return 0; /* of what is at work its own end tells */
	if (lost->n == lost->n_room) {
		size_t n_room = lost->n_room ? 2 * lost->n_room : 16;
		void *ids = reallocarray(lost->ids, n_room, sizeof(lost->ids[0]));

		if (!ids)
			return err_origin(-ENOMEM);
		lost->ids = ids;
		lost->n_room = n_room;
	}
	memcpy(lost->ids[lost->n++], item->id, IPC_MOVE_ID_LENGTH + 1);
	return 0;
}

static int remediator_list_drop_row(
	const struct remediator_list_lost *lost, const char *id, struct errmsg *msg)
{
	struct store *store = lost->remediator->config.store;
	int r;

	if (remediator_recovered_is_restored(lost->remediator, id))
		return remediator_item_write_restored(store, id, msg);
	r = store_quarantine_delete(store, id, msg);
	if (r == 0)
		r = store_detection_restore(store, id, REMEDIATION_ABANDONED, msg);
	return r == 0 ? action_log_remediation_lost(store, id, msg) : r;
}

/* All at once: a whole vault may be gone, and each commit waits for the disk. */
static int remediator_list_drop_rows(
	const struct remediator_list_lost *lost, struct store *store, struct errmsg *msg)
{
	int r = store_begin(store, msg);

	for (size_t i = 0; r == 0 && i < lost->n; i++)
		r = remediator_list_drop_row(lost, lost->ids[i], msg);
	if (r == 0)
		r = store_commit(store, msg);
	if (r != 0)
		store_rollback(store);
	return err_fold(r);
}

static void remediator_list_drop_lost(struct remediator *remediator)
{
	static const struct store_query all = {.id = NULL};
	struct remediator_list_lost lost = {.remediator = remediator};
	struct errmsg msg = ERRMSG_NULL;
	int r = store_quarantine_list(
		remediator->config.store, &all, remediator_list_on_row, &lost, &msg);

	if (r == 0 && lost.n > 0)
		r = remediator_list_drop_rows(&lost, remediator->config.store, &msg);
	if (r == 0)
		remediator_recovered_forget_restored(remediator);
	else if (r < 0)
		remediator->config.on_store(remediator->config.arg, r, &msg);
	free(lost.ids);
}

/* The file at work is in the vault already: that is its end. */
static void remediator_list_end_file(struct remediator *remediator)
{
	struct remediator_stray *stray;

	TAILQ_FOREACH(stray, &remediator->strays, link)
	if (remediator->file && strcmp(stray->detection_id, remediator->file->first.id) == 0) {
		remediator_file_end_in_vault(remediator, stray->id);
		TAILQ_REMOVE(&remediator->strays, stray, link);
		remediator_list_free_stray(stray);
		return;
	}
}

void remediator_list_settle(struct remediator *remediator)
{
	if (!remediator->is_list_lacking) {
		remediator_list_drop_lost(remediator);
		if (remediator_list_is_wish_over(remediator))
			remediator_end_as(remediator,
				remediator->wish->is_restore ? IPC_MOVE_RESTORED : IPC_MOVE_DELETED,
				remediator->wish->id);
	}
	remediator_list_end_file(remediator);
	remediator_list_forget_seen(remediator);
	remediator->is_reconciled = true;
}

static void remediator_list_drop_stray(struct remediator *remediator)
{
	struct remediator_stray *stray = TAILQ_FIRST(&remediator->strays);

	TAILQ_REMOVE(&remediator->strays, stray, link);
	remediator_list_free_stray(stray);
}

/* A detection waits for the first stray: both to work. */
static bool remediator_list_take_file(struct remediator *remediator)
{
	const struct remediator_stray *stray = TAILQ_FIRST(&remediator->strays);

	remediator_file_take(remediator, stray->detection_id);
	if (!remediator->file)
		return false;
	remediator_file_end_in_vault(remediator, stray->id);
	remediator_list_drop_stray(remediator);
	return true;
}

static bool remediator_list_is_waited_for(
	struct remediator *remediator, const struct remediator_stray *stray)
{
	bool is_waited_for;

	remediator_file_take(remediator, stray->detection_id);
	is_waited_for = remediator->file != NULL;
	remediator_file_free(remediator->file);
	remediator->file = NULL;
	remediator_end_clear(remediator);
	return is_waited_for;
}

/* Together, since each commit waits for the disk. @np those that are in the store. */
static int remediator_list_insert_strays(
	struct remediator *remediator, size_t *np, struct errmsg *msg)
{
	struct store *store = remediator->config.store;
	struct remediator_stray *stray;
	size_t n = 0;
	int r = store_begin(store, msg);

	TAILQ_FOREACH(stray, &remediator->strays, link)
	{
		if (r < 0 || n == REMEDIATOR_STRAYS_AT_ONCE ||
			(n > 0 && remediator_list_is_waited_for(remediator, stray)))
			break;
		r = store_quarantine_insert(store, &stray->item, msg);
		r = r == STORE_E_DUPLICATE ? 0 : r;
		n++;
	}
	if (r == 0)
		r = store_commit(store, msg);
	if (r != 0)
		store_rollback(store);
	*np = r == 0 ? n : 0;
	return err_fold(r);
}

bool remediator_list_take_stray(struct remediator *remediator)
{
	struct errmsg msg = ERRMSG_NULL;
	size_t n = 0;
	int r;

	if (TAILQ_EMPTY(&remediator->strays))
		return false;
	if (remediator_list_take_file(remediator))
		return true;
	r = remediator_list_insert_strays(remediator, &n, &msg);
	remediator->config.on_store(remediator->config.arg, r, &msg);
	remediator->is_again |= r < 0;
	while (n-- > 0)
		remediator_list_drop_stray(remediator);
	if (TAILQ_EMPTY(&remediator->strays))
		remediator->n_stray_bytes = 0;
	return r == 0;
}
