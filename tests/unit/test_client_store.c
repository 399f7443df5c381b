/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client_store, client_codec, secret, state_file: what is kept, by whom, and what is refused. */
#include "unit.h"

#include "client_store.h"
#include "roles.h"
#include "scratch.h"
#include "secret.h"
#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct world {
	struct scratch scratch;
	int dir_fd;
	struct client_store *store;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	scratch_init(&world->scratch);
	assert_int_equal(state_file_open_dir(world->scratch.path, false, &world->dir_fd, NULL), 0);
	assert_int_equal(client_store_open(world->dir_fd, &world->store, NULL), 0);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	client_store_free(world->store);
	(void)close(world->dir_fd);
	scratch_deinit(&world->scratch);
	free(world);
	return 0;
}

static void added_and_found_again(void **state)
{
	struct world *world = *state;
	char secret[SECRET_TEXT_SIZE];
	uint8_t hash[SECRET_HASH_BYTES];
	struct client_store *again = NULL;
	const struct client *client;
	struct stat status;
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(client_store_n(world->store), 0);
	assert_int_equal(client_store_add(world->store,
				 "S\xc3\xb6"
				 "C \"1\"",
				 ROLE_MACHINE_SCAN | ROLE_ALERT_READ, 1795492512123, secret, &msg),
		0);
	assert_int_equal(strlen(secret), 43);
	assert_int_equal(client_store_open(world->dir_fd, &again, &msg), 0);
	assert_int_equal(client_store_n(again), 1);
	client = client_store_find(again, client_store_at(world->store, 0)->id);
	assert_non_null(client);
	assert_string_equal(client->name, "S\xc3\xb6"
					  "C \"1\"");
	assert_int_equal(client->roles, ROLE_MACHINE_SCAN | ROLE_ALERT_READ);
	assert_true(client->created_unix_ms == 1795492512123 && client->revoked_unix_ms == 0);
	assert_int_equal(secret_hash(secret, client->salt, hash), 0);
	assert_true(secret_equal(hash, client->hash));
	secret[0] ^= 1;
	assert_int_equal(secret_hash(secret, client->salt, hash), 0);
	assert_false(secret_equal(hash, client->hash));
	assert_int_equal(fstatat(world->dir_fd, "clients.json", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	client_store_free(again);
}

/* The running console sees what the sub-command did. */
static void changes_are_seen(void **state)
{
	struct world *world = *state;
	struct client_store *other = NULL;
	const struct client *client = NULL;
	char secret[SECRET_TEXT_SIZE];
	bool is_changed = true;
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(client_store_refresh(world->store, &is_changed, &msg), 0);
	assert_false(is_changed);
	assert_int_equal(client_store_open(world->dir_fd, &other, &msg), 0);
	assert_int_equal(client_store_add(other, "a", ROLE_MACHINE_SCAN, 1, secret, &msg), 0);
	assert_int_equal(client_store_refresh(world->store, &is_changed, &msg), 0);
	assert_true(is_changed);
	assert_int_equal(
		client_store_add(world->store, "b", ROLE_MACHINE_SCAN, 1, secret, &msg), 0);
	/* "other" knows nothing of b, and must not lose it */
	assert_int_equal(client_store_revoke(other, "a", 7, &client, &msg), 0);
	assert_true(client->revoked_unix_ms == 7);
	assert_int_equal(client_store_n(other), 2);
	assert_int_equal(
		client_store_revoke(other, client_store_at(other, 0)->id, 9, &client, &msg), 0);
	assert_true(client->revoked_unix_ms == 7);
	assert_int_equal(
		client_store_revoke(other, "a", 9, &client, &msg), CLIENT_STORE_E_NOT_FOUND);
	assert_int_equal(client_store_refresh(world->store, &is_changed, &msg), 0);
	assert_true(client_store_at(world->store, 0)->revoked_unix_ms == 7);
	client_store_free(other);
}

static void names_and_roles(void **state)
{
	/* zero width, right to left, C1: the daemon takes no such name */
	static const char *const hidden[] = {"a\xe2\x80\x8b",
		"\xe2\x80\xae"
		"a",
		"a\xc2\x9b"
		"b"};
	static const char *const bad[] = {"", "   ", "a\nb", "\xff", "a\x7f"};
	struct world *world = *state;
	char secret[SECRET_TEXT_SIZE];
	char longest[140];
	struct errmsg msg = ERRMSG_NULL;
	unsigned roles = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			client_store_add(world->store, bad[i], ROLE_MACHINE_SCAN, 1, secret, &msg),
			-EINVAL);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		assert_int_equal(client_store_add(world->store, hidden[i], ROLE_MACHINE_SCAN, 1,
					 secret, &msg),
			-EINVAL);
		assert_non_null(strstr(msg.text, "cannot be seen"));
	}
	memset(longest, 'x', sizeof(longest));
	longest[129] = '\0';
	assert_int_equal(
		client_store_add(world->store, longest, ROLE_MACHINE_SCAN, 1, secret, &msg),
		-EINVAL);
	longest[128] = '\0';
	assert_int_equal(
		client_store_add(world->store, longest, ROLE_MACHINE_SCAN, 1, secret, &msg), 0);
	assert_int_equal(
		client_store_add(world->store, longest, ROLE_MACHINE_SCAN, 1, secret, &msg),
		CLIENT_STORE_E_EXISTS);
	assert_int_equal(client_store_add(world->store, "x", 0, 1, secret, &msg), -EINVAL);
	assert_int_equal(client_store_n(world->store), 1);
	assert_int_equal(roles_parse("Machine.scan", &roles, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "did you mean Machine.Scan?"));
}

#define GOOD                                                                                       \
	"{\"id\":\"00000000-0000-4000-8000-000000000000\",\"name\":\"a\",\"roles\":[],"            \
	"\"createdTime\":\"2026-11-24T03:55:12Z\",\"revokedTime\":null,"                           \
	"\"hashKind\":\"scrypt-15-8-1\",\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA==\","                    \
	"\"hash\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}"

/* A damaged file is refused whole, and a running console keeps what it had. */
static void damaged_files(void **state)
{
	static const char *const bad[] = {"", "{}", "[]", "{\"clients\":{}}", "{\"clients\":[1]}",
		"{\"clients\":[{}]}", "{\"clients\":[" GOOD ",{\"id\":\"x\"}]}",
		"{\"clients\":[" GOOD "]} x"};
	struct world *world = *state;
	struct client_store *other = NULL;
	struct errmsg msg = ERRMSG_NULL;

	scratch_write(&world->scratch, "clients.json", "{\"clients\":[" GOOD "]}",
		strlen("{\"clients\":[" GOOD "]}"));
	assert_int_equal(client_store_refresh(world->store, NULL, &msg), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		scratch_write(&world->scratch, "clients.json", bad[i], strlen(bad[i]));
		if (client_store_open(world->dir_fd, &other, &msg) != -EBADMSG)
			fail_msg("%s was taken", bad[i]);
		assert_non_null(strstr(msg.text, "clients.json: "));
		assert_int_equal(client_store_refresh(world->store, NULL, &msg), -EBADMSG);
		assert_int_equal(client_store_n(world->store), 1);
	}
	assert_int_equal(unlinkat(world->dir_fd, "clients.json", 0), 0);
	assert_int_equal(client_store_refresh(world->store, NULL, &msg), 0);
	assert_int_equal(client_store_n(world->store), 0);
}

/* A file that others may write, or that is none, is not read. */
static void files_of_others(void **state)
{
	struct world *world = *state;
	struct client_store *other = NULL;
	struct errmsg msg = ERRMSG_NULL;
	char *bytes = NULL;
	size_t n = 0;

	scratch_write(&world->scratch, "clients.json", "{\"clients\":[]}", 14);
	assert_int_equal(fchmodat(world->dir_fd, "clients.json", 0666, 0), 0);
	assert_int_equal(client_store_open(world->dir_fd, &other, &msg), -EPERM);
	assert_string_equal(msg.text, "clients.json: others may write it");
	assert_int_equal(symlinkat("clients.json", world->dir_fd, "link"), 0);
	assert_int_equal(state_file_read(world->dir_fd, "link", 10, &bytes, &n, NULL), -ELOOP);
	assert_int_equal(fchmodat(world->dir_fd, "clients.json", 0600, 0), 0);
	assert_int_equal(
		state_file_read(world->dir_fd, "clients.json", 13, &bytes, &n, NULL), -EMSGSIZE);
	assert_int_equal(state_file_read(world->dir_fd, "nothing", 13, &bytes, &n, NULL), -ENOENT);
	assert_int_equal(state_file_open_dir("/nonexistent/x", true, &(int){0}, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "/nonexistent/x"));
}

/* No room: nothing changed, on disk or in memory. */
static void full_disk(void **state)
{
	struct scratch small;
	struct client_store *store = NULL;
	struct errmsg msg = ERRMSG_NULL;
	char secret[SECRET_TEXT_SIZE];
	int dir_fd = -1;

	(void)state;
	if (!scratch_init_small(&small, 64)) {
		scratch_deinit(&small);
		skip();
	}
	assert_int_equal(state_file_open_dir(small.path, false, &dir_fd, &msg), 0);
	assert_int_equal(client_store_open(dir_fd, &store, &msg), 0);
	assert_int_equal(client_store_add(store, "a", ROLE_MACHINE_SCAN, 1, secret, &msg), 0);
	scratch_fill(&small);
	assert_int_equal(client_store_add(store, "b", ROLE_MACHINE_SCAN, 1, secret, &msg), -ENOSPC);
	assert_non_null(strstr(msg.text, "clients.json"));
	assert_int_equal(client_store_n(store), 1);
	scratch_unfill(&small);
	assert_int_equal(client_store_add(store, "b", ROLE_MACHINE_SCAN, 1, secret, &msg), 0);
	assert_int_equal(client_store_n(store), 2);
	client_store_free(store);
	(void)close(dir_fd);
	scratch_deinit(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(added_and_found_again, setup, teardown),
		cmocka_unit_test_setup_teardown(changes_are_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(names_and_roles, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_files, setup, teardown),
		cmocka_unit_test_setup_teardown(files_of_others, setup, teardown),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
