/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An append that fails half-way is cut off again, and when even that fails the
 * next line begins with a newline of its own, so that what was cut spoils itself
 * only. The lock is on the file, so that two processes never recover the same
 * move.
 */
#include "journal.h"

#include "check.h"
#include "cleanup.h"
#include "full_io.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_OLD JOURNAL_NAME ".old"

struct journal {
	int dirfd; /* borrowed */
	int fd;
	off_t n_bytes;   /* of whole lines */
	bool is_midline; /* something after them could not be cut off */
	size_t n_damaged;
	struct journal_move *moves; /* not over, oldest first */
	size_t n_moves;
	struct journal_move ended[JOURNAL_ENDED_MAX]; /* as they were found, oldest first */
	size_t n_ended;
	uint64_t n_begun; /* BEGINs so far */
	bool is_read;     /* all that was found */
	char *line;       /* journal_record_line_size() and one more */
};

static int journal_fail(struct errmsg *msg, int r, const char *what)
{
	errmsg_set(msg, "journal: %s: %s", what, err_text(r));
	return err_origin(r);
}

static struct journal_move *journal_find(const struct journal *journal, const uint8_t *id)
{
	for (size_t i = 0; i < journal->n_moves; i++)
		if (memcmp(journal->moves[i].begin.id, id, JOURNAL_RECORD_ID_LENGTH) == 0)
			return &journal->moves[i];
	return NULL;
}

static void journal_forget_ended(struct journal *journal, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(journal->ended[i].bytes);
	memmove(journal->ended, journal->ended + n,
		(journal->n_ended - n) * sizeof(journal->ended[0]));
	journal->n_ended -= n;
}

/* Whether they were asked for together. */
static bool journal_is_same_request(
	const struct journal_move *ended, const struct journal_move *move)
{
	return ended->begin.action != JOURNAL_RESTORE && move->begin.action != JOURNAL_RESTORE &&
	       ended->begin.detection_id.n > 0 &&
	       span_equal(ended->begin.detection_id, move->begin.detection_id);
}

/* What was over before it was begun, and is of another request: who asked has heard of it. */
static void journal_forget_heard(struct journal *journal, const struct journal_move *move)
{
	size_t n = 0;

	for (size_t i = 0; i < journal->n_ended; i++) {
		struct journal_move *ended = &journal->ended[i];

		if (ended->n_begun < move->n_begun && !journal_is_same_request(ended, move))
			free(ended->bytes);
		else
			journal->ended[n++] = *ended;
	}
	journal->n_ended = n;
}

/* Its bytes are taken. */
static void journal_keep_ended(struct journal *journal, struct journal_move *move, uint8_t end)
{
	journal_forget_heard(journal, move);
	if (journal->n_ended == JOURNAL_ENDED_MAX)
		journal_forget_ended(journal, 1);
	journal->ended[journal->n_ended] = *move;
	journal->ended[journal->n_ended].n_begun = journal->n_begun;
	journal->ended[journal->n_ended++].end = end;
	move->bytes = NULL;
}

static void journal_forget(struct journal *journal, struct journal_move *move)
{
	size_t at = (size_t)(move - journal->moves);

	free(move->bytes);
	memmove(move, move + 1, (journal->n_moves - at - 1) * sizeof(*move));
	journal->n_moves--;
}

/* Room for one more that is pending, before it is on disk that it is. */
static int journal_reserve(struct journal *journal, const struct journal_record *record)
{
	struct journal_move *moves;

	if (record->step != JOURNAL_BEGIN || journal_find(journal, record->id))
		return 0;
	if (journal->n_moves >= JOURNAL_PENDING_MAX)
		return err_origin(-E2BIG);
	moves = realloc(journal->moves, (journal->n_moves + 1) * sizeof(*moves));
	if (!moves)
		return err_origin(-ENOMEM);
	journal->moves = moves;
	return 0;
}

/* What a record changes of what is pending. @bytesp is taken, and then NULL, or not. */
static void journal_apply(
	struct journal *journal, const struct journal_record *record, void **bytesp)
{
	struct journal_move *move = journal_find(journal, record->id);

	if (move && record->step == JOURNAL_END && !journal->is_read)
		journal_keep_ended(journal, move, record->end);
	if (move && (record->step == JOURNAL_BEGIN || record->step == JOURNAL_END))
		journal_forget(journal, move);
	if (record->step == JOURNAL_BEGIN) {
		INVARIANT(journal->moves); /* journal_reserve() was called before */
		journal->moves[journal->n_moves++] = (struct journal_move){
			.begin = *record, .n_begun = ++journal->n_begun, .bytes = *bytesp};
		*bytesp = NULL;
		return;
	}
	if (!move || record->step == JOURNAL_END)
		return;
	move->step = record->step;
	if (record->step == JOURNAL_PLACED) {
		move->placed_dev = record->dev;
		move->placed_inode = record->inode;
	}
}

static int journal_read_line(struct journal *journal, struct span line)
{
	_cleanup_(cleanup_free) void *bytes = NULL;
	struct journal_record record = {0};
	int r = line.n == 0 ? -EBADMSG : journal_record_read(line, &record, &bytes);

	if (r == -EBADMSG) {
		if (line.n > 0)
			journal->n_damaged++;
		return 0;
	}
	if (r == 0)
		r = journal_reserve(journal, &record);
	if (r == 0)
		journal_apply(journal, &record, &bytes);
	return r;
}

static int journal_read(struct journal *journal)
{
	int fd = fcntl(journal->fd, F_DUPFD_CLOEXEC, 0);
	_cleanup_(cleanup_fclose) FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
	_cleanup_(cleanup_free) char *line = NULL;
	size_t n_room = 0;
	ssize_t n;
	int r = 0;

	if (!in) {
		r = -errno;
		cleanup_close(&fd);
		return r;
	}
	while (errno = 0, r == 0 && (n = getline(&line, &n_room, in)) > 0) {
		if (line[n - 1] != '\n')
			break; /* the append that was stopped */
		journal->n_bytes += n;
		r = journal_read_line(journal, (struct span){line, (size_t)n - 1});
	}
	/* No end for want of memory, and nothing may be cut off behind it. */
	if (r == 0 && !feof(in))
		r = errno != 0 ? -errno : -EIO;
	return r;
}

static int journal_open_file(struct journal *journal)
{
	struct stat status;

	journal->fd = openat(journal->dirfd, JOURNAL_NAME,
		O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (journal->fd < 0)
		return -errno;
	if (flock(journal->fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(journal->fd, &status) < 0)
		return -errno; /* UNTESTED: of an open file */
	if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || status.st_uid != geteuid() ||
		(status.st_mode & 077))
		return -EPERM;
	/* Its name is on disk before the first line is. */
	return fsync(journal->dirfd) < 0 ? -errno : 0;
}

/* Long, and nothing in it is needed any more. Unless 0 is returned it is what it was. */
static int journal_rotate(struct journal *journal)
{
	int old = journal->fd;
	int r;

	if (journal->n_bytes < JOURNAL_ROTATE_BYTES || journal->n_moves > 0)
		return 0;
	if (renameat(journal->dirfd, JOURNAL_NAME, journal->dirfd, JOURNAL_OLD) < 0)
		return -errno;
	r = journal_open_file(journal);
	if (r < 0) {
		cleanup_close(&journal->fd);
		(void)renameat(journal->dirfd, JOURNAL_OLD, journal->dirfd, JOURNAL_NAME);
		journal->fd = old;
		return r;
	}
	cleanup_close(&old);
	journal->n_bytes = 0;
	journal->is_midline = false;
	return 0;
}

static int journal_open_all(struct journal *journal)
{
	int r = journal_open_file(journal);

	journal->line = malloc(journal_record_line_size() + 1);
	if (!journal->line)
		return -ENOMEM;
	if (r == 0)
		r = journal_read(journal);
	if (r == 0 && ftruncate(journal->fd, journal->n_bytes) < 0)
		r = -errno;
	journal->is_read = true;
	return r;
}

int journal_open(int state_dirfd, struct journal **journalp, struct errmsg *msg)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int r;

	*journalp = NULL;
	if (!journal)
		return journal_fail(msg, -ENOMEM, "open");
	journal->dirfd = state_dirfd;
	journal->fd = -1;
	r = journal_open_all(journal);
	if (r < 0) {
		journal_close(journal);
		return journal_fail(msg, r, "open " JOURNAL_NAME);
	}
	if (journal->n_damaged > 0)
		log_warn("journal", "%zu damaged lines passed over", journal->n_damaged);
	*journalp = journal;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	for (size_t i = 0; journal->moves && i < journal->n_moves; i++)
		free(journal->moves[i].bytes);
	free(journal->moves);
	journal_forget_ended(journal, journal->n_ended);
	free(journal->line);
	cleanup_close(&journal->fd);
	free(journal);
}

size_t journal_n_pending(const struct journal *journal)
{
	return journal->n_moves;
}

const struct journal_move *journal_pending(const struct journal *journal, size_t i)
{
	return &journal->moves[i];
}

size_t journal_n_ended(const struct journal *journal)
{
	return journal->n_ended;
}

const struct journal_move *journal_ended(const struct journal *journal, size_t i)
{
	return &journal->ended[i];
}

size_t journal_n_damaged(const struct journal *journal)
{
	return journal->n_damaged;
}

static int journal_write(struct journal *journal, const char *text, size_t n)
{
	int r = full_write(journal->fd, text, n);

	if (r < 0)
		return r;
	return fdatasync(journal->fd) < 0 ? -errno : 0;
}

int journal_append(struct journal *journal, const struct journal_record *record, struct errmsg *msg)
{
	_cleanup_(cleanup_free) void *bytes = NULL;
	struct journal_record copy = {0};
	char *line;
	size_t n = 0;
	int r = record->step == JOURNAL_BEGIN ? journal_rotate(journal) : 0;

	line = journal->line + (journal->is_midline ? 1 : 0);
	if (r == 0)
		r = journal_record_write(record, line, &n);
	/* Read back first: what is pending must own its bytes. */
	if (r == 0)
		r = journal_record_read((struct span){line, n - 1}, &copy, &bytes);
	if (r == 0)
		r = journal_reserve(journal, &copy);
	if (r < 0)
		return journal_fail(msg, r, "write");
	if (journal->is_midline) {
		journal->line[0] = '\n';
		n++;
	}
	r = journal_write(journal, journal->line, n);
	if (r < 0) {
		journal->is_midline = ftruncate(journal->fd, journal->n_bytes) < 0;
		return journal_fail(msg, r, "write");
	}
	journal->is_midline = false;
	journal->n_bytes += (off_t)n;
	journal_apply(journal, &copy, &bytes);
	return 0;
}
