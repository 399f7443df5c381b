/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    readable → receive until empty or a batch is full → on_batch_end;
 *                send → at once, or queued until writable.
 * Failure modes: end of stream, broken bytes, an errno → on_end once, polling
 *                stops; what waits to be sent is dropped with the port.
 * On close:      the poll handle closes, then descriptor and memory go.
 */
#include "channel_port.h"

#include "check.h"
#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>

struct channel_port_item {
	STAILQ_ENTRY(channel_port_item) link;
	uint16_t type;
	union ipc_any msg;
	int fd;
	char bytes[]; /* what its spans point to */
};

struct channel_port {
	struct channel_port_config config;
	/* state */
	uv_poll_t poll;
	int fd;
	struct channel_inbox *inbox;
	STAILQ_HEAD(, channel_port_item) waiting;
	bool is_held;
	bool is_ended; /* on_end was told */
	bool is_closed;
	bool is_shut; /* shut down once all is sent */
};

static void channel_port_update(struct channel_port *port);

static void channel_port_item_free(struct channel_port_item *item)
{
	if (item->fd >= 0)
		(void)close(item->fd);
	free(item);
}

static void channel_port_end(struct channel_port *port, int r)
{
	if (port->is_ended || port->is_closed)
		return;
	port->is_ended = true;
	(void)uv_poll_stop(&port->poll);
	port->config.on_end(port->config.arg, r);
	/* It may be closed now. */
}

static void channel_port_read(struct channel_port *port)
{
	int r = 0;

	for (size_t i = 0; i < CHANNEL_PORT_BATCH_MAX; i++) {
		if (port->is_held || port->is_closed)
			break;
		r = channel_recv(port->fd, port->inbox);
		if (r < 0)
			break;
		port->config.on_message(port->config.arg, port->inbox);
	}
	if (!port->is_closed)
		port->config.on_batch_end(port->config.arg);
	if (r < 0 && r != -EAGAIN)
		channel_port_end(port, r);
}

/*
 * libuv makes EBADF of POLLERR and stops polling. A socket whose peer died with
 * something unread has that state, and may hold the peer's last words.
 */
static void channel_port_drain(struct channel_port *port)
{
	while (!port->is_held && !port->is_closed && !port->is_ended)
		channel_port_read(port);
	/* Held: polling starts anew when it no longer is, and leads here again. */
}

static void channel_port_flush(struct channel_port *port)
{
	struct channel_port_item *item;

	while ((item = STAILQ_FIRST(&port->waiting))) {
		int r = channel_send(
			port->fd, item->type, &item->msg, &item->fd, item->fd >= 0 ? 1 : 0);

		if (r == -EAGAIN)
			return;
		/* A dead peer is told by the reading side, after what it left is read. */
		STAILQ_REMOVE_HEAD(&port->waiting, link);
		channel_port_item_free(item);
	}
	if (port->is_shut)
		(void)shutdown(port->fd, SHUT_WR);
}

static void channel_port_on_poll(uv_poll_t *poll, int status, int events)
{
	struct channel_port *port = poll->data;

	if (status < 0) {
		channel_port_drain(port);
		return;
	}
	if (events & UV_WRITABLE)
		channel_port_flush(port);
	if (events & (UV_READABLE | UV_DISCONNECT))
		channel_port_read(port);
	if (!port->is_closed && !port->is_ended)
		channel_port_update(port);
}

static void channel_port_update(struct channel_port *port)
{
	int events = 0;

	if (!port->is_held)
		events |= UV_READABLE;
	if (!STAILQ_EMPTY(&port->waiting))
		events |= UV_WRITABLE;
	if (events)
		(void)uv_poll_start(&port->poll, events, channel_port_on_poll);
	else
		(void)uv_poll_stop(&port->poll);
}

int channel_port_open(uv_loop_t *loop, int fd, const struct channel_port_config *config,
	struct channel_port **portp)
{
	struct channel_port *port = calloc(1, sizeof(*port));
	int r = -ENOMEM;

	if (!port)
		return err_origin(-ENOMEM);
	port->config = *config;
	port->fd = fd;
	STAILQ_INIT(&port->waiting);
	port->inbox = channel_inbox_new();
	if (!port->inbox)
		goto err_after_port;
	r = channel_set_blocking(fd, false);
	if (r == 0)
		r = uv_poll_init(loop, &port->poll, fd);
	if (r < 0)
		goto err_after_port;
	port->poll.data = port;
	channel_port_update(port);
	*portp = port;
	return 0;

err_after_port:
	channel_inbox_free(port->inbox);
	free(port);
	return err_origin(r);
}

/* The spans of a message; @bytes NULL: only how long they are together. */
static size_t channel_port_take_spans(const struct wire_message *desc, void *msg, char *bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < desc->n_fields; i++) {
		struct span span;
		void *field = (char *)msg + desc->fields[i].offset;

		if (desc->fields[i].kind != WIRE_BYTES)
			continue;
		memcpy(&span, field, sizeof(span));
		if (bytes && span.n > 0) {
			memcpy(bytes + n, span.data, span.n);
			span.data = bytes + n;
			memcpy(field, &span, sizeof(span));
		}
		n += span.n;
	}
	return n;
}

int channel_port_send(struct channel_port *port, uint16_t type, const void *msg, int fd)
{
	const struct wire_message *desc = ipc_describe(type);
	union ipc_any borrowed;
	struct channel_port_item *item;

	PRE(desc && desc->size <= sizeof(borrowed));
	if (port->is_ended || port->is_closed)
		return 0;
	memcpy(&borrowed, msg, desc->size);
	item = malloc(sizeof(*item) + channel_port_take_spans(desc, &borrowed, NULL));
	if (!item)
		return err_origin(-ENOMEM);
	item->type = type;
	memcpy(&item->msg, msg, desc->size);
	(void)channel_port_take_spans(desc, &item->msg, item->bytes);
	item->fd = -1;
	if (fd >= 0) {
		item->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (item->fd < 0) {
			int r = -errno;

			free(item);
			return err_origin(r);
		}
	}
	STAILQ_INSERT_TAIL(&port->waiting, item, link);
	channel_port_flush(port);
	channel_port_update(port);
	return 0;
}

void channel_port_hold(struct channel_port *port, bool is_held)
{
	if (port->is_held == is_held || port->is_ended || port->is_closed)
		return;
	port->is_held = is_held;
	channel_port_update(port);
}

void channel_port_shutdown(struct channel_port *port)
{
	if (port->is_closed)
		return;
	port->is_shut = true;
	channel_port_flush(port);
}

static void channel_port_on_closed(uv_handle_t *handle)
{
	struct channel_port *port = handle->data;
	struct channel_port_item *item;

	while ((item = STAILQ_FIRST(&port->waiting))) {
		STAILQ_REMOVE_HEAD(&port->waiting, link);
		channel_port_item_free(item);
	}
	channel_inbox_free(port->inbox);
	(void)close(port->fd);
	free(port);
}

void channel_port_close(struct channel_port *port)
{
	if (!port)
		return;
	PRE(!port->is_closed);
	port->is_closed = true;
	/* The other side must see the end now, not when the handle is closed. */
	(void)shutdown(port->fd, SHUT_RDWR);
	uv_close((uv_handle_t *)&port->poll, channel_port_on_closed);
}
