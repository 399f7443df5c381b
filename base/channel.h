/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of a channel: sends and receives the messages of ipc.h, with file
 * descriptors, over an AF_UNIX SOCK_SEQPACKET socket.
 *
 * Hands. A struct channel_inbox belongs to one thread; channel_send() may be
 * called by any thread on the same fd (the kernel keeps messages whole).
 */
#ifndef QS_CHANNEL_H
#define QS_CHANNEL_H

#include "ipc.h"

#include <stdbool.h>

/** What one receive gave. Spans point into it; fds are owned by it. */
struct channel_inbox {
	uint16_t type;        /**< enum ipc_type */
	union ipc_any msg;    /**< Decoded. */
	int fds[IPC_FDS_MAX]; /**< CLOEXEC; -1 where taken (take_fd()) or not sent. */
	size_t n_fds;
	uint8_t bytes[IPC_MESSAGE_MAX];
};

/**
 * Make a connected pair, both CLOEXEC and blocking.
 *
 * @return  0 or -errno; @fds untouched on failure.
 */
int channel_pair(int fds[2]);

/**
 * Send one message; waits until there is room if the socket blocks.
 *
 * @fd      The socket, borrowed.
 * @type    enum ipc_type; @msg its struct.
 * @fds     n_fds descriptors to pass along, borrowed; may be NULL with 0.
 * @return  0; -EPIPE or -ECONNRESET when the other end is gone; -EAGAIN when
 *          the socket does not block and is full; -EMSGSIZE; other -errno.
 */
int channel_send(int fd, uint16_t type, const void *msg, const int fds[], size_t n_fds);

/**
 * Receive one message.
 *
 * @inbox   Overwritten; free what it owns with channel_inbox_clear() before
 *          the next receive (which does so itself) and at the end.
 * @return  0; -ENODATA at the end (the other side closed); -EAGAIN when the
 *          socket does not block and is empty; -EBADMSG when the bytes are no
 *          message of ours or were cut; other -errno.
 */
int channel_recv(int fd, struct channel_inbox *inbox);

/** A fresh inbox on the heap, free with channel_inbox_free(); NULL without memory. */
struct channel_inbox *channel_inbox_new(void);
/** Close the descriptors that were not taken. */
void channel_inbox_clear(struct channel_inbox *inbox);
/** Clear and free; takes NULL. */
void channel_inbox_free(struct channel_inbox *inbox);

/** For _cleanup_(). */
static inline void channel_inbox_cleanup(struct channel_inbox **inbox)
{
	channel_inbox_free(*inbox);
}

/** Whether the peer still has its end; a descriptor below 0 counts as open. */
bool channel_is_open(int fd);

/** Set or clear O_NONBLOCK. 0 or -errno. */
int channel_set_blocking(int fd, bool is_blocking);

#endif
