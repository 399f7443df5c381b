/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of the command line: its options, its streams, its connection, and
 * the errors every command shares. Commands (cli_commands_*.c) are functions of
 * it that give an exit code.
 *
 * Hands. One thread.
 */
#ifndef QS_CLI_H
#define QS_CLI_H

#include "cli_client.h"
#include "cli_options.h"
#include "exitcode.h"

#include <stdio.h>

#define CLI_SOCKET_DEFAULT "/run/quietscan/quietscan.sock"

struct cli {
	const struct cli_options *options; /**< Borrowed. */
	FILE *out;                         /**< Results. */
	FILE *err;                         /**< Errors, hints, progress. */
	bool is_json;                      /**< Results as JSON. */
	const char *socket_path;           /**< Of the service. */
	/* state */
	struct cli_client client; /**< Connected at the first call. */
};

/**
 * Run one command line, as main() would.
 *
 * @return An enum cli_exit.
 */
int cli_run(int argc, char *const argv[], FILE *out, FILE *err);

/** Say "quietscan: …" on cli->err, made safe; gives CLI_EXIT_ERROR. */
int cli_fail(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * Connect if it is not; says why not, and what to do.
 *
 * @return 0 or CLI_EXIT_ERROR.
 */
int cli_connect(struct cli *cli);

/**
 * Call a method; says what went wrong.
 *
 * @params   Taken in every case; NULL sends none.
 * @resultp  Set when 0 is returned; the caller frees.
 * @return   0 or CLI_EXIT_ERROR.
 */
int cli_call(struct cli *cli, const char *method, cJSON *params, cJSON **resultp);

/**
 * Call a list method until there is no more, or --limit is reached.
 *
 * @params  Taken in every case; gets limit and offset.
 * @arrayp  All items; set when 0 is returned; the caller frees.
 * @return  0 or CLI_EXIT_ERROR.
 */
int cli_call_list(struct cli *cli, const char *method, cJSON *params, cJSON **arrayp);

/** Say what a refusal or a lost connection was; gives CLI_EXIT_ERROR. */
int cli_report(struct cli *cli, int r, const struct cli_fault *fault);

/** An empty object for parameters; ends in CLI_EXIT_ERROR's way (NULL) without memory. */
cJSON *cli_params(void);

/** Add an option's value to parameters, if it was given. 0 or -ENOMEM. */
int cli_params_option(
	const struct cli *cli, cJSON *params, const char *field, enum cli_option option);

#endif
