/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Killable at any time: what a request has begun is in the journal. A name may
 * come with its folder's descriptor or without one; either way it is what was
 * scanned that decides, not the name. The daemon is trusted with what is to be
 * moved; its messages are checked as every message is.
 */
#include "remediate.h"

#include "channel.h"
#include "cleanup.h"
#include "hex.h"
#include "log.h"
#include "pace.h"
#include "remediate_seek.h"
#include "vault_crypto.h"

#include <errno.h>
#include <string.h>

/** Names that have come, and whose request has not. */
struct remediate {
	struct mover *mover;
	int control_fd;
	struct channel_inbox *inbox;
	struct mover_name names[IPC_MOVE_NAMES_MAX]; /**< Paths on the heap, fds owned. */
	size_t n_names;
	int send_error; /**< While recovery or a list tells. */
};

static void remediate_forget_names(struct remediate *remediate)
{
	for (size_t i = 0; i < remediate->n_names; i++) {
		free((void *)remediate->names[i].path.data);
		cleanup_close(&remediate->names[i].folder_fd);
	}
	remediate->n_names = 0;
}

/* @text may be NULL. */
static struct span remediate_text(const char *text)
{
	struct span span = span_str(text);

	if (span.n > IPC_TEXT_MAX)
		span.n = IPC_TEXT_MAX;
	return span;
}

static int remediate_add_name(struct remediate *remediate)
{
	struct channel_inbox *inbox = remediate->inbox;
	struct span path = inbox->msg.move_name.path;
	struct mover_name *name = &remediate->names[remediate->n_names];
	void *copy;

	if (remediate->n_names == IPC_MOVE_NAMES_MAX || inbox->n_fds > 1 || path.n == 0)
		return -EPROTO;
	copy = malloc(path.n);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, path.data, path.n);
	name->path = (struct span){copy, path.n};
	name->folder_fd = inbox->n_fds == 1 ? take_fd(&inbox->fds[0]) : -1;
	remediate->n_names++;
	return 0;
}

static int remediate_answer(
	struct remediate *remediate, uint64_t serial, const struct mover_result *result)
{
	struct ipc_move_result answer = {.serial = serial,
		.outcome = (uint8_t)result->outcome,
		.error = (uint32_t)result->error,
		.n_names = result->n_names,
		.n_names_left = result->n_names_left,
		.is_executing = result->is_executing,
		.n_attributes_left = result->n_attributes_left,
		.path = span_str(result->path),
		.text = remediate_text(result->text.text)};

	if (result->id[0] != '\0')
		memcpy(answer.id, result->id, sizeof(answer.id));
	return channel_send(remediate->control_fd, IPC_MOVE_RESULT, &answer, NULL, 0);
}

static int remediate_file(struct remediate *remediate)
{
	const struct ipc_move_file *file = &remediate->inbox->msg.move_file;
	struct mover_request request = {.action = (enum ipc_move_action)file->action,
		.names = remediate->names,
		.n_names = remediate->n_names,
		.identity = {.dev = file->dev,
			.inode = file->ino,
			.size = file->size,
			.mtime_ns = file->mtime_ns,
			.ctime_ns = file->ctime_ns},
		.threat_name = file->threat_name,
		.detection_id = file->detection_id,
		.reason = file->reason};
	struct mover_result result;

	if (remediate->n_names == 0 || file->action >= IPC_MOVE_ACTION_N || file->has_hash > 1)
		return -EPROTO;
	if (file->has_hash)
		vault_crypto_hex(file->sha256, sizeof(file->sha256), request.identity.sha256);
	mover_move(remediate->mover, &request, &result);
	remediate_forget_names(remediate);
	return remediate_answer(remediate, file->serial, &result);
}

static int remediate_item(struct remediate *remediate, bool is_restore)
{
	const struct ipc_move_item *item = &remediate->inbox->msg.move_item;
	char id[IPC_MOVE_ID_LENGTH + 1];
	struct mover_result result;

	if (remediate->n_names > 0)
		return -EPROTO;
	memcpy(id, item->id, IPC_MOVE_ID_LENGTH);
	id[IPC_MOVE_ID_LENGTH] = '\0';
	if (is_restore)
		mover_restore(remediate->mover, id, &result);
	else
		mover_delete(remediate->mover, id, &result);
	return remediate_answer(remediate, item->serial, &result);
}

static int remediate_tell_item(const struct vault_item *item, void *arg)
{
	struct remediate *remediate = arg;
	struct ipc_move_entry entry = {
		.serial = remediate->inbox->msg.move_list.serial, .is_damaged = item->is_damaged};

	memcpy(entry.id, item->id, sizeof(entry.id));
	if (!item->is_damaged) {
		entry.path = (struct span){item->path, item->path_size};
		entry.threat_name = remediate_text(item->threat_name);
		entry.detection_id = remediate_text(item->detection_id);
		entry.reason = remediate_text(item->reason);
		hex_bytes(item->sha256, entry.sha256, sizeof(entry.sha256));
		hex_bytes(item->sha1, entry.sha1, sizeof(entry.sha1));
		entry.size = item->size;
		entry.uid = item->uid;
		entry.n_names = item->n_links;
		entry.quarantined_unix_ms = item->quarantined_ms;
	}
	remediate->send_error = channel_send(remediate->control_fd, IPC_MOVE_ITEM, &entry, NULL, 0);
	return remediate->send_error;
}

static int remediate_list(struct remediate *remediate)
{
	const struct ipc_move_list *list = &remediate->inbox->msg.move_list;
	static const uint8_t first[IPC_MOVE_ID_LENGTH] = {0};
	struct vault_page page = {.n_max = list->n_max};
	struct mover_result result;

	memcpy(page.after, list->after, sizeof(list->after));
	if (remediate->n_names > 0 || list->n_max == 0 || list->n_max > IPC_MOVE_ITEMS_MAX ||
		(memcmp(list->after, first, sizeof(first)) != 0 && !vault_item_is_id(page.after)))
		return -EPROTO;
	mover_list(remediate->mover, &page, remediate_tell_item, remediate, &result);
	if (remediate->send_error < 0)
		return remediate->send_error;
	return remediate_answer(remediate, list->serial, &result);
}

static int remediate_seek(struct remediate *remediate)
{
	const struct ipc_move_seek *seek = &remediate->inbox->msg.move_seek;
	struct mover_result result;
	int r;

	if (remediate->n_names > 0)
		return -EPROTO;
	r = remediate_seek_tell(remediate->control_fd, seek, &result);
	return r < 0 ? r : remediate_answer(remediate, seek->serial, &result);
}

static int remediate_stop(struct remediate *remediate)
{
	const struct ipc_move_stop *stop = &remediate->inbox->msg.move_stop;
	struct mover_result result;

	if (remediate->n_names > 0)
		return -EPROTO;
	remediate_seek_stop(stop, &result);
	return remediate_answer(remediate, stop->serial, &result);
}

static int remediate_step(struct remediate *remediate)
{
	int r = channel_recv(remediate->control_fd, remediate->inbox);

	if (r < 0)
		return r;
	if (remediate->inbox->type != IPC_MOVE_NAME && remediate->inbox->n_fds > 0)
		return -EPROTO;
	pace_keep();
	switch (remediate->inbox->type) {
	case IPC_MOVE_NAME:
		return remediate_add_name(remediate);
	case IPC_MOVE_FILE:
		return remediate_file(remediate);
	case IPC_MOVE_RESTORE:
		return remediate_item(remediate, true);
	case IPC_MOVE_DELETE:
		return remediate_item(remediate, false);
	case IPC_MOVE_LIST:
		return remediate_list(remediate);
	case IPC_MOVE_SEEK:
		return remediate_seek(remediate);
	case IPC_MOVE_STOP:
		return remediate_stop(remediate);
	default:
		return -EPROTO;
	}
}

static enum ipc_move_end remediate_end(const struct mover_recovered *recovered)
{
	if (!recovered->is_over)
		return IPC_MOVE_END_PENDING;
	switch (recovered->end) {
	case JOURNAL_IN_VAULT:
		return IPC_MOVE_END_IN_QUARANTINE;
	case JOURNAL_REMOVED:
		return IPC_MOVE_END_REMOVED;
	case JOURNAL_BESIDE:
		return IPC_MOVE_END_BESIDE;
	case JOURNAL_OTHER_IN_VAULT:
		return IPC_MOVE_END_KEPT;
	default:
		break;
	}
	if (recovered->action != JOURNAL_RESTORE)
		return IPC_MOVE_END_IN_PLACE;
	/* The item goes when the file has its name, or somebody else took it. */
	return recovered->is_placed ? IPC_MOVE_END_RESTORED : IPC_MOVE_END_LOST;
}

static void remediate_on_recovered(const struct mover_recovered *recovered, void *arg)
{
	struct remediate *remediate = arg;
	struct ipc_move_recovered told = {.end = (uint8_t)remediate_end(recovered),
		.was_over = recovered->was_over,
		.path = recovered->path,
		.detection_id = recovered->detection_id,
		.text = remediate_text(recovered->text)};
	int r;

	memcpy(told.id, recovered->id, sizeof(told.id));
	r = channel_send(remediate->control_fd, IPC_MOVE_RECOVERED, &told, NULL, 0);
	if (r < 0)
		remediate->send_error = r;
}

static int remediate_hello(struct remediate *remediate, bool is_leaving)
{
	struct ipc_move_hello hello = {.pid = (uint64_t)getpid()};

	mover_tell_ended(remediate->mover, remediate_on_recovered, remediate);
	hello.n_pending =
		is_leaving ? mover_tell_pending(remediate->mover, remediate_on_recovered, remediate)
			   : mover_recover(remediate->mover, remediate_on_recovered, remediate);
	if (remediate->send_error < 0)
		return remediate->send_error;
	return channel_send(remediate->control_fd, IPC_MOVE_HELLO, &hello, NULL, 0);
}

static enum child_exit remediate_exit(int r)
{
	if (r == -ENODATA || r == -EPIPE || r == -ECONNRESET)
		return CHILD_EXIT_OK;
	log_error("remediate", "channel: %s", err_text(r));
	return r == -EPROTO || r == -EBADMSG ? CHILD_EXIT_PROTOCOL : CHILD_EXIT_SYSTEM;
}

enum child_exit remediate_run(struct mover *mover, int control_fd, bool is_leaving)
{
	struct remediate remediate = {
		.mover = mover, .control_fd = control_fd, .inbox = channel_inbox_new()};
	int r = remediate.inbox ? remediate_hello(&remediate, is_leaving) : -ENOMEM;

	while (r == 0)
		r = remediate_step(&remediate);
	remediate_forget_names(&remediate);
	channel_inbox_free(remediate.inbox);
	return remediate_exit(r);
}
