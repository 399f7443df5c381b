/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disk is a tmpfs so that the staging folder is at its top and not at the top
 * of the machine's, and so that it can be filled.
 */
#include "moverworld.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void moverworld_open(struct moverworld *world)
{
	struct errmsg msg = ERRMSG_NULL;

	if (mover_open(world->state_fd, &world->mover, &msg) != 0)
		fail_msg("%s", msg.text);
}

int moverworld_setup(void **state)
{
	struct moverworld *world = calloc(1, sizeof(*world));
	char path[SCRATCH_PATH_SIZE];

	assert_non_null(world);
	if (!scratch_init_small(&world->disk, MOVERWORLD_KIB)) {
		free(world);
		print_message("no tmpfs can be mounted here\n");
		exit(UNIT_SKIPPED);
	}
	scratch_init(&world->state);
	scratch_mkdir(&world->disk, "home");
	assert_int_equal(chmod(world->disk.path, 0755), 0);
	assert_int_equal(chmod(scratch_path(&world->disk, "home", path), 0755), 0);
	world->state_fd = open(world->state.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	world->home_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(world->state_fd >= 0 && world->home_fd >= 0);
	moverworld_open(world);
	*state = world;
	return 0;
}

int moverworld_teardown(void **state)
{
	struct moverworld *world = *state;
	size_t n_staging = moverworld_n_staging(world);

	mover_close(world->mover);
	(void)close(world->home_fd);
	(void)close(world->state_fd);
	scratch_deinit(&world->disk);
	scratch_deinit(&world->state);
	free(world);
	assert_int_equal(n_staging, 0);
	return 0;
}

size_t moverworld_reopen(struct moverworld *world)
{
	mover_close(world->mover);
	moverworld_open(world);
	return mover_recover(world->mover, NULL, NULL);
}

const char *moverworld_path(
	const struct moverworld *world, const char *name, char buf[SCRATCH_PATH_SIZE])
{
	int n = snprintf(buf, SCRATCH_PATH_SIZE, "%s/home/%s", world->disk.path, name);

	assert_true(n > 0 && n < SCRATCH_PATH_SIZE);
	return buf;
}

void moverworld_make(const struct moverworld *world, const char *name, const char *text)
{
	int fd = openat(world->home_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

char *moverworld_read(const struct moverworld *world, const char *name)
{
	int fd = openat(world->home_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char *text = calloc(1, 65536);
	ssize_t n = fd < 0 ? -1 : read(fd, text, 65535);

	if (fd >= 0)
		(void)close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	return text;
}

void moverworld_expect(const struct moverworld *world, const char *name, const char *text)
{
	char *got = moverworld_read(world, name);

	if (!got)
		fail_msg("%s is not there", name);
	assert_string_equal(got, text);
	free(got);
}

void moverworld_expect_none(const struct moverworld *world, const char *name)
{
	struct stat status;

	assert_int_equal(fstatat(world->home_fd, name, &status, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(errno, ENOENT);
}

struct identity moverworld_scan(const struct moverworld *world, const char *name)
{
	int fd = openat(world->home_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct identity identity;
	struct stat status;
	char sha1[41];

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	identity_from_stat(&status, &identity);
	assert_int_equal(identity_hash(fd, identity.size, identity.sha256, sha1), 0);
	(void)close(fd);
	return identity;
}

enum ipc_move_outcome moverworld_move(struct moverworld *world, const char *name,
	const struct identity *identity, enum ipc_move_action action)
{
	char path[SCRATCH_PATH_SIZE];
	const struct mover_name names[] = {
		{.folder_fd = -1, .path = span_str(moverworld_path(world, name, path))}};
	const struct mover_request request = {.action = action,
		.names = names,
		.n_names = 1,
		.identity = *identity,
		.threat_name = span_str("Test.Threat"),
		.detection_id = span_str("detection-1"),
		.reason = span_str("a test")};

	mover_move(world->mover, &request, &world->result);
	return world->result.outcome;
}

void moverworld_quarantine(struct moverworld *world, const char *name)
{
	struct identity identity = moverworld_scan(world, name);

	(void)moverworld_move(world, name, &identity, IPC_MOVE_QUARANTINE);
	moverworld_expect_outcome(world, IPC_MOVE_QUARANTINED, "");
	moverworld_expect_none(world, name);
	assert_int_equal(strlen(world->result.id), IPC_MOVE_ID_LENGTH);
}

enum ipc_move_outcome moverworld_restore(struct moverworld *world, const char *id)
{
	char copy[IPC_MOVE_ID_LENGTH + 1];

	(void)snprintf(copy, sizeof(copy), "%s", id); /* it may be the result's own */
	mover_restore(world->mover, copy, &world->result);
	return world->result.outcome;
}

static size_t moverworld_count(const char *folder, const char *part)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		n += strstr(entry->d_name, part) != NULL;
	(void)closedir(dir);
	return n;
}

size_t moverworld_n_items(const struct moverworld *world)
{
	char path[SCRATCH_PATH_SIZE];

	return moverworld_count(scratch_path(&world->state, "quarantine", path), ".qsv");
}

int moverworld_only_item(const struct moverworld *world, char *id)
{
	char path[SCRATCH_PATH_SIZE];
	DIR *dir = opendir(scratch_path(&world->state, "quarantine", path));
	const struct dirent *entry;
	int r = -ENOENT;

	while (dir && (entry = readdir(dir)) != NULL)
		if (strstr(entry->d_name, ".qsv")) {
			assert_int_equal(r, -ENOENT);
			memcpy(id, entry->d_name, IPC_MOVE_ID_LENGTH);
			id[IPC_MOVE_ID_LENGTH] = '\0';
			r = 0;
		}
	if (dir)
		(void)closedir(dir);
	return r;
}

size_t moverworld_n_staging(const struct moverworld *world)
{
	return moverworld_count(world->disk.path, "quietscan-staging");
}

void moverworld_expect_outcome(
	const struct moverworld *world, enum ipc_move_outcome outcome, const char *words)
{
	if (world->result.outcome != outcome || !strstr(world->result.text.text, words))
		fail_msg("outcome %d, error %d, \"%s\"; expected %d, \"%s\"",
			(int)world->result.outcome, world->result.error, world->result.text.text,
			(int)outcome, words);
}
