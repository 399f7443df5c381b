/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of the local protocol (docs/local-protocol.md): JSON-RPC 2.0 over
 * an AF_UNIX stream, one message a line, one call at a time.
 *
 * Hands, blocking. One thread. SIGPIPE is not raised (MSG_NOSIGNAL).
 */
#ifndef QS_CLI_CLIENT_H
#define QS_CLI_CLIENT_H

#include "err.h"
#include "json.h"

#include <signal.h>

enum {
	CLI_CLIENT_LINE_MAX = 16 * 1024 * 1024, /**< A longer answer is refused. */
	CLI_CLIENT_E_FAULT = 1,                 /**< The service refused; the fault says why. */
};

/** Numbers of docs/local-protocol.md that mean something to a client. */
enum {
	CLI_FAULT_FORBIDDEN = -32003,
};

/** Why the service refused. */
struct cli_fault {
	int number;
	char code[48];      /**< Word, e.g. "NotFound"; "" if there was none. */
	struct errmsg text; /**< Its sentence, as sent: print it through display.h. */
};

struct cli_client {
	const sigset_t *mask; /**< Signals blocked while it waits; NULL = as they are. */
	/* state */
	int fd; /**< -1 when closed. */
	int64_t serial;
	char *buf; /**< Bytes received and not used. */
	size_t n_buf;
	size_t n_seen; /**< Of those, looked at for a newline already. */
	size_t n_room;
};

#define CLI_CLIENT_NULL                                                                            \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/**
 * Connect.
 *
 * @client  CLI_CLIENT_NULL; cli_client_close() it.
 * @path    Of the socket.
 * @msg     Path and reason.
 * @return  0; -ENAMETOOLONG; -errno of connect(2).
 */
int cli_client_open(struct cli_client *client, const char *path, struct errmsg *msg);

/** Take over a connected stream socket. */
void cli_client_adopt(struct cli_client *client, int fd);

/** Close and free; idempotent. */
void cli_client_close(struct cli_client *client);

/**
 * Send a request.
 *
 * @params  Taken in every case; NULL sends none.
 * @idp     Set to the id that its answer will have; may be NULL.
 * @return  0; -EPIPE or -ECONNRESET when the service is gone; -ENOMEM.
 */
int cli_client_send(struct cli_client *client, const char *method, cJSON *params, int64_t *idp);

/**
 * Receive one message: an answer or a notification.
 *
 * @messagep  An object, set when 0 is returned; the caller frees.
 * @return    0; -ENODATA the service closed; -EINTR a signal came that
 *            client->mask does not block; -EBADMSG no JSON object; -EMSGSIZE;
 *            -ENOMEM; other -errno.
 */
int cli_client_recv(struct cli_client *client, cJSON **messagep, struct errmsg *msg);

/**
 * Take an answer apart.
 *
 * @message  An answer; what is in it stays its own.
 * @resultp  Detached from it, when 0 is returned; the caller frees.
 * @return   0; CLI_CLIENT_E_FAULT; -EBADMSG when it is neither.
 */
int cli_client_answer(cJSON *message, cJSON **resultp, struct cli_fault *fault);

/**
 * Send a request and wait for its answer; notifications meanwhile are dropped.
 *
 * @params   Taken in every case.
 * @return   0; CLI_CLIENT_E_FAULT; as cli_client_send() and _recv(), with the
 *           reason in fault->text.
 */
int cli_client_call(struct cli_client *client, const char *method, cJSON *params, cJSON **resultp,
	struct cli_fault *fault);

#endif
