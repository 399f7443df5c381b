/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of signature sets.
 *
 *   SignaturePath ──look──► changed? ──snapshot──► candidate ──loaded──► current
 *                             │ no                     │ failed
 *                             ▼                        ▼
 *                          nothing            remembered by its stat-print,
 *                                             not tried again until that changes
 *
 * freshclam replaces files whenever it likes, so engines only ever load private
 * copies in STATE_DIR/definitions. The set that was loaded last stays current
 * until a newer one was loaded; a broken update changes nothing but health.
 * What is current survives a restart, so that a start need not load anything.
 *
 * Hands (uv pool, store). Loop thread only. Who loads a candidate is decided by
 * the scheduler: the next scan, or a load of its own while nothing scans.
 */
#ifndef QS_DEFINITIONS_H
#define QS_DEFINITIONS_H

#include "err.h"
#include "ipc.h"
#include "signature_set.h"
#include "store.h"

#include <stdbool.h>
#include <uv.h>

enum {
	DEFINITIONS_LOOK_MS = 10000, /**< Between two looks at SignaturePath. */
	DEFINITIONS_TEXT_MAX = 512,  /**< Of a reason or a version text, NUL included. */
	DEFINITIONS_PATH_MAX = 4096,
};

struct definitions_set {
	char name[SIGNATURE_SET_NAME_SIZE]; /**< Directory in the snapshot folder. */
	char fingerprint[SIGNATURE_SET_HEX_SIZE];
	char stat_print[SIGNATURE_SET_HEX_SIZE]; /**< Of SignaturePath when it was copied. */
	/* known once it was loaded: */
	uint64_t n_signatures;
	char engine_version[DEFINITIONS_TEXT_MAX];
	char set_version[DEFINITIONS_TEXT_MAX];
	int64_t set_time_unix_ms;
	int64_t loaded_unix_ms;
};

struct definitions_config {
	uv_loop_t *loop;
	struct store *store;
	const char *dir;    /**< Snapshot folder, exists; copied. */
	const char *source; /**< SignaturePath; copied. */
	/** A look has ended: there may be a candidate, or a new error. */
	void (*on_looked)(void *arg);
	void *arg;
};

/** Opaque. */
struct definitions;

/**
 * Begin: takes up what is current from the store. No look yet.
 *
 * @return 0, -ENOMEM, or an error of the store.
 */
int definitions_new(const struct definitions_config *config, struct definitions **definitionsp,
	struct errmsg *msg);

/** Look now and then every DEFINITIONS_LOOK_MS; on_looked tells the end of each. */
void definitions_start(struct definitions *definitions);

/** Look now, or as soon as the look under way has ended. */
void definitions_look(struct definitions *definitions);

/** Another SignaturePath; looks at once. */
void definitions_set_source(struct definitions *definitions, const char *source);

/** No call-back any more; a look under way ends in the background. Takes NULL. */
void definitions_free(struct definitions *definitions);

/** A set to be tried, or NULL. */
const struct definitions_set *definitions_candidate(const struct definitions *definitions);
/** The set in force, or NULL. */
const struct definitions_set *definitions_current(const struct definitions *definitions);

/** Whether a first look has ended. */
bool definitions_has_looked(const struct definitions *definitions);
/** Whether it is still open if there is a usable set: nothing current, but a look or a candidate. */
bool definitions_is_undecided(const struct definitions *definitions);

/** Why the last look or load failed, "" when it did not. */
const char *definitions_error(const struct definitions *definitions);
/** SignaturePath. */
const char *definitions_source(const struct definitions *definitions);

/** The directory of a set, into @path. 0 or -ENAMETOOLONG. */
int definitions_path(
	const struct definitions *definitions, const char *name, char *path, size_t n_path);

/** A scan works with this set (its name) from now on; NULL: none. It is kept on disk. */
void definitions_use(struct definitions *definitions, const char *name);

/**
 * An engine has loaded a set. What is remembered about it is written at once,
 * or again later if the store cannot take it.
 *
 * @name   As in struct definitions_set. Of the candidate: it becomes current.
 * @return Whether another set became current by this (then tell it).
 */
bool definitions_loaded(
	struct definitions *definitions, const char *name, const struct ipc_engine_ready *ready);

/**
 * An engine could not load a set.
 *
 * @why  A sentence.
 * @return Whether it was the candidate, which is dropped (then tell it).
 */
bool definitions_failed(struct definitions *definitions, const char *name, const char *why);

/** The candidate could not be tried, through no fault of its own: told, and kept. */
void definitions_hindered(struct definitions *definitions, const char *why);

#endif
