/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file system that hangs costs the time of one answer, not that of one for each
 * file on it: for a while nothing on that device is asked for, and what waits for
 * it fails at once. A move that hung is half done, and whoever looked at it next
 * would hang as well: for as long the processes leave what is half done. Who cannot
 * be ended at all holds the journal, and nobody else can do anything meanwhile.
 */
#include "remediator_private.h"

#include <errno.h>
#include <string.h>

static int remediator_hung_on_detection(void *arg, const struct detection_record *detection)
{
	uint64_t *devp = arg;

	*devp = detection->dev;
	return 0;
}

static int remediator_hung_on_item(void *arg, const struct quarantine_record *item)
{
	memcpy(arg, item->detection_id, strnlen(item->detection_id, RECORD_ID_SIZE - 1));
	return 0;
}

/* Where an item is to be put back, as far as its detection tells; 0 = not known. */
static uint64_t remediator_hung_dev_of_wish(const struct remediator *remediator)
{
	struct store *store = remediator->config.store;
	const struct store_query items = {.id = remediator->wish->id, .limit = 1};
	char detection_id[RECORD_ID_SIZE] = "";
	const struct store_query detections = {.id = detection_id, .limit = 1};
	struct errmsg msg = ERRMSG_NULL;
	uint64_t dev = 0;

	if (!remediator->wish->is_restore)
		return 0;
	if (store_quarantine_list(store, &items, remediator_hung_on_item, detection_id, &msg) < 0 ||
		detection_id[0] == '\0')
		return 0;
	(void)store_detection_list(store, &detections, remediator_hung_on_detection, &dev, &msg);
	return dev;
}

/* Of what is at work; 0 = none, or not known. */
static uint64_t remediator_hung_dev(const struct remediator *remediator)
{
	uint64_t dev = 0;

	if (remediator->file)
		return remediator->file->first.dev;
	if (remediator->wish)
		return remediator_hung_dev_of_wish(remediator);
	(void)remediator_hunt_dev(remediator, &dev);
	return dev;
}

/* That device, or the one whose time is over first. */
static struct remediator_hung *remediator_hung_slot(struct remediator *remediator, uint64_t dev)
{
	struct remediator_hung *slot = &remediator->hung[0];

	for (size_t i = 0; i < REMEDIATOR_HUNG_MAX; i++) {
		struct remediator_hung *hung = &remediator->hung[i];

		if (hung->dev == dev)
			return hung;
		if (hung->until_ms < slot->until_ms)
			slot = hung;
	}
	return slot;
}

static void remediator_hung_vault(struct remediator *remediator, uint64_t for_ms, const char *why)
{
	remediator->hung_vault_until_ms = uv_now(remediator->config.loop) + for_ms;
	remediator->hung_vault_why = why;
}

void remediator_hung_note(struct remediator *remediator)
{
	const uint64_t until_ms = uv_now(remediator->config.loop) + REMEDIATOR_HUNG_MS;
	const bool is_working = remediator->is_asked && !remediator->is_listing;
	const uint64_t dev = is_working ? remediator_hung_dev(remediator) : 0;

	if (dev != 0)
		*remediator_hung_slot(remediator, dev) =
			(struct remediator_hung){.dev = dev, .until_ms = until_ms};
	else if (remediator->is_listing || (remediator->is_late_start && remediator->is_leaving))
		remediator_hung_vault(remediator, REMEDIATOR_HUNG_MS,
			"the quarantine did not answer, and is not asked again for 10 minutes");
	remediator->leave_until_ms = until_ms;
}

void remediator_hung_hold(struct remediator *remediator)
{
	remediator_hung_vault(remediator, patience_wait_ms(&remediator->patience),
		"a process that cannot be ended holds the quarantine");
}

static bool remediator_hung_is(const struct remediator *remediator, uint64_t dev)
{
	const uint64_t now_ms = uv_now(remediator->config.loop);

	for (size_t i = 0; dev != 0 && i < REMEDIATOR_HUNG_MAX; i++)
		if (remediator->hung[i].dev == dev && now_ms < remediator->hung[i].until_ms)
			return true;
	return false;
}

bool remediator_hung_is_spared(struct remediator *remediator)
{
	const char *text = NULL;

	if (remediator->is_ended || (!remediator->file && !remediator->wish && !remediator->hunt))
		return false;
	if (uv_now(remediator->config.loop) < remediator->hung_vault_until_ms)
		text = remediator->hung_vault_why;
	else if (remediator_hung_is(remediator, remediator_hung_dev(remediator)))
		text = "its file system did not answer, and is not asked again for 10 minutes";
	if (text)
		remediator_fail(remediator, -ETIMEDOUT, text);
	return text != NULL;
}
