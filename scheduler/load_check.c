/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    engine starts → READY → told → stopped → gone → over.
 * Failure modes: FAILED → told → gone → over; the engine dies → over, and it is
 *                the owner's business to come back (a death is not the set's
 *                fault at first; how often is counted by the owner).
 * On close:      a scan that wants the machine may end it at any time.
 */
#include "load_check.h"

#include "display.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOAD_CHECK_GRACE_MS = 3000 };

struct load_check {
	struct load_check_config config;
	char set_name[SIGNATURE_SET_NAME_SIZE];
	/* state */
	struct scan_team *team;
	bool is_told; /* on_loaded or on_failed */
};

static void load_check_on_ready(void *arg, const struct ipc_engine_ready *ready)
{
	struct load_check *check = arg;

	check->is_told = true;
	check->config.on_loaded(check->config.arg, check->set_name, ready);
	scan_team_stop(check->team, LOAD_CHECK_GRACE_MS);
}

static void load_check_on_failed(void *arg, const struct ipc_engine_failed *failed)
{
	struct load_check *check = arg;
	char why[512];

	(void)display_write(DISPLAY_TEXT, failed->text, why, sizeof(why));
	check->is_told = true;
	check->config.on_failed(
		check->config.arg, check->set_name, why[0] ? why : "it cannot be loaded");
}

static void load_check_on_gone(void *arg, const struct child_link_end *end)
{
	struct load_check *check = arg;
	char text[256];
	char why[320];

	if (!check->is_told) {
		child_link_end_text(end, text, sizeof(text));
		(void)snprintf(why, sizeof(why), "the engine that loaded it %s", text);
		check->config.on_died(
			check->config.arg, check->set_name, why, child_link_end_is_crash(end));
	}
	check->config.on_over(check->config.arg);
	/* The check is freed. */
}

static const struct scan_team_events load_check_events = {
	.on_engine_ready = load_check_on_ready,
	.on_engine_failed = load_check_on_failed,
	.on_engine_gone = load_check_on_gone,
};

int load_check_new(
	const struct load_check_config *config, struct load_check **checkp, struct errmsg *msg)
{
	struct load_check *check = calloc(1, sizeof(*check));
	const struct scan_team_config team = {
		.loop = config->loop,
		.governor = config->governor,
		.settings = config->settings,
		.paths = config->paths,
		.generationp = config->generationp,
		.events = &load_check_events,
		.arg = check,
	};
	int r;

	if (!check)
		return err_origin(-ENOMEM);
	check->config = *config;
	(void)snprintf(check->set_name, sizeof(check->set_name), "%s", config->set_name);
	r = scan_team_new(&team, &check->team);
	if (r < 0) {
		free(check);
		return err_trace(r);
	}
	r = governor_begin(config->governor, config->factor_pct, 1);
	if (r == 0)
		r = scan_team_start_engine(check->team, config->set_dir, true, msg);
	if (r < 0) {
		load_check_free(check);
		return err_trace(r);
	}
	*checkp = check;
	return 0;
}

void load_check_police(struct load_check *check)
{
	scan_team_police(check->team);
}

void load_check_free(struct load_check *check)
{
	if (!check)
		return;
	scan_team_free(check->team);
	governor_end(check->config.governor, NULL);
	free(check);
}
