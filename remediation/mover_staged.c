/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A staged file is out of everybody's reach, so what is found out about it here
 * stays true: nobody can exchange it any more. What still can happen is that a
 * process which has it open writes to it; that is what the looks before and after
 * are for.
 */
#include "attributes.h"
#include "cleanup.h"
#include "mover_private.h"
#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	MOVER_STAGED_BESIDE_TRIES = 64,
	MOVER_STAGED_READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
};

int mover_rename(int from_fd, const char *from, int to_fd, const char *to)
{
	if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* A file system that does not know NOREPLACE: a link never replaces either. */
	if (linkat(from_fd, from, to_fd, to, 0) < 0)
		return -errno;
	return unlinkat(from_fd, from, 0) < 0 ? -errno : 0;
}

/*
 * The look by O_PATH comes first: a device or FIFO that was swapped in is never
 * opened. Between it and the open nobody but us can reach the name.
 */
int mover_staged_open(struct mover_job *job, int *fdp, struct stat *status)
{
	_cleanup_(cleanup_close) int fd = -1;
	int r;

	if (fstatat(job->staging.fd, STAGING_FILE, status, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	r = identity_compare(&job->identity, status, 1);
	if (r != 0)
		return r;
	/* The time of the last access is the owner's, and kept. */
	fd = openat(job->staging.fd, STAGING_FILE, MOVER_STAGED_READ | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = openat(job->staging.fd, STAGING_FILE, MOVER_STAGED_READ);
	if (fd < 0)
		return err_origin(-errno);
	r = identity_check(&job->identity, fd, status);
	if (r == 0)
		*fdp = take_fd(&fd);
	return r;
}

/* The vault keeps UTF-8; what is not is no reason to keep the file where it is. */
static int mover_staged_text(struct span text, char **copyp)
{
	if (text.n == 0)
		return 0;
	*copyp = strndup(text.data, text.n);
	if (!*copyp)
		return err_origin(-ENOMEM);
	if (!utf8_is_valid(text))
		for (char *c = *copyp; *c; c++)
			if ((unsigned char)*c >= 0x80)
				*c = '?';
	return 0;
}

static int mover_staged_describe(
	struct mover_job *job, int fd, const struct stat *status, struct vault_item *item)
{
	const struct journal_record *record = &job->record;
	size_t n_left = 0;
	int r;

	memcpy(item->id, job->id, sizeof(item->id));
	item->quarantined_ms = record->begun_ms;
	item->path = malloc(record->path.n);
	if (!item->path)
		return err_origin(-ENOMEM);
	memcpy(item->path, record->path.data, record->path.n);
	item->path_size = record->path.n;
	r = mover_staged_text(record->threat_name, &item->threat_name);
	if (r == 0)
		r = mover_staged_text(record->detection_id, &item->detection_id);
	if (r == 0)
		r = mover_staged_text(record->reason, &item->reason);
	if (r == 0)
		r = attributes_take(fd, status, item, &n_left);
	job->result->n_attributes_left = n_left;
	return r;
}

/* It went in; is it what was to go in, and is that still all of it? */
static int mover_staged_confirm(
	struct mover_job *job, int fd, const struct stat *before, const struct vault_item *item)
{
	struct stat after;

	if (fstat(fd, &after) < 0)
		return err_origin(-errno); /* UNTESTED: of an open file */
	if (!identity_is_unchanged(before, &after))
		return IDENTITY_E_CHANGED;
	if (job->identity.sha256[0] != '\0' && strcmp(job->identity.sha256, item->sha256) != 0)
		return IDENTITY_E_CHANGED;
	return 0;
}

int mover_staged_note(struct mover_job *job, enum journal_step step)
{
	struct journal_record record = {.step = (uint8_t)step};

	memcpy(record.id, job->id, sizeof(record.id));
	return journal_append(job->mover->journal, &record, &job->result->text);
}

int mover_staged_keep(struct mover_job *job, int fd, const struct stat *status, const char *reason)
{
	struct vault_item item = VAULT_ITEM_NULL;
	int r = mover_staged_describe(job, fd, status, &item);

	if (r == 0 && reason) {
		free(item.reason);
		item.reason = strdup(reason);
	}
	if (r < 0)
		errmsg_set(&job->result->text, "describe it: %s", err_text(r));
	else
		r = vault_put(job->mover->vault, fd, &item, &job->result->text);
	if (r == 0) {
		r = mover_staged_confirm(job, fd, status, &item);
		if (r == 0)
			r = mover_staged_note(job, JOURNAL_KEPT);
		/* When that fails recovery finds both, and removes the item first. */
		if (r != 0)
			(void)vault_delete(job->mover->vault, job->id, NULL);
	}
	vault_item_deinit(&item);
	return r;
}

int mover_staged_unlink(struct mover_job *job)
{
	if (unlinkat(job->staging.fd, STAGING_FILE, 0) < 0)
		return err_origin(-errno);
	/* "Over" is not to be on disk before the name is off it. */
	return fsync(job->staging.fd) < 0 ? err_origin(-errno) : 0;
}

/* Not to be guessed, or whoever took the name would take this one as well. */
static void mover_staged_beside(struct span name, char beside[FOLDER_NAME_MAX + 1])
{
	char id[VAULT_ID_LENGTH + 1];
	char suffix[32];
	int n_suffix;
	int n;

	vault_make_id(id);
	n_suffix = snprintf(suffix, sizeof(suffix), ".quietscan-%.12s", id);
	n = (int)name.n + n_suffix <= FOLDER_NAME_MAX ? (int)name.n : FOLDER_NAME_MAX - n_suffix;
	(void)snprintf(beside, FOLDER_NAME_MAX + 1, "%.*s%s", n, (const char *)name.data, suffix);
}

int mover_staged_return(
	struct mover_job *job, int folder_fd, struct span name, char beside[FOLDER_NAME_MAX + 1])
{
	char text[FOLDER_NAME_MAX + 1];
	int r;

	(void)snprintf(text, sizeof(text), "%.*s", (int)name.n, (const char *)name.data);
	beside[0] = '\0';
	r = mover_rename(job->staging.fd, STAGING_FILE, folder_fd, text);
	for (unsigned i = 0; r == -EEXIST && i < MOVER_STAGED_BESIDE_TRIES; i++) {
		mover_staged_beside(name, beside);
		r = mover_rename(job->staging.fd, STAGING_FILE, folder_fd, beside);
	}
	return r;
}

int mover_staged_rescue(struct mover_job *job)
{
	struct stat status;
	_cleanup_(cleanup_close) int fd = -1;
	int r;

	if (fstatat(job->staging.fd, STAGING_FILE, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return err_origin(-errno);
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	fd = openat(job->staging.fd, STAGING_FILE, MOVER_STAGED_READ);
	if (fd < 0)
		return err_origin(-errno);
	identity_from_stat(&status, &job->identity);
	r = mover_staged_keep(job, fd, &status, "not what was scanned; it could not be put back");
	return r > 0 ? -ESTALE : r == 0 ? mover_staged_unlink(job) : r;
}

int mover_end(struct mover_job *job, enum journal_end end)
{
	struct journal_record record = {.step = JOURNAL_END, .end = (uint8_t)end};
	struct errmsg msg = ERRMSG_NULL;
	/* First, so that none is left which no record tells of. */
	int r = staging_remove(&job->staging);

	if (r < 0 && r != -ENOENT)
		return err_origin(r);
	memcpy(record.id, job->id, sizeof(record.id));
	return journal_append(job->mover->journal, &record, &msg);
}
