/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: what is pending after any end of a process, whatever was done to
 * the file; and who may have it.
 */
#include "journal.h"
#include "log.h"
#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bench {
	struct scratch scratch;
	int fd;
	struct journal *journal;
	struct errmsg msg;
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	scratch_init(&bench->scratch);
	bench->fd = open(bench->scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	journal_close(bench->journal);
	(void)close(bench->fd);
	scratch_deinit(&bench->scratch);
	free(bench);
	return 0;
}

static void open_journal(struct bench *bench)
{
	journal_close(bench->journal);
	if (journal_open(bench->fd, &bench->journal, &bench->msg) != 0)
		fail_msg("%s", bench->msg.text);
}

static struct journal_record make(enum journal_step step, unsigned id)
{
	struct journal_record record = {.step = (uint8_t)step,
		.dev = 7,
		.inode = id + 100,
		.sha256 = span_str(
			"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
		.path = span_str("/home/ann/file")};
	char text[33];

	(void)snprintf(text, sizeof(text), "%032x", id);
	memcpy(record.id, text, sizeof(record.id));
	return record;
}

static void add(struct bench *bench, enum journal_step step, unsigned id)
{
	const struct journal_record record = make(step, id);

	assert_int_equal(journal_append(bench->journal, &record, &bench->msg), 0);
}

/* All of a move. */
static void move(struct bench *bench, enum journal_action action, const char *detection_id,
	unsigned id, enum journal_end end)
{
	struct journal_record record = make(JOURNAL_BEGIN, id);

	record.action = (uint8_t)action;
	record.detection_id = span_str(detection_id);
	assert_int_equal(journal_append(bench->journal, &record, &bench->msg), 0);
	record = make(JOURNAL_END, id);
	record.end = (uint8_t)end;
	assert_int_equal(journal_append(bench->journal, &record, &bench->msg), 0);
}

/* What is over of the last request is known until the next one: all of its names. */
static void what_is_over(void **state)
{
	struct bench *bench = *state;

	open_journal(bench);
	move(bench, JOURNAL_QUARANTINE, "one", 1, JOURNAL_IN_VAULT);
	move(bench, JOURNAL_QUARANTINE, "two", 2, JOURNAL_IN_VAULT);
	move(bench, JOURNAL_REMOVE, "two", 3, JOURNAL_REMOVED);
	assert_int_equal(journal_n_ended(bench->journal), 0); /* who asked has heard */
	open_journal(bench);
	assert_int_equal(journal_n_ended(bench->journal), 2);
	assert_int_equal(journal_ended(bench->journal, 0)->begin.inode, 102);
	assert_int_equal(journal_ended(bench->journal, 0)->end, JOURNAL_IN_VAULT);
	assert_int_equal(journal_ended(bench->journal, 1)->end, JOURNAL_REMOVED);
	move(bench, JOURNAL_RESTORE, NULL, 4, JOURNAL_IN_PLACE);
	move(bench, JOURNAL_RESTORE, NULL, 5, JOURNAL_IN_PLACE);
	open_journal(bench);
	assert_int_equal(journal_n_ended(bench->journal), 1);
	assert_int_equal(journal_ended(bench->journal, 0)->begin.inode, 105);
	for (unsigned i = 0; i < JOURNAL_ENDED_MAX + 2; i++)
		move(bench, JOURNAL_REMOVE, "three", 10 + i, JOURNAL_REMOVED);
	open_journal(bench);
	assert_int_equal(journal_n_ended(bench->journal), JOURNAL_ENDED_MAX);
	assert_int_equal(journal_ended(bench->journal, 0)->begin.inode, 112);
	/* What is half done does not take its place. */
	add(bench, JOURNAL_BEGIN, 1000);
	open_journal(bench);
	assert_int_equal(journal_n_ended(bench->journal), JOURNAL_ENDED_MAX);
	assert_int_equal(journal_n_pending(bench->journal), 1);
}

static void begin(struct bench *bench, const char *detection_id, unsigned id)
{
	struct journal_record record = make(JOURNAL_BEGIN, id);

	record.action = JOURNAL_REMOVE;
	record.detection_id = span_str(detection_id);
	assert_int_equal(journal_append(bench->journal, &record, &bench->msg), 0);
}

/*
 * Moves of several requests were half done, and were brought to their ends by a process
 * that was killed before it was heard: none of them is forgotten for another.
 */
static void what_is_over_at_once(void **state)
{
	struct bench *bench = *state;

	open_journal(bench);
	begin(bench, "one", 1);
	begin(bench, "two", 2);
	move(bench, JOURNAL_REMOVE, "three", 3, JOURNAL_REMOVED);
	add(bench, JOURNAL_END, 1);
	add(bench, JOURNAL_END, 2);
	open_journal(bench);
	assert_int_equal(journal_n_pending(bench->journal), 0);
	assert_int_equal(journal_n_ended(bench->journal), 3);
	assert_int_equal(journal_ended(bench->journal, 0)->begin.inode, 103);
	assert_int_equal(journal_ended(bench->journal, 1)->begin.inode, 101);
	assert_int_equal(journal_ended(bench->journal, 2)->begin.inode, 102);
	move(bench, JOURNAL_REMOVE, "two", 4, JOURNAL_REMOVED);
	open_journal(bench);
	assert_int_equal(journal_n_ended(bench->journal), 2); /* of "two" */
	assert_int_equal(journal_ended(bench->journal, 0)->begin.inode, 102);
	assert_int_equal(journal_ended(bench->journal, 1)->begin.inode, 104);
}

/* What was begun and did not end is pending, in order, with all that was said. */
static void what_is_pending(void **state)
{
	struct bench *bench = *state;
	const struct journal_move *move;
	struct identity identity;

	open_journal(bench);
	for (unsigned i = 0; i < 4; i++)
		add(bench, JOURNAL_BEGIN, i);
	add(bench, JOURNAL_END, 1);
	add(bench, JOURNAL_KEPT, 2);
	add(bench, JOURNAL_PLACED, 3);
	add(bench, JOURNAL_END, 77);
	open_journal(bench);
	assert_int_equal(journal_n_pending(bench->journal), 3);
	assert_int_equal(journal_n_damaged(bench->journal), 0);
	move = journal_pending(bench->journal, 0);
	assert_int_equal(move->step, JOURNAL_BEGIN);
	assert_memory_equal(move->begin.path.data, "/home/ann/file", 14);
	journal_record_identity(&move->begin, &identity);
	assert_int_equal(identity.inode, 100);
	assert_int_equal(strlen(identity.sha256), 64);
	assert_int_equal(journal_pending(bench->journal, 1)->step, JOURNAL_KEPT);
	move = journal_pending(bench->journal, 2);
	assert_int_equal(move->step, JOURNAL_PLACED);
	assert_int_equal(move->placed_inode, 103);
}

/* Cut anywhere in its last line: that line was never written. */
static void cut_anywhere(void **state)
{
	struct bench *bench = *state;
	size_t n_one = 0;
	size_t n_two = 0;
	char *text;

	open_journal(bench);
	add(bench, JOURNAL_BEGIN, 1);
	free(scratch_read(&bench->scratch, JOURNAL_NAME, &n_one));
	add(bench, JOURNAL_END, 1);
	text = scratch_read(&bench->scratch, JOURNAL_NAME, &n_two);
	for (size_t n = n_one; n < n_two; n++) {
		journal_close(bench->journal);
		bench->journal = NULL;
		scratch_write(&bench->scratch, JOURNAL_NAME, text, n);
		open_journal(bench);
		assert_int_equal(journal_n_pending(bench->journal), 1);
		assert_int_equal(journal_n_damaged(bench->journal), 0);
		add(bench, JOURNAL_END, 1);
		open_journal(bench);
		assert_int_equal(journal_n_pending(bench->journal), 0);
	}
	free(text);
}

/* Any byte of a line changed: that line is passed over and counted, the others count. */
static void damaged_anywhere(void **state)
{
	struct bench *bench = *state;
	size_t n_one = 0;
	size_t n = 0;
	char *text;

	open_journal(bench);
	add(bench, JOURNAL_BEGIN, 1);
	free(scratch_read(&bench->scratch, JOURNAL_NAME, &n_one));
	add(bench, JOURNAL_BEGIN, 2);
	text = scratch_read(&bench->scratch, JOURNAL_NAME, &n);
	for (size_t i = 0; i + 1 < n_one; i++) {
		journal_close(bench->journal);
		bench->journal = NULL;
		text[i] ^= 1;
		scratch_write(&bench->scratch, JOURNAL_NAME, text, n);
		text[i] ^= 1;
		open_journal(bench);
		assert_int_equal(journal_n_pending(bench->journal), 1);
		assert_int_equal(journal_pending(bench->journal, 0)->begin.inode, 102);
		assert_true(journal_n_damaged(bench->journal) >= 1);
	}
	free(text);
}

/* A journal that is long, and open; what is in it is over. */
static void lengthen(struct bench *bench)
{
	char *line;
	size_t n = 0;
	FILE *out;
	char path[SCRATCH_PATH_SIZE];

	open_journal(bench);
	add(bench, JOURNAL_BEGIN, 1);
	add(bench, JOURNAL_END, 1);
	line = scratch_read(&bench->scratch, JOURNAL_NAME, &n);
	out = fopen(scratch_path(&bench->scratch, JOURNAL_NAME, path), "ae");
	for (size_t i = 0; i * n <= JOURNAL_ROTATE_BYTES; i++)
		assert_int_equal(fwrite(line, 1, n, out), n);
	(void)fclose(out);
	free(line);
	open_journal(bench);
}

/* Long and over: it begins anew. Long and something is pending: it stays. */
static void rotation(void **state)
{
	struct bench *bench = *state;
	struct stat status;

	lengthen(bench);
	/* Not before the next move: what the last request came to is told until then. */
	assert_int_equal(fstatat(bench->fd, JOURNAL_NAME ".old", &status, 0), -1);
	assert_int_equal(journal_n_ended(bench->journal), 1);
	add(bench, JOURNAL_BEGIN, 2);
	assert_int_equal(fstatat(bench->fd, JOURNAL_NAME ".old", &status, 0), 0);
	assert_true(status.st_size > JOURNAL_ROTATE_BYTES);
	assert_int_equal(fstatat(bench->fd, JOURNAL_NAME, &status, 0), 0);
	assert_true(status.st_size < JOURNAL_ROTATE_BYTES / 2);
	open_journal(bench);
	assert_int_equal(journal_n_pending(bench->journal), 1);
	assert_int_equal(journal_n_ended(bench->journal), 0);
}

/* No new one can begin: the old one goes on being what it is, and the next move begins it. */
static void rotation_fails(void **state)
{
	struct bench *bench = *state;
	struct journal_record record;
	struct stat status;

	lengthen(bench);
	assert_int_equal(mkdirat(bench->fd, JOURNAL_NAME ".old", 0700), 0);
	record = make(JOURNAL_BEGIN, 2);
	assert_int_equal(journal_append(bench->journal, &record, &bench->msg), -EISDIR);
	assert_non_null(strstr(bench->msg.text, "journal: write"));
	assert_int_equal(journal_n_pending(bench->journal), 0);
	assert_int_equal(unlinkat(bench->fd, JOURNAL_NAME ".old", AT_REMOVEDIR), 0);
	add(bench, JOURNAL_BEGIN, 2);
	assert_int_equal(fstatat(bench->fd, JOURNAL_NAME ".old", &status, 0), 0);
	open_journal(bench);
	assert_int_equal(journal_n_pending(bench->journal), 1);
}

static void expect_refused(struct bench *bench, int error)
{
	struct journal *second = (struct journal *)bench;

	bench->msg.text[0] = '\0';
	assert_int_equal(journal_open(bench->fd, &second, &bench->msg), error);
	assert_null(second);
	assert_non_null(strstr(bench->msg.text, "journal: open"));
}

/* One process at a time; and only a file of ours. */
static void refused(void **state)
{
	struct bench *bench = *state;

	open_journal(bench);
	expect_refused(bench, -EBUSY);
	journal_close(bench->journal);
	bench->journal = NULL;
	assert_int_equal(fchmodat(bench->fd, JOURNAL_NAME, 0644, 0), 0);
	expect_refused(bench, -EPERM);
	assert_int_equal(fchmodat(bench->fd, JOURNAL_NAME, 0600, 0), 0);
	assert_int_equal(linkat(bench->fd, JOURNAL_NAME, bench->fd, "other", 0), 0);
	expect_refused(bench, -EPERM);
	assert_int_equal(unlinkat(bench->fd, JOURNAL_NAME, 0), 0);
	assert_int_equal(symlinkat("other", bench->fd, JOURNAL_NAME), 0);
	expect_refused(bench, -ELOOP);
	assert_int_equal(unlinkat(bench->fd, JOURNAL_NAME, 0), 0);
	assert_int_equal(mkfifoat(bench->fd, JOURNAL_NAME, 0600), 0);
	expect_refused(bench, -EPERM);
}

/* A full disk: the record is not in it, and the next one is. */
static void full(void **state)
{
	struct bench *bench = *state;
	struct journal_record record = {.step = JOURNAL_BEGIN};
	int r = 0;

	scratch_deinit(&bench->scratch);
	(void)close(bench->fd);
	if (!scratch_init_small(&bench->scratch, 64)) {
		scratch_init(&bench->scratch);
		bench->fd = -1;
		skip();
	}
	bench->fd = open(bench->scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	open_journal(bench);
	scratch_fill(&bench->scratch);
	memset(record.id, 'a', sizeof(record.id));
	for (int i = 0; i < 100 && r == 0; i++)
		r = journal_append(bench->journal, &record, &bench->msg);
	assert_int_equal(r, -ENOSPC);
	assert_non_null(strstr(bench->msg.text, "journal: write"));
	scratch_unfill(&bench->scratch);
	record.step = JOURNAL_END;
	assert_int_equal(journal_append(bench->journal, &record, &bench->msg), 0);
	open_journal(bench);
	assert_int_equal(journal_n_pending(bench->journal), 0);
	assert_int_equal(journal_n_damaged(bench->journal), 0);
}

/* A journal with so many half-done moves. */
static void make_pending(const struct bench *bench, unsigned n)
{
	char *line = malloc(journal_record_line_size());
	char path[SCRATCH_PATH_SIZE];
	FILE *out = fopen(scratch_path(&bench->scratch, JOURNAL_NAME, path), "we");

	assert_non_null(out);
	assert_int_equal(fchmod(fileno(out), 0600), 0);
	for (unsigned i = 0; i < n; i++) {
		struct journal_record record = {.path = span_str("/a")};
		char text[33];
		size_t n_line = 0;

		(void)snprintf(text, sizeof(text), "%032x", i);
		memcpy(record.id, text, sizeof(record.id));
		assert_int_equal(journal_record_write(&record, line, &n_line), 0);
		assert_int_equal(fwrite(line, 1, n_line, out), n_line);
	}
	assert_int_equal(fclose(out), 0);
	free(line);
}

/* One too many is refused before it is on disk: the journal can be opened again. */
static void too_many(void **state)
{
	struct journal_record record = {.path = span_str("/a")};
	struct bench *bench = *state;

	make_pending(bench, JOURNAL_PENDING_MAX);
	open_journal(bench);
	assert_int_equal(journal_n_pending(bench->journal), JOURNAL_PENDING_MAX);
	memset(record.id, 'f', sizeof(record.id));
	assert_int_equal(journal_append(bench->journal, &record, &bench->msg), -E2BIG);
	assert_string_equal(bench->msg.text, "journal: write: Argument list too long");
	open_journal(bench);
	assert_int_equal(journal_n_pending(bench->journal), JOURNAL_PENDING_MAX);
	/* One that is begun anew is none more, and one that ends makes room. */
	add(bench, JOURNAL_BEGIN, 5);
	add(bench, JOURNAL_END, 6);
	assert_int_equal(journal_append(bench->journal, &record, &bench->msg), 0);
	assert_int_equal(journal_n_pending(bench->journal), JOURNAL_PENDING_MAX);
	journal_close(bench->journal);
	bench->journal = NULL;
	make_pending(bench, JOURNAL_PENDING_MAX + 1);
	assert_int_equal(journal_open(bench->fd, &bench->journal, &bench->msg), -E2BIG);
	assert_null(bench->journal);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {CASE(what_is_pending), CASE(cut_anywhere),
		CASE(damaged_anywhere), CASE(rotation), CASE(rotation_fails), CASE(what_is_over),
		CASE(damaged_anywhere), CASE(rotation), CASE(rotation_fails),
		CASE(what_is_over_at_once), CASE(refused), CASE(full), CASE(too_many)};

	log_set_level(LOG_LEVEL_ERROR); /* hundreds of damaged lines are told */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
