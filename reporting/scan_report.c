/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scan id comes from a request and becomes a file name, so it is checked
 * to be nothing but hex digits and dashes here, whatever was checked before.
 */
#include "scan_report.h"

#include "cleanup.h"
#include "records.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCAN_REPORT_NAME_SIZE = RECORD_ID_SIZE + 8 };

static int scan_report_fail(struct errmsg *msg, const char *what, const char *name, int r)
{
	errmsg_set(msg, "%s %s: %s", what, name, err_text(r));
	return err_origin(r);
}

static int scan_report_name(
	const char *scan_id, char name[SCAN_REPORT_NAME_SIZE], struct errmsg *msg)
{
	size_t n = strspn(scan_id, "0123456789abcdefABCDEF-");

	if (n != RECORD_ID_SIZE - 1 || scan_id[n] != '\0') {
		errmsg_set(msg, "not the id of a scan");
		return err_origin(-EINVAL);
	}
	(void)snprintf(name, SCAN_REPORT_NAME_SIZE, "%s.jsonl", scan_id);
	return 0;
}

static int scan_report_open(
	const char *report_dir, const char *scan_id, int flags, int *fdp, struct errmsg *msg)
{
	char name[SCAN_REPORT_NAME_SIZE];
	_cleanup_(cleanup_close) int dir_fd = -1;
	_cleanup_(cleanup_close) int fd = -1;
	struct stat st;
	int r = scan_report_name(scan_id, name, msg);

	if (r < 0)
		return r;
	dir_fd = open(report_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return scan_report_fail(msg, "open", report_dir, -errno);
	fd = openat(dir_fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return scan_report_fail(msg, "open", name, -errno);
	if (fstat(fd, &st) < 0)
		return scan_report_fail(msg, "stat", name, -errno);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		errmsg_set(msg, "%s: not a regular file with one name", name);
		return err_origin(-EPERM);
	}
	*fdp = take_fd(&fd);
	return 0;
}

int scan_report_continue(const char *report_dir, const char *scan_id, int *fdp, struct errmsg *msg)
{
	if (mkdir(report_dir, 0700) < 0 && errno != EEXIST)
		return scan_report_fail(msg, "make", report_dir, -errno);
	return scan_report_open(report_dir, scan_id, O_WRONLY | O_APPEND | O_CREAT, fdp, msg);
}

int scan_report_create(const char *report_dir, const char *scan_id, int *fdp, struct errmsg *msg)
{
	int fd = -1;
	int r = scan_report_continue(report_dir, scan_id, &fd, msg);

	if (r < 0)
		return r;
	if (ftruncate(fd, 0) < 0) {
		r = scan_report_fail(msg, "empty", scan_id, -errno);
		(void)close(fd);
		return r;
	}
	*fdp = fd;
	return 0;
}

/* Bytes up to and with the last newline among the first n_max, or one longer line. */
static size_t scan_report_whole_lines(const char *text, size_t n, size_t n_max)
{
	size_t n_first = n < n_max ? n : n_max;
	const char *newline = memrchr(text, '\n', n_first);

	if (!newline)
		newline = memchr(text + n_first, '\n', n - n_first);
	if (newline)
		return (size_t)(newline - text) + 1;
	return n >= SCAN_REPORT_LINE_MAX ? n : 0;
}

static int scan_report_check_offset(int fd, uint64_t offset, struct errmsg *msg)
{
	char before = '\n';
	ssize_t n = 1;

	if (offset > INT64_MAX)
		n = 0;
	else if (offset > 0)
		n = pread(fd, &before, 1, (off_t)offset - 1);
	if (n < 0)
		return scan_report_fail(msg, "read", "the report", -errno);
	if (n == 0 || before != '\n') {
		errmsg_set(msg, "the report has no line that begins at this offset");
		return err_origin(-EINVAL);
	}
	return 0;
}

int scan_report_read(const char *report_dir, const char *scan_id, uint64_t offset, size_t n_max,
	struct scan_report_part *part, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *text = NULL;
	_cleanup_(cleanup_close) int fd = -1;
	size_t n_room = n_max > SCAN_REPORT_LINE_MAX ? n_max : SCAN_REPORT_LINE_MAX;
	ssize_t n;
	int r = scan_report_open(report_dir, scan_id, O_RDONLY, &fd, msg);

	if (r == 0)
		r = scan_report_check_offset(fd, offset, msg);
	if (r < 0)
		return r;
	text = malloc(n_room);
	if (!text)
		return scan_report_fail(msg, "read", scan_id, -ENOMEM);
	n = pread(fd, text, n_room, (off_t)offset);
	if (n < 0)
		return scan_report_fail(msg, "read", scan_id, -errno);
	part->n_text = scan_report_whole_lines(text, (size_t)n, n_max);
	part->next_offset = offset + part->n_text;
	part->is_end =
		(size_t)n < n_room && !memchr(text + part->n_text, '\n', (size_t)n - part->n_text);
	part->text = text;
	text = NULL;
	return 0;
}

int scan_report_remove(const char *report_dir, const char *scan_id, struct errmsg *msg)
{
	char name[SCAN_REPORT_NAME_SIZE];
	_cleanup_(cleanup_close) int dir_fd = -1;
	int r = scan_report_name(scan_id, name, msg);

	if (r < 0)
		return r;
	dir_fd = open(report_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return errno == ENOENT ? 0 : scan_report_fail(msg, "open", report_dir, -errno);
	if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
		return scan_report_fail(msg, "remove", name, -errno);
	return 0;
}
