/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three findings are made independently, each the first of its kind: by the
 * chain, by the JSON lines, by the checkpoints. The chain and the lines name a
 * record; a checkpoint that does not fit only says that something at or before
 * its record was replaced, after the last checkpoint that fits. Put together:
 *
 *   chain or lines name a record up to the bad checkpoint    that record
 *   nobody does (both were rewritten)                        the range in between
 *
 * Who is to be believed when the lines and the store differ and the chain is
 * whole: who agrees with the checkpoints.
 */
#include "log_verify.h"

#include "checkpoint.h"
#include "cleanup.h"
#include "json_lines.h"
#include "log_chain.h"
#include "store.h"
#include "verify_checkpoint.h"
#include "verify_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct log_verify {
	struct log_verify_result *result;
	struct store *store;
	struct verify_checkpoint checkpoints;
	struct verify_lines lines;
	struct verify_finding of_chain;
	struct verify_finding of_signed; /* A believed checkpoint that does not fit. */
	uint64_t signed_before;          /* Last fitting checkpoint before that one. */
	uint64_t signed_from;            /* First record that may be the bad one then. */
	size_t n_signed;                 /* Checkpoints compared so far. */
	uint64_t sequence;               /* Event seen last, with its hash. */
	uint8_t hash[RECORD_HASH_SIZE];
};

const char *log_verify_witness_name(enum log_verify_witness witness)
{
	static const char *const names[] = {
		[LOG_VERIFY_NOBODY] = "nobody",
		[LOG_VERIFY_CHAIN] = "chain",
		[LOG_VERIFY_JSON_LINES] = "jsonLines",
		[LOG_VERIFY_CHECKPOINTS] = "checkpoints",
	};

	return names[witness];
}

/*
 * A record that fits its own hash but is not what the next one follows was
 * changed and hashed anew; one that does not fit was changed as it is.
 */
static int log_verify_chain(struct log_verify *verify, const struct event_record *event)
{
	struct verify_finding *finding = &verify->of_chain;
	uint64_t expected = verify->sequence + 1;
	uint8_t hash[RECORD_HASH_SIZE];
	int r;

	if (finding->is_set)
		return 0;
	if (event->sequence != expected) {
		verify_finding_set(finding, expected,
			"record %" PRIu64 " is missing in the store, the next is %" PRIu64,
			expected, event->sequence);
		return 0;
	}
	r = log_chain_hash(event, hash);
	if (r < 0)
		return r;
	if (!digest_equal(hash, event->hash))
		verify_finding_set(finding, expected,
			"record %" PRIu64 " in the store does not fit its hash: it was changed",
			expected);
	else if (!digest_equal(event->previous_hash, verify->hash))
		verify_finding_set(finding, expected > 1 ? expected - 1 : 1,
			"record %" PRIu64 " in the store follows another record than the one"
			" before it: that one was changed or put in",
			expected);
	return 0;
}

/* Compare the believed checkpoints for this record; the array ascends. */
static void log_verify_signed(struct log_verify *verify, const struct event_record *event)
{
	const struct verify_checkpoint *checkpoints = &verify->checkpoints;

	while (verify->n_signed < checkpoints->n_entries &&
		checkpoints->entries[verify->n_signed].sequence <= event->sequence) {
		const struct verify_checkpoint_entry *entry =
			&checkpoints->entries[verify->n_signed++];

		if (verify->of_signed.is_set)
			continue;
		if (entry->sequence == event->sequence && digest_equal(entry->hash, event->hash)) {
			verify->signed_before = entry->sequence;
			continue;
		}
		verify->signed_from = verify->signed_before + 1;
		verify_finding_set(&verify->of_signed, entry->sequence,
			"the store's record %" PRIu64 " is not the one that was signed",
			entry->sequence);
	}
}

static int log_verify_event(void *arg, const struct event_record *event)
{
	struct log_verify *verify = arg;
	int r = log_verify_chain(verify, event);

	if (r < 0)
		return r;
	log_verify_signed(verify, event);
	r = verify_lines_compare(&verify->lines, event);
	if (r < 0)
		return r;
	verify->sequence = event->sequence;
	memcpy(verify->hash, event->hash, RECORD_HASH_SIZE);
	verify->result->n_events++;
	return 0;
}

/* The store's events are all seen: is there more elsewhere? */
static void log_verify_end(struct log_verify *verify)
{
	const struct verify_checkpoint *checkpoints = &verify->checkpoints;

	verify_lines_finish(&verify->lines);
	if (verify->sequence == 0)
		verify_finding_set(&verify->of_chain, 1, "the store's log has no records");
	if (verify->n_signed < checkpoints->n_entries && !verify->of_signed.is_set) {
		uint64_t sequence = checkpoints->entries[verify->n_signed].sequence;

		verify_finding_set(&verify->of_signed, sequence,
			"the store ends with record %" PRIu64 ", but record %" PRIu64
			" was signed: its end was cut off",
			verify->sequence, sequence);
		verify->signed_from = verify->sequence + 1;
	}
}

static void log_verify_blame(struct log_verify *verify, enum log_verify_witness witness,
	const struct verify_finding *finding, const char *more)
{
	struct log_verify_result *result = verify->result;

	if (result->witness != LOG_VERIFY_NOBODY && result->bad_sequence <= finding->sequence)
		return;
	result->witness = witness;
	result->bad_sequence = finding->sequence;
	result->bad_sequence_last = finding->sequence;
	(void)snprintf(result->text, sizeof(result->text), "%s%s", finding->text, more);
}

/* The lines differ: what do the checkpoints say about who is right? */
static const char *log_verify_who_is_right(const struct log_verify *verify)
{
	uint64_t sequence = verify->lines.finding.sequence;

	if (verify->of_chain.is_set && verify->of_chain.sequence <= sequence)
		return "";
	if (verify->of_signed.is_set && verify->of_signed.sequence >= sequence)
		return "; the checkpoints speak against the store, which was changed";
	if (verify->signed_before >= sequence)
		return "; the checkpoints agree with the store: the file was changed";
	return "; no checkpoint says which of both was changed";
}

static void log_verify_judge(struct log_verify *verify)
{
	struct log_verify_result *result = verify->result;

	if (verify->of_chain.is_set)
		log_verify_blame(verify, LOG_VERIFY_CHAIN, &verify->of_chain, "");
	if (verify->lines.finding.is_set)
		log_verify_blame(verify, LOG_VERIFY_JSON_LINES, &verify->lines.finding,
			log_verify_who_is_right(verify));
	if (verify->of_signed.is_set &&
		(result->bad_sequence == 0 || result->bad_sequence > verify->of_signed.sequence)) {
		log_verify_blame(verify, LOG_VERIFY_CHECKPOINTS, &verify->of_signed, "");
		result->bad_sequence = verify->signed_from;
	}
	if (verify->checkpoints.finding.is_set)
		log_verify_blame(verify, LOG_VERIFY_CHECKPOINTS, &verify->checkpoints.finding, "");
	result->head_sequence = verify->sequence;
	result->n_checkpoints = verify->checkpoints.n_lines;
	result->checkpoint_sequence = verify->signed_before;
	result->n_lines = verify->lines.n_events;
	result->lines_first = verify->lines.first_sequence;
	result->lines_last = verify->lines.last_sequence;
}

static int log_verify_note(struct store *store, const char *name, char **valuep, struct errmsg *msg)
{
	int r = store_value_get(store, name, valuep, msg);

	return r < 0 ? r : 0;
}

static int log_verify_load_key(const struct log_verify_paths *paths, struct checkpoint_key *key,
	bool *has_keyp, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *path = NULL;
	int r;

	if (asprintf(&path, "%s%s", paths->key_path ? paths->key_path : paths->state_dir,
		    paths->key_path ? "" : "/checkpoint.key") < 0) {
		path = NULL;
		return err_origin(-ENOMEM);
	}
	r = checkpoint_key_load(path, key, msg);
	*has_keyp = r == 0;
	return r == -ENOENT ? 0 : r;
}

/* The order matters: notes, then the files' sizes, then the events. */
static int log_verify_run(struct log_verify *verify, const struct log_verify_paths *paths,
	int dir_fd, struct errmsg *msg)
{
	static const struct store_query ascending = {.is_ascending = true};
	_cleanup_(cleanup_free) char *note = NULL;
	_cleanup_(cleanup_free) char *position = NULL;
	struct checkpoint_key key;
	bool has_key = false;
	struct verify_checkpoint_context context = {.dir_fd = dir_fd};
	int r = log_verify_load_key(paths, &key, &has_key, msg);

	if (r == 0)
		r = log_verify_note(verify->store, CHECKPOINT_NOTE, &note, msg);
	if (r == 0)
		r = log_verify_note(verify->store, JSON_LINES_POSITION, &position, msg);
	if (r < 0)
		return r;
	context.machine_id = store_machine_id(verify->store);
	context.key = has_key ? &key : NULL;
	context.note = note;
	verify->lines.machine_id = context.machine_id;
	verify->lines.noted = position ? strtoull(position, NULL, 10) : 0;
	r = verify_checkpoint_read(&verify->checkpoints, &context, msg);
	if (r == 0)
		r = verify_lines_open(&verify->lines, dir_fd, msg);
	if (r == 0)
		r = store_event_list(verify->store, &ascending, log_verify_event, verify, msg);
	explicit_bzero(&key, sizeof(key));
	return r;
}

int log_verify(
	const struct log_verify_paths *paths, struct log_verify_result *result, struct errmsg *msg)
{
	struct log_verify verify = {.result = result};
	_cleanup_(cleanup_close) int dir_fd =
		open(paths->log_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	*result = (struct log_verify_result){0};
	if (dir_fd < 0 && errno != ENOENT) {
		r = -errno;
		errmsg_set(msg, "open %s: %s", paths->log_dir, err_text(r));
		return err_origin(r);
	}
	r = store_open_reader(paths->state_dir, &verify.store, msg);
	if (r == 0)
		r = log_verify_run(&verify, paths, dir_fd, msg);
	if (r == 0) {
		log_verify_end(&verify);
		log_verify_judge(&verify);
	}
	verify_lines_deinit(&verify.lines);
	verify_checkpoint_deinit(&verify.checkpoints);
	store_close(verify.store);
	if (r < 0) {
		if (msg && msg->text[0] == '\0')
			errmsg_set(msg, "verify: %s", err_text(r));
		return r;
	}
	return result->witness == LOG_VERIFY_NOBODY ? 0 : LOG_VERIFY_E_BAD;
}
