/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines are gathered and written whole, so that a reader that follows the file
 * sees whole lines but for the last one while it is written. A write error
 * (a full disk) drops the buffer: the report is for people and must never
 * hold or fail a scan; the counts in the record of the scan stay right, and
 * the loss is counted and told. If a write ends in the middle of a line the
 * next one begins with a newline, so that one line is broken and not two.
 */
#include "reportfile.h"

#include "base64.h"
#include "display.h"
#include "ipc.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	REPORTFILE_BUFFER = 64 * 1024,
	/* The display form doubles its backslashes once more as a JSON string. */
	REPORTFILE_LINE_MAX = IPC_PATH_MAX * DISPLAY_EXPANSION * 2 + IPC_PATH_MAX * 2 + 256,
	REPORTFILE_DISPLAY_MAX = IPC_PATH_MAX * DISPLAY_EXPANSION + 1,
};

struct reportfile {
	int fd;
	bool is_all;
	pthread_mutex_t lock; /* for all below */
	int error;
	bool is_midline; /* the file ends without a newline */
	uint64_t n_lost;
	uint64_t n_lines; /* in the buffer */
	size_t n_buffer;
	char buffer[REPORTFILE_BUFFER + REPORTFILE_LINE_MAX];
	char display[REPORTFILE_DISPLAY_MAX];
};

struct reportfile *reportfile_new(int fd, bool is_all)
{
	struct reportfile *report = malloc(sizeof(*report));

	if (!report)
		return NULL;
	report->fd = fd;
	report->is_all = is_all;
	report->error = 0;
	report->is_midline = false;
	report->n_lost = 0;
	report->n_lines = 0;
	report->n_buffer = 0;
	(void)pthread_mutex_init(&report->lock, NULL);
	return report;
}

/* The caller holds the lock; so it does for all helpers below. */
static void reportfile_write_out(struct reportfile *report)
{
	size_t done = 0;

	while (done < report->n_buffer) {
		ssize_t n = write(report->fd, report->buffer + done, report->n_buffer - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (report->error == 0)
				report->error = n < 0 ? -errno : -EIO;
			report->n_lost += report->n_lines;
			break;
		}
		done += (size_t)n;
	}
	if (done > 0)
		report->is_midline = report->buffer[done - 1] != '\n';
	report->n_buffer = 0;
	report->n_lines = 0;
}

static void reportfile_put(struct reportfile *report, const char *text)
{
	size_t n = strlen(text);

	memcpy(report->buffer + report->n_buffer, text, n);
	report->n_buffer += n;
}

/* The display form has no control characters; only two bytes are special to
 * JSON. */
static void reportfile_put_string(struct reportfile *report, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			report->buffer[report->n_buffer++] = '\\';
		report->buffer[report->n_buffer++] = *c;
	}
}

static void reportfile_put_path(struct reportfile *report, struct span path)
{
	size_t n = display_write(DISPLAY_TEXT, path, report->display, sizeof(report->display));

	reportfile_put(report, "{\"path\":\"");
	reportfile_put_string(report, report->display);
	reportfile_put(report, "\"");
	if (n == path.n && memcmp(report->display, path.data, n) == 0)
		return;
	reportfile_put(report, ",\"pathBytes\":\"");
	base64_encode(path, report->display);
	reportfile_put(report, report->display);
	reportfile_put(report, "\"");
}

void reportfile_add(struct reportfile *report, const struct reportfile_line *line)
{
	struct span path = line->path;
	char text[128];

	if (report->fd < 0)
		return;
	if (!report->is_all && !reportfile_is_notable(line->result, line->reason))
		return;
	if (path.n > IPC_PATH_MAX)
		path.n = IPC_PATH_MAX;
	(void)pthread_mutex_lock(&report->lock);
	if (report->is_midline && report->n_buffer == 0)
		reportfile_put(report, "\n");
	reportfile_put_path(report, path);
	(void)snprintf(text, sizeof(text), ",\"result\":\"%s\"", file_result_name(line->result));
	reportfile_put(report, text);
	if (line->reason != REASON_NONE) {
		(void)snprintf(text, sizeof(text), ",\"reason\":\"%s\"", reason_name(line->reason));
		reportfile_put(report, text);
	}
	if (line->size != UINT64_MAX) {
		(void)snprintf(
			text, sizeof(text), ",\"size\":%llu", (unsigned long long)line->size);
		reportfile_put(report, text);
	}
	reportfile_put(report, "}\n");
	report->n_lines++;
	if (report->n_buffer >= REPORTFILE_BUFFER)
		reportfile_write_out(report);
	(void)pthread_mutex_unlock(&report->lock);
}

void reportfile_flush(struct reportfile *report)
{
	(void)pthread_mutex_lock(&report->lock);
	if (report->n_buffer > 0)
		reportfile_write_out(report);
	(void)pthread_mutex_unlock(&report->lock);
}

void reportfile_free(struct reportfile *report)
{
	if (!report)
		return;
	reportfile_flush(report);
	(void)pthread_mutex_destroy(&report->lock);
	free(report);
}

int reportfile_take_error(struct reportfile *report)
{
	int error;

	(void)pthread_mutex_lock(&report->lock);
	error = report->error;
	if (error < 0)
		report->error = 1; /* told; later ones stay quiet */
	(void)pthread_mutex_unlock(&report->lock);
	return error < 0 ? error : 0;
}

uint64_t reportfile_n_lost(struct reportfile *report)
{
	uint64_t n;

	(void)pthread_mutex_lock(&report->lock);
	n = report->n_lost;
	(void)pthread_mutex_unlock(&report->lock);
	return n;
}

bool reportfile_is_notable(enum file_result result, enum reason reason)
{
	if (result == FILE_RESULT_CLEAN)
		return false;
	return reason != REASON_SYMLINK && reason != REASON_SPECIAL;
}
