/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SEQPACKET keeps message borders, so a reader never resynchronises, and a
 * peer that sends half a message cannot exist. What is left to distrust:
 * length, type, contents (wire.c) and descriptors nobody asked for, which are
 * closed here before anyone can forget them.
 */
#include "channel.h"

#include "check.h"
#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

union channel_control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
};

int channel_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_origin(-errno);
	return 0;
}

bool channel_is_open(int fd)
{
	/* That the peer has hung up is told whether it is asked for or not. */
	struct pollfd p = {.fd = fd};

	return poll(&p, 1, 0) == 0;
}

int channel_set_blocking(int fd, bool is_blocking)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	flags = is_blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}

int channel_send(int fd, uint16_t type, const void *msg, const int fds[], size_t n_fds)
{
	uint8_t bytes[IPC_MESSAGE_MAX];
	union channel_control control = {0};
	struct iovec iov = {.iov_base = bytes};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	const struct wire_message *desc = ipc_describe(type);
	int r;

	PRE(desc && n_fds <= IPC_FDS_MAX);
	r = wire_encode(desc, msg, bytes, sizeof(bytes), &iov.iov_len);
	if (r < 0)
		return err_origin(r);
	if (n_fds > 0) {
		struct cmsghdr *c = &control.align;

		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
	}
	while (sendmsg(fd, &header, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static void channel_take_fds(struct channel_inbox *inbox, struct msghdr *header)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (inbox->n_fds < IPC_FDS_MAX)
				inbox->fds[inbox->n_fds++] = fd;
			else
				(void)close(fd);
		}
	}
}

int channel_recv(int fd, struct channel_inbox *inbox)
{
	union channel_control control = {0};
	struct iovec iov = {.iov_base = inbox->bytes, .iov_len = sizeof(inbox->bytes)};
	struct msghdr header = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	const struct wire_message *desc;
	ssize_t n;

	channel_inbox_clear(inbox);
	/* A peer that ended with something unread: told once, ahead of what it had sent. */
	do
		n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return -errno;
	channel_take_fds(inbox, &header);
	if (n == 0)
		return -ENODATA;
	if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
		wire_peek(inbox->bytes, (size_t)n, &inbox->type) < 0)
		return err_origin(-EBADMSG);
	desc = ipc_describe(inbox->type);
	if (!desc)
		return err_origin(-EBADMSG);
	return wire_decode(desc, inbox->bytes, (size_t)n, &inbox->msg);
}

struct channel_inbox *channel_inbox_new(void)
{
	struct channel_inbox *inbox = malloc(sizeof(*inbox));

	if (!inbox)
		return NULL;
	inbox->type = 0;
	inbox->n_fds = 0;
	for (size_t i = 0; i < IPC_FDS_MAX; i++)
		inbox->fds[i] = -1;
	return inbox;
}

void channel_inbox_clear(struct channel_inbox *inbox)
{
	for (size_t i = 0; i < IPC_FDS_MAX; i++) {
		if (inbox->fds[i] >= 0)
			(void)close(inbox->fds[i]);
		inbox->fds[i] = -1;
	}
	inbox->n_fds = 0;
}

void channel_inbox_free(struct channel_inbox *inbox)
{
	if (!inbox)
		return;
	channel_inbox_clear(inbox);
	free(inbox);
}
