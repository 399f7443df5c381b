/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The diagnostic log: one line a message on standard error,
 *
 *   <priority>quietscand[pid]: level module: text
 *
 * The "<N>" is written only when standard error is the journal's stream
 * (JOURNAL_STREAM is set). This is not the action log, which is the record of
 * what happened (reporting/). Paths and other foreign bytes go through
 * display.h first. Hands. Any thread.
 */
#ifndef QS_LOG_H
#define QS_LOG_H

enum log_level {
	LOG_LEVEL_ERROR = 3, /**< The numbers are syslog's. */
	LOG_LEVEL_WARN = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/**
 * Set program name and level; before it, "quietscan" and warn are in force.
 *
 * @program  Borrowed for ever (a literal).
 */
void log_init(const char *program, enum log_level level);

/** Change the level only. */
void log_set_level(enum log_level level);

/** The level in force. */
enum log_level log_level(void);

/** "error", "warn", "info", "debug"; any number ("unknown"). */
const char *log_level_name(enum log_level level);

/**
 * Parse a level name.
 *
 * @name    "error", "warn", "info" or "debug".
 * @levelp  Set when 0 is returned.
 * @return  0 or -EINVAL.
 */
int log_level_parse(const char *name, enum log_level *levelp);

/** Write one line if @level is in force. A newline in the text becomes a blank. */
void log_line(enum log_level level, const char *module, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(module, ...) log_line(LOG_LEVEL_ERROR, module, __VA_ARGS__)
#define log_warn(module, ...) log_line(LOG_LEVEL_WARN, module, __VA_ARGS__)
#define log_info(module, ...) log_line(LOG_LEVEL_INFO, module, __VA_ARGS__)
#define log_debug(module, ...) log_line(LOG_LEVEL_DEBUG, module, __VA_ARGS__)

#endif
