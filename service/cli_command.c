/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words are Defender's where mdatp has the command (scan, definitions,
 * exclusion, health), and the protocol's methods otherwise.
 */
#include "cli_command.h"

#include "cli_lists.h"
#include "cli_log.h"
#include "cli_scan.h"
#include "cli_service.h"
#include "cli_timeline.h"

#include <string.h>

#define O(name) CLI_BIT(CLI_OPTION_##name)
#define SCAN_OPTIONS (O(COMMENT) | O(WAIT) | O(LOAD_FACTOR) | O(REPORT) | O(IGNORE_EXCLUSIONS))
#define ALLOWED_OPTIONS (O(NAME) | O(HASH) | O(PATH) | O(COMMENT))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define WAIT_TEXT                                                                                  \
	"The request is durable before the command returns. With --wait the command stays until\n" \
	"the scan has ended, shows its progress, and exits 0 (every file wholly scanned and\n"     \
	"nothing found), 1 (something found and still there) or 2 (anything else). Ctrl-C then\n"  \
	"cancels the scan and waits for its end; a second Ctrl-C leaves at once."

static const struct cli_command cli_command_entries[] = {
	{"scan", "quick", "", SCAN_OPTIONS, O(COMMENT),
		"Scan where malware starts from and is dropped",
		"Covers programs that run now, everything that starts at boot or login, temporary "
		"and\n"
		"download folders, and what changed lately in the folders of PATH.\n\n" WAIT_TEXT,
		"  quietscan scan quick --comment \"weekly check\" --wait\n"
		"  quietscan scan quick --comment \"ticket 4711\" --load-factor 20\n",
		cli_scan_start},
	{"scan", "full", "", SCAN_OPTIONS, O(COMMENT),
		"Scan what quick covers, then every local file system",
		"Network and FUSE file systems are left out; scan them by custom.\n\n" WAIT_TEXT,
		"  quietscan scan full --comment \"after the incident of Monday\"\n",
		cli_scan_start},
	{"scan", "custom", "", SCAN_OPTIONS | O(PATH), O(COMMENT) | O(PATH),
		"Scan files and directories with all below",
		"--path may be given many times. A relative path is completed from the current\n"
		"directory as written, without following symbolic links.\n\n" WAIT_TEXT,
		"  quietscan scan custom --path /srv/upload --comment \"ticket 4711\" --wait\n"
		"  quietscan scan custom --path /mnt/nas --path . --comment \"before backup\" "
		"--report all\n",
		cli_scan_start},
	{"scan", "list", "", O(LIMIT) | O(STATUS), 0, "List scans, newest first", "",
		"  quietscan scan list --limit 10\n  quietscan scan list --status InProgress\n",
		cli_scan_list},
	{"scan", "show", "ID", 0, 0, "Show one scan with all its counts",
		"Draws its load over time: what was achieved as bars, what was asked for as a "
		"line.\n"
		"How to read it: docs/cli.md, \"The load of a scan\".",
		"  quietscan scan show 8a4f0b52-6d0c-4b8e-9d1f-3d2f7c1e5a60\n", cli_scan_show},
	{"scan", "cancel", "ID", O(COMMENT), O(COMMENT), "Cancel a scan", "",
		"  quietscan scan cancel 8a4f0b52-6d0c-4b8e-9d1f-3d2f7c1e5a60 --comment \"wrong "
		"machine\"\n",
		cli_scan_steer},
	{"scan", "pause", "ID", 0, 0, "Pause a scan", "",
		"  quietscan scan pause 8a4f0b52-6d0c-4b8e-9d1f-3d2f7c1e5a60\n", cli_scan_steer},
	{"scan", "resume", "ID", 0, 0, "Go on with a paused scan", "",
		"  quietscan scan resume 8a4f0b52-6d0c-4b8e-9d1f-3d2f7c1e5a60\n", cli_scan_steer},
	{"scan", "report", "ID", 0, 0, "Print what became of each file",
		"One JSON object a line for every file that is neither clean nor skipped, and for\n"
		"every file of a scan that was asked for with --report all. With --output json: "
		"one\n"
		"array.",
		"  quietscan scan report 8a4f0b52-6d0c-4b8e-9d1f-3d2f7c1e5a60 | grep incomplete\n",
		cli_scan_report},
	{"action", "list", "", O(LIMIT) | O(STATUS), 0, "List what was asked for, newest first", "",
		"  quietscan action list --status Pending\n", cli_lists_actions},
	{"action", "show", "ID", 0, 0, "Show one action", "",
		"  quietscan action show 5f0c9c0e-2a51-4a8b-b3de-7c2d1f6f9a11\n", cli_lists_action},
	{"action", "cancel", "ID", O(COMMENT), O(COMMENT), "Cancel an action and its scan", "",
		"  quietscan action cancel 5f0c9c0e-2a51-4a8b-b3de-7c2d1f6f9a11 --comment \"not "
		"needed\"\n",
		cli_lists_action},
	{"timeline", NULL, "", O(FOLLOW) | O(LIMIT) | O(SCAN) | O(ACTION) | O(TYPE), 0,
		"Print the history of this machine, oldest first",
		"--limit N prints the last N. --follow goes on with what comes, after the last 10 "
		"(or\n"
		"N); as JSON it is then one object a line. Text leaves out what is for programs "
		"(ids,\n"
		"hashes, empty fields); JSON has all.",
		"  quietscan timeline --limit 20\n"
		"  quietscan timeline --type AntivirusDetection --output json\n"
		"  quietscan timeline --follow\n",
		cli_timeline},
	{"detection", "list", "", O(LIMIT) | O(SCAN), 0, "List infected files, newest first", "",
		"  quietscan detection list --scan 8a4f0b52-6d0c-4b8e-9d1f-3d2f7c1e5a60\n",
		cli_lists_detections},
	{"detection", "quarantine", "ID", O(COMMENT), O(COMMENT),
		"Move an infected file into quarantine",
		"For a file that was left in its place: by the settings, by passive mode, or "
		"because\n"
		"it could not be moved. It is done in the background; detection list shows the "
		"end.",
		"  quietscan detection quarantine 5d2b8c1f-7e64-4f3a-b0c9-1a2e3d4f5b6c --comment "
		"\"ticket 4711\"\n",
		cli_lists_remediate},
	{"detection", "remove", "ID", O(COMMENT), O(COMMENT), "Delete an infected file for good",
		"As detection quarantine, but the file cannot be put back.",
		"  quietscan detection remove 5d2b8c1f-7e64-4f3a-b0c9-1a2e3d4f5b6c --comment "
		"\"ticket 4711\"\n",
		cli_lists_remediate},
	{"alert", "list", "", O(LIMIT) | O(STATUS), 0, "List alerts, newest first", "",
		"  quietscan alert list --status New\n", cli_lists_alerts},
	{"alert", "update", "ID",
		O(STATUS) | O(ASSIGNED_TO) | O(CLASSIFICATION) | O(DETERMINATION) | O(COMMENT), 0,
		"Work on an alert",
		"Status: New, InProgress, Resolved. Classification: TruePositive,\n"
		"InformationalExpectedActivity, FalsePositive. Determination: Malware,\n"
		"UnwantedSoftware, SecurityTesting, NotMalicious, … as in Defender.",
		"  quietscan alert update ID --status Resolved --classification FalsePositive "
		"--comment \"test file\"\n",
		cli_lists_alert},
	{"file", "quarantine", "HASH", O(COMMENT), O(COMMENT),
		"Stop a file's processes and move it into quarantine",
		"HASH is the file's SHA-1 or SHA-256. It is looked for among the detections and "
		"the\n"
		"executables of running processes; those processes are killed. action show ID "
		"tells\n"
		"how it ended, the timeline what was done. Files that are not detected and do not\n"
		"run are not found: scan for those.",
		"  quietscan file quarantine d27265074c9eac2e2122ed69294dbc4d7cce9141 --comment "
		"\"ticket 4711\"\n",
		cli_lists_file},
	{"quarantine", "list", "", O(LIMIT), 0, "List files in quarantine, newest first", "",
		"  quietscan quarantine list\n", cli_lists_quarantine},
	{"quarantine", "restore", "ID", O(COMMENT), O(COMMENT), "Put a file back in its place",
		"Waits for the end. The file comes back with its owner, mode, times and "
		"attributes.\n"
		"Nothing that has its name now is replaced. The next scan finds it again, and\n"
		"takes it away unless it is allowed (allowed add).",
		"  quietscan quarantine restore 82ff4a959283870c61d0abefbe1d2b96 --comment \"false "
		"alarm\"\n",
		cli_lists_quarantined},
	{"quarantine", "delete", "ID", O(COMMENT), O(COMMENT),
		"Delete a file in quarantine for good", "",
		"  quietscan quarantine delete 82ff4a959283870c61d0abefbe1d2b96 --comment \"ticket "
		"4711\"\n",
		cli_lists_quarantined},
	{"exclusion", "add", "", O(PATH) | O(EXTENSION), 0, "Leave a path or an extension out",
		"A path is a file, or a directory with all below. * stands for everything below "
		"at\n"
		"the end of a path and for one component elsewhere, ? for one character.",
		"  quietscan exclusion add --path '/home/*/.cache'\n"
		"  quietscan exclusion add --extension iso\n",
		cli_lists_exclusions},
	{"exclusion", "remove", "", O(PATH) | O(EXTENSION), 0, "Scan it again",
		"The value must be given as it was added.",
		"  quietscan exclusion remove --extension iso\n", cli_lists_exclusions},
	{"exclusion", "list", "", 0, 0, "List what is left out", "", "  quietscan exclusion list\n",
		cli_lists_exclusions},
	{"allowed", "add", "", ALLOWED_OPTIONS, O(COMMENT),
		"Leave in place what is found: by name, hash or path",
		"It is still scanned, found and told; an exclusion is not looked at. A path is a\n"
		"pattern as in exclusion add. What is allowed already is an error. What is in\n"
		"quarantine stays there: quarantine restore.",
		"  quietscan allowed add --name Eicar-Test-Signature --comment \"ticket 4711\"\n"
		"  quietscan allowed add --path '/srv/samples/*' --comment \"test files\"\n",
		cli_lists_allowed},
	{"allowed", "remove", "", ALLOWED_OPTIONS, O(COMMENT), "Allow it no more",
		"The value must be given as it was added; a hash in either case.",
		"  quietscan allowed remove --name Eicar-Test-Signature --comment \"ticket "
		"4711\"\n",
		cli_lists_allowed},
	{"allowed", "list", "", 0, 0, "List what is allowed",
		"Who allowed it and why: timeline --type AllowanceAdded.",
		"  quietscan allowed list\n", cli_lists_allowed},
	{"settings", "show", "[NAME]", 0, 0, "Show all settings, or one and what it means", "",
		"  quietscan settings show\n  quietscan settings show ScanAvgCPULoadFactor\n",
		cli_service_settings},
	{"settings", "set", "NAME VALUE", 0, 0, "Change a setting",
		"The service checks the value, uses it at once and writes its file. A list is a "
		"JSON\n"
		"array; null sets the default again.",
		"  quietscan settings set ScanAvgCPULoadFactor 25\n"
		"  quietscan settings set PassiveMode on\n",
		cli_service_set},
	{"definitions", "show", "", 0, 0, "Show the signature set in use", "",
		"  quietscan definitions show\n", cli_service_definitions},
	{"definitions", "reload", "", 0, 0, "Load the signatures anew",
		"A set that cannot be loaded leaves the old one in use.",
		"  quietscan definitions reload\n", cli_service_definitions},
	{"health", NULL, "", O(FIELD), 0, "Show the state of the service", "",
		"  quietscan health\n  quietscan health --field healthy\n", cli_service_health},
	{"log", "verify", "", O(STATE_DIR) | O(LOG_DIR) | O(KEY), 0,
		"Check the action log: edits, gaps, insertions, a cut end, a rewritten whole",
		"Reads the files, whether the service runs or not: every record's hash and order "
		"in the\n"
		"store, the signed checkpoints, and actions.jsonl. The first bad record is named, "
		"and\n"
		"the exit status is then 2. Without --state-dir and --log-dir the service is "
		"asked\n"
		"where its files are. What cannot be found: docs/action-log.md.",
		"  quietscan log verify\n"
		"  quietscan log verify --state-dir /mnt/image/var/lib/quietscan --log-dir "
		"/mnt/image/var/log/quietscan --key key\n",
		cli_log_verify},
};

static const struct cli_option_info cli_command_options[CLI_OPTION_N] = {
	[CLI_OPTION_OUTPUT] = {"output", "FORMAT", "text (default) or json"},
	[CLI_OPTION_SOCKET] = {"socket", "PATH",
		"socket of the service; else $QUIETSCAN_SOCKET, else " CLI_SOCKET_DEFAULT},
	[CLI_OPTION_HELP] = {"help", NULL, "this text"},
	[CLI_OPTION_VERSION] = {"version", NULL, "version of this program"},
	[CLI_OPTION_PATH] = {"path", "PATH", "file or directory"},
	[CLI_OPTION_COMMENT] = {"comment", "TEXT", "why; it is recorded with the action"},
	[CLI_OPTION_WAIT] = {"wait", NULL, "stay until the scan has ended, show its progress"},
	[CLI_OPTION_LOAD_FACTOR] = {"load-factor", "N",
		"per cent of all CPUs for this scan: 5 to 100, 0 = no limit"},
	[CLI_OPTION_REPORT] = {"report", "WHAT", "files the report lists: notable or all"},
	[CLI_OPTION_IGNORE_EXCLUSIONS] = {"ignore-exclusions", NULL,
		"scan also what the settings leave out"},
	[CLI_OPTION_LIMIT] = {"limit", "N", "at most that many; default all"},
	[CLI_OPTION_STATUS] = {"status", "STATUS", "with this status"},
	[CLI_OPTION_SCAN] = {"scan", "ID", "of this scan"},
	[CLI_OPTION_ACTION] = {"action", "ID", "of this action"},
	[CLI_OPTION_TYPE] = {"type", "TYPE", "events of this type (docs/events.md)"},
	[CLI_OPTION_FOLLOW] = {"follow", NULL, "go on with what comes"},
	[CLI_OPTION_EXTENSION] = {"extension", "EXT", "end of a file's name, with or without dot"},
	[CLI_OPTION_ASSIGNED_TO] = {"assigned-to", "NAME", "who works on it"},
	[CLI_OPTION_CLASSIFICATION] = {"classification", "WORD", "what it turned out to be"},
	[CLI_OPTION_DETERMINATION] = {"determination", "WORD", "more precisely"},
	[CLI_OPTION_FIELD] = {"field", "NAME", "only this field"},
	[CLI_OPTION_STATE_DIR] = {"state-dir", "DIR", "of the service; default /var/lib/quietscan"},
	[CLI_OPTION_LOG_DIR] = {"log-dir", "DIR", "of the service; default /var/log/quietscan"},
	[CLI_OPTION_KEY] = {"key", "FILE",
		"key of the checkpoints; default STATE_DIR/checkpoint.key"},
	[CLI_OPTION_NAME] = {"name", "THREAT", "threat, by its name as detection list has it"},
	[CLI_OPTION_HASH] = {"hash", "SHA256", "content of a file, as 64 hex digits"},
};

static const struct {
	const char *group;
	const char *summary;
} cli_command_groups[] = {
	{"scan", "Scans: start, watch, steer"},
	{"action", "Action center: what was asked for, by whom, why"},
	{"timeline", "Timeline: what happened on this machine"},
	{"detection", "Detections: infected files"},
	{"alert", "Alerts: what an analyst works on"},
	{"file", "Files that are known by their hash"},
	{"quarantine", "Quarantine: files that were moved away"},
	{"exclusion", "Exclusions: what is not scanned"},
	{"allowed", "Allowed: what is found and stays in its place"},
	{"settings", "Settings"},
	{"definitions", "Definitions: the signature set"},
	{"health", "Health: the state of the service"},
	{"log", "Log: the action log's integrity"},
};

const struct cli_command *cli_command_table(size_t *n_commandsp)
{
	*n_commandsp = COUNT(cli_command_entries);
	return cli_command_entries;
}

const struct cli_option_info *cli_command_option(enum cli_option option)
{
	return &cli_command_options[option];
}

const char *cli_command_group(const char *group)
{
	for (size_t i = 0; i < COUNT(cli_command_groups); i++)
		if (strcmp(cli_command_groups[i].group, group) == 0)
			return cli_command_groups[i].summary;
	return NULL;
}
