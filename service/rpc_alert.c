/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One alert, and what an analyst changes on it, with Defender's words. Row and
 * event are one transaction.
 */
#include "rpc_private.h"

#include "action_log.h"
#include "cleanup.h"
#include "clock.h"

#include <errno.h>
#include <string.h>

enum {
	RPC_ALERT_COMMENT_MAX = 4000,
	/* Of one alert: each change writes all of them, each page of a list has them. */
	RPC_ALERT_COMMENTS_MAX = 200,
	RPC_ALERT_COMMENTS_BYTES_MAX = 256 * 1024,
};

static const char *const rpc_alert_statuses[] = {"New", "InProgress", "Resolved", NULL};
static const char *const rpc_alert_classifications[] = {
	"TruePositive", "InformationalExpectedActivity", "FalsePositive", "", NULL};
static const char *const rpc_alert_determinations[] = {"MultiStagedAttack", "MaliciousUserActivity",
	"CompromisedUser", "Malware", "Phishing", "UnwantedSoftware", "SecurityTesting",
	"LineOfBusinessApplication", "ConfirmedActivity", "ConfirmedUserActivity", "NotMalicious",
	"Clean", "InsufficientData", "Other", "", NULL};

struct rpc_alert_change {
	struct rpc_call *call;
	const char *status;
	const char *assigned_to;
	const char *classification;
	const char *determination;
	const char *comment;
	bool is_found;
	struct errmsg msg;
};

static int rpc_alert_take_word(
	struct rpc_call *call, const char *field, const char *const words[], const char **wordp)
{
	int r = rpc_take_optional(call, field, RPC_ID_MAX, wordp);

	if (r < 0 || !*wordp)
		return r;
	for (size_t i = 0; words[i]; i++)
		if (strcmp(words[i], *wordp) == 0)
			return 0;
	return fault_set(&call->fault, FAULT_INVALID_INPUT, field, "%s: %s, %s, %s … is expected",
		field, words[0], words[1], words[2]);
}

/* What was said is never lost: a history that cannot be read is not written over. */
static int rpc_alert_parse_comments(
	struct rpc_call *call, const struct alert_record *alert, cJSON **commentsp)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = json_parse(alert->comments_json, strlen(alert->comments_json), commentsp, &msg);

	if (r == 0 && !cJSON_IsArray(*commentsp)) {
		errmsg_set(&msg, "no array");
		r = -EBADMSG;
	}
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return fault_set(&call->fault, FAULT_STORE_UNAVAILABLE, alert->id,
			"the alert's comments cannot be read: %s", msg.text);
	if (cJSON_GetArraySize(*commentsp) >= RPC_ALERT_COMMENTS_MAX)
		return fault_set(&call->fault, FAULT_INVALID_STATE, "comment",
			"an alert has at most %d comments", RPC_ALERT_COMMENTS_MAX);
	return 0;
}

static int rpc_alert_add_comment(
	cJSON *comments, const struct rpc_alert_change *change, int64_t now_unix_ms)
{
	cJSON *comment = cJSON_CreateObject();
	int r;

	if (!comment)
		return err_origin(-ENOMEM);
	r = json_add_string(comment, "comment", change->comment);
	r |= json_add_string(comment, "createdBy", change->call->who.name);
	r |= json_add_time(comment, "createdTime", now_unix_ms);
	r |= json_append(comments, comment);
	return r < 0 ? err_origin(-ENOMEM) : 0;
}

/* The comments with one more, as text. */
static int rpc_alert_comments(const struct rpc_alert_change *change,
	const struct alert_record *alert, int64_t now_unix_ms, char **textp)
{
	_cleanup_(json_cleanup) cJSON *comments = NULL;
	size_t n = 0;
	int r = rpc_alert_parse_comments(change->call, alert, &comments);

	if (r == 0)
		r = rpc_alert_add_comment(comments, change, now_unix_ms);
	if (r == 0)
		r = json_print(comments, textp, &n);
	if (r == 0 && n > RPC_ALERT_COMMENTS_BYTES_MAX)
		return fault_set(&change->call->fault, FAULT_INVALID_STATE, "comment",
			"an alert's comments have at most %d KiB together",
			RPC_ALERT_COMMENTS_BYTES_MAX / 1024);
	return r;
}

static int rpc_alert_write(const struct rpc_alert_change *change, const struct alert_record *alert)
{
	struct store *store = change->call->rpc->config.store;
	struct errmsg msg = ERRMSG_NULL;
	int r = store_begin(store, &msg);

	if (r == 0)
		r = store_alert_update(store, alert, &msg);
	if (r == 0)
		r = action_log_threat_alert_updated(
			store, NULL, alert, &change->call->who, change->comment, &msg);
	if (r == 0)
		r = store_commit(store, &msg);
	store_rollback(store);
	scheduler_note_store(change->call->rpc->config.scheduler, r < 0 ? r : 0, &msg);
	return r == 0 ? 0 : fault_from_store(&change->call->fault, err_fold(r), &msg);
}

/* The row's strings are borrowed for this call, so all is done in it. */
static int rpc_alert_on_row(void *arg, const struct alert_record *row)
{
	struct rpc_alert_change *change = arg;
	struct alert_record alert = *row;
	_cleanup_(cleanup_free) char *comments = NULL;
	int64_t now_unix_ms = clock_unix_ms();
	int r = 0;

	change->is_found = true;
	alert.last_update_unix_ms = now_unix_ms;
	if (change->status) {
		alert.status = change->status;
		alert.resolved_unix_ms = strcmp(change->status, "Resolved") == 0 ? now_unix_ms : 0;
	}
	if (change->assigned_to)
		alert.assigned_to = change->assigned_to;
	if (change->classification)
		alert.classification = change->classification;
	if (change->determination)
		alert.determination = change->determination;
	if (change->comment) {
		r = rpc_alert_comments(change, row, now_unix_ms, &comments);
		alert.comments_json = comments;
	}
	if (r == 0)
		r = rpc_alert_write(change, &alert);
	return r < 0 ? r
		     : record_json_alert(
			       &alert, &change->call->rpc->machine, &change->call->result);
}

static int rpc_alert_on_shown(void *arg, const struct alert_record *alert)
{
	struct rpc_call *call = arg;

	return record_json_alert(alert, &call->rpc->machine, &call->result);
}

int rpc_alert_show(struct rpc_call *call)
{
	struct store_query query = {.limit = 1};
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_take_id(call, &query.id);

	if (r < 0)
		return r;
	r = store_alert_list(call->rpc->config.store, &query, rpc_alert_on_shown, call, &msg);
	if (r < 0)
		return rpc_store_fault(call, r, &msg);
	if (!call->result)
		return fault_set(&call->fault, FAULT_NOT_FOUND, query.id, "no alert has this id");
	return 0;
}

int rpc_alert_update(struct rpc_call *call)
{
	struct rpc_alert_change change = {.call = call};
	struct store_query query = {.limit = 1};
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_take_id(call, &query.id);

	if (r == 0)
		r = rpc_alert_take_word(call, "status", rpc_alert_statuses, &change.status);
	if (r == 0)
		r = rpc_take_optional(call, "assignedTo", 256, &change.assigned_to);
	if (r == 0)
		r = rpc_alert_take_word(
			call, "classification", rpc_alert_classifications, &change.classification);
	if (r == 0)
		r = rpc_alert_take_word(
			call, "determination", rpc_alert_determinations, &change.determination);
	if (r == 0)
		r = rpc_take_optional(call, "comment", RPC_ALERT_COMMENT_MAX, &change.comment);
	if (r < 0)
		return r;
	r = store_alert_list(call->rpc->config.store, &query, rpc_alert_on_row, &change, &msg);
	if (r < 0)
		return call->fault.code == FAULT_NONE ? rpc_store_fault(call, r, &msg) : r;
	if (!change.is_found)
		return fault_set(&call->fault, FAULT_NOT_FOUND, query.id, "no alert has this id");
	return 0;
}
