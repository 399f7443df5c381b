/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of log_verify: walks LOG_DIR/actions.jsonl beside the store's events.
 * Both ascend, so one pass through each is enough. The first difference is
 * kept; after it the file is not looked at any more.
 *
 * The file may begin late (logrotate) and end early (the sink is behind), but
 * not before the position that the store has noted.
 *
 * Hands. Any thread.
 */
#ifndef QS_VERIFY_LINES_H
#define QS_VERIFY_LINES_H

#include "err.h"
#include "event_line.h"
#include "line_file.h"
#include "records.h"
#include "verify_finding.h"

struct verify_lines {
	const char *machine_id; /**< Borrowed. */
	uint64_t noted;         /**< Position noted in the store, 0 = none. */
	/* state */
	struct line_reader reader;
	struct verify_finding finding;
	bool is_present;         /**< There is a file and it has lines. */
	bool is_over;            /**< No line is left, or something was found. */
	struct span text;        /**< The current line. */
	struct event_line line;  /**< What it says. */
	uint64_t n_events;       /**< Event lines that agreed. */
	uint64_t first_sequence; /**< Of the first event line. */
	uint64_t last_sequence;  /**< Of the last event line. */
	uint64_t expected;       /**< Sequence of the next event line; 0 = any. */
	uint64_t store_sequence; /**< The store's event seen last. */
	uint8_t store_hash[RECORD_HASH_SIZE];
};

#define VERIFY_LINES_NULL                                                                          \
	{                                                                                          \
		.machine_id = NULL                                                                 \
	}

/**
 * Open the file as it is now and read its first line.
 *
 * @lines   machine_id and noted are set. Close with verify_lines_deinit().
 * @dir_fd  LOG_DIR, -1 = there is none.
 * @return  0, also when there is no file; -errno.
 */
int verify_lines_open(struct verify_lines *lines, int dir_fd, struct errmsg *msg);

/**
 * The store's next event.
 *
 * @return  0 (see finding); -errno.
 */
int verify_lines_compare(struct verify_lines *lines, const struct event_record *event);

/** The store has no more events. */
void verify_lines_finish(struct verify_lines *lines);

/** Closes; may be called twice. */
void verify_lines_deinit(struct verify_lines *lines);

#endif
