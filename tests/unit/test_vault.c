/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vault: what is put comes out the same, and what there is can be listed and deleted. */
#include "unit.h"
#include "vaultworld.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 65536 };

/* Content at every border of the chunks; through a vault that was closed meanwhile. */
static void every_size(void **state)
{
	static const size_t sizes[] = {
		0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * 1048576 + 17};
	struct vaultworld *world = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *bytes = vaultworld_bytes(sizes[i]);
		struct errmsg msg = ERRMSG_NULL;
		struct vault_item item;
		char id[VAULT_ID_LENGTH + 1];
		char *back = NULL;
		size_t n = 0;

		vaultworld_put(world, "/tmp/a", bytes, sizes[i], id);
		vaultworld_reopen(world);
		assert_int_equal(vault_check(world->vault, id, &item, &msg), 0);
		assert_true(item.size == sizes[i]);
		vault_item_deinit(&item);
		assert_int_equal(vaultworld_get(world, id, &back, &n, &msg), 0);
		assert_int_equal(n, sizes[i]);
		assert_memory_equal(back, bytes, n);
		free(back);
		free(bytes);
	}
	assert_int_equal(vaultworld_count(world, NULL), sizeof(sizes) / sizeof(sizes[0]));
}

/* The hashes are those of FIPS 180-4's "abc"; the source's offset stays. */
static void hashes(void **state)
{
	struct vaultworld *world = *state;
	int fd = vaultworld_source(world, "abc", 3);
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item;

	vaultworld_item("/abc", &item);
	assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
	assert_int_equal(vault_put(world->vault, fd, &item, &msg), 0);
	assert_string_equal(
		item.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(item.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_true(item.size == 3);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 2);
	vault_item_deinit(&item);
	vault_item_deinit(&item);
	(void)close(fd);
}

/* Everything that is known comes back: any bytes in path, names and values, extreme numbers. */
static void metadata(void **state)
{
	struct vaultworld *world = *state;
	char path[256] = "/";
	int fd = vaultworld_source(world, "x", 1);
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item;
	struct vault_item back;

	for (int i = 1; i < 256; i++)
		path[i] = (char)i;
	vaultworld_item("/", &item);
	free(item.path);
	item.path = malloc(sizeof(path));
	item.path_size = sizeof(path);
	memcpy(item.path, path, sizeof(path));
	assert_int_equal(vault_put(world->vault, fd, &item, &msg), 0);
	assert_int_equal(vault_look(world->vault, item.id, &back, &msg), 0);
	vaultworld_expect_equal(&item, &back);
	assert_string_equal(item.id, back.id);
	assert_string_equal(item.sha256, back.sha256);
	assert_string_equal(item.sha1, back.sha1);
	vault_item_deinit(&item);
	vault_item_deinit(&back);
	(void)close(fd);
}

/* A threat's name that is no text is kept as one; nothing at all is kept as nothing. */
static void texts(void **state)
{
	struct vaultworld *world = *state;
	int fd = vaultworld_source(world, "x", 1);
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item = {.path = (uint8_t *)strdup("/a"), .path_size = 2};
	struct vault_item back;

	item.threat_name = malloc(VAULT_TEXT_MAX + 1);
	memset(item.threat_name, 0xff, VAULT_TEXT_MAX);
	item.threat_name[VAULT_TEXT_MAX] = '\0';
	item.reason = strdup("asked by \xffy");
	assert_int_equal(vault_put(world->vault, fd, &item, &msg), 0);
	assert_int_equal(vault_look(world->vault, item.id, &back, &msg), 0);
	assert_memory_equal(back.threat_name, "\\xff\\xff", 8);
	assert_string_equal(back.reason, "asked by \\xffy");
	assert_null(back.detection_id);
	vault_item_deinit(&item);
	vault_item_deinit(&back);
	(void)close(fd);
}

/* Who writes an id down first gives it; it is never used twice. */
static void given_id(void **state)
{
	struct vaultworld *world = *state;
	int fd = vaultworld_source(world, "x", 1);
	struct errmsg msg = ERRMSG_NULL;
	char id[VAULT_ID_LENGTH + 1];
	struct vault_item item;

	vault_make_id(id);
	vaultworld_item("/a", &item);
	memcpy(item.id, id, sizeof(id));
	assert_int_equal(vault_put(world->vault, fd, &item, &msg), 0);
	assert_string_equal(item.id, id);
	assert_int_equal(item.size, 1);
	item.size = 77;
	item.sha1[0] = '\0';
	assert_int_equal(vault_put(world->vault, fd, &item, &msg), -EEXIST);
	assert_string_equal(msg.text, "put into quarantine: write: File exists");
	assert_int_equal(item.size, 77);
	assert_string_equal(item.sha1, "");
	assert_int_equal(vaultworld_names(world), 2);
	assert_int_equal(vault_check(world->vault, id, NULL, &msg), 0);
	vault_item_deinit(&item);
	(void)close(fd);
}

/* What cannot be put: nothing is there afterwards. */
static void refused(void **state)
{
	struct vaultworld *world = *state;
	int fd = vaultworld_source(world, "x", 1);
	int fds[2];
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item;
	int closed = dup(fd);

	vaultworld_item("/a", &item);
	assert_int_equal(vault_put(world->vault, world->state_fd, &item, &msg), -EINVAL);
	assert_string_equal(msg.text, "put into quarantine: not a regular file");
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(vault_put(world->vault, fds[0], &item, &msg), -EINVAL);
	(void)close(closed);
	assert_int_equal(vault_put(world->vault, closed, &item, &msg), -EBADF);
	assert_string_equal(msg.text, "put into quarantine: look at the file: Bad file descriptor");
	item.path[0] = 'a';
	assert_int_equal(vault_put(world->vault, fd, &item, &msg), -EINVAL);
	item.path[0] = '/';
	memcpy(item.id, "../../etc/passwd", 17);
	assert_int_equal(vault_put(world->vault, fd, &item, &msg), -EINVAL);
	assert_string_equal(msg.text, "put into quarantine: the id is none");
	item.id[0] = '\0';
	(void)close(fd);
	fd = open(
		"/proc/self/mem", O_RDONLY | O_CLOEXEC); /* regular, size 0, cannot be read at 0 */
	assert_true(fd >= 0);
	assert_int_equal(vault_put(world->vault, fd, &item, &msg), -EIO);
	assert_string_equal(msg.text, "put into quarantine: read the file: Input/output error");
	assert_string_equal(item.id, "");
	assert_int_equal(vaultworld_names(world), 1);
	vault_item_deinit(&item);
	(void)close(fd);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* An item is opened by its id and by nothing else. */
static void ids(void **state)
{
	static const char *const bad[] = {"", "key", "../key", "0123456789abcdef0123456789abcde",
		"0123456789abcdef0123456789abcdef0", "0123456789ABCDEF0123456789ABCDEF",
		"0123456789abcdef/123456789abcdef"};
	struct vaultworld *world = *state;
	struct errmsg msg = ERRMSG_NULL;
	struct vault_item item;
	char *bytes = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(vault_look(world->vault, bad[i], &item, &msg), -EINVAL);
		assert_string_equal(msg.text, "quarantined item: not the id of an item");
		assert_null(item.path);
		assert_int_equal(vaultworld_get(world, bad[i], &bytes, NULL, &msg), -EINVAL);
		free(bytes);
		assert_int_equal(vault_delete(world->vault, bad[i], &msg), -EINVAL);
	}
	assert_int_equal(vault_check(world->vault, "0123456789abcdef0123456789abcdef", &item, &msg),
		-ENOENT);
	assert_string_equal(msg.text, "quarantined item: open: No such file or directory");
	assert_int_equal(
		vault_delete(world->vault, "0123456789abcdef0123456789abcdef", &msg), -ENOENT);
	assert_string_equal(msg.text, "quarantine: delete 0123456789abcdef0123456789abcdef: "
				      "No such file or directory");
}

/* The content goes into an empty file only: nothing is ever written over. */
static void not_empty(void **state)
{
	struct vaultworld *world = *state;
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];
	char id[VAULT_ID_LENGTH + 1];
	struct vault_item item;
	char *text;
	int fd;

	vaultworld_put(world, "/a", "new", 3, id);
	scratch_write(&world->scratch, "other", "old text", 8);
	fd = open(scratch_path(&world->scratch, "other", path), O_RDWR | O_CLOEXEC);
	assert_int_equal(vault_get(world->vault, id, fd, &item, &msg), -EINVAL);
	assert_string_equal(
		msg.text, "quarantined item: write the file: not an empty regular file");
	assert_null(item.path);
	assert_int_equal(vault_get(world->vault, id, world->state_fd, NULL, &msg), -EINVAL);
	(void)close(fd);
	assert_int_equal(vault_get(world->vault, id, fd, NULL, &msg), -EBADF);
	text = scratch_read(&world->scratch, "other", NULL);
	assert_string_equal(text, "old text");
	free(text);
	fd = open(path, O_RDONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(vault_get(world->vault, id, fd, NULL, &msg), -EBADF);
	assert_string_equal(msg.text, "quarantined item: write the file: Bad file descriptor");
	(void)close(fd);
}

/* No program that looks for the sample finds it, its name or its attributes. */
static void nothing_in_clear(void **state)
{
	static const char *const needles[] = {
		"VERY-SECRET-SAMPLE", "very/secret/path", "user.any", "Eicar-", "threatName"};
	struct vaultworld *world = *state;
	char id[VAULT_ID_LENGTH + 1];
	char name[64];
	char *raw;
	size_t n = 0;

	vaultworld_put(world, "/very/secret/path", needles[0], strlen(needles[0]), id);
	raw = scratch_read(&world->scratch, vaultworld_file(id, name), &n);
	for (size_t i = 0; i < sizeof(needles) / sizeof(needles[0]); i++)
		assert_null(memmem(raw, n, needles[i], strlen(needles[i])));
	free(raw);
}

/* Two items of one file have nothing in common: no key stream is used twice. */
static void same_content(void **state)
{
	struct vaultworld *world = *state;
	char first[VAULT_ID_LENGTH + 1];
	char second[VAULT_ID_LENGTH + 1];
	char name[64];
	char zeros[4096] = {0};
	size_t n = 0;
	unsigned n_equal = 0;
	char *a;
	char *b;

	vaultworld_put(world, "/a", zeros, sizeof(zeros), first);
	vaultworld_put(world, "/a", zeros, sizeof(zeros), second);
	a = scratch_read(&world->scratch, vaultworld_file(first, name), &n);
	b = scratch_read(&world->scratch, vaultworld_file(second, name), &n);
	for (size_t i = 96; i < n; i++)
		n_equal += a[i] == b[i];
	assert_true(n_equal < n / 16); /* by chance: one in 256 */
	free(a);
	free(b);
}

/* Other programs of ours have the same vault open: no one's file in work is garbage. */
static void two_at_once(void **state)
{
	struct vaultworld *world = *state;
	struct errmsg msg = ERRMSG_NULL;
	struct vault *other = NULL;
	char id[VAULT_ID_LENGTH + 1];

	assert_int_equal(vault_open(world->state_fd, &other, &msg), 0);
	vaultworld_put(world, "/a", "x", 1, id);
	assert_int_equal(vault_check(other, id, NULL, &msg), 0);
	assert_int_equal(vault_delete(other, id, &msg), 0);
	assert_int_equal(vault_check(world->vault, id, NULL, &msg), -ENOENT);
	vault_close(other);
	vault_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_size, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(hashes, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(metadata, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(texts, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(given_id, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(refused, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(ids, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(not_empty, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(
			nothing_in_clear, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(
			same_content, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(two_at_once, vaultworld_setup, vaultworld_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
