/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What somebody with write access can do to the action log, and what
 * verification must say then. The log it starts from has TAMPER_N_RECORDS
 * records: LogStarted, ten of "Test", and CheckpointKeyCreated, which comes with the
 * first tick; a checkpoint after each "Test"; all of it in actions.jsonl.
 *
 * Aborts the test on failure.
 */
#ifndef QS_TAMPER_H
#define QS_TAMPER_H

#include "log_verify.h"
#include "logworld.h"

enum { TAMPER_N_RECORDS = 12 };

/** cmocka's setup: *state is a struct logworld, written and closed. */
int tamper_setup(void **state);
/** cmocka's teardown. */
int tamper_teardown(void **state);

/** Verification must blame this witness and name this record. @return all it said. */
struct log_verify_result tamper_expect_bad(
	const struct logworld *world, enum log_verify_witness witness, uint64_t sequence);
/** Nothing is wrong, and all places have so many records. */
void tamper_expect_good(const struct logworld *world, uint64_t n_records);

/** Compute the chain anew for these records. */
void tamper_rehash(const struct logworld *world, uint64_t from, uint64_t to);
/** Write actions.jsonl anew from the store. */
void tamper_rewrite_lines(const struct logworld *world);
/**
 * Edit a line of a file.
 *
 * @n_line  From 1.
 * @find    Text from there on to be replaced by @put; NULL = the whole line.
 */
void tamper_edit_line(const struct logworld *world, const char *name, unsigned n_line,
	const char *find, const char *put);
/** Keep the first lines of a file. */
void tamper_cut_file(const struct logworld *world, const char *name, unsigned n_lines);
/** Remove a file. */
void tamper_remove_file(const struct logworld *world, const char *name);

#endif
