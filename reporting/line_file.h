/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file of lines that only grows: appending whole lines or nothing, finding
 * out after a crash what the last whole line was, and noticing that the file
 * was taken away (logrotate). For reading, lines one by one with a limit on
 * their length, since the file may be hostile.
 *
 * Never follows a symbolic link in the last component, never blocks on a FIFO,
 * refuses a file with several names.
 *
 * Hands. Owner's thread only.
 */
#ifndef QS_LINE_FILE_H
#define QS_LINE_FILE_H

#include "err.h"
#include "span.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
	LINE_FILE_LINE_MAX = 4 * 1024 * 1024, /**< A longer line is not ours. */
};

/** Open for appending. */
struct line_file {
	int dir_fd;       /**< Borrowed. */
	const char *name; /**< Borrowed, in dir_fd. */
	/* state */
	int fd;    /**< -1 = closed. */
	dev_t dev; /**< Of the file behind fd. */
	ino_t ino;
	off_t n_bytes; /**< Size after our last write. */
};

#define LINE_FILE_NULL                                                                             \
	{                                                                                          \
		.dir_fd = -1, .fd = -1                                                             \
	}

/**
 * Open or make the file and look at its end. An unfinished last line is cut
 * off. A new file's name is on the disk when 0 is returned.
 *
 * @file    dir_fd and name are set; closed or fresh.
 * @mode    Of a new file, whatever the umask.
 * @lastp   Set when 0 is returned: the last line without its newline, heap,
 *          free(3); NULL when the file is empty.
 * @n_lastp Its length; a line beyond LINE_FILE_LINE_MAX is given as the empty line.
 * @return  0; -ELOOP a symbolic link; -EPERM no regular file with one name;
 *          other -errno. The file is closed on failure.
 */
int line_file_open(
	struct line_file *file, mode_t mode, char **lastp, size_t *n_lastp, struct errmsg *msg);

/** Whether the name still leads to the open file, and nobody else changed its size. */
bool line_file_is_current(const struct line_file *file);

/**
 * Append whole lines.
 *
 * @text    n_text bytes that end in a newline.
 * @return  0; -errno (-ENOSPC …): nothing was appended. When even that cannot be
 *          made sure the file is closed, and line_file_open() repairs it.
 */
int line_file_append(struct line_file *file, const char *text, size_t n_text, struct errmsg *msg);

/** fdatasync(2). @return 0 or -errno. */
int line_file_flush(const struct line_file *file, struct errmsg *msg);

/** Closes; may be called twice. */
void line_file_close(struct line_file *file);

/** Open for reading. */
struct line_reader {
	FILE *in;
	char *text;       /**< The line. */
	size_t n_room;    /**< Of text. */
	uint64_t n_left;  /**< Bytes until the end as it was at the open. */
	uint64_t n_lines; /**< Lines read, the current one included. */
};

#define LINE_READER_NULL                                                                           \
	{                                                                                          \
		.in = NULL                                                                         \
	}

/**
 * Open for reading what is there now; what is appended later is not seen.
 *
 * @return  0; -ENOENT; as line_file_open(). Close with line_reader_close() in
 *          every case.
 */
int line_reader_open(struct line_reader *reader, int dir_fd, const char *name, struct errmsg *msg);

/**
 * The next line. An unfinished last line is not given.
 *
 * @linep   Without its newline, until the next call; beyond LINE_FILE_LINE_MAX
 *          it is given as the empty line.
 * @return  1 a line; 0 no more; -errno.
 */
int line_reader_next(struct line_reader *reader, struct span *linep);

/** Closes and frees; may be called twice. */
void line_reader_close(struct line_reader *reader);

#endif
