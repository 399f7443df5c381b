/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger: where a name and its outcome meet. Each name that was found is
 * settled here exactly once: counted, written into the report, and told to the
 * daemon when it is infected or blocked.
 *
 * Hands (through tally, report and outbox). Any thread; no lock is held while
 * it sends.
 */
#ifndef QS_LEDGER_H
#define QS_LEDGER_H

#include "outbox.h"
#include "outcome.h"
#include "reportfile.h"
#include "tally.h"

struct ledger {
	struct tally tally;
	struct outbox outbox;
	struct reportfile *report; /**< Owned. */
};

/**
 * A ledger that tells @control_fd.
 *
 * @control_fd  Borrowed. @report Taken over, also on failure.
 * @return      NULL without memory.
 */
struct ledger *ledger_new(int control_fd, struct reportfile *report);
/** Takes NULL. */
void ledger_free(struct ledger *ledger);

/**
 * Settle one name that tally_found() has counted. May wait for the daemon.
 *
 * @path  Raw bytes, at most IPC_PATH_MAX.
 */
void ledger_settle(struct ledger *ledger, struct span path, const struct outcome *outcome);

/** Settle at once a name that was asked for and leads nowhere: no walk has found it. */
void ledger_settle_missing(struct ledger *ledger, struct span path, const struct outcome *outcome);

/** Find and settle at once a name that is not scanned. */
void ledger_settle_unscanned(
	struct ledger *ledger, struct span path, enum file_result result, enum reason reason);

/** Send a progress message. @return As outbox_send(). */
int ledger_send_progress(struct ledger *ledger);

/** Flush the report; tell its first error, once. */
void ledger_flush_report(struct ledger *ledger);

#endif
