/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of the settings: the only place where a name, a type, a default, a
 * range or a description stands.
 *
 * Pure, constant. Any thread.
 */
#ifndef QS_SETTINGS_SCHEMA_H
#define QS_SETTINGS_SCHEMA_H

#include "err.h"
#include "settings.h"

enum settings_type {
	SETTINGS_TYPE_INT,    /**< int64_t */
	SETTINGS_TYPE_BOOL,   /**< bool */
	SETTINGS_TYPE_STRING, /**< char * */
	SETTINGS_TYPE_CHOICE, /**< int64_t, one of the choices' values */
	SETTINGS_TYPE_LIST,   /**< struct settings_list */
};

struct settings_choice {
	const char *name; /**< NULL ends the list. */
	int64_t value;
};

struct settings_entry {
	const char *name;        /**< As in the file. */
	enum settings_type type; /**< Of the member at offset. */
	size_t offset;           /**< In struct settings. */
	int64_t min;             /**< INT: smallest; max largest. */
	int64_t max;
	bool is_zero_allowed;                  /**< INT: 0 is allowed besides min to max. */
	int64_t default_number;                /**< INT, BOOL, CHOICE. */
	const char *default_text;              /**< STRING; lists begin empty. */
	const struct settings_choice *choices; /**< CHOICE. */
	int (*check)(struct span text, struct errmsg *msg); /**< STRING and items of LIST. */
	const char *range;       /**< For people; NULL = made from min, max or choices. */
	const char *description; /**< One or two sentences. */
};

enum {
	SETTINGS_LIST_MAX = 1024, /**< Items of a list. */
	SETTINGS_TEXT_MAX = 4096, /**< Bytes of a string. */
};

/** All entries. @n_entriesp set to their number (below 64). */
const struct settings_entry *settings_schema(size_t *n_entriesp);

/** The entry of a name, or NULL. */
const struct settings_entry *settings_schema_find(const char *name);

/** Nearest name for a wrong one, or NULL. */
const char *settings_schema_nearest(const char *name);

/** "0 or 5 to 100", "auto, on or off", …; written to @text. */
void settings_schema_range(const struct settings_entry *entry, char *text, size_t n_text);

/** "int", "bool", "string", "choice", "list". */
const char *settings_schema_type(enum settings_type type);

#endif
