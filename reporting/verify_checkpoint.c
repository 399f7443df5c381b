/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A checkpoint whose hmac is right was written by who has the key, whatever
 * became of the lines around it; so it is believed even when the file has
 * gaps. Only the gap itself is a finding.
 */
#include "verify_checkpoint.h"

#include "checkpoint.h"
#include "line_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int verify_checkpoint_believe(
	struct verify_checkpoint *checkpoint, const struct checkpoint_line *line)
{
	struct verify_checkpoint_entry *entry;

	if (checkpoint->n_entries == checkpoint->n_room) {
		size_t n_room = checkpoint->n_room ? 2 * checkpoint->n_room : 256;
		void *entries = reallocarray(checkpoint->entries, n_room, sizeof(*entry));

		if (!entries)
			return err_origin(-ENOMEM);
		checkpoint->entries = entries;
		checkpoint->n_room = n_room;
	}
	entry = &checkpoint->entries[checkpoint->n_entries++];
	entry->sequence = line->sequence;
	memcpy(entry->hash, line->hash, DIGEST_BYTES);
	return 0;
}

static void verify_checkpoint_judge_head(struct verify_checkpoint *checkpoint,
	const struct verify_checkpoint_context *context, const struct checkpoint_line *line)
{
	if (!context->key)
		return;
	checkpoint->is_key_known = strcmp(line->key_id, context->key->id) == 0;
	if (!checkpoint->is_key_known)
		verify_finding_set(&checkpoint->finding, checkpoint->last_sequence + 1,
			"checkpoints after record %" PRIu64 " were made with key %s, not with %s",
			checkpoint->last_sequence, line->key_id, context->key->id);
}

/* The chain of hmacs, and the order of sequences. */
static void verify_checkpoint_judge_order(
	struct verify_checkpoint *checkpoint, const struct checkpoint_line *line)
{
	if (!digest_equal(line->previous, checkpoint->last_mac))
		verify_finding_set(&checkpoint->finding, checkpoint->last_sequence + 1,
			"checkpoints are missing between the ones of records %" PRIu64
			" and %" PRIu64,
			checkpoint->last_sequence, line->sequence);
	else if (line->sequence < checkpoint->last_sequence)
		verify_finding_set(&checkpoint->finding, line->sequence,
			"the log was at record %" PRIu64 " already when record %" PRIu64
			" was signed as its end: it was cut back",
			checkpoint->last_sequence, line->sequence);
	memcpy(checkpoint->last_mac, line->mac, DIGEST_BYTES);
	checkpoint->last_sequence = line->sequence;
}

static int verify_checkpoint_judge(struct verify_checkpoint *checkpoint,
	const struct verify_checkpoint_context *context, struct span text, uint64_t n_line)
{
	struct checkpoint_line line;
	int r;

	checkpoint_line_read(text, &line);
	if (line.kind == CHECKPOINT_LINE_HEAD) {
		verify_checkpoint_judge_head(checkpoint, context, &line);
		return 0;
	}
	if (line.kind == CHECKPOINT_LINE_FOREIGN) {
		verify_finding_set(&checkpoint->finding, checkpoint->last_sequence + 1,
			"line %" PRIu64 " of " CHECKPOINT_NAME " is not ours", n_line);
		return 0;
	}
	checkpoint->n_lines++;
	if (!context->key) {
		verify_finding_set(&checkpoint->finding, line.sequence,
			"there is no key to check the checkpoints with");
		return 0;
	}
	r = checkpoint_line_is_genuine(text, &line, context->machine_id, context->key);
	if (r < 0)
		return r;
	if (r == 0)
		verify_finding_set(&checkpoint->finding, line.sequence,
			"the checkpoint of record %" PRIu64 " (line %" PRIu64
			") is not signed by the key: changed, or another key",
			line.sequence, n_line);
	else
		r = verify_checkpoint_believe(checkpoint, &line);
	verify_checkpoint_judge_order(checkpoint, &line);
	return r < 0 ? r : 0;
}

/* The store noted how many there were; fewer means that the end is gone. */
static void verify_checkpoint_judge_count(
	struct verify_checkpoint *checkpoint, const struct verify_checkpoint_context *context)
{
	uint64_t n_noted = context->note ? strtoull(context->note, NULL, 10) : 0;

	if (n_noted <= checkpoint->n_lines)
		return;
	verify_finding_set(&checkpoint->finding, checkpoint->last_sequence + 1,
		CHECKPOINT_NAME " has %zu checkpoints, the store noted %" PRIu64
				": its end is missing after record %" PRIu64,
		checkpoint->n_lines, n_noted, checkpoint->last_sequence);
}

static int verify_checkpoint_compare(const void *a, const void *b)
{
	const struct verify_checkpoint_entry *x = a;
	const struct verify_checkpoint_entry *y = b;

	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

int verify_checkpoint_read(struct verify_checkpoint *checkpoint,
	const struct verify_checkpoint_context *context, struct errmsg *msg)
{
	struct line_reader reader = LINE_READER_NULL;
	struct span text;
	int r = context->dir_fd < 0
			? -ENOENT
			: line_reader_open(&reader, context->dir_fd, CHECKPOINT_NAME, msg);

	while (r >= 0 && (r = line_reader_next(&reader, &text)) > 0)
		r = verify_checkpoint_judge(checkpoint, context, text, reader.n_lines);
	line_reader_close(&reader);
	if (r < 0 && r != -ENOENT)
		return r;
	verify_checkpoint_judge_count(checkpoint, context);
	if (checkpoint->n_entries > 0)
		qsort(checkpoint->entries, checkpoint->n_entries, sizeof(checkpoint->entries[0]),
			verify_checkpoint_compare);
	return 0;
}

void verify_checkpoint_deinit(struct verify_checkpoint *checkpoint)
{
	free(checkpoint->entries);
	*checkpoint = (struct verify_checkpoint)VERIFY_CHECKPOINT_NULL;
}
