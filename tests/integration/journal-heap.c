/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation fails once in the journal: what a call says is what is on disk,
 * and nothing that was there is lost.
 */
#include "faultheap.h"
#include "journal.h"
#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { N_MAX = 5000 };

static int begin(struct scratch *scratch)
{
	int fd;

	scratch_init(scratch);
	fd = open(scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void append(struct journal *journal, enum journal_step step, bool is_armed, unsigned long n)
{
	struct journal_record record = {.step = (uint8_t)step, .path = span_str("/home/ann/file")};
	size_t before = journal_n_pending(journal);
	struct errmsg msg = ERRMSG_NULL;
	bool has_failed;
	int r;

	memset(record.id, 'a', sizeof(record.id));
	if (is_armed)
		faultheap_arm(n);
	r = journal_append(journal, &record, &msg);
	has_failed = faultheap_disarm();
	if (r == 0) {
		assert_int_equal(journal_n_pending(journal), step == JOURNAL_END ? 0 : 1);
		return;
	}
	assert_true(is_armed && has_failed);
	assert_int_equal(r, -ENOMEM);
	assert_string_equal(msg.text, "journal: write: Cannot allocate memory");
	assert_int_equal(journal_n_pending(journal), before);
}

/* What an append says is what is found at the next start. */
static void journal_sweep(int state_fd, enum journal_step step)
{
	struct journal *journal = NULL;
	struct errmsg msg = ERRMSG_NULL;

	for (unsigned long n = 0; n < 20; n++) {
		size_t n_pending;

		assert_int_equal(journal_open(state_fd, &journal, &msg), 0);
		assert_int_equal(journal_n_pending(journal), 0);
		if (step == JOURNAL_END)
			append(journal, JOURNAL_BEGIN, false, 0);
		append(journal, step, true, n);
		n_pending = journal_n_pending(journal);
		journal_close(journal);
		assert_int_equal(journal_open(state_fd, &journal, &msg), 0);
		assert_int_equal(journal_n_pending(journal), n_pending);
		assert_int_equal(journal_n_damaged(journal), 0);
		append(journal, JOURNAL_END, false, 0);
		journal_close(journal);
	}
}

static void appending(void **state)
{
	struct scratch scratch;
	int fd;

	(void)state;
	fd = begin(&scratch);
	journal_sweep(fd, JOURNAL_BEGIN);
	journal_sweep(fd, JOURNAL_END);
	(void)close(fd);
	scratch_deinit(&scratch);
}

/* With a move in it that is half done: all of it, or an error and nothing is cut off. */
static void opening(void **state)
{
	struct journal *journal = NULL;
	struct errmsg msg = ERRMSG_NULL;
	struct scratch scratch;
	bool has_failed = true;
	unsigned long n;
	int fd;

	(void)state;
	fd = begin(&scratch);
	assert_int_equal(journal_open(fd, &journal, &msg), 0);
	append(journal, JOURNAL_BEGIN, false, 0);
	append(journal, JOURNAL_KEPT, false, 0);
	journal_close(journal);
	for (n = 0; has_failed && n < N_MAX; n++) {
		int r;

		faultheap_arm(n);
		r = journal_open(fd, &journal, &msg);
		has_failed = faultheap_disarm();
		if (r == 0) {
			assert_int_equal(journal_n_pending(journal), 1);
			assert_int_equal(journal_pending(journal, 0)->step, JOURNAL_KEPT);
			assert_int_equal(journal_n_damaged(journal), 0);
		} else {
			assert_true(has_failed && !journal);
			assert_int_equal(r, -ENOMEM);
			assert_non_null(strstr(msg.text, "Cannot allocate memory"));
		}
		journal_close(journal);
	}
	print_message("%lu allocations\n", n);
	assert_true(n > 2 && n < N_MAX);
	(void)close(fd);
	scratch_deinit(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(appending), cmocka_unit_test(opening)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
