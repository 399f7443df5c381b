/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of actions.jsonl and checkpoints.jsonl, as somebody may have left them.
 * What is taken for one of ours is, when it is written again, what was read.
 */
#include "check.h"
#include "checkpoint_line.h"
#include "event_line.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static const char fuzz_log_lines_machine[] = "0123456789012345678901234567890123456789";

static void fuzz_log_lines_segment(struct span text, const struct event_line *line)
{
	struct event_line again;
	char *written = NULL;
	size_t n = 0;

	INVARIANT(event_line_write_segment(
			  fuzz_log_lines_machine, line->sequence, line->hash, &written, &n) == 0);
	event_line_read((struct span){.data = written, .n = n}, &again);
	INVARIANT(again.kind == EVENT_LINE_SEGMENT && again.sequence == line->sequence);
	INVARIANT(memcmp(again.hash, line->hash, RECORD_HASH_SIZE) == 0);
	INVARIANT(text.n >= 100);
	free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct checkpoint_key key = {.id = "0123456789abcdef"};
	struct span text = {.data = data, .n = size};
	struct checkpoint_line checkpoint;
	struct event_line line;

	event_line_read(text, &line);
	if (line.kind == EVENT_LINE_SEGMENT)
		fuzz_log_lines_segment(text, &line);
	checkpoint_line_read(text, &checkpoint);
	if (checkpoint.kind == CHECKPOINT_LINE_CHECKPOINT)
		INVARIANT(checkpoint_line_is_genuine(
				  text, &checkpoint, fuzz_log_lines_machine, &key) >= 0);
	return 0;
}
