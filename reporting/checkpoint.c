/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file is never rewritten, rotated or cleaned by us. It grows by one line
 * of 250 bytes at most once a second, and only while events happen.
 *
 * When it was taken away while we run, a new one begins with a head line and
 * goes on with the chain in memory: its first line says a previous hmac that
 * is not in the file, which is how log_verify() sees that there was more.
 * Likewise when lines at its end are gone that the store has noted: the next
 * one names the hmac of the one that is missing.
 */
#include "checkpoint.h"

#include "check.h"
#include "cleanup.h"
#include "line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKPOINT_MODE = 0640 };

struct checkpoint {
	int dir_fd;
	struct line_file file;
	struct checkpoint_key key;
	bool is_key_new;
	bool is_head_due;           /* The next line must be a head. */
	uint64_t sequence;          /* Of the last one. */
	uint8_t hash[DIGEST_BYTES]; /* What it says of the log's end. */
	uint8_t mac[DIGEST_BYTES];  /* Its signature. */
	uint64_t n_written;         /* Since the machine's first. */
	uint64_t n_saved;           /* As noted in the store. */
};

static void checkpoint_note_line(struct checkpoint *checkpoint, struct span text)
{
	struct checkpoint_line line;

	checkpoint_line_read(text, &line);
	if (line.kind == CHECKPOINT_LINE_HEAD)
		checkpoint->is_head_due = strcmp(line.key_id, checkpoint->key.id) != 0;
	if (line.kind != CHECKPOINT_LINE_CHECKPOINT)
		return;
	checkpoint->n_written++;
	checkpoint->sequence = line.sequence;
	memcpy(checkpoint->hash, line.hash, DIGEST_BYTES);
	memcpy(checkpoint->mac, line.mac, DIGEST_BYTES);
}

/* Open the file and read it: how many there are, the last one, the last head. */
static int checkpoint_attach(struct checkpoint *checkpoint, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *last = NULL;
	struct line_reader reader = LINE_READER_NULL;
	size_t n_last = 0;
	struct span text;
	int r = line_file_open(&checkpoint->file, CHECKPOINT_MODE, &last, &n_last, msg);

	if (r < 0)
		return r;
	checkpoint->is_head_due = true;
	checkpoint->n_written = 0;
	r = line_reader_open(&reader, checkpoint->dir_fd, CHECKPOINT_NAME, msg);
	while (r >= 0 && (r = line_reader_next(&reader, &text)) > 0)
		checkpoint_note_line(checkpoint, text);
	line_reader_close(&reader);
	if (r < 0)
		line_file_close(&checkpoint->file);
	return r;
}

static int checkpoint_load_key(
	struct checkpoint *checkpoint, const char *key_path, struct errmsg *msg)
{
	int r = checkpoint_key_load(key_path, &checkpoint->key, msg);

	if (r != -ENOENT)
		return r;
	r = checkpoint_key_make(key_path, &checkpoint->key, msg);
	checkpoint->is_key_new = r == 0;
	return r;
}

/* Fewer lines than were noted: the chain goes on from the one that is missing. */
static int checkpoint_check_note(
	struct checkpoint *checkpoint, struct store *store, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *text = NULL;
	char *end = NULL;
	int r = store_value_get(store, CHECKPOINT_NOTE, &text, msg);

	if (r != 0)
		return r < 0 ? r : 0;
	checkpoint->n_saved = strtoull(text, &end, 10);
	if (checkpoint->n_written >= checkpoint->n_saved)
		return 0;
	if (strlen(end) == DIGEST_HEX_SIZE)
		(void)digest_unhex(end + 1, DIGEST_BYTES, checkpoint->mac);
	errmsg_set(msg, "%s has %" PRIu64 " checkpoints, %" PRIu64 " were noted", CHECKPOINT_NAME,
		checkpoint->n_written, checkpoint->n_saved);
	return CHECKPOINT_E_DIVERGED;
}

static int checkpoint_check_store(
	struct checkpoint *checkpoint, struct store *store, struct errmsg *msg)
{
	uint8_t hash[DIGEST_BYTES];
	int r = store_log_hash(store, checkpoint->sequence, hash, msg);

	if (r < 0 || checkpoint->sequence == 0)
		return r;
	if (r == 0 && digest_equal(hash, checkpoint->hash))
		return 0;
	errmsg_set(msg, "record %" PRIu64 " of the store is not the one that was signed",
		checkpoint->sequence);
	return CHECKPOINT_E_DIVERGED;
}

static int checkpoint_compare(
	struct checkpoint *checkpoint, struct store *store, struct errmsg *msg)
{
	int of_note = checkpoint_check_note(checkpoint, store, msg);
	int of_store = of_note < 0 ? of_note : checkpoint_check_store(checkpoint, store, msg);

	return of_store == 0 ? of_note : of_store;
}

int checkpoint_open(const char *log_dir, const char *key_path, struct store *store,
	struct checkpoint **checkpointp, struct errmsg *msg)
{
	struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));
	int r;

	if (!checkpoint)
		return err_origin(-ENOMEM);
	checkpoint->file = (struct line_file)LINE_FILE_NULL;
	checkpoint->dir_fd = open(log_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (checkpoint->dir_fd < 0) {
		r = -errno;
		errmsg_set(msg, "open %s: %s", log_dir, err_text(r));
		checkpoint_close(checkpoint);
		return err_origin(r);
	}
	checkpoint->file.dir_fd = checkpoint->dir_fd;
	checkpoint->file.name = CHECKPOINT_NAME;
	r = checkpoint_load_key(checkpoint, key_path, msg);
	if (r == 0)
		r = checkpoint_attach(checkpoint, msg);
	if (r == 0)
		r = checkpoint_compare(checkpoint, store, msg);
	if (r < 0) {
		checkpoint_close(checkpoint);
		return r;
	}
	*checkpointp = checkpoint;
	return r;
}

bool checkpoint_is_key_new(const struct checkpoint *checkpoint)
{
	return checkpoint->is_key_new;
}

const char *checkpoint_key_id(const struct checkpoint *checkpoint)
{
	return checkpoint->key.id;
}

static int checkpoint_append(struct checkpoint *checkpoint, struct checkpoint_line *line,
	const char *machine_id, struct errmsg *msg)
{
	char text[2 * CHECKPOINT_LINE_SIZE];
	size_t n_head = 0;
	size_t n_line = 0;
	int r;

	if (checkpoint->is_head_due)
		n_head = checkpoint_line_write_head(machine_id, &checkpoint->key, text);
	r = checkpoint_line_write(line, machine_id, &checkpoint->key, text + n_head, &n_line);
	if (r < 0)
		return r;
	r = line_file_append(&checkpoint->file, text, n_head + n_line, msg);
	if (r < 0)
		return r;
	return line_file_flush(&checkpoint->file, msg);
}

int checkpoint_write(
	struct checkpoint *checkpoint, struct store *store, int64_t now_unix_ms, struct errmsg *msg)
{
	struct checkpoint_line line = {.time_unix_ms = now_unix_ms};
	int r;

	PRE(!store_is_in_transaction(store));
	r = store_log_head(store, &line.sequence, line.hash, msg);
	if (r < 0)
		return r;
	if (line.sequence == 0 || (line.sequence == checkpoint->sequence &&
					  digest_equal(line.hash, checkpoint->hash)))
		return 0;
	if (!line_file_is_current(&checkpoint->file)) {
		r = checkpoint_attach(checkpoint, msg);
		if (r < 0)
			return r;
	}
	memcpy(line.previous, checkpoint->mac, DIGEST_BYTES);
	r = checkpoint_append(checkpoint, &line, store_machine_id(store), msg);
	if (r < 0) {
		/* Whether it is on disk is not known: read the file's end again. */
		line_file_close(&checkpoint->file);
		return r;
	}
	checkpoint->is_head_due = false;
	checkpoint->sequence = line.sequence;
	memcpy(checkpoint->hash, line.hash, DIGEST_BYTES);
	memcpy(checkpoint->mac, line.mac, DIGEST_BYTES);
	checkpoint->n_written++;
	return 0;
}

int checkpoint_save(struct checkpoint *checkpoint, struct store *store, struct errmsg *msg)
{
	char text[24 + DIGEST_HEX_SIZE];
	char hex[DIGEST_HEX_SIZE];
	int r;

	PRE(!store_is_in_transaction(store));
	if (checkpoint->n_written == checkpoint->n_saved)
		return 0;
	digest_hex(checkpoint->mac, DIGEST_BYTES, hex);
	(void)snprintf(text, sizeof(text), "%" PRIu64 " %s", checkpoint->n_written, hex);
	r = store_value_set(store, CHECKPOINT_NOTE, text, msg);
	if (r == 0)
		checkpoint->n_saved = checkpoint->n_written;
	return r;
}

uint64_t checkpoint_sequence(const struct checkpoint *checkpoint)
{
	return checkpoint->sequence;
}

void checkpoint_close(struct checkpoint *checkpoint)
{
	if (!checkpoint)
		return;
	line_file_close(&checkpoint->file);
	if (checkpoint->dir_fd >= 0)
		(void)close(checkpoint->dir_fd);
	explicit_bzero(&checkpoint->key, sizeof(checkpoint->key));
	free(checkpoint);
}
