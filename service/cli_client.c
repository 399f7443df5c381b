/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting is ppoll(2) with the caller's signal mask: a Ctrl-C that arrives
 * between looking at a flag and sleeping is not lost, because the signal is
 * blocked everywhere but inside that call.
 */
#include "cli_client.h"

#include "check.h"
#include "cleanup.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { CLI_CLIENT_CHUNK = 65536 };

int cli_client_open(struct cli_client *client, const char *path, struct errmsg *msg)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_(cleanup_close) int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errmsg_set(msg, "%s: a socket's path has at most %zu bytes", path,
			sizeof(address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		int r = -errno;

		errmsg_set(msg, "%s: %s", path, err_text(r));
		return r;
	}
	cli_client_adopt(client, take_fd(&fd));
	return 0;
}

void cli_client_adopt(struct cli_client *client, int fd)
{
	PRE(client->fd < 0);
	client->fd = fd;
	client->n_buf = 0;
	client->n_seen = 0;
}

void cli_client_close(struct cli_client *client)
{
	if (client->fd >= 0)
		(void)close(client->fd);
	free(client->buf);
	*client = (struct cli_client){.mask = client->mask, .fd = -1, .serial = client->serial};
}

static int cli_client_put(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t put = send(fd, text, n, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_origin(-errno);
		text += put;
		n -= (size_t)put;
	}
	return 0;
}

int cli_client_send(struct cli_client *client, const char *method, cJSON *params, int64_t *idp)
{
	_cleanup_(json_cleanup) cJSON *message = cJSON_CreateObject();
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n = 0;
	int r = 0;

	if (!message) {
		cJSON_Delete(params);
		return err_origin(-ENOMEM);
	}
	r |= json_add_string(message, "jsonrpc", "2.0");
	r |= json_add_int(message, "id", ++client->serial);
	r |= json_add_string(message, "method", method);
	if (params)
		r |= json_add_item(message, "params", params);
	if (r == 0)
		r = json_print(message, &text, &n);
	if (r != 0)
		return r;
	text[n] = '\n'; /* in the place of the NUL: it is sent by length */
	if (idp)
		*idp = client->serial;
	return cli_client_put(client->fd, text, n + 1);
}

/* More bytes into the buffer. */
static int cli_client_fill(struct cli_client *client)
{
	struct pollfd poll = {.fd = client->fd, .events = POLLIN};
	ssize_t got;

	if (client->n_buf > CLI_CLIENT_LINE_MAX)
		return err_origin(-EMSGSIZE);
	if (client->n_room - client->n_buf < CLI_CLIENT_CHUNK) {
		size_t n_room = 2 * client->n_room + CLI_CLIENT_CHUNK;
		char *buf = realloc(client->buf, n_room);

		if (!buf)
			return err_origin(-ENOMEM);
		client->buf = buf;
		client->n_room = n_room;
	}
	if (ppoll(&poll, 1, NULL, client->mask) < 0)
		return -errno;
	got = recv(client->fd, client->buf + client->n_buf, client->n_room - client->n_buf, 0);
	if (got < 0)
		return errno == ECONNRESET ? -ENODATA : -errno;
	if (got == 0)
		return -ENODATA;
	client->n_buf += (size_t)got;
	return 0;
}

int cli_client_recv(struct cli_client *client, cJSON **messagep, struct errmsg *msg)
{
	char *end = NULL;
	size_t n;
	int r;

	for (;;) {
		if (client->n_buf > client->n_seen)
			end = memchr(
				client->buf + client->n_seen, '\n', client->n_buf - client->n_seen);
		if (end)
			break;
		client->n_seen = client->n_buf;
		r = cli_client_fill(client);
		if (r < 0) {
			errmsg_set(msg, "%s",
				r == -ENODATA ? "the service closed the connection" : err_text(r));
			return r;
		}
	}
	n = (size_t)(end - client->buf);
	r = json_parse(client->buf, n, messagep, msg);
	client->n_buf -= n + 1;
	client->n_seen = 0;
	memmove(client->buf, end + 1, client->n_buf);
	if (r == 0 && !cJSON_IsObject(*messagep)) {
		cJSON_Delete(*messagep);
		errmsg_set(msg, "no object");
		r = -EBADMSG;
	}
	if (r < 0)
		errmsg_prefix(msg, "the service sent something that is no message");
	return r;
}

int cli_client_answer(cJSON *message, cJSON **resultp, struct cli_fault *fault)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(message, "error");
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(error, "data");
	const char *text = "no reason given";
	const char *code = "";
	int64_t number = 0;
	cJSON *result;

	*fault = (struct cli_fault){.number = 0};
	if (cJSON_IsObject(error)) {
		(void)json_get_string(error, "message", SIZE_MAX, &text, NULL);
		(void)json_get_string(data, "code", SIZE_MAX, &code, NULL);
		(void)json_get_int(error, "code", INT32_MIN, INT32_MAX, &number, NULL);
		errmsg_set(&fault->text, "%s", text);
		(void)snprintf(fault->code, sizeof(fault->code), "%s", code);
		fault->number = (int)number;
		return CLI_CLIENT_E_FAULT;
	}
	result = cJSON_DetachItemFromObjectCaseSensitive(message, "result");
	if (!result) {
		errmsg_set(&fault->text, "the service sent neither a result nor an error");
		return -EBADMSG;
	}
	*resultp = result;
	return 0;
}

/* Whether a message is the answer to a request; one without an id refuses any. */
static bool cli_client_is_answer(const cJSON *message, int64_t id)
{
	const cJSON *got = cJSON_GetObjectItemCaseSensitive(message, "id");
	int64_t number = 0;

	if (cJSON_GetObjectItemCaseSensitive(message, "method"))
		return false;
	if (!got || cJSON_IsNull(got))
		return true;
	return json_int_of(got, "id", 0, INT64_MAX, &number, NULL) == 0 && number == id;
}

int cli_client_call(struct cli_client *client, const char *method, cJSON *params, cJSON **resultp,
	struct cli_fault *fault)
{
	int64_t id = 0;
	int r = cli_client_send(client, method, params, &id);

	*fault = (struct cli_fault){.number = 0};
	if (r < 0) {
		errmsg_set(&fault->text, "%s", err_text(r));
		return r;
	}
	for (;;) {
		_cleanup_(json_cleanup) cJSON *message = NULL;

		r = cli_client_recv(client, &message, &fault->text);
		if (r < 0)
			return r;
		if (cli_client_is_answer(message, id))
			return cli_client_answer(message, resultp, fault);
	}
}
