/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening and closing, and transactions. Two daemons on one state directory
 * would give the same sequence to different events, so the daemon holds
 * flock(2) on STATE_DIR/store.lock as long as it lives; the kernel lets go
 * when it dies. Readers (log_verify) do without: WAL lets them read beside the
 * writer.
 *
 * The database file is made by us before SQLite sees it: with mode 0600
 * whatever the umask (the WAL and shared-memory files take its mode from it),
 * and without following a link that somebody planted. The directory's path is
 * resolved first, since SQLITE_OPEN_NOFOLLOW refuses links in any component
 * and /var may well be one.
 */
#include "store_sql.h"

#include "check.h"
#include "cleanup.h"
#include "digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static int store_dir_open(const char *state_dir, char **pathp, int *fdp, struct errmsg *msg)
{
	int fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *dir;
	int n;

	if (fd < 0) {
		int r = -errno;

		errmsg_set(msg, "open %s: %s", state_dir, err_text(r));
		return err_origin(r);
	}
	dir = realpath(state_dir, NULL);
	n = dir ? asprintf(pathp, "%s/store.db", dir) : -1;
	free(dir);
	if (n < 0) {
		(void)close(fd);
		errmsg_set(msg, "%s: %s", state_dir, err_text(-ENOMEM));
		return err_origin(-ENOMEM);
	}
	*fdp = fd;
	return 0;
}

/* A file of ours: regular, owned by us, under one name only. */
static int store_file_check(int fd, const char *name, struct errmsg *msg)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		errmsg_set(msg, "%s: %s", name, err_text(-errno));
		return err_origin(-errno);
	}
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1) {
		errmsg_set(msg, "%s: not a regular file of this user with one name", name);
		return err_origin(-EPERM);
	}
	return 0;
}

static int store_file_open(int dir_fd, const char *name, int flags, int *fdp, struct errmsg *msg)
{
	int fd = openat(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	int r;

	if (fd < 0) {
		r = -errno;
		errmsg_set(msg, "open %s: %s", name, err_text(r));
		return err_origin(r);
	}
	r = store_file_check(fd, name, msg);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	*fdp = fd;
	return 0;
}

static int store_lock(struct store *store, int dir_fd, struct errmsg *msg)
{
	int r = store_file_open(dir_fd, "store.lock", O_RDWR | O_CREAT, &store->lock_fd, msg);

	if (r < 0)
		return r;
	if (flock(store->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		r = errno == EWOULDBLOCK ? -EBUSY : -errno;
		errmsg_set(msg, "%s",
			r == -EBUSY ? "another quietscand has this state directory" : err_text(r));
		return err_origin(r);
	}
	return 0;
}

/* The new name must be on disk before a commit can be. */
static int store_file_prepare(int dir_fd, struct errmsg *msg)
{
	int fd = -1;
	int r = store_file_open(dir_fd, "store.db", O_RDWR | O_CREAT, &fd, msg);

	if (r < 0)
		return r;
	(void)close(fd);
	if (fsync(dir_fd) < 0) {
		r = -errno;
		errmsg_set(msg, "flush the directory: %s", err_text(r));
		return err_origin(r);
	}
	return 0;
}

static int store_db_open(struct store *store, const char *path, int flags, struct errmsg *msg)
{
	int rc = sqlite3_open_v2(path, &store->db,
		flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI, NULL);

	if (rc != SQLITE_OK)
		return store_sql_fail(store, rc, msg, "open store.db");
	return store_schema_configure(store, msg);
}

static struct store *store_new(void)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store) {
		store->lock_fd = -1;
		store_revision_init(store);
	}
	return store;
}

static void store_cleanup(struct store **storep)
{
	store_close(*storep);
}

int store_open(const char *state_dir, struct store **storep, struct errmsg *msg)
{
	_cleanup_(store_cleanup) struct store *store = store_new();
	_cleanup_(cleanup_free) char *path = NULL;
	_cleanup_(cleanup_close) int dir_fd = -1;
	int r;

	if (!store)
		return err_origin(-ENOMEM);
	r = store_dir_open(state_dir, &path, &dir_fd, msg);
	if (r == 0)
		r = store_lock(store, dir_fd, msg);
	if (r == 0)
		r = store_file_prepare(dir_fd, msg);
	if (r == 0)
		r = store_db_open(store, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, msg);
	if (r == 0)
		r = store_schema_migrate(store, msg);
	if (r == 0)
		r = store_event_load_head(store, msg);
	if (r < 0) {
		errmsg_prefix(msg, "store in %s", state_dir);
		return r;
	}
	*storep = store;
	store = NULL;
	return 0;
}

static int store_reader_open_db(
	struct store *store, int dir_fd, const char *path, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *uri = NULL;
	int r = store_db_open(store, path, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW, msg);

	if (r == 0)
		r = store_schema_check(store, msg);
	if (r != -EIO && r != -EROFS && r != -EACCES)
		return r;
	/*
	 * A database in WAL mode cannot be read in a directory that cannot be
	 * written, unless it is promised that nobody writes. Without a WAL file
	 * that holds; with one, what is in it would be missed.
	 */
	if (faccessat(dir_fd, "store.db-wal", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return r;
	(void)sqlite3_close(store->db);
	store->db = NULL;
	if (asprintf(&uri, "file:%s?immutable=1", path) < 0)
		return err_origin(-ENOMEM);
	r = store_db_open(store, uri, SQLITE_OPEN_READONLY, msg);
	return r == 0 ? store_schema_check(store, msg) : r;
}

int store_open_reader(const char *state_dir, struct store **storep, struct errmsg *msg)
{
	_cleanup_(store_cleanup) struct store *store = store_new();
	_cleanup_(cleanup_free) char *path = NULL;
	_cleanup_(cleanup_close) int dir_fd = -1;
	int r;

	if (!store)
		return err_origin(-ENOMEM);
	store->is_reader = true;
	r = store_dir_open(state_dir, &path, &dir_fd, msg);
	if (r == 0 && faccessat(dir_fd, "store.db", F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		r = -errno;
		errmsg_set(msg, "open store.db: %s", err_text(r));
	}
	if (r == 0)
		r = store_reader_open_db(store, dir_fd, path, msg);
	if (r == 0)
		r = store_event_load_head(store, msg);
	if (r < 0) {
		errmsg_prefix(msg, "store in %s", state_dir);
		return r;
	}
	*storep = store;
	store = NULL;
	return 0;
}

void store_close(struct store *store)
{
	int rc;

	if (!store)
		return;
	store_rollback(store);
	for (size_t i = 0; i < STORE_SQL_N; i++)
		(void)sqlite3_finalize(store->cached[i]);
	rc = sqlite3_close(store->db);
	INVARIANT(rc == SQLITE_OK); /* SQLITE_BUSY: a statement was not given back. */
	if (store->lock_fd >= 0)
		(void)close(store->lock_fd);
	free(store);
}

int store_begin(struct store *store, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r;

	PRE(!store->is_in_txn);
	r = store_sql_take(store, STORE_SQL_BEGIN, &bind.stmt, msg);
	if (r == 0)
		r = store_sql_run(store, &bind, msg, "begin a transaction");
	if (r == 0)
		store->is_in_txn = true;
	return r;
}

int store_commit(struct store *store, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r;

	PRE(store->is_in_txn);
	r = store_sql_take(store, STORE_SQL_COMMIT, &bind.stmt, msg);
	if (r == 0)
		r = store_sql_run(store, &bind, msg, "commit");
	if (r < 0) {
		store_rollback(store);
		return r;
	}
	store->is_in_txn = false;
	store->committed = store->head;
	store_revision_settle(store);
	return 0;
}

void store_rollback(struct store *store)
{
	struct store_bind bind = {0};

	if (!store->is_in_txn)
		return;
	/* SQLite may have rolled back by itself; then there is nothing to do. */
	if (!sqlite3_get_autocommit(store->db) &&
		store_sql_take(store, STORE_SQL_ROLLBACK, &bind.stmt, NULL) == 0)
		(void)store_sql_run(store, &bind, NULL, "roll back");
	store->is_in_txn = false;
	store->doomed = 0;
	store->head = store->committed;
	store_revision_settle(store);
}

bool store_is_in_transaction(const struct store *store)
{
	return store->is_in_txn;
}

const char *store_machine_id(const struct store *store)
{
	return store->machine_id;
}

bool store_is_log_damaged(const struct store *store)
{
	return store->is_head_damaged;
}

void store_new_id(char id[RECORD_ID_SIZE])
{
	uint8_t b[16];
	char hex[33];

	digest_random(b, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* RFC 9562: version 4, random */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	digest_hex(b, sizeof(b), hex);
	(void)snprintf(id, RECORD_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		hex + 16, hex + 20);
}
