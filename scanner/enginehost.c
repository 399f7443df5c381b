/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Columns of reader and writer:
 *
 *   field          receiver thread      lanes              control thread
 *   fd, is_up      writes               read under lock    -
 *   next_fd        takes                -                  writes
 *   epoch          writes               read               -
 *   slots[lane]    writes (STARTED,     writes (asked)     -
 *                  ENDED)
 *
 * all under one lock. Requests are sent under it too, so that the descriptor
 * cannot be closed in between; they are small and few, the socket holds all
 * that IPC_LANES_MAX lanes can have outstanding, so the send does not wait.
 *
 * A zygote that breaks the protocol is given up like one that died: its
 * channel is closed, it ends, the daemon starts another.
 */
#include "enginehost.h"

#include "channel.h"
#include "check.h"
#include "cleanup.h"
#include "err.h"
#include "log.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

enum enginehost_state {
	ENGINEHOST_NONE,
	ENGINEHOST_ASKED,
	ENGINEHOST_RUNNING,
	ENGINEHOST_ENDED,
};

struct enginehost_slot {
	enum enginehost_state state;
	uint64_t serial; /* of the last request */
	uint32_t error;
	uint32_t generation;
	pid_t pid;
	struct enginehost_end end;
};

struct enginehost {
	pthread_mutex_t lock;
	pthread_cond_t moved; /* anything below changed */
	pthread_t receiver;
	int fd;      /* -1: no zygote */
	int next_fd; /* -1: none waits to be taken up */
	uint64_t epoch;
	uint64_t serial;
	bool is_cancelled;
	bool is_stopped;
	struct enginehost_slot slots[IPC_LANES_MAX];
};

static void enginehost_on_started(
	struct enginehost_slot *slot, const struct ipc_fork_started *started)
{
	if (slot->state != ENGINEHOST_ASKED || slot->serial != started->serial)
		return; /* answer to a request nobody waits for any more */
	slot->error = started->error;
	slot->generation = started->generation;
	slot->pid = (pid_t)started->pid;
	slot->state = started->error ? ENGINEHOST_NONE : ENGINEHOST_RUNNING;
}

static void enginehost_on_ended(struct enginehost_slot *slot, const struct ipc_fork_ended *ended)
{
	if (slot->state != ENGINEHOST_RUNNING || slot->generation != ended->generation)
		return;
	slot->end = (struct enginehost_end){
		.wait_status = (int)ended->wait_status, .is_killed = ended->is_killed != 0};
	slot->state = ENGINEHOST_ENDED;
}

/* The caller holds the lock. */
static int enginehost_on_message(struct enginehost *host, const struct channel_inbox *inbox)
{
	switch (inbox->type) {
	case IPC_FORK_STARTED:
		if (inbox->msg.fork_started.lane >= IPC_LANES_MAX ||
			(inbox->msg.fork_started.error == 0 && inbox->msg.fork_started.pid <= 1))
			return -EPROTO;
		enginehost_on_started(
			&host->slots[inbox->msg.fork_started.lane], &inbox->msg.fork_started);
		return 0;
	case IPC_FORK_ENDED:
		if (inbox->msg.fork_ended.lane >= IPC_LANES_MAX)
			return -EPROTO;
		enginehost_on_ended(
			&host->slots[inbox->msg.fork_ended.lane], &inbox->msg.fork_ended);
		return 0;
	default:
		return -EPROTO;
	}
}

/* Receive until the zygote is gone. */
static void enginehost_serve(struct enginehost *host, int fd, struct channel_inbox *inbox)
{
	for (;;) {
		int r = channel_recv(fd, inbox);

		if (r == 0) {
			(void)pthread_mutex_lock(&host->lock);
			r = enginehost_on_message(host, inbox);
			(void)pthread_cond_broadcast(&host->moved);
			(void)pthread_mutex_unlock(&host->lock);
		}
		if (r < 0) {
			if (r != -ENODATA)
				log_warn("enginehost", "zygote given up: %s", err_text(r));
			return;
		}
	}
}

static void *enginehost_receive(void *arg)
{
	struct enginehost *host = arg;
	_cleanup_(channel_inbox_cleanup) struct channel_inbox *inbox = channel_inbox_new();

	(void)pthread_mutex_lock(&host->lock);
	while (inbox && !host->is_stopped) {
		if (host->next_fd < 0) {
			(void)pthread_cond_wait(&host->moved, &host->lock);
			continue;
		}
		host->fd = take_fd(&host->next_fd);
		host->epoch++;
		for (size_t i = 0; i < IPC_LANES_MAX; i++)
			host->slots[i].state = ENGINEHOST_NONE;
		(void)pthread_cond_broadcast(&host->moved);
		(void)pthread_mutex_unlock(&host->lock);
		enginehost_serve(host, host->fd, inbox);
		(void)pthread_mutex_lock(&host->lock);
		(void)close(host->fd);
		host->fd = -1;
		(void)pthread_cond_broadcast(&host->moved);
	}
	(void)pthread_mutex_unlock(&host->lock);
	return NULL;
}

struct enginehost *enginehost_new(void)
{
	struct enginehost *host = calloc(1, sizeof(*host));
	pthread_condattr_t attributes;

	if (!host)
		return NULL;
	host->fd = -1;
	host->next_fd = -1;
	(void)pthread_mutex_init(&host->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&host->moved, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	if (pthread_create(&host->receiver, NULL, enginehost_receive, host) != 0) {
		free(host);
		return NULL;
	}
	return host;
}

/* The caller holds the lock. Makes the receiver see the end of its channel. */
static void enginehost_hang_up(struct enginehost *host)
{
	if (host->fd >= 0)
		(void)shutdown(host->fd, SHUT_RDWR);
	if (host->next_fd >= 0)
		(void)close(host->next_fd);
	host->next_fd = -1;
}

void enginehost_free(struct enginehost *host)
{
	if (!host)
		return;
	(void)pthread_mutex_lock(&host->lock);
	host->is_stopped = true;
	enginehost_hang_up(host);
	(void)pthread_cond_broadcast(&host->moved);
	(void)pthread_mutex_unlock(&host->lock);
	(void)pthread_join(host->receiver, NULL);
	(void)pthread_cond_destroy(&host->moved);
	(void)pthread_mutex_destroy(&host->lock);
	free(host);
}

void enginehost_attach(struct enginehost *host, int fd)
{
	(void)pthread_mutex_lock(&host->lock);
	enginehost_hang_up(host);
	host->next_fd = fd;
	(void)pthread_cond_broadcast(&host->moved);
	(void)pthread_mutex_unlock(&host->lock);
}

void enginehost_cancel(struct enginehost *host)
{
	(void)pthread_mutex_lock(&host->lock);
	host->is_cancelled = true;
	(void)pthread_cond_broadcast(&host->moved);
	(void)pthread_mutex_unlock(&host->lock);
}

/* Ask once and wait. The caller holds the lock; a zygote is there. */
static int enginehost_ask(struct enginehost *host, unsigned lane, int worker_fd)
{
	struct enginehost_slot *slot = &host->slots[lane];
	struct ipc_fork_request request = {.lane = (uint16_t)lane, .serial = ++host->serial};
	uint64_t epoch = host->epoch;

	slot->state = ENGINEHOST_ASKED;
	slot->serial = request.serial;
	slot->error = 0;
	if (channel_send(host->fd, IPC_FORK_REQUEST, &request, &worker_fd, 1) < 0)
		(void)shutdown(host->fd, SHUT_RDWR);
	while (slot->state == ENGINEHOST_ASKED && host->epoch == epoch && host->fd >= 0 &&
		!host->is_cancelled)
		(void)pthread_cond_wait(&host->moved, &host->lock);
	if (host->is_cancelled)
		return -ECANCELED;
	if (host->epoch != epoch || host->fd < 0)
		return ENGINEHOST_E_LOST;
	return slot->error ? -(int)slot->error : 0;
}

static int enginehost_try(struct enginehost *host, unsigned lane, struct enginehost_worker *workerp)
{
	int fds[2];
	int r = channel_pair(fds);

	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&host->lock);
	while (host->fd < 0 && !host->is_cancelled)
		(void)pthread_cond_wait(&host->moved, &host->lock);
	r = host->is_cancelled ? -ECANCELED : enginehost_ask(host, lane, fds[1]);
	if (r == 0)
		*workerp = (struct enginehost_worker){.fd = fds[0],
			.epoch = host->epoch,
			.generation = host->slots[lane].generation,
			.pid = host->slots[lane].pid};
	(void)pthread_mutex_unlock(&host->lock);
	(void)close(fds[1]);
	if (r != 0)
		(void)close(fds[0]);
	return r;
}

int enginehost_spawn(struct enginehost *host, unsigned lane, struct enginehost_worker *workerp)
{
	int r;

	PRE(lane < IPC_LANES_MAX);
	do
		r = enginehost_try(host, lane, workerp);
	while (r == ENGINEHOST_E_LOST);
	return r;
}

bool enginehost_is_lost(struct enginehost *host, const struct enginehost_worker *worker)
{
	bool is_lost;

	(void)pthread_mutex_lock(&host->lock);
	is_lost = host->fd < 0 || host->epoch != worker->epoch;
	(void)pthread_mutex_unlock(&host->lock);
	return is_lost;
}

void enginehost_kill(struct enginehost *host, unsigned lane, const struct enginehost_worker *worker)
{
	struct ipc_fork_kill kill = {.lane = (uint16_t)lane, .generation = worker->generation};

	(void)pthread_mutex_lock(&host->lock);
	if (host->fd >= 0 && host->epoch == worker->epoch)
		(void)channel_send(host->fd, IPC_FORK_KILL, &kill, NULL, 0);
	(void)pthread_mutex_unlock(&host->lock);
}

int enginehost_wait_end(struct enginehost *host, unsigned lane,
	const struct enginehost_worker *worker, unsigned timeout_ms, struct enginehost_end *endp)
{
	const struct enginehost_slot *slot = &host->slots[lane];
	struct timespec until;
	int r = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	(void)pthread_mutex_lock(&host->lock);
	while (r == 0 && slot->state == ENGINEHOST_RUNNING && host->epoch == worker->epoch &&
		host->fd >= 0)
		r = pthread_cond_timedwait(&host->moved, &host->lock, &until);
	if (host->epoch == worker->epoch && slot->state == ENGINEHOST_ENDED) {
		*endp = slot->end;
		r = 0;
	} else {
		r = host->epoch != worker->epoch || host->fd < 0 ? ENGINEHOST_E_LOST : -ETIMEDOUT;
	}
	(void)pthread_mutex_unlock(&host->lock);
	return r;
}
