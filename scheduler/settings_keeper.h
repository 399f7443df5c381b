/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings in force: read from their file, read again on request, changed
 * one by one by operators. A file or value that is no good changes nothing; a
 * change is in the file, in the log and in force together.
 *
 * Hands (file, store). Loop thread only.
 */
#ifndef QS_SETTINGS_KEEPER_H
#define QS_SETTINGS_KEEPER_H

#include "err.h"
#include "fault.h"
#include "json.h"
#include "settings.h"
#include "store.h"

struct settings_keeper {
	const char *file;              /**< Borrowed for ever. */
	bool is_file_required;         /**< Absent is an error. */
	struct store *store;           /**< Borrowed; NULL before there is one. */
	void (*on_changed)(void *arg); /**< Settings in force have changed; may be NULL. */
	void *arg;
	/* state */
	struct settings settings;
	struct errmsg error; /**< Of the last reading, "" when it was good. */
};

/** Read for the first time. 0; as settings_file_read(); -ENOENT when required. */
int settings_keeper_load(struct settings_keeper *keeper, struct errmsg *msg);

/** Read again (SIGHUP). A bad file is an event, and otherwise ignored. */
void settings_keeper_reload(struct settings_keeper *keeper);

/**
 * Set one.
 *
 * @value  As settings_set().
 * @who    For the log.
 * @fault  Set unless 0 is returned: nothing was changed then.
 */
int settings_keeper_set(struct settings_keeper *keeper, const char *name, const cJSON *value,
	const char *who, struct fault *fault);

/** Add or remove an exclusion. @kind "path" or "extension". Otherwise as settings_keeper_set(). */
int settings_keeper_exclude(struct settings_keeper *keeper, const char *kind,
	enum settings_edit edit, const char *item, const char *who, struct fault *fault);

/** One item of the allow list, to be added or removed. Strings are borrowed. */
struct settings_allowance {
	const char *kind; /**< "name" (of a threat), "hash" (SHA-256) or "path" (a pattern). */
	const char *value;
	enum settings_edit edit;
	const char *who;     /**< For the log. */
	const char *comment; /**< Likewise: why. */
};

/**
 * Add to or remove from AllowedThreats, AllowedFileHashes or AllowedPaths. A hash
 * is the same in either case.
 *
 * @fault  Set unless 0 is returned, as by settings_keeper_set(); InvalidState when
 *         what is added is there already, NotFound when what is removed is not.
 */
int settings_keeper_allow(struct settings_keeper *keeper, const struct settings_allowance *change,
	struct fault *fault);

/** Free the settings; idempotent. */
void settings_keeper_deinit(struct settings_keeper *keeper);

#endif
