/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verification of the action log, with or without a running daemon: walks the
 * chain in the store and holds it against its two witnesses, the keyed
 * checkpoints and the JSON lines. Finds edits, gaps, insertions, a cut tail and
 * a rewritten whole, and names the first bad record.
 *
 * It opens everything for reading. What the daemon appends meanwhile is not
 * looked at: the files are measured before the store is read, and the store is
 * ahead of them at all times.
 *
 * Hands. Any thread. What it cannot find: docs/action-log.md.
 */
#ifndef QS_LOG_VERIFY_H
#define QS_LOG_VERIFY_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	LOG_VERIFY_E_BAD = 1, /**< Something is wrong; the result says what. */
};

struct log_verify_paths {
	const char *state_dir; /**< With store.db. */
	const char *log_dir;   /**< With actions.jsonl and checkpoints.jsonl. */
	const char *key_path;  /**< NULL = STATE_DIR/checkpoint.key. */
};

/** Who disagrees; the first of them in this order is named. */
enum log_verify_witness {
	LOG_VERIFY_NOBODY,      /**< All agree. */
	LOG_VERIFY_CHAIN,       /**< The store's own hashes do not fit. */
	LOG_VERIFY_JSON_LINES,  /**< actions.jsonl has something else. */
	LOG_VERIFY_CHECKPOINTS, /**< A checkpoint signed something else, or is damaged itself. */
};

struct log_verify_result {
	uint64_t n_events;          /**< Records in the store. */
	uint64_t head_sequence;     /**< Last of them. */
	uint64_t bad_sequence;      /**< First bad record; 0 = none. */
	uint64_t bad_sequence_last; /**< The first bad one lies between both, usually equal. */
	enum log_verify_witness witness;
	char text[512];               /**< What is wrong, a sentence; "" = nothing. */
	uint64_t n_checkpoints;       /**< In the file. */
	uint64_t checkpoint_sequence; /**< Last one that is signed and agrees: up to here the
	                                     records are those that were signed. */
	uint64_t n_lines;             /**< Events of actions.jsonl that agree. */
	uint64_t lines_first;         /**< The first of them (a rotated file begins late). */
	uint64_t lines_last;
};

/** "chain", "jsonLines", "checkpoints", "nobody". Static. */
const char *log_verify_witness_name(enum log_verify_witness witness);

/**
 * Verify.
 *
 * @paths   Borrowed.
 * @result  Filled when 0 or LOG_VERIFY_E_BAD is returned.
 * @msg     Why it could not be verified.
 * @return  0 nothing is wrong; LOG_VERIFY_E_BAD; -errno it could not be
 *          verified: -ENOENT no store, -EILSEQ the database itself is damaged,
 *          -EINVAL or -EPERM the key file is no good, others.
 */
int log_verify(
	const struct log_verify_paths *paths, struct log_verify_result *result, struct errmsg *msg);

#endif
