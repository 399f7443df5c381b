/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The detection is sent before the name is counted: whoever reads the counts
 * and sees an infected name has been told which, and a scanner that dies in
 * between has told too much rather than too little (the daemon takes the scan
 * up again).
 */
#include "ledger.h"

#include "err.h"

#include <stdio.h>
#include <stdlib.h>

struct ledger *ledger_new(int control_fd, struct reportfile *report)
{
	struct ledger *ledger = report ? malloc(sizeof(*ledger)) : NULL;

	if (!ledger) {
		reportfile_free(report);
		return NULL;
	}
	tally_init(&ledger->tally);
	outbox_init(&ledger->outbox, control_fd);
	ledger->report = report;
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	reportfile_free(ledger->report);
	outbox_deinit(&ledger->outbox);
	tally_deinit(&ledger->tally);
	free(ledger);
}

static void ledger_write(struct ledger *ledger, struct span path, const struct outcome *outcome)
{
	struct reportfile_line line = {.path = path,
		.result = outcome->result,
		.reason = outcome->reason,
		.size = outcome->size};
	bool is_scanned = outcome->result != FILE_RESULT_SKIPPED && outcome->size != UINT64_MAX;

	if (outcome->finding) {
		struct ipc_scan_detection detection = outcome->finding->detection;

		detection.path = path;
		(void)outbox_send(&ledger->outbox, IPC_SCAN_DETECTION, &detection);
	}
	if (outcome->result == FILE_RESULT_BLOCKED)
		outbox_notice_now(&ledger->outbox, IPC_NOTICE_BLOCKED, path, "");
	reportfile_add(ledger->report, &line);
	tally_settle(
		&ledger->tally, outcome->result, outcome->reason, is_scanned ? outcome->size : 0);
}

void ledger_settle(struct ledger *ledger, struct span path, const struct outcome *outcome)
{
	if (outcome->result == FILE_RESULT_CHANGED)
		outbox_notice_now(
			&ledger->outbox, IPC_NOTICE_CHANGED, path, reason_name(outcome->reason));
	ledger_write(ledger, path, outcome);
}

void ledger_settle_unscanned(
	struct ledger *ledger, struct span path, enum file_result result, enum reason reason)
{
	struct outcome outcome = OUTCOME_NULL;

	outcome_set(&outcome, result, reason);
	tally_found(&ledger->tally);
	ledger_settle(ledger, path, &outcome);
}

void ledger_settle_missing(struct ledger *ledger, struct span path, const struct outcome *outcome)
{
	tally_found(&ledger->tally);
	ledger_write(ledger, path, outcome);
}

int ledger_send_progress(struct ledger *ledger)
{
	char path[IPC_PATH_MAX];
	struct ipc_scan_progress progress;

	tally_read(&ledger->tally, &progress, path);
	return outbox_send(&ledger->outbox, IPC_SCAN_PROGRESS, &progress);
}

void ledger_flush_report(struct ledger *ledger)
{
	char text[IPC_TEXT_MAX];
	int r;

	reportfile_flush(ledger->report);
	r = reportfile_take_error(ledger->report);
	if (r == 0)
		return;
	(void)snprintf(text, sizeof(text), "the report is not complete: %s", err_text(r));
	outbox_notice(&ledger->outbox, IPC_NOTICE_REPORT_FAILED, (struct span)SPAN_NULL, text);
}
