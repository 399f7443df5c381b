/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of an outcome: counts, report lines, messages, held notices. */
#include "channel.h"
#include "json.h"
#include "ledger.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

struct fixture {
	int fds[2];
	int report_fd;
	struct ledger *ledger;
	struct channel_inbox *inbox;
	char text[8192];
};

static void begin(struct fixture *f, bool is_all)
{
	assert_int_equal(channel_pair(f->fds), 0);
	assert_int_equal(channel_set_blocking(f->fds[0], false), 0);
	f->report_fd = memfd_create("report", MFD_CLOEXEC);
	f->ledger = ledger_new(f->fds[1], reportfile_new(f->report_fd, is_all));
	f->inbox = channel_inbox_new();
	assert_non_null(f->ledger);
}

static void end(struct fixture *f)
{
	ledger_free(f->ledger);
	channel_inbox_free(f->inbox);
	(void)close(f->report_fd);
	(void)close(f->fds[0]);
	(void)close(f->fds[1]);
}

static const char *report(struct fixture *f)
{
	ssize_t n;

	ledger_flush_report(f->ledger);
	n = pread(f->report_fd, f->text, sizeof(f->text) - 1, 0);
	assert_true(n >= 0);
	f->text[n] = '\0';
	return f->text;
}

/* Notable names only: not the clean, the links, the special. */
static void notable(void **state)
{
	struct fixture f;
	struct outcome outcome = OUTCOME_NULL;

	(void)state;
	begin(&f, false);
	outcome.size = 3;
	tally_found(&f.ledger->tally);
	ledger_settle(f.ledger, span_str("/clean"), &outcome);
	ledger_settle_unscanned(f.ledger, span_str("/link"), FILE_RESULT_SKIPPED, REASON_SYMLINK);
	ledger_settle_unscanned(f.ledger, span_str("/fifo"), FILE_RESULT_SKIPPED, REASON_SPECIAL);
	ledger_settle_unscanned(f.ledger, span_str("/out"), FILE_RESULT_SKIPPED, REASON_EXCLUDED);
	assert_string_equal(
		report(&f), "{\"path\":\"/out\",\"result\":\"skipped\",\"reason\":\"excluded\"}\n");
	assert_int_equal(f.ledger->tally.n_found, 4);
	assert_int_equal(f.ledger->tally.n_excluded, 1);
	assert_int_equal(f.ledger->tally.n_bytes, 3);
	assert_int_equal(f.ledger->tally.results[FILE_RESULT_SKIPPED], 3);
	end(&f);
}

/* Every byte a name may have: the line stays one line of JSON. */
static void any_bytes(void **state)
{
	struct fixture f;
	struct outcome outcome = OUTCOME_NULL;
	struct errmsg msg = ERRMSG_NULL;
	cJSON *json = NULL;
	char path[256];
	const char *text;
	struct span bytes = SPAN_NULL;

	(void)state;
	path[0] = '/';
	for (int i = 1; i < 256; i++)
		path[i] = (char)(i == '/' ? 'x' : i);
	begin(&f, true);
	tally_found(&f.ledger->tally);
	ledger_settle(f.ledger, (struct span){.data = path, .n = sizeof(path)}, &outcome);
	text = report(&f);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_int_equal(json_parse(text, strlen(text) - 1, &json, &msg), 0);
	assert_int_equal(json_get_bytes(json, "path", 4096, &bytes, &msg), 0);
	assert_int_equal(bytes.n, sizeof(path));
	assert_memory_equal(bytes.data, path, sizeof(path));
	free((void *)(uintptr_t)bytes.data);
	cJSON_Delete(json);
	end(&f);
}

/* An infected name is told with its own path. */
static void detection(void **state)
{
	struct fixture f;
	struct outcome outcome = OUTCOME_NULL;

	(void)state;
	begin(&f, false);
	outcome_set(&outcome, FILE_RESULT_INFECTED, REASON_NONE);
	outcome.finding = finding_new(span_str("Bad"), span_str("in/side"));
	tally_found(&f.ledger->tally);
	ledger_settle(f.ledger, span_str("/a"), &outcome);
	assert_int_equal(channel_recv(f.fds[0], f.inbox), 0);
	assert_int_equal(f.inbox->type, IPC_SCAN_DETECTION);
	assert_memory_equal(f.inbox->msg.scan_detection.path.data, "/a", 2);
	assert_memory_equal(f.inbox->msg.scan_detection.signature.data, "Bad", 3);
	assert_memory_equal(f.inbox->msg.scan_detection.container.data, "in/side", 7);
	outcome_deinit(&outcome);
	end(&f);
}

/* Every blocked name is told, however many: the daemon counts them for each product. */
static void blocked(void **state)
{
	enum { N = 2 * OUTBOX_BURST };
	struct fixture f;
	unsigned n = 0;

	(void)state;
	begin(&f, false);
	for (int i = 0; i < N; i++) {
		ledger_settle_unscanned(
			f.ledger, span_str("/b"), FILE_RESULT_BLOCKED, REASON_DENIED);
		assert_int_equal(channel_recv(f.fds[0], f.inbox), 0);
		assert_int_equal(f.inbox->type, IPC_SCAN_NOTICE);
		assert_int_equal(f.inbox->msg.scan_notice.kind, IPC_NOTICE_BLOCKED);
		assert_int_equal(f.inbox->msg.scan_notice.path.n, 2);
		n++;
	}
	assert_int_equal(n, N);
	assert_int_equal(f.ledger->tally.results[FILE_RESULT_BLOCKED], N);
	end(&f);
}

/* A burst is let through, then a few a second; the rest is counted and told. */
static void notices_are_limited(void **state)
{
	struct outbox_limit limit = {.full_at_ns = 0};
	uint64_t now_ns = UINT64_C(1000000000000);
	unsigned n = 0;
	struct fixture f;

	(void)state;
	for (int i = 0; i < 1000; i++)
		n += outbox_limit_take(&limit, now_ns);
	assert_int_equal(n, OUTBOX_BURST);
	assert_int_equal(limit.n_held, 1000 - OUTBOX_BURST);
	now_ns += UINT64_C(1000000000);
	for (n = 0; outbox_limit_take(&limit, now_ns); n++)
		;
	assert_int_equal(n, OUTBOX_PER_SECOND);
	now_ns += UINT64_C(3600000000000);
	for (n = 0; outbox_limit_take(&limit, now_ns); n++)
		;
	assert_int_equal(n, OUTBOX_BURST);

	begin(&f, false);
	for (int i = 0; i < OUTBOX_BURST + 20; i++)
		outbox_notice(&f.ledger->outbox, IPC_NOTICE_CRASHED, span_str("/x"), "why");
	outbox_flush(&f.ledger->outbox);
	for (n = 0; channel_recv(f.fds[0], f.inbox) == 0; n++) {
		assert_int_equal(f.inbox->type, IPC_SCAN_NOTICE);
		if (f.inbox->msg.scan_notice.path.n == 0)
			break;
	}
	assert_true(n >= OUTBOX_BURST && n < OUTBOX_BURST + 20);
	assert_memory_equal(f.inbox->msg.scan_notice.text.data, "and ", 4);
	end(&f);
}

/* A full disk in the middle of a line: told once, lost lines counted, and the
 * next line begins on a line of its own. */
static void full_disk(void **state)
{
	struct reportfile *report_file;
	struct reportfile_line line = {
		.path = span_str("/0123456789"), .result = FILE_RESULT_CLEAN, .size = 1};
	struct rlimit before;
	struct rlimit small;
	char text[512];
	int fd = memfd_create("report", MFD_CLOEXEC);
	ssize_t n;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	report_file = reportfile_new(fd, true);
	small = (struct rlimit){.rlim_cur = 60, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	reportfile_add(report_file, &line);
	reportfile_add(report_file, &line);
	reportfile_flush(report_file);
	assert_int_equal(reportfile_take_error(report_file), -EFBIG);
	assert_int_equal(reportfile_take_error(report_file), 0);
	assert_int_equal(reportfile_n_lost(report_file), 2);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	reportfile_add(report_file, &line);
	reportfile_free(report_file);
	n = pread(fd, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(
		strstr(text, "\n{\"path\":\"/0123456789\",\"result\":\"clean\",\"size\":1}\n"));
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notable),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(detection),
		cmocka_unit_test(blocked),
		cmocka_unit_test(notices_are_limited),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
