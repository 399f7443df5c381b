/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli_client: a real stream socket whose other end splits, joins, lies, or leaves. */
#include "unit.h"

#include "cleanup.h"
#include "cli_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct ends {
	struct cli_client client;
	int peer;
};

static int setup(void **state)
{
	struct ends *e = calloc(1, sizeof(*e));
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	e->client = (struct cli_client)CLI_CLIENT_NULL;
	cli_client_adopt(&e->client, fds[0]);
	e->peer = fds[1];
	*state = e;
	return 0;
}

static int teardown(void **state)
{
	struct ends *e = *state;

	cli_client_close(&e->client);
	cli_client_close(&e->client);
	if (e->peer >= 0)
		(void)close(e->peer);
	free(e);
	return 0;
}

static void say(struct ends *e, const char *text)
{
	assert_int_equal(send(e->peer, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void request_on_the_wire(void **state)
{
	struct ends *e = *state;
	cJSON *params = cJSON_CreateObject();
	char text[256] = "";
	int64_t id = 0;

	assert_int_equal(json_add_string(params, "comment", "a\nb"), 0);
	assert_int_equal(cli_client_send(&e->client, "scan.start", params, &id), 0);
	assert_int_equal(id, 1);
	assert_true(recv(e->peer, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"scan.start\","
				  "\"params\":{\"comment\":\"a\\nb\"}}\n");
	assert_int_equal(cli_client_send(&e->client, "health", NULL, &id), 0);
	assert_int_equal(id, 2);
}

static void answers(void **state)
{
	struct ends *e = *state;
	struct cli_fault fault;
	cJSON *result = NULL;

	say(e, "{\"jsonrpc\":\"2.0\",\"method\":\"scan.progress\",\"params\":{}}\n"
	       "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"another's\"}\n"
	       "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[5]}\n");
	assert_int_equal(cli_client_call(&e->client, "x", NULL, &result, &fault), 0);
	assert_int_equal(cJSON_GetArraySize(result), 1);
	cJSON_Delete(result);
	say(e, "{\"id\":2,\"error\":{\"code\":-32002,\"message\":\"no such scan\",\"data\":"
	       "{\"code\":\"NotFound\",\"target\":\"id\"}}}\n");
	assert_int_equal(
		cli_client_call(&e->client, "x", NULL, &result, &fault), CLI_CLIENT_E_FAULT);
	assert_int_equal(fault.number, -32002);
	assert_string_equal(fault.code, "NotFound");
	assert_string_equal(fault.text.text, "no such scan");
	say(e, "{\"id\":null,\"error\":{}}\n");
	assert_int_equal(
		cli_client_call(&e->client, "x", NULL, &result, &fault), CLI_CLIENT_E_FAULT);
	assert_string_equal(fault.text.text, "no reason given");
	say(e, "{\"id\":4}\n");
	assert_int_equal(cli_client_call(&e->client, "x", NULL, &result, &fault), -EBADMSG);
}

/* Byte by byte, and several at once: the borders are where the newlines are. */
static void split_and_joined(void **state)
{
	struct ends *e = *state;
	static const char text[] = "{\"id\":1,\"result\":1}\n{\"id\":2,\"result\":2}\n{\"id\":3";
	cJSON *message = NULL;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		for (const char *at = text; *at; at++)
			(void)send(e->peer, at, 1, MSG_NOSIGNAL);
		(void)send(e->peer, "}\n", 2, MSG_NOSIGNAL);
		_exit(0);
	}
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(cli_client_recv(&e->client, &message, NULL), 0);
		assert_int_equal(cJSON_GetObjectItemCaseSensitive(message, "id")->valueint, i);
		cJSON_Delete(message);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void no_messages(void **state)
{
	static const char *const lines[] = {"\n", "{\n", "[]\n", "7\n", "{\"a\":\"\xff\"}\n"};
	struct ends *e = *state;
	struct errmsg msg = ERRMSG_NULL;
	cJSON *message = NULL;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		say(e, lines[i]);
		assert_int_equal(cli_client_recv(&e->client, &message, &msg), -EBADMSG);
		assert_non_null(strstr(msg.text, "no message"));
	}
	say(e, "{}\n");
	assert_int_equal(cli_client_recv(&e->client, &message, &msg), 0);
	cJSON_Delete(message);
}

static void other_end_leaves(void **state)
{
	struct ends *e = *state;
	struct errmsg msg = ERRMSG_NULL;
	struct cli_fault fault;
	cJSON *message = NULL;

	say(e, "{\"id\":1,\"resu");
	(void)close(e->peer);
	e->peer = -1;
	assert_int_equal(cli_client_recv(&e->client, &message, &msg), -ENODATA);
	assert_string_equal(msg.text, "the service closed the connection");
	assert_int_equal(cli_client_call(&e->client, "x", NULL, &message, &fault), -EPIPE);
	assert_true(strlen(fault.text.text) > 0);
}

/* A line without an end is given up at the limit, in bounded memory. */
static void endless_line(void **state)
{
	struct ends *e = *state;
	struct errmsg msg = ERRMSG_NULL;
	cJSON *message = NULL;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		char chunk[65536];

		cli_client_close(&e->client);
		memset(chunk, ' ', sizeof(chunk));
		while (send(e->peer, chunk, sizeof(chunk), MSG_NOSIGNAL) > 0) {
		}
		_exit(0);
	}
	(void)close(e->peer);
	e->peer = -1;
	assert_int_equal(cli_client_recv(&e->client, &message, &msg), -EMSGSIZE);
	cli_client_close(&e->client);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void on_alarm(int number)
{
	(void)number;
}

/* A signal ends the wait, and only the wait: blocked outside, it is not lost. */
static void interrupted(void **state)
{
	struct ends *e = *state;
	struct sigaction action = {.sa_handler = on_alarm};
	struct sigaction old;
	cJSON *message = NULL;
	sigset_t block;
	sigset_t mask;

	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &block, &mask);
	(void)sigaction(SIGUSR1, &action, &old);
	e->client.mask = &mask;
	(void)kill(getpid(), SIGUSR1);
	assert_int_equal(cli_client_recv(&e->client, &message, NULL), -EINTR);
	say(e, "{}\n");
	assert_int_equal(cli_client_recv(&e->client, &message, NULL), 0);
	cJSON_Delete(message);
	(void)sigaction(SIGUSR1, &old, NULL);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void no_connection(void **state)
{
	struct cli_client client = CLI_CLIENT_NULL;
	struct errmsg msg = ERRMSG_NULL;
	char large[200];

	(void)state;
	assert_int_equal(cli_client_open(&client, "/nonexistent/x.sock", &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "/nonexistent/x.sock: "));
	assert_int_equal(cli_client_open(&client, "/dev/null", &msg), -ECONNREFUSED);
	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	assert_int_equal(cli_client_open(&client, large, &msg), -ENAMETOOLONG);
	assert_int_equal(client.fd, -1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {T(request_on_the_wire), T(answers), T(split_and_joined),
		T(no_messages), T(other_end_leaves), T(endless_line), T(interrupted),
		T(no_connection)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
