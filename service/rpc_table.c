/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table of methods: name, function, roles of a gateway's user of which one
 * suffices, fields. Who may what is Defender's: reading needs a reading role of
 * machines or alerts, a role for scans alone does not read. Settings,
 * exclusions, what is allowed and signatures are the machine's own affair: no gateway changes
 * them, whatever it says for whom.
 */
#include "rpc_private.h"

#include "nearest.h"

#include <string.h>

enum {
	RPC_FOR_NEVER = ON_BEHALF_NOBODY,
	RPC_FOR_SCAN = ROLE_MACHINE_SCAN,
	RPC_FOR_READ = ROLE_MACHINE_READ | ROLE_MACHINE_READ_WRITE,
	RPC_FOR_QUARANTINE = ROLE_MACHINE_QUARANTINE,
	RPC_FOR_MACHINE_WRITE = ROLE_MACHINE_READ_WRITE,
	RPC_FOR_ALERTS = ROLE_ALERT_READ | ROLE_ALERT_READ_WRITE,
	RPC_FOR_ALERT_WRITE = ROLE_ALERT_READ_WRITE,
	RPC_FOR_DETECTIONS = RPC_FOR_READ | RPC_FOR_ALERTS,
};

#define RPC_LIST_FIELDS "limit", "offset", "filter", "orderBy", "count", "ifRevision"

static const struct rpc_entry rpc_table[] = {
	{"scan.start", rpc_scan_start, RPC_FOR_SCAN, {NULL}},
	{"scan.list", rpc_scan_list, RPC_FOR_READ, {RPC_LIST_FIELDS, "status"}},
	{"scan.show", rpc_scan_show, RPC_FOR_READ, {"id"}},
	{"scan.cancel", rpc_scan_cancel, RPC_FOR_SCAN, {"id", "comment"}},
	{"scan.pause", rpc_scan_pause, RPC_FOR_SCAN, {"id"}},
	{"scan.resume", rpc_scan_resume, RPC_FOR_SCAN, {"id"}},
	{"scan.report", rpc_scan_report, RPC_FOR_READ, {"id", "offset", "limit"}},
	{"scan.watch", rpc_scan_watch, RPC_FOR_READ, {"id"}},
	{"action.list", rpc_list_actions, RPC_FOR_READ, {RPC_LIST_FIELDS, "status"}},
	{"action.show", rpc_list_action_show, RPC_FOR_READ, {"id"}},
	{"action.cancel", rpc_list_action_cancel, RPC_FOR_SCAN, {"id", "comment"}},
	{"timeline.list", rpc_list_timeline, RPC_FOR_READ,
		{"limit", "offset", "filter", "count", "ifRevision", "afterSequence",
			"beforeSequence", "order", "scanId", "actionId", "actionType"}},
	{"timeline.follow", rpc_follow, RPC_FOR_READ, {""}},
	{"detection.list", rpc_list_detections, RPC_FOR_DETECTIONS,
		{RPC_LIST_FIELDS, "scanId", "alertId"}},
	{"detection.remediate", rpc_quarantine_remediate, RPC_FOR_QUARANTINE,
		{"id", "action", "comment"}},
	{"alert.list", rpc_list_alerts, RPC_FOR_ALERTS, {RPC_LIST_FIELDS, "status"}},
	{"alert.show", rpc_alert_show, RPC_FOR_ALERTS, {"id"}},
	{"alert.update", rpc_alert_update, RPC_FOR_ALERT_WRITE,
		{"id", "status", "assignedTo", "classification", "determination", "comment"}},
	{"machine.show", rpc_machine_show, RPC_FOR_READ, {""}},
	{"machine.tag", rpc_machine_tag, RPC_FOR_MACHINE_WRITE, {"action", "value"}},
	{"quarantine.list", rpc_quarantine_list, RPC_FOR_READ, {RPC_LIST_FIELDS}},
	{"quarantine.restore", rpc_quarantine_restore, RPC_FOR_QUARANTINE,
		{"id", "comment", "wait"}},
	{"quarantine.delete", rpc_quarantine_delete, RPC_FOR_QUARANTINE, {"id", "comment", "wait"}},
	{"file.stopAndQuarantine", rpc_quarantine_file, RPC_FOR_QUARANTINE,
		{"sha1", "sha256", "comment"}},
	{"exclusion.list", rpc_settings_exclusions, RPC_FOR_READ, {""}},
	{"exclusion.add", rpc_settings_exclude, RPC_FOR_NEVER, {"kind", "value"}},
	{"exclusion.remove", rpc_settings_include, RPC_FOR_NEVER, {"kind", "value"}},
	{"allowed.list", rpc_settings_allowed, RPC_FOR_READ, {""}},
	{"allowed.add", rpc_settings_allow, RPC_FOR_NEVER, {"kind", "value", "comment"}},
	{"allowed.remove", rpc_settings_disallow, RPC_FOR_NEVER, {"kind", "value", "comment"}},
	{"settings.show", rpc_settings_show, RPC_FOR_READ, {""}},
	{"settings.set", rpc_settings_set, RPC_FOR_NEVER, {"name", "value"}},
	{"definitions.show", rpc_settings_definitions, RPC_FOR_READ, {""}},
	{"definitions.reload", rpc_settings_reload, RPC_FOR_NEVER, {""}},
	{"health", rpc_settings_health, RPC_FOR_READ, {""}},
	{"metrics.show", rpc_metrics, RPC_FOR_READ, {""}},
};

enum { RPC_N_METHODS = sizeof(rpc_table) / sizeof(rpc_table[0]) };

const struct rpc_entry *rpc_table_find(const char *name)
{
	for (size_t i = 0; i < RPC_N_METHODS; i++)
		if (strcmp(rpc_table[i].name, name) == 0)
			return &rpc_table[i];
	return NULL;
}

int rpc_table_refuse(struct rpc_call *call, const char *name)
{
	const char *names[RPC_N_METHODS];
	const char *near;

	for (size_t i = 0; i < RPC_N_METHODS; i++)
		names[i] = rpc_table[i].name;
	near = nearest_find(name, names, RPC_N_METHODS);
	return fault_set(&call->fault, FAULT_METHOD_NOT_FOUND, name,
		near ? "no such method; did you mean %s?" : "no such method", near);
}

int rpc_table_check_fields(struct rpc_call *call, const struct rpc_entry *entry)
{
	struct errmsg msg = ERRMSG_NULL;
	size_t n = 0;

	if (!entry->fields[0])
		return 0;
	while (n < RPC_FIELDS_MAX && entry->fields[n] && entry->fields[n][0])
		n++;
	if (json_check_fields(call->params, entry->fields, n, &msg) < 0)
		return rpc_refuse(call, "params", &msg);
	return 0;
}
