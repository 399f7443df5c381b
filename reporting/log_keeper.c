/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was found wrong is kept as "due" until its event is on disk, since the
 * moment of finding it may be the moment the disk is full.
 */
#include "log_keeper.h"

#include "action_log.h"
#include "check.h"
#include "checkpoint.h"
#include "json_lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LOG_KEEPER_N_EVENTS = 256,
	LOG_KEEPER_PATH_SIZE = 4096,
};

#define LOG_KEEPER_INTERVAL_NS UINT64_C(1000000000)

/* A witness that differs from the store; due while text is not empty. */
struct log_keeper_divergence {
	uint64_t sequence;
	struct errmsg text;
};

struct log_keeper {
	struct log_keeper_config config;
	char key_path[LOG_KEEPER_PATH_SIZE];
	struct json_lines *lines;      /* NULL = could not be opened yet. */
	struct checkpoint *checkpoint; /* Likewise. */
	uint64_t checked_at_ns;        /* Last checkpoint, 0 = none yet. */
	bool is_damage_due;
	bool is_key_due;
	struct log_keeper_divergence of_lines;
	struct log_keeper_divergence of_checkpoints;
};

static int log_keeper_open_lines(struct log_keeper *keeper, struct store *store, struct errmsg *msg)
{
	int r;

	if (keeper->lines)
		return 0;
	r = json_lines_open(keeper->config.log_dir, store, &keeper->lines, msg);
	if (r == JSON_LINES_E_DIVERGED) {
		keeper->of_lines.text = *msg;
		keeper->of_lines.sequence = json_lines_sequence(keeper->lines);
	}
	return r < 0 ? r : 0;
}

static int log_keeper_open_checkpoint(
	struct log_keeper *keeper, struct store *store, struct errmsg *msg)
{
	int r;

	if (keeper->checkpoint)
		return 0;
	r = checkpoint_open(
		keeper->config.log_dir, keeper->key_path, store, &keeper->checkpoint, msg);
	if (r < 0)
		return r;
	if (checkpoint_is_key_new(keeper->checkpoint))
		keeper->is_key_due = true;
	if (r == CHECKPOINT_E_DIVERGED) {
		keeper->of_checkpoints.text = *msg;
		keeper->of_checkpoints.sequence = checkpoint_sequence(keeper->checkpoint);
	}
	return 0;
}

int log_keeper_open(const struct log_keeper_config *config, struct store *store,
	struct log_keeper **keeperp, struct errmsg *msg)
{
	struct errmsg own = ERRMSG_NULL;
	struct log_keeper *keeper = calloc(1, sizeof(*keeper));
	int n;
	int r;

	if (!keeper)
		return err_origin(-ENOMEM);
	keeper->config = *config;
	n = snprintf(keeper->key_path, sizeof(keeper->key_path), "%s%s",
		config->key_path ? config->key_path : config->state_dir,
		config->key_path ? "" : "/checkpoint.key");
	r = n < LOG_KEEPER_PATH_SIZE ? 0 : -ENAMETOOLONG;
	keeper->is_damage_due = store_is_log_damaged(store);
	if (r == 0)
		r = log_keeper_open_lines(keeper, store, &own);
	if (r == 0 || r == -ENOSPC)
		r = log_keeper_open_checkpoint(keeper, store, &own);
	if (r < 0 && r != -ENOSPC) {
		errmsg_set(msg, "action log: %s", own.text[0] ? own.text : err_text(r));
		log_keeper_close(keeper);
		return err_origin(r);
	}
	*keeperp = keeper;
	return 0;
}

static int log_keeper_report_divergence(struct store *store,
	struct log_keeper_divergence *divergence, const char *witness, struct errmsg *msg)
{
	int r;

	if (divergence->text.text[0] == '\0')
		return 0;
	r = action_log_service_log_diverged(
		store, witness, divergence->sequence, divergence->text.text, msg);
	if (r == 0)
		divergence->text.text[0] = '\0';
	return r;
}

/* Write the events that are due. */
static int log_keeper_report(struct log_keeper *keeper, struct store *store, struct errmsg *msg)
{
	int r = 0;

	if (keeper->is_damage_due) {
		r = action_log_service_log_damaged(store, msg);
		keeper->is_damage_due = r < 0;
	}
	if (r == 0)
		r = log_keeper_report_divergence(store, &keeper->of_lines, JSON_LINES_NAME, msg);
	if (r == 0)
		r = log_keeper_report_divergence(
			store, &keeper->of_checkpoints, CHECKPOINT_NAME, msg);
	if (r == 0 && keeper->is_key_due) {
		r = action_log_service_key_created(
			store, checkpoint_key_id(keeper->checkpoint), msg);
		keeper->is_key_due = r < 0;
	}
	return r;
}

static int log_keeper_follow(struct log_keeper *keeper, struct store *store, struct errmsg *msg)
{
	int r = log_keeper_open_lines(keeper, store, msg);

	if (r < 0)
		return r;
	r = json_lines_follow(keeper->lines, store, LOG_KEEPER_N_EVENTS, msg);
	if (r == JSON_LINES_E_DIVERGED) {
		keeper->of_lines.text = *msg;
		keeper->of_lines.sequence = json_lines_sequence(keeper->lines);
	}
	return r > 0 ? LOG_KEEPER_E_MORE : r;
}

static int log_keeper_check(
	struct log_keeper *keeper, struct store *store, int64_t now_unix_ms, struct errmsg *msg)
{
	int r = log_keeper_open_checkpoint(keeper, store, msg);

	if (r == 0)
		r = checkpoint_write(keeper->checkpoint, store, now_unix_ms, msg);
	if (r == 0)
		r = checkpoint_save(keeper->checkpoint, store, msg);
	if (r == 0 && keeper->lines)
		r = json_lines_save(keeper->lines, store, msg);
	return r;
}

/* The first failure stays the answer; @msg is its message. */
static void log_keeper_note(int *firstp, struct errmsg *msg, int r, const struct errmsg *said)
{
	if (r >= 0 || *firstp < 0)
		return;
	*firstp = r;
	errmsg_set(msg, "action log: %s", said->text);
}

int log_keeper_tick(struct log_keeper *keeper, struct store *store, uint64_t now_ns,
	int64_t now_unix_ms, struct errmsg *msg)
{
	struct errmsg said = ERRMSG_NULL;
	int first = 0;
	int more;
	int r = log_keeper_report(keeper, store, &said);

	PRE(!store_is_in_transaction(store));
	log_keeper_note(&first, msg, r, &said);
	more = log_keeper_follow(keeper, store, &said);
	log_keeper_note(&first, msg, more, &said);
	if (keeper->checked_at_ns == 0 ||
		now_ns - keeper->checked_at_ns >= LOG_KEEPER_INTERVAL_NS) {
		keeper->checked_at_ns = now_ns;
		r = log_keeper_check(keeper, store, now_unix_ms, &said);
		log_keeper_note(&first, msg, r, &said);
	}
	return first < 0 ? first : more;
}

int log_keeper_finish(
	struct log_keeper *keeper, struct store *store, int64_t now_unix_ms, struct errmsg *msg)
{
	struct errmsg said = ERRMSG_NULL;
	int first = 0;
	int r;

	/* Twice, since following may find what the log has to tell as well. */
	for (int i = 0; i < 2; i++) {
		log_keeper_note(&first, msg, log_keeper_report(keeper, store, &said), &said);
		do {
			r = log_keeper_follow(keeper, store, &said);
		} while (r == LOG_KEEPER_E_MORE);
		log_keeper_note(&first, msg, r, &said);
	}
	log_keeper_note(&first, msg, log_keeper_check(keeper, store, now_unix_ms, &said), &said);
	return first;
}

void log_keeper_close(struct log_keeper *keeper)
{
	if (!keeper)
		return;
	json_lines_close(keeper->lines);
	checkpoint_close(keeper->checkpoint);
	free(keeper);
}
