/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and times as people read them. Each writes NUL-terminated text into
 * a buffer of CLI_FORMAT_SIZE and returns that buffer, so that several fit into
 * one printf. Pure. Any thread.
 */
#ifndef QS_CLI_FORMAT_H
#define QS_CLI_FORMAT_H

#include "json.h"

#include <stddef.h>
#include <stdint.h>

enum { CLI_FORMAT_SIZE = 48 };

/** "1,234,567". */
const char *cli_format_count(uint64_t count, char text[CLI_FORMAT_SIZE]);

/** "17 B", "1.5 KiB", "120.4 MiB", … */
const char *cli_format_bytes(uint64_t n_bytes, char text[CLI_FORMAT_SIZE]);

/** "0.4 s", "12 s", "3 min 20 s", "5 h 12 min", "2 d 3 h". @seconds not negative. */
const char *cli_format_duration(double seconds, char text[CLI_FORMAT_SIZE]);

/**
 * A mark on an axis of time, in whole units without those that are 0: "0",
 * "0.5 s", "20 s", "1 min 30 s", "2 h", "1 d 12 h". Tenths below a minute only.
 *
 * @seconds  From 0 to 1e15; else "-".
 */
const char *cli_format_elapsed(double seconds, char text[CLI_FORMAT_SIZE]);

/**
 * "2026-11-24 03:55:12Z" of the protocol's form of a time; what is no such
 * form is copied as far as it fits; NULL gives "-".
 */
const char *cli_format_time(const char *iso, char text[CLI_FORMAT_SIZE]);

/** "49.6 %", or "no limit" for 0 when @is_aim. */
const char *cli_format_load(double pct, bool is_aim, char text[CLI_FORMAT_SIZE]);

/** String of a field, "" when absent or no string; borrowed. */
const char *cli_format_field(const cJSON *object, const char *field);

/** Number of a field, 0 when absent or no whole number from 0. */
uint64_t cli_format_number(const cJSON *object, const char *field);

/** Number of a field, -1 when absent or no number. */
double cli_format_real(const cJSON *object, const char *field);

/** Whether a field is true. */
bool cli_format_flag(const cJSON *object, const char *field);

#endif
