/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An item goes back to its place:
 *
 *   folder      by its path, no link on the way, nobody else may write to it
 *   new file    in it, without a name (O_TMPFILE); where the file system has
 *               none, in a staging folder; mode 0600 either way
 *   BEGIN       the journal knows
 *   content     from the vault, verified; owner, mode, attributes, times; fsync
 *   PLACED      the journal knows which inode gets the name
 *   link        to the name, which never replaces anything; fsync of the folder
 *   delete      the item, END
 *
 * Nothing that is there is opened, written to or replaced. Until the link the
 * item is the only copy, from the delete on the file is; in between both are
 * whole.
 */
#include "attributes.h"
#include "cleanup.h"
#include "clock.h"
#include "mover_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** One item on its way back. */
struct mover_restore {
	struct mover_job job;
	struct vault_item item;
	struct span folder; /**< Its folder's path; in the item. */
	struct span name;
	char text[FOLDER_NAME_MAX + 1]; /**< The same, NUL-terminated. */
	int folder_fd;                  /**< Owned. */
	int fd;                         /**< The new file, owned. */
	bool is_staged;                 /**< It has a name, in the staging folder. */
	struct errmsg lost;             /**< What of it could not be set. */
};

static int mover_restore_look(struct mover_restore *restore, const char *id)
{
	struct mover_result *result = restore->job.result;
	int r = vault_look(restore->job.mover->vault, id, &restore->item, &result->text);

	if (r == 0)
		return 0;
	if (r == -ENOENT || r == -EINVAL)
		mover_tell(result, IPC_MOVE_NO_ITEM, r, NULL);
	else if (r == -EBADMSG || r == -EKEYREJECTED)
		mover_tell(result, IPC_MOVE_DAMAGED, r, NULL);
	else
		mover_tell(result, mover_outcome(r), r, NULL);
	return r;
}

/*
 * Whoever can write to the folder can exchange what we put there before anybody
 * uses it, or wait for a file that runs as another user: not for us to help. The
 * sticky bit forbids it, except to the folder's owner.
 */
static bool mover_restore_is_safe(const struct stat *folder, const struct vault_item *item)
{
	if (folder->st_uid != 0 && folder->st_uid != item->uid)
		return false;
	return (folder->st_mode & (S_IWGRP | S_IWOTH)) == 0 || (folder->st_mode & S_ISVTX) != 0;
}

static int mover_restore_open_folder(struct mover_restore *restore)
{
	struct mover_result *result = restore->job.result;
	struct span path = {restore->item.path, restore->item.path_size};
	struct stat status = {0};
	int r = folder_split(path, &restore->folder, &restore->name);

	if (r < 0) {
		mover_tell(result, IPC_MOVE_FAILED, r, "path");
		return r;
	}
	memcpy(restore->text, restore->name.data, restore->name.n);
	restore->text[restore->name.n] = '\0';
	r = folder_open(restore->folder, &restore->folder_fd);
	if (r == 0 && fstat(restore->folder_fd, &status) < 0)
		r = -errno; /* UNTESTED: of an open directory */
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP) {
		mover_tell(result, IPC_MOVE_FOLDER_GONE, r, "its folder");
		return r;
	}
	if (r < 0) {
		mover_tell(result, mover_outcome(r), r, "its folder");
		return r;
	}
	if (!mover_restore_is_safe(&status, &restore->item)) {
		mover_tell(result, IPC_MOVE_FOLDER_UNSAFE, 0,
			"others than root and the file's owner can write to its folder");
		return -EPERM;
	}
	if (fstatat(restore->folder_fd, restore->text, &status,
		    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0) {
		mover_tell(result, IPC_MOVE_TARGET_EXISTS, -EEXIST, "its name");
		return -EEXIST;
	}
	return 0;
}

/* A file without a name, or -EOPNOTSUPP. */
static int mover_restore_unnamed(struct mover_restore *restore)
{
	restore->fd = openat(restore->folder_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (restore->fd >= 0)
		return 0;
	/* What kernels and file systems say that do not know it. */
	return errno == EISDIR || errno == ENOENT || errno == EINVAL ? -EOPNOTSUPP : -errno;
}

static int mover_restore_begin(struct mover_restore *restore)
{
	struct mover_job *job = &restore->job;
	struct stat status = {0};
	int r = mover_restore_unnamed(restore);

	restore->is_staged = r == -EOPNOTSUPP;
	if (restore->is_staged)
		r = staging_plan(&job->staging, restore->folder_fd, restore->folder, job->id);
	if (r == 0 && fstat(restore->folder_fd, &status) < 0)
		r = -errno; /* UNTESTED: of an open directory */
	if (r < 0) {
		mover_tell(job->result, mover_outcome(r), r, "make a file in its folder");
		return r;
	}
	job->record = (struct journal_record){.step = JOURNAL_BEGIN,
		.action = JOURNAL_RESTORE,
		.size = restore->item.size,
		.sha256 = span_str(restore->item.sha256),
		.path = {restore->item.path, restore->item.path_size},
		.folder_dev = status.st_dev,
		.folder_inode = status.st_ino,
		.staging = span_str(restore->is_staged ? job->staging.top : NULL),
		.begun_ms = clock_unix_ms()};
	memcpy(job->record.id, job->id, sizeof(job->record.id));
	r = journal_append(job->mover->journal, &job->record, &job->result->text);
	if (r < 0)
		mover_tell(job->result, mover_outcome(r), r, NULL);
	return r;
}

static int mover_restore_make(struct mover_restore *restore)
{
	struct mover_job *job = &restore->job;
	int r;

	if (!restore->is_staged)
		return 0;
	r = staging_make(&job->staging);
	if (r == 0) {
		restore->fd = openat(job->staging.fd, STAGING_FILE,
			O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		r = restore->fd < 0 ? -errno : 0;
	}
	if (r < 0)
		mover_tell(job->result, mover_outcome(r), r, "make a staging file");
	return r;
}

static int mover_restore_fill(struct mover_restore *restore)
{
	struct mover_job *job = &restore->job;
	struct vault_item item = VAULT_ITEM_NULL;
	int r = vault_get(job->mover->vault, job->id, restore->fd, &item, &job->result->text);

	if (r == -EBADMSG || r == -EKEYREJECTED) {
		mover_tell(job->result, IPC_MOVE_DAMAGED, r, NULL);
		return r;
	}
	if (r == 0)
		r = attributes_set(restore->fd, &item, &restore->lost, &job->result->text);
	vault_item_deinit(&item);
	if (r == 0 && fsync(restore->fd) < 0) {
		r = -errno;
		errmsg_set(&job->result->text, "write: %s", err_text(r));
	}
	if (r < 0)
		mover_tell(job->result, mover_outcome(r), r, NULL);
	return r;
}

static int mover_restore_note(struct mover_restore *restore)
{
	struct mover_job *job = &restore->job;
	struct journal_record record = {.step = JOURNAL_PLACED};
	struct stat status = {0};
	int r = fstat(restore->fd, &status) < 0 ? -errno : 0;

	record.dev = status.st_dev;
	record.inode = status.st_ino;
	memcpy(record.id, job->id, sizeof(record.id));
	if (r == 0)
		r = journal_append(job->mover->journal, &record, &job->result->text);
	if (r < 0)
		mover_tell(job->result, mover_outcome(r), r, NULL);
	return r;
}

static int mover_restore_link(struct mover_restore *restore)
{
	char link[64];

	if (restore->is_staged)
		return mover_rename(
			restore->job.staging.fd, STAGING_FILE, restore->folder_fd, restore->text);
	/* AT_EMPTY_PATH would need CAP_DAC_READ_SEARCH. */
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", restore->fd);
	return linkat(AT_FDCWD, link, restore->folder_fd, restore->text, AT_SYMLINK_FOLLOW) < 0
		       ? -errno
		       : 0;
}

static int mover_restore_sync(const struct mover_restore *restore)
{
	_cleanup_(cleanup_close) int fd =
		openat(restore->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int mover_restore_place(struct mover_restore *restore)
{
	struct mover_result *result = restore->job.result;
	int r = mover_restore_link(restore);

	if (r == -EEXIST)
		mover_tell(result, IPC_MOVE_TARGET_EXISTS, r, "its name");
	else if (r == -ENOENT)
		mover_tell(result, IPC_MOVE_FOLDER_GONE, r, "its folder");
	else if (r < 0)
		mover_tell(result, mover_outcome(r), r, "give it its name");
	return r;
}

/* It is in its place. From here on nothing undoes it. */
static void mover_restore_finish(struct mover_restore *restore)
{
	struct mover_result *result = restore->job.result;
	struct errmsg msg = ERRMSG_NULL;
	int r = mover_restore_sync(restore);

	result->outcome = IPC_MOVE_RESTORED;
	result->n_names = 1;
	if (restore->lost.text[0] != '\0')
		errmsg_set(&result->text, "could not be set again: %s", restore->lost.text);
	if (r == 0)
		r = vault_delete(restore->job.mover->vault, restore->job.id, &msg);
	if (r < 0) {
		/* Both are there; the next start compares them and deletes the item. */
		errmsg_set(&result->text, "the item is still in quarantine: %s", err_text(r));
		return;
	}
	(void)mover_end(&restore->job, JOURNAL_IN_PLACE);
}

static void mover_restore_undo(struct mover_restore *restore)
{
	if (restore->job.staging.fd >= 0)
		(void)unlinkat(restore->job.staging.fd, STAGING_FILE, 0);
	(void)mover_end(&restore->job, JOURNAL_IN_VAULT);
}

static void mover_restore_run(struct mover_restore *restore, const char *id)
{
	int r = mover_restore_look(restore, id);

	if (r < 0)
		return;
	memcpy(restore->job.id, id, sizeof(restore->job.id));
	memcpy(restore->job.result->id, id, sizeof(restore->job.id));
	r = mover_restore_open_folder(restore);
	if (r == 0)
		r = mover_restore_begin(restore);
	if (r < 0)
		return;
	r = mover_restore_make(restore);
	if (r == 0)
		r = mover_restore_fill(restore);
	if (r == 0)
		r = mover_restore_note(restore);
	if (r == 0)
		r = mover_restore_place(restore);
	if (r == 0)
		mover_restore_finish(restore);
	else
		mover_restore_undo(restore);
}

void mover_restore(struct mover *mover, const char *id, struct mover_result *result)
{
	struct mover_restore restore = {
		.job = {.mover = mover, .staging = STAGING_NULL, .result = result},
		.item = VAULT_ITEM_NULL,
		.folder_fd = -1,
		.fd = -1};

	*result = (struct mover_result){.outcome = IPC_MOVE_FAILED};
	mover_restore_run(&restore, id);
	staging_close(&restore.job.staging);
	cleanup_close(&restore.folder_fd);
	cleanup_close(&restore.fd);
	vault_item_deinit(&restore.item);
}
