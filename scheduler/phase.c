/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scanner or an engine that a file has taken over can say anything. It gets
 * the choice of what is written here, with values in range and no descriptors;
 * receiving is length cap, type and decoding (channel.c), phase and range
 * (here), and only then somebody acts.
 */
#include "phase.h"

#include "seek.h"

#include <errno.h>
#include <stddef.h>

struct phase_rule {
	enum phase phase;
	enum ipc_type type;
	enum phase next; /* differs from phase: the message may come once */
};

static const struct phase_rule phase_rules[] = {
	{PHASE_SCANNER_BORN, IPC_SCAN_HELLO, PHASE_SCANNER_READY},
	{PHASE_SCANNER_SCANNING, IPC_SCAN_PROGRESS, PHASE_SCANNER_SCANNING},
	{PHASE_SCANNER_SCANNING, IPC_SCAN_DETECTION, PHASE_SCANNER_SCANNING},
	{PHASE_SCANNER_SCANNING, IPC_SCAN_NOTICE, PHASE_SCANNER_SCANNING},
	{PHASE_SCANNER_SCANNING, IPC_SCAN_MOUNT, PHASE_SCANNER_SCANNING},
	{PHASE_SCANNER_SCANNING, IPC_SCAN_WAIT, PHASE_SCANNER_SCANNING},
	{PHASE_SCANNER_SCANNING, IPC_SCAN_DONE, PHASE_SCANNER_DONE},
	{PHASE_ENGINE_LOADING, IPC_ENGINE_READY, PHASE_ENGINE_READY},
	{PHASE_ENGINE_LOADING, IPC_ENGINE_FAILED, PHASE_ENGINE_FAILED},
	{PHASE_ENGINE_READY, IPC_ENGINE_WORKER, PHASE_ENGINE_READY},
	{PHASE_REMEDIATE_BORN, IPC_MOVE_RECOVERED, PHASE_REMEDIATE_BORN},
	{PHASE_REMEDIATE_BORN, IPC_MOVE_HELLO, PHASE_REMEDIATE_READY},
	{PHASE_REMEDIATE_BUSY, IPC_MOVE_RESULT, PHASE_REMEDIATE_READY},
	{PHASE_REMEDIATE_LISTING, IPC_MOVE_ITEM, PHASE_REMEDIATE_LISTING},
	{PHASE_REMEDIATE_LISTING, IPC_MOVE_RESULT, PHASE_REMEDIATE_READY},
	{PHASE_REMEDIATE_SEEKING, IPC_MOVE_FOUND, PHASE_REMEDIATE_SEEKING},
	{PHASE_REMEDIATE_SEEKING, IPC_MOVE_RESULT, PHASE_REMEDIATE_READY},
};

static const char *const phase_names[PHASE_N] = {"scanner born", "scanner ready",
	"scanner scanning", "scanner done", "engine loading", "engine ready", "engine failed",
	"remediate born", "remediate ready", "remediate busy", "remediate listing",
	"remediate seeking"};

const char *phase_name(enum phase phase)
{
	return (unsigned)phase < PHASE_N ? phase_names[phase] : "unknown";
}

/* The first of so many are told, the rest of the room is empty. */
static const char *phase_judge_executing(const struct ipc_scan_detection *detection)
{
	if (detection->n_executing > INT32_MAX)
		return "more processes than there can be";
	for (size_t i = 0; i < IPC_EXECUTING_MAX; i++) {
		uint64_t pid = detection->executing_pids[i];

		if (i < detection->n_executing ? pid < 1 || pid > INT32_MAX : pid != 0)
			return "a process id out of range";
	}
	return NULL;
}

static const char *phase_judge_detection(const struct ipc_scan_detection *detection)
{
	if (detection->path.n == 0)
		return "a detection without a path";
	if (detection->signature.n == 0)
		return "a detection without a signature";
	if (memchr(detection->path.data, '\0', detection->path.n))
		return "a path with a NUL byte";
	if (detection->has_hashes > 1)
		return "a flag that is neither 0 nor 1";
	return phase_judge_executing(detection);
}

static const char *phase_judge_mount(const struct ipc_scan_mount *mount)
{
	if (mount->has_begun > 1 || mount->is_whole > 1)
		return "a flag that is neither 0 nor 1";
	if (mount->point.n == 0 || *(const char *)mount->point.data != '/' ||
		memchr(mount->point.data, '\0', mount->point.n))
		return "a mount without a point";
	return NULL;
}

static const char *phase_judge_wait(const struct ipc_scan_wait *wait)
{
	if (wait->is_walk_waiting > 1)
		return "a flag that is neither 0 nor 1";
	if (wait->n_lanes > IPC_LANES_MAX)
		return "more lanes than there can be";
	if (wait->point.n > 0 && (*(const char *)wait->point.data != '/' ||
					 memchr(wait->point.data, '\0', wait->point.n)))
		return "a mount without a point";
	return NULL;
}

static const char *phase_judge_worker(const struct ipc_engine_worker *worker)
{
	if (worker->is_started > 1)
		return "a flag that is neither 0 nor 1";
	if (worker->lane >= IPC_LANES_MAX)
		return "a lane that does not exist";
	if (worker->generation == 0)
		return "generation 0";
	if (worker->pid < 2 || worker->pid > INT32_MAX)
		return "a process id out of range";
	return NULL;
}

static bool phase_is_id(const uint8_t id[IPC_MOVE_ID_LENGTH])
{
	for (size_t i = 0; i < IPC_MOVE_ID_LENGTH; i++)
		if (!((id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'f')))
			return false;
	return true;
}

static const char *phase_judge_result(const struct ipc_move_result *result)
{
	static const uint8_t none[IPC_MOVE_ID_LENGTH];

	if (result->outcome >= IPC_MOVE_OUTCOME_N)
		return "an outcome that does not exist";
	if (result->is_executing > 1)
		return "a flag that is neither 0 nor 1";
	if (memcmp(result->id, none, sizeof(none)) == 0)
		return result->outcome == IPC_MOVE_QUARANTINED ||
				       result->outcome == IPC_MOVE_CHANGED_KEPT
			       ? "in quarantine, without an id"
			       : NULL;
	return phase_is_id(result->id) ? NULL : "an id that is none";
}

static const char *phase_judge_recovered(const struct ipc_move_recovered *recovered)
{
	if (recovered->was_over > 1)
		return "a flag that is neither 0 nor 1";
	if (recovered->end >= IPC_MOVE_END_N)
		return "an end that does not exist";
	if (recovered->was_over && recovered->end == IPC_MOVE_END_PENDING)
		return "over, and half done";
	return phase_is_id(recovered->id) ? NULL : "an id that is none";
}

static const char *phase_judge_item(const struct ipc_move_entry *entry)
{
	if (!phase_is_id(entry->id))
		return "an id that is none";
	if (entry->is_damaged > 1)
		return "a flag that is neither 0 nor 1";
	return NULL;
}

static const char *phase_judge_found(const struct ipc_move_found *found)
{
	const char *path = found->path.data;

	if (found->name >= SEEK_NAME_N)
		return "a kind of name that does not exist";
	if (found->n_pids == 0)
		return "an executable that nobody executes";
	if (found->path.n > 0 && (path[0] != '/' || memchr(path, '\0', found->path.n)))
		return "a path that is none";
	return NULL;
}

static const char *phase_judge_values(const struct channel_inbox *inbox)
{
	switch (inbox->type) {
	case IPC_SCAN_PROGRESS:
		return inbox->msg.scan_progress.is_walk_done <= 1
			       ? NULL
			       : "a flag that is neither 0 nor 1";
	case IPC_SCAN_DETECTION:
		return phase_judge_detection(&inbox->msg.scan_detection);
	case IPC_SCAN_NOTICE:
		return inbox->msg.scan_notice.kind < IPC_NOTICE_KIND_N
			       ? NULL
			       : "a kind of notice that does not exist";
	case IPC_SCAN_DONE:
		return inbox->msg.scan_done.is_cancelled <= 1 ? NULL
							      : "a flag that is neither 0 nor 1";
	case IPC_SCAN_MOUNT:
		return phase_judge_mount(&inbox->msg.scan_mount);
	case IPC_SCAN_WAIT:
		return phase_judge_wait(&inbox->msg.scan_wait);
	case IPC_ENGINE_WORKER:
		return phase_judge_worker(&inbox->msg.engine_worker);
	case IPC_MOVE_RESULT:
		return phase_judge_result(&inbox->msg.move_result);
	case IPC_MOVE_FOUND:
		return phase_judge_found(&inbox->msg.move_found);
	case IPC_MOVE_ITEM:
		return phase_judge_item(&inbox->msg.move_entry);
	case IPC_MOVE_RECOVERED:
		return phase_judge_recovered(&inbox->msg.move_recovered);
	default:
		return NULL;
	}
}

int phase_accept(enum phase *phasep, const struct channel_inbox *inbox, const char **whyp)
{
	const char *why;

	if (inbox->n_fds > 0) {
		*whyp = "descriptors that nobody asked for";
		return -EPROTO;
	}
	for (size_t i = 0; i < sizeof(phase_rules) / sizeof(phase_rules[0]); i++) {
		const struct phase_rule *rule = &phase_rules[i];

		if (rule->phase != *phasep || rule->type != inbox->type)
			continue;
		why = phase_judge_values(inbox);
		if (why) {
			*whyp = why;
			return -EPROTO;
		}
		*phasep = rule->next;
		return 0;
	}
	*whyp = "a message that is not allowed in this phase";
	return -EPROTO;
}
