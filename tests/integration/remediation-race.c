/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Root quarantines and restores in a folder that everybody can write to, while
 * other users exchange the file, its folder and what both lead to as fast as they
 * can: for other files, links to a secret, directories, FIFOs.
 *
 * Every file has an id as its content. Whatever happens:
 *   - what goes into quarantine is what was scanned;
 *   - at the end every id is there exactly once, in the tree or in quarantine;
 *   - the secret was not opened, read, written, moved, nor anything put beside it.
 */
#include "cleanup.h"
#include "folder.h"
#include "moverworld.h"
#include "vault.h"
#include "vault_crypto.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	N_ROUNDS = 5000, /* moves that are tried, at least */
	N_TAKEN = 200,   /* and of them won, and put back, at least */
	N_ATTACKERS = 3,
	N_POOL = 24,
	N_IDS = N_POOL + 8,
	ATTACKER = 65534,
	SECRET_EVENTS = IN_ACCESS | IN_MODIFY | IN_ATTRIB | IN_OPEN | IN_CLOSE | IN_MOVE |
			IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF,
};

/** Of the one race. */
static struct race {
	struct moverworld *world;
	int pub_fd; /**< home/pub, 0777, in which everything happens. */
	unsigned n_ids;
	unsigned seen[N_IDS];
	uint64_t *swaps; /**< Shared with the attackers. */
	unsigned outcomes[IPC_MOVE_OUTCOME_N];
	char waiting[N_IDS][33]; /**< Items that could not be restored yet. */
	unsigned n_waiting;
} race;

static void make(const char *name)
{
	char text[32];
	char path[64];

	(void)snprintf(path, sizeof(path), "pub/%s", name);
	(void)snprintf(text, sizeof(text), "id %u", race.n_ids++);
	moverworld_make(race.world, path, text);
	assert_int_equal(fchownat(race.pub_fd, name, ATTACKER, ATTACKER, 0), 0);
}

static void make_folder(const char *name)
{
	assert_int_equal(mkdirat(race.pub_fd, name, 0755), 0);
	assert_int_equal(fchownat(race.pub_fd, name, ATTACKER, ATTACKER, 0), 0);
}

static void build(void)
{
	char name[32];
	char secret[SCRATCH_PATH_SIZE];

	assert_int_equal(mkdirat(race.world->home_fd, "secret", 0755), 0);
	moverworld_make(race.world, "secret/file", "secret");
	assert_int_equal(fchmodat(race.world->home_fd, "secret/file", 0600, 0), 0);
	assert_int_equal(mkdirat(race.world->home_fd, "pub", 0777), 0);
	assert_int_equal(fchmodat(race.world->home_fd, "pub", 0777, 0), 0);
	assert_int_equal(fchownat(race.world->home_fd, "pub", ATTACKER, ATTACKER, 0), 0);
	race.pub_fd = openat(race.world->home_fd, "pub", O_RDONLY | O_DIRECTORY);
	make_folder("b");
	make_folder("b2");
	make_folder("dir");
	make("b/file");
	make("b2/file");
	make("dir/inside");
	for (int i = 0; i < N_POOL; i++) {
		(void)snprintf(name, sizeof(name), "p%d", i);
		make(name);
	}
	(void)moverworld_path(race.world, "secret", secret);
	assert_int_equal(symlinkat(secret, race.pub_fd, "blink"), 0);
	(void)moverworld_path(race.world, "secret/file", secret);
	assert_int_equal(symlinkat(secret, race.pub_fd, "link"), 0);
	assert_int_equal(mknodat(race.pub_fd, "fifo", S_IFIFO | 0666, 0), 0);
}

static void swap(const char *a, const char *b, unsigned flags)
{
	if (renameat2(race.pub_fd, a, race.pub_fd, b, flags) == 0)
		(void)__atomic_add_fetch(race.swaps, 1, __ATOMIC_RELAXED);
}

/*
 * Only ever exchanges, or moves to a name that is free: nothing is lost by it. What
 * is called "b" is never put below it, or soon no folder had that name any more.
 */
static void attack(unsigned seed)
{
	static const char *const decoys[] = {"link", "fifo", "dir", "b2/file"};
	static const char *const folders[] = {"b2", "blink", "b2"};
	char name[32];

	if (setgroups(0, NULL) < 0 || setresgid(ATTACKER, ATTACKER, ATTACKER) < 0 ||
		setresuid(ATTACKER, ATTACKER, ATTACKER) < 0)
		_exit(1);
	for (;;) {
		unsigned what = (unsigned)rand_r(&seed) % 16;

		(void)snprintf(name, sizeof(name), "p%u", (unsigned)rand_r(&seed) % N_POOL);
		if (what < 7)
			swap("b/file", name, RENAME_EXCHANGE);
		else if (what < 9)
			swap(name, "b/file", RENAME_NOREPLACE);
		else if (what < 11)
			swap("b/file", name, RENAME_NOREPLACE);
		else if (what < 13)
			swap("b/file", decoys[what % 4], RENAME_EXCHANGE);
		else
			swap("b", folders[what - 13], RENAME_EXCHANGE);
	}
}

static void hash(const char *text, size_t n, char sha256[65])
{
	struct vault_crypto_hash *sum = NULL;
	char sha1[41];

	assert_int_equal(vault_crypto_hash_new(&sum), 0);
	assert_int_equal(vault_crypto_hash_add(sum, (struct span){text, n}), 0);
	assert_int_equal(vault_crypto_hash_end(sum, sha256, sha1), 0);
	vault_crypto_hash_free(sum);
}

/* What somebody who scans would know: read by descriptor, no link followed. */
static bool scan(struct identity *identity)
{
	char path[SCRATCH_PATH_SIZE];
	char text[32];
	struct stat status;
	ssize_t n;
	_cleanup_(cleanup_close) int folder = -1;
	_cleanup_(cleanup_close) int fd = -1;

	if (folder_open(span_str(moverworld_path(race.world, "pub/b", path)), &folder) < 0 ||
		fstatat(folder, "file", &status, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISREG(status.st_mode))
		return false;
	/* Not the secret's: that folder has no link of ours to it but by name. */
	fd = openat(folder, "file", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
		(n = pread(fd, text, sizeof(text), 0)) < 4)
		return false;
	identity_from_stat(&status, identity);
	hash(text, (size_t)n, identity->sha256);
	return true;
}

static void check_item(const struct identity *identity)
{
	struct vault_item item = VAULT_ITEM_NULL;
	struct vault *vault = NULL;
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(vault_open(race.world->state_fd, &vault, &msg), 0);
	assert_int_equal(vault_check(vault, race.world->result.id, &item, &msg), 0);
	assert_int_equal(item.inode, identity->inode);
	assert_string_equal(item.sha256, identity->sha256);
	vault_item_deinit(&item);
	vault_close(vault);
}

/* One item; what cannot be put back now waits. */
static void restore(unsigned i)
{
	if (race.n_waiting == 0)
		return;
	i %= race.n_waiting;
	(void)moverworld_restore(race.world, race.waiting[i]);
	race.outcomes[race.world->result.outcome]++;
	if (race.world->result.outcome == IPC_MOVE_RESTORED)
		memcpy(race.waiting[i], race.waiting[--race.n_waiting], 33);
}

static bool one_round(unsigned i)
{
	struct identity identity;
	_cleanup_(cleanup_close) int folder = -1;
	char path[SCRATCH_PATH_SIZE];
	struct mover_name name = {.folder_fd = -1};
	struct mover_request request = {
		.action = IPC_MOVE_QUARANTINE, .names = &name, .n_names = 1};

	name.path = span_str(moverworld_path(race.world, "pub/b/file", path));
	if (!scan(&identity)) {
		restore(i);
		return false;
	}
	request.identity = identity;
	if (i % 2 == 0)
		name.folder_fd = folder =
			openat(race.pub_fd, "b", O_PATH | O_DIRECTORY | O_NOFOLLOW);
	mover_move(race.world->mover, &request, &race.world->result);
	race.outcomes[race.world->result.outcome]++;
	if (race.world->result.outcome == IPC_MOVE_CHANGED_KEPT)
		memcpy(race.waiting[race.n_waiting++], race.world->result.id, 33);
	if (race.world->result.outcome != IPC_MOVE_QUARANTINED)
		return true;
	check_item(&identity);
	assert_true(race.n_waiting < N_IDS);
	memcpy(race.waiting[race.n_waiting++], race.world->result.id, 33);
	restore(race.n_waiting - 1);
	return true;
}

static void see(const char *text)
{
	unsigned id;

	assert_int_equal(sscanf(text, "id %u", &id), 1);
	assert_true(id < race.n_ids);
	race.seen[id]++;
}

static int see_file(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	char text[32] = "";
	int fd;

	(void)type;
	(void)ftw;
	if (!S_ISREG(status->st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_NOFOLLOW);
	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	(void)close(fd);
	see(text);
	return 0;
}

static int see_item(const struct vault_item *item, void *arg)
{
	char text[32] = "";
	int fd = memfd_create("item", MFD_CLOEXEC);

	assert_int_equal(vault_get(arg, item->id, fd, NULL, NULL), 0);
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	(void)close(fd);
	see(text);
	return 0;
}

static void every_id_once(void)
{
	char path[SCRATCH_PATH_SIZE];
	struct vault *vault = NULL;
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(nftw(moverworld_path(race.world, "pub", path), see_file, 16, FTW_PHYS), 0);
	assert_int_equal(vault_open(race.world->state_fd, &vault, &msg), 0);
	assert_int_equal(vault_list(vault, see_item, vault, &msg), 0);
	vault_close(vault);
	for (unsigned i = 0; i < race.n_ids; i++)
		if (race.seen[i] != 1)
			fail_msg("id %u is there %u times", i, race.seen[i]);
}

static void secret_is_untouched(int watch)
{
	char event[4096];

	assert_int_equal(read(watch, event, sizeof(event)), -1);
	assert_int_equal(errno, EAGAIN);
	(void)close(watch);
	moverworld_expect(race.world, "secret/file", "secret");
}

static int watch_secret(void)
{
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char path[SCRATCH_PATH_SIZE];

	assert_true(inotify_add_watch(watch, moverworld_path(race.world, "secret/file", path),
			    SECRET_EVENTS) >= 0);
	assert_true(inotify_add_watch(watch, moverworld_path(race.world, "secret", path),
			    SECRET_EVENTS & ~(IN_OPEN | IN_CLOSE | IN_ACCESS)) >= 0);
	return watch;
}

static void race_in_a_world_writable_folder(void **state)
{
	pid_t pids[N_ATTACKERS];
	int watch;

	race = (struct race){.world = *state};
	race.swaps = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	build();
	watch = watch_secret();
	for (unsigned i = 0; i < N_ATTACKERS; i++) {
		pids[i] = unit_fork();
		if (pids[i] == 0)
			attack(i + 1);
	}
	for (unsigned i = 0; i < N_ROUNDS || race.outcomes[IPC_MOVE_RESTORED] < N_TAKEN;)
		i += one_round(i);
	for (unsigned i = 0; i < N_ATTACKERS; i++) {
		(void)kill(pids[i], SIGKILL);
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
	secret_is_untouched(watch);
	print_message("%llu swaps; quarantined %u restored %u changed %u beside %u vanished %u "
		      "exists %u gone %u unsafe %u kept %u stranded %u failed %u\n",
		(unsigned long long)*race.swaps, race.outcomes[IPC_MOVE_QUARANTINED],
		race.outcomes[IPC_MOVE_RESTORED], race.outcomes[IPC_MOVE_CHANGED],
		race.outcomes[IPC_MOVE_BESIDE], race.outcomes[IPC_MOVE_VANISHED],
		race.outcomes[IPC_MOVE_TARGET_EXISTS], race.outcomes[IPC_MOVE_FOLDER_GONE],
		race.outcomes[IPC_MOVE_FOLDER_UNSAFE], race.outcomes[IPC_MOVE_CHANGED_KEPT],
		race.outcomes[IPC_MOVE_STRANDED], race.outcomes[IPC_MOVE_FAILED]);
	every_id_once();
	assert_int_equal(race.outcomes[IPC_MOVE_STRANDED], 0);
	assert_int_equal(race.outcomes[IPC_MOVE_FAILED], 0);
	assert_true(*race.swaps > N_ROUNDS);
	assert_true(race.outcomes[IPC_MOVE_QUARANTINED] >= N_TAKEN);
	assert_true(race.outcomes[IPC_MOVE_CHANGED] > 50);
	(void)close(race.pub_fd);
	(void)munmap(race.swaps, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			race_in_a_world_writable_folder, moverworld_setup, moverworld_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
