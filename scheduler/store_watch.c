/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event about the recovery is a write itself; until it succeeds the store
 * counts as failing.
 */
#include "store_watch.h"

#include "action_log.h"
#include "clock.h"
#include "log.h"

#include <inttypes.h>
#include <stdio.h>

static void store_watch_recover(struct store_watch *watch)
{
	struct errmsg msg = ERRMSG_NULL;

	if (action_log_service_store_recovered(watch->store, watch->reason.text,
		    watch->since_unix_ms, watch->n_lost, &msg) < 0)
		return;
	log_info("store_watch", "the store takes records again; %" PRIu64 " events were lost",
		watch->n_lost);
	watch->is_failing = false;
	watch->n_lost = 0;
}

void store_watch_note(struct store_watch *watch, int r, const struct errmsg *msg, bool is_lost)
{
	if (r == 0) {
		if (watch->is_failing)
			store_watch_recover(watch);
		return;
	}
	if (is_lost)
		watch->n_lost++;
	if (watch->is_failing)
		return;
	watch->is_failing = true;
	watch->since_unix_ms = clock_unix_ms();
	(void)snprintf(watch->reason.text, sizeof(watch->reason.text), "%s",
		msg->text[0] ? msg->text : err_text(r));
	log_error("store_watch", "the store takes no records: %s", watch->reason.text);
}

void store_watch_probe(struct store_watch *watch)
{
	struct errmsg msg = ERRMSG_NULL;

	if (watch->is_failing && store_value_set(watch->store, "storeProbe", "", &msg) == 0)
		store_watch_recover(watch);
}
