/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * O_APPEND makes every write(2) land at the end even when another process has
 * the file open (an operator's shell, a log shipper that truncates). A write
 * that was cut short by a full disk is undone by truncating to where the file
 * ended before it; a process that dies between write and truncate leaves an
 * unfinished line, which the next open cuts off. So a reader that only takes
 * whole lines never sees a half record.
 */
#include "line_file.h"

#include "check.h"
#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_FILE_CHUNK = 64 * 1024 };

static int line_file_fail(struct errmsg *msg, const char *name, const char *what, int r)
{
	errmsg_set(msg, "%s: %s: %s", name, what, err_text(r));
	return err_origin(r);
}

static int line_file_stat(int fd, const char *name, struct stat *st, struct errmsg *msg)
{
	if (fstat(fd, st) < 0)
		return line_file_fail(msg, name, "stat", -errno);
	if (!S_ISREG(st->st_mode) || st->st_nlink != 1) {
		errmsg_set(msg, "%s: not a regular file with one name", name);
		return err_origin(-EPERM);
	}
	return 0;
}

/*
 * A new file with its mode and with its name on the disk: without the latter a
 * power cut could take the whole file, however often it was flushed itself.
 */
static int line_file_settle(const struct line_file *file, int fd, mode_t mode, struct errmsg *msg)
{
	if (fchmod(fd, mode) < 0)
		return line_file_fail(msg, file->name, "set its mode", -errno);
	/* EINVAL: a file system without such a flush. */
	if (fsync(file->dir_fd) < 0 && errno != EINVAL)
		return line_file_fail(msg, file->name, "flush its directory", -errno);
	return 0;
}

/* The file as it is, or a new one with this mode. */
static int line_file_get(const struct line_file *file, mode_t mode, int *fdp, struct errmsg *msg)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(file->dir_fd, file->name, flags | O_CREAT | O_EXCL, mode);

	if (fd >= 0) {
		int r = line_file_settle(file, fd, mode, msg);

		if (r < 0) {
			/* Else the next open would take it for one that is on the disk. */
			(void)unlinkat(file->dir_fd, file->name, 0);
			(void)close(fd);
			return r;
		}
	}
	if (fd < 0 && errno == EEXIST)
		fd = openat(file->dir_fd, file->name, flags);
	if (fd < 0)
		return line_file_fail(msg, file->name, "open", -errno);
	*fdp = fd;
	return 0;
}

/*
 * Where the line that ends before @end begins: one past the last newline in
 * the bytes before it, 0 without any.
 */
static int line_file_find_start(int fd, off_t end, off_t *startp)
{
	_cleanup_(cleanup_free) char *chunk = malloc(LINE_FILE_CHUNK);

	if (!chunk)
		return -ENOMEM;
	while (end > 0) {
		size_t n = end < LINE_FILE_CHUNK ? (size_t)end : LINE_FILE_CHUNK;
		ssize_t got = pread(fd, chunk, n, end - (off_t)n);
		const char *newline;

		if (got < 0)
			return -errno;
		if ((size_t)got != n)
			return -EIO;
		newline = memrchr(chunk, '\n', n);
		if (newline) {
			*startp = end - (off_t)n + (newline - chunk) + 1;
			return 0;
		}
		end -= (off_t)n;
	}
	*startp = 0;
	return 0;
}

static int line_file_read_line(int fd, off_t start, off_t end, char **linep, size_t *n_linep)
{
	size_t n = end - start > LINE_FILE_LINE_MAX ? 0 : (size_t)(end - start);
	char *line = malloc(n + 1);
	ssize_t got;

	if (!line)
		return -ENOMEM;
	got = pread(fd, line, n, start);
	if (got < 0 || (size_t)got != n) {
		int r = got < 0 ? -errno : -EIO;

		free(line);
		return r;
	}
	line[n] = '\0';
	*linep = line;
	*n_linep = n;
	return 0;
}

static int line_file_look_at_end(struct line_file *file, char **lastp, size_t *n_lastp)
{
	off_t end = 0;
	off_t start = 0;
	int r = line_file_find_start(file->fd, file->n_bytes, &end);

	if (r < 0)
		return r;
	if (end < file->n_bytes && ftruncate(file->fd, end) < 0)
		return -errno;
	file->n_bytes = end;
	*lastp = NULL;
	*n_lastp = 0;
	if (end == 0)
		return 0;
	r = line_file_find_start(file->fd, end - 1, &start);
	if (r < 0)
		return r;
	return line_file_read_line(file->fd, start, end - 1, lastp, n_lastp);
}

int line_file_open(
	struct line_file *file, mode_t mode, char **lastp, size_t *n_lastp, struct errmsg *msg)
{
	struct stat st;
	int r;

	line_file_close(file);
	r = line_file_get(file, mode, &file->fd, msg);
	if (r < 0)
		return r;
	r = line_file_stat(file->fd, file->name, &st, msg);
	if (r == 0) {
		file->dev = st.st_dev;
		file->ino = st.st_ino;
		file->n_bytes = st.st_size;
		r = line_file_look_at_end(file, lastp, n_lastp);
		if (r < 0)
			(void)line_file_fail(msg, file->name, "read its end", r);
	}
	if (r < 0)
		line_file_close(file);
	return r;
}

bool line_file_is_current(const struct line_file *file)
{
	struct stat st;

	return file->fd >= 0 && fstatat(file->dir_fd, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_dev == file->dev && st.st_ino == file->ino && st.st_size == file->n_bytes;
}

int line_file_append(struct line_file *file, const char *text, size_t n_text, struct errmsg *msg)
{
	size_t n_done = 0;
	int r = 0;

	PRE(file->fd >= 0 && n_text > 0 && text[n_text - 1] == '\n');
	while (r == 0 && n_done < n_text) {
		ssize_t n = write(file->fd, text + n_done, n_text - n_done);

		if (n >= 0)
			n_done += (size_t)n;
		else if (errno != EINTR)
			r = line_file_fail(msg, file->name, "write", -errno);
	}
	if (r == 0) {
		file->n_bytes += (off_t)n_text;
		return 0;
	}
	if (n_done > 0 && ftruncate(file->fd, file->n_bytes) < 0)
		line_file_close(file);
	return r;
}

int line_file_flush(const struct line_file *file, struct errmsg *msg)
{
	PRE(file->fd >= 0);
	if (fdatasync(file->fd) < 0)
		return line_file_fail(msg, file->name, "flush", -errno);
	return 0;
}

void line_file_close(struct line_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	file->fd = -1;
}

int line_reader_open(struct line_reader *reader, int dir_fd, const char *name, struct errmsg *msg)
{
	struct stat st;
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int r;

	*reader = (struct line_reader)LINE_READER_NULL;
	if (fd < 0)
		return line_file_fail(msg, name, "open", -errno);
	r = line_file_stat(fd, name, &st, msg);
	if (r == 0) {
		reader->in = fdopen(fd, "r");
		if (!reader->in)
			r = line_file_fail(msg, name, "open", -ENOMEM);
	}
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	reader->n_left = (uint64_t)st.st_size;
	return 0;
}

/* Room for one byte more, or none because the line is too long. */
static int line_reader_make_room(struct line_reader *reader, size_t n)
{
	size_t n_room = reader->n_room ? 2 * reader->n_room : 4096;
	char *text;

	if (n < reader->n_room || n >= LINE_FILE_LINE_MAX)
		return 0;
	text = realloc(reader->text, n_room);
	if (!text)
		return err_origin(-ENOMEM);
	reader->text = text;
	reader->n_room = n_room;
	return 0;
}

int line_reader_next(struct line_reader *reader, struct span *linep)
{
	size_t n = 0;

	for (; reader->n_left > 0; n++) {
		int c = getc_unlocked(reader->in);
		int r = line_reader_make_room(reader, n);

		if (r < 0)
			return r;
		if (c == EOF)
			return ferror(reader->in) ? err_origin(-EIO) : 0;
		reader->n_left--;
		if (c == '\n') {
			*linep = (struct span){
				.data = reader->text, .n = n >= LINE_FILE_LINE_MAX ? 0 : n};
			reader->n_lines++;
			return 1;
		}
		if (n < LINE_FILE_LINE_MAX)
			reader->text[n] = (char)c;
	}
	return 0;
}

void line_reader_close(struct line_reader *reader)
{
	if (reader->in)
		(void)fclose(reader->in);
	free(reader->text);
	*reader = (struct line_reader)LINE_READER_NULL;
}
