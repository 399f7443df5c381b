/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may connect at all is a matter of the file's mode (0660, group of the
 * operators); who may do what is decided by credentials (peer.h).
 *
 * A killed daemon leaves its socket file. Whether somebody listens is found out
 * by connecting; two daemons that start at the same moment on one RUN_DIR but
 * different STATE_DIRs are the administrator's mistake, and the second one's
 * bind fails.
 *
 * Whoever may connect may do so in a loop: the peer is identified first, only
 * open connections count, and a turn of the loop accepts no more than so many
 * (libuv goes on as long as somebody waits, and frees what is closed after that).
 * Who finds the backlog full waits in connect(2); EAGAIN if he would not wait.
 *
 * All requests are answered by one thread. Who is no operator gets a part of
 * its time (guest_budget.h), for its requests and for what it is told unasked:
 * beyond it none of those connections is read, nor told how scans get on, until
 * it has been paid for.
 *
 * On close: the listening handle, then every connection; the memory goes with
 * the last of them.
 */
#include "local_socket.h"

#include "cleanup.h"
#include "clock.h"
#include "guest_budget.h"
#include "log.h"
#include "log_limit.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { LOCAL_SOCKET_BACKLOG = 128 };

/* Those of a kind have a limit of their own. */
enum local_socket_kind {
	LOCAL_SOCKET_OPERATOR,
	LOCAL_SOCKET_GATEWAY,
	LOCAL_SOCKET_STRANGER,
	LOCAL_SOCKET_N_KINDS,
};

struct local_socket {
	struct local_socket_config config;
	/* state */
	uv_pipe_t listener;
	uv_timer_t hold_timer; /* active while guests are held */
	uv_idle_t turn_idle;   /* active in a turn in which somebody was accepted */
	unsigned n_accepted;   /* in this turn */
	bool is_left;          /* the listener has one more, for the next turn */
	struct log_limit refusals[LOCAL_SOCKET_N_KINDS];
	struct log_limit failures;
	struct guest_budget guests;
	LIST_HEAD(, connection) connections;
	size_t n_connections; /* with those that are closing */
	bool is_closing;
	unsigned n_handles; /* listener, timer, idle, as far as they are not closed */
};

static void local_socket_reclaim(struct local_socket *server)
{
	if (server->n_handles == 0 && server->n_connections == 0)
		free(server);
}

static void local_socket_set_guests_held(struct local_socket *server, bool is_held)
{
	struct connection *connection;

	LIST_FOREACH(connection, &server->connections, link)
	{
		/* One that goes on may use up the budget again: then the rest stays held. */
		if (!is_held && uv_is_active((uv_handle_t *)&server->hold_timer))
			return;
		if (!connection->is_closing && !connection->peer.is_operator)
			connection_set_held(connection, is_held);
	}
}

static void local_socket_on_hold_timer(uv_timer_t *timer)
{
	local_socket_set_guests_held(timer->data, false);
}

static void local_socket_hold_guests(struct local_socket *server, uint64_t hold_ms)
{
	uv_update_time(server->config.loop); /* what made it costly took time */
	(void)uv_timer_start(&server->hold_timer, local_socket_on_hold_timer, hold_ms, 0);
	local_socket_set_guests_held(server, true);
}

static void local_socket_on_work(void *arg, struct connection *connection, uint64_t taken_ns)
{
	struct local_socket *server = arg;
	uint64_t hold_ms;

	if (connection->peer.is_operator || server->is_closing)
		return;
	hold_ms = guest_budget_charge(&server->guests, clock_mono_ns(), taken_ns);
	if (hold_ms > 0)
		local_socket_hold_guests(server, hold_ms);
}

static void local_socket_on_line(
	void *arg, struct connection *connection, const char *line, size_t n)
{
	struct local_socket *server = arg;
	const struct connection_work work = connection_work_begin();

	server->config.on_line(server->config.arg, connection, line, n);
	connection_work_end(connection, &work);
}

static void local_socket_on_oversize(void *arg, struct connection *connection)
{
	struct local_socket *server = arg;

	server->config.on_oversize(server->config.arg, connection);
}

static void local_socket_on_closed(void *arg, struct connection *connection)
{
	struct local_socket *server = arg;

	server->config.on_closed(server->config.arg, connection);
	LIST_REMOVE(connection, link);
	server->n_connections--;
	local_socket_reclaim(server);
}

static const struct connection_events local_socket_events = {
	.on_line = local_socket_on_line,
	.on_oversize = local_socket_on_oversize,
	.on_work = local_socket_on_work,
	.on_closed = local_socket_on_closed,
};

static enum local_socket_kind local_socket_kind_of(const struct peer *peer)
{
	if (peer->is_operator)
		return LOCAL_SOCKET_OPERATOR;
	return peer->is_gateway ? LOCAL_SOCKET_GATEWAY : LOCAL_SOCKET_STRANGER;
}

/* Whether this one, which is in the list already, is one too many. */
static bool local_socket_is_crowded(const struct local_socket *server, const struct peer *peer)
{
	static const size_t max[LOCAL_SOCKET_N_KINDS] = {
		[LOCAL_SOCKET_OPERATOR] = LOCAL_SOCKET_CONNECTIONS_MAX,
		[LOCAL_SOCKET_GATEWAY] = LOCAL_SOCKET_GATEWAY_MAX,
		[LOCAL_SOCKET_STRANGER] = LOCAL_SOCKET_STRANGERS_MAX,
	};
	enum local_socket_kind kind = local_socket_kind_of(peer);
	const struct connection *connection;
	size_t n_open = 0;
	size_t n_kind = 0;

	LIST_FOREACH(connection, &server->connections, link)
	{
		if (connection->is_closing)
			continue;
		n_open++;
		n_kind += local_socket_kind_of(&connection->peer) == kind;
	}
	return n_open > LOCAL_SOCKET_CONNECTIONS_MAX || n_kind > max[kind];
}

static void local_socket_refuse(struct local_socket *server, struct connection *connection, int r)
{
	enum local_socket_kind kind = local_socket_kind_of(&connection->peer);
	uint64_t n_dropped = 0;

	if (log_limit_take(&server->refusals[kind], uv_now(server->config.loop), &n_dropped))
		log_warn("local_socket",
			"a connection of %s (pid %d) is refused: %s (%" PRIu64
			" more since the last such line)",
			connection->peer.name[0] ? connection->peer.name : "somebody",
			(int)connection->peer.pid,
			r == -EUSERS ? "there are too many of its kind" : err_text(r), n_dropped);
	connection_close(connection);
}

static void local_socket_on_turn(uv_idle_t *idle);

static void local_socket_accept(struct local_socket *server)
{
	const struct peer_rules rules = server->config.rules(server->config.arg);
	struct connection *connection =
		connection_new(server->config.loop, &local_socket_events, server);
	int r;

	(void)uv_idle_start(&server->turn_idle, local_socket_on_turn);
	server->n_accepted++;
	server->is_left = !connection; /* UNTESTED: libuv keeps it until there is memory */
	if (!connection)
		return;
	LIST_INSERT_HEAD(&server->connections, connection, link);
	server->n_connections++;
	r = uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&connection->pipe);
	if (r == 0)
		r = connection_identify(connection, &rules);
	if (r == 0 && local_socket_is_crowded(server, &connection->peer))
		r = -EUSERS;
	if (r < 0) {
		local_socket_refuse(server, connection, r);
		return;
	}
	connection_start(connection);
	if (!connection->peer.is_operator && uv_is_active((uv_handle_t *)&server->hold_timer))
		connection_set_held(connection, true);
}

/* The next turn has begun. */
static void local_socket_on_turn(uv_idle_t *idle)
{
	struct local_socket *server = idle->data;

	(void)uv_idle_stop(idle);
	server->n_accepted = 0;
	if (server->is_left)
		local_socket_accept(server);
}

static void local_socket_on_connect(uv_stream_t *listener, int status)
{
	struct local_socket *server = listener->data;
	uint64_t n_dropped = 0;

	if (status == 0 && server->n_accepted < LOCAL_SOCKET_TURN_MAX)
		local_socket_accept(server);
	else if (status == 0)
		server->is_left = true;
	else if (log_limit_take(&server->failures, uv_now(server->config.loop), &n_dropped))
		log_warn("local_socket", "accept: %s (%" PRIu64 " more since the last such line)",
			err_text(status), n_dropped);
}

static int local_socket_address(const char *path, struct sockaddr_un *address)
{
	if (strlen(path) > LOCAL_SOCKET_PATH_MAX)
		return err_origin(-ENAMETOOLONG);
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, path, strlen(path));
	return 0;
}

/* 0: the name is free now. */
static int local_socket_clear(const char *path, struct errmsg *msg)
{
	_cleanup_(cleanup_close) int fd = -1;
	struct sockaddr_un address;
	struct stat st;
	int r = local_socket_address(path, &address);

	if (r < 0) {
		errmsg_set(msg, "socket %s: the path is too long (%zu bytes, at most %d)", path,
			strlen(path), LOCAL_SOCKET_PATH_MAX);
		return r;
	}
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_origin(-errno);
	if (!S_ISSOCK(st.st_mode)) {
		errmsg_set(msg, "socket %s: something else has this name", path);
		return err_origin(-EEXIST);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_origin(-errno);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN) {
		errmsg_set(msg, "socket %s: another service listens there", path);
		return err_origin(-EADDRINUSE);
	}
	if (unlink(path) < 0)
		return err_origin(-errno);
	log_info("local_socket", "removed %s, which nobody listened on", path);
	return 0;
}

/*
 * The file's group is that of the operators, its owner the gateway: root needs
 * no ownership, and no third party can connect. A daemon that is not root
 * changes what it may; who it serves then is its administrator's to arrange.
 */
static int local_socket_protect(const char *path, const struct peer_rules *rules)
{
	char text[16384];
	struct group entry;
	struct group *found = NULL;
	uid_t owner = geteuid();
	gid_t group = getegid();

	(void)peer_gateway_uid(rules->gateway_user, &owner);
	if (rules->operator_group[0] &&
		getgrnam_r(rules->operator_group, &entry, text, sizeof(text), &found) == 0 && found)
		group = entry.gr_gid;
	if (chmod(path, 0660) < 0)
		return err_origin(-errno);
	if (lchown(path, owner, group) < 0 &&
		(geteuid() == 0 || lchown(path, (uid_t)-1, group) < 0) && geteuid() == 0)
		return err_origin(-errno);
	return 0;
}

static int local_socket_bind(struct local_socket *server, struct errmsg *msg)
{
	struct peer_rules rules = server->config.rules(server->config.arg);
	const char *path = server->config.path;
	int r = local_socket_clear(path, msg);

	if (r == 0)
		r = uv_pipe_bind(&server->listener, path);
	if (r == 0)
		r = local_socket_protect(path, &rules);
	if (r < 0 && !msg->text[0])
		errmsg_set(msg, "socket %s: %s", path, err_text(r));
	return r;
}

static void local_socket_on_handle_closed(uv_handle_t *handle)
{
	struct local_socket *server = handle->data;

	server->n_handles--;
	local_socket_reclaim(server);
}

static void local_socket_close_handles(struct local_socket *server)
{
	server->is_closing = true;
	/* uv_close() of a pipe that was bound removes its file (uv_pipe_t). */
	uv_close((uv_handle_t *)&server->listener, local_socket_on_handle_closed);
	uv_close((uv_handle_t *)&server->hold_timer, local_socket_on_handle_closed);
	uv_close((uv_handle_t *)&server->turn_idle, local_socket_on_handle_closed);
}

int local_socket_open(
	const struct local_socket_config *config, struct local_socket **socketp, struct errmsg *msg)
{
	struct local_socket *server = calloc(1, sizeof(*server));
	int r;

	if (!server)
		return err_origin(-ENOMEM);
	server->config = *config;
	LIST_INIT(&server->connections);
	(void)uv_pipe_init(config->loop, &server->listener, 0);
	server->listener.data = server;
	(void)uv_timer_init(config->loop, &server->hold_timer);
	server->hold_timer.data = server;
	(void)uv_idle_init(config->loop, &server->turn_idle);
	server->turn_idle.data = server;
	server->n_handles = 3;
	r = local_socket_bind(server, msg);
	if (r < 0) {
		local_socket_close_handles(server);
		return err_trace(r);
	}
	*socketp = server;
	return 0;
}

void local_socket_update(struct local_socket *server)
{
	struct peer_rules rules = server->config.rules(server->config.arg);
	int r = local_socket_protect(server->config.path, &rules);

	if (r < 0)
		log_warn("local_socket", "owner and mode of %s: %s", server->config.path,
			err_text(r));
}

int local_socket_listen(struct local_socket *server)
{
	int r = uv_listen(
		(uv_stream_t *)&server->listener, LOCAL_SOCKET_BACKLOG, local_socket_on_connect);

	return r < 0 ? err_origin(r) : 0;
}

void local_socket_close(struct local_socket *server)
{
	struct connection *connection;

	if (!server)
		return;
	local_socket_close_handles(server);
	LIST_FOREACH(connection, &server->connections, link)
	connection_close(connection);
}
