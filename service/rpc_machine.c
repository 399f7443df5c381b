/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine, as Defender's machine resource, and its tags. What Defender's
 * service knows of a device and we do not (directory, groups, exposure) is
 * null; the addresses are for the console to fill in (machine_facts.h).
 */
#include "rpc_private.h"

#include "action_log.h"
#include "cleanup.h"
#include "display.h"
#include "clock.h"
#include "machine_tags.h"

#include <errno.h>
#include <string.h>

/* The severity of the worst alert that is not resolved is the machine's risk. */
static const char *const rpc_machine_severities[] = {
	"None", "Informational", "Low", "Medium", "High"};

enum { RPC_MACHINE_N_SEVERITIES = sizeof(rpc_machine_severities) / sizeof(char *) };

static int rpc_machine_on_alert(void *arg, const struct alert_record *alert)
{
	size_t *worstp = arg;

	if (strcmp(alert->status, "Resolved") == 0)
		return 0;
	for (size_t i = *worstp + 1; i < RPC_MACHINE_N_SEVERITIES; i++)
		if (strcmp(alert->severity, rpc_machine_severities[i]) == 0)
			*worstp = i;
	return 0;
}

static int rpc_machine_on_first_event(void *arg, const struct event_record *event)
{
	int64_t *unix_msp = arg;

	*unix_msp = event->time_unix_ms;
	return 0;
}

/* Asked for again only after a change of an alert. */
static int rpc_machine_look(struct rpc *rpc, struct errmsg *msg)
{
	static const struct store_query first = {.is_ascending = true, .limit = 1};
	static const struct store_query all = {.is_bounded = true};
	struct store *store = rpc->config.store;
	uint64_t revision = store_revision(store, STORE_KIND_ALERT);
	size_t worst = 0;
	int r = 0;

	if (rpc->first_seen_unix_ms == 0)
		r = store_event_list(
			store, &first, rpc_machine_on_first_event, &rpc->first_seen_unix_ms, msg);
	if (r < 0 || revision == rpc->risk_revision)
		return r;
	r = store_alert_list(store, &all, rpc_machine_on_alert, &worst, msg);
	if (r < 0 && r != -ETIMEDOUT)
		return r;
	rpc->risk = r == 0 ? rpc_machine_severities[worst] : NULL; /* too many to look at */
	rpc->risk_revision = revision;
	return 0;
}

static int rpc_machine_add_system(const struct rpc *rpc, cJSON *object)
{
	const struct machine_facts *facts = &rpc->facts;
	int r = json_add_string(object, "osPlatform", "Linux");

	r |= json_add_string(object, "version", facts->version[0] ? facts->version : NULL);
	r |= json_add_string(object, "osProcessor", facts->processor);
	r |= json_add_string(object, "osArchitecture", facts->architecture);
	r |= json_add_null(object, "osBuild");
	r |= json_add_string(object, "osName", facts->name[0] ? facts->name : NULL);
	r |= json_add_string(object, "osKernel", facts->kernel);
	r |= json_add_string(object, "agentVersion", rpc->config.version);
	return r;
}

static int rpc_machine_json(struct rpc *rpc, cJSON *tags, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	int r = json_add_string(object, "id", rpc->machine.id);

	r |= json_add_string(object, "computerDnsName", rpc->machine.dns_name);
	r |= json_add_time(object, "firstSeen", rpc->first_seen_unix_ms);
	r |= json_add_time(object, "lastSeen", clock_unix_ms());
	r |= rpc_machine_add_system(rpc, object);
	r |= json_add_null(object, "lastIpAddress");
	r |= json_add_null(object, "lastExternalIpAddress");
	r |= json_add_string(object, "healthStatus", "Active");
	r |= json_add_string(object, "onboardingStatus", "onboarded");
	r |= json_add_null(object, "rbacGroupId");
	r |= json_add_null(object, "rbacGroupName");
	r |= json_add_string(object, "riskScore", rpc->risk);
	r |= json_add_null(object, "exposureLevel");
	r |= json_add_string(object, "deviceValue", "Normal");
	r |= json_add_bool(object, "isAadJoined", false);
	r |= json_add_null(object, "aadDeviceId");
	r |= json_add_item(object, "machineTags", tags);
	r |= json_add_item(object, "ipAddresses", cJSON_CreateArray());
	if (r < 0)
		return err_origin(-ENOMEM);
	*itemp = object;
	object = NULL;
	return 0;
}

int rpc_machine_show(struct rpc_call *call)
{
	struct errmsg msg = ERRMSG_NULL;
	cJSON *tags = NULL;
	int r = rpc_machine_look(call->rpc, &msg);

	if (r == 0)
		r = machine_tags_read(call->rpc->config.store, &tags, &msg);
	if (r < 0)
		return rpc_store_fault(call, r, &msg);
	return rpc_machine_json(call->rpc, tags, &call->result);
}

static int rpc_machine_take_change(struct rpc_call *call, struct machine_tags_change *change)
{
	const char *action = NULL;
	int r = rpc_take_text(call, "action", RPC_ID_MAX, &action);

	if (r < 0)
		return r;
	change->is_removal = strcmp(action, "Remove") == 0;
	if (!change->is_removal && strcmp(action, "Add") != 0)
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "action",
			"action: Add or Remove is expected");
	r = rpc_take_text(call, "value", MACHINE_TAGS_VALUE_MAX, &change->value);
	if (r < 0)
		return r;
	if (!display_is_visible(change->value))
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "value",
			"value: it must have nothing that cannot be seen");
	return 0;
}

int rpc_machine_tag(struct rpc_call *call)
{
	struct machine_tags_change change = {.who = &call->who};
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_machine_take_change(call, &change);

	if (r < 0)
		return r;
	r = machine_tags_change(call->rpc->config.store, &change, &msg);
	scheduler_note_store(call->rpc->config.scheduler, r < 0 ? r : 0, &msg);
	if (r == MACHINE_TAGS_E_FULL)
		return fault_set(&call->fault, FAULT_INVALID_STATE, "value", "%s", msg.text);
	return r < 0 ? fault_from_store(&call->fault, r, &msg) : rpc_machine_show(call);
}
