/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of LOG_DIR/checkpoints.jsonl and the key that signs them.
 *
 *   {"format":"quietscan-checkpoints","formatVersion":1,"machineId":"<40 hex>",
 *    "keyId":"<16 hex>"}                                   first, and where a key changes
 *   {"sequence":7,"hash":"<64 hex>","time":"…","previous":"<64 hex>","hmac":"<64 hex>"}
 *
 * hmac = HMAC-SHA-256(key, "quietscan-checkpoint-1" 0 machineId 0 line up to
 * `,"hmac":"`), previous = the hmac of the checkpoint before, zeros for the
 * first. So no checkpoint can be made without the key, and none can be taken
 * out of the middle.
 *
 * Pure, but checkpoint_key_load() and checkpoint_key_make(). Any thread.
 */
#ifndef QS_CHECKPOINT_LINE_H
#define QS_CHECKPOINT_LINE_H

#include "digest.h"
#include "err.h"
#include "span.h"

#include <stdint.h>

enum {
	CHECKPOINT_KEY_BYTES = 32,
	CHECKPOINT_KEY_ID_SIZE = 17, /**< 16 hex digits and NUL. */
	CHECKPOINT_LINE_SIZE = 512,  /**< Room for any line, newline and NUL included. */
};

/** A key and the name it goes by. */
struct checkpoint_key {
	uint8_t bytes[CHECKPOINT_KEY_BYTES];
	char id[CHECKPOINT_KEY_ID_SIZE]; /**< Start of SHA-256 over it; does not give it away. */
};

enum checkpoint_line_kind {
	CHECKPOINT_LINE_FOREIGN, /**< Not written by us. */
	CHECKPOINT_LINE_HEAD,
	CHECKPOINT_LINE_CHECKPOINT,
};

/** What a line says, taken at its word. */
struct checkpoint_line {
	enum checkpoint_line_kind kind;
	char key_id[CHECKPOINT_KEY_ID_SIZE]; /**< Of a head. */
	uint64_t sequence;                   /**< Of a checkpoint, likewise what follows. */
	uint8_t hash[DIGEST_BYTES];          /**< Of the event with that sequence. */
	int64_t time_unix_ms;                /**< When; written, not read back. */
	uint8_t previous[DIGEST_BYTES];      /**< hmac of the checkpoint before. */
	uint8_t mac[DIGEST_BYTES];
};

/** Write a head line, newline included. @return its length. */
size_t checkpoint_line_write_head(
	const char *machine_id, const struct checkpoint_key *key, char text[CHECKPOINT_LINE_SIZE]);

/**
 * Write a checkpoint's line, newline included, and its mac into @line.
 *
 * @n_textp  Set to its length.
 * @return   0; -ENOMEM.
 */
int checkpoint_line_write(struct checkpoint_line *line, const char *machine_id,
	const struct checkpoint_key *key, char text[CHECKPOINT_LINE_SIZE], size_t *n_textp);

/** Read a line without its newline. @linep: always set; nothing is judged. */
void checkpoint_line_read(struct span text, struct checkpoint_line *linep);

/**
 * Whether a checkpoint's line was made with this key on this machine.
 *
 * @text    The line that checkpoint_line_read() gave @line for.
 * @return  1 it was; 0 it was not; -ENOMEM.
 */
int checkpoint_line_is_genuine(struct span text, const struct checkpoint_line *line,
	const char *machine_id, const struct checkpoint_key *key);

/**
 * Read the key: 64 hex digits and a newline, in a regular file.
 *
 * @return  0; -ENOENT; -EINVAL no key in it; -EPERM others may read or change
 *          it; other -errno.
 */
int checkpoint_key_load(const char *path, struct checkpoint_key *key, struct errmsg *msg);

/**
 * Make a new random key, mode 0600; the file is there whole or not at all, and
 * on disk before this returns.
 *
 * @return  0; -EEXIST there is one; other -errno.
 */
int checkpoint_key_make(const char *path, struct checkpoint_key *key, struct errmsg *msg);

#endif
