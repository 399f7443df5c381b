/* SPDX-License-Identifier: GPL-2.0-or-later */
/* channel: messages with descriptors, and a peer that lies, floods or leaves. */
#include "unit.h"

#include "channel.h"
#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct ends {
	int fds[2];
	struct channel_inbox *inbox;
	size_t n_open; /* descriptors of this process before the test */
};

static size_t count_fds(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int setup(void **state)
{
	struct ends *e = calloc(1, sizeof(*e));

	assert_int_equal(channel_pair(e->fds), 0);
	e->inbox = channel_inbox_new();
	assert_non_null(e->inbox);
	e->n_open = count_fds();
	*state = e;
	return 0;
}

static int teardown(void **state)
{
	struct ends *e = *state;

	channel_inbox_free(e->inbox);
	(void)close(e->fds[0]);
	(void)close(e->fds[1]);
	free(e);
	return 0;
}

static void message_with_descriptors(void **state)
{
	struct ends *e = *state;
	struct ipc_work_file file = {.serial = 7, .size = 9};
	int fds[2] = {open("/dev/null", O_RDONLY | O_CLOEXEC), open("/", O_RDONLY | O_CLOEXEC)};
	struct stat st;
	int fd;

	assert_int_equal(channel_send(e->fds[0], IPC_WORK_FILE, &file, fds, 2), 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	assert_int_equal(channel_recv(e->fds[1], e->inbox), 0);
	assert_int_equal(e->inbox->type, IPC_WORK_FILE);
	assert_true(e->inbox->msg.work_file.serial == 7 && e->inbox->msg.work_file.size == 9);
	assert_int_equal(e->inbox->n_fds, 2);
	assert_int_equal(fcntl(e->inbox->fds[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fstat(e->inbox->fds[1], &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	/* One is taken, the other is closed with the inbox. */
	fd = take_fd(&e->inbox->fds[0]);
	channel_inbox_clear(e->inbox);
	assert_int_equal(count_fds(), e->n_open + 1);
	(void)close(fd);
}

/* Raw bytes and raw descriptors, as a peer that was taken over would send them. */
static void send_raw(int fd, const void *bytes, size_t n, int what, size_t n_fds)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * 64)];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = n};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};

	if (n_fds > 0) {
		struct cmsghdr *c = &control.align;

		header.msg_control = control.room;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		for (size_t i = 0; i < n_fds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &what, sizeof(what));
	}
	assert_int_equal(sendmsg(fd, &header, MSG_NOSIGNAL), (ssize_t)n);
}

/* More descriptors than a message may have: refused, and every one is closed. */
static void descriptor_flood(void **state)
{
	static const size_t floods[] = {IPC_FDS_MAX + 1, 16, 60};
	struct ends *e = *state;
	struct ipc_work_ready ready = {.pid = 1};
	uint8_t bytes[64];
	size_t n = 0;

	assert_int_equal(
		wire_encode(ipc_describe(IPC_WORK_READY), &ready, bytes, sizeof(bytes), &n), 0);
	for (size_t i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {
		send_raw(e->fds[0], bytes, n, STDERR_FILENO, floods[i]);
		assert_int_equal(channel_recv(e->fds[1], e->inbox), -EBADMSG);
		channel_inbox_clear(e->inbox);
		assert_int_equal(count_fds(), e->n_open);
	}
}

/* Descriptors nobody asked for, within the limit, do not outlive the next receive. */
static void unasked_descriptors(void **state)
{
	struct ends *e = *state;
	struct ipc_work_ready ready = {.pid = 1};
	int fds[IPC_FDS_MAX] = {1, 1, 1, 1};

	for (int i = 0; i < 10; i++) {
		assert_int_equal(
			channel_send(e->fds[0], IPC_WORK_READY, &ready, fds, IPC_FDS_MAX), 0);
		assert_int_equal(channel_recv(e->fds[1], e->inbox), 0);
		assert_int_equal(count_fds(), e->n_open + IPC_FDS_MAX);
	}
	channel_inbox_clear(e->inbox);
	assert_int_equal(count_fds(), e->n_open);
}

static void garbage(void **state)
{
	static const uint8_t unknown[] = {0x34, 0x12, WIRE_VERSION, 0, 1, 2, 3};
	static const uint8_t short_one[] = {1};
	static const uint8_t cut[] = {
		IPC_WORK_READY & 0xff, IPC_WORK_READY >> 8, WIRE_VERSION, 0, 9};
	struct ends *e = *state;
	uint8_t *large = calloc(1, IPC_MESSAGE_MAX + 1);

	send_raw(e->fds[0], unknown, sizeof(unknown), -1, 0);
	assert_int_equal(channel_recv(e->fds[1], e->inbox), -EBADMSG);
	send_raw(e->fds[0], short_one, sizeof(short_one), STDERR_FILENO, 2);
	assert_int_equal(channel_recv(e->fds[1], e->inbox), -EBADMSG);
	send_raw(e->fds[0], cut, sizeof(cut), -1, 0);
	assert_int_equal(channel_recv(e->fds[1], e->inbox), -EBADMSG);
	send_raw(e->fds[0], large, IPC_MESSAGE_MAX + 1, -1, 0);
	assert_int_equal(channel_recv(e->fds[1], e->inbox), -EBADMSG);
	free(large);
	channel_inbox_clear(e->inbox);
	assert_int_equal(count_fds(), e->n_open);
}

/* The largest message there is goes through. */
static void largest_message(void **state)
{
	struct ends *e = *state;
	char *text = calloc(1, IPC_PATH_MAX);
	struct ipc_scan_detection detection = {.path = {text, IPC_PATH_MAX},
		.container = {text, IPC_PATH_MAX},
		.signature = {text, IPC_NAME_MAX},
		.size = 5};

	assert_int_equal(channel_send(e->fds[0], IPC_SCAN_DETECTION, &detection, NULL, 0), 0);
	assert_int_equal(channel_recv(e->fds[1], e->inbox), 0);
	assert_int_equal(e->inbox->msg.scan_detection.container.n, IPC_PATH_MAX);
	free(text);
}

static void other_end_is_gone(void **state)
{
	struct ends *e = *state;
	struct ipc_work_ready ready = {.pid = 1};

	assert_int_equal(channel_send(e->fds[0], IPC_WORK_READY, &ready, NULL, 0), 0);
	(void)close(e->fds[0]);
	e->fds[0] = -1;
	assert_int_equal(channel_recv(e->fds[1], e->inbox), 0);
	assert_int_equal(channel_recv(e->fds[1], e->inbox), -ENODATA);
	assert_int_equal(channel_send(e->fds[1], IPC_WORK_READY, &ready, NULL, 0), -EPIPE);
}

static void not_blocking(void **state)
{
	struct ends *e = *state;
	struct ipc_work_ready ready = {.pid = 1};
	int r = 0;

	assert_int_equal(channel_set_blocking(e->fds[0], false), 0);
	assert_int_equal(channel_set_blocking(e->fds[1], false), 0);
	assert_int_equal(channel_recv(e->fds[1], e->inbox), -EAGAIN);
	for (int i = 0; i < 1000000 && r == 0; i++)
		r = channel_send(e->fds[0], IPC_WORK_READY, &ready, NULL, 0);
	assert_int_equal(r, -EAGAIN);
	assert_int_equal(channel_set_blocking(e->fds[1], true), 0);
	assert_int_equal(channel_recv(e->fds[1], e->inbox), 0);
	assert_int_equal(channel_set_blocking(-1, true), -EBADF);
}

static void bad_descriptor(void **state)
{
	struct ends *e = *state;
	struct ipc_work_ready ready = {.pid = 1};

	assert_int_equal(channel_recv(-1, e->inbox), -EBADF);
	assert_int_equal(channel_send(-1, IPC_WORK_READY, &ready, NULL, 0), -EBADF);
	channel_inbox_free(NULL);
}

/* What a peer sent before it ended is read, also when it left something unread. */
static void last_words(void **state)
{
	const struct ipc_scan_hello hello = {.pid = 7};
	struct channel_inbox *inbox = malloc(sizeof(*inbox));
	int fds[2];

	(void)state;
	assert_non_null(inbox);
	memset(inbox, 0, sizeof(*inbox));
	assert_int_equal(channel_pair(fds), 0);
	assert_int_equal(channel_send(fds[1], IPC_SCAN_HELLO, &hello, NULL, 0), 0);
	assert_int_equal(channel_send(fds[1], IPC_SCAN_HELLO, &hello, NULL, 0), 0);
	assert_int_equal(channel_send(fds[0], IPC_SCAN_HELLO, &hello, NULL, 0), 0);
	(void)close(fds[1]);
	assert_int_equal(channel_recv(fds[0], inbox), 0);
	assert_int_equal(channel_recv(fds[0], inbox), 0);
	assert_int_equal(inbox->msg.scan_hello.pid, 7);
	assert_int_equal(channel_recv(fds[0], inbox), -ENODATA);
	(void)close(fds[0]);
	free(inbox);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {T(message_with_descriptors), T(descriptor_flood),
		T(unasked_descriptors), T(garbage), T(largest_message), T(other_end_is_gone),
		T(not_blocking), T(bad_descriptor), cmocka_unit_test(last_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
