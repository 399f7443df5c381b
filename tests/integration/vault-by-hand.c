/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * docs/quarantine.md says how an item is got out by hand: its script is run, so
 * the format is what the page says, and not only what our own code agrees on.
 */
#include "samples.h"
#include "unit.h"
#include "vaultworld.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int recover(const struct vaultworld *world, const char *id)
{
	char command[3 * SCRATCH_PATH_SIZE];

	(void)snprintf(command, sizeof(command),
		"cd '%s' && bash recover.sh quarantine %s out 2>message", world->scratch.path, id);
	return system(command);
}

static void write_script(const struct vaultworld *world)
{
	samples_run(
		"sed -n '/^```bash$/,/^```$/{/^```/d;p}' '%s/quarantine.md' >'%s/recover.sh' && "
		"test -s '%s/recover.sh'",
		DOCS, world->scratch.path, world->scratch.path);
}

/* Every border of the chunks, and the metadata beside it. */
static void recovered(void **state)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 300000};
	struct vaultworld world;

	(void)state;
	vaultworld_init(&world);
	write_script(&world);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *bytes = vaultworld_bytes(sizes[i]);
		char id[VAULT_ID_LENGTH + 1];
		char field[64];
		char *text;
		size_t n = 0;

		vaultworld_put(&world, "/tmp/a b", bytes, sizes[i], id);
		assert_int_equal(recover(&world, id), 0);
		text = scratch_read(&world.scratch, "out", &n);
		assert_int_equal(n, sizes[i]);
		assert_memory_equal(text, bytes, n);
		free(text);
		text = scratch_read(&world.scratch, "out.json", NULL);
		(void)snprintf(field, sizeof(field), "{\"id\":\"%s\",", id);
		assert_memory_equal(text, field, strlen(field));
		assert_non_null(strstr(text, "\"path\":\"/tmp/a b\""));
		assert_non_null(strstr(text, "\"quarantinedUnixMs\":1700000000000}"));
		free(text);
		free(bytes);
	}
	vaultworld_deinit(&world);
}

/* What is damaged is said to be. */
static void damaged(void **state)
{
	struct vaultworld world;
	char id[VAULT_ID_LENGTH + 1];
	char name[64];
	char *raw;
	size_t n = 0;

	(void)state;
	vaultworld_init(&world);
	write_script(&world);
	vaultworld_put(&world, "/a", "abc", 3, id);
	raw = scratch_read(&world.scratch, vaultworld_file(id, name), &n);
	raw[n - 17] ^= 1; /* the last byte of content */
	scratch_write(&world.scratch, name, raw, n);
	free(raw);
	assert_int_not_equal(recover(&world, id), 0);
	raw = scratch_read(&world.scratch, "message", NULL);
	assert_string_equal(raw, "damaged: the content is not the one that was quarantined\n");
	free(raw);
	vaultworld_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recovered),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
