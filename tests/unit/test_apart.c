/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which mounts are scanned apart and in whose pass; who waits; the book of a plan. */
#include "apart.h"
#include "clock.h"
#include "planbook.h"
#include "unit.h"
#include "waits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct mounttable *parse(const char *text)
{
	struct mounttable *table = NULL;
	char *bytes = strdup(text);

	assert_non_null(bytes);
	assert_int_equal(mounttable_parse(bytes, strlen(text), &table), 0);
	return table;
}

static const char *owner(const struct mounttable *table, const char *path)
{
	static char text[64];
	struct mounttable_mount *mount = mounttable_at(table, span_str(path));
	const struct mounttable_mount *head;

	assert_non_null(mount);
	head = apart_owner(table, mount);
	if (!head)
		return "";
	memcpy(text, head->point.data, head->point.n);
	text[head->point.n] = '\0';
	return text;
}

static const char mounts[] = "1 0 8:1 / / rw - ext4 /dev/a rw\n"
			     "2 1 0:50 / /fuse rw - fuse.x x rw\n"
			     "3 2 0:51 / /fuse/tmp rw - tmpfs t rw\n"
			     "4 3 0:52 / /fuse/tmp/deep rw - tmpfs t rw\n"
			     "5 2 0:53 / /fuse/nfs rw - nfs4 s:/ rw\n"
			     "6 1 0:50 /part /again rw - fuse.x x rw\n"
			     "7 1 8:2 / /srv rw - ext4 /dev/b rw\n"
			     "8 7 8:3 / /srv/sub rw - ext4 /dev/c rw\n"
			     "9 1 8:2 /d /bind rw - ext4 /dev/b rw\n";

/* FUSE and network by type, and what the way to leads over them. */
static void owners(void **state)
{
	struct mounttable *table = parse(mounts);

	(void)state;
	assert_string_equal(owner(table, "/"), "");
	assert_string_equal(owner(table, "/srv"), "");
	assert_string_equal(owner(table, "/srv/sub"), "");
	/* Two mounts of one superblock: one pass, by the first point. */
	assert_string_equal(owner(table, "/fuse"), "/again");
	assert_string_equal(owner(table, "/again"), "/again");
	assert_string_equal(owner(table, "/fuse/tmp"), "/again");
	assert_string_equal(owner(table, "/fuse/tmp/deep"), "/again");
	assert_string_equal(owner(table, "/fuse/nfs"), "/fuse/nfs");
	mounttable_free(table);
}

/* What hung before is apart; what lies below is not. */
static void marked(void **state)
{
	struct mounttable *table = parse(mounts);
	struct pathrule rules = PATHRULE_NULL;
	const struct ipc_scan_path hung = {.kind = IPC_PATH_HUNG, .path = span_str("/srv")};
	const struct ipc_scan_path gone = {.kind = IPC_PATH_HUNG, .path = span_str("/gone")};

	(void)state;
	assert_int_equal(pathrule_add(&rules, &hung), 0);
	assert_int_equal(pathrule_add(&rules, &gone), 0);
	apart_mark(table, &rules);
	assert_string_equal(owner(table, "/srv"), "/bind");
	assert_string_equal(owner(table, "/bind"), "/bind");
	assert_string_equal(owner(table, "/srv/sub"), "");
	mounttable_at(table, span_str("/"))->is_hung = true;
	assert_int_equal(apart_risk_of(mounttable_at(table, span_str("/"))), APART_OPEN);
	assert_string_equal(owner(table, "/"), "/");
	assert_string_equal(owner(table, "/srv/sub"), "");
	assert_string_equal(owner(table, "/fuse/tmp"), "/again");
	pathrule_deinit(&rules);
	mounttable_free(table);
}

/* A table whose parents go round in a circle ends the search. */
static void circle(void **state)
{
	struct mounttable *table =
		parse("1 2 8:1 / / rw - ext4 a rw\n2 1 8:2 / /x rw - ext4 b rw\n");

	(void)state;
	for (size_t i = 0; i < table->n_mounts; i++)
		assert_null(apart_owner(table, &table->mounts[i]));
	mounttable_free(table);
}

static char waits_path[IPC_PATH_MAX];

/* The longest wait is told, lifted marks count anew, threads without a slot are nobody. */
static void waits(void **state)
{
	struct waits *all = waits_new();
	struct waits_report report;

	(void)state;
	assert_non_null(all);
	waits_begin(); /* no slot: nothing happens */
	waits_at(span_str("/none"));
	assert_false(waits_lift());
	waits_adopt(all, 3);
	assert_false(waits_look(all, 1000, 0, waits_path, &report));
	waits_at(span_str("/a"));
	waits_begin_at(100);
	assert_false(waits_look(all, 600, 501, waits_path, &report));
	assert_true(waits_look(all, 600, 500, waits_path, &report));
	assert_int_equal(report.n_lanes, 1);
	assert_false(report.is_walk_waiting);
	assert_int_equal(report.waited_ns, 500);
	assert_true(span_equal(report.path, span_str("/a")));
	waits_adopt(all, WAITS_WALKER);
	waits_at(span_str("/b"));
	waits_begin_at(50);
	assert_true(waits_look(all, 600, 0, waits_path, &report));
	assert_true(report.is_walk_waiting);
	assert_int_equal(report.n_lanes, 1);
	assert_int_equal(report.waited_ns, 550);
	assert_true(span_equal(report.path, span_str("/b")));
	assert_true(waits_lift());
	assert_true(waits_look(all, 600, 0, waits_path, &report));
	assert_true(span_equal(report.path, span_str("/a")));
	waits_lower(true);
	assert_true(waits_look(all, clock_mono_ns() + 1000, 0, waits_path, &report));
	assert_true(report.is_walk_waiting);
	/* Turning to the next thing begins a new wait. */
	waits_begin_at(1);
	waits_at(span_str("/c"));
	assert_true(waits_lift());
	waits_drop();
	waits_adopt(all, 3);
	waits_drop();
	assert_false(waits_look(all, clock_mono_ns(), 0, waits_path, &report));
	waits_free(all);
	waits_free(NULL);
}

struct lines {
	size_t n;
	enum planbook_kind kinds[8];
	uint64_t numbers[8];
	size_t n_bytes[8];
	int r;
};

static int on_line(void *data, const struct planbook_line *line)
{
	struct lines *lines = data;

	assert_true(lines->n < 8);
	lines->kinds[lines->n] = line->kind;
	lines->numbers[lines->n] = line->number;
	lines->n_bytes[lines->n++] = line->bytes.n;
	return lines->r;
}

static int book_new(void)
{
	int fd = memfd_create("book", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	return fd;
}

/* What was written is read, up to what is not whole; without a book nothing happens. */
static void book(void **state)
{
	const struct planbook_line tree = {
		.kind = PLANBOOK_TREE, .number = 7, .bytes = {.data = "/x", .n = 2}};
	const struct planbook_line target = {.kind = PLANBOOK_TARGET, .number = 3};
	struct lines lines = {.n = 0};
	int fd = book_new();

	(void)state;
	planbook_add(-1, &tree);
	assert_int_equal(planbook_read(-1, on_line, &lines), 0);
	planbook_add(fd, &tree);
	planbook_add(fd, &target);
	assert_int_equal(planbook_read(fd, on_line, &lines), 0);
	assert_int_equal(lines.n, 2);
	assert_int_equal(lines.kinds[0], PLANBOOK_TREE);
	assert_int_equal(lines.numbers[0], 7);
	assert_int_equal(lines.n_bytes[0], 2);
	assert_int_equal(lines.kinds[1], PLANBOOK_TARGET);
	assert_int_equal(lines.numbers[1], 3);
	/* Cut at every byte: as many whole lines as there are. */
	for (off_t n = 16 + 2 + 16 - 1; n >= 0; n--) {
		lines = (struct lines){.n = 0};
		assert_int_equal(ftruncate(fd, n), 0);
		assert_int_equal(planbook_read(fd, on_line, &lines), 0);
		assert_int_equal(lines.n, n >= 18 ? 1 : 0);
	}
	assert_int_equal(close(fd), 0);
	assert_int_equal(planbook_read(fd, on_line, &lines), -EBADF);
}

/* Bytes of a scanner that was taken over end the book; an error of the reader, too. */
static void book_of_a_liar(void **state)
{
	static const uint32_t heads[][4] = {{0, 0, 0, 0}, {PLANBOOK_KIND_N, 0, 0, 0},
		{PLANBOOK_NAME, UINT32_MAX, 0, 0}, {PLANBOOK_NAME, 5, 0, 0}};
	struct lines lines = {.n = 0, .r = -ENOMEM};
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		fd = book_new();
		assert_int_equal(write(fd, heads[i], sizeof(heads[i])), sizeof(heads[i]));
		assert_int_equal(planbook_read(fd, on_line, &lines), 0);
		assert_int_equal(lines.n, 0);
		(void)close(fd);
	}
	fd = book_new();
	planbook_add(fd, &(struct planbook_line){.kind = PLANBOOK_TARGET});
	planbook_add(fd, &(struct planbook_line){.kind = PLANBOOK_TARGET});
	assert_int_equal(planbook_read(fd, on_line, &lines), -ENOMEM);
	assert_int_equal(lines.n, 1);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners),
		cmocka_unit_test(marked),
		cmocka_unit_test(circle),
		cmocka_unit_test(waits),
		cmocka_unit_test(book),
		cmocka_unit_test(book_of_a_liar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
