/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of a scan:
 *
 *   HELLO ─► (PATH | ENGINE | CONTROL)* ─► START ─► (ENGINE | CONTROL)* ─► DONE
 *
 * After START the daemon's messages are read by the control thread; it holds
 * no lock while it waits and is never held by a full socket, so a cancel comes
 * through even when everybody else waits for the daemon to read.
 *
 * The end: the walker closes the queue, the lanes empty it and leave, the main
 * thread joins them. A cancel drops what is queued; the lanes settle what they
 * hold and leave. A lane that gets no worker ends the scan in the same way,
 * with an error.
 */
#include "scanner.h"

#include "channel.h"
#include "cleanup.h"
#include "clock.h"
#include "err.h"
#include "heartbeat.h"
#include "lane.h"
#include "log.h"
#include "plan.h"
#include "waits.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	SCANNER_QUEUE = 256, /* files; each may hold its directory open */
	SCANNER_TICK_MS = 250,
	SCANNER_RECENT_DAYS = 30,
};

struct scanner {
	const struct scanner_config *config;
	struct ipc_scan_start start;
	struct gate gate;
	struct pathrule rules;
	struct ledger *ledger;
	struct filequeue *queue;
	struct links *links;
	struct waits *waits;
	struct pacer *pacer;
	struct enginehost *host;
	struct page_cache page_cache;
	struct lane_config lane_config;
	struct lane *lanes[IPC_LANES_MAX]; /* main thread's */
	unsigned n_lanes_seen;             /* main thread's */
	atomic_uint n_lanes;               /* as the daemon wants it */
	pthread_mutex_t lock;
	pthread_cond_t nudged; /* something for the main thread */
	bool is_nudged;
	bool is_walk_ended;
	int error; /* what ended the scan early */
};

static void scanner_nudge(struct scanner *scanner)
{
	(void)pthread_mutex_lock(&scanner->lock);
	scanner->is_nudged = true;
	(void)pthread_cond_signal(&scanner->nudged);
	(void)pthread_mutex_unlock(&scanner->lock);
}

static void scanner_on_lane_end(void *data)
{
	scanner_nudge(data);
}

/* Everybody leaves with what he has in hand. */
static void scanner_stop(struct scanner *scanner)
{
	gate_cancel(&scanner->gate);
	filequeue_drop(scanner->queue);
	enginehost_cancel(scanner->host);
	scanner_nudge(scanner);
}

static int scanner_on_control(struct scanner *scanner, const struct ipc_scan_control *control)
{
	switch ((enum ipc_scan_command)control->command) {
	case IPC_SCAN_PAUSE:
	case IPC_SCAN_RESUME:
		gate_pause(&scanner->gate, control->command == IPC_SCAN_PAUSE);
		return 0;
	case IPC_SCAN_CANCEL:
		scanner_stop(scanner);
		return 0;
	case IPC_SCAN_LANES:
		if (control->value < 1 || control->value > IPC_LANES_MAX)
			return err_origin(-EPROTO);
		atomic_store(&scanner->n_lanes, (unsigned)control->value);
		filequeue_wake(scanner->queue);
		scanner_nudge(scanner);
		return 0;
	}
	return err_origin(-EPROTO);
}

/* What may come before and after START. */
static int scanner_on_message(struct scanner *scanner, struct channel_inbox *inbox)
{
	if (inbox->type == IPC_SCAN_CONTROL && inbox->n_fds == 0)
		return scanner_on_control(scanner, &inbox->msg.scan_control);
	if (inbox->type != IPC_SCAN_ENGINE || inbox->n_fds != 1)
		return err_origin(-EPROTO);
	enginehost_attach(scanner->host, inbox->fds[0]);
	inbox->fds[0] = -1;
	return 0;
}

static void *scanner_control(void *arg)
{
	struct scanner *scanner = arg;
	struct channel_inbox *inbox = channel_inbox_new();
	int r = inbox ? 0 : -ENOMEM;

	while (r == 0) {
		r = channel_recv(scanner->config->control_fd, inbox);
		if (r == 0)
			r = scanner_on_message(scanner, inbox);
	}
	/* Without a daemon nobody hears what is found: it starts over. */
	_exit(r == -ENODATA ? CHILD_EXIT_OK : CHILD_EXIT_PROTOCOL);
}

static int scanner_check_start(const struct ipc_scan_start *start)
{
	return start->type < SCAN_TYPE_N && start->n_lanes >= 1 && start->n_lanes <= IPC_LANES_MAX
		       ? 0
		       : err_origin(-EPROTO);
}

/* Read up to START. @return 0; -ENODATA: the daemon left; -errno. */
static int scanner_take_order(struct scanner *scanner)
{
	_cleanup_(channel_inbox_cleanup) struct channel_inbox *inbox = channel_inbox_new();
	int r;

	if (!inbox)
		return err_origin(-ENOMEM);
	for (;;) {
		r = channel_recv(scanner->config->control_fd, inbox);
		if (r < 0)
			return r;
		if (inbox->type == IPC_SCAN_START) {
			scanner->start = inbox->msg.scan_start;
			return scanner_check_start(&scanner->start);
		}
		r = inbox->type == IPC_SCAN_PATH
			    ? pathrule_add(&scanner->rules, &inbox->msg.scan_path)
			    : scanner_on_message(scanner, inbox);
		if (r < 0)
			return r;
	}
}

static void *scanner_walk(void *arg)
{
	struct scanner *scanner = arg;
	uint32_t days = scanner->start.recent_days;
	struct plan_config plan = {.type = (enum scan_type)scanner->start.type,
		.recent_days = days ? days : SCANNER_RECENT_DAYS,
		.gate = &scanner->gate,
		.ledger = scanner->ledger,
		.queue = scanner->queue,
		.rules = &scanner->rules,
		.homes = scanner->config->homes,
		.opener = scanner->config->opener,
		.book_fd = scanner->config->book_fd,
		.is_passes_only = (scanner->start.flags & IPC_SCAN_PASSES_ONLY) != 0,
		.is_nothing_apart = (scanner->start.flags & IPC_SCAN_NOTHING_APART) != 0};
	int r;

	waits_adopt(scanner->waits, WAITS_WALKER);
	waits_begin();
	r = plan_run(&plan);
	waits_drop();

	(void)pthread_mutex_lock(&scanner->lock);
	if (r < 0 && r != -ECANCELED && scanner->error == 0)
		scanner->error = r;
	scanner->is_walk_ended = true;
	(void)pthread_mutex_unlock(&scanner->lock);
	atomic_store(&scanner->ledger->tally.is_walk_done, r == 0);
	filequeue_close(scanner->queue);
	scanner_nudge(scanner);
	return NULL;
}

static int scanner_start_lane(struct scanner *scanner, unsigned index)
{
	int r = lane_start(&scanner->lane_config, index, &scanner->lanes[index]);

	/* One is enough to go on; another comes with the next change. */
	if (r < 0)
		log_warn("scanner", "lane %u: %s", index, err_text(r));
	return r;
}

static void scanner_on_lane_error(struct scanner *scanner, int error)
{
	if (scanner->error == 0)
		scanner->error = error;
	scanner_stop(scanner);
}

/* Join who left, start who is missing. @return whether any lane is there. */
static bool scanner_tend_lanes(struct scanner *scanner)
{
	unsigned n_wanted = atomic_load(&scanner->n_lanes);
	bool is_changed = n_wanted != scanner->n_lanes_seen;
	unsigned n = 0;

	scanner->n_lanes_seen = n_wanted;
	for (unsigned i = 0; i < IPC_LANES_MAX; i++) {
		bool is_missing = !scanner->lanes[i] && is_changed;

		if (scanner->lanes[i] && lane_has_ended(scanner->lanes[i])) {
			int r;

			is_missing = lane_is_retired(scanner->lanes[i]);
			r = lane_join(scanner->lanes[i]);
			scanner->lanes[i] = NULL;
			if (r < 0)
				scanner_on_lane_error(scanner, r);
		}
		if (is_missing && i < n_wanted && scanner_start_lane(scanner, i) < 0 && n == 0)
			scanner_on_lane_error(scanner, -EAGAIN);
		n += scanner->lanes[i] != NULL;
	}
	return n > 0;
}

/* Wait for a nudge or the next tick. */
static void scanner_wait(struct scanner *scanner, uint64_t until_ns)
{
	struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000),
		.tv_nsec = (long)(until_ns % 1000000000)};
	int r = 0;

	(void)pthread_mutex_lock(&scanner->lock);
	while (r == 0 && !scanner->is_nudged)
		r = pthread_cond_timedwait(&scanner->nudged, &scanner->lock, &until);
	scanner->is_nudged = false;
	(void)pthread_mutex_unlock(&scanner->lock);
}

static bool scanner_is_walk_ended(struct scanner *scanner)
{
	bool is_ended;

	(void)pthread_mutex_lock(&scanner->lock);
	is_ended = scanner->is_walk_ended;
	(void)pthread_mutex_unlock(&scanner->lock);
	return is_ended;
}

static void scanner_tend(struct scanner *scanner)
{
	uint64_t tick_ns = clock_mono_ns();

	for (;;) {
		/* In this order: a lane may begin as long as the walk goes on. */
		bool is_walk_ended = scanner_is_walk_ended(scanner);
		bool has_lanes = scanner_tend_lanes(scanner);

		if (is_walk_ended && !has_lanes)
			return;
		scanner_wait(scanner, tick_ns);
		if (clock_mono_ns() < tick_ns)
			continue;
		tick_ns = clock_mono_ns() + SCANNER_TICK_MS * UINT64_C(1000000);
		ledger_flush_report(scanner->ledger);
		(void)ledger_send_progress(scanner->ledger);
		heartbeat_send(scanner->waits, &scanner->ledger->outbox);
	}
}

static void scanner_say_done(struct scanner *scanner, bool is_cancelled)
{
	struct ipc_scan_done done = {.is_cancelled = is_cancelled && scanner->error == 0,
		.error = (uint32_t)-scanner->error};

	if (scanner->error < 0)
		done.text = span_str(err_text(scanner->error));
	ledger_flush_report(scanner->ledger);
	outbox_flush(&scanner->ledger->outbox);
	(void)ledger_send_progress(scanner->ledger);
	(void)outbox_send(&scanner->ledger->outbox, IPC_SCAN_DONE, &done);
}

/* From START to DONE. */
static enum child_exit scanner_scan(struct scanner *scanner)
{
	pthread_t control;
	pthread_t walker;

	if (scanner->start.flags & IPC_SCAN_IGNORE_EXCLUSIONS)
		pathrule_ignore_exclusions(&scanner->rules);
	scanner->lane_config = (struct lane_config){.gate = &scanner->gate,
		.ledger = scanner->ledger,
		.queue = scanner->queue,
		.links = scanner->links,
		.host = scanner->host,
		.waits = scanner->waits,
		.pacer = scanner->pacer,
		.opener = scanner->config->opener,
		.page_cache = scanner->start.flags & IPC_SCAN_KEEP_PAGE_CACHE ? &scanner->page_cache
									      : NULL,
		.n_lanes = &scanner->n_lanes,
		.file_cpu_max_ns = scanner->start.file_cpu_max_ns,
		.stall_ns = scanner->start.stall_ns,
		.worker_files_max = scanner->start.worker_files_max,
		.on_end = scanner_on_lane_end,
		.data = scanner};
	if (pthread_create(&control, NULL, scanner_control, scanner) != 0 ||
		pthread_create(&walker, NULL, scanner_walk, scanner) != 0)
		return CHILD_EXIT_SYSTEM;
	(void)pthread_detach(control); /* it ends with the process */
	scanner_tend(scanner);
	(void)pthread_join(walker, NULL);
	scanner_say_done(scanner, gate_is_cancelled(&scanner->gate));
	return CHILD_EXIT_OK;
}

static int scanner_init(struct scanner *scanner, const struct scanner_config *config)
{
	pthread_condattr_t attributes;

	scanner->config = config;
	scanner->page_cache = (struct page_cache)PAGE_CACHE_NULL;
	gate_init(&scanner->gate, config->grants, config->generation);
	(void)pthread_mutex_init(&scanner->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&scanner->nudged, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	scanner->queue = filequeue_new(SCANNER_QUEUE);
	scanner->links = links_new(LINKS_MAX);
	scanner->waits = waits_new();
	scanner->pacer = pacer_new();
	scanner->host = enginehost_new();
	return scanner->queue && scanner->links && scanner->waits && scanner->pacer && scanner->host
		       ? 0
		       : err_origin(-ENOMEM);
}

enum child_exit scanner_run(const struct scanner_config *config)
{
	/* Static: the control thread uses it until the process ends. */
	static struct scanner scanner;
	struct ipc_scan_hello hello = {.pid = (uint64_t)getpid()};
	int r = channel_set_blocking(config->control_fd, true);

	if (r == 0)
		r = scanner_init(&scanner, config);
	if (r < 0)
		return CHILD_EXIT_SYSTEM;
	r = channel_send(config->control_fd, IPC_SCAN_HELLO, &hello, NULL, 0);
	if (r == 0)
		r = scanner_take_order(&scanner);
	if (r < 0) {
		if (r == -ENODATA || r == -EPIPE)
			return CHILD_EXIT_OK;
		log_error("scanner", "order of the daemon: %s", err_text(r));
		return CHILD_EXIT_PROTOCOL;
	}
	if (atomic_load(&scanner.n_lanes) == 0)
		atomic_store(&scanner.n_lanes, scanner.start.n_lanes);
	scanner.ledger = ledger_new(
		config->control_fd, reportfile_new(config->report_fd,
					    (scanner.start.flags & IPC_SCAN_REPORT_ALL) != 0));
	return scanner.ledger ? scanner_scan(&scanner) : CHILD_EXIT_SYSTEM;
}
