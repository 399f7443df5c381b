/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lane settles every name it took, whatever happens, and so keeps the
 * promise that the results add up to the names found. Files waiting when the
 * scan is cancelled were not taken, they stay found and not judged.
 */
#include "lane.h"

#include "clock.h"
#include "err.h"
#include "judge.h"
#include "log.h"
#include "page_cache_batch.h"
#include "waits.h"

#include <errno.h>
#include <stdlib.h>

/** Where the clocks stood. */
struct lane_watch {
	uint64_t wall_ns;
	uint64_t paused_ns;
	uint64_t cpu_ns; /* of this thread */
};

struct lane {
	const struct lane_config *config;
	unsigned index;
	pthread_t thread;
	atomic_bool has_ended;
	atomic_bool is_retired;
	int error;
	uint64_t n_wakes; /* of the queue, seen */
	struct examiner examiner;
	struct judge judge;
	struct filejob job;  /* in work */
	struct filejob next; /* opened ahead */
	struct pacer_seat seat;
	struct page_cache_note cached; /* of the job, before it was read */
	struct page_cache_batch drops;
	size_t n_path;
	char path[IPC_PATH_MAX];  /* of the job */
	char ahead[IPC_PATH_MAX]; /* of the next one, while it is opened */
};

static struct lane_watch lane_look(struct lane *lane)
{
	return (struct lane_watch){
		.wall_ns = clock_mono_ns(),
		.paused_ns = gate_paused_ns(lane->config->gate),
		.cpu_ns = clock_thread_cpu_ns(),
	};
}

/* Count the time since then as spent on a file. */
static void lane_count_time(struct lane *lane, const struct lane_watch *since)
{
	struct lane_watch now = lane_look(lane);
	uint64_t wall_ns = now.wall_ns - since->wall_ns;
	uint64_t other_ns = now.paused_ns - since->paused_ns + now.cpu_ns - since->cpu_ns;

	if (wall_ns > other_ns)
		(void)atomic_fetch_add(&lane->config->ledger->tally.lanes_ns, wall_ns - other_ns);
}

/* What may hang, marked as such. */
static void lane_open_job(struct lane *lane, struct filejob *job, struct entry *entry)
{
	size_t n_path = entry->is_held ? 0 : entry_path(entry, lane->ahead, sizeof(lane->ahead));

	/* What is shown of a process's file says nothing about the mount it lies on. */
	waits_at((struct span){.data = lane->ahead, .n = n_path});
	waits_begin();
	pacer_begin(&lane->seat);
	filejob_open(job, lane->config->opener, entry);
	pacer_end(lane->config->pacer, &lane->seat, entry->dev, entry->is_apart);
	waits_end();
}

/* Likewise: closing tells a FUSE server and waits for it. */
static void lane_close_job(struct lane *lane)
{
	waits_begin();
	filejob_close(&lane->job);
	waits_end();
}

/* The worker is busy: open the next file meanwhile, unless it might have to be held. */
static void lane_on_busy(void *data)
{
	struct lane *lane = data;
	struct entry *entry;

	if (lane->next.entry || pacer_is_slow(lane->config->pacer))
		return;
	entry = filequeue_try_pop(lane->config->queue, atomic_load(lane->config->n_lanes));
	if (!entry)
		return;
	lane_open_job(lane, &lane->next, entry);
	waits_at((struct span){.data = lane->path, .n = lane->n_path});
}

/*
 * Looked at only now: while the file waited, opened, others may have read it.
 */
static void lane_judge(struct lane *lane, struct span path)
{
	struct page_cache *cache = lane->config->page_cache;

	if (cache) {
		waits_begin();
		page_cache_look(
			cache, lane->job.fd, (uint64_t)lane->job.stat.st_size, &lane->cached);
		waits_end();
	}
	lane->examiner.is_apart = lane->job.entry->is_apart;
	lane->error = judge_file(&lane->judge, &lane->job, path);
	if (cache)
		page_cache_batch_add(&lane->drops, &lane->cached, &lane->job.fd);
}

static void lane_settle_left(struct lane *lane, struct links_name *names)
{
	for (const struct links_name *name = names; name; name = name->next)
		ledger_settle(lane->config->ledger,
			(struct span){.data = name->path, .n = name->n_path}, &lane->job.outcome);
	links_free_names(names);
}

/* An inode with several names: scan it, or take what is known. */
static void lane_judge_linked(struct lane *lane, struct span path)
{
	struct ledger *ledger = lane->config->ledger;
	const struct stat *stat = &lane->job.stat;
	struct links_key key = {.dev = stat->st_dev,
		.ino = stat->st_ino,
		.ctime_ns = stat->st_ctim.tv_sec * INT64_C(1000000000) + stat->st_ctim.tv_nsec};
	int r = links_claim(lane->config->links, &key, stat->st_nlink, path, &lane->job.outcome);

	if (r == LINKS_E_LEFT)
		return;
	if (r == LINKS_E_KNOWN) {
		ledger_settle(ledger, path, &lane->job.outcome);
		return;
	}
	/* Without memory it is scanned once more for this name. */
	lane_judge(lane, path);
	ledger_settle(ledger, path, &lane->job.outcome);
	if (r == 0)
		lane_settle_left(
			lane, links_resolve(lane->config->links, &key, &lane->job.outcome));
}

static void lane_do(struct lane *lane)
{
	struct ledger *ledger = lane->config->ledger;
	struct lane_watch since = lane_look(lane);
	struct span path = {.data = lane->path,
		.n = entry_path(lane->job.entry, lane->path, sizeof(lane->path))};

	lane->n_path = lane->job.entry->is_held ? 0 : path.n;
	waits_at((struct span){.data = lane->path, .n = lane->n_path});
	tally_show_path(&ledger->tally, path);
	if (lane->job.fd >= 0 && lane->job.stat.st_nlink > 1) {
		lane_judge_linked(lane, path);
	} else {
		if (lane->job.fd >= 0)
			lane_judge(lane, path);
		ledger_settle(ledger, path, &lane->job.outcome);
	}
	lane_close_job(lane);
	lane_count_time(lane, &since);
}

static void lane_open(struct lane *lane, struct entry *entry)
{
	uint64_t held_ns =
		pacer_hold(lane->config->pacer, lane->config->gate, entry->dev, entry->is_apart);
	struct lane_watch since = lane_look(lane);

	(void)atomic_fetch_add(&lane->config->ledger->tally.held_ns, held_ns);
	lane_open_job(lane, &lane->job, entry);
	lane_count_time(lane, &since);
}

/* The next job. @return false: the lane ends. */
static bool lane_take(struct lane *lane)
{
	const struct lane_config *config = lane->config;
	struct entry *entry;

	if (lane->next.entry) {
		lane->job = lane->next;
		lane->next = (struct filejob)FILEJOB_NULL;
		return true;
	}
	for (;;) {
		int r;

		if (lane->index >= atomic_load(config->n_lanes)) {
			atomic_store(&lane->is_retired, true);
			return false;
		}
		r = filequeue_pop(config->queue, &lane->n_wakes, &entry);
		if (r == FILEQUEUE_E_WOKEN)
			continue;
		if (r != 0)
			return false;
		lane_open(lane, entry);
		return true;
	}
}

static void *lane_run(void *arg)
{
	struct lane *lane = arg;
	struct tally *tally = &lane->config->ledger->tally;

	waits_adopt(lane->config->waits, lane->index);
	pacer_sit(&lane->seat);
	while (lane->error == 0) {
		/* It may have to wait; nothing waits with it. */
		if (!lane->next.entry || gate_is_paused(lane->config->gate))
			page_cache_batch_flush(&lane->drops);
		/* A pause or a used-up grant holds here, with empty hands. A
		 * cancelled lane goes on: what it took has to be settled. */
		(void)gate_pass(lane->config->gate);
		if (!lane_take(lane))
			break;
		(void)atomic_fetch_add(&tally->n_lanes_busy, 1);
		lane_do(lane);
		(void)atomic_fetch_sub(&tally->n_lanes_busy, 1);
	}
	if (lane->next.entry) {
		lane->job = lane->next;
		lane->next = (struct filejob)FILEJOB_NULL;
		lane_do(lane);
	}
	/* UNTESTED: only a lane that got no worker any more still holds some. */
	page_cache_batch_flush(&lane->drops);
	examiner_deinit(&lane->examiner);
	pacer_rise(&lane->seat);
	waits_drop();
	atomic_store(&lane->has_ended, true);
	lane->config->on_end(lane->config->data);
	return NULL;
}

static int lane_prepare(struct lane *lane)
{
	const struct lane_config *config = lane->config;
	struct examiner_config examiner = {.lane = lane->index,
		.host = config->host,
		.gate = config->gate,
		.file_cpu_max_ns = config->file_cpu_max_ns,
		.stall_ns = config->stall_ns,
		.worker_files_max = config->worker_files_max};

	lane->job = (struct filejob)FILEJOB_NULL;
	lane->next = (struct filejob)FILEJOB_NULL;
	lane->seat = (struct pacer_seat)PACER_SEAT_NULL;
	lane->judge = (struct judge){.examiner = &lane->examiner,
		.gate = config->gate,
		.outbox = &config->ledger->outbox,
		.on_busy = lane_on_busy,
		.data = lane};
	return examiner_init(&lane->examiner, &examiner);
}

int lane_start(const struct lane_config *config, unsigned index, struct lane **lanep)
{
	struct lane *lane = calloc(1, sizeof(*lane));
	int r;

	if (!lane)
		return -ENOMEM;
	lane->config = config;
	lane->index = index;
	r = lane_prepare(lane);
	if (r == 0)
		r = -pthread_create(&lane->thread, NULL, lane_run, lane);
	if (r < 0) {
		examiner_deinit(&lane->examiner);
		free(lane);
		return err_trace(r);
	}
	*lanep = lane;
	return 0;
}

bool lane_has_ended(const struct lane *lane)
{
	return atomic_load(&lane->has_ended);
}

bool lane_is_retired(const struct lane *lane)
{
	return atomic_load(&lane->is_retired);
}

int lane_join(struct lane *lane)
{
	int error;

	(void)pthread_join(lane->thread, NULL);
	error = lane->error;
	if (error < 0)
		log_error("lane", "lane %u: no engine worker: %s", lane->index, err_text(error));
	free(lane);
	return error;
}
