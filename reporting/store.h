/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store: everything durable, in one SQLite file (WAL, synchronous=FULL),
 * STATE_DIR/store.db. What was committed survives a killed process and a power
 * cut; nothing is acknowledged to anyone before its commit returned.
 *
 * The action log is a table of it: each event carries the hash of its
 * predecessor (log_chain.h), so that an event and the rows it tells about are
 * one transaction.
 *
 * Hands (SQLite). Loop thread only; every call may block for the time of a
 * disk flush. The only module that includes sqlite3.h.
 */
#ifndef QS_STORE_H
#define QS_STORE_H

#include "err.h"
#include "records.h"

#include <stddef.h>

enum {
	STORE_E_NOT_FOUND = 1, /**< No row with this id. */
	STORE_E_DUPLICATE = 2, /**< The row is there already; nothing was changed. */
};

/** Opaque. */
struct store;

/**
 * Open or create; brings an older schema up to date; checks that the log's
 * last record fits its hash.
 *
 * @state_dir  Existing directory, borrowed.
 * @storep     Set when 0 is returned; free with store_close().
 * @msg        Says why on failure.
 * @return     0; -ENOSPC disk full; -EILSEQ not a store of ours or damaged;
 *             -EBUSY another daemon has it (held for the store's lifetime); other -errno.
 */
int store_open(const char *state_dir, struct store **storep, struct errmsg *msg);

/** Closes; takes NULL. An open transaction is rolled back. */
void store_close(struct store *store);

/**
 * Begin a transaction; calls outside one are a transaction of their own.
 * store_commit() makes all of it durable, or fails and keeps none of it
 * (-ENOSPC when the disk is full: try again later).
 */
int store_begin(struct store *store, struct errmsg *msg);
/** See store_begin(). */
int store_commit(struct store *store, struct errmsg *msg);
/** Undo since store_begin(); harmless without one. */
void store_rollback(struct store *store);

/** Machine id: 40 lower-case hex, made at the first open, kept. Lives as long as the store. */
const char *store_machine_id(const struct store *store);

/** Fill with a fresh random GUID in text. */
void store_new_id(char id[RECORD_ID_SIZE]);

/**
 * Insert one. @return 0; STORE_E_DUPLICATE (detections: same scan, path,
 * container and threat, from a restarted scan: expected); -errno.
 */
int store_action_insert(struct store *store, const struct action_record *action, struct errmsg *msg);
/** See store_action_insert(). */
int store_scan_insert(struct store *store, const struct scan_record *scan, struct errmsg *msg);
/** See store_action_insert(). */
int store_detection_insert(
	struct store *store, const struct detection_record *detection, struct errmsg *msg);

/** Overwrite the row with this id. 0; STORE_E_NOT_FOUND; -errno. */
int store_action_update(struct store *store, const struct action_record *action, struct errmsg *msg);
/** See store_action_update(). */
int store_scan_update(struct store *store, const struct scan_record *scan, struct errmsg *msg);
/** See store_action_update(). */
int store_alert_update(struct store *store, const struct alert_record *alert, struct errmsg *msg);

/**
 * Make the alert of (scan, threat) or count one more detection on it.
 *
 * @alert     In: scan_id, threat_*, title, severity, category, times. Out: id.
 * @is_newp   Set to whether it was made now.
 * @return    0 or -errno.
 */
int store_alert_raise(
	struct store *store, struct alert_record *alert, bool *is_newp, struct errmsg *msg);

/** Row call-backs: return 0 to go on, anything else ends the listing and is returned. */
typedef int (*store_action_row)(void *arg, const struct action_record *action);
typedef int (*store_scan_row)(void *arg, const struct scan_record *scan);
typedef int (*store_detection_row)(void *arg, const struct detection_record *detection);
typedef int (*store_alert_row)(void *arg, const struct alert_record *alert);
typedef int (*store_event_row)(void *arg, const struct event_record *event);

/** What a listing gives; zero and NULL mean "any". */
struct store_query {
	const char *id;          /**< That row only. */
	const char *scan_id;     /**< Of that scan. */
	const char *action_id;   /**< Of that action. */
	const char *status;      /**< Name, as stored. */
	const char *action_type; /**< Events. */
	uint64_t after_sequence; /**< Events: greater than. */
	bool is_open_only;       /**< Actions and scans that are not final. */
	bool is_ascending;       /**< Oldest first; default newest first. */
	size_t limit;            /**< Rows at most; 0 = all. */
	size_t offset;
};

/** List; rows come one by one. @return 0, what @row returned, or -errno. */
int store_action_list(struct store *store, const struct store_query *query, store_action_row row,
	void *arg, struct errmsg *msg);
/** See store_action_list(). */
int store_scan_list(struct store *store, const struct store_query *query, store_scan_row row,
	void *arg, struct errmsg *msg);
/** See store_action_list(). */
int store_detection_list(struct store *store, const struct store_query *query,
	store_detection_row row, void *arg, struct errmsg *msg);
/** See store_action_list(). */
int store_alert_list(struct store *store, const struct store_query *query, store_alert_row row,
	void *arg, struct errmsg *msg);
/** See store_action_list(); by sequence. */
int store_event_list(struct store *store, const struct store_query *query, store_event_row row,
	void *arg, struct errmsg *msg);

/**
 * Append to the action log: takes the next sequence, chains the hash.
 *
 * @event      sequence is ignored; time 0 = now.
 * @sequencep  Set to the sequence given; may be NULL.
 * @return     0 or -errno.
 */
int store_event_append(struct store *store, const struct event_record *event, uint64_t *sequencep,
	struct errmsg *msg);

/** Last sequence in the log, 0 = empty, and its hash (32 bytes). */
int store_log_head(
	struct store *store, uint64_t *sequencep, uint8_t hash[32], struct errmsg *msg);

/** A small durable value by name (cursor of a sink, definitions' state, …); at most 64 KiB. */
int store_value_set(struct store *store, const char *name, const char *value, struct errmsg *msg);
/** @valuep  Heap copy, free(3). 0; STORE_E_NOT_FOUND; -errno. */
int store_value_get(struct store *store, const char *name, char **valuep, struct errmsg *msg);

/**
 * Delete finished scans (with their detections, alerts, actions) that ended
 * before a time, and beyond a number of scans. The log is never purged.
 *
 * @n_deletedp  Scans deleted; may be NULL. Their ids are told to @on_scan (may
 *              be NULL), so that report files can go too.
 */
int store_purge(struct store *store, int64_t before_unix_ms, size_t n_scans_max,
	void (*on_scan)(void *arg, const char *scan_id), void *arg, size_t *n_deletedp,
	struct errmsg *msg);

#endif
