/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items in quarantine: put back, deleted, and deleted because of their age. */
#include "remediator_private.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void remediator_item_free(struct remediator_wish *wish)
{
	if (!wish)
		return;
	free(wish->id);
	free(wish->name);
	free(wish->source);
	free(wish->comment);
	free(wish);
}

/* Ask. */

static struct remediator_wish *remediator_item_wish(const struct remediator_request *request)
{
	struct remediator_wish *wish = calloc(1, sizeof(*wish));

	if (!wish)
		return NULL;
	wish->is_restore = request->is_restore;
	wish->id = strdup(request->id);
	wish->name = strdup(request->who->name);
	wish->source = strdup(request->who->source);
	wish->comment = request->comment ? strdup(request->comment) : NULL;
	wish->gateway = request->who->gateway;
	wish->told = request->told;
	wish->arg = request->arg;
	if (wish->id && wish->name && wish->source && (wish->comment || !request->comment))
		return wish;
	remediator_item_free(wish);
	return NULL;
}

static int remediator_item_on_found(void *arg, const struct quarantine_record *item)
{
	bool *is_foundp = arg;

	(void)item;
	*is_foundp = true;
	return 0;
}

int remediator_item_is_known(
	struct remediator *remediator, const char *id, bool *is_knownp, struct errmsg *msg)
{
	const struct store_query query = {.id = id, .limit = 1};

	*is_knownp = false;
	return store_quarantine_list(
		remediator->config.store, &query, remediator_item_on_found, is_knownp, msg);
}

/* A gateway cannot fill the places of the operators. */
static size_t remediator_item_most(const struct requestor *who)
{
	return who->gateway.is_set ? REMEDIATOR_REQUESTS_MAX / 2 : REMEDIATOR_REQUESTS_MAX;
}

int remediator_ask(struct remediator *remediator, const struct remediator_request *request,
	struct fault *fault)
{
	struct remediator_wish *wish;
	struct errmsg msg = ERRMSG_NULL;
	bool is_found = false;
	int r;

	if (remediator->is_stopping)
		return fault_set(fault, FAULT_SHUTTING_DOWN, NULL, "the service stops");
	if (remediator->n_wishes >= remediator_item_most(request->who))
		return fault_set(fault, FAULT_INVALID_STATE, NULL,
			"%zu requests wait for the quarantine already", remediator->n_wishes);
	r = remediator_item_is_known(remediator, request->id, &is_found, &msg);
	if (r < 0)
		return fault_from_store(fault, r, &msg);
	if (!is_found)
		return fault_set(
			fault, FAULT_NOT_FOUND, request->id, "nothing in quarantine has this id");
	wish = remediator_item_wish(request);
	if (!wish)
		return err_origin(-ENOMEM);
	STAILQ_INSERT_TAIL(&remediator->wishes, wish, link);
	remediator->n_wishes++;
	remediator_kick(remediator);
	return 0;
}

int remediator_item_send(struct remediator *remediator)
{
	struct remediator_wish *wish = remediator->wish;
	int r = remediate_process_item(remediator->process,
		wish->is_restore ? IPC_MOVE_RESTORE : IPC_MOVE_DELETE, ++remediator->serial,
		wish->id);

	wish->is_begun |= r == 0;
	return r;
}

/* Write. */

/** An item's end is written. */
struct remediator_item_writing {
	struct remediator *remediator; /**< Whose wish it is; else NULL. */
	struct store *store;
	struct errmsg *msg;
	bool is_found;
};

static int remediator_item_log(
	const struct remediator_item_writing *writing, const struct quarantine_record *item)
{
	const struct remediator_wish *wish = writing->remediator->wish;
	const struct requestor who = {
		.name = wish->name, .source = wish->source, .gateway = wish->gateway};
	const struct action_log_item what = {
		.is_restored = wish->is_restore, .who = &who, .comment = wish->comment};

	return action_log_remediation_item(
		writing->store, &what, item, &writing->remediator->end.log, writing->msg);
}

static int remediator_item_on_item(void *arg, const struct quarantine_record *item)
{
	struct remediator_item_writing *writing = arg;

	writing->is_found = true;
	return remediator_item_log(writing, item);
}

static int remediator_item_write_all(struct remediator *remediator, struct errmsg *msg)
{
	struct store *store = remediator->config.store;
	const struct remediator_wish *wish = remediator->wish;
	const struct store_query query = {.id = wish->id, .limit = 1};
	const struct remediation_outcome outcome =
		remediation_outcome_of_item(remediator->end.outcome);
	struct remediator_item_writing writing = {
		.remediator = remediator, .store = store, .msg = msg};
	const char *status = outcome.status;
	int r;

	remediator->end.log.outcome = outcome.word;
	remediator->end.log.is_failed = outcome.is_failed;
	r = store_quarantine_list(store, &query, remediator_item_on_item, &writing, msg);
	if (r == 0 && !writing.is_found) {
		const struct quarantine_record item = {.id = wish->id};

		r = remediator_item_log(&writing, &item);
	}
	/*
	 * What the vault does not have is in quarantine no more, whoever took it. Where
	 * the store does not have it either, somebody else's request was first.
	 */
	if (remediator->end.outcome == IPC_MOVE_NO_ITEM && writing.is_found)
		status = REMEDIATION_ABANDONED;
	if (r == 0 && status)
		r = store_quarantine_delete(store, wish->id, msg);
	if (r >= 0 && status)
		r = store_detection_restore(store, wish->id, status, msg);
	return r < 0 ? r : 0;
}

/* One more of very many that are too old and cannot be deleted: no event in this round. */
static bool remediator_item_is_untold(struct remediator *remediator)
{
	const struct remediation_outcome outcome =
		remediation_outcome_of_item(remediator->end.outcome);

	if (!remediator->wish->is_purge || !outcome.is_failed ||
		remediator->end.outcome == IPC_MOVE_NO_ITEM ||
		remediator->n_purge_failed < REMEDIATOR_PURGE_EVENTS_MAX)
		return false;
	remediator->end.log.outcome = outcome.word;
	remediator->end.log.is_failed = true;
	return true;
}

int remediator_item_write(struct remediator *remediator, struct errmsg *msg)
{
	struct store *store = remediator->config.store;
	int r;

	if (remediator_item_is_untold(remediator))
		return 0;
	r = store_begin(store, msg);
	if (r == 0)
		r = remediator_item_write_all(remediator, msg);
	if (r == 0)
		r = store_commit(store, msg);
	if (r != 0)
		store_rollback(store);
	return err_fold(r);
}

static int remediator_item_on_restored(void *arg, const struct quarantine_record *item)
{
	static const struct requestor who = {.name = "quietscan", .source = "Service"};
	static const struct action_log_item what = {.is_restored = true, .who = &who};
	static const struct action_log_remediation end = {.outcome = REMEDIATION_RESTORED,
		.n_names = 1,
		.text = "the service was stopped before it could tell"};
	struct remediator_item_writing *writing = arg;

	return action_log_remediation_item(writing->store, &what, item, &end, writing->msg);
}

int remediator_item_write_restored(struct store *store, const char *id, struct errmsg *msg)
{
	const struct store_query query = {.id = id, .limit = 1};
	struct remediator_item_writing writing = {.store = store, .msg = msg};
	int r = store_quarantine_list(store, &query, remediator_item_on_restored, &writing, msg);

	if (r == 0)
		r = store_quarantine_delete(store, id, msg);
	return r == 0 ? store_detection_restore(store, id, REMEDIATION_RESTORED, msg) : r;
}

/* The quarantine does not answer: each more would wait as long. */
static void remediator_item_give_up_purge(struct remediator *remediator)
{
	for (size_t n = remediator->n_wishes; n > 0; n--) {
		struct remediator_wish *wish = STAILQ_FIRST(&remediator->wishes);

		STAILQ_REMOVE_HEAD(&remediator->wishes, link);
		if (wish->is_purge) {
			remediator->n_wishes--;
			remediator_item_free(wish);
		} else {
			STAILQ_INSERT_TAIL(&remediator->wishes, wish, link);
		}
	}
	remediator->n_purge_failed = 0;
	remediator->next_purge_ms = uv_now(remediator->config.loop) + REMEDIATOR_PURGE_MS;
}

void remediator_item_tell(struct remediator *remediator)
{
	const struct remediator_wish *wish = remediator->wish;
	const struct remediator_answer answer = {
		.outcome = remediator->end.log.outcome,
		.is_failed = remediator->end.log.is_failed,
		.is_unknown = remediator->end.outcome == IPC_MOVE_NO_ITEM,
		.text = remediator->end.text,
	};

	/* Not the same one again in this round. */
	if (wish->is_purge && answer.is_failed && !answer.is_unknown)
		remediator->n_purge_failed++;
	if (wish->is_purge && remediator->end.log.error == ETIMEDOUT)
		remediator_item_give_up_purge(remediator);
	if (wish->told)
		wish->told(wish->arg, &answer);
}

/* Age. */

static int remediator_item_on_old(void *arg, const struct quarantine_record *item)
{
	static const struct requestor who = {.name = "quietscan", .source = "Service"};
	struct remediator *remediator = arg;
	const struct remediator_request request = {
		.id = item->id, .who = &who, .comment = "QuarantinePurgeItemsAfterDelay"};
	struct remediator_wish *wish = remediator_item_wish(&request);

	if (!wish)
		return err_origin(-ENOMEM);
	wish->is_purge = true;
	STAILQ_INSERT_TAIL(&remediator->wishes, wish, link);
	remediator->n_wishes++;
	return 0;
}

/* All were tried. Those that could not be deleted are tried again in the next round. */
static void remediator_item_end_round(struct remediator *remediator)
{
	if (remediator->n_purge_failed > 0)
		log_warn("remediator", "%zu items are too old and could not be deleted",
			remediator->n_purge_failed);
	remediator->n_purge_failed = 0;
}

void remediator_item_purge(struct remediator *remediator)
{
	int64_t days = remediator->config.settings->quarantine_purge_after_days;
	const struct store_query query = {
		.before_unix_ms = clock_unix_ms() - days * 24 * 3600 * 1000,
		.is_ascending = true,
		.limit = REMEDIATOR_PURGE_ITEMS_MAX,
		.offset = remediator->n_purge_failed};
	struct errmsg msg = ERRMSG_NULL;
	int r;

	/* Those that were asked for last are not done yet. */
	if (remediator->n_wishes > 0 || remediator->wish)
		return;
	remediator->next_purge_ms = uv_now(remediator->config.loop) + REMEDIATOR_PURGE_MS;
	if (days == 0) {
		remediator->n_purge_failed = 0;
		return;
	}
	r = store_quarantine_list(
		remediator->config.store, &query, remediator_item_on_old, remediator, &msg);
	if (r < 0)
		log_warn("remediator", "what is too old: %s", msg.text);
	if (remediator->n_wishes > 0)
		remediator->next_purge_ms = 0; /* those after them, when they are done */
	else
		remediator_item_end_round(remediator);
	remediator_kick(remediator);
}
