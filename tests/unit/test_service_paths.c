/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's directories: made with their modes, and not taken from somebody else. */
#include "service_paths.h"

#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct world {
	struct scratch scratch;
	char dirs[3][256]; /* state, run, log */
	struct service_paths paths;
	struct errmsg msg;
};

static void world_init(struct world *world)
{
	static const char *const names[] = {"state", "run", "log"};

	*world = (struct world){.msg = ERRMSG_NULL};
	scratch_init(&world->scratch);
	for (size_t i = 0; i < 3; i++)
		(void)snprintf(world->dirs[i], sizeof(world->dirs[i]), "%s/%s", world->scratch.path,
			names[i]);
	world->paths.state_dir = world->dirs[0];
	world->paths.run_dir = world->dirs[1];
	world->paths.log_dir = world->dirs[2];
	world->paths.libexec_dir = "/libexec";
	world->paths.data_dir = "/data";
}

/* Made where they are missing, whatever the umask, and taken again at the next start. */
static void made(void **state)
{
	struct world world;
	mode_t old = umask(0);
	struct stat st;

	(void)state;
	world_init(&world);
	assert_int_equal(service_paths_prepare(&world.paths, &world.msg), 0);
	(void)umask(old);
	assert_int_equal(stat(world.dirs[0], &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	assert_int_equal(stat(world.paths.report_dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(service_paths_prepare(&world.paths, &world.msg), 0);
	scratch_deinit(&world.scratch);
}

/* The known products: beside the programs where they are, else where they are installed. */
static void products(void **state)
{
	struct world world;
	char expected[SCRATCH_PATH_SIZE];

	(void)state;
	world_init(&world);
	assert_int_equal(service_paths_prepare(&world.paths, &world.msg), 0);
	assert_string_equal(world.paths.products, "/data/known-antivirus.json");
	scratch_write(&world.scratch, "known-antivirus.json", "{}", 2);
	world.paths.libexec_dir = world.scratch.path;
	assert_int_equal(service_paths_prepare(&world.paths, &world.msg), 0);
	assert_string_equal(world.paths.products,
		scratch_path(&world.scratch, "known-antivirus.json", expected));
	scratch_deinit(&world.scratch);
}

/* Each of the three, in each way that gives others a hand in it; as tmpfiles.d makes it: taken. */
static void ruled_by_others(void **state)
{
	static const struct {
		uid_t uid;
		gid_t gid;
		mode_t mode;
		const char *hint; /* NULL: taken */
	} cases[] = {
		{1234, 0, 0755, "chown root"},
		{0, 0, 0757, "chmod go-w"},
		{0, 0, 01777, "chmod go-w"},
		{0, 1234, 0770, "chmod go-w"},
		{0, 1234, 0750, NULL},
		{0, 0, 0775, NULL},
		{0, 0, 0711, NULL},
	};

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < 3 * sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = i / 3;
		struct world world;
		int r;

		world_init(&world);
		assert_int_equal(mkdir(world.dirs[i % 3], 0700), 0);
		assert_int_equal(chown(world.dirs[i % 3], cases[n].uid, cases[n].gid), 0);
		assert_int_equal(chmod(world.dirs[i % 3], cases[n].mode), 0);
		r = service_paths_prepare(&world.paths, &world.msg);
		if (r != (cases[n].hint ? -EPERM : 0))
			fail_msg("case %zu: %d %s", n, r, world.msg.text);
		if (cases[n].hint) {
			assert_non_null(strstr(world.msg.text, cases[n].hint));
			assert_non_null(strstr(world.msg.text, world.dirs[i % 3]));
		}
		scratch_deinit(&world.scratch);
	}
}

/* A file in the way is named. */
static void file_in_the_way(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	scratch_write(&world.scratch, "run", "", 0);
	assert_int_equal(service_paths_prepare(&world.paths, &world.msg), -ENOTDIR);
	assert_non_null(strstr(world.msg.text, world.dirs[1]));
	scratch_deinit(&world.scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made),
		cmocka_unit_test(products),
		cmocka_unit_test(ruled_by_others),
		cmocka_unit_test(file_in_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
