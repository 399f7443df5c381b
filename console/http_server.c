/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    files read → TLS → listening → accept → connections.
 * Failure modes: too many connections, at all or from one address → closed at once,
 *                before TLS costs anything; no descriptors → nobody is accepted
 *                until the next sweep.
 * On close:      two steps, as libwebsockets needs it (http_lws.c).
 *
 * The listening socket is ours: exactly the address that was asked for, bound
 * before privileges go, and limits are kept before the library hears of anybody.
 */
#include "http_private.h"

#include "cleanup.h"
#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HTTP_SERVER_BACKLOG = 512,
	HTTP_SERVER_ACCEPTS_MAX = 64, /* in one turn of the loop */
	HTTP_SERVER_PER_ADDRESS = 64,
};

union http_server_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

static bool http_server_is_loopback(const union http_server_address *address)
{
	if (address->any.sa_family == AF_INET)
		return (ntohl(address->v4.sin_addr.s_addr) >> 24) == 127;
	return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

/* In numbers; an IPv4 address that came over an IPv6 socket as IPv4. */
static void http_server_name(const union http_server_address *address, char name[INET6_ADDRSTRLEN])
{
	const void *bytes = &address->v4.sin_addr;
	int family = AF_INET;

	if (address->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr)) {
		bytes = &address->v6.sin6_addr.s6_addr[12];
	} else if (address->any.sa_family == AF_INET6) {
		bytes = &address->v6.sin6_addr;
		family = AF_INET6;
	}
	if (!inet_ntop(family, bytes, name, INET6_ADDRSTRLEN))
		name[0] = '\0';
}

static int http_server_parse(const struct http_config *config, union http_server_address *address,
	socklen_t *n_addressp, struct errmsg *msg)
{
	*address = (union http_server_address){.room.ss_family = AF_UNSPEC};
	if (inet_pton(AF_INET, config->address, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons(config->port);
		*n_addressp = sizeof(address->v4);
	} else if (inet_pton(AF_INET6, config->address, &address->v6.sin6_addr) == 1) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(config->port);
		*n_addressp = sizeof(address->v6);
	} else {
		errmsg_set(msg, "%s: an address in numbers is expected", config->address);
		return err_origin(-EINVAL);
	}
	if (config->is_plain && !http_server_is_loopback(address)) {
		errmsg_set(msg, "%s: without TLS only on a loopback address", config->address);
		return err_origin(-EINVAL);
	}
	return 0;
}

static int http_server_listen(struct http_server *server, struct errmsg *msg)
{
	_cleanup_(cleanup_close) int fd = -1;
	union http_server_address address;
	socklen_t n_address = 0;
	int one = 1;
	int r = http_server_parse(&server->config, &address, &n_address, msg);

	if (r < 0)
		return r;
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
		bind(fd, &address.any, n_address) < 0 || listen(fd, HTTP_SERVER_BACKLOG) < 0 ||
		getsockname(fd, &address.any, &n_address) < 0) {
		r = -errno;
		errmsg_set(msg, "listen on %s, port %u: %s", server->config.address,
			server->config.port, err_text(r));
		return err_origin(r);
	}
	server->port = ntohs(
		address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
	server->fd = take_fd(&fd);
	return 0;
}

/* Accepting. */

static unsigned http_server_n_of(const struct http_server *server, const char *peer)
{
	const struct http_connection *connection;
	char network[HTTP_PEER_SIZE];
	unsigned n = 0;

	http_peer_network(peer, network);
	LIST_FOREACH(connection, &server->connections, link)
	n += strcmp(connection->network, network) == 0;
	return n;
}

static void http_server_on_sweep(uv_timer_t *timer);

static void http_server_admit(
	struct http_server *server, int fd, const union http_server_address *address)
{
	const struct http_config *config = &server->config;
	unsigned n_max = http_server_is_loopback(address) ? config->connections_max / 2
							  : HTTP_SERVER_PER_ADDRESS;
	char peer[INET6_ADDRSTRLEN];
	int one = 1;

	if (config->connections_per_address_max > 0)
		n_max = config->connections_per_address_max;
	http_server_name(address, peer);
	if (server->n_connections >= config->connections_max ||
		http_server_n_of(server, peer) >= n_max) {
		log_debug("http", "%s: too many connections", peer);
		(void)close(fd);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (http_connection_open(server, fd, peer) < 0)
		log_debug("http", "%s: no connection", peer);
	if (!uv_is_active((uv_handle_t *)&server->sweep))
		(void)uv_timer_start(
			&server->sweep, http_server_on_sweep, HTTP_SWEEP_MS, HTTP_SWEEP_MS);
}

static void http_server_on_listener(uv_poll_t *poll, int status, int events)
{
	struct http_server *server = poll->data;

	(void)status;
	(void)events;
	for (unsigned i = 0; i < HTTP_SERVER_ACCEPTS_MAX; i++) {
		union http_server_address address = {.room.ss_family = AF_UNSPEC};
		socklen_t n_address = sizeof(address);
		int fd =
			accept4(server->fd, &address.any, &n_address, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			http_server_admit(server, fd, &address);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			log_warn("http", "accept: %s", err_text(-errno));
			(void)uv_poll_stop(poll);
			server->is_listening = false;
			(void)uv_timer_start(
				&server->sweep, http_server_on_sweep, HTTP_SWEEP_MS, HTTP_SWEEP_MS);
		}
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

/* What is too slow goes; who could not be accepted is looked at again. */
static void http_server_on_sweep(uv_timer_t *timer)
{
	struct http_server *server = timer->data;
	uint64_t now_ms = uv_now(server->config.loop);
	struct http_connection *connection;

	LIST_FOREACH(connection, &server->connections, link)
	if (!connection->is_killed && connection->deadline_ms != 0 &&
		connection->deadline_ms <= now_ms)
		http_connection_on_deadline(connection);
	if (!server->is_listening && !server->is_draining) {
		server->is_listening = true;
		(void)uv_poll_start(&server->listener, UV_READABLE, http_server_on_listener);
	}
	if (LIST_EMPTY(&server->connections))
		(void)uv_timer_stop(timer);
}

/* Life. */

static void http_server_defaults(struct http_config *config)
{
	unsigned *values[] = {&config->connections_max, &config->head_ms, &config->body_ms,
		&config->idle_ms, &config->write_ms, &config->answer_ms, &config->unsent_max};
	static const unsigned defaults[] = {
		512, 10000, 20000, 60000, 30000, 120000, 128 * 1024 * 1024};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (*values[i] == 0)
			*values[i] = defaults[i];
}

static int http_server_make(struct http_server *server, struct errmsg *msg)
{
	const struct http_config *config = &server->config;
	const struct http_lws_config lws = {.loop = config->loop,
		.certificate = config->is_plain ? NULL : config->certificate,
		.key = config->key,
		.client_ca = config->is_plain ? NULL : config->client_ca,
		.connections_max = config->connections_max,
		.handshake_s = (config->head_ms + 999) / 1000,
		.events = &http_connection_events};
	int r = http_server_listen(server, msg);

	if (r == 0 && config->page_dir)
		r = http_page_load(config->page_dir, &server->page, msg);
	if (r == 0)
		r = http_lws_open(&lws, &server->lws, msg);
	if (r < 0)
		return r;
	r = uv_poll_init(config->loop, &server->listener, server->fd);
	if (r < 0)
		return err_origin(r);
	(void)uv_timer_init(config->loop, &server->sweep);
	server->listener.data = server;
	server->sweep.data = server;
	server->are_handles_made = true;
	server->is_listening = true;
	r = uv_poll_start(&server->listener, UV_READABLE, http_server_on_listener);
	return r < 0 ? err_origin(r) : 0;
}

int http_server_open(
	const struct http_config *config, struct http_server **serverp, struct errmsg *msg)
{
	struct http_server *server = calloc(1, sizeof(*server));
	int r;

	*serverp = server;
	if (!server)
		return err_origin(-ENOMEM);
	server->config = *config;
	server->fd = -1;
	LIST_INIT(&server->connections);
	http_server_defaults(&server->config);
	r = http_server_make(server, msg);
	if (r < 0)
		http_server_close(server);
	return err_trace(r);
}

uint16_t http_server_port(const struct http_server *server)
{
	return server->port;
}

size_t http_server_unsent(const struct http_server *server)
{
	const struct http_connection *connection;
	size_t n = 0;

	LIST_FOREACH(connection, &server->connections, link)
	n += http_connection_unsent(connection);
	return n;
}

unsigned http_server_n_connections(const struct http_server *server)
{
	return server->n_connections;
}

int http_server_renew(struct http_server *server, struct errmsg *msg)
{
	return http_lws_renew(server->lws, msg);
}

static void http_server_stop_listening(struct http_server *server)
{
	server->is_draining = true;
	if (server->are_handles_made && !uv_is_closing((uv_handle_t *)&server->listener))
		uv_close((uv_handle_t *)&server->listener, NULL);
	if (server->fd >= 0)
		(void)close(server->fd);
	server->fd = -1;
}

void http_server_drain(struct http_server *server)
{
	struct http_connection *connection;

	http_server_stop_listening(server);
	LIST_FOREACH(connection, &server->connections, link)
	{
		if (connection->stream) {
			struct http_stream *stream = connection->stream;

			stream->hooks->on_closed(stream->arg);
			connection->is_keep_alive = false;
			http_stream_end(stream);
		} else if (connection->phase == HTTP_PHASE_IDLE ||
			   connection->phase == HTTP_PHASE_HEAD) {
			http_connection_kill(connection);
		}
	}
}

void http_server_close(struct http_server *server)
{
	if (server->is_closed)
		return;
	server->is_closed = true;
	http_server_stop_listening(server);
	if (server->are_handles_made && !uv_is_closing((uv_handle_t *)&server->sweep))
		uv_close((uv_handle_t *)&server->sweep, NULL);
	http_lws_close(server->lws);
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	http_lws_free(server->lws);
	http_page_free(server->page);
	free(server);
}
