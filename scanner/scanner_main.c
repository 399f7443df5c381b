/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-scanner: reads everything, changes nothing. Started by quietscand:
 *
 *   quietscan-scanner --control-fd 3 --grants-fd 5 [--report-fd 6]
 *                     [--book-fd 4] [--uid N --gid N] [--generation N] [--log-level L]
 *
 *   main
 *   ├─ home_list_read, filehash_prepare, opener_init   what needs open doors
 *   ├─ confine_self                                    walls, before any thread
 *   └─ scanner_run                                     one scan
 */
#include "confine.h"
#include "err.h"
#include "filehash.h"
#include "log.h"
#include "number.h"
#include "scanner.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct scanner_main_args {
	int64_t control_fd;
	int64_t grants_fd;
	int64_t report_fd;
	int64_t book_fd;
	int64_t uid;
	int64_t gid;
	int64_t generation;
};

enum {
	SCANNER_MAIN_CONTROL = 1,
	SCANNER_MAIN_GRANTS,
	SCANNER_MAIN_REPORT,
	SCANNER_MAIN_BOOK,
	SCANNER_MAIN_UID,
	SCANNER_MAIN_GID,
	SCANNER_MAIN_GENERATION,
	SCANNER_MAIN_LOG_LEVEL,
};

static const struct option scanner_main_options[] = {
	{"control-fd", required_argument, NULL, SCANNER_MAIN_CONTROL},
	{"grants-fd", required_argument, NULL, SCANNER_MAIN_GRANTS},
	{"report-fd", required_argument, NULL, SCANNER_MAIN_REPORT},
	{"book-fd", required_argument, NULL, SCANNER_MAIN_BOOK},
	{"uid", required_argument, NULL, SCANNER_MAIN_UID},
	{"gid", required_argument, NULL, SCANNER_MAIN_GID},
	{"generation", required_argument, NULL, SCANNER_MAIN_GENERATION},
	{"log-level", required_argument, NULL, SCANNER_MAIN_LOG_LEVEL},
	{NULL, 0, NULL, 0},
};

static int scanner_main_log_level(const char *name)
{
	enum log_level level;

	if (log_level_parse(name, &level) < 0)
		return -EINVAL;
	log_set_level(level);
	return 0;
}

static int scanner_main_option(struct scanner_main_args *args, int option, const char *value)
{
	switch (option) {
	case SCANNER_MAIN_CONTROL:
		return number_parse(value, 0, UINT32_MAX, &args->control_fd);
	case SCANNER_MAIN_GRANTS:
		return number_parse(value, 0, UINT32_MAX, &args->grants_fd);
	case SCANNER_MAIN_REPORT:
		return number_parse(value, 0, UINT32_MAX, &args->report_fd);
	case SCANNER_MAIN_BOOK:
		return number_parse(value, 0, UINT32_MAX, &args->book_fd);
	case SCANNER_MAIN_UID:
		return number_parse(value, 0, UINT32_MAX, &args->uid);
	case SCANNER_MAIN_GID:
		return number_parse(value, 0, UINT32_MAX, &args->gid);
	case SCANNER_MAIN_GENERATION:
		return number_parse(value, 0, UINT32_MAX, &args->generation);
	case SCANNER_MAIN_LOG_LEVEL:
		return scanner_main_log_level(value);
	default:
		return -EINVAL;
	}
}

static int scanner_main_parse(int argc, char **argv, struct scanner_main_args *args)
{
	int option;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): before the first thread */
	while ((option = getopt_long(argc, argv, "", scanner_main_options, NULL)) != -1)
		if (scanner_main_option(args, option, optarg) < 0)
			return -EINVAL;
	if (optind != argc || args->control_fd < 0 || (args->uid < 0) != (args->gid < 0))
		return -EINVAL;
	return 0;
}

static enum child_exit scanner_main_confine(const struct scanner_main_args *args, pid_t parent)
{
	struct confine_config config = {.has_ids = args->uid >= 0,
		.uid = (uid_t)args->uid,
		.gid = (gid_t)args->gid,
		.parent = parent,
		.control_fd = (int)args->control_fd};
	struct errmsg msg = ERRMSG_NULL;

	if (confine_self(&config, &msg) == 0)
		return CHILD_EXIT_OK;
	log_error("main", "confine: %s", msg.text);
	return CHILD_EXIT_SANDBOX;
}

int main(int argc, char **argv)
{
	struct scanner_main_args args = {-1, -1, -1, -1, -1, -1, 1};
	struct scanner_config config = {.generation = 1};
	struct home_list homes = HOME_LIST_NULL;
	struct opener opener = OPENER_NULL;
	pid_t parent = getppid();
	enum child_exit code;

	log_init("quietscan-scanner", LOG_LEVEL_WARN);
	if (scanner_main_parse(argc, argv, &args) < 0) {
		log_error("main",
			"usage: quietscan-scanner --control-fd N [--grants-fd N] "
			"[--report-fd N] [--book-fd N] [--uid N --gid N] [--generation N] "
			"[--log-level L]");
		return (int)CHILD_EXIT_USAGE;
	}
	/* A report or log nobody reads must not end the scan. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (home_list_read(&homes) < 0 || filehash_prepare() < 0 || opener_init(&opener) < 0 ||
		(args.grants_fd >= 0 && grant_page_map((int)args.grants_fd, &config.grants) < 0)) {
		log_error("main", "set up: %s", err_text(-errno));
		return (int)CHILD_EXIT_SYSTEM;
	}
	code = scanner_main_confine(&args, parent);
	if (code != CHILD_EXIT_OK)
		return (int)code;
	config.control_fd = (int)args.control_fd;
	config.report_fd = (int)args.report_fd;
	config.book_fd = (int)args.book_fd;
	config.generation = (uint32_t)args.generation;
	config.homes = &homes;
	config.opener = &opener;
	code = scanner_run(&config);
	/* Other threads still run: no exit handlers. */
	_exit((int)code);
}
