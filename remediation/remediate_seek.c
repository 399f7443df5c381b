/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is ours is known by device and inode, never by a path: whoever has a mount
 * namespace of his own can execute his program by any path, also by that of ours.
 */
#include "remediate_seek.h"

#include "channel.h"
#include "cleanup.h"
#include "hex.h"
#include "seek.h"
#include "vault_crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

/* Seek. */

struct remediate_seek {
	int control_fd;
	uint64_t serial;
	uint64_t n_found;
	int send_error;
};

static int remediate_seek_on_found(void *data, const struct seek_file *file)
{
	struct remediate_seek *seek = data;
	struct ipc_move_found found = {.serial = seek->serial,
		.dev = file->dev,
		.ino = file->ino,
		.size = file->size,
		.mtime_ns = file->mtime_ns,
		.ctime_ns = file->ctime_ns,
		.name = (uint8_t)file->name,
		.path = file->path,
		.n_pids = file->n_pids};

	if (seek->n_found++ >= IPC_MOVE_FOUNDS_MAX)
		return 0;
	hex_bytes(file->sha256, found.sha256, sizeof(found.sha256));
	hex_bytes(file->sha1, found.sha1, sizeof(found.sha1));
	for (size_t i = 0; i < file->n_pids && i < IPC_EXECUTING_MAX; i++)
		found.pids[i] = (uint64_t)file->pids[i];
	seek->send_error = channel_send(seek->control_fd, IPC_MOVE_FOUND, &found, NULL, 0);
	return seek->send_error;
}

static void remediate_seek_fail(struct mover_result *result, int r, const char *what)
{
	result->outcome = IPC_MOVE_FAILED;
	result->error = -r;
	errmsg_set(&result->text, "%s: %s", what, err_text(r));
}

static void remediate_seek_settle(
	struct mover_result *result, uint64_t n_found, const struct seek_totals *totals)
{
	result->outcome = IPC_MOVE_SOUGHT;
	result->n_names = n_found;
	result->n_names_left = totals->n_hidden + totals->n_unread;
	errmsg_set(&result->text,
		"%" PRIu64 " processes looked at, %" PRIu64 " hidden; %" PRIu64
		" files read, %" PRIu64 " too large, %" PRIu64 " unreadable, %" PRIu64
		" changed while they were read%s",
		totals->n_processes, totals->n_hidden, totals->n_hashed, totals->n_too_large,
		totals->n_unreadable, totals->n_changed,
		n_found > IPC_MOVE_FOUNDS_MAX ? "; not every file that was found is told" : "");
	if (totals->n_beyond > 0)
		errmsg_prefix(&result->text,
			"the search was given up, %" PRIu64 " files are not read",
			totals->n_beyond);
}

int remediate_seek_tell(
	int control_fd, const struct ipc_move_seek *message, struct mover_result *result)
{
	struct remediate_seek seek = {.control_fd = control_fd, .serial = message->serial};
	char hash[IPC_MOVE_HASH_MAX + 1] = "";
	const struct seek_config config = {.hash = hash,
		.size_max = REMEDIATE_SEEK_SIZE_MAX,
		.total_max = REMEDIATE_SEEK_TOTAL_MAX,
		.time_ms = REMEDIATE_SEEK_TIME_MS,
		.on_found = remediate_seek_on_found,
		.data = &seek};
	struct seek_totals totals;
	int r;

	*result = (struct mover_result){.outcome = IPC_MOVE_SOUGHT};
	if (message->hash.n > IPC_MOVE_HASH_MAX)
		return -EPROTO;
	if (message->hash.n > 0)
		memcpy(hash, message->hash.data, message->hash.n);
	if (strlen(hash) != message->hash.n) /* a NUL in it: not what was meant */
		return -EPROTO;
	r = seek_processes(&config, &totals);
	if (seek.send_error < 0)
		return seek.send_error;
	if (r == -EINVAL)
		return -EPROTO;
	if (r < 0)
		remediate_seek_fail(result, r, "look at running executables");
	else
		remediate_seek_settle(result, seek.n_found, &totals);
	return 0;
}

/* Stop. */

static bool remediate_seek_is(
	const struct ipc_move_stop *stop, int dir_fd, const char *name, int flags)
{
	struct stat status;

	return fstatat(dir_fd, name, &status, flags | AT_NO_AUTOMOUNT) == 0 &&
	       status.st_dev == stop->dev && status.st_ino == stop->ino;
}

/* Whether it lies where we lie: the scanner, the engine. @return 1, 0, -errno. */
static int remediate_seek_is_beside(const struct ipc_move_stop *stop)
{
	_cleanup_(cleanup_closedir) DIR *folder = NULL;
	const struct dirent *entry;
	char path[FOLDER_PATH_SIZE] = "";
	char *end;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return err_origin(-errno);
	end = strrchr(path, '/');
	if (!end)
		return 0; /* UNTESTED: the kernel tells an absolute path */
	end[1] = '\0';
	folder = opendir(path);
	if (!folder)
		return errno == ENOENT ? 0 : err_origin(-errno);
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of one thread */
	while ((entry = readdir(folder)) != NULL)
		if (remediate_seek_is(stop, dirfd(folder), entry->d_name, AT_SYMLINK_NOFOLLOW))
			return 1;
	return 0;
}

/* @return 1, 0, -errno. */
static int remediate_seek_is_ours(const struct ipc_move_stop *stop)
{
	char parent[32];

	(void)snprintf(parent, sizeof(parent), "/proc/%d/exe", (int)getppid());
	/* What cannot be looked at is spared by its number. */
	if (remediate_seek_is(stop, AT_FDCWD, "/proc/self/exe", 0) ||
		remediate_seek_is(stop, AT_FDCWD, parent, 0))
		return 1;
	return remediate_seek_is_beside(stop);
}

/* What became of those that executed it. */
struct remediate_seek_ends {
	struct mover_result *result;
	bool is_cut; /* the text has no room for more */
};

/* Of a process that was not ended; the counts that go before need room as well. */
static void remediate_seek_say(struct remediate_seek_ends *ends, pid_t pid, const char *what)
{
	enum { ROOM_FOR_COUNTS = 80 };
	struct errmsg *text = &ends->result->text;
	size_t n = strlen(text->text);
	char one[160];
	int n_one = snprintf(one, sizeof(one), "%spid %d %s", n > 0 ? ", " : "", (int)pid, what);

	if (ends->is_cut)
		return;
	ends->is_cut = n + (size_t)n_one >= sizeof(text->text) - ROOM_FOR_COUNTS;
	(void)snprintf(text->text + n, sizeof(text->text) - n, "%s", ends->is_cut ? ", ..." : one);
}

static void remediate_seek_on_process(void *data, pid_t pid, enum seek_stop_end end, int error)
{
	struct remediate_seek_ends *ends = data;

	if (end == SEEK_STOP_ENDED) {
		ends->result->n_names++;
		return;
	}
	ends->result->n_names_left++;
	if (error < 0 && ends->result->error == 0)
		ends->result->error = -error;
	remediate_seek_say(ends, pid,
		end == SEEK_STOP_REFUSED ? "is not to be ended"
		: end == SEEK_STOP_LEFT  ? "was killed and is still there"
					 : err_text(error));
}

void remediate_seek_stop(const struct ipc_move_stop *stop, struct mover_result *result)
{
	struct remediate_seek_ends ends = {.result = result};
	char sha256[2 * sizeof(stop->sha256) + 1];
	struct seek_stop_config config = {.dev = stop->dev,
		.ino = stop->ino,
		.size = stop->size,
		.mtime_ns = stop->mtime_ns,
		.ctime_ns = stop->ctime_ns,
		.sha256 = sha256,
		.wait_ms = REMEDIATE_SEEK_WAIT_MS,
		.on_process = remediate_seek_on_process,
		.data = &ends};
	int r;

	*result = (struct mover_result){.outcome = IPC_MOVE_STOPPED};
	vault_crypto_hex(stop->sha256, sizeof(stop->sha256), sha256);
	r = remediate_seek_is_ours(stop);
	config.is_spared = r == 1;
	if (r >= 0)
		r = seek_stop(&config);
	if (r < 0) {
		remediate_seek_fail(result, r, "end who executes it");
		return;
	}
	if (result->n_names_left > 0)
		errmsg_prefix(&result->text, "%" PRIu64 " processes ended, %" PRIu64 " not",
			result->n_names, result->n_names_left);
	else
		errmsg_set(&result->text, "%" PRIu64 " processes ended", result->n_names);
}
