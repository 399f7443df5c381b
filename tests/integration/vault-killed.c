/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGKILL before and after every system call of what writes to the vault: after
 * each, the vault opens, and what was at work is done or was never begun. Then
 * the same with the world changing under a put: its source.
 *
 * A killed process, not a power cut: the page cache survives. That file and
 * directory are synced before a put is told to be done is looked at by their
 * order of system calls.
 */
#include "stepper.h"
#include "unit.h"
#include "vaultworld.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	CONTENT = 65536 + 5000, /* two chunks */
	N_STOPS_MAX = 4000,
};

static const char fixed_id[] = "00112233445566778899aabbccddeeff";

/* What the child works with; it opens the vault itself, as another process would. */
struct work {
	struct vaultworld *world;
	int src_fd;
	struct vault *vault;
};

static int work_open(void *arg)
{
	struct work *work = arg;

	return vault_open(work->world->state_fd, &work->vault, NULL) == 0 ? 0 : 1;
}

static int work_put(void *arg)
{
	struct work *work = arg;
	struct vault_item item;
	int r;

	vaultworld_item("/a", &item);
	memcpy(item.id, fixed_id, sizeof(fixed_id));
	r = vault_put(work->world->vault, work->src_fd, &item, NULL);
	vault_item_deinit(&item);
	return r == 0 ? 0 : r == -ESTALE ? 2 : 1;
}

static int work_delete(void *arg)
{
	struct work *work = arg;

	return vault_delete(work->world->vault, fixed_id, NULL) == 0 ? 0 : 1;
}

/* Open what a killed process left: at most a whole item and the key, and nothing else. */
static unsigned expect_sound(struct vaultworld *world)
{
	struct errmsg msg = ERRMSG_NULL;
	unsigned n_damaged = 0;
	unsigned n;

	vaultworld_reopen(world);
	n = vaultworld_count(world, &n_damaged);
	assert_true(n <= 1);
	assert_int_equal(n_damaged, 0);
	assert_int_equal(vaultworld_names(world), 1 + n);
	if (n == 1 && vault_check(world->vault, fixed_id, NULL, &msg) != 0)
		fail_msg("%s", msg.text);
	return n;
}

static void put_whole(struct work *work)
{
	if (expect_sound(work->world) == 0)
		assert_int_equal(work_put(work), 0);
}

static void work_begin(struct work *work, struct vaultworld *world)
{
	uint8_t *bytes = vaultworld_bytes(CONTENT);

	vaultworld_init(world);
	*work = (struct work){.world = world, .src_fd = vaultworld_source(world, bytes, CONTENT)};
	free(bytes);
}

static void work_end(struct work *work)
{
	(void)close(work->src_fd);
	vaultworld_deinit(work->world);
}

/* Nothing of it or all of it; and it can be put afterwards, under the same id. */
static void put_killed(void **state)
{
	struct vaultworld world;
	struct work work;
	unsigned n_whole = 0;
	unsigned n = 0;
	int r;

	(void)state;
	work_begin(&work, &world);
	do {
		r = stepper_run(work_put, &work, stepper_kill_at, &n);
		if (expect_sound(&world) == 1) {
			struct errmsg msg = ERRMSG_NULL;

			n_whole++;
			assert_int_equal(vault_delete(world.vault, fixed_id, &msg), 0);
		} else {
			assert_int_equal(n_whole, 0); /* once it has its name it is never lost */
		}
		n++;
	} while (r == STEPPER_KILLED && n < N_STOPS_MAX);
	assert_int_equal(r, 0);
	assert_true(n > 20 && n_whole > 4 && n_whole < n - 20);
	print_message("%u stops, whole after %u of them\n", n, n_whole);
	work_end(&work);
}

/* There or gone. */
static void delete_killed(void **state)
{
	struct vaultworld world;
	struct work work;
	unsigned n;
	int r = STEPPER_KILLED;

	(void)state;
	work_begin(&work, &world);
	for (n = 0; r == STEPPER_KILLED && n < N_STOPS_MAX; n++) {
		put_whole(&work);
		r = stepper_run(work_delete, &work, stepper_kill_at, &n);
		(void)expect_sound(&world);
	}
	assert_int_equal(r, 0);
	assert_int_equal(expect_sound(&world), 0);
	assert_true(n > 2);
	work_end(&work);
}

/* A vault that was hardly made is made by the next who opens it. */
static void open_killed(void **state)
{
	unsigned n = 0;
	int r;

	(void)state;
	do {
		struct vaultworld world = {.vault = NULL};
		struct work work = {.world = &world};
		char *key;

		scratch_init(&world.scratch);
		world.state_fd = open(world.scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = stepper_run(work_open, &work, stepper_kill_at, &n);
		assert_int_equal(expect_sound(&world), 0);
		key = scratch_read(&world.scratch, "quarantine/key", NULL);
		assert_int_equal(strlen(key), 65);
		free(key);
		vaultworld_deinit(&world);
		n++;
	} while (r == STEPPER_KILLED && n < N_STOPS_MAX);
	assert_int_equal(r, 0);
	assert_true(n > 20);
}

/* What was seen of a put's calls. */
struct order {
	unsigned n_fsync;       /* so far */
	unsigned fsync_at_link; /* … when the name was given */
	unsigned n_after;       /* fsyncs after that */
	unsigned n_write_after; /* writes after the first fsync */
	bool is_linked;
};

static bool see_order(const struct stepper_stop *stop, void *arg)
{
	struct order *order = arg;

	if (!stop->is_exit)
		return false;
	if (stop->number == SYS_fsync) {
		order->n_fsync++;
		order->n_after += order->is_linked;
	} else if (stop->number == SYS_linkat) {
		order->is_linked = true;
		order->fsync_at_link = order->n_fsync;
	} else if (stop->number == SYS_pwrite64) {
		order->n_write_after += order->n_fsync > 0;
	}
	return false;
}

/* The file is synced after its last write and before its name, the directory after that. */
static void put_synced(void **state)
{
	struct vaultworld world;
	struct work work;
	struct order order = {0};

	(void)state;
	work_begin(&work, &world);
	assert_int_equal(stepper_run(work_put, &work, see_order, &order), 0);
	assert_true(order.is_linked);
	assert_int_equal(order.fsync_at_link, 1);
	assert_int_equal(order.n_after, 1);
	assert_int_equal(order.n_write_after, 0);
	work_end(&work);
}

enum change { CHANGE_APPEND, CHANGE_TRUNCATE, CHANGE_MTIME, N_CHANGES };

struct changing {
	const struct vaultworld *world;
	enum change change;
	unsigned n_preads; /* so far */
};

/* When the first chunk was read, somebody writes to the source. */
static bool change_source(const struct stepper_stop *stop, void *arg)
{
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	struct changing *changing = arg;
	char path[SCRATCH_PATH_SIZE];
	int fd;

	if (!stop->is_exit || stop->number != SYS_pread64 || changing->n_preads++ != 0)
		return false;
	fd = open(scratch_path(&changing->world->scratch, "source", path), O_WRONLY | O_CLOEXEC);
	if (changing->change == CHANGE_APPEND)
		assert_int_equal(pwrite(fd, "x", 1, CONTENT), 1);
	else if (changing->change == CHANGE_TRUNCATE)
		assert_int_equal(ftruncate(fd, CONTENT - 1), 0);
	else
		assert_int_equal(futimens(fd, times), 0);
	(void)close(fd);
	return false;
}

/* Longer, shorter or written to while it is read: refused, and nothing is there. */
static void source_changes(void **state)
{
	(void)state;
	for (int change = 0; change < N_CHANGES; change++) {
		struct changing changing = {.change = (enum change)change};
		struct vaultworld world;
		struct work work;

		work_begin(&work, &world);
		changing.world = &world;
		assert_int_equal(stepper_run(work_put, &work, change_source, &changing), 2);
		assert_true(changing.n_preads >= 2);
		assert_int_equal(vaultworld_names(&world), 1);
		work_end(&work);
	}
}

struct opening {
	struct vaultworld *world;
	unsigned n;
};

static bool open_another(const struct stepper_stop *stop, void *arg)
{
	struct opening *opening = arg;
	struct vault *other = NULL;
	struct errmsg msg = ERRMSG_NULL;

	(void)stop;
	/* Not the test's own: it shares the open directory, and so the lock, with the child. */
	if (vault_open(opening->world->state_fd, &other, &msg) != 0)
		fail_msg("%s", msg.text);
	vault_close(other);
	opening->n++;
	return false;
}

/* Who opens the vault at any moment of a put takes nothing away from it. */
static void opened_meanwhile(void **state)
{
	struct opening opening = {.n = 0};
	struct vaultworld world;
	struct work work;

	(void)state;
	work_begin(&work, &world);
	opening.world = &world;
	assert_int_equal(stepper_run(work_put, &work, open_another, &opening), 0);
	assert_int_equal(expect_sound(&world), 1);
	assert_true(opening.n > 20);
	work_end(&work);
}

/* Two make the same vault at once, one stopped at each place: both have one key. */
static void made_twice(void **state)
{
	struct vaultworld world = {.vault = NULL};
	struct work work = {.world = &world};
	struct opening opening = {.world = &world};

	(void)state;
	scratch_init(&world.scratch);
	world.state_fd = open(world.scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(stepper_run(work_open, &work, open_another, &opening), 0);
	assert_int_equal(expect_sound(&world), 0);
	vaultworld_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_killed),
		cmocka_unit_test(delete_killed),
		cmocka_unit_test(open_killed),
		cmocka_unit_test(put_synced),
		cmocka_unit_test(source_changes),
		cmocka_unit_test(opened_meanwhile),
		cmocka_unit_test(made_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
