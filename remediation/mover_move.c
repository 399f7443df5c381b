/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file goes away. For each of its names:
 *
 *   look        without opening: gone, a directory, another file, chattr +i?
 *   BEGIN       the journal knows what is going to be done
 *   make        the staging folder
 *   rename      the name into it, whatever it leads to by now
 *   look again  at what was taken, which nobody can exchange any more
 *     another one  → back by its name, or beside it
 *     ours         → into the vault → KEPT → unlink → END
 *
 * The first look is a courtesy: it keeps us from moving what is plainly not ours.
 * That nothing else is ever removed rests on the second.
 */
#include "cleanup.h"
#include "clock.h"
#include "mover_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** One name on its way. */
struct mover_move {
	struct mover_job job;
	const struct mover_request *request;
	struct span asked;              /**< Its folder's path; borrowed. */
	struct span name;               /**< In its folder; borrowed. */
	char text[FOLDER_NAME_MAX + 1]; /**< The same, NUL-terminated. */
	int folder_fd;                  /**< Owned. */
	char folder[FOLDER_PATH_SIZE];  /**< Where it is. */
};

static int mover_move_open_folder(struct mover_move *move, const struct mover_name *name)
{
	struct mover_result *result = move->job.result;
	/* One as long as IPC_PATH_MAX may have been cut: it names another file, or none. */
	int r = name->path.n < IPC_PATH_MAX ? folder_split(name->path, &move->asked, &move->name)
					    : -ENAMETOOLONG;

	if (r < 0) {
		mover_tell(result, IPC_MOVE_FAILED, r, "path");
		return r;
	}
	memcpy(move->text, move->name.data, move->name.n);
	move->text[move->name.n] = '\0';
	if (name->folder_fd >= 0) {
		move->folder_fd = openat(name->folder_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = move->folder_fd < 0 ? -errno : 0;
	} else {
		r = folder_open(move->asked, &move->folder_fd);
	}
	if (r == -ENOENT || r == -ENOTDIR)
		mover_tell(result, IPC_MOVE_VANISHED, r, "its folder");
	else if (r == -ELOOP)
		mover_tell(result, IPC_MOVE_CHANGED, r, "its folder: a link is on the way to it");
	else if (r < 0)
		mover_tell(result, mover_outcome(r), r, "its folder");
	return r;
}

static bool mover_move_is_fixed(int fd, const char *name, int flags)
{
	struct statx status;

	return statx(fd, name, flags | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE,
		       &status) == 0 &&
	       (status.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
}

/* 0 when it looks like what was scanned. */
static int mover_move_look(struct mover_move *move)
{
	struct mover_result *result = move->job.result;
	struct stat status;
	int r;

	if (fstatat(move->folder_fd, move->text, &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) <
		0) {
		r = -errno;
		mover_tell(result, r == -ENOENT ? IPC_MOVE_VANISHED : mover_outcome(r), r, "look");
		return r;
	}
	r = identity_compare(&move->job.identity, &status, 0);
	if (r != 0) {
		mover_tell(result, mover_outcome(r), r,
			r == IDENTITY_E_KIND ? "no regular file" : "not what was scanned");
		return r;
	}
	if (mover_move_is_fixed(move->folder_fd, move->text, 0) ||
		mover_move_is_fixed(move->folder_fd, "", AT_EMPTY_PATH)) {
		mover_tell(result, IPC_MOVE_IMMUTABLE, 0,
			"it or its folder is immutable or append-only (lsattr, chattr -i -a)");
		return -EPERM;
	}
	return 0;
}

/* The staging folder is planned and the journal knows all of it. */
static int mover_move_begin(struct mover_move *move, enum journal_action action, struct span path)
{
	struct journal_record *record = &move->job.record;
	const struct mover_request *request = move->request;
	struct stat status;
	int r = fstat(move->folder_fd, &status) < 0 ? -errno : 0;

	if (r == 0)
		r = folder_where(move->folder_fd, move->asked, move->folder);
	if (r == 0)
		r = staging_plan(&move->job.staging, move->folder_fd, move->asked, move->job.id);
	if (r < 0) {
		mover_tell(move->job.result, mover_outcome(r), r, "staging folder");
		return r;
	}
	*record = (struct journal_record){.step = JOURNAL_BEGIN,
		.action = (uint8_t)action,
		.dev = move->job.identity.dev,
		.inode = move->job.identity.inode,
		.size = move->job.identity.size,
		.mtime_ns = move->job.identity.mtime_ns,
		.ctime_ns = move->job.identity.ctime_ns,
		.sha256 = span_str(move->job.identity.sha256),
		.path = path,
		.folder = span_str(move->folder),
		.folder_dev = status.st_dev,
		.folder_inode = status.st_ino,
		.staging = span_str(move->job.staging.top),
		.threat_name = request->threat_name,
		.detection_id = request->detection_id,
		.reason = request->reason,
		.begun_ms = clock_unix_ms()};
	memcpy(record->id, move->job.id, sizeof(record->id));
	r = journal_append(move->job.mover->journal, record, &move->job.result->text);
	if (r < 0)
		mover_tell(move->job.result, mover_outcome(r), r, NULL);
	return r;
}

static int mover_move_take(struct mover_move *move)
{
	int r = staging_make(&move->job.staging);

	if (r < 0) {
		mover_tell(move->job.result, mover_outcome(r), r, "make the staging folder");
		return r;
	}
	r = renameat2(move->folder_fd, move->text, move->job.staging.fd, STAGING_FILE,
		    RENAME_NOREPLACE) < 0
		    ? -errno
		    : 0;
	/* Nothing is there to be replaced: it is our folder. */
	if (r == -EINVAL || r == -ENOSYS)
		r = renameat(move->folder_fd, move->text, move->job.staging.fd, STAGING_FILE) < 0
			    ? -errno
			    : 0;
	if (r == -ENOENT)
		mover_tell(move->job.result, IPC_MOVE_VANISHED, r, "move");
	else if (r < 0)
		mover_tell(move->job.result, mover_outcome(r), r, "move");
	return r;
}

static void mover_move_strand(struct mover_move *move)
{
	struct mover_result *result = move->job.result;

	(void)snprintf(result->path, sizeof(result->path), "%.*s/%s/%s",
		(int)(sizeof(result->path) - sizeof(move->job.staging.name) - 8),
		move->job.staging.top, move->job.staging.name, STAGING_FILE);
	result->outcome = IPC_MOVE_STRANDED;
}

/* Staged, and not to stay there. What is to be told about it is set already. */
static void mover_move_undo(struct mover_move *move)
{
	struct mover_result *result = move->job.result;
	char beside[FOLDER_NAME_MAX + 1];
	int r = mover_staged_return(&move->job, move->folder_fd, move->name, beside);

	if (r == 0) {
		if (beside[0] != '\0') {
			result->outcome = IPC_MOVE_BESIDE;
			(void)snprintf(result->path, sizeof(result->path), "%.*s/%s",
				(int)(sizeof(result->path) - sizeof(beside) - 1), move->folder,
				beside);
		}
		(void)mover_end(&move->job, beside[0] != '\0' ? JOURNAL_BESIDE : JOURNAL_IN_PLACE);
		return;
	}
	r = mover_staged_rescue(&move->job);
	if (r < 0) {
		mover_move_strand(move);
		return;
	}
	result->outcome = IPC_MOVE_CHANGED_KEPT;
	memcpy(result->id, move->job.id, sizeof(result->id));
	(void)mover_end(&move->job, JOURNAL_OTHER_IN_VAULT);
}

/* Somebody runs it: then it cannot be opened for writing. Nothing is written. */
static bool mover_move_is_executing(const struct mover_move *move)
{
	_cleanup_(cleanup_close) int fd = openat(move->job.staging.fd, STAGING_FILE,
		O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd < 0 && errno == ETXTBSY;
}

static int mover_move_keep(struct mover_move *move, int fd, const struct stat *status)
{
	if (move->job.record.action == JOURNAL_QUARANTINE)
		return mover_staged_keep(&move->job, fd, status, NULL);
	/* To be removed: known to be ours, so that its end is known when it is gone. */
	return mover_staged_note(&move->job, JOURNAL_KEPT);
}

/* It is ours and staged: finish. */
static int mover_move_finish(struct mover_move *move, int fd, const struct stat *status)
{
	struct mover_result *result = move->job.result;
	bool is_kept = move->job.record.action == JOURNAL_QUARANTINE;
	struct stat after;
	int r;

	if (mover_move_is_executing(move))
		result->is_executing = true;
	r = mover_move_keep(move, fd, status);
	if (r != 0) {
		mover_tell(result, mover_outcome(r), r,
			r > 0 || r == -ESTALE ? "it changed while it was taken away" : NULL);
		mover_move_undo(move);
		return r;
	}
	if (is_kept)
		memcpy(result->id, move->job.id, sizeof(result->id));
	r = mover_staged_unlink(&move->job);
	if (r < 0) {
		/* In the vault as well; the next start removes it. */
		mover_tell(result, mover_outcome(r), r, "remove the staged file");
		mover_move_strand(move);
		return r;
	}
	result->n_names++;
	if (fstat(fd, &after) == 0)
		result->n_names_left = after.st_nlink;
	result->outcome = is_kept ? IPC_MOVE_QUARANTINED : IPC_MOVE_REMOVED;
	/* When that fails recovery finds nothing more to do. */
	(void)mover_end(&move->job, is_kept ? JOURNAL_IN_VAULT : JOURNAL_REMOVED);
	return 0;
}

static int mover_move_staged(struct mover_move *move)
{
	_cleanup_(cleanup_close) int fd = -1;
	struct stat status;
	int r = mover_staged_open(&move->job, &fd, &status);

	if (r == 0)
		return mover_move_finish(move, fd, &status);
	mover_tell(move->job.result, mover_outcome(r), r,
		r < 0 ? "look at what was taken" : "not what was scanned");
	mover_move_undo(move);
	return r;
}

static int mover_move_run(
	struct mover_move *move, enum journal_action action, const struct mover_name *name)
{
	int r = mover_move_open_folder(move, name);

	if (r == 0)
		r = mover_move_look(move);
	if (r == 0)
		r = mover_move_begin(move, action, name->path);
	if (r != 0)
		return r;
	r = mover_move_take(move);
	if (r == 0)
		return mover_move_staged(move);
	(void)mover_end(&move->job, JOURNAL_IN_PLACE);
	return r;
}

static int mover_move_name(struct mover *mover, const struct mover_request *request,
	enum journal_action action, const struct mover_name *name, struct mover_result *result)
{
	struct mover_move move = {.job = {.mover = mover,
					  .identity = request->identity,
					  .staging = STAGING_NULL,
					  .result = result},
		.request = request,
		.folder_fd = -1};
	int r;

	vault_make_id(move.job.id);
	r = mover_move_run(&move, action, name);
	staging_close(&move.job.staging);
	cleanup_close(&move.folder_fd);
	return r;
}

void mover_move(
	struct mover *mover, const struct mover_request *request, struct mover_result *result)
{
	enum journal_action action =
		request->action == IPC_MOVE_REMOVE ? JOURNAL_REMOVE : JOURNAL_QUARANTINE;
	struct mover_request others = *request;

	*result = (struct mover_result){.outcome = IPC_MOVE_LEFT};
	if (request->action == IPC_MOVE_NO_ACTION)
		return;
	if (mover_move_name(mover, request, action, &request->names[0], result) != 0)
		return;
	/* Its content is safe, or was to go; of the other names only the names go. */
	others.identity.ctime_ns = 0; /* the first name's end has moved it */
	for (size_t i = 1; i < request->n_names; i++) {
		struct mover_result other = {.n_names_left = result->n_names_left};

		if (mover_move_name(mover, &others, JOURNAL_REMOVE, &request->names[i], &other) !=
			0) {
			errmsg_set(&result->text, "name %zu: %s", i + 1, other.text.text);
			memcpy(result->path, other.path, sizeof(result->path));
		}
		result->n_names += other.n_names;
		result->n_names_left = other.n_names_left;
	}
}
