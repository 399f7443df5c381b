/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which message is allowed in which phase: all combinations, and values out of range. */
#include "unit.h"

#include "phase.h"

#include <errno.h>
#include <string.h>

static const uint16_t types[] = {IPC_SCAN_PATH, IPC_SCAN_START, IPC_SCAN_ENGINE, IPC_SCAN_CONTROL,
	IPC_SCAN_HELLO, IPC_SCAN_PROGRESS, IPC_SCAN_DETECTION, IPC_SCAN_NOTICE, IPC_SCAN_DONE,
	IPC_SCAN_MOUNT, IPC_SCAN_WAIT, IPC_ENGINE_READY, IPC_ENGINE_FAILED, IPC_ENGINE_WORKER,
	IPC_FORK_REQUEST, IPC_FORK_KILL, IPC_FORK_STARTED, IPC_FORK_ENDED, IPC_WORK_FILE,
	IPC_WORK_READY, IPC_WORK_VERDICT, IPC_MOVE_NAME, IPC_MOVE_FILE, IPC_MOVE_RESTORE,
	IPC_MOVE_DELETE, IPC_MOVE_LIST, IPC_MOVE_SEEK, IPC_MOVE_STOP, IPC_MOVE_RECOVERED,
	IPC_MOVE_HELLO, IPC_MOVE_RESULT, IPC_MOVE_ITEM, IPC_MOVE_FOUND, 0, 0xffff};

enum { N_TYPES = sizeof(types) / sizeof(types[0]) };

static int wanted_of_remediate(enum phase phase, uint16_t type)
{
	if (phase == PHASE_REMEDIATE_BORN && type == IPC_MOVE_RECOVERED)
		return PHASE_REMEDIATE_BORN;
	if (phase == PHASE_REMEDIATE_BORN && type == IPC_MOVE_HELLO)
		return PHASE_REMEDIATE_READY;
	if ((phase == PHASE_REMEDIATE_BUSY || phase == PHASE_REMEDIATE_LISTING ||
		    phase == PHASE_REMEDIATE_SEEKING) &&
		type == IPC_MOVE_RESULT)
		return PHASE_REMEDIATE_READY;
	if (phase == PHASE_REMEDIATE_SEEKING && type == IPC_MOVE_FOUND)
		return PHASE_REMEDIATE_SEEKING;
	if (phase == PHASE_REMEDIATE_LISTING && type == IPC_MOVE_ITEM)
		return PHASE_REMEDIATE_LISTING;
	return -1;
}

/* -1: refused, else the next phase. */
static int wanted(enum phase phase, uint16_t type)
{
	if (phase == PHASE_SCANNER_BORN && type == IPC_SCAN_HELLO)
		return PHASE_SCANNER_READY;
	if (phase == PHASE_SCANNER_SCANNING && type == IPC_SCAN_DONE)
		return PHASE_SCANNER_DONE;
	if (phase == PHASE_SCANNER_SCANNING &&
		(type == IPC_SCAN_PROGRESS || type == IPC_SCAN_DETECTION ||
			type == IPC_SCAN_NOTICE || type == IPC_SCAN_MOUNT || type == IPC_SCAN_WAIT))
		return PHASE_SCANNER_SCANNING;
	if (phase == PHASE_ENGINE_LOADING && type == IPC_ENGINE_READY)
		return PHASE_ENGINE_READY;
	if (phase == PHASE_ENGINE_LOADING && type == IPC_ENGINE_FAILED)
		return PHASE_ENGINE_FAILED;
	if (phase == PHASE_ENGINE_READY && type == IPC_ENGINE_WORKER)
		return PHASE_ENGINE_READY;
	return wanted_of_remediate(phase, type);
}

/* A message of the type with values that are in range. */
static struct channel_inbox *message(uint16_t type)
{
	struct channel_inbox *inbox = channel_inbox_new();

	assert_non_null(inbox);
	memset(&inbox->msg, 0, sizeof(inbox->msg));
	inbox->type = type;
	if (type == IPC_SCAN_DETECTION) {
		inbox->msg.scan_detection.path = span_str("/x");
		inbox->msg.scan_detection.signature = span_str("S");
	} else if (type == IPC_SCAN_MOUNT) {
		inbox->msg.scan_mount.point = span_str("/mnt");
	} else if (type == IPC_ENGINE_WORKER) {
		inbox->msg.engine_worker.generation = 1;
		inbox->msg.engine_worker.pid = 77;
	} else if (type == IPC_MOVE_RECOVERED) {
		memset(inbox->msg.move_recovered.id, 'a', IPC_MOVE_ID_LENGTH);
	} else if (type == IPC_MOVE_FOUND) {
		inbox->msg.move_found.n_pids = 1;
	} else if (type == IPC_MOVE_RESULT) {
		inbox->msg.move_result.outcome = IPC_MOVE_FAILED;
	} else if (type == IPC_MOVE_ITEM) {
		memset(inbox->msg.move_entry.id, '0', IPC_MOVE_ID_LENGTH);
	}
	return inbox;
}

/* Default deny: every phase with every type, known or not. */
static void every_phase_and_type(void **state)
{
	(void)state;
	for (int phase = 0; phase < PHASE_N; phase++) {
		for (size_t i = 0; i < N_TYPES; i++) {
			struct channel_inbox *inbox = message(types[i]);
			enum phase now = (enum phase)phase;
			const char *why = NULL;
			int next = wanted(now, types[i]);
			int r = phase_accept(&now, inbox, &why);

			assert_int_equal(r, next < 0 ? -EPROTO : 0);
			assert_int_equal(now, next < 0 ? phase : next);
			assert_int_equal(why != NULL, next < 0);
			channel_inbox_free(inbox);
		}
	}
}

static void refuse(enum phase phase, struct channel_inbox *inbox)
{
	enum phase now = phase;
	const char *why = NULL;

	assert_int_equal(phase_accept(&now, inbox, &why), -EPROTO);
	assert_int_equal(now, phase);
	assert_non_null(why);
}

/* Each process that is counted and for which there is room is told, and no other. */
static void executing(void)
{
	struct channel_inbox *inbox = message(IPC_SCAN_DETECTION);
	struct ipc_scan_detection *detection = &inbox->msg.scan_detection;
	enum phase now = PHASE_SCANNER_SCANNING;
	const char *why = NULL;

	detection->executing_pids[0] = 1;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	detection->n_executing = 1;
	assert_int_equal(phase_accept(&now, inbox, &why), 0);
	detection->executing_pids[0] = UINT64_C(1) << 31;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	detection->executing_pids[0] = INT32_MAX;
	detection->n_executing = 2;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	for (size_t i = 0; i < IPC_EXECUTING_MAX; i++)
		detection->executing_pids[i] = i + 1;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	detection->n_executing = INT32_MAX;
	assert_int_equal(phase_accept(&now, inbox, &why), 0);
	detection->n_executing++;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	channel_inbox_free(inbox);
}

/* What quietscan-remediate says of moves and items. */
static void moves(void **state)
{
	struct channel_inbox *inbox = message(IPC_MOVE_RESULT);

	(void)state;
	inbox->msg.move_result.outcome = IPC_MOVE_OUTCOME_N;
	refuse(PHASE_REMEDIATE_BUSY, inbox);
	inbox->msg.move_result.outcome = IPC_MOVE_QUARANTINED;
	inbox->msg.move_result.is_executing = 2;
	refuse(PHASE_REMEDIATE_BUSY, inbox);
	inbox->msg.move_result.is_executing = 1;
	refuse(PHASE_REMEDIATE_BUSY, inbox); /* in quarantine, and no id */
	memset(inbox->msg.move_result.id, 'A', IPC_MOVE_ID_LENGTH);
	refuse(PHASE_REMEDIATE_BUSY, inbox);
	memset(inbox->msg.move_result.id, 'f', IPC_MOVE_ID_LENGTH - 1);
	inbox->msg.move_result.id[IPC_MOVE_ID_LENGTH - 1] = '/';
	refuse(PHASE_REMEDIATE_LISTING, inbox);
	channel_inbox_free(inbox);

	inbox = message(IPC_MOVE_RECOVERED);
	inbox->msg.move_recovered.was_over = 2;
	refuse(PHASE_REMEDIATE_BORN, inbox);
	inbox->msg.move_recovered.was_over = 1;
	inbox->msg.move_recovered.end = IPC_MOVE_END_PENDING;
	refuse(PHASE_REMEDIATE_BORN, inbox);
	inbox->msg.move_recovered.end = IPC_MOVE_END_N;
	refuse(PHASE_REMEDIATE_BORN, inbox);
	inbox->msg.move_recovered.end = IPC_MOVE_END_REMOVED;
	inbox->msg.move_recovered.id[3] = 0;
	refuse(PHASE_REMEDIATE_BORN, inbox);
	channel_inbox_free(inbox);

	inbox = message(IPC_MOVE_FOUND);
	inbox->msg.move_found.path = span_str("relative");
	refuse(PHASE_REMEDIATE_SEEKING, inbox);
	inbox->msg.move_found.path = (struct span){.data = "/a\0b", .n = 4};
	refuse(PHASE_REMEDIATE_SEEKING, inbox);
	inbox->msg.move_found.path = span_str("/a");
	inbox->msg.move_found.name = UINT8_MAX;
	refuse(PHASE_REMEDIATE_SEEKING, inbox);
	inbox->msg.move_found.name = 0;
	inbox->msg.move_found.n_pids = 0;
	refuse(PHASE_REMEDIATE_SEEKING, inbox);
	channel_inbox_free(inbox);

	inbox = message(IPC_MOVE_ITEM);
	inbox->msg.move_entry.is_damaged = 2;
	refuse(PHASE_REMEDIATE_LISTING, inbox);
	inbox->msg.move_entry.is_damaged = 1;
	inbox->msg.move_entry.id[0] = 'g';
	refuse(PHASE_REMEDIATE_LISTING, inbox);
	channel_inbox_free(inbox);
}

/* Values that the receiver would act upon are checked before it does. */
static void values(void **state)
{
	struct channel_inbox *inbox = message(IPC_SCAN_DETECTION);

	(void)state;
	inbox->msg.scan_detection.path = (struct span){.data = "/a\0b", .n = 4};
	refuse(PHASE_SCANNER_SCANNING, inbox);
	inbox->msg.scan_detection.path.n = 0;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	inbox->msg.scan_detection.path = span_str("/x");
	inbox->msg.scan_detection.signature.n = 0;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	channel_inbox_free(inbox);
	executing();

	inbox = message(IPC_ENGINE_WORKER);
	inbox->msg.engine_worker.lane = IPC_LANES_MAX;
	refuse(PHASE_ENGINE_READY, inbox);
	inbox->msg.engine_worker.lane = 0;
	inbox->msg.engine_worker.pid = 1;
	refuse(PHASE_ENGINE_READY, inbox);
	inbox->msg.engine_worker.pid = UINT64_C(1) << 40;
	refuse(PHASE_ENGINE_READY, inbox);
	inbox->msg.engine_worker.pid = 77;
	inbox->msg.engine_worker.generation = 0;
	refuse(PHASE_ENGINE_READY, inbox);
	inbox->msg.engine_worker.generation = 1;
	inbox->msg.engine_worker.is_started = 2;
	refuse(PHASE_ENGINE_READY, inbox);
	channel_inbox_free(inbox);

	inbox = message(IPC_SCAN_NOTICE);
	inbox->msg.scan_notice.kind = IPC_NOTICE_KIND_N;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	channel_inbox_free(inbox);
}

/* Points of mounts go to the next scanner and into the log; counts into sums. */
static void mounts(void **state)
{
	struct channel_inbox *inbox = message(IPC_SCAN_MOUNT);

	(void)state;
	inbox->msg.scan_mount.point = (struct span)SPAN_NULL;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	inbox->msg.scan_mount.point = span_str("mnt");
	refuse(PHASE_SCANNER_SCANNING, inbox);
	inbox->msg.scan_mount.point = (struct span){.data = "/a\0b", .n = 4};
	refuse(PHASE_SCANNER_SCANNING, inbox);
	inbox->msg.scan_mount.point = span_str("/mnt");
	inbox->msg.scan_mount.is_whole = 2;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	inbox->msg.scan_mount.is_whole = 1;
	inbox->msg.scan_mount.has_begun = 2;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	channel_inbox_free(inbox);

	inbox = message(IPC_SCAN_WAIT);
	inbox->msg.scan_wait.point = span_str("mnt");
	refuse(PHASE_SCANNER_SCANNING, inbox);
	inbox->msg.scan_wait.point = (struct span)SPAN_NULL;
	inbox->msg.scan_wait.n_lanes = IPC_LANES_MAX + 1;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	inbox->msg.scan_wait.n_lanes = 0;
	inbox->msg.scan_wait.is_walk_waiting = 2;
	refuse(PHASE_SCANNER_SCANNING, inbox);
	channel_inbox_free(inbox);
}

/* Descriptors are never wanted from a child. */
static void descriptors(void **state)
{
	struct channel_inbox *inbox = message(IPC_SCAN_HELLO);

	(void)state;
	inbox->n_fds = 1;
	refuse(PHASE_SCANNER_BORN, inbox);
	channel_inbox_free(inbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_phase_and_type),
		cmocka_unit_test(values),
		cmocka_unit_test(moves),
		cmocka_unit_test(mounts),
		cmocka_unit_test(descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
