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
#include "store_field.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	STORE_E_NOT_FOUND = 1, /**< No row with this id. */
	STORE_E_DUPLICATE = 2, /**< The row is there already; nothing was changed. */
};

enum {
	STORE_MACHINE_ID_SIZE = 41,     /**< 40 hex digits and NUL. */
	STORE_VALUE_MAX = 64 * 1024,    /**< Bytes of a named value. */
	STORE_FIELDS_MAX = 1024 * 1024, /**< Bytes of an event's fields. */
	STORE_LIST_CPU_MS = 500,        /**< Of a bounded listing. */
};

/** Opaque. */
struct store;

/**
 * Open or create; brings an older schema up to date; checks that the log's
 * last record fits its hash (store_is_log_damaged()).
 *
 * @state_dir  Existing directory, borrowed; may be relative. Its files must be
 *             regular, our own, and not linked elsewhere.
 * @storep     Set when 0 is returned; free with store_close().
 * @msg        Says why on failure.
 * @return     0; -ENOSPC disk full; -EILSEQ not a store of ours or damaged;
 *             -EPROTONOSUPPORT made by a newer version; -EPERM or -ELOOP a file
 *             is not what it should be; -EBUSY another daemon has it (held for
 *             the store's lifetime); other -errno.
 */
int store_open(const char *state_dir, struct store **storep, struct errmsg *msg);

/**
 * Open an existing store beside a running daemon, without its lock and without
 * writing: lists and values work, everything else gives -EROFS.
 *
 * @return  As store_open(); -ENOENT when there is none.
 */
int store_open_reader(const char *state_dir, struct store **storep, struct errmsg *msg);

/** Closes; takes NULL. An open transaction is rolled back. */
void store_close(struct store *store);

/**
 * Whether the log's last record did not fit its hash when the store was opened:
 * somebody changed it. The store works; what is appended keeps the damage
 * visible to log_verify().
 */
bool store_is_log_damaged(const struct store *store);

/**
 * Begin a transaction; calls outside one are a transaction of their own.
 * store_commit() makes all of it durable, or fails and keeps none of it
 * (-ENOSPC when the disk is full: try again later). A commit that failed has
 * ended the transaction; store_rollback() after it is harmless.
 *
 * After a negative code inside a transaction every further change, and the
 * commit, give that code too, until store_rollback(). Positive conditions do
 * not spoil a transaction.
 */
int store_begin(struct store *store, struct errmsg *msg);
/** See store_begin(). */
int store_commit(struct store *store, struct errmsg *msg);
/** Undo since store_begin(); harmless without one. */
void store_rollback(struct store *store);
/** Whether store_begin() is open. */
bool store_is_in_transaction(const struct store *store);

/** Machine id: 40 lower-case hex, made at the first open, kept. Lives as long as the store. */
const char *store_machine_id(const struct store *store);

/** Fill with a fresh random GUID in text. */
void store_new_id(char id[RECORD_ID_SIZE]);

/**
 * Insert one. @return 0; STORE_E_DUPLICATE (detections: same scan, path,
 * container and threat, from a restarted scan: expected); -errno.
 */
int store_action_insert(
	struct store *store, const struct action_record *action, struct errmsg *msg);
/** See store_action_insert(). */
int store_scan_insert(struct store *store, const struct scan_record *scan, struct errmsg *msg);
/** See store_action_insert(). */
int store_detection_insert(
	struct store *store, const struct detection_record *detection, struct errmsg *msg);

/** Overwrite the row with this id. 0; STORE_E_NOT_FOUND; -errno. */
int store_action_update(
	struct store *store, const struct action_record *action, struct errmsg *msg);
/** See store_action_update(). */
int store_scan_update(struct store *store, const struct scan_record *scan, struct errmsg *msg);
/** See store_action_update(). */
int store_alert_update(struct store *store, const struct alert_record *alert, struct errmsg *msg);
/** See store_action_update(); of a detection only what remediation did with it. */
int store_detection_remediate(
	struct store *store, const struct detection_record *detection, struct errmsg *msg);

/**
 * Passive mode: what is still to be done, and nobody asked for, is not done any more.
 *
 * @by  What decides that.
 */
int store_detection_leave(struct store *store, const char *by, struct errmsg *msg);

/** Give all detections that became this item another remediation status; there may be none. */
int store_detection_restore(
	struct store *store, const char *quarantine_id, const char *status, struct errmsg *msg);

/** See store_action_insert(). STORE_E_DUPLICATE: the item is known. */
int store_quarantine_insert(
	struct store *store, const struct quarantine_record *item, struct errmsg *msg);
/** The item is in quarantine no more. @return 0; STORE_E_NOT_FOUND; -errno. */
int store_quarantine_delete(struct store *store, const char *id, struct errmsg *msg);

/**
 * Make the alert of (scan, threat) or count one more detection on it. Call it
 * before store_detection_insert(), in one transaction, and roll that back when
 * the detection turns out to be STORE_E_DUPLICATE.
 *
 * @alert     In: scan_id, threat_*, title, severity, category, times. Out: id,
 *            n_detections; all of it is stored as given when it is made now
 *            (an empty id gets a new one; an empty status is New).
 * @is_newp   Set to whether it was made now.
 * @return    0 or -errno.
 */
int store_alert_raise(
	struct store *store, struct alert_record *alert, bool *is_newp, struct errmsg *msg);

/**
 * Row call-backs: return 0 to go on, anything else ends the listing and is
 * returned. They may call any function of the store; whether rows they add to
 * the same table still come is not defined.
 */
typedef int (*store_action_row)(void *arg, const struct action_record *action);
typedef int (*store_scan_row)(void *arg, const struct scan_record *scan);
typedef int (*store_detection_row)(void *arg, const struct detection_record *detection);
typedef int (*store_alert_row)(void *arg, const struct alert_record *alert);
typedef int (*store_event_row)(void *arg, const struct event_record *event);
typedef int (*store_quarantine_row)(void *arg, const struct quarantine_record *item);

struct store_filter; /* store_filter.h */

/**
 * The revision of a kind of record: another number after every change of what
 * store_*_list() of that kind gives, as soon as the change is committed; the
 * same number as long as there was none. Kept in memory: it costs nothing to
 * ask. Numbers of different kinds grow together, one for each change of any of
 * them. They begin at random, so that a number of before a restart is none of
 * after it. At most JSON_INT_PRINT_MAX.
 */
uint64_t store_revision(const struct store *store, enum store_kind kind);

/**
 * Call back when revisions have changed, once for each transaction or single
 * write: from within the call that wrote, so the listener only notes it.
 *
 * @on_change  NULL: nobody listens any more. There is one listener.
 */
void store_set_listener(struct store *store, void (*on_change)(void *arg), void *arg);

/**
 * Give a kind another revision without a change in the store: of what a list
 * shows, something is kept elsewhere and has changed there.
 */
void store_touch(struct store *store, enum store_kind kind);

/** A file, as the kernel numbers it. */
struct store_file {
	uint64_t dev;
	uint64_t ino;
};

/**
 * What a listing gives; zero and NULL mean "any". A filter for what the table
 * does not have (an action_type of a scan) is -EINVAL.
 */
struct store_query {
	const char *id;                    /**< That row only. */
	const char *scan_id;               /**< Of that scan. */
	const char *action_id;             /**< Of that action: scans, events. */
	const char *alert_id;              /**< Of that alert: detections. */
	const char *status;                /**< Name, as stored: actions, scans, alerts. */
	const char *action_type;           /**< Events. */
	uint64_t after_sequence;           /**< Events: greater than. */
	uint64_t before_sequence;          /**< Events: less than. */
	const struct store_filter *filter; /**< Built for this kind; borrowed. */
	const struct store_field *order;   /**< Of this kind; NULL: that of insertion, which
					    * also decides between equal rows. */
	const char *sha256;                /**< Detections of files with that hash; lower case. */
	const char *sha1;                  /**< Likewise. */
	const struct store_file *file;     /**< Detections of that file. */
	int64_t before_unix_ms;            /**< In quarantine since before that time. */
	bool is_open_only;                 /**< Actions and scans that are not final. */
	bool is_to_do_only;                /**< Detections that are still to be remediated. */
	bool is_ascending; /**< Oldest or least first; default newest or greatest first. */
	bool is_bounded;   /**< -ETIMEDOUT after STORE_LIST_CPU_MS of our CPU time: somebody else
			  * made the query. Row call-backs must not write then. */
	size_t limit;      /**< Rows at most; 0 = all. */
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
/** See store_action_list(). */
int store_quarantine_list(struct store *store, const struct store_query *query,
	store_quarantine_row row, void *arg, struct errmsg *msg);
/** See store_action_list(); by sequence. */
int store_event_list(struct store *store, const struct store_query *query, store_event_row row,
	void *arg, struct errmsg *msg);

/**
 * Count the rows that a listing without limit and offset would give.
 *
 * @np      Set when 0 is returned.
 * @return  0 or -errno, as for a list.
 */
int store_count(struct store *store, enum store_kind kind, const struct store_query *query,
	uint64_t *np, struct errmsg *msg);

/**
 * Append to the action log: takes the next sequence, chains the hash.
 *
 * @event      sequence and hashes are ignored; time 0 = now; fields NULL = "{}".
 * @sequencep  Set to the sequence given; may be NULL.
 * @return     0; -EINVAL when the fields are no one-line object or an action
 *             type is missing; -E2BIG above STORE_FIELDS_MAX; other -errno.
 */
int store_event_append(struct store *store, const struct event_record *event, uint64_t *sequencep,
	struct errmsg *msg);

/**
 * The load of a scan over time, as a JSON object (docs/local-protocol.md), in
 * place of the one before.
 *
 * @return 0; -EINVAL when there is no such scan; other -errno.
 */
int store_load_set(
	struct store *store, const char *scan_id, const char *document, struct errmsg *msg);
/** See store_load_set(). @documentp: heap copy, free(3). @return 0; STORE_E_NOT_FOUND; -errno. */
int store_load_get(struct store *store, const char *scan_id, char **documentp, struct errmsg *msg);

/** Last sequence in the log, 0 = empty, and its hash (32 bytes). @return 0 or -errno. */
int store_log_head(struct store *store, uint64_t *sequencep, uint8_t hash[32], struct errmsg *msg);
/** Hash of the event with this sequence; zeros for 0. @return 0; STORE_E_NOT_FOUND; -errno. */
int store_log_hash(struct store *store, uint64_t sequence, uint8_t hash[32], struct errmsg *msg);

/**
 * A small durable value by name (cursor of a sink, definitions' state, …).
 *
 * @return  0; -E2BIG above STORE_VALUE_MAX; other -errno.
 */
int store_value_set(struct store *store, const char *name, const char *value, struct errmsg *msg);
/** See store_value_set(). @valuep: heap copy, free(3). @return 0; STORE_E_NOT_FOUND; -errno. */
int store_value_get(struct store *store, const char *name, char **valuep, struct errmsg *msg);

/**
 * Delete finished scans (with their detections, alerts, actions) that ended
 * before a time, and beyond a number of scans. Finished actions without a scan
 * (StopAndQuarantineFile) go likewise, those beyond the same number of their own,
 * unless an item in quarantine is theirs, by its hash or by the log. The log is never purged.
 * One transaction of its own: not between store_begin() and store_commit().
 *
 * @before_unix_ms  What ended earlier goes; 0 = no limit by age.
 * @n_scans_max     So many finished scans stay, the newest; 0 = no limit.
 * @on_scan         Told the id of each scan deleted, after the commit, so that its
 *                  report file can go too; may be NULL.
 * @return          0 or -errno; on failure nothing was deleted.
 */
int store_purge(struct store *store, int64_t before_unix_ms, size_t n_scans_max,
	void (*on_scan)(void *arg, const char *scan_id), void *arg, struct errmsg *msg);

#endif
