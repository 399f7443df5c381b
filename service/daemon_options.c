/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths are made absolute here, once: the daemon hands them to processes that
 * have another working directory.
 */
#include "daemon_options.h"

#include "cleanup.h"
#include "number.h"
#include "patience.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char daemon_options_text[] =
	"usage: quietscand [--config FILE] [--state-dir DIR] [--run-dir DIR] [--log-dir DIR]\n"
	"                  [--libexec-dir DIR] [--log-level error|warn|info|debug]\n"
	"\n"
	"  --config FILE      settings, default /etc/quietscan/settings.json (may be absent)\n"
	"  --state-dir DIR    records and signature copies, default /var/lib/quietscan\n"
	"  --run-dir DIR      the local socket, default /run/quietscan\n"
	"  --log-dir DIR      the action log's files, default /var/log/quietscan\n"
	"  --libexec-dir DIR  quietscan-scanner and quietscan-engine\n"
	"  --log-level LEVEL  instead of the setting LogLevel\n"
	"\n"
	"Runs in the foreground. SIGTERM stops (twice: at once), SIGHUP reads the settings "
	"again.\n";

enum daemon_options_key {
	KEY_CONFIG = 256,
	KEY_STATE,
	KEY_RUN,
	KEY_LOG,
	KEY_LIBEXEC,
	KEY_LEVEL,
	KEY_PATIENCE
};

static const struct option daemon_options_table[] = {
	{"config", required_argument, NULL, KEY_CONFIG},
	{"state-dir", required_argument, NULL, KEY_STATE},
	{"run-dir", required_argument, NULL, KEY_RUN},
	{"log-dir", required_argument, NULL, KEY_LOG},
	{"libexec-dir", required_argument, NULL, KEY_LIBEXEC},
	{"log-level", required_argument, NULL, KEY_LEVEL},
	{"remediation-patience-ms", required_argument, NULL, KEY_PATIENCE},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

const char *daemon_options_help(void)
{
	return daemon_options_text;
}

static int daemon_options_path(const char *given, const char **pathp, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *here = NULL;
	char *path = NULL;

	if (given[0] == '\0') {
		errmsg_set(msg, "an empty path");
		return err_origin(-EINVAL);
	}
	if (given[0] == '/') {
		*pathp = given;
		return 0;
	}
	here = getcwd(NULL, 0);
	if (!here)
		return err_origin(-errno);
	if (asprintf(&path, "%s/%s", here, given) < 0)
		return err_origin(-ENOMEM);
	*pathp = path; /* lives as long as the process */
	return 0;
}

static int daemon_options_patience(const char *value, unsigned *patience_msp, struct errmsg *msg)
{
	int64_t ms;
	int r = number_parse(value, 1, PATIENCE_MS, &ms);

	if (r < 0) {
		errmsg_set(msg, "--remediation-patience-ms %s: 1 to %d is expected", value,
			PATIENCE_MS);
		return err_origin(r);
	}
	*patience_msp = (unsigned)ms;
	return 0;
}

static int daemon_options_take(
	int key, const char *value, struct daemon_options *options, struct errmsg *msg)
{
	switch (key) {
	case KEY_CONFIG:
		options->paths.is_config_given = true;
		return daemon_options_path(value, &options->paths.config, msg);
	case KEY_STATE:
		return daemon_options_path(value, &options->paths.state_dir, msg);
	case KEY_RUN:
		return daemon_options_path(value, &options->paths.run_dir, msg);
	case KEY_LOG:
		return daemon_options_path(value, &options->paths.log_dir, msg);
	case KEY_LIBEXEC:
		return daemon_options_path(value, &options->paths.libexec_dir, msg);
	case KEY_LEVEL:
		options->is_log_level_given = true;
		if (log_level_parse(value, &options->log_level) == 0)
			return 0;
		errmsg_set(msg, "--log-level %s: error, warn, info or debug is expected", value);
		return err_origin(-EINVAL);
	case KEY_PATIENCE:
		return daemon_options_patience(value, &options->remediation_patience_ms, msg);
	case 'h':
		options->is_help = true;
		return 0;
	case 'V':
		options->is_version = true;
		return 0;
	default:
		errmsg_set(msg, "unknown option, or its value is missing");
		return err_origin(-EINVAL);
	}
}

int daemon_options_parse(
	int argc, char *argv[], struct daemon_options *optionsp, struct errmsg *msg)
{
	struct daemon_options options = {
		.paths = {.config = "/etc/quietscan/settings.json",
			.state_dir = "/var/lib/quietscan",
			.run_dir = "/run/quietscan",
			.log_dir = "/var/log/quietscan",
			.libexec_dir = QUIETSCAN_LIBEXEC_DIR,
			.data_dir = QUIETSCAN_DATA_DIR,
			.bin_dir = QUIETSCAN_BIN_DIR,
			.sbin_dir = QUIETSCAN_SBIN_DIR},
		.log_level = LOG_LEVEL_INFO,
	};
	int key;

	opterr = 0;
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): before there is a second thread */
	while ((key = getopt_long(argc, argv, "", daemon_options_table, NULL)) != -1) {
		int r = daemon_options_take(key, optarg, &options, msg);

		if (r < 0) {
			if (key == '?')
				errmsg_prefix(msg, "%s", argv[optind - 1]);
			return r;
		}
	}
	if (optind < argc) {
		errmsg_set(msg, "%s: nothing is expected there", argv[optind]);
		return err_origin(-EINVAL);
	}
	*optionsp = options;
	return 0;
}
