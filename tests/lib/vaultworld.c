/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Through the public functions only, but for the names in the directory. */
#include "vaultworld.h"

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void vaultworld_open(struct vaultworld *world)
{
	struct errmsg msg = ERRMSG_NULL;

	if (vault_open(world->state_fd, &world->vault, &msg) != 0)
		fail_msg("%s", msg.text);
}

static void vaultworld_begin(struct vaultworld *world)
{
	world->state_fd = open(world->scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(world->state_fd >= 0);
	vaultworld_open(world);
}

void vaultworld_init(struct vaultworld *world)
{
	scratch_init(&world->scratch);
	vaultworld_begin(world);
}

bool vaultworld_init_small(struct vaultworld *world, unsigned n_kib)
{
	if (!scratch_init_small(&world->scratch, n_kib))
		return false;
	vaultworld_begin(world);
	return true;
}

void vaultworld_deinit(struct vaultworld *world)
{
	vault_close(world->vault);
	(void)close(world->state_fd);
	scratch_deinit(&world->scratch);
}

int vaultworld_setup(void **state)
{
	struct vaultworld *world = malloc(sizeof(*world));

	assert_non_null(world);
	vaultworld_init(world);
	*state = world;
	return 0;
}

int vaultworld_teardown(void **state)
{
	vaultworld_deinit(*state);
	free(*state);
	return 0;
}

void vaultworld_reopen(struct vaultworld *world)
{
	vault_close(world->vault);
	vaultworld_open(world);
}

uint8_t *vaultworld_bytes(size_t n)
{
	uint8_t *bytes = malloc(n + 1);
	uint32_t x = 2463534242;

	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		bytes[i] = (uint8_t)x;
	}
	return bytes;
}

int vaultworld_source(const struct vaultworld *world, const void *bytes, size_t n)
{
	char path[SCRATCH_PATH_SIZE];
	int fd;

	scratch_write(&world->scratch, "source", bytes, n);
	fd = open(scratch_path(&world->scratch, "source", path), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

void vaultworld_item(const char *path, struct vault_item *item)
{
	static const struct {
		const char *name;
		const char *value;
		size_t size;
	} xattrs[] = {{"user.any", "\0\xff\n\"\\\x01", 6}, {"user.empty", "", 0},
		{"system.posix_acl_access", "\x02\0\0\0\x01\0\x06\0", 8}, {"user.\xff\n", "x", 1}};

	*item = (struct vault_item){.path = (uint8_t *)strdup(path),
		.path_size = strlen(path),
		.dev = UINT64_MAX,
		.inode = UINT64_C(0x8000000000000001),
		.mode = 0104755,
		.uid = UINT32_MAX - 1,
		.gid = 1000,
		.n_links = 3,
		.atime = {.tv_sec = -1, .tv_nsec = 999999999},
		.mtime = {.tv_sec = INT64_C(0x7fffffffffffffff), .tv_nsec = 1},
		.xattrs = calloc(4, sizeof(struct vault_xattr)),
		.n_xattrs = 4,
		.threat_name = strdup("Eicar-\xc3\xa4"),
		.detection_id = strdup("41"),
		.quarantined_ms = INT64_C(1700000000000)};
	for (size_t i = 0; i < item->n_xattrs; i++) {
		item->xattrs[i].name = strdup(xattrs[i].name);
		item->xattrs[i].value = malloc(xattrs[i].size + 1);
		item->xattrs[i].size = xattrs[i].size;
		memcpy(item->xattrs[i].value, xattrs[i].value, xattrs[i].size);
	}
}

void vaultworld_put(struct vaultworld *world, const char *path, const void *bytes, size_t n,
	char id[VAULT_ID_LENGTH + 1])
{
	int fd = vaultworld_source(world, bytes, n);
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item;

	vaultworld_item(path, &item);
	if (vault_put(world->vault, fd, &item, &msg) != 0)
		fail_msg("%s", msg.text);
	memcpy(id, item.id, sizeof(item.id));
	vault_item_deinit(&item);
	(void)close(fd);
}

int vaultworld_get(
	struct vaultworld *world, const char *id, char **bytesp, size_t *np, struct errmsg *msg)
{
	char path[SCRATCH_PATH_SIZE];
	int fd = open(scratch_path(&world->scratch, "restored", path),
		O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int r;

	assert_true(fd >= 0);
	r = vault_get(world->vault, id, fd, NULL, msg);
	(void)close(fd);
	*bytesp = scratch_read(&world->scratch, "restored", np);
	return r;
}

struct vaultworld_counts {
	unsigned n;
	unsigned n_damaged;
};

static int vaultworld_count_one(const struct vault_item *item, void *arg)
{
	struct vaultworld_counts *counts = arg;

	assert_true(vault_item_is_id(item->id));
	assert_true(item->is_damaged == (item->path == NULL));
	counts->n++;
	counts->n_damaged += item->is_damaged;
	return 0;
}

unsigned vaultworld_count(struct vaultworld *world, unsigned *n_damagedp)
{
	struct vaultworld_counts counts = {0};
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(vault_list(world->vault, vaultworld_count_one, &counts, &msg), 0);
	if (n_damagedp)
		*n_damagedp = counts.n_damaged;
	return counts.n;
}

unsigned vaultworld_names(const struct vaultworld *world)
{
	char path[SCRATCH_PATH_SIZE];
	DIR *dir = opendir(scratch_path(&world->scratch, "quarantine", path));
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	(void)closedir(dir);
	return n - 2;
}

const char *vaultworld_file(const char *id, char name[64])
{
	(void)snprintf(name, 64, "quarantine/%s.qsv", id);
	return name;
}

static void vaultworld_expect_text(const char *given, const char *stored)
{
	if (given)
		assert_string_equal(given, stored);
	else
		assert_null(stored);
}

void vaultworld_expect_equal(const struct vault_item *given, const struct vault_item *stored)
{
	assert_int_equal(given->path_size, stored->path_size);
	assert_memory_equal(given->path, stored->path, given->path_size);
	assert_true(given->dev == stored->dev && given->inode == stored->inode);
	assert_int_equal(given->mode, stored->mode);
	assert_int_equal(given->uid, stored->uid);
	assert_int_equal(given->gid, stored->gid);
	assert_true(given->n_links == stored->n_links);
	assert_true(given->atime.tv_sec == stored->atime.tv_sec &&
		    given->atime.tv_nsec == stored->atime.tv_nsec);
	assert_true(given->mtime.tv_sec == stored->mtime.tv_sec &&
		    given->mtime.tv_nsec == stored->mtime.tv_nsec);
	assert_int_equal(given->n_xattrs, stored->n_xattrs);
	for (size_t i = 0; i < given->n_xattrs; i++) {
		assert_string_equal(given->xattrs[i].name, stored->xattrs[i].name);
		assert_int_equal(given->xattrs[i].size, stored->xattrs[i].size);
		assert_memory_equal(
			given->xattrs[i].value, stored->xattrs[i].value, given->xattrs[i].size);
	}
	vaultworld_expect_text(given->threat_name, stored->threat_name);
	vaultworld_expect_text(given->detection_id, stored->detection_id);
	vaultworld_expect_text(given->reason, stored->reason);
	assert_true(given->quarantined_ms == stored->quarantined_ms);
	assert_false(stored->is_damaged);
}
