/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A quietscan-scanner under test, with this test as its daemon: it starts it,
 * gives it an order and an engine (the real one or a puppet), and gathers all
 * it says. An engine that dies is replaced, as the daemon does.
 *
 * Hands. Fails the test when the scan does not end within its deadline;
 * scannerproc_close() ends every process it started.
 */
#ifndef QS_SCANNERPROC_H
#define QS_SCANNERPROC_H

#include "channel.h"
#include "engineproc.h"
#include "grant.h"

#include <stdbool.h>
#include <sys/types.h>

enum {
	SCANNERPROC_PATHS_MAX = 64,
	SCANNERPROC_NOTICES_MAX = 512,
	SCANNERPROC_PASSES_SIZE = 512,
};

struct scannerproc_line {
	struct span path; /**< Raw bytes. */
	enum file_result result;
	enum reason reason;
};

struct scannerproc_detection {
	char path[4096]; /**< Cut there. */
	char container[256];
	char signature[256];
	struct ipc_scan_detection fields; /**< Its spans are gone. */
};

struct scannerproc_notice {
	uint8_t kind;
	char path[4096];
	char text[256];
};

struct scannerproc_path {
	enum ipc_path_kind kind;
	struct span path; /**< Borrowed. */
};

/** Configuration first; zero means the default in brackets. */
struct scannerproc {
	enum scan_type type;
	uint8_t flags;             /**< IPC_SCAN_REPORT_ALL is added. */
	unsigned n_lanes;          /**< [2] */
	uint64_t file_cpu_max_ns;  /**< [0] */
	uint64_t stall_ns;         /**< [0] */
	uint64_t worker_files_max; /**< [0] */
	unsigned deadline_ms;      /**< [60000] */
	const char *uid;           /**< With gid of the same number [none]. */
	const char *start_uid;     /**< Start it as this user [ours]. */
	const char *report_path;   /**< [a memfd] */
	const char *signatures;    /**< Directory: the real engine [a puppet]. */
	const char *temp_dir;      /**< For the real engine. */
	const char *root;          /**< Run it in this root directory, as "/scanner" [ours]. */
	int book_fd;               /**< As the daemon gives it, planbook.h; borrowed [none]. */
	bool is_governed;          /**< The scanner's and lanes' grants are the test's business. */
	struct scannerproc_path paths[SCANNERPROC_PATHS_MAX];
	size_t n_paths;
	/** Called every few milliseconds and after each message; may be NULL. */
	void (*on_tick)(struct scannerproc *proc);
	void *data; /**< For on_tick. */
	/* state */
	pid_t pid;
	int control_fd;
	int report_fd;
	struct grant_page *page;
	struct channel_inbox *inbox;
	pid_t engine_pid;
	int engine_fd; /**< Control channel of the engine. */
	struct engineproc engine;
	uint64_t n_engines;
	pid_t workers[IPC_LANES_MAX];      /**< Running now. */
	uint64_t n_workers;                /**< Started in all. */
	struct ipc_scan_progress progress; /**< The last; path is gone. */
	uint64_t n_progress;
	bool is_done;
	struct ipc_scan_done done; /**< text is gone. */
	struct scannerproc_detection *detections;
	size_t n_detections;
	struct scannerproc_notice *notices;
	size_t n_notices;
	/** What MOUNT said: +POINT asked for, !POINT with all of it, =POINT begun; each
	 * with a blank behind it. */
	char passes[SCANNERPROC_PASSES_SIZE];
	uint64_t n_waits;               /**< WAIT messages. */
	struct scannerproc_line *lines; /**< Of the report, sorted by path. */
	size_t n_lines;
	uint64_t peak_rss_kib;
	int wait_status;
};

/** Add a path to the order; @path is borrowed. */
void scannerproc_add(struct scannerproc *proc, enum ipc_path_kind kind, const char *path);

/** Start it; expects HELLO; gives the order and an engine. */
void scannerproc_start(struct scannerproc *proc);
/** Gather until DONE and the end of the process; then read the report. */
void scannerproc_finish(struct scannerproc *proc);
/** Both. */
void scannerproc_run(struct scannerproc *proc);

/** Send a command. */
void scannerproc_control(struct scannerproc *proc, enum ipc_scan_command command, uint64_t value);
/** Take in what has come, waiting at most that long; false after DONE. */
bool scannerproc_step(struct scannerproc *proc, int timeout_ms);

/** End and free everything. */
void scannerproc_close(struct scannerproc *proc);

/** The report's line for a path; NULL. */
const struct scannerproc_line *scannerproc_line(const struct scannerproc *proc, const char *path);
/** Require this result and reason for a path. */
void scannerproc_expect(const struct scannerproc *proc, const char *path, enum file_result result,
	enum reason reason);
/** The first notice of a kind; NULL. */
const struct scannerproc_notice *scannerproc_notice(
	const struct scannerproc *proc, enum ipc_notice_kind kind);
/** Fill @root with the scanner, the libraries it needs and a user database. */
void scannerproc_make_root(const char *root);
/** Require: it ended by itself, exit 0, each name has one result and one line. */
void scannerproc_expect_sound(const struct scannerproc *proc);

/**
 * Require that the report has exactly the names find(1) lists below @root, but
 * directories, one line each. Lines of processes ("… (pid 1)") and of mount
 * points left out are not compared. In a root of its own (proc->root) paths
 * are compared as seen there.
 *
 * @find_options  Shell words between the root and the tests; may be "".
 */
void scannerproc_expect_find(
	const struct scannerproc *proc, const char *root, const char *find_options);

/** Read the report into lines; scannerproc_finish() does it. */
void scannerproc_read_report(struct scannerproc *proc);

#endif
