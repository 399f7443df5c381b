/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the store: SQLite's codes, statements and transactions. Only the
 * store's own files (store*.c) include this; it is the one header that
 * includes sqlite3.h.
 *
 * Failure inside a transaction: SQLite may already have rolled all of it back
 * (SQLITE_FULL, IOERR, NOMEM do so on their own; see "Response To Errors
 * Within A Transaction", sqlite.org/lang_transaction.html), and a caller who
 * went on would commit the second half of something. So the store remembers
 * the first failure ("doomed") and gives it as the answer to everything until
 * store_rollback(), store_commit() included.
 *
 * Hands. Loop thread only.
 */
#ifndef QS_STORE_SQL_H
#define QS_STORE_SQL_H

#include "store.h"

#include <sqlite3.h>

/** Of detections: something is to be done, and was not yet. */
#define STORE_SQL_TO_DO                                                                            \
	"remediation_status = 'Detected' AND remediation_action IN ('Quarantine','Remove')"

/** Statements that are prepared once and kept. */
enum store_sql_id {
	STORE_SQL_BEGIN,
	STORE_SQL_COMMIT,
	STORE_SQL_ROLLBACK,
	STORE_SQL_ACTION_INSERT,
	STORE_SQL_ACTION_UPDATE,
	STORE_SQL_SCAN_INSERT,
	STORE_SQL_SCAN_UPDATE,
	STORE_SQL_LOAD_SET,
	STORE_SQL_LOAD_GET,
	STORE_SQL_DETECTION_INSERT,
	STORE_SQL_DETECTION_REMEDIATE,
	STORE_SQL_DETECTION_RESTORE,
	STORE_SQL_DETECTION_LEAVE,
	STORE_SQL_QUARANTINE_INSERT,
	STORE_SQL_QUARANTINE_DELETE,
	STORE_SQL_ALERT_FIND,
	STORE_SQL_ALERT_INSERT,
	STORE_SQL_ALERT_COUNT,
	STORE_SQL_ALERT_UPDATE,
	STORE_SQL_EVENT_INSERT,
	STORE_SQL_VALUE_SET,
	STORE_SQL_VALUE_GET,
	STORE_SQL_N,
};

/** The log's end. */
struct store_head {
	uint64_t sequence; /**< 0 = empty. */
	uint8_t hash[RECORD_HASH_SIZE];
};

struct store {
	sqlite3 *db;
	int lock_fd;    /**< flock on store.lock; -1 for a reader. */
	bool is_reader; /**< Opened by store_open_reader(): every change is refused. */
	char machine_id[STORE_MACHINE_ID_SIZE];
	/* state */
	bool is_head_damaged;             /**< See store_is_log_damaged(). */
	bool is_in_txn;                   /**< Between store_begin() and its end. */
	int doomed;                       /**< First failure inside the transaction, 0 = none. */
	struct store_head head;           /**< As the next append sees it. */
	struct store_head committed;      /**< As it is on disk. */
	uint64_t revision;                /**< The newest of all. */
	uint64_t revisions[STORE_KIND_N]; /**< See store_revision(). */
	void (*on_change)(void *arg);     /**< See store_set_listener(); may be NULL. */
	void *on_change_arg;
	unsigned touched; /**< Bit n: kind n was changed in the transaction. */
	sqlite3_stmt *cached[STORE_SQL_N];
};

/** Binds values one after the other; the first failure sticks. */
struct store_bind {
	sqlite3_stmt *stmt; /**< Borrowed. */
	int index;          /**< Of the value bound last, from 1; 0 before the first. */
	int rc;             /**< SQLITE_OK or the first failure. */
};

/** Reads columns one after the other. */
struct store_column {
	sqlite3_stmt *stmt; /**< Borrowed, on a row. */
	int index;          /**< Of the column read next. */
	bool is_failed;     /**< A value could not be had for want of memory: the row is void. */
};

/**
 * Translate the failure of a call on this store, write the message, and doom
 * the transaction if there is one.
 *
 * @rc      SQLite's code, extended.
 * @return  -ENOSPC, -EILSEQ (damaged, not a database), -EBUSY, -ENOMEM, -EROFS,
 *          -EACCES, -EFBIG, -EINVAL (constraint: a mistake of the caller),
 *          -EIO for the rest.
 */
int store_sql_fail(struct store *store, int rc, struct errmsg *msg, const char *what);

/** Run SQL without values or rows. @return 0 or as store_sql_fail(). */
int store_sql_exec(struct store *store, const char *sql, struct errmsg *msg);

/** Run SQL that gives one integer, or no row (*valuep is left alone then). */
int store_sql_int(struct store *store, const char *sql, int64_t *valuep, struct errmsg *msg);

/**
 * A kept statement, reset and without values, ready to be bound.
 *
 * @stmtp   Borrowed; give back with store_sql_run() or store_sql_give_back().
 * @return  0; -EROFS for a reader's store; the doomed transaction's code; as
 *          store_sql_fail().
 */
int store_sql_take(
	struct store *store, enum store_sql_id id, sqlite3_stmt **stmtp, struct errmsg *msg);

/** Reset and forget its values, so that no borrowed string stays bound. */
void store_sql_give_back(sqlite3_stmt *stmt);

/**
 * Step a bound statement that gives no rows, and give it back.
 *
 * @bind    Its values; a failure to bind is reported here.
 * @return  0; STORE_E_DUPLICATE when a unique or primary key is there already;
 *          as store_sql_fail().
 */
int store_sql_run(
	struct store *store, struct store_bind *bind, struct errmsg *msg, const char *what);

/** As store_sql_run() for an UPDATE by id: STORE_E_NOT_FOUND when no row matched. */
int store_sql_run_update(
	struct store *store, struct store_bind *bind, struct errmsg *msg, const char *what);

/**
 * Step a bound statement that gives one text, and give it back.
 *
 * @textp   Heap copy, free(3).
 * @return  0; STORE_E_NOT_FOUND when there is no row; as store_sql_fail().
 */
int store_sql_run_text(struct store *store, struct store_bind *bind, char **textp,
	struct errmsg *msg, const char *what);

/** Bind text that outlives the statement's run; NULL becomes "". */
void store_bind_text(struct store_bind *bind, const char *text);
/** Bind text; NULL and "" become SQL's NULL. */
void store_bind_text_or_null(struct store_bind *bind, const char *text);
/** Bind bytes; an empty span becomes an empty blob. */
void store_bind_blob(struct store_bind *bind, struct span bytes);
/** Bind an integer; unsigned ones beyond 2^63 - 1 become that. */
void store_bind_int(struct store_bind *bind, int64_t value);
/** See store_bind_int(). */
void store_bind_unsigned(struct store_bind *bind, uint64_t value);
/** Bind its uid, or SQL's NULL. */
void store_bind_gateway(struct store_bind *bind, const struct record_gateway *gateway);
/** Bind a number. */
void store_bind_double(struct store_bind *bind, double value);

/** Text, "" for NULL and on failure (is_failed); lives until the next step. */
const char *store_column_text(struct store_column *column);
/** Text, NULL for NULL. */
const char *store_column_text_or_null(struct store_column *column);
/** Copy an id; a longer one (not ours) is cut. NULL gives "". */
void store_column_id(struct store_column *column, char id[RECORD_ID_SIZE]);
/** Bytes; live until the next step. */
struct span store_column_blob(struct store_column *column);
/** A hash; zeros when the blob has another length. */
void store_column_hash(struct store_column *column, uint8_t hash[RECORD_HASH_SIZE]);
/** Integer. */
int64_t store_column_int(struct store_column *column);
/** Integer; a negative one gives 0. */
uint64_t store_column_unsigned(struct store_column *column);
/** A gateway; NULL gives none. */
struct record_gateway store_column_gateway(struct store_column *column);
/** Number. */
double store_column_double(struct store_column *column);

/* store_query.c */

/** Which members of struct store_query a table understands. */
enum store_by {
	STORE_BY_ID = 1 << 0,
	STORE_BY_SCAN_ID = 1 << 1,
	STORE_BY_ACTION_ID = 1 << 2,
	STORE_BY_ALERT_ID = 1 << 3,
	STORE_BY_STATUS = 1 << 4,
	STORE_BY_ACTION_TYPE = 1 << 5,
	STORE_BY_AFTER_SEQUENCE = 1 << 6,
	STORE_BY_OPEN = 1 << 7,
	STORE_BY_BEFORE_SEQUENCE = 1 << 8,
	STORE_BY_TO_DO = 1 << 9,
	STORE_BY_FILE = 1 << 10,
	STORE_BY_TIME = 1 << 11,
	STORE_BY_HASH = 1 << 12,
};

/** What a listing of one table is. */
struct store_listing {
	const char *select; /**< "SELECT …" */
	const char *from;   /**< " FROM t" */
	const char *order;  /**< Column that gives the order of insertion. */
	unsigned filters;   /**< enum store_by, or-ed. */
};

/**
 * Hand the current row to the caller's call-back.
 *
 * @call    What the caller gave: call-back and argument.
 * @return  What the call-back returned.
 */
typedef int (*store_listing_row)(const void *call, struct store_column *column);

/**
 * Run a listing; the statement is made for this call, so that a call-back may
 * list as well.
 *
 * @return  0; what the call-back returned; -EINVAL when @query filters by what
 *          the table does not have; as store_sql_fail().
 */
int store_query_run(struct store *store, const struct store_listing *listing,
	const struct store_query *query, store_listing_row row, const void *call,
	struct errmsg *msg);

/** The listings of each kind; store_action.c and so on. */
extern const struct store_listing store_action_listing;
extern const struct store_listing store_scan_listing;
extern const struct store_listing store_detection_listing;
extern const struct store_listing store_alert_listing;
extern const struct store_listing store_event_listing;
extern const struct store_listing store_quarantine_listing;

/* store_revision.c */

/** Begin at random. */
void store_revision_init(struct store *store);

/**
 * A statement that changes this kind has succeeded (@r is 0; else nothing is
 * done): it is another revision when its transaction ends, or at once without
 * one. @return @r
 */
int store_revision_note(struct store *store, enum store_kind kind, int r);

/** The transaction has ended, one way or the other. */
void store_revision_settle(struct store *store);

/* store_schema.c */

/** Set the connection up (pragmas, limits). @return 0 or as store_sql_fail(). */
int store_schema_configure(struct store *store, struct errmsg *msg);

/**
 * Bring the file's schema to this build's, make machine id and first event.
 *
 * @return 0; -EILSEQ another program's database; -EPROTONOSUPPORT made by a
 *         newer version; as store_sql_fail().
 */
int store_schema_migrate(struct store *store, struct errmsg *msg);

/** For a reader: only check that it is ours and of this version. Returns as store_schema_migrate(). */
int store_schema_check(struct store *store, struct errmsg *msg);

/* store_event.c */

/** Read the log's end from the table, and whether the last record fits its hash. */
int store_event_load_head(struct store *store, struct errmsg *msg);

#endif
