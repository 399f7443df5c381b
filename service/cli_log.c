/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the files are: as told by --state-dir and --log-dir; else where the
 * service that listens on the socket says it keeps them (only the place is
 * believed, not the contents); else the defaults.
 */
#include "cli_log.h"

#include "cleanup.h"
#include "cli_format.h"
#include "cli_print.h"
#include "log_verify.h"

#include <inttypes.h>

#define CLI_LOG_STATE_DIR "/var/lib/quietscan"
#define CLI_LOG_LOG_DIR "/var/log/quietscan"

/* What the service says of itself; NULL when there is none. */
static cJSON *cli_log_health(struct cli *cli)
{
	struct cli_fault fault;
	cJSON *health = NULL;

	if (cli_options_has(cli->options, CLI_OPTION_STATE_DIR) &&
		cli_options_has(cli->options, CLI_OPTION_LOG_DIR))
		return NULL;
	if (cli_client_open(&cli->client, cli->socket_path, NULL) < 0)
		return NULL;
	if (cli_client_call(&cli->client, "health", NULL, &health, &fault) != 0)
		return NULL;
	return health;
}

static const char *cli_log_place(
	const struct cli *cli, enum cli_option option, const char *said, const char *preset)
{
	const char *given = cli->options->values[option];

	return given ? given : *said ? said : preset;
}

static int cli_log_write_json(struct cli *cli, const struct log_verify_result *result)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	int r = object ? 0 : -ENOMEM;

	if (r == 0) {
		r |= json_add_bool(object, "whole", result->witness == LOG_VERIFY_NOBODY);
		r |= json_add_uint(object, "events", result->n_events);
		r |= json_add_uint(object, "headSequence", result->head_sequence);
		r |= json_add_string(object, "witness", log_verify_witness_name(result->witness));
		r |= json_add_uint(object, "badSequence", result->bad_sequence);
		r |= json_add_uint(object, "badSequenceLast", result->bad_sequence_last);
		r |= json_add_string(object, "text", result->text);
		r |= json_add_uint(object, "checkpoints", result->n_checkpoints);
		r |= json_add_uint(object, "checkpointSequence", result->checkpoint_sequence);
		r |= json_add_uint(object, "lines", result->n_lines);
		r |= json_add_uint(object, "linesFirst", result->lines_first);
		r |= json_add_uint(object, "linesLast", result->lines_last);
	}
	return r < 0 ? r : cli_print_json(cli->out, object);
}

static void cli_log_write_text(struct cli *cli, const struct log_verify_result *result)
{
	if (result->witness == LOG_VERIFY_NOBODY) {
		(void)fputs("The action log is whole.\n", cli->out);
	} else {
		(void)fprintf(cli->out, "The action log is NOT whole. First bad record: %" PRIu64,
			result->bad_sequence);
		if (result->bad_sequence_last != result->bad_sequence)
			(void)fprintf(cli->out, " to %" PRIu64, result->bad_sequence_last);
		(void)fprintf(cli->out, "\n%s: ", log_verify_witness_name(result->witness));
		cli_print_text(cli->out, result->text);
		(void)fputc('\n', cli->out);
	}
	(void)fprintf(cli->out,
		"Records in the store   %" PRIu64 "\n"
		"Checkpoints            %" PRIu64 ", signed and agreeing up to record %" PRIu64 "\n"
		"actions.jsonl          %" PRIu64 " records agree",
		result->n_events, result->n_checkpoints, result->checkpoint_sequence,
		result->n_lines);
	if (result->n_lines > 0)
		(void)fprintf(cli->out, ", %" PRIu64 " to %" PRIu64, result->lines_first,
			result->lines_last);
	(void)fputc('\n', cli->out);
}

int cli_log_verify(struct cli *cli)
{
	_cleanup_(json_cleanup) cJSON *health = cli_log_health(cli);
	struct log_verify_paths paths = {
		.state_dir = cli_log_place(cli, CLI_OPTION_STATE_DIR,
			cli_format_field(health, "stateDir"), CLI_LOG_STATE_DIR),
		.log_dir = cli_log_place(cli, CLI_OPTION_LOG_DIR,
			cli_format_field(health, "logDir"), CLI_LOG_LOG_DIR),
		.key_path = cli->options->values[CLI_OPTION_KEY],
	};
	struct log_verify_result result = {.n_events = 0};
	struct errmsg msg = ERRMSG_NULL;
	int r = log_verify(&paths, &result, &msg);

	if (r < 0) {
		(void)cli_fail(cli, "the log could not be verified: %s",
			*msg.text ? msg.text : err_text(r));
		(void)fprintf(cli->err,
			"Looked in %s and %s; others: --state-dir DIR --log-dir DIR\n",
			paths.state_dir, paths.log_dir);
		return CLI_EXIT_ERROR;
	}
	if (!cli->is_json)
		cli_log_write_text(cli, &result);
	else if (cli_log_write_json(cli, &result) < 0)
		return CLI_EXIT_ERROR;
	return r == 0 ? CLI_EXIT_CLEAN : CLI_EXIT_ERROR;
}
