/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place where an event gets its common fields: sequence, time and
 * hashes from the store, ids from the scan. The typed functions only say what
 * their type adds.
 */
#include "action_log.h"

#include "cleanup.h"

int action_log_write(struct store *store, const char *action_type, const struct scan_record *scan,
	const cJSON *fields, int built, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *text = NULL;
	struct event_record event = {.action_type = action_type};
	int r = built;

	if (r == 0)
		r = fields ? json_print(fields, &text, NULL) : -ENOMEM;
	if (r < 0) {
		errmsg_set(msg, "%s: %s", action_type, err_text(r));
		return err_origin(r);
	}
	event.fields_json = text;
	event.scan_id = scan ? scan->id : "";
	event.action_id = scan ? scan->action_id : "";
	return store_event_append(store, &event, NULL, msg);
}

int action_log_add_gateway(cJSON *fields, const struct record_gateway *gateway)
{
	return gateway->is_set ? json_add_uint(fields, "gatewayUid", gateway->uid)
			       : json_add_null(fields, "gatewayUid");
}

int action_log_add_requestor(cJSON *fields, const struct requestor *who)
{
	int r = json_add_string(fields, "requestor", who->name);

	return r | action_log_add_gateway(fields, &who->gateway);
}
