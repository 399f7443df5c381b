/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A setting's value is sent as JSON if it is JSON (40, true, ["/a"]) and as a
 * string if not (auto, /var/lib/clamav); the service knows which type it has.
 */
#include "cli_service.h"

#include "cleanup.h"
#include "cli_format.h"
#include "cli_print.h"
#include "cli_view.h"
#include "nearest.h"

enum { CLI_SERVICE_NAMES_MAX = 128 };

static int cli_service_write(struct cli *cli, const cJSON *object)
{
	if (cli->is_json)
		return cli_print_json(cli->out, object) < 0 ? CLI_EXIT_ERROR : CLI_EXIT_CLEAN;
	cli_print_object(cli->out, object);
	return CLI_EXIT_CLEAN;
}

static int cli_service_no_such(struct cli *cli, const char *what, const char *name,
	const char *const names[], size_t n_names)
{
	const char *near = nearest_find(name, names, n_names);

	(void)cli_fail(cli, "there is no %s \"%.60s\"%s%s%s", what, name,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return CLI_EXIT_USAGE;
}

static int cli_service_setting(struct cli *cli, const cJSON *value, const char *name)
{
	const char *names[CLI_SERVICE_NAMES_MAX];
	size_t n_names = 0;
	const cJSON *item;

	cJSON_ArrayForEach(item, value)
	{
		if (strcmp(cli_format_field(item, "name"), name) == 0) {
			if (cli->is_json)
				return cli_service_write(cli, item);
			cli_view_setting(cli->out, item);
			return CLI_EXIT_CLEAN;
		}
		if (n_names < CLI_SERVICE_NAMES_MAX)
			names[n_names++] = cli_format_field(item, "name");
	}
	return cli_service_no_such(cli, "setting", name, names, n_names);
}

int cli_service_settings(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *result = NULL;
	const cJSON *value = NULL;
	int r = cli_call(cli, "settings.show", NULL, &result);

	if (r != 0)
		return r;
	if (json_get_array(result, "value", &value, NULL) != 0)
		return cli_fail(cli, "the service sent no list");
	if (cli->options->args[0])
		return cli_service_setting(cli, value, cli->options->args[0]);
	if (cli->is_json)
		return cli_service_write(cli, value);
	if (cli_view_settings(cli->out, value) < 0)
		return CLI_EXIT_ERROR;
	(void)fputs("\nFile: ", cli->out);
	cli_print_text(cli->out, cli_format_field(result, "file"));
	(void)fputc('\n', cli->out);
	return CLI_EXIT_CLEAN;
}

int cli_service_set(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *result = NULL;
	const char *text = cli->options->args[1];
	cJSON *params = cli_params();
	cJSON *value = NULL;
	int r = params ? json_add_string(params, "name", cli->options->args[0]) : -ENOMEM;

	if (json_parse(text, strlen(text), &value, NULL) < 0)
		value = json_new_string(text);
	if (r == 0)
		r = json_add_item(params, "value", value);
	else
		cJSON_Delete(value);
	if (r < 0) {
		cJSON_Delete(params);
		return cli_fail(cli, "%s", err_text(r));
	}
	if (cli_call(cli, "settings.set", params, &result) != 0)
		return CLI_EXIT_ERROR;
	if (cli->is_json)
		return cli_service_write(cli, result);
	cli_view_setting(cli->out, result);
	return CLI_EXIT_CLEAN;
}

int cli_service_definitions(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *result = NULL;
	char method[32];

	(void)snprintf(method, sizeof(method), "definitions.%s", cli->options->command->verb);
	if (cli_call(cli, method, NULL, &result) != 0)
		return CLI_EXIT_ERROR;
	return cli_service_write(cli, result);
}

/* "a.b" within @object; NULL when there is none. */
static const cJSON *cli_service_field(const cJSON *object, const char *name)
{
	const cJSON *whole = cJSON_GetObjectItemCaseSensitive(object, name);
	const char *dot = strchr(name, '.');
	char head[64];

	if (whole || !dot)
		return whole;
	(void)snprintf(head, sizeof(head), "%.*s", (int)(dot - name), name);
	return cli_service_field(cJSON_GetObjectItemCaseSensitive(object, head), dot + 1);
}

int cli_service_health(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *result = NULL;
	const char *names[CLI_SERVICE_NAMES_MAX];
	const char *name = cli->options->values[CLI_OPTION_FIELD];
	const cJSON *field;
	size_t n_names = 0;

	if (cli_call(cli, "health", NULL, &result) != 0)
		return CLI_EXIT_ERROR;
	if (!name)
		return cli_service_write(cli, result);
	field = cli_service_field(result, name);
	if (field && (cli->is_json || cJSON_IsObject(field)))
		return cli_service_write(cli, field);
	if (field) {
		cli_print_value(cli->out, field);
		(void)fputc('\n', cli->out);
		return CLI_EXIT_CLEAN;
	}
	for (field = result->child; field && n_names < CLI_SERVICE_NAMES_MAX; field = field->next)
		names[n_names++] = field->string;
	return cli_service_no_such(cli, "field of health", name, names, n_names);
}
