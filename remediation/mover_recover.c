/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After a stop. The journal says what was going to be done and how far it was;
 * the staging folder says what is in it; the vault says what it has. From these
 * each half-done move goes to one of its ends:
 *
 *   staged, ours            forward: into the vault, or away
 *   staged, another one     back: by its name, or beside it, or into the vault
 *   not staged, KEPT        it was at its end: in the vault, or removed
 *   not staged, BEGIN       it was never taken, or was brought back: in its place
 *   restore, PLACED, and the name leads to that inode with the item's content
 *                           forward: the item goes
 *   restore, else           the item stays
 *
 * Where neither way works (the file system is not mounted, or both it and ours
 * are full) the move stays in the journal for the next start, and nothing is lost.
 */
#include "cleanup.h"
#include "log.h"
#include "mover_private.h"
#include "pace.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** One of them. */
struct mover_recover {
	struct mover_job job;
	const struct journal_move *move; /**< Borrowed until the journal is written. */
	struct mover_result result;
	struct span name;
	char text[FOLDER_NAME_MAX + 1];
};

enum { MOVER_RECOVER_PENDING = JOURNAL_END_N /**< No end: it stays. */ };

/* 1; 0 there is none; -errno it is not known. One that is damaged is there. */
static int mover_recover_has_item(const struct mover_recover *recover)
{
	int r = vault_look(recover->job.mover->vault, recover->job.id, NULL, NULL);

	if (r == -ENOENT)
		return 0;
	return r == 0 || r == -EBADMSG || r == -EKEYREJECTED ? 1 : r;
}

/* Its folder, if it is still where and what it was. */
static int mover_recover_folder(const struct mover_recover *recover, struct span path, int *fdp)
{
	const struct journal_record *record = &recover->job.record;
	_cleanup_(cleanup_close) int fd = -1;
	struct stat status;
	int r = folder_open(path, &fd);

	if (r < 0)
		return r;
	if (fstat(fd, &status) < 0)
		return err_origin(-errno); /* UNTESTED: of an open directory */
	if (status.st_dev != record->folder_dev || status.st_ino != record->folder_inode)
		return -ESTALE;
	*fdp = take_fd(&fd);
	return 0;
}

static int mover_recover_back(struct mover_recover *recover)
{
	char beside[FOLDER_NAME_MAX + 1] = "";
	_cleanup_(cleanup_close) int fd = -1;
	int r = mover_recover_folder(recover, recover->job.record.folder, &fd);

	if (r == 0)
		r = mover_staged_return(&recover->job, fd, recover->name, beside);
	if (r < 0)
		return r;
	if (beside[0] == '\0')
		return JOURNAL_IN_PLACE;
	errmsg_set(&recover->result.text, "beside its place, as %s", beside);
	return JOURNAL_BESIDE;
}

/* Another file, or one for which the vault has no room. */
static int mover_recover_away(struct mover_recover *recover)
{
	int r = mover_recover_back(recover);

	if (r >= 0)
		return r;
	return mover_staged_rescue(&recover->job) == 0 ? JOURNAL_OTHER_IN_VAULT
						       : MOVER_RECOVER_PENDING;
}

static int mover_recover_forward(struct mover_recover *recover, int fd, const struct stat *status)
{
	int r = 0;

	if (recover->job.record.action == JOURNAL_QUARANTINE) {
		/* What a stopped put left: the staged file is the better copy. */
		r = mover_recover_has_item(recover);
		if (r > 0)
			r = vault_delete(recover->job.mover->vault, recover->job.id, NULL);
		if (r < 0) /* back in its place it would be in both */
			return MOVER_RECOVER_PENDING;
		r = mover_staged_keep(&recover->job, fd, status, NULL);
	} else if (recover->move->step != JOURNAL_KEPT) {
		r = mover_staged_note(&recover->job, JOURNAL_KEPT);
	}
	if (r != 0)
		return mover_recover_away(recover);
	if (mover_staged_unlink(&recover->job) < 0)
		return MOVER_RECOVER_PENDING;
	return recover->job.record.action == JOURNAL_QUARANTINE ? JOURNAL_IN_VAULT
								: JOURNAL_REMOVED;
}

static int mover_recover_staged(struct mover_recover *recover)
{
	_cleanup_(cleanup_close) int fd = -1;
	struct stat status;
	int r = mover_staged_open(&recover->job, &fd, &status);

	if (r == 0)
		return mover_recover_forward(recover, fd, &status);
	/* Not read, so not known: neither forward nor back is right. */
	return r > 0 ? mover_recover_away(recover) : MOVER_RECOVER_PENDING;
}

/* Nothing is staged: where did it come to? */
static int mover_recover_gone(struct mover_recover *recover)
{
	bool is_kept = recover->move->step == JOURNAL_KEPT;
	int has_item;

	if (recover->job.record.action == JOURNAL_REMOVE)
		return is_kept ? JOURNAL_REMOVED : JOURNAL_IN_PLACE;
	has_item = is_kept ? mover_recover_has_item(recover) : 0;
	if (has_item < 0)
		return MOVER_RECOVER_PENDING;
	return has_item > 0 ? JOURNAL_IN_VAULT : JOURNAL_IN_PLACE;
}

/*
 * Nothing is staged where it was; but is that the same file system? An unmounted
 * one may have it. What the vault has whole is over either way.
 */
static int mover_recover_absent(struct mover_recover *recover, int top_fd)
{
	const struct journal_record *record = &recover->job.record;
	struct stat status;

	if (fstat(top_fd, &status) == 0 && status.st_dev == record->dev)
		return mover_recover_gone(recover);
	if (record->action == JOURNAL_QUARANTINE && recover->move->step == JOURNAL_KEPT &&
		mover_recover_has_item(recover) > 0)
		return JOURNAL_IN_VAULT;
	errmsg_set(&recover->result.text, "%.*s is on another file system than it was",
		(int)record->staging.n, (const char *)record->staging.data);
	return MOVER_RECOVER_PENDING;
}

static int mover_recover_taken(struct mover_recover *recover)
{
	struct mover_job *job = &recover->job;
	_cleanup_(cleanup_close) int top = -1;
	struct stat status;
	int r = folder_open(job->record.staging, &top);

	if (r < 0) {
		errmsg_set(&recover->result.text, "%.*s is not there: %s",
			(int)job->record.staging.n, (const char *)job->record.staging.data,
			err_text(r));
		return MOVER_RECOVER_PENDING;
	}
	if (staging_open(&job->staging, job->record.staging, job->id) < 0)
		return mover_recover_absent(recover, top);
	if (fstatat(job->staging.fd, STAGING_FILE, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? mover_recover_gone(recover) : MOVER_RECOVER_PENDING;
	return mover_recover_staged(recover);
}

/* Nothing that says it is not there: it could not be looked at. */
static bool mover_recover_is_trouble(int r)
{
	return r < 0 && r != -ENOENT && r != -ENOTDIR && r != -ELOOP && r != -ESTALE;
}

/*
 * Whether its name leads to the file that was made for it, with all of its content.
 * 1; 0; -errno it is not known.
 */
static int mover_recover_is_placed(const struct mover_recover *recover)
{
	struct identity identity = recover->job.identity;
	struct span folder;
	struct span name;
	struct stat status;
	_cleanup_(cleanup_close) int folder_fd = -1;
	_cleanup_(cleanup_close) int fd = -1;
	int r;

	if (recover->move->step != JOURNAL_PLACED ||
		folder_split(recover->job.record.path, &folder, &name) < 0)
		return 0;
	r = mover_recover_folder(recover, folder, &folder_fd);
	if (r == 0 && fstatat(folder_fd, recover->text, &status, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r < 0)
		return mover_recover_is_trouble(r) ? r : 0;
	identity.dev = recover->move->placed_dev;
	identity.inode = recover->move->placed_inode;
	if (identity_compare(&identity, &status, 1) != 0)
		return 0;
	/* Looked at by descriptor again: its name is in reach of others. */
	fd = openat(folder_fd, recover->text,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	r = fd < 0 ? -errno : identity_check(&identity, fd, &status);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r == 0 ? 1 : mover_recover_is_trouble(r) ? r : 0;
}

static int mover_recover_sync(const struct mover_recover *recover)
{
	struct span folder;
	struct span name;
	_cleanup_(cleanup_close) int path_fd = -1;
	_cleanup_(cleanup_close) int fd = -1;

	if (folder_split(recover->job.record.path, &folder, &name) < 0 ||
		folder_open(folder, &path_fd) < 0)
		return -ENOENT;
	fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -EIO : 0;
}

static int mover_recover_restore(struct mover_recover *recover)
{
	struct mover_job *job = &recover->job;
	int r;

	if (job->record.staging.n > 0 &&
		staging_open(&job->staging, job->record.staging, job->id) == 0)
		(void)unlinkat(job->staging.fd, STAGING_FILE, 0); /* a copy of the item */
	/* It is deleted when the file is whole in its place, never before. */
	r = mover_recover_has_item(recover);
	if (r == 0)
		return JOURNAL_IN_PLACE;
	if (r > 0)
		r = mover_recover_is_placed(recover);
	if (r < 0)
		return MOVER_RECOVER_PENDING;
	if (r == 0)
		return JOURNAL_IN_VAULT;
	if (mover_recover_sync(recover) < 0 ||
		vault_delete(job->mover->vault, job->id, &recover->result.text) < 0)
		return MOVER_RECOVER_PENDING;
	return JOURNAL_IN_PLACE;
}

static int mover_recover_one(struct mover_recover *recover)
{
	struct mover_job *job = &recover->job;
	struct span folder;
	int end;

	if (folder_split(job->record.path, &folder, &recover->name) < 0)
		return MOVER_RECOVER_PENDING;
	memcpy(recover->text, recover->name.data, recover->name.n);
	recover->text[recover->name.n] = '\0';
	journal_record_identity(&job->record, &job->identity);
	end = job->record.action == JOURNAL_RESTORE ? mover_recover_restore(recover)
						    : mover_recover_taken(recover);
	if (end != MOVER_RECOVER_PENDING && mover_end(job, (enum journal_end)end) < 0)
		log_warn("mover", "the end of %s could not be written down", job->id);
	return end;
}

/* The journal forgets a move at its end: a copy of what is to be told. */
static bool mover_recover_tell(struct mover *mover, const struct journal_move *move,
	void (*each)(const struct mover_recovered *recovered, void *arg), void *arg)
{
	struct mover_recover recover = {
		.job = {.mover = mover, .record = move->begin, .staging = STAGING_NULL}};
	_cleanup_(span_drop) struct span path = span_copy(move->begin.path);
	_cleanup_(span_drop) struct span detection_id = span_copy(move->begin.detection_id);
	struct journal_move copy = *move;
	struct mover_recovered told = {.id = recover.job.id,
		.action = (enum journal_action)move->begin.action,
		.is_placed = move->step == JOURNAL_PLACED,
		.path = path,
		.detection_id = detection_id};
	int end;

	if (!path.data || !detection_id.data)
		return false;
	memcpy(recover.job.id, move->begin.id, sizeof(move->begin.id));
	recover.move = &copy;
	recover.job.result = &recover.result;
	end = mover_recover_one(&recover);
	staging_close(&recover.job.staging);
	told.is_over = end != MOVER_RECOVER_PENDING;
	told.end = told.is_over ? (enum journal_end)end : JOURNAL_IN_PLACE;
	told.text = recover.result.text.text[0] != '\0' ? recover.result.text.text
		    : told.is_over                      ? journal_end_name(told.end)
							: "still half done";
	if (each)
		each(&told, arg);
	return told.is_over;
}

size_t mover_recover(struct mover *mover,
	void (*each)(const struct mover_recovered *recovered, void *arg), void *arg)
{
	size_t i = 0;

	/* What is over is not pending any more; what stays is passed over. */
	while (i < journal_n_pending(mover->journal)) {
		size_t before = journal_n_pending(mover->journal);

		pace_keep();
		(void)mover_recover_tell(mover, journal_pending(mover->journal, i), each, arg);
		if (journal_n_pending(mover->journal) == before)
			i++;
	}
	return journal_n_pending(mover->journal);
}

/* @id receives the move's. */
static struct mover_recovered mover_recover_known(
	const struct journal_move *move, char id[JOURNAL_RECORD_ID_LENGTH + 1])
{
	memcpy(id, move->begin.id, JOURNAL_RECORD_ID_LENGTH);
	id[JOURNAL_RECORD_ID_LENGTH] = '\0';
	return (struct mover_recovered){.id = id,
		.action = (enum journal_action)move->begin.action,
		.is_placed = move->step == JOURNAL_PLACED,
		.path = move->begin.path,
		.detection_id = move->begin.detection_id};
}

size_t mover_tell_pending(struct mover *mover,
	void (*each)(const struct mover_recovered *recovered, void *arg), void *arg)
{
	size_t n = journal_n_pending(mover->journal);

	for (size_t i = 0; i < n; i++) {
		char id[JOURNAL_RECORD_ID_LENGTH + 1];
		struct mover_recovered told =
			mover_recover_known(journal_pending(mover->journal, i), id);

		told.text = "still half done; not looked at, a file system does not answer";
		each(&told, arg);
	}
	return n;
}

/* Its item is there, unless it was taken out of quarantine since. */
static bool mover_recover_is_news(struct mover *mover, const struct journal_move *move)
{
	struct mover_recover recover = {.job = {.mover = mover}};

	if (move->end != JOURNAL_IN_VAULT && move->end != JOURNAL_OTHER_IN_VAULT)
		return true;
	memcpy(recover.job.id, move->begin.id, sizeof(move->begin.id));
	return mover_recover_has_item(&recover) != 0;
}

void mover_tell_ended(struct mover *mover,
	void (*each)(const struct mover_recovered *recovered, void *arg), void *arg)
{
	for (size_t i = 0; i < journal_n_ended(mover->journal); i++) {
		const struct journal_move *move = journal_ended(mover->journal, i);
		char id[JOURNAL_RECORD_ID_LENGTH + 1];
		struct mover_recovered told = mover_recover_known(move, id);

		if (!mover_recover_is_news(mover, move))
			continue;
		told.is_over = true;
		told.was_over = true;
		told.end = (enum journal_end)move->end;
		told.text = journal_end_name(told.end);
		each(&told, arg);
	}
}
