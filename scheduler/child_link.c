/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    open → messages → asked to stop → channel ends, process exits
 *                (in either order) → on_gone.
 * Failure modes: violation → SIGKILL, nothing of it is read any more;
 *                no end after the grace → SIGKILL; no end after that →
 *                abandoned: on_gone without a status.
 * On close:      the timer handle closes; process and port go by themselves.
 */
#include "child_link.h"

#include "check.h"
#include "log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct child_link {
	struct child_link_config config;
	/* state */
	struct child_process *process;
	struct channel_port *port;
	uv_timer_t timer; /* grace, then abandonment */
	enum phase phase;
	struct child_link_end end;
	bool is_killed;
	bool is_exited;
	bool is_port_ended;
	bool is_gone;
	bool is_freed;
	bool is_held;
};

static void child_link_on_timer(uv_timer_t *timer);

static void child_link_tick(struct child_link *link)
{
	struct child_link_end end = link->end;

	if (link->is_gone || link->is_freed || !link->is_exited || !link->is_port_ended)
		return;
	link->is_gone = true;
	(void)uv_timer_stop(&link->timer);
	link->config.on_gone(link->config.arg, &end);
	/* The owner has freed the link. */
}

static void child_link_violate(struct child_link *link, const char *why)
{
	if (link->end.violation)
		return;
	log_error("child_link", "%s: protocol violation: %s (%s)", link->config.name, why,
		phase_name(link->phase));
	link->end.violation = why;
	child_link_kill(link);
	/* Nothing it said is believed any more. */
	link->is_port_ended = true;
	channel_port_close(link->port);
	link->port = NULL;
}

static void child_link_on_message(void *arg, struct channel_inbox *inbox)
{
	struct child_link *link = arg;
	const char *why = NULL;

	if (link->end.violation)
		return;
	if (phase_accept(&link->phase, inbox, &why) < 0) {
		child_link_violate(link, why);
		child_link_tick(link);
		return;
	}
	link->config.on_message(link->config.arg, inbox);
}

static void child_link_on_batch_end(void *arg)
{
	struct child_link *link = arg;

	if (link->config.on_batch_end && !link->is_freed)
		link->config.on_batch_end(link->config.arg);
}

static void child_link_on_port_end(void *arg, int r)
{
	struct child_link *link = arg;

	if (r == -EBADMSG) {
		child_link_violate(link, "bytes that are no message");
	} else {
		if (r != -ENODATA)
			log_warn("child_link", "%s: channel: %s", link->config.name, err_text(r));
		link->is_port_ended = true;
		channel_port_close(link->port);
		link->port = NULL;
		/* A child without a channel is of no use; give it time to exit. */
		if (!link->is_exited && !uv_is_active((uv_handle_t *)&link->timer))
			(void)uv_timer_start(
				&link->timer, child_link_on_timer, CHILD_LINK_ABANDON_MS, 0);
	}
	child_link_tick(link);
}

static void child_link_on_exit(void *arg, int exit_status, int term_signal)
{
	struct child_link *link = arg;

	link->is_exited = true;
	link->end.exit_status = exit_status;
	link->end.term_signal = term_signal;
	/* What it said last is still to be read, unless somebody else holds its
	 * end of the channel and the end never comes. */
	if (!link->is_port_ended && !link->is_held)
		(void)uv_timer_start(&link->timer, child_link_on_timer, CHILD_LINK_ABANDON_MS, 0);
	child_link_tick(link);
}

static void child_link_on_timer(uv_timer_t *timer)
{
	struct child_link *link = timer->data;

	if (!link->is_killed && !link->is_exited) {
		child_link_kill(link);
		return;
	}
	if (!link->is_exited)
		log_warn("child_link", "%s: pid %d does not end; left behind", link->config.name,
			(int)child_link_pid(link));
	link->end.is_abandoned = !link->is_exited;
	link->is_exited = true;
	if (link->port) {
		channel_port_close(link->port);
		link->port = NULL;
	}
	link->is_port_ended = true;
	child_link_tick(link);
}

static int child_link_spawn(
	uv_loop_t *loop, struct child_link *link, int fds[2], struct errmsg *msg)
{
	const struct channel_port_config port = {
		.on_message = child_link_on_message,
		.on_batch_end = child_link_on_batch_end,
		.on_end = child_link_on_port_end,
		.arg = link,
	};
	struct child_process_config process = {
		.name = link->config.name,
		.program = link->config.program,
		.argv = link->config.argv,
		.on_exit = child_link_on_exit,
		.arg = link,
	};
	int r;

	process.fds[0] = fds[1];
	memcpy(&process.fds[1], link->config.fds, sizeof(link->config.fds));
	r = channel_port_open(loop, fds[0], &port, &link->port);
	if (r < 0)
		return r;
	fds[0] = -1;
	r = child_process_spawn(loop, &process, &link->process, msg);
	if (r < 0)
		channel_port_close(link->port);
	return r;
}

static void child_link_on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

int child_link_open(uv_loop_t *loop, const struct child_link_config *config,
	struct child_link **linkp, struct errmsg *msg)
{
	struct child_link *link = calloc(1, sizeof(*link));
	int fds[2] = {-1, -1};
	int r;

	if (!link)
		return err_origin(-ENOMEM);
	link->config = *config;
	link->phase = config->phase;
	(void)uv_timer_init(loop, &link->timer);
	link->timer.data = link;
	r = channel_pair(fds);
	if (r == 0)
		r = child_link_spawn(loop, link, fds, msg);
	for (size_t i = 0; i < 2; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	link->config.argv = NULL;
	if (r < 0) {
		link->is_freed = true;
		uv_close((uv_handle_t *)&link->timer, child_link_on_timer_closed);
		return err_trace(r);
	}
	*linkp = link;
	return 0;
}

pid_t child_link_pid(const struct child_link *link)
{
	return child_process_pid(link->process);
}

int child_link_send(struct child_link *link, uint16_t type, const void *msg, int fd)
{
	return link->port ? channel_port_send(link->port, type, msg, fd) : 0;
}

void child_link_hold(struct child_link *link, bool is_held)
{
	link->is_held = is_held;
	if (link->port)
		channel_port_hold(link->port, is_held);
	if (!link->is_exited || link->is_gone)
		return;
	if (is_held)
		(void)uv_timer_stop(&link->timer);
	else
		(void)uv_timer_start(&link->timer, child_link_on_timer, CHILD_LINK_ABANDON_MS, 0);
}

enum phase child_link_phase(const struct child_link *link)
{
	return link->phase;
}

void child_link_set_phase(struct child_link *link, enum phase phase)
{
	link->phase = phase;
}

void child_link_stop(struct child_link *link, uint64_t grace_ms)
{
	link->end.is_ours = true;
	if (link->port)
		channel_port_shutdown(link->port);
	if (!link->is_killed && !link->is_gone)
		(void)uv_timer_start(&link->timer, child_link_on_timer, grace_ms, 0);
}

void child_link_kill(struct child_link *link)
{
	link->end.is_ours = true;
	if (link->is_killed || link->is_gone)
		return;
	link->is_killed = true;
	child_process_kill(link->process, SIGKILL);
	(void)uv_timer_start(&link->timer, child_link_on_timer, CHILD_LINK_ABANDON_MS, 0);
}

void child_link_abandon(struct child_link *link)
{
	if (link->is_gone)
		return;
	child_link_kill(link);
	(void)uv_timer_start(&link->timer, child_link_on_timer, CHILD_LINK_LEAVE_MS, 0);
}

void child_link_accuse(struct child_link *link, const char *why)
{
	if (link->is_exited || link->is_gone)
		return;
	if (link->is_port_ended)
		child_link_kill(link);
	else
		child_link_violate(link, why);
}

void child_link_free(struct child_link *link)
{
	if (!link)
		return;
	PRE(!link->is_freed);
	link->is_freed = true;
	channel_port_close(link->port);
	child_process_free(link->process);
	uv_close((uv_handle_t *)&link->timer, child_link_on_timer_closed);
}

bool child_link_end_is_crash(const struct child_link_end *end)
{
	return end->violation || (end->term_signal && end->term_signal != SIGKILL);
}

void child_link_end_text(const struct child_link_end *end, char *buf, size_t n_buf)
{
	if (end->violation)
		(void)snprintf(buf, n_buf, "broke the protocol: %s", end->violation);
	else if (end->is_abandoned)
		(void)snprintf(buf, n_buf, "hangs in the kernel and was left behind");
	else if (end->term_signal)
		(void)snprintf(buf, n_buf, "ended by signal %d (%s)", end->term_signal,
			strsignal(end->term_signal));
	else
		(void)snprintf(buf, n_buf, "ended with status %d", end->exit_status);
}
