/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Losing this costs one load of the signatures, so a value that cannot be read
 * is dropped instead of stopping the daemon.
 */
#include "definitions_state.h"

#include "cleanup.h"
#include "json.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char definitions_state_name[] = "definitions";

int definitions_state_save(
	struct store *store, const struct definitions_state *state, struct errmsg *msg)
{
	const struct definitions_set *current = &state->current;
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	_cleanup_(cleanup_free) char *text = NULL;
	int r = object ? 0 : -ENOMEM;

	if (r == 0 && state->has_current) {
		r |= json_add_string(object, "name", current->name);
		r |= json_add_string(object, "fingerprint", current->fingerprint);
		r |= json_add_string(object, "statPrint", current->stat_print);
		r |= json_add_uint(object, "signatures", current->n_signatures);
		r |= json_add_string(object, "engineVersion", current->engine_version);
		r |= json_add_string(object, "setVersion", current->set_version);
		r |= json_add_int(object, "setTime", current->set_time_unix_ms);
		r |= json_add_int(object, "loadedTime", current->loaded_unix_ms);
	}
	if (r == 0)
		r |= json_add_string(object, "failedStatPrint", state->failed_stat_print);
	if (r == 0)
		r |= json_add_string(object, "error", state->error);
	if (r == 0)
		r = json_print(object, &text, NULL);
	return r < 0 ? err_origin(r) : store_value_set(store, definitions_state_name, text, msg);
}

static int definitions_state_text(const cJSON *object, const char *field, char *text, size_t n_text)
{
	const char *value = "";
	struct errmsg ignored = ERRMSG_NULL;
	int r = json_required(json_get_string(object, field, n_text - 1, &value, &ignored));

	(void)snprintf(text, n_text, "%s", value);
	return r;
}

static int definitions_state_current(const cJSON *object, struct definitions_set *current)
{
	struct errmsg ignored = ERRMSG_NULL;
	int r;

	r = definitions_state_text(object, "name", current->name, sizeof(current->name));
	if (r == 0)
		r = definitions_state_text(
			object, "fingerprint", current->fingerprint, sizeof(current->fingerprint));
	if (r == 0)
		r = definitions_state_text(
			object, "statPrint", current->stat_print, sizeof(current->stat_print));
	if (r == 0)
		r = definitions_state_text(object, "engineVersion", current->engine_version,
			sizeof(current->engine_version));
	if (r == 0)
		r = definitions_state_text(
			object, "setVersion", current->set_version, sizeof(current->set_version));
	if (r == 0)
		r = json_required(
			json_get_uint(object, "signatures", &current->n_signatures, &ignored));
	if (r == 0)
		r = json_required(json_get_int(object, "setTime", INT64_MIN, INT64_MAX,
			&current->set_time_unix_ms, &ignored));
	if (r == 0)
		r = json_required(json_get_int(object, "loadedTime", INT64_MIN, INT64_MAX,
			&current->loaded_unix_ms, &ignored));
	return r;
}

int definitions_state_load(struct store *store, struct definitions_state *state, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *object = NULL;
	_cleanup_(cleanup_free) char *text = NULL;
	int r;

	*state = (struct definitions_state){.has_current = false};
	r = store_value_get(store, definitions_state_name, &text, msg);
	if (r == STORE_E_NOT_FOUND)
		return 0;
	if (r < 0)
		return err_trace(r);
	if (json_parse(text, strlen(text), &object, msg) < 0) {
		log_warn("definitions", "remembered state is unreadable: %s", msg->text);
		return 0;
	}
	state->has_current = definitions_state_current(object, &state->current) == 0;
	(void)definitions_state_text(object, "failedStatPrint", state->failed_stat_print,
		sizeof(state->failed_stat_print));
	(void)definitions_state_text(object, "error", state->error, sizeof(state->error));
	return 0;
}
