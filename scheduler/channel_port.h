/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's end of a channel on the loop: messages in, in batches; messages
 * out, kept in order while the other side is slow. The daemon never blocks on
 * a child.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_CHANNEL_PORT_H
#define QS_CHANNEL_PORT_H

#include "channel.h"

#include <uv.h>

enum {
	CHANNEL_PORT_BATCH_MAX = 64, /**< Messages of one turn of the loop. */
};

/** Opaque. */
struct channel_port;

struct channel_port_config {
	/** One message; @inbox is borrowed during the call. */
	void (*on_message)(void *arg, struct channel_inbox *inbox);
	/** What was readable has been told. */
	void (*on_batch_end)(void *arg);
	/** Nothing more will come: -ENODATA at the end, -EBADMSG for bytes that are no
	 * message of ours, other -errno. Once, last. Close the port. */
	void (*on_end)(void *arg, int r);
	void *arg;
};

/**
 * Open.
 *
 * @fd     Taken when 0 is returned; made non-blocking.
 * @return 0 or a negative code.
 */
int channel_port_open(uv_loop_t *loop, int fd, const struct channel_port_config *config,
	struct channel_port **portp);

/**
 * Send, now or when there is room.
 *
 * @type  enum ipc_type; @msg its struct, copied with what its spans point to.
 * @fd    Passed along; -1 for none. Borrowed: a duplicate is kept while it waits.
 * @return 0 (an error of the channel comes by on_end); -ENOMEM and the like.
 */
int channel_port_send(struct channel_port *port, uint16_t type, const void *msg, int fd);

/** Stop reading (true) and go on (false): back-pressure on the child. */
void channel_port_hold(struct channel_port *port, bool is_held);

/** Tell the other side that nothing more will be sent; it reads the end. */
void channel_port_shutdown(struct channel_port *port);

/** No call-back any more; the descriptor is closed. Takes NULL. */
void channel_port_close(struct channel_port *port);

#endif
