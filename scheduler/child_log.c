/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hostile or broken child may write without end and without newlines. Memory
 * is one line, and the log is not flooded: a token bucket, whose refusals are
 * counted and told with the next line that passes.
 */
#include "child_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void child_log_init(struct child_log *log, child_log_sink sink, void *arg)
{
	*log = (struct child_log){.sink = sink, .arg = arg, .tokens = CHILD_LOG_BURST};
}

/* Children write "name[pid]: level module: text" (log.h). */
static enum log_level child_log_level(const char *line)
{
	static const struct {
		const char *mark;
		enum log_level level;
	} levels[] = {{"]: error ", LOG_LEVEL_ERROR}, {"]: warn ", LOG_LEVEL_WARN},
		{"]: info ", LOG_LEVEL_INFO}, {"]: debug ", LOG_LEVEL_DEBUG}};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strstr(line, levels[i].mark))
			return levels[i].level;
	return LOG_LEVEL_WARN;
}

static void child_log_tell_drops(struct child_log *log)
{
	char text[64];

	if (log->n_dropped == 0)
		return;
	(void)snprintf(text, sizeof(text), "(%" PRIu64 " lines dropped)", log->n_dropped);
	log->n_dropped = 0;
	log->sink(log->arg, LOG_LEVEL_WARN, text);
}

static void child_log_emit(struct child_log *log, uint64_t now_ms)
{
	if (now_ms > log->last_ms) {
		log->tokens += (double)(now_ms - log->last_ms) * CHILD_LOG_RATE / 1000.0;
		if (log->tokens > CHILD_LOG_BURST)
			log->tokens = CHILD_LOG_BURST;
		log->last_ms = now_ms;
	}
	log->line[log->n] = '\0';
	log->n = 0;
	if (log->line[0] == '\0')
		return;
	if (log->tokens < 1.0) {
		log->n_dropped++;
		return;
	}
	log->tokens -= 1.0;
	child_log_tell_drops(log);
	log->sink(log->arg, child_log_level(log->line), log->line);
}

static char child_log_clean(char byte)
{
	if (byte < ' ' || byte > '~')
		return '?';
	return byte;
}

void child_log_feed(struct child_log *log, const char *data, size_t n, uint64_t now_ms)
{
	for (size_t i = 0; i < n; i++) {
		if (data[i] == '\n' || log->n == CHILD_LOG_LINE_MAX)
			child_log_emit(log, now_ms);
		if (data[i] != '\n')
			log->line[log->n++] = child_log_clean(data[i]);
	}
}

void child_log_end(struct child_log *log, uint64_t now_ms)
{
	child_log_emit(log, now_ms);
	child_log_tell_drops(log);
}
