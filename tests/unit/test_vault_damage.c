/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault: whatever is done to an item's file, it is noticed: by the check, and
 * by who wants the content back. Nothing of a bad item stays in his file.
 */
#include "unit.h"
#include "vaultworld.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 65536, TAG = 16, HEADER = 96 };

struct damage {
	struct vaultworld world;
	char id[VAULT_ID_LENGTH + 1];
	char name[64]; /* of its file */
	char *raw;
	size_t n;
	size_t n_metadata;
	struct errmsg msg; /* of the last check */
};

static void damage_begin(struct damage *damage, size_t n_content)
{
	uint8_t *bytes = vaultworld_bytes(n_content);

	vaultworld_init(&damage->world);
	vaultworld_put(&damage->world, "/a", bytes, n_content, damage->id);
	damage->raw = scratch_read(
		&damage->world.scratch, vaultworld_file(damage->id, damage->name), &damage->n);
	damage->n_metadata = (size_t)((uint8_t)damage->raw[16] + 256 * (uint8_t)damage->raw[17]);
	free(bytes);
}

static void damage_end(struct damage *damage)
{
	free(damage->raw);
	vaultworld_deinit(&damage->world);
}

static void damage_write(struct damage *damage, const char *raw, size_t n)
{
	scratch_write(&damage->world.scratch, damage->name, raw, n);
}

/* Neither check nor get take it; @return what they say. */
static int expect_noticed(struct damage *damage, const char *what, size_t at)
{
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item;
	char *bytes = NULL;
	size_t n = 1;
	int r = vault_check(damage->world.vault, damage->id, &item, &msg);

	if (r != -EBADMSG && r != -EKEYREJECTED)
		fail_msg("%s at %zu: %d %s", what, at, r, msg.text);
	damage->msg = msg;
	assert_null(item.path);
	assert_int_equal(vaultworld_get(&damage->world, damage->id, &bytes, &n, &msg), r);
	assert_int_equal(n, 0);
	assert_true(msg.text[0] != '\0');
	free(bytes);
	return r;
}

static void expect_whole(struct damage *damage)
{
	struct errmsg msg = ERRMSG_NULL;

	damage_write(damage, damage->raw, damage->n);
	if (vault_check(damage->world.vault, damage->id, NULL, &msg) != 0)
		fail_msg("%s", msg.text);
}

/* Every bit of every byte's place: one bit each, a different one from place to place. */
static void flipped(void **state)
{
	struct damage damage;

	(void)state;
	damage_begin(&damage, 300);
	for (size_t i = 0; i < damage.n; i++) {
		char bit = (char)(1 << i % 8);

		damage.raw[i] ^= bit;
		damage_write(&damage, damage.raw, damage.n);
		(void)expect_noticed(&damage, "flipped", i);
		damage.raw[i] ^= bit;
	}
	expect_whole(&damage);
	damage_end(&damage);
}

/* Every length but the right one, longer ones too. */
static void truncated(void **state)
{
	struct damage damage;
	char *longer;

	(void)state;
	damage_begin(&damage, 300);
	for (size_t n = 0; n < damage.n; n++) {
		damage_write(&damage, damage.raw, n);
		assert_int_equal(expect_noticed(&damage, "truncated", n), -EBADMSG);
	}
	longer = calloc(1, damage.n + CHUNK);
	memcpy(longer, damage.raw, damage.n);
	damage_write(&damage, longer, damage.n + 1);
	(void)expect_noticed(&damage, "longer", 1);
	damage_write(&damage, longer, damage.n + CHUNK);
	(void)expect_noticed(&damage, "longer", CHUNK);
	free(longer);
	expect_whole(&damage);
	damage_end(&damage);
}

/* Write a number where the header has one, so that lengths fit what is left. */
static void set_content_size(struct damage *damage, uint64_t size)
{
	for (size_t i = 0; i < 8; i++)
		damage->raw[24 + i] = (char)(size >> (8 * i));
}

/* By the chunk itself, not only by the hash of all in the end. */
static void expect_chunk_noticed(struct damage *damage, const char *what, size_t n)
{
	damage_write(damage, damage->raw, n);
	assert_int_equal(expect_noticed(damage, what, 0), -EBADMSG);
	assert_string_equal(damage->msg.text, "quarantined item: damaged: not what was written");
}

/* Whole chunks exchanged, doubled, taken from the end with the header put right. */
static void chunks_moved(void **state)
{
	const size_t sealed = CHUNK + TAG;
	struct damage damage;
	char *chunks;
	char *old;

	(void)state;
	damage_begin(&damage, (size_t)3 * CHUNK);
	assert_int_equal(damage.n, HEADER + damage.n_metadata + TAG + 3 * sealed);
	chunks = damage.raw + HEADER + damage.n_metadata + TAG;
	old = malloc(damage.n);
	memcpy(old, damage.raw, damage.n);

	memcpy(chunks, old + (chunks - damage.raw) + sealed, sealed);
	memcpy(chunks + sealed, old + (chunks - damage.raw), sealed);
	expect_chunk_noticed(&damage, "exchanged", damage.n);
	memcpy(damage.raw, old, damage.n);
	memcpy(chunks + sealed, chunks, sealed);
	expect_chunk_noticed(&damage, "doubled", damage.n);
	memcpy(damage.raw, old, damage.n);
	set_content_size(&damage, (uint64_t)2 * CHUNK);
	expect_chunk_noticed(&damage, "cut", damage.n - sealed);
	memcpy(damage.raw, old, damage.n);
	expect_whole(&damage);
	free(old);
	damage_end(&damage);
}

/* Header lengths that would ask for more memory or time than there is file. */
static void hostile_lengths(void **state)
{
	struct damage damage;

	(void)state;
	damage_begin(&damage, 10);
	set_content_size(&damage, UINT64_MAX);
	damage_write(&damage, damage.raw, damage.n);
	assert_int_equal(expect_noticed(&damage, "size", 0), -EBADMSG);
	set_content_size(&damage, INT64_MAX / 2);
	damage_write(&damage, damage.raw, damage.n);
	assert_int_equal(expect_noticed(&damage, "size", 1), -EBADMSG);
	set_content_size(&damage, 10);
	memset(damage.raw + 16, 0xff, 4);
	damage_write(&damage, damage.raw, damage.n);
	assert_int_equal(expect_noticed(&damage, "metadata", 0), -EBADMSG);
	memset(damage.raw + 16, 0, 4);
	damage_write(&damage, damage.raw, damage.n);
	assert_int_equal(expect_noticed(&damage, "metadata", 1), -EBADMSG);
	damage_end(&damage);
}

/* Under another id's name: the id is in what is authenticated. */
static void renamed(void **state)
{
	struct damage damage;
	struct errmsg msg = ERRMSG_NULL;
	char other[VAULT_ID_LENGTH + 1];
	char name[64];

	(void)state;
	damage_begin(&damage, 10);
	vault_make_id(other);
	scratch_write(&damage.world.scratch, vaultworld_file(other, name), damage.raw, damage.n);
	assert_int_equal(vault_check(damage.world.vault, other, NULL, &msg), -EBADMSG);
	assert_string_equal(msg.text, "quarantined item: damaged: it is another item");
	/* The id in the header put right as well. */
	for (size_t i = 0; i < VAULT_ID_LENGTH / 2; i++) {
		unsigned byte;

		assert_int_equal(sscanf(other + 2 * i, "%2x", &byte), 1);
		damage.raw[48 + i] = (char)byte;
	}
	scratch_write(&damage.world.scratch, name, damage.raw, damage.n);
	assert_int_equal(vault_check(damage.world.vault, other, NULL, &msg), -EBADMSG);
	assert_string_equal(msg.text, "quarantined item: damaged: not what was written");
	damage_end(&damage);
}

/* The item of another vault, and the right item after the key was exchanged. */
static void wrong_key(void **state)
{
	struct damage damage;
	struct vaultworld other;
	struct errmsg msg = ERRMSG_NULL;
	unsigned n_damaged = 0;
	char *key;

	(void)state;
	damage_begin(&damage, 10);
	vaultworld_init(&other);
	scratch_write(&other.scratch, damage.name, damage.raw, damage.n);
	assert_int_equal(vault_check(other.vault, damage.id, NULL, &msg), -EKEYREJECTED);
	assert_string_equal(msg.text, "quarantined item: written with another key");
	assert_int_equal(vaultworld_count(&other, &n_damaged), 1);
	assert_int_equal(n_damaged, 1);
	/* The header told to be of this key: it is authenticated with the right one. */
	{
		char id[VAULT_ID_LENGTH + 1];
		char name[64];
		char *mine;

		vaultworld_put(&other, "/a", "x", 1, id);
		mine = scratch_read(&other.scratch, vaultworld_file(id, name), NULL);
		memcpy(damage.raw + 32, mine + 32, 16);
		free(mine);
		scratch_write(&other.scratch, damage.name, damage.raw, damage.n);
		assert_int_equal(vault_check(other.vault, damage.id, NULL, &msg), -EBADMSG);
	}
	key = scratch_read(&other.scratch, "quarantine/key", NULL);
	assert_int_equal(strlen(key), 65);
	scratch_write(&damage.world.scratch, "quarantine/key", key, 65);
	vaultworld_reopen(&damage.world);
	assert_int_equal(vault_check(damage.world.vault, damage.id, NULL, &msg), -EKEYREJECTED);
	free(key);
	vaultworld_deinit(&other);
	damage_end(&damage);
}

/* Something else in an item's place is damage, is not followed and not waited for. */
static void not_a_file(void **state)
{
	struct damage damage;
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];
	char target[SCRATCH_PATH_SIZE];
	unsigned n_damaged = 0;

	(void)state;
	damage_begin(&damage, 10);
	(void)scratch_path(&damage.world.scratch, damage.name, path);
	(void)scratch_path(&damage.world.scratch, "target", target);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(vault_check(damage.world.vault, damage.id, NULL, &msg), -EBADMSG);
	assert_string_equal(msg.text, "quarantined item: damaged: a link");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(vault_check(damage.world.vault, damage.id, NULL, &msg), -EBADMSG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(vault_look(damage.world.vault, damage.id, NULL, &msg), -EBADMSG);
	assert_int_equal(vaultworld_count(&damage.world, &n_damaged), 1);
	assert_int_equal(n_damaged, 1);
	assert_int_equal(vault_delete(damage.world.vault, damage.id, &msg), -EISDIR);
	damage_end(&damage);
}

/* Damaged content is not seen by a look, is by a check, and can be deleted. */
static void look_and_delete(void **state)
{
	struct damage damage;
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item;
	unsigned n_damaged = 1;

	(void)state;
	damage_begin(&damage, 10);
	damage.raw[damage.n - 1] ^= 1;
	damage_write(&damage, damage.raw, damage.n);
	assert_int_equal(vault_look(damage.world.vault, damage.id, &item, &msg), 0);
	assert_string_equal((const char *)item.path, "/a");
	vault_item_deinit(&item);
	assert_int_equal(vaultworld_count(&damage.world, &n_damaged), 1);
	assert_int_equal(n_damaged, 0);
	assert_int_equal(expect_noticed(&damage, "tag", damage.n - 1), -EBADMSG);
	assert_int_equal(vault_delete(damage.world.vault, damage.id, &msg), 0);
	assert_int_equal(vaultworld_count(&damage.world, NULL), 0);
	damage_end(&damage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flipped),
		cmocka_unit_test(truncated),
		cmocka_unit_test(chunks_moved),
		cmocka_unit_test(hostile_lengths),
		cmocka_unit_test(renamed),
		cmocka_unit_test(wrong_key),
		cmocka_unit_test(not_a_file),
		cmocka_unit_test(look_and_delete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
