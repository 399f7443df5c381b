/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life: grants → home (namespaces, uid) → load, governed by the grant timer →
 * READY → forks on request → end of file on the control channel → end.
 *
 *   control (daemon)   nothing is received but its end; then workers are killed
 *                      and the zygote ends
 *   fork (scanner)     FORK_REQUEST with one descriptor, FORK_KILL; its end
 *                      kills the workers, and the zygote waits for the daemon
 *   signalfd           SIGCHLD: a worker ended
 *
 * Anything else received is a protocol violation and ends the zygote: the
 * scanner has touched hostile path names and may be lost, the daemon not.
 *
 * No call here may block on the scanner. On the daemon it may: without it there
 * is nothing to do, and its death is told by the parent-death signal.
 */
#include "zygote.h"

#include "channel.h"
#include "cleanup.h"
#include "clock.h"
#include "engine.h"
#include "grant.h"
#include "privileges.h"
#include "zygote_brood.h"
#include "zygote_home.h"

#include <errno.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct zygote {
	const struct engine_args *args;
	const struct grant_page *page;
	struct engine *engine;
	struct channel_inbox *inbox;
	struct zygote_brood brood;
	int signal_fd;
};

static int zygote_count_threads(void)
{
	_cleanup_(cleanup_closedir) DIR *dir = opendir("/proc/self/task");
	int n = 0;

	if (!dir)
		return -errno;
	while (readdir(dir))
		n++;
	return n - 2;
}

/* The rule all forks stand on; libclamav starts no thread by itself, today. */
static int zygote_check_threads(struct errmsg *msg)
{
	int n = zygote_count_threads();

	if (n == 1)
		return 0;
	errmsg_set(msg, "%d threads after loading, 1 is required", n);
	return err_origin(-ENOTRECOVERABLE);
}

static int zygote_settle(struct zygote *zygote, pid_t parent, struct errmsg *msg)
{
	const struct engine_args *args = zygote->args;
	struct zygote_home_config home = {.temp_dir = args->temp_dir,
		.temp_bytes = args->temp_size,
		.n_lanes = IPC_LANES_MAX,
		.has_ids = args->has_ids,
		.uid = args->uid,
		.gid = args->gid,
		.walls = args->walls};
	bool is_mounted;
	int r = grant_page_map(args->grants_fd, &zygote->page);

	if (r < 0) {
		errmsg_set(msg, "grant page: %s", err_text(r));
		return err_trace(r);
	}
	(void)close(args->grants_fd);
	r = zygote_home_enter(&home, &is_mounted, msg);
	if (r < 0)
		return err_trace(r);
	/* Asked now: a loader that waits for grants reads no channel. */
	r = privileges_tie(parent, args->control_fd);
	r = r ?: grant_timer_start(zygote->page, GRANT_SLOT_ZYGOTE, args->generation);
	if (r < 0)
		errmsg_set(msg, "settle: %s", err_text(r));
	return r;
}

static int zygote_load(struct zygote *zygote, struct errmsg *msg)
{
	const struct engine_args *args = zygote->args;
	char temp_dir[ZYGOTE_HOME_PATH_SIZE];
	struct engine_config config = {.signatures = args->signatures,
		.temp_dir = temp_dir,
		.max_file_size = args->max_file_size,
		.max_scan_size = args->max_scan_size,
		.max_recursion = args->max_recursion,
		.max_files = args->max_files};
	int r;

	/* Signature files unpack while they load; lane 0 has no worker yet. */
	zygote_home_lane(args->temp_dir, 0, temp_dir);
	r = engine_load(&config, &zygote->engine, msg);
	if (r == 0)
		r = engine_warm_up(zygote->engine, msg);
	if (r == 0)
		r = zygote_check_threads(msg);
	return r;
}

static enum child_exit zygote_fail(struct zygote *zygote, int r, const struct errmsg *msg)
{
	struct ipc_engine_failed failed = {.text = span_str(msg->text)};

	failed.error = r == ENGINE_E_SIGNATURES ? EILSEQ : (uint32_t)-r;
	if (failed.text.n == 0)
		failed.text = span_str(err_text(r));
	(void)channel_send(zygote->args->control_fd, IPC_ENGINE_FAILED, &failed, NULL, 0);
	return r == ENGINE_E_SIGNATURES ? CHILD_EXIT_SIGNATURES : CHILD_EXIT_SYSTEM;
}

static int zygote_tell_ready(const struct zygote *zygote)
{
	struct ipc_engine_ready ready = {.load_cpu_ns = clock_self_cpu_ns()};
	struct engine_info info;

	engine_describe(zygote->engine, &info);
	ready.n_signatures = info.n_signatures;
	ready.engine_version = span_str(info.version);
	ready.set_version = span_str(info.set_version);
	ready.set_time_unix_ms = info.set_time_unix_ms;
	return channel_send(zygote->args->control_fd, IPC_ENGINE_READY, &ready, NULL, 0);
}

static int zygote_prepare_brood(struct zygote *zygote)
{
	const struct engine_args *args = zygote->args;
	sigset_t set;

	zygote->brood = (struct zygote_brood){.worker = {.engine = zygote->engine,
						      .page = zygote->page,
						      .memory_bytes = args->memory_limit,
						      .temp_bytes = args->temp_size,
						      .walls = args->walls,
						      .parent = getpid()},
		.temp_dir = args->temp_dir,
		.control_fd = args->control_fd,
		.fork_fd = args->fork_fd};
	zygote->inbox = channel_inbox_new();
	if (!zygote->inbox)
		return err_origin(-ENOMEM);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_origin(-errno);
	zygote->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (zygote->signal_fd < 0)
		return err_origin(-errno);
	return args->fork_fd >= 0 ? channel_set_blocking(args->fork_fd, false) : 0;
}

static int zygote_on_children(struct zygote *zygote)
{
	struct signalfd_siginfo info;

	while (read(zygote->signal_fd, &info, sizeof(info)) > 0)
		;
	return zygote_brood_reap(&zygote->brood);
}

/* The scanner wrote, or went. */
static int zygote_on_scanner(struct zygote *zygote)
{
	struct channel_inbox *inbox = zygote->inbox;
	int r = channel_recv(zygote->brood.fork_fd, inbox);

	if (r == -EAGAIN)
		return 0;
	if (r == -ENODATA) {
		zygote_brood_kill_all(&zygote->brood);
		(void)close(zygote->brood.fork_fd);
		zygote->brood.fork_fd = -1;
		return 0;
	}
	if (r < 0)
		return err_trace(r);
	if (inbox->type == IPC_FORK_REQUEST && inbox->n_fds == 1)
		r = zygote_brood_fork(&zygote->brood, &inbox->msg.fork_request, inbox->fds[0]);
	else if (inbox->type == IPC_FORK_KILL && inbox->n_fds == 0)
		zygote_brood_kill(&zygote->brood, &inbox->msg.fork_kill);
	else
		r = err_origin(-EBADMSG);
	channel_inbox_clear(inbox);
	return r;
}

static enum child_exit zygote_on_daemon(struct zygote *zygote)
{
	int r = channel_recv(zygote->brood.control_fd, zygote->inbox);

	zygote_brood_kill_all(&zygote->brood);
	return r == -ENODATA ? CHILD_EXIT_OK : CHILD_EXIT_PROTOCOL;
}

/*
 * The scanner being gone is no error in zygote_brood, so a broken pipe is the
 * daemon's: it went while we had something to tell it.
 */
static enum child_exit zygote_give_up(struct zygote *zygote, int r)
{
	zygote_brood_kill_all(&zygote->brood);
	if (r == -EPIPE || r == -ECONNRESET)
		return CHILD_EXIT_OK;
	log_error("zygote", "the scanner's channel: %s", err_text(r));
	return CHILD_EXIT_PROTOCOL;
}

static enum child_exit zygote_loop(struct zygote *zygote)
{
	for (;;) {
		/* A negative descriptor is left out by poll(2). */
		struct pollfd fds[] = {{.fd = zygote->brood.control_fd, .events = POLLIN},
			{.fd = zygote->signal_fd, .events = POLLIN},
			{.fd = zygote->brood.fork_fd, .events = POLLIN}};
		int r = 0;

		if (poll(fds, sizeof(fds) / sizeof(fds[0]), -1) < 0) {
			if (errno == EINTR)
				continue;
			return CHILD_EXIT_SYSTEM;
		}
		if (fds[0].revents)
			return zygote_on_daemon(zygote);
		if (fds[1].revents)
			r = zygote_on_children(zygote);
		if (r == 0 && fds[2].revents)
			r = zygote_on_scanner(zygote);
		if (r < 0)
			return zygote_give_up(zygote, r);
	}
}

enum child_exit zygote_run(const struct engine_args *args)
{
	struct zygote zygote = {.args = args, .signal_fd = -1};
	struct errmsg msg = ERRMSG_NULL;
	int r = zygote_settle(&zygote, getppid(), &msg);

	if (r == 0)
		r = zygote_load(&zygote, &msg);
	if (r == 0)
		r = zygote_prepare_brood(&zygote);
	if (r != 0)
		return zygote_fail(&zygote, r, &msg);
	if (zygote_tell_ready(&zygote) < 0)
		return CHILD_EXIT_SYSTEM;
	return zygote_loop(&zygote);
}
