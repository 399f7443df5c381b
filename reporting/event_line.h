/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of an event in LOG_DIR/actions.jsonl, byte for byte: whoever has the
 * event can make the line again, which is how log_verify compares the file
 * with the store.
 *
 *   {"sequence":7,"time":"…","actionType":"…","scanId":null,"actionId":null,
 *    <fields as stored>,"previousHash":"<64 hex>","hash":"<64 hex>"}
 *
 * A file, or a part of one that follows a break, begins with a segment line,
 * which is no event:
 *
 *   {"format":"quietscan-actions","formatVersion":1,"machineId":"<40 hex>",
 *    "nextSequence":1,"previousHash":"<64 hex>"}
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_EVENT_LINE_H
#define QS_EVENT_LINE_H

#include "err.h"
#include "records.h"
#include "span.h"

#include <stdint.h>

enum event_line_kind {
	EVENT_LINE_FOREIGN, /**< Not written by us. */
	EVENT_LINE_SEGMENT,
	EVENT_LINE_EVENT,
};

/** What a line says about itself, taken at its word. */
struct event_line {
	enum event_line_kind kind;
	uint64_t sequence;              /**< Of the event; a segment's nextSequence. */
	uint8_t hash[RECORD_HASH_SIZE]; /**< Of the event; a segment's previousHash. */
};

/**
 * The line of an event, its newline included.
 *
 * @event   With hashes; texts of any bytes. Fields that are no object (the
 *          store was edited) appear as the string "invalidFields".
 * @textp   Set when 0 is returned; free(3); NUL-terminated beyond n_text.
 * @n_textp Its length.
 * @return  0; -ENOMEM.
 */
int event_line_write(const struct event_record *event, char **textp, size_t *n_textp);

/** The segment line, its newline included. @machine_id: 40 hex digits. Otherwise as event_line_write(). */
int event_line_write_segment(const char *machine_id, uint64_t next_sequence,
	const uint8_t previous_hash[RECORD_HASH_SIZE], char **textp, size_t *n_textp);

/**
 * Read what a line says it is, without judging whether it is true.
 *
 * @text   One line, with or without its newline.
 * @linep  Always set.
 */
void event_line_read(struct span text, struct event_line *linep);

#endif
