/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every command does the same way: connect late (help and wrong use need
 * no service), explain a failed connection by what can be done about it, and
 * check at the end that the output was really written.
 */
#include "cli.h"

#include "cleanup.h"
#include "cli_help.h"
#include "cli_print.h"

#include <grp.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/stat.h>

enum { CLI_PAGE = 1000 };

int cli_fail(struct cli *cli, const char *fmt, ...)
{
	struct errmsg msg = ERRMSG_NULL;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(msg.text, sizeof(msg.text), fmt, ap);
	va_end(ap);
	(void)fputs("quietscan: ", cli->err);
	cli_print_text(cli->err, msg.text);
	(void)fputc('\n', cli->err);
	return CLI_EXIT_ERROR;
}

/* Who may use the socket: its group, if that can be seen. */
static void cli_hint_group(struct cli *cli)
{
	struct stat st;
	char buf[1024];
	struct group group;
	struct group *found = NULL;
	const char *name = "quietscan";

	if (stat(cli->socket_path, &st) == 0 && st.st_gid != 0 &&
		getgrgid_r(st.st_gid, &group, buf, sizeof(buf), &found) == 0 && found)
		name = found->gr_name;
	(void)fprintf(cli->err,
		"Only root and members of the group \"%s\" (setting OperatorGroup) may use the "
		"service.\nTo join: usermod -aG %s YOUR_NAME, then log in again.\n",
		name, name);
}

static void cli_hint_start(struct cli *cli)
{
	(void)fprintf(cli->err,
		"The service seems not to be running. Start it: systemctl start quietscan\n"
		"Another service's socket: --socket PATH, or QUIETSCAN_SOCKET in the "
		"environment.\n");
}

int cli_connect(struct cli *cli)
{
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (cli->client.fd >= 0)
		return 0;
	r = cli_client_open(&cli->client, cli->socket_path, &msg);
	if (r == 0)
		return 0;
	(void)cli_fail(cli, "cannot connect to the service: %s", msg.text);
	if (r == -ENOENT || r == -ECONNREFUSED)
		cli_hint_start(cli);
	else if (r == -EACCES || r == -EPERM)
		cli_hint_group(cli);
	return CLI_EXIT_ERROR;
}

int cli_report(struct cli *cli, int r, const struct cli_fault *fault)
{
	if (r != CLI_CLIENT_E_FAULT) {
		(void)cli_fail(cli, "the connection to the service was lost: %s", fault->text.text);
		(void)fprintf(cli->err, "What the service acknowledged before is not lost.\n");
		return CLI_EXIT_ERROR;
	}
	(void)cli_fail(cli, "%s%s%s%s", fault->text.text, *fault->code ? " (" : "", fault->code,
		*fault->code ? ")" : "");
	if (fault->number == CLI_FAULT_FORBIDDEN)
		cli_hint_group(cli);
	return CLI_EXIT_ERROR;
}

int cli_call(struct cli *cli, const char *method, cJSON *params, cJSON **resultp)
{
	struct cli_fault fault;
	int r = cli_connect(cli);

	if (r != 0) {
		cJSON_Delete(params);
		return r;
	}
	r = cli_client_call(&cli->client, method, params, resultp, &fault);
	return r == 0 ? 0 : cli_report(cli, r, &fault);
}

/* What tells one item of a list from another. */
static const cJSON *cli_identity(const cJSON *item)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");

	return id ? id : cJSON_GetObjectItemCaseSensitive(item, "sequence");
}

/*
 * Lists come newest first, so what is new since the last page pushes old items
 * onto the next one: an item of the last page is not taken again.
 */
static bool cli_is_repeated(const cJSON *array, size_t n_page, const cJSON *item)
{
	const cJSON *id = cli_identity(item);
	const cJSON *at = array->child ? array->child->prev : NULL;

	for (size_t i = 0; id && at && i < n_page; i++, at = at->prev) {
		if (cJSON_Compare(cli_identity(at), id, true))
			return true;
		if (at == array->child)
			break;
	}
	return false;
}

/* Move a page's items over. 0 or -ENOMEM; stops at n_max items. */
static int cli_take_page(cJSON *array, cJSON *page, size_t n_page, size_t n_max)
{
	cJSON *value = cJSON_GetObjectItemCaseSensitive(page, "value");

	while (value && value->child && (size_t)cJSON_GetArraySize(array) < n_max) {
		cJSON *item = cJSON_DetachItemViaPointer(value, value->child);
		int r = 0;

		if (cli_is_repeated(array, n_page, item))
			cJSON_Delete(item);
		else
			r = json_append(array, item);
		if (r < 0)
			return r;
	}
	return 0;
}

static int cli_fetch_pages(
	struct cli *cli, const char *method, const cJSON *params, cJSON *array, size_t n_max)
{
	uint64_t offset = 0;

	for (;;) {
		_cleanup_(json_cleanup) cJSON *page = NULL;
		size_t n_have = (size_t)cJSON_GetArraySize(array);
		size_t n_page = n_max - n_have < CLI_PAGE ? n_max - n_have : CLI_PAGE;
		cJSON *query = cJSON_Duplicate(params, true);
		int r = query ? 0 : -ENOMEM;

		if (query) {
			r |= json_add_uint(query, "limit", n_page);
			r |= offset ? json_add_uint(query, "offset", offset) : 0;
		}
		if (r == 0) {
			r = cli_call(cli, method, query, &page);
			if (r != 0)
				return r;
			r = cli_take_page(array, page, n_page, n_max);
		} else {
			cJSON_Delete(query);
		}
		if (r < 0)
			return cli_fail(cli, "%s", err_text(r));
		if (json_get_uint(page, "nextOffset", &offset, NULL) != 0 ||
			(size_t)cJSON_GetArraySize(array) >= n_max)
			return 0;
	}
}

int cli_call_list(struct cli *cli, const char *method, cJSON *params, cJSON **arrayp)
{
	_cleanup_(json_cleanup) cJSON *owned = params;
	_cleanup_(json_cleanup) cJSON *array = cJSON_CreateArray();
	size_t limit = cli_options_limit(cli->options);
	int r;

	if (!owned || !array)
		return cli_fail(cli, "%s", err_text(-ENOMEM));
	r = cli_fetch_pages(cli, method, owned, array, limit ? limit : SIZE_MAX);
	if (r != 0)
		return r;
	*arrayp = array;
	array = NULL;
	return 0;
}

cJSON *cli_params(void)
{
	return cJSON_CreateObject();
}

int cli_params_option(
	const struct cli *cli, cJSON *params, const char *field, enum cli_option option)
{
	const char *value = cli->options->values[option];

	return value ? json_add_string(params, field, value) : 0;
}

static int cli_dispatch(struct cli *cli, int r, const struct errmsg *msg)
{
	const struct cli_options *o = cli->options;

	switch (r) {
	case 0:
		return o->command->run(cli);
	case CLI_OPTIONS_E_HELP:
		cli_help_write(cli->out, o->group, o->command);
		return CLI_EXIT_CLEAN;
	case CLI_OPTIONS_E_VERSION:
		(void)fprintf(cli->out, "quietscan %s\n", QUIETSCAN_VERSION);
		return CLI_EXIT_CLEAN;
	case CLI_OPTIONS_E_USAGE:
		(void)cli_fail(cli, "%s", msg->text);
		cli_help_hint(cli->err, o->group, o->command);
		return CLI_EXIT_USAGE;
	default:
		return cli_fail(cli, "%s", err_text(r));
	}
}

int cli_run(int argc, char *const argv[], FILE *out, FILE *err)
{
	_cleanup_(cli_options_deinit) struct cli_options options = CLI_OPTIONS_NULL;
	struct errmsg msg = ERRMSG_NULL;
	const char *environment = secure_getenv("QUIETSCAN_SOCKET");
	struct cli cli = {.options = &options, .out = out, .err = err, .client = CLI_CLIENT_NULL};
	int r = cli_options_parse(argc, argv, &options, &msg);
	int code;

	cli.is_json = cli_options_is_json(&options);
	cli.socket_path = options.values[CLI_OPTION_SOCKET];
	if (!cli.socket_path)
		cli.socket_path = environment && *environment ? environment : CLI_SOCKET_DEFAULT;
	code = cli_dispatch(&cli, r, &msg);
	cli_client_close(&cli.client);
	errno = 0;
	if (fflush(out) != 0 || ferror(out)) {
		/* A reader that has enough (EPIPE) is not told about it. */
		if (errno != EPIPE)
			(void)cli_fail(&cli, "the output could not be written: %s",
				err_text(errno ? -errno : -EIO));
		return CLI_EXIT_ERROR;
	}
	return code;
}
