/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for a terminal: everything that came from elsewhere goes through here,
 * so that no file name or comment can steer it. In a locale that is not UTF-8
 * only ASCII is written.
 *
 * Writes to a stream; a failed write is left in its error flag.
 */
#ifndef QS_CLI_PRINT_H
#define QS_CLI_PRINT_H

#include "json.h"

#include <stdio.h>

/** Whether only ASCII may be written; set once by main(), false before. */
void cli_print_set_ascii(bool is_ascii);

/** What was set. */
bool cli_print_is_ascii(void);

/** One string, made safe, without a newline. */
void cli_print_text(FILE *out, const char *text);

/** The same on the heap, free(3); NULL without memory. */
char *cli_print_dup(const char *text);

/** Columns a safe text takes on a terminal. */
size_t cli_print_width(const char *safe);

/** JSON for people and programs: two blanks an indent, safe, newline at the end. 0 or -ENOMEM. */
int cli_print_json(FILE *out, const cJSON *item);

/** A value of an object as one word or sentence: strings without quotes. */
void cli_print_value(FILE *out, const cJSON *value);

/**
 * An object as "name   value" lines; members of members as "name.name".
 * Fields that end in "Bytes" and have a display form beside them are left out.
 */
void cli_print_object(FILE *out, const cJSON *object);

/** The usual cell: cli_print_value() of a field on the heap. */
char *cli_print_cell(const cJSON *item, const char *field);

#endif
