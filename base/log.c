/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line is one write(2) of at most LOG_LINE_MAX bytes, so that lines of
 * several processes that share a pipe never mix (PIPE_BUF is 4096 on Linux).
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOG_LINE_MAX = 2048 };

static const char *log_program = "quietscan";
static atomic_int log_current = LOG_LEVEL_WARN;
static bool log_journal;

void log_init(const char *program, enum log_level level)
{
	log_program = program;
	log_journal = secure_getenv("JOURNAL_STREAM") != NULL;
	atomic_store(&log_current, (int)level);
}

void log_set_level(enum log_level level)
{
	atomic_store(&log_current, (int)level);
}

enum log_level log_level(void)
{
	return (enum log_level)atomic_load(&log_current);
}

const char *log_level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARN:
		return "warn";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "unknown";
}

int log_level_parse(const char *name, enum log_level *levelp)
{
	static const enum log_level levels[] = {
		LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(name, log_level_name(levels[i])) == 0) {
			*levelp = levels[i];
			return 0;
		}
	}
	return -EINVAL;
}

void log_line(enum log_level level, const char *module, const char *fmt, ...)
{
	char text[LOG_LINE_MAX];
	int saved = errno;
	int head;
	size_t n;
	va_list ap;

	if ((int)level > atomic_load(&log_current))
		return;
	if (log_journal)
		head = snprintf(text, sizeof(text), "<%d>%s[%d]: %s %s: ", (int)level, log_program,
			(int)getpid(), log_level_name(level), module);
	else
		head = snprintf(text, sizeof(text), "%s[%d]: %s %s: ", log_program, (int)getpid(),
			log_level_name(level), module);
	n = (size_t)head < sizeof(text) ? (size_t)head : sizeof(text) - 1;
	va_start(ap, fmt);
	(void)vsnprintf(text + n, sizeof(text) - n - 1, fmt, ap);
	va_end(ap);
	n += strlen(text + n);
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\n' || text[i] == '\r')
			text[i] = ' ';
	text[n++] = '\n';
	if (write(STDERR_FILENO, text, n) < 0) {
		/* Nobody is left to be told. */
	}
	errno = saved;
}
