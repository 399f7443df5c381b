/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is allowed comes before every default: who named a file, a hash or a
 * threat has said more than who named a severity. The first item of a list that
 * fits decides.
 */
#include "threat_action.h"

#include "glob.h"

#include <string.h>
#include <strings.h>

typedef bool (*threat_action_match)(const char *item, const struct threat_action_threat *threat);

static bool threat_action_is_name(const char *item, const struct threat_action_threat *threat)
{
	return strcmp(item, threat->name) == 0;
}

static bool threat_action_is_hash(const char *item, const struct threat_action_threat *threat)
{
	return threat->sha256[0] != '\0' && strcasecmp(item, threat->sha256) == 0;
}

static bool threat_action_is_path(const char *item, const struct threat_action_threat *threat)
{
	return glob_match_path(span_str(item), threat->path);
}

static const char *threat_action_find(const struct settings_list *list, threat_action_match match,
	const struct threat_action_threat *threat)
{
	for (size_t i = 0; i < list->n; i++)
		if (match(list->items[i], threat))
			return list->items[i];
	return NULL;
}

static bool threat_action_allowed(const struct settings *settings,
	const struct threat_action_threat *threat, struct threat_action *decision)
{
	const struct {
		enum threat_action_rule rule;
		const char *setting;
		const struct settings_list *list;
		threat_action_match match;
	} lists[] = {
		{THREAT_ACTION_BY_ALLOWED_NAME, "AllowedThreats", &settings->allowed_threats,
			threat_action_is_name},
		{THREAT_ACTION_BY_ALLOWED_HASH, "AllowedFileHashes", &settings->allowed_file_hashes,
			threat_action_is_hash},
		{THREAT_ACTION_BY_ALLOWED_PATH, "AllowedPaths", &settings->allowed_paths,
			threat_action_is_path},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const char *item = threat_action_find(lists[i].list, lists[i].match, threat);

		if (!item)
			continue;
		*decision = (struct threat_action){
			SETTINGS_THREAT_ALLOW, lists[i].rule, lists[i].setting, item};
		return true;
	}
	return false;
}

static bool threat_action_by_id(const struct settings *settings,
	const struct threat_action_threat *threat, struct threat_action *decision)
{
	const struct settings_list *list = &settings->threat_id_actions;

	for (size_t i = 0; i < list->n; i++) {
		enum settings_threat_action action;
		uint64_t id;

		if (settings_threat_parse(span_str(list->items[i]), &id, &action) < 0 ||
			id != threat->id)
			continue;
		*decision = (struct threat_action){action, THREAT_ACTION_BY_THREAT_ID,
			"ThreatIDDefaultAction", list->items[i]};
		return true;
	}
	return false;
}

static struct threat_action threat_action_by_severity(
	const struct settings *settings, const char *severity)
{
	const struct {
		const char *severity;
		const char *setting;
		int64_t action;
	} defaults[] = {
		{"Low", "LowThreatDefaultAction", settings->low_threat_action},
		{"Moderate", "ModerateThreatDefaultAction", settings->moderate_threat_action},
		{"High", "HighThreatDefaultAction", settings->high_threat_action},
		{"Severe", "SevereThreatDefaultAction", settings->severe_threat_action},
		{NULL, "UnknownThreatDefaultAction", settings->unknown_threat_action},
	};
	size_t i = 0;

	while (defaults[i].severity && strcmp(defaults[i].severity, severity) != 0)
		i++;
	return (struct threat_action){(enum settings_threat_action)defaults[i].action,
		THREAT_ACTION_BY_SEVERITY, defaults[i].setting, NULL};
}

struct threat_action threat_action_decide(
	const struct settings *settings, bool is_passive, const struct threat_action_threat *threat)
{
	struct threat_action decision = {
		SETTINGS_THREAT_NO_ACTION, THREAT_ACTION_BY_PASSIVE_MODE, "PassiveMode", NULL};

	if (is_passive || threat_action_allowed(settings, threat, &decision) ||
		threat_action_by_id(settings, threat, &decision))
		return decision;
	return threat_action_by_severity(settings, threat->severity);
}
