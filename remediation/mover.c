/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open, close, list, delete; and what errors are called.
 */
#include "mover_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum ipc_move_outcome mover_outcome(int r)
{
	switch (r) {
	case -EROFS:
		return IPC_MOVE_READ_ONLY;
	case -ENOSPC:
	case -EDQUOT:
		return IPC_MOVE_NO_SPACE;
	case IDENTITY_E_OTHER:
	case IDENTITY_E_CHANGED:
	case -ESTALE: /* vault_put(): it was written to meanwhile */
		return IPC_MOVE_CHANGED;
	case IDENTITY_E_KIND:
		return IPC_MOVE_NOT_A_FILE;
	default:
		return IPC_MOVE_FAILED;
	}
}

void mover_tell(struct mover_result *result, enum ipc_move_outcome outcome, int r, const char *what)
{
	result->outcome = outcome;
	result->error = r < 0 ? -r : 0;
	if (!what)
		return;
	if (r < 0)
		errmsg_set(&result->text, "%s: %s", what, err_text(r));
	else
		errmsg_set(&result->text, "%s", what);
}

int mover_open(int state_dirfd, struct mover **moverp, struct errmsg *msg)
{
	struct mover *mover = calloc(1, sizeof(*mover));
	int r = mover ? 0 : err_origin(-ENOMEM);

	*moverp = NULL;
	/* The journal first: its lock keeps a second process out of all of it. */
	if (r == 0)
		r = journal_open(state_dirfd, &mover->journal, msg);
	if (r == 0)
		r = vault_open(state_dirfd, &mover->vault, msg);
	if (r < 0) {
		mover_close(mover);
		return r;
	}
	*moverp = mover;
	return 0;
}

void mover_close(struct mover *mover)
{
	if (!mover)
		return;
	vault_close(mover->vault);
	journal_close(mover->journal);
	free(mover);
}

void mover_delete(struct mover *mover, const char *id, struct mover_result *result)
{
	int r;

	*result = (struct mover_result){.outcome = IPC_MOVE_DELETED};
	r = vault_delete(mover->vault, id, &result->text);
	if (r == -ENOENT || r == -EINVAL)
		mover_tell(result, IPC_MOVE_NO_ITEM, r, NULL);
	else if (r < 0)
		mover_tell(result, mover_outcome(r), r, NULL);
	else
		memcpy(result->id, id, sizeof(result->id));
}

struct mover_told {
	int (*each)(const struct vault_item *item, void *arg);
	void *arg;
	uint64_t n_items;
};

static int mover_tell_item(const struct vault_item *item, void *arg)
{
	struct mover_told *told = arg;

	told->n_items++;
	return told->each(item, told->arg);
}

void mover_list(struct mover *mover, struct vault_page *page,
	int (*each)(const struct vault_item *item, void *arg), void *arg,
	struct mover_result *result)
{
	struct mover_told told = {.each = each, .arg = arg};
	int r;

	*result = (struct mover_result){.outcome = IPC_MOVE_LISTED};
	r = vault_page(mover->vault, page, mover_tell_item, &told, &result->text);
	if (r < 0)
		mover_tell(result, mover_outcome(r), r, NULL);
	result->n_names = told.n_items;
	result->n_names_left = page->n_left;
	memcpy(result->id, page->after, sizeof(result->id));
}
