/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * These commands differ in method, options and view only: one table of how an
 * option is called in the protocol serves all of them.
 */
#include "cli_lists.h"

#include "cleanup.h"
#include "cli_print.h"
#include "cli_view.h"

#include <string.h>

static const struct {
	enum cli_option option;
	const char *field;
} cli_lists_fields[] = {
	{CLI_OPTION_COMMENT, "comment"},
	{CLI_OPTION_STATUS, "status"},
	{CLI_OPTION_SCAN, "scanId"},
	{CLI_OPTION_ASSIGNED_TO, "assignedTo"},
	{CLI_OPTION_CLASSIFICATION, "classification"},
	{CLI_OPTION_DETERMINATION, "determination"},
};

/* The id, if the command has one, and every option that was given. */
static cJSON *cli_lists_params(const struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *params = cli_params();
	cJSON *done;
	int r = params ? 0 : -ENOMEM;

	if (r == 0 && cli->options->args[0])
		r |= json_add_string(params, "id", cli->options->args[0]);
	for (size_t i = 0; r == 0 && i < sizeof(cli_lists_fields) / sizeof(cli_lists_fields[0]);
		i++)
		r = cli_params_option(
			cli, params, cli_lists_fields[i].field, cli_lists_fields[i].option);
	if (r < 0)
		return NULL;
	done = params;
	params = NULL;
	return done;
}

static int cli_lists_write(
	struct cli *cli, const cJSON *value, int (*view)(FILE *out, const cJSON *value))
{
	int r = cli->is_json ? cli_print_json(cli->out, value) : view(cli->out, value);

	return r < 0 ? cli_fail(cli, "%s", err_text(r)) : CLI_EXIT_CLEAN;
}

static int cli_lists_all(
	struct cli *cli, const char *method, int (*view)(FILE *out, const cJSON *array))
{
	_cleanup_(json_cleanup) cJSON *array = NULL;

	if (cli_call_list(cli, method, cli_lists_params(cli), &array) != 0)
		return CLI_EXIT_ERROR;
	return cli_lists_write(cli, array, view);
}

static int cli_lists_view_object(FILE *out, const cJSON *object)
{
	cli_print_object(out, object);
	return 0;
}

/* "group.verb" of the command with its parameters; the object it gives is shown. */
static int cli_lists_one_with(struct cli *cli, cJSON *params)
{
	_cleanup_(json_cleanup) cJSON *object = NULL;
	const struct cli_command *c = cli->options->command;
	char method[48];

	(void)snprintf(method, sizeof(method), "%s.%s", c->group, c->verb);
	if (cli_call(cli, method, params, &object) != 0)
		return CLI_EXIT_ERROR;
	return cli_lists_write(cli, object, cli_lists_view_object);
}

static int cli_lists_one(struct cli *cli)
{
	return cli_lists_one_with(cli, cli_lists_params(cli));
}

int cli_lists_actions(struct cli *cli)
{
	return cli_lists_all(cli, "action.list", cli_view_actions);
}

int cli_lists_action(struct cli *cli)
{
	return cli_lists_one(cli);
}

int cli_lists_detections(struct cli *cli)
{
	return cli_lists_all(cli, "detection.list", cli_view_detections);
}

int cli_lists_alerts(struct cli *cli)
{
	return cli_lists_all(cli, "alert.list", cli_view_alerts);
}

int cli_lists_alert(struct cli *cli)
{
	const char *const *v = cli->options->values;

	if (!v[CLI_OPTION_STATUS] && !v[CLI_OPTION_ASSIGNED_TO] && !v[CLI_OPTION_CLASSIFICATION] &&
		!v[CLI_OPTION_DETERMINATION] && !v[CLI_OPTION_COMMENT]) {
		(void)cli_fail(cli, "nothing to change: give --status, --assigned-to, "
				    "--classification, --determination or --comment");
		return CLI_EXIT_USAGE;
	}
	return cli_lists_one(cli);
}

/* A list that comes whole, as {"value": […]}. */
static int cli_lists_whole(struct cli *cli, const char *method, cJSON *params,
	int (*view)(FILE *out, const cJSON *array))
{
	_cleanup_(json_cleanup) cJSON *result = NULL;
	const cJSON *value = NULL;

	if (cli_call(cli, method, params, &result) != 0)
		return CLI_EXIT_ERROR;
	if (json_get_array(result, "value", &value, NULL) != 0)
		return cli_fail(cli, "the service sent no list");
	return cli_lists_write(cli, value, view);
}

int cli_lists_remediate(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *object = NULL;
	bool is_remove = strcmp(cli->options->command->verb, "remove") == 0;
	cJSON *params = cli_lists_params(cli);

	if (params && json_add_string(params, "action", is_remove ? "Remove" : "Quarantine") < 0) {
		cJSON_Delete(params);
		params = NULL;
	}
	if (cli_call(cli, "detection.remediate", params, &object) != 0)
		return CLI_EXIT_ERROR;
	return cli_lists_write(cli, object, cli_lists_view_object);
}

int cli_lists_file(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *object = NULL;
	const char *hash = cli->options->args[0];
	const char *comment = cli->options->values[CLI_OPTION_COMMENT];
	cJSON *params = cli_params();
	int r = json_add_string(params, strlen(hash) == 40 ? "sha1" : "sha256", hash);

	if (json_add_string(params, "comment", comment) < 0 || r < 0) {
		cJSON_Delete(params);
		params = NULL;
	}
	if (cli_call(cli, "file.stopAndQuarantine", params, &object) != 0)
		return CLI_EXIT_ERROR;
	return cli_lists_write(cli, object, cli_lists_view_object);
}

int cli_lists_quarantine(struct cli *cli)
{
	return cli_lists_all(cli, "quarantine.list", cli_view_quarantine);
}

int cli_lists_quarantined(struct cli *cli)
{
	cJSON *params = cli_lists_params(cli);

	if (params && json_add_bool(params, "wait", true) < 0) {
		cJSON_Delete(params);
		params = NULL;
	}
	return cli_lists_one_with(cli, params);
}

/* An option whose value is an item of a list, and what such an item is called. */
struct cli_lists_kind {
	enum cli_option option;
	const char *kind;
};

/* The one item that is given. @kinds ends with kind NULL; @hint says what to give. */
static int cli_lists_item_params(
	struct cli *cli, const struct cli_lists_kind kinds[], const char *hint, cJSON **paramsp)
{
	const char *const *v = cli->options->values;
	_cleanup_(json_cleanup) cJSON *params = cli_params();
	const struct cli_lists_kind *given = NULL;
	size_t n_given = 0;
	int r;

	for (size_t i = 0; kinds[i].kind; i++) {
		if (!v[kinds[i].option])
			continue;
		given = &kinds[i];
		n_given++;
	}
	if (n_given != 1) {
		(void)cli_fail(cli, "%s", hint);
		return CLI_EXIT_USAGE;
	}
	if (cli->options->n_paths > 1) {
		(void)cli_fail(cli, "one --path at a time");
		return CLI_EXIT_USAGE;
	}
	r = json_add_string(params, "kind", given->kind);
	r |= json_add_string(params, "value", v[given->option]);
	if (v[CLI_OPTION_COMMENT])
		r |= json_add_string(params, "comment", v[CLI_OPTION_COMMENT]);
	if (r < 0)
		return cli_fail(cli, "%s", err_text(r));
	*paramsp = params;
	params = NULL;
	return 0;
}

/* list, add and remove of such a list: all give the list. */
static int cli_lists_items(struct cli *cli, const struct cli_lists_kind kinds[], const char *hint,
	int (*view)(FILE *out, const cJSON *array))
{
	const struct cli_command *c = cli->options->command;
	cJSON *params = NULL;
	char method[48];
	int r;

	(void)snprintf(method, sizeof(method), "%s.%s", c->group, c->verb);
	if (strcmp(c->verb, "list") != 0) {
		r = cli_lists_item_params(cli, kinds, hint, &params);
		if (r != 0)
			return r;
	}
	return cli_lists_whole(cli, method, params ? params : cli_params(), view);
}

int cli_lists_exclusions(struct cli *cli)
{
	static const struct cli_lists_kind kinds[] = {
		{CLI_OPTION_PATH, "path"}, {CLI_OPTION_EXTENSION, "extension"}, {0, NULL}};

	return cli_lists_items(cli, kinds, "give --path or --extension", cli_view_exclusions);
}

int cli_lists_allowed(struct cli *cli)
{
	static const struct cli_lists_kind kinds[] = {{CLI_OPTION_NAME, "name"},
		{CLI_OPTION_HASH, "hash"}, {CLI_OPTION_PATH, "path"}, {0, NULL}};

	return cli_lists_items(
		cli, kinds, "give one of --name, --hash and --path", cli_view_allowed);
}
