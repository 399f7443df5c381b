/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of docs/remediation.md: what each outcome means for a detection and an item. */
#include "unit.h"

#include "remediation_outcome.h"

#include <string.h>

static const struct {
	enum ipc_move_outcome outcome;
	const char *word;
	const char *quarantine; /* status of a file that was to be quarantined */
	const char *remove;     /* status of one that was to be removed */
	const char *item;       /* status of an item that was to be restored or deleted */
	bool is_item;
} rows[] = {
	{IPC_MOVE_QUARANTINED, "Quarantined", "Quarantined", "Quarantined", NULL, true},
	{IPC_MOVE_REMOVED, "Removed", "Removed", "Removed", NULL, false},
	{IPC_MOVE_RESTORED, "Restored", "QuarantineFailed", "RemoveFailed", "Restored", false},
	{IPC_MOVE_DELETED, "Deleted", "QuarantineFailed", "RemoveFailed", "Removed", false},
	{IPC_MOVE_LEFT, "Left", "Detected", "Detected", NULL, false},
	{IPC_MOVE_CHANGED, "Changed", "Abandoned", "Abandoned", NULL, false},
	{IPC_MOVE_BESIDE, "ChangedBeside", "Abandoned", "Abandoned", NULL, false},
	{IPC_MOVE_CHANGED_KEPT, "ChangedKept", "Abandoned", "Abandoned", NULL, true},
	{IPC_MOVE_VANISHED, "Vanished", "Abandoned", "Abandoned", NULL, false},
	{IPC_MOVE_NOT_A_FILE, "NotAFile", "Abandoned", "Abandoned", NULL, false},
	{IPC_MOVE_IMMUTABLE, "Immutable", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_READ_ONLY, "ReadOnlyFileSystem", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_NO_SPACE, "NoSpace", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_NO_ITEM, "NoItem", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_DAMAGED, "Damaged", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_TARGET_EXISTS, "TargetExists", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_FOLDER_GONE, "FolderGone", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_FOLDER_UNSAFE, "FolderUnsafe", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_STRANDED, "Stranded", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_FAILED, "Failed", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_LISTED, "Listed", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_SOUGHT, "Sought", "QuarantineFailed", "RemoveFailed", NULL, false},
	{IPC_MOVE_STOPPED, "Stopped", "QuarantineFailed", "RemoveFailed", NULL, false},
};

static void expect_file(size_t i, enum settings_threat_action action, const char *status)
{
	const struct remediation_outcome end = remediation_outcome_of_file(action, rows[i].outcome);
	bool is_done =
		rows[i].outcome == IPC_MOVE_QUARANTINED || rows[i].outcome == IPC_MOVE_REMOVED;

	assert_string_equal(end.word, rows[i].word);
	assert_string_equal(end.status, status);
	assert_int_equal(end.is_item, rows[i].is_item);
	assert_int_equal(end.is_failed, !is_done);
}

static void every_outcome(void **state)
{
	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), IPC_MOVE_OUTCOME_N);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct remediation_outcome item =
			remediation_outcome_of_item(rows[i].outcome);

		assert_int_equal(rows[i].outcome, i);
		expect_file(i, SETTINGS_THREAT_QUARANTINE, rows[i].quarantine);
		expect_file(i, SETTINGS_THREAT_REMOVE, rows[i].remove);
		assert_string_equal(item.word, rows[i].word);
		assert_string_equal(
			item.status ? item.status : "-", rows[i].item ? rows[i].item : "-");
		assert_int_equal(item.is_failed, rows[i].item == NULL);
	}
}

/* Which request may end so: Q, R(emove), b(ack), d(elete), l(ist), s(eek), k(ill). */
static void answers(void **state)
{
	static const char letters[] = "QRbdlsk";
	static const char *const wanted[IPC_MOVE_OUTCOME_N] = {
		[IPC_MOVE_QUARANTINED] = "Q",
		[IPC_MOVE_REMOVED] = "R",
		[IPC_MOVE_RESTORED] = "b",
		[IPC_MOVE_DELETED] = "d",
		[IPC_MOVE_LEFT] = "",
		[IPC_MOVE_CHANGED] = "QRbdl",
		[IPC_MOVE_BESIDE] = "QR",
		[IPC_MOVE_CHANGED_KEPT] = "QR",
		[IPC_MOVE_VANISHED] = "QR",
		[IPC_MOVE_NOT_A_FILE] = "QRbdl",
		[IPC_MOVE_IMMUTABLE] = "QR",
		[IPC_MOVE_READ_ONLY] = "QRbdl",
		[IPC_MOVE_NO_SPACE] = "QRbdl",
		[IPC_MOVE_NO_ITEM] = "bd",
		[IPC_MOVE_DAMAGED] = "b",
		[IPC_MOVE_TARGET_EXISTS] = "b",
		[IPC_MOVE_FOLDER_GONE] = "b",
		[IPC_MOVE_FOLDER_UNSAFE] = "b",
		[IPC_MOVE_STRANDED] = "QR",
		[IPC_MOVE_LISTED] = "l",
		[IPC_MOVE_SOUGHT] = "s",
		[IPC_MOVE_STOPPED] = "k",
		[IPC_MOVE_FAILED] = letters,
	};

	(void)state;
	for (int i = 0; i < IPC_MOVE_OUTCOME_N; i++)
		for (int ask = 0; ask < REMEDIATION_ASK_N; ask++)
			assert_int_equal(remediation_outcome_answers((enum remediation_ask)ask,
						 (enum ipc_move_outcome)i),
				strchr(wanted[i], letters[ask]) != NULL);
}

static void new_detections(void **state)
{
	(void)state;
	assert_string_equal(remediation_outcome_first(SETTINGS_THREAT_ALLOW), "Allowed");
	assert_string_equal(remediation_outcome_first(SETTINGS_THREAT_QUARANTINE), "Detected");
	assert_string_equal(remediation_outcome_first(SETTINGS_THREAT_REMOVE), "Detected");
	assert_string_equal(remediation_outcome_first(SETTINGS_THREAT_NO_ACTION), "Detected");
}

static void what_is_there(void **state)
{
	static const char *const there[] = {
		"Detected", "Allowed", "QuarantineFailed", "RemoveFailed"};
	static const char *const gone[] = {"Quarantined", "Removed", "Abandoned", "Restored", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		assert_true(remediation_outcome_is_there(there[i]));
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		assert_false(remediation_outcome_is_there(gone[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_outcome),
		cmocka_unit_test(answers), cmocka_unit_test(new_detections),
		cmocka_unit_test(what_is_there)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
