/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The project's words as C enums, with the one spelling each has in JSON, SQL,
 * CLI and docs. Numbers travel in IPC messages; names are stored.
 *
 * Pure. Any thread. Each NAME_name() returns a static string and accepts any
 * number (an unknown one gives "Unknown"); each NAME_parse() returns 0, or
 * -EINVAL and leaves *valuep alone.
 */
#ifndef QS_WORDS_H
#define QS_WORDS_H

/** What became of one file name. Exactly one for each. */
enum file_result {
	FILE_RESULT_CLEAN,      /**< Whole, error-free, nothing found. */
	FILE_RESULT_INFECTED,   /**< A signature matched. */
	FILE_RESULT_INCOMPLETE, /**< A limit, a read error, an engine error, CPU time. */
	FILE_RESULT_CHANGED,    /**< Changed, replaced or gone while it was scanned. */
	FILE_RESULT_SKIPPED,    /**< Not scanned on purpose; the reason says why. */
	FILE_RESULT_BLOCKED,    /**< Another antivirus denied the open or the read. */
	FILE_RESULT_CRASHED,    /**< The engine died on it. */
	FILE_RESULT_N,
};

/** "clean", "infected", "incomplete", "changed", "skipped", "blocked", "crashed". */
const char *file_result_name(enum file_result result);

/** Why a file result is not simply clean or infected. */
enum reason {
	REASON_NONE,
	/* skipped */
	REASON_EXCLUDED,   /**< An exclusion of the settings. */
	REASON_SPECIAL,    /**< FIFO, socket or device: never opened for reading. */
	REASON_SYMLINK,    /**< A symbolic link; what it names is scanned under its own name. */
	REASON_OWN,        /**< The service's own state (signature copies, quarantine). */
	REASON_FILESYSTEM, /**< On a file system this scan type does not enter. */
	/* incomplete */
	REASON_LIMIT,        /**< A limit of the engine (size, recursion, files). */
	REASON_READ_ERROR,   /**< The kernel returned an error or less than the file has. */
	REASON_ENGINE_ERROR, /**< libclamav returned an error. */
	REASON_CPU_TIME,     /**< The file's CPU time was used up. */
	REASON_STALLED,      /**< The worker made no progress and was ended. */
	REASON_UNREADABLE,   /**< It could not be opened (permission, I/O error). */
	REASON_UNLISTABLE,   /**< A directory that could not be read. */
	REASON_CANCELLED,    /**< The scan ended before this file was done. */
	/* changed */
	REASON_CHANGED,  /**< Size, mtime or ctime moved between open and verdict. */
	REASON_VANISHED, /**< Gone between listing and open. */
	REASON_REPLACED, /**< Another inode was there at open than was listed. */
	/* blocked, crashed */
	REASON_DENIED,  /**< EPERM from an open or a read. */
	REASON_CRASHED, /**< The worker was ended by a signal, twice. */
	REASON_N,
};

/** "none", "excluded", "special", …: the enumerator in lower camel case. */
const char *reason_name(enum reason reason);

enum scan_type { SCAN_TYPE_QUICK, SCAN_TYPE_FULL, SCAN_TYPE_CUSTOM, SCAN_TYPE_N };

/** "quick", "full", "custom". */
const char *scan_type_name(enum scan_type type);
/** Parse a name; 0 or -EINVAL. */
int scan_type_parse(const char *name, enum scan_type *valuep);

enum scan_origin { SCAN_ORIGIN_ACTION, SCAN_ORIGIN_SCHEDULE, SCAN_ORIGIN_MANUAL, SCAN_ORIGIN_N };

/** "action", "schedule", "manual". */
const char *scan_origin_name(enum scan_origin origin);
/** Parse a name; 0 or -EINVAL. */
int scan_origin_parse(const char *name, enum scan_origin *valuep);

/** Status of an action and of a scan; an action is never Paused. */
enum run_status {
	RUN_STATUS_PENDING,
	RUN_STATUS_IN_PROGRESS,
	RUN_STATUS_PAUSED,
	RUN_STATUS_SUCCEEDED,
	RUN_STATUS_FAILED,
	RUN_STATUS_TIME_OUT,
	RUN_STATUS_CANCELLED,
	RUN_STATUS_N,
};

/** "Pending", "InProgress", "Paused", "Succeeded", "Failed", "TimeOut", "Cancelled". */
const char *run_status_name(enum run_status status);
/** Parse a name; 0 or -EINVAL. */
int run_status_parse(const char *name, enum run_status *valuep);
/** Whether nothing can follow: Succeeded, Failed, TimeOut, Cancelled. */
int run_status_is_final(enum run_status status);

#endif
