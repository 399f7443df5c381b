/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sub-command "client": it works on the file, whether the console runs or
 * not. The secret is printed once and is nowhere else.
 */
#include "console_api.h"

#include "check.h"
#include "cleanup.h"
#include "client_store.h"
#include "clock.h"
#include "exitcode.h"
#include "roles.h"
#include "state_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSOLE_CLIENTS_STATE_DIR "/var/lib/quietscan-console"

struct console_clients {
	const char *verb;
	const char *name; /* of add; name or id of revoke */
	const char *state_dir;
	unsigned roles;
	bool is_json;
};

static int console_clients_usage(const char *problem)
{
	(void)fprintf(stderr,
		"quietscan-console client: %s\n"
		"usage: quietscan-console client add NAME --role ROLE... [--state-dir DIR] "
		"[--output json]\n"
		"       quietscan-console client list [--state-dir DIR] [--output json]\n"
		"       quietscan-console client revoke ID|NAME [--state-dir DIR] [--output json]\n"
		"roles:",
		problem);
	for (unsigned i = 0; i < ROLES_N; i++)
		(void)fprintf(stderr, " %s", roles_name(i));
	(void)fputc('\n', stderr);
	return CLI_EXIT_USAGE;
}

/* "A,B" or "A". */
static int console_clients_roles(char *names, unsigned *rolesp, struct errmsg *msg)
{
	int r = 0;

	while (names && r == 0) {
		char *name = strsep(&names, ",");

		r = roles_parse(name, rolesp, msg);
	}
	return r;
}

/* One option with its value; 0, or -EINVAL with a sentence. */
static int console_clients_option(
	struct console_clients *ask, const char *option, char *value, struct errmsg *msg)
{
	if (!value || value[0] == '\0') {
		errmsg_set(msg, "%s needs a value", option);
		return -EINVAL;
	}
	if (strcmp(option, "--role") == 0)
		return console_clients_roles(value, &ask->roles, msg);
	if (strcmp(option, "--state-dir") == 0) {
		ask->state_dir = value;
		return 0;
	}
	if (strcmp(option, "--output") == 0 && strcmp(value, "json") == 0) {
		ask->is_json = true;
		return 0;
	}
	errmsg_set(msg, "unknown: %.64s %.64s", option, value);
	return -EINVAL;
}

/* "--role A B" names two roles: a word after roles is one more, once the name is known. */
static int console_clients_parse(
	int argc, char *argv[], struct console_clients *ask, struct errmsg *msg)
{
	bool is_role = false;
	int r = 0;

	ask->verb = argc > 1 ? argv[1] : "";
	for (int i = 2; i < argc && r == 0; i++) {
		char *word = argv[i];
		char *equals = strchr(word, '=');

		if (strncmp(word, "--", 2) == 0 && equals) {
			*equals = '\0';
			r = console_clients_option(ask, word, equals + 1, msg);
			is_role = false;
		} else if (strncmp(word, "--", 2) == 0) {
			r = console_clients_option(
				ask, word, i + 1 < argc ? argv[i + 1] : NULL, msg);
			is_role = strcmp(word, "--role") == 0;
			i++;
		} else if (!ask->name) {
			ask->name = word;
		} else if (is_role) {
			r = console_clients_roles(word, &ask->roles, msg);
		} else {
			errmsg_set(msg, "what is \"%.64s\"?", word);
			r = -EINVAL;
		}
	}
	return r;
}

static int console_clients_print(cJSON *json)
{
	_cleanup_(cleanup_free) char *text = NULL;
	int r = json ? json_print(json, &text, NULL) : -ENOMEM;

	cJSON_Delete(json);
	if (r < 0 || printf("%s\n", text) < 0 || fflush(stdout) != 0)
		return CLI_EXIT_ERROR;
	return CLI_EXIT_CLEAN;
}

static void console_clients_line(const struct client *client)
{
	const char *names[ROLES_N];
	size_t n = roles_names(client->roles, names);

	(void)printf("%s  %-8s  %s ", client->id, client->revoked_unix_ms ? "revoked" : "active",
		client->name);
	for (size_t i = 0; i < n; i++)
		(void)printf(" %s", names[i]);
	(void)putchar('\n');
}

static int console_clients_add(
	const struct console_clients *ask, struct client_store *store, struct errmsg *msg)
{
	char secret[SECRET_TEXT_SIZE];
	const struct client *client;
	cJSON *json;
	int r;

	if (!ask->name || ask->roles == 0)
		return console_clients_usage("add needs a name and at least one --role");
	r = client_store_add(store, ask->name, ask->roles, clock_unix_ms(), secret, msg);
	if (r == CLIENT_STORE_E_EXISTS)
		errmsg_set(msg, "there is a client with this name; revoke it first");
	if (r != 0)
		return CLI_EXIT_ERROR;
	client = client_store_at(store, client_store_n(store) - 1);
	if (!ask->is_json) {
		(void)printf("client id:      %s\nclient secret:  %s\n", client->id, secret);
		return fflush(stdout) == 0 ? CLI_EXIT_CLEAN : CLI_EXIT_ERROR;
	}
	json = client_codec_json(client);
	if (json && json_add_string(json, "clientSecret", secret) < 0) {
		cJSON_Delete(json);
		json = NULL;
	}
	return console_clients_print(json);
}

static int console_clients_list(const struct console_clients *ask, struct client_store *store)
{
	cJSON *list = cJSON_CreateArray();
	int r = list ? 0 : -ENOMEM;

	for (size_t i = 0; i < client_store_n(store); i++) {
		if (ask->is_json)
			r |= json_append(list, client_codec_json(client_store_at(store, i)));
		else
			console_clients_line(client_store_at(store, i));
	}
	if (ask->is_json && r == 0)
		return console_clients_print(list);
	cJSON_Delete(list);
	return r == 0 && fflush(stdout) == 0 ? CLI_EXIT_CLEAN : CLI_EXIT_ERROR;
}

static int console_clients_revoke(
	const struct console_clients *ask, struct client_store *store, struct errmsg *msg)
{
	const struct client *client = NULL;
	int r;

	if (!ask->name)
		return console_clients_usage("revoke needs an id or a name");
	r = client_store_revoke(store, ask->name, clock_unix_ms(), &client, msg);
	if (r == CLIENT_STORE_E_NOT_FOUND)
		errmsg_set(msg, "there is no such client");
	if (r != 0)
		return CLI_EXIT_ERROR;
	if (ask->is_json)
		return console_clients_print(client_codec_json(client));
	console_clients_line(client);
	return CLI_EXIT_CLEAN;
}

int console_clients_main(int argc, char *argv[])
{
	struct console_clients ask = {.state_dir = CONSOLE_CLIENTS_STATE_DIR};
	struct client_store *store = NULL;
	_cleanup_(cleanup_close) int dir_fd = -1;
	struct errmsg msg = ERRMSG_NULL;
	int status = CLI_EXIT_ERROR;
	bool is_add;
	int r;

	if (console_clients_parse(argc, argv, &ask, &msg) < 0)
		return console_clients_usage(msg.text);
	is_add = strcmp(ask.verb, "add") == 0;
	if (!is_add && strcmp(ask.verb, "list") != 0 && strcmp(ask.verb, "revoke") != 0)
		return console_clients_usage("add, list or revoke?");
	r = state_file_open_dir(ask.state_dir, is_add, &dir_fd, &msg);
	if (r == 0)
		r = client_store_open(dir_fd, &store, &msg);
	if (r == 0 && is_add)
		status = console_clients_add(&ask, store, &msg);
	else if (r == 0 && strcmp(ask.verb, "list") == 0)
		status = console_clients_list(&ask, store);
	else if (r == 0)
		status = console_clients_revoke(&ask, store, &msg);
	if (status == CLI_EXIT_ERROR && msg.text[0] != '\0')
		(void)fprintf(stderr, "quietscan-console client: %s\n", msg.text);
	client_store_free(store);
	return status;
}
