/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of log_verify: reads LOG_DIR/checkpoints.jsonl and says which
 * checkpoints can be believed. A checkpoint is believed when its hmac is right;
 * the file as a whole when they follow one another without a gap.
 *
 * Hands. Any thread.
 */
#ifndef QS_VERIFY_CHECKPOINT_H
#define QS_VERIFY_CHECKPOINT_H

#include "checkpoint_line.h"
#include "err.h"
#include "verify_finding.h"

/** One that is believed. */
struct verify_checkpoint_entry {
	uint64_t sequence;
	uint8_t hash[DIGEST_BYTES];
};

/** All of them, ascending by sequence, and the first thing wrong in the file. */
struct verify_checkpoint {
	struct verify_checkpoint_entry *entries;
	size_t n_entries;
	size_t n_lines; /**< Checkpoints in the file, believed or not. */
	struct verify_finding finding;
	/* state while reading */
	size_t n_room;
	uint8_t last_mac[DIGEST_BYTES];
	uint64_t last_sequence;
	bool is_key_known; /**< A head line named our key. */
};

#define VERIFY_CHECKPOINT_NULL                                                                     \
	{                                                                                          \
		.entries = NULL                                                                    \
	}

/** What is needed to judge. */
struct verify_checkpoint_context {
	int dir_fd; /**< LOG_DIR, -1 = there is none. */
	const char *machine_id;
	const struct checkpoint_key *key; /**< NULL = there is none. */
	const char *note;                 /**< The store's CHECKPOINT_NOTE, NULL = none. */
};

/**
 * Read and judge the file as it is now.
 *
 * @checkpoint  Initialised with VERIFY_CHECKPOINT_NULL; verify_checkpoint_deinit().
 * @return      0 (see finding); -errno when it could not be read.
 */
int verify_checkpoint_read(struct verify_checkpoint *checkpoint,
	const struct verify_checkpoint_context *context, struct errmsg *msg);

/** Frees; may be called twice. */
void verify_checkpoint_deinit(struct verify_checkpoint *checkpoint);

#endif
