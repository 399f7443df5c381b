/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that moves a file is killed at each of its system calls in turn
 * (strace --inject), and another one recovers: the file is in its place or whole
 * in quarantine, and what recovery tells says which. Then recovery itself is
 * killed at each of its system calls. The same with a call that fails (EDQUOT).
 *
 * A killed process, not a power cut: the page cache survives.
 */
#include "cleanup.h"
#include "moverworld.h"
#include "no_tmpfile.h"
#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static const char text[] = "one of a kind";
static const char marker[] = "/quietscan-begins-here";
static char self[SCRATCH_PATH_SIZE];
static const char *what = "signal=KILL"; /* happens at a call */

/** One system call: strace counts each by its name. */
struct call {
	char name[32];
	unsigned n; /**< From 1. */
};

enum { CALLS_MAX = 4096 };

/** What a run did from the marker on. */
struct calls {
	struct call calls[CALLS_MAX];
	size_t n;
};

/** What the killed process does. */
struct task {
	const char *verb;        /**< As given to worker(). */
	bool is_staged;          /**< O_TMPFILE does not exist. */
	enum journal_end before; /**< Where the file is before it. */
	enum journal_end after;  /**< And after it, when nothing stops it. */
};

/* The process under strace: worker VERB DISK STATE ID. */
static int worker(char **args)
{
	struct moverworld world = {.home_fd = -1};
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];
	struct identity identity;

	no_tmpfile = getenv("QUIETSCAN_TEST_NO_TMPFILE") != NULL;
	(void)snprintf(world.disk.path, sizeof(world.disk.path), "%s", args[1]);
	world.home_fd = open(moverworld_path(&world, "", path), O_RDONLY | O_DIRECTORY);
	world.state_fd = open(args[2], O_RDONLY | O_DIRECTORY);
	if (mover_open(world.state_fd, &world.mover, &msg) != 0)
		return 3;
	if (strcmp(args[0], "recover") != 0)
		(void)mover_recover(world.mover, NULL, NULL);
	if (strcmp(args[0], "quarantine") == 0 || strcmp(args[0], "remove") == 0)
		identity = moverworld_scan(&world, "file");
	(void)access(marker, F_OK);
	if (strcmp(args[0], "quarantine") == 0)
		(void)moverworld_move(&world, "file", &identity, IPC_MOVE_QUARANTINE);
	else if (strcmp(args[0], "remove") == 0)
		(void)moverworld_move(&world, "file", &identity, IPC_MOVE_REMOVE);
	else if (strcmp(args[0], "restore") == 0)
		(void)moverworld_restore(&world, args[3]);
	else
		(void)mover_recover(world.mover, NULL, NULL);
	mover_close(world.mover);
	return 0;
}

static void execute(const struct moverworld *world, const struct task *task, const char *verb,
	const char *id, const struct call *kill)
{
	char inject[96];
	char log[SCRATCH_PATH_SIZE];
	const char *args[] = {"strace", "-o", scratch_path(&world->state, "strace", log), "-e",
		kill ? inject : "trace=all", self, "worker", verb, world->disk.path,
		world->state.path, id, NULL};

	if (kill)
		(void)snprintf(
			inject, sizeof(inject), "inject=%s:%s:when=%u", kill->name, what, kill->n);
	if (task->is_staged)
		(void)setenv("QUIETSCAN_TEST_NO_TMPFILE", "1", 1);
	/* Which cannot look at a process that is traced already. */
	(void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	(void)execvp(args[0], (char **)(size_t)args);
	_exit(127);
}

/* Run it under strace, to its end or until it is killed. @return the signal, or 0. */
static int run(const struct moverworld *world, const struct task *task, const char *verb,
	const char *id, const struct call *kill)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		execute(world, task, verb, id, kill);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status);
	if (WEXITSTATUS(status) != 0)
		fail_msg("%s: exit status %d", verb, WEXITSTATUS(status));
	return 0;
}

/* How often a call of this name was made before. */
static unsigned count(const struct calls *all, const char *name)
{
	unsigned n = 1;

	for (size_t i = 0; i < all->n; i++)
		n += strcmp(all->calls[i].name, name) == 0;
	return n;
}

/*
 * The calls of the last whole run; @first receives the index of the first after the
 * marker, @found that of the call after the first there whose line has @part.
 */
static void read_calls(const struct moverworld *world, const char *part, struct calls *all,
	size_t *first, size_t *found)
{
	char *log = scratch_read(&world->state, "strace", NULL);
	char *save = NULL;
	bool is_on = false;

	assert_non_null(log);
	all->n = 0;
	*found = 0;
	for (char *line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct call *call = &all->calls[all->n];
		char name[32];

		if (sscanf(line, "%31[a-z0-9_](", name) != 1)
			continue;
		assert_true(all->n < CALLS_MAX - 1);
		call->n = count(all, name);
		memcpy(call->name, name, sizeof(name));
		all->n++;
		if (is_on && *found == 0 && part && strstr(line, part))
			*found = all->n;
		if (!is_on && strstr(line, marker)) {
			is_on = true;
			*first = all->n;
		}
	}
	assert_true(is_on);
	free(log);
}

/** What recovery told. */
struct told {
	unsigned n;
	bool is_over;
	enum journal_end end;
};

static void tell(const struct mover_recovered *recovered, void *arg)
{
	struct told *told = arg;

	told->n++;
	told->is_over = recovered->is_over;
	told->end = recovered->end;
}

static void open_mover(struct moverworld *world)
{
	struct errmsg msg = ERRMSG_NULL;

	if (mover_open(world->state_fd, &world->mover, &msg) != 0)
		fail_msg("%s", msg.text);
}

static void close_mover(struct moverworld *world)
{
	mover_close(world->mover);
	world->mover = NULL;
}

/* Where it is. Whole, and nowhere else. */
static enum journal_end where(struct moverworld *world)
{
	char *got = moverworld_read(world, "file");
	size_t n_items = moverworld_n_items(world);

	assert_int_equal(moverworld_n_staging(world), 0);
	if (got) {
		assert_string_equal(got, text);
		assert_int_equal(n_items, 0);
		free(got);
		return JOURNAL_IN_PLACE;
	}
	assert_true(n_items <= 1);
	return n_items == 1 ? JOURNAL_IN_VAULT : JOURNAL_REMOVED;
}

static void find_id(const struct moverworld *world, char id[33])
{
	if (moverworld_only_item(world, id) != 0)
		id[0] = '\0';
}

/* The file at its beginning, wherever it was left. */
static void begin(struct moverworld *world, const struct task *task, char id[33])
{
	open_mover(world);
	if (where(world) == JOURNAL_REMOVED)
		moverworld_make(world, "file", text);
	find_id(world, id);
	if (task->before == JOURNAL_IN_PLACE && id[0] != '\0')
		assert_int_equal(moverworld_restore(world, id), IPC_MOVE_RESTORED);
	if (task->before == JOURNAL_IN_VAULT && id[0] == '\0') {
		moverworld_quarantine(world, "file");
		memcpy(id, world->result.id, 33);
	}
	assert_int_equal(where(world), task->before);
	close_mover(world);
}

/* The other process: what it says is where the file is, and it can be had back. */
static enum journal_end recover(struct moverworld *world, const struct task *task)
{
	struct told told = {0};
	enum journal_end end;

	open_mover(world);
	assert_int_equal(mover_recover(world->mover, tell, &told), 0);
	assert_true(told.n <= 1);
	end = where(world);
	if (end != task->before && end != task->after)
		fail_msg("it is at %s", journal_end_name(end));
	if (told.n == 1) {
		assert_true(told.is_over);
		assert_int_equal(told.end, end);
	}
	if (end == JOURNAL_IN_VAULT) {
		char id[33];

		find_id(world, id);
		assert_int_equal(moverworld_restore(world, id), IPC_MOVE_RESTORED);
		moverworld_expect(world, "file", text);
	}
	close_mover(world);
	return end;
}

static void at_each_call(struct moverworld *world, const struct task *task)
{
	static struct calls all;
	unsigned n_before = 0;
	unsigned n_after = 0;
	size_t first = 0;
	size_t found;
	char id[33];

	begin(world, task, id);
	assert_int_equal(run(world, task, task->verb, id, NULL), 0);
	assert_int_equal(where(world), task->after);
	read_calls(world, NULL, &all, &first, &found);
	/* The last two: the heap's end, and the process's. */
	for (size_t i = first; i < all.n; i++) {
		enum journal_end end;

		begin(world, task, id);
		assert_int_equal(run(world, task, task->verb, id, &all.calls[i]), SIGKILL);
		end = recover(world, task);
		n_before += end == task->before;
		n_after += end == task->after;
	}
	print_message("%s%s: killed at %zu calls: %u undone, %u done\n", task->verb,
		task->is_staged ? " (staged)" : "", all.n - first, n_before, n_after);
	assert_int_equal(n_before + n_after, all.n - first);
	assert_true(n_before > 3 && n_after > 3);
}

static void quarantine(void **state)
{
	const struct task task = {"quarantine", false, JOURNAL_IN_PLACE, JOURNAL_IN_VAULT};

	at_each_call(*state, &task);
}

static void removal(void **state)
{
	const struct task task = {"remove", false, JOURNAL_IN_PLACE, JOURNAL_REMOVED};

	at_each_call(*state, &task);
}

static void restore(void **state)
{
	const struct task task = {"restore", false, JOURNAL_IN_VAULT, JOURNAL_IN_PLACE};

	at_each_call(*state, &task);
}

/* Where the file system has no files without a name. */
static void restore_by_staging(void **state)
{
	const struct task task = {"restore", true, JOURNAL_IN_VAULT, JOURNAL_IN_PLACE};

	at_each_call(*state, &task);
}

/* Of files: not memory, random numbers, locks within the process, or its end. */
static bool may_fail(const struct call *call)
{
	static const char *const others[] = {
		"brk", "exit_group", "futex", "getrandom", "mmap", "munmap"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(call->name, others[i]) == 0)
			return false;
	return true;
}

/* Each call fails once: the file is in one of both places, or the next start sees to it. */
static void fails_at_each_call(struct moverworld *world, const struct task *task)
{
	static struct calls all;
	unsigned n_before = 0;
	unsigned n_after = 0;
	size_t first = 0;
	size_t found;
	char id[33];

	begin(world, task, id);
	assert_int_equal(run(world, task, task->verb, id, NULL), 0);
	read_calls(world, NULL, &all, &first, &found);
	what = "error=EDQUOT";
	for (size_t i = first; i < all.n; i++) {
		enum journal_end end;

		if (!may_fail(&all.calls[i]))
			continue;
		begin(world, task, id);
		if (run(world, task, task->verb, id, &all.calls[i]) != 0)
			fail_msg("%s %u: it died of it", all.calls[i].name, all.calls[i].n);
		end = recover(world, task);
		n_before += end == task->before;
		n_after += end == task->after;
	}
	what = "signal=KILL";
	print_message("%s%s: failed at %u calls: %u undone, %u done\n", task->verb,
		task->is_staged ? " (staged)" : "", n_before + n_after, n_before, n_after);
	assert_true(n_before > 3 && n_after > 3);
}

static void errors(void **state)
{
	const struct task tasks[] = {{"quarantine", false, JOURNAL_IN_PLACE, JOURNAL_IN_VAULT},
		{"remove", false, JOURNAL_IN_PLACE, JOURNAL_REMOVED},
		{"restore", false, JOURNAL_IN_VAULT, JOURNAL_IN_PLACE},
		{"restore", true, JOURNAL_IN_VAULT, JOURNAL_IN_PLACE}};

	for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++)
		fails_at_each_call(*state, &tasks[i]);
}

/* Killed after a call, and then recovery is killed at each of its calls. */
static void recovery_after(struct moverworld *world, const struct task *task, const char *part)
{
	static struct calls all;
	static struct calls recovery_calls;
	struct call kill;
	size_t first = 0;
	size_t found = 0;
	char id[33];

	begin(world, task, id);
	assert_int_equal(run(world, task, task->verb, id, NULL), 0);
	read_calls(world, part, &all, &first, &found);
	assert_true(found > first && found < all.n);
	kill = all.calls[found];
	begin(world, task, id);
	assert_int_equal(run(world, task, task->verb, id, &kill), SIGKILL);
	assert_int_equal(run(world, task, "recover", "", NULL), 0);
	read_calls(world, NULL, &recovery_calls, &first, &found);
	(void)recover(world, task);
	for (size_t i = first; i < recovery_calls.n; i++) {
		begin(world, task, id);
		assert_int_equal(run(world, task, task->verb, id, &kill), SIGKILL);
		assert_int_equal(
			run(world, task, "recover", "", &recovery_calls.calls[i]), SIGKILL);
		(void)recover(world, task);
	}
	print_message("recovery of %s after \"%s\": killed at %zu calls\n", task->verb, part,
		recovery_calls.n - first);
	assert_true(recovery_calls.n - first > 5);
}

/* It is staged; it is in the vault as well; it has its name back and the item is there. */
static void recovery(void **state)
{
	const struct task in = {"quarantine", false, JOURNAL_IN_PLACE, JOURNAL_IN_VAULT};
	const struct task away = {"remove", false, JOURNAL_IN_PLACE, JOURNAL_REMOVED};
	const struct task out = {"restore", false, JOURNAL_IN_VAULT, JOURNAL_IN_PLACE};
	const struct task by_staging = {"restore", true, JOURNAL_IN_VAULT, JOURNAL_IN_PLACE};

	recovery_after(*state, &in, "RENAME_NOREPLACE");
	recovery_after(*state, &in, ".qsv");
	recovery_after(*state, &away, "RENAME_NOREPLACE");
	recovery_after(*state, &out, "linkat(");
	recovery_after(*state, &by_staging, "utimensat(");
}

/* Its file system is not mounted at the next start: nothing is forgotten. */
static void disk_is_away(void **state)
{
	const struct task task = {"quarantine", false, JOURNAL_IN_PLACE, JOURNAL_IN_VAULT};
	struct moverworld *world = *state;
	static struct calls all;
	size_t first = 0;
	size_t found = 0;
	char away[SCRATCH_PATH_SIZE];
	char id[33];

	begin(world, &task, id);
	assert_int_equal(run(world, &task, task.verb, id, NULL), 0);
	read_calls(world, "RENAME_NOREPLACE", &all, &first, &found);
	begin(world, &task, id);
	assert_int_equal(run(world, &task, task.verb, id, &all.calls[found]), SIGKILL);
	scratch_mkdir(&world->state, "away");
	(void)scratch_path(&world->state, "away", away);
	assert_int_equal(mount(world->disk.path, away, NULL, MS_BIND, NULL), 0);
	assert_int_equal(umount2(world->disk.path, MNT_DETACH), 0);
	open_mover(world);
	assert_int_equal(mover_recover(world->mover, NULL, NULL), 1);
	close_mover(world);
	assert_int_equal(mount(away, world->disk.path, NULL, MS_BIND, NULL), 0);
	assert_int_equal(umount2(away, MNT_DETACH), 0);
	assert_int_equal(recover(world, &task), JOURNAL_IN_VAULT);
}

static int setup(void **state)
{
	int r = moverworld_setup(state);

	close_mover(*state);
	return r;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(quarantine, setup, moverworld_teardown),
		cmocka_unit_test_setup_teardown(removal, setup, moverworld_teardown),
		cmocka_unit_test_setup_teardown(restore, setup, moverworld_teardown),
		cmocka_unit_test_setup_teardown(restore_by_staging, setup, moverworld_teardown),
		cmocka_unit_test_setup_teardown(errors, setup, moverworld_teardown),
		cmocka_unit_test_setup_teardown(disk_is_away, setup, moverworld_teardown),
		cmocka_unit_test_setup_teardown(recovery, setup, moverworld_teardown),
	};

	if (argc == 6 && strcmp(argv[1], "worker") == 0)
		return worker(argv + 2);
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	if (system("strace -o /dev/null -e inject=getppid:error=EPERM true 2>/dev/null") != 0) {
		print_message("strace cannot trace here\n");
		return UNIT_SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
