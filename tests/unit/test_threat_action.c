/* SPDX-License-Identifier: GPL-2.0-or-later */
/* threat_action: which setting decides, and what. */
#include "unit.h"

#include "threat_action.h"

#include <stdio.h>
#include <string.h>

#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define HASH_UPPER "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
#define HASH_OTHER "0000000000000000000000000000000000000000000000000000000000000000"

static const struct row {
	const char *settings; /* members of the settings' object */
	bool is_passive;
	const char *severity;
	const char *action;
	const char *setting;
	const char *item;
	enum threat_action_rule rule;
} rows[] = {
	/* Nothing set: quarantine, whatever the severity. */
	{"", false, "Low", "Quarantine", "LowThreatDefaultAction", NULL, THREAT_ACTION_BY_SEVERITY},
	{"", false, "Moderate", "Quarantine", "ModerateThreatDefaultAction", NULL,
		THREAT_ACTION_BY_SEVERITY},
	{"", false, "High", "Quarantine", "HighThreatDefaultAction", NULL,
		THREAT_ACTION_BY_SEVERITY},
	{"", false, "Severe", "Quarantine", "SevereThreatDefaultAction", NULL,
		THREAT_ACTION_BY_SEVERITY},
	{"", false, "Unknown", "Quarantine", "UnknownThreatDefaultAction", NULL,
		THREAT_ACTION_BY_SEVERITY},
	{"", false, "severe", "Quarantine", "UnknownThreatDefaultAction", NULL,
		THREAT_ACTION_BY_SEVERITY},
	{"", false, "", "Quarantine", "UnknownThreatDefaultAction", NULL,
		THREAT_ACTION_BY_SEVERITY},
	/* Each severity's own setting, and no other's. */
	{"'LowThreatDefaultAction':'NoAction'", false, "Low", "NoAction", "LowThreatDefaultAction",
		NULL, THREAT_ACTION_BY_SEVERITY},
	{"'ModerateThreatDefaultAction':'Allow'", false, "Moderate", "Allow",
		"ModerateThreatDefaultAction", NULL, THREAT_ACTION_BY_SEVERITY},
	{"'HighThreatDefaultAction':'Remove'", false, "High", "Remove", "HighThreatDefaultAction",
		NULL, THREAT_ACTION_BY_SEVERITY},
	{"'SevereThreatDefaultAction':'Remove'", false, "Severe", "Remove",
		"SevereThreatDefaultAction", NULL, THREAT_ACTION_BY_SEVERITY},
	{"'UnknownThreatDefaultAction':'Allow'", false, "Unknown", "Allow",
		"UnknownThreatDefaultAction", NULL, THREAT_ACTION_BY_SEVERITY},
	{"'LowThreatDefaultAction':'NoAction'", false, "Severe", "Quarantine",
		"SevereThreatDefaultAction", NULL, THREAT_ACTION_BY_SEVERITY},
	/* The threat's id before its severity; the first of two; another's does not count. */
	{"'SevereThreatDefaultAction':'Remove','ThreatIDDefaultAction':['4711=NoAction']", false,
		"Severe", "NoAction", "ThreatIDDefaultAction", "4711=NoAction",
		THREAT_ACTION_BY_THREAT_ID},
	{"'ThreatIDDefaultAction':['4711=Remove','4711=Allow']", false, "Low", "Remove",
		"ThreatIDDefaultAction", "4711=Remove", THREAT_ACTION_BY_THREAT_ID},
	{"'ThreatIDDefaultAction':['471=Remove','47110=Allow']", false, "Low", "Quarantine",
		"LowThreatDefaultAction", NULL, THREAT_ACTION_BY_SEVERITY},
	/* What is allowed before the id: by name, hash, path. */
	{"'ThreatIDDefaultAction':['4711=Remove'],'AllowedThreats':['Unix.Trojan.A-1']", false,
		"Severe", "Allow", "AllowedThreats", "Unix.Trojan.A-1",
		THREAT_ACTION_BY_ALLOWED_NAME},
	{"'AllowedThreats':['Unix.Trojan.A','unix.trojan.a-1']", false, "Severe", "Quarantine",
		"SevereThreatDefaultAction", NULL, THREAT_ACTION_BY_SEVERITY},
	{"'AllowedFileHashes':['" HASH_OTHER "','" HASH_UPPER "']", false, "Severe", "Allow",
		"AllowedFileHashes", HASH_UPPER, THREAT_ACTION_BY_ALLOWED_HASH},
	{"'AllowedFileHashes':['" HASH_OTHER "']", false, "Low", "Quarantine",
		"LowThreatDefaultAction", NULL, THREAT_ACTION_BY_SEVERITY},
	{"'AllowedPaths':['/srv/other','/home/*/lab']", false, "Severe", "Allow", "AllowedPaths",
		"/home/*/lab", THREAT_ACTION_BY_ALLOWED_PATH},
	{"'AllowedPaths':['/home/ann/la']", false, "Low", "Quarantine", "LowThreatDefaultAction",
		NULL, THREAT_ACTION_BY_SEVERITY},
	{"'AllowedPaths':['/home'],'AllowedFileHashes':['" HASH "'],"
	 "'AllowedThreats':['Unix.Trojan.A-1']",
		false, "Low", "Allow", "AllowedThreats", "Unix.Trojan.A-1",
		THREAT_ACTION_BY_ALLOWED_NAME},
	/* Passive: nothing, whatever is set. */
	{"", true, "Severe", "NoAction", "PassiveMode", NULL, THREAT_ACTION_BY_PASSIVE_MODE},
	{"'SevereThreatDefaultAction':'Remove','ThreatIDDefaultAction':['4711=Remove'],"
	 "'AllowedThreats':['Unix.Trojan.A-1']",
		true, "Severe", "NoAction", "PassiveMode", NULL, THREAT_ACTION_BY_PASSIVE_MODE},
};

static void parse(const char *members, struct settings *settings)
{
	struct errmsg msg = ERRMSG_NULL;
	char text[512];
	int n = snprintf(text, sizeof(text), "{%s}", members);

	assert_true(n > 0 && n < (int)sizeof(text));
	for (char *at = text; *at; at++)
		if (*at == '\'')
			*at = '"';
	assert_int_equal(settings_init(settings), 0);
	if (settings_parse(text, (size_t)n, "row", settings, &msg) != 0)
		fail_msg("%s", msg.text);
}

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const struct threat_action_threat threat = {.name = "Unix.Trojan.A-1",
			.id = 4711,
			.severity = row->severity,
			.sha256 = HASH,
			.path = span_str("/home/ann/lab/sample")};
		struct settings settings;
		struct threat_action is;

		parse(row->settings, &settings);
		is = threat_action_decide(&settings, row->is_passive, &threat);
		if (strcmp(settings_threat_word(is.action), row->action) != 0 ||
			is.rule != row->rule || strcmp(is.setting, row->setting) != 0)
			fail_msg("row %zu: %s by %s", i, settings_threat_word(is.action),
				is.setting);
		if (row->item)
			assert_string_equal(is.item, row->item);
		else
			assert_null(is.item);
		settings_deinit(&settings);
	}
}

/* A hash that is not known is no hash: an empty item could not be set anyway. */
static void no_hash(void **state)
{
	const struct threat_action_threat threat = {
		.name = "A", .id = 1, .severity = "Low", .sha256 = "", .path = span_str("/a")};
	struct settings settings;

	(void)state;
	parse("'AllowedFileHashes':['" HASH "']", &settings);
	assert_int_equal(
		threat_action_decide(&settings, false, &threat).action, SETTINGS_THREAT_QUARANTINE);
	settings_deinit(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(no_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
