/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-remediate: moves files into quarantine and back, and ends who executes
 * them. Started by quietscand when something is to be done; killable at any time.
 *
 *   quietscan-remediate --control-fd 3 --state-dir DIR [--grants-fd 4]
 *                       [--generation N] [--log-level L]
 *
 *   main
 *   ├─ remediate_main_pace      what it computes from here on is granted
 *   ├─ mover_open               vault and journal
 *   ├─ remediate_walls_build    before it touches any user's file
 *   └─ remediate_run            recovery, then request after request
 */
#include "cleanup.h"
#include "log.h"
#include "number.h"
#include "pace.h"
#include "remediate.h"
#include "remediate_walls.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { REMEDIATE_MAIN_NAP_MS = 50, REMEDIATE_MAIN_NAPS = 20 };

struct remediate_main_args {
	int64_t control_fd;
	int64_t grants_fd; /* -1: not limited */
	int64_t generation;
	const char *state_dir;
	bool is_leaving;
};

enum {
	REMEDIATE_MAIN_CONTROL = 1,
	REMEDIATE_MAIN_STATE,
	REMEDIATE_MAIN_GRANTS,
	REMEDIATE_MAIN_GENERATION,
	REMEDIATE_MAIN_LOG_LEVEL,
	REMEDIATE_MAIN_LEAVE,
};

static const struct option remediate_main_options[] = {
	{"control-fd", required_argument, NULL, REMEDIATE_MAIN_CONTROL},
	{"state-dir", required_argument, NULL, REMEDIATE_MAIN_STATE},
	{"grants-fd", required_argument, NULL, REMEDIATE_MAIN_GRANTS},
	{"generation", required_argument, NULL, REMEDIATE_MAIN_GENERATION},
	{"log-level", required_argument, NULL, REMEDIATE_MAIN_LOG_LEVEL},
	{"leave-pending", no_argument, NULL, REMEDIATE_MAIN_LEAVE},
	{NULL, 0, NULL, 0},
};

static int remediate_main_option(struct remediate_main_args *args, int option, const char *value)
{
	enum log_level level;

	switch (option) {
	case REMEDIATE_MAIN_CONTROL:
		return number_parse(value, 0, UINT32_MAX, &args->control_fd);
	case REMEDIATE_MAIN_GRANTS:
		return number_parse(value, 0, UINT32_MAX, &args->grants_fd);
	case REMEDIATE_MAIN_GENERATION:
		return number_parse(value, 0, UINT32_MAX, &args->generation);
	case REMEDIATE_MAIN_STATE:
		args->state_dir = value;
		return 0;
	case REMEDIATE_MAIN_LOG_LEVEL:
		if (log_level_parse(value, &level) < 0)
			return -EINVAL;
		log_set_level(level);
		return 0;
	case REMEDIATE_MAIN_LEAVE:
		args->is_leaving = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int remediate_main_parse(int argc, char **argv, struct remediate_main_args *args)
{
	int option;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): the only thread */
	while ((option = getopt_long(argc, argv, "", remediate_main_options, NULL)) != -1)
		if (remediate_main_option(args, option, optarg) < 0)
			return -EINVAL;
	return optind != argc || args->control_fd < 0 || !args->state_dir ? -EINVAL : 0;
}

/* Nothing is to be executed by this process: its descriptor may stay open. */
static int remediate_main_pace(const struct remediate_main_args *args, struct errmsg *msg)
{
	const struct grant_page *page = NULL;
	int r = args->grants_fd < 0 ? 0 : grant_page_map((int)args->grants_fd, &page);

	if (r < 0)
		errmsg_set(msg, "map the grants: %s", err_text(r));
	else
		pace_begin(page, (uint32_t)args->generation);
	return r;
}

/* The last daemon's process may be about to end. */
static int remediate_main_open(int state_fd, struct mover **moverp, struct errmsg *msg)
{
	const struct timespec nap = {.tv_nsec = REMEDIATE_MAIN_NAP_MS * 1000000L};
	int r = mover_open(state_fd, moverp, msg);

	for (int i = 0; r == -EBUSY && i < REMEDIATE_MAIN_NAPS; i++) {
		(void)nanosleep(&nap, NULL);
		r = mover_open(state_fd, moverp, msg);
	}
	return r;
}

int main(int argc, char **argv)
{
	struct remediate_main_args args = {.control_fd = -1, .grants_fd = -1, .generation = 1};
	_cleanup_(cleanup_close) int state_fd = -1;
	struct errmsg msg = ERRMSG_NULL;
	pid_t parent = getppid();
	struct mover *mover = NULL;
	enum child_exit code;
	int r;

	log_init("quietscan-remediate", LOG_LEVEL_WARN);
	if (remediate_main_parse(argc, argv, &args) < 0) {
		log_error("main", "usage: quietscan-remediate --control-fd N --state-dir DIR "
				  "[--grants-fd N] [--generation N] [--log-level L] "
				  "[--leave-pending]");
		return (int)CHILD_EXIT_USAGE;
	}
	/* A daemon or log that is gone must not end a move half-way. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(077);
	state_fd = open(args.state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state_fd < 0)
		errmsg_set(&msg, "%s: %s", args.state_dir, err_text(-errno));
	r = state_fd < 0 ? -errno : remediate_main_pace(&args, &msg);
	if (r == 0)
		r = remediate_main_open(state_fd, &mover, &msg);
	if (r < 0) {
		log_error("main", "%s", msg.text);
		return (int)(r == -EBUSY ? CHILD_EXIT_BUSY : CHILD_EXIT_SYSTEM);
	}
	if (remediate_walls_build(parent, (int)args.control_fd, &msg) < 0) {
		log_error("main", "confine: %s", msg.text);
		mover_close(mover);
		return (int)CHILD_EXIT_SANDBOX;
	}
	code = remediate_run(mover, (int)args.control_fd, args.is_leaving);
	mover_close(mover);
	return (int)code;
}
