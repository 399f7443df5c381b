/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One record of the journal and its line:
 *
 *   base64 of the record (base/wire.h), a blank, 16 digits of its SHA-256, "\n"
 *
 * A line that was cut or damaged is known by its check, and the next one is found
 * by the line's end. Pure but for memory. Any thread.
 */
#ifndef QS_JOURNAL_RECORD_H
#define QS_JOURNAL_RECORD_H

#include "identity.h"
#include "span.h"

enum {
	JOURNAL_RECORD_ID_LENGTH = 32,   /**< Digits, of a move and of what it puts in the vault. */
	JOURNAL_RECORD_PATH_MAX = 32768, /**< IPC_PATH_MAX */
	JOURNAL_RECORD_TEXT_MAX = 1024,
};

/** What is to be done. */
enum journal_action {
	JOURNAL_QUARANTINE, /**< Into the vault. */
	JOURNAL_REMOVE,     /**< Away. */
	JOURNAL_RESTORE,    /**< Out of the vault. */
	JOURNAL_ACTION_N,
};

/** How far it is. */
enum journal_step {
	JOURNAL_BEGIN,  /**< It is going to be. All of the record is set. */
	JOURNAL_KEPT,   /**< Whole in the vault; the staged file may go. Id only. */
	JOURNAL_PLACED, /**< Restore: is about to get its name. Id, dev and inode of the new file. */
	JOURNAL_END,    /**< Over. Id and end. */
	JOURNAL_STEP_N,
};

/** Where the file is in the end. */
enum journal_end {
	JOURNAL_IN_PLACE,       /**< In its place; for a restore, the item is gone. */
	JOURNAL_IN_VAULT,       /**< Whole in the vault, under the move's id. */
	JOURNAL_REMOVED,        /**< Removed, as was asked for. */
	JOURNAL_BESIDE,         /**< Another file had been taken; it is beside its name. */
	JOURNAL_OTHER_IN_VAULT, /**< Another file had been taken; it is in the vault. */
	JOURNAL_END_N,
};

/** "in place", "in quarantine", "removed", "beside its place", "another file, in quarantine". */
const char *journal_end_name(enum journal_end end);

struct journal_record {
	uint8_t step;                         /**< enum journal_step */
	uint8_t action;                       /**< enum journal_action */
	uint8_t end;                          /**< enum journal_end */
	uint8_t id[JOURNAL_RECORD_ID_LENGTH]; /**< Of the move. */
	uint64_t dev;                         /**< The identity, field by field. */
	uint64_t inode;
	uint64_t size;
	int64_t mtime_ns;
	int64_t ctime_ns;
	struct span sha256;  /**< 64 digits, or empty. */
	struct span path;    /**< Of the file, as it was asked for. */
	struct span folder;  /**< Where its folder was when the move began. */
	uint64_t folder_dev; /**< Of that folder. */
	uint64_t folder_inode;
	struct span staging;     /**< Where the staging folder is made; may be empty. */
	struct span threat_name; /**< These for the vault; may be empty. */
	struct span detection_id;
	struct span reason;
	int64_t begun_ms; /**< Unix time. */
};

/** The identity in a record. */
void journal_record_identity(const struct journal_record *record, struct identity *identity);

/** Room for the longest line, newline and NUL included. */
size_t journal_record_line_size(void);

/**
 * Write the line.
 *
 * @line    Room for journal_record_line_size() bytes.
 * @n_linep Its length, with the newline.
 * @return  0; -EMSGSIZE a span is too long; -ENOMEM.
 */
int journal_record_write(const struct journal_record *record, char *line, size_t *n_linep);

/**
 * Read a line.
 *
 * @line    Without its newline.
 * @bytesp  Set when 0 is returned: on the heap; the record's spans point into it.
 * @return  0; -EBADMSG it is damaged; -ENOMEM.
 */
int journal_record_read(struct span line, struct journal_record *record, void **bytesp);

#endif
