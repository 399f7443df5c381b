/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wait for a scan to end.   (hands: socket, SIGINT)
 *
 * Happy path:    scan.watch → progress … → scan.ended → its scan.
 * Failure modes: Ctrl-C       → scan.cancel on the same connection, wait on.
 *                Ctrl-C again → CLI_WAIT_E_LEFT at once; the cancel was sent.
 *                connection lost → the service may be restarting and will take
 *                the scan up again: connect anew for up to a minute.
 *                refused      → the reason is shown, CLI_WAIT_E_LOST.
 *
 * SIGINT is blocked but inside the client's ppoll(2), so none is lost.
 */
#include "cli_wait.h"

#include "cleanup.h"
#include "cli_format.h"
#include "cli_print.h"
#include "cli_progress.h"
#include "cli_view.h"
#include "clock.h"

#include <poll.h>
#include <unistd.h>

enum {
	CLI_WAIT_RETRY_MS = 500,
	CLI_WAIT_RETRIES = 120,
};

static volatile sig_atomic_t cli_wait_n_interrupts;

static void cli_wait_on_interrupt(int number)
{
	(void)number;
	if (cli_wait_n_interrupts < 2)
		cli_wait_n_interrupts++;
}

struct cli_wait {
	struct cli *cli;
	const char *id;
	struct cli_progress progress;
	int64_t watch_id; /* of the scan.watch request */
	int n_cancels;    /* interrupts that were acted on */
	cJSON *scan;      /* the last one seen, owned */
};

static cJSON *cli_wait_params(const struct cli_wait *wait, const char *comment)
{
	cJSON *params = cli_params();

	if (params && json_add_string(params, "id", wait->id) == 0 &&
		(!comment || json_add_string(params, "comment", comment) == 0))
		return params;
	cJSON_Delete(params);
	return NULL;
}

static int cli_wait_send(
	struct cli_wait *wait, const char *method, const char *comment, int64_t *idp)
{
	cJSON *params = cli_wait_params(wait, comment);

	if (!params)
		return err_origin(-ENOMEM);
	return cli_client_send(&wait->cli->client, method, params, idp);
}

/* The first Ctrl-C cancels, the second leaves. 0 to go on, or CLI_WAIT_E_LEFT. */
static int cli_wait_interrupted(struct cli_wait *wait)
{
	if (wait->n_cancels >= (int)cli_wait_n_interrupts)
		return 0;
	cli_progress_clear(&wait->progress);
	if (wait->n_cancels == 0 && cli_wait_n_interrupts == 1) {
		(void)fprintf(wait->cli->err,
			"Interrupted: cancelling scan %s and waiting for its end. Ctrl-C again "
			"leaves at once.\n",
			wait->id);
		(void)cli_wait_send(wait, "scan.cancel", "interrupted at the terminal", NULL);
		wait->n_cancels = 1;
		return 0;
	}
	if (wait->n_cancels == 0)
		(void)cli_wait_send(wait, "scan.cancel", "interrupted at the terminal", NULL);
	(void)fprintf(wait->cli->err,
		"Left. The service goes on cancelling the scan: quietscan scan show %s\n",
		wait->id);
	wait->n_cancels = 2;
	return CLI_WAIT_E_LEFT;
}

/* Keep the newest scan; an answer to scan.cancel has no progress and is not shown. */
static void cli_wait_take(struct cli_wait *wait, cJSON *scan, bool is_shown)
{
	if (!cJSON_IsObject(scan)) {
		cJSON_Delete(scan);
		return;
	}
	cJSON_Delete(wait->scan);
	wait->scan = scan;
	if (is_shown && !cli_view_is_final(scan))
		cli_progress_show(&wait->progress, scan, clock_mono_ns());
}

static int cli_wait_answer(struct cli_wait *wait, cJSON *message)
{
	struct cli_fault fault;
	cJSON *result = NULL;
	int64_t id = 0;
	int r = cli_client_answer(message, &result, &fault);

	(void)json_get_int(message, "id", 0, INT64_MAX, &id, NULL);
	if (r == 0) {
		cli_wait_take(wait, result, id == wait->watch_id);
		return 0;
	}
	cli_progress_clear(&wait->progress);
	(void)cli_report(wait->cli, r, &fault);
	/* A cancel that comes too late is refused; the scan has ended or will. */
	return id == wait->watch_id ? CLI_WAIT_E_LOST : 0;
}

static int cli_wait_notification(struct cli_wait *wait, cJSON *message)
{
	const char *method = cli_format_field(message, "method");

	if (strcmp(method, "scan.progress") == 0 || strcmp(method, "scan.ended") == 0)
		cli_wait_take(
			wait, cJSON_DetachItemFromObjectCaseSensitive(message, "params"), true);
	return 0;
}

/* One connection's life: 0 when the scan has ended; CLI_WAIT_E_*; -errno when lost. */
static int cli_wait_watch(struct cli_wait *wait)
{
	int r = cli_wait_send(wait, "scan.watch", NULL, &wait->watch_id);

	while (r == 0) {
		_cleanup_(json_cleanup) cJSON *message = NULL;

		r = cli_client_recv(&wait->cli->client, &message, NULL);
		if (r == -EINTR)
			r = 0;
		else if (r == 0 && cJSON_GetObjectItemCaseSensitive(message, "method"))
			r = cli_wait_notification(wait, message);
		else if (r == 0)
			r = cli_wait_answer(wait, message);
		if (r == 0)
			r = cli_wait_interrupted(wait);
		if (r == 0 && wait->scan && cli_view_is_final(wait->scan))
			return 0;
	}
	return r;
}

/* The service went away: 0 when it is there again. */
static int cli_wait_reconnect(struct cli_wait *wait)
{
	struct cli *cli = wait->cli;

	cli_progress_clear(&wait->progress);
	cli_client_close(&cli->client);
	(void)fprintf(cli->err, "The service went away; waiting for it to come back.\n");
	for (int i = 0; i < CLI_WAIT_RETRIES; i++) {
		struct timespec pause = {.tv_nsec = CLI_WAIT_RETRY_MS * 1000000L};

		if (cli_client_open(&cli->client, cli->socket_path, NULL) == 0)
			return 0;
		(void)ppoll(NULL, 0, &pause, cli->client.mask);
		if (cli_wait_n_interrupts > 0) {
			(void)fprintf(cli->err, "Left. See: quietscan scan show %s\n", wait->id);
			return CLI_WAIT_E_LEFT;
		}
	}
	(void)cli_fail(
		cli, "the service did not come back; the scan's record is kept: %s", wait->id);
	return CLI_WAIT_E_LOST;
}

static int cli_wait_loop(struct cli_wait *wait)
{
	int r;

	do {
		r = cli_wait_watch(wait);
		if (r >= 0)
			break;
		r = cli_wait_reconnect(wait);
	} while (r == 0);
	cli_progress_clear(&wait->progress);
	return r;
}

int cli_wait(struct cli *cli, const char *id, cJSON **scanp)
{
	struct cli_wait wait = {.cli = cli, .id = id, .progress = {.out = cli->err}};
	struct sigaction action = {.sa_handler = cli_wait_on_interrupt};
	struct sigaction old_action;
	sigset_t interrupt;
	sigset_t old_mask;
	sigset_t mask;
	int r;

	if (isatty(fileno(cli->err)))
		wait.progress.kind = CLI_PROGRESS_LIVE;
	else if (!cli->is_json)
		wait.progress.kind = CLI_PROGRESS_PLAIN;
	cli_wait_n_interrupts = 0;
	(void)sigemptyset(&interrupt);
	(void)sigaddset(&interrupt, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &interrupt, &old_mask);
	(void)sigaction(SIGINT, &action, &old_action);
	mask = old_mask;
	(void)sigdelset(&mask, SIGINT);
	cli->client.mask = &mask;
	r = cli_wait_loop(&wait);
	cli->client.mask = NULL;
	(void)sigaction(SIGINT, &old_action, NULL);
	(void)sigprocmask(SIG_SETMASK, &old_mask, NULL);
	if (r != 0) {
		cJSON_Delete(wait.scan);
		return r;
	}
	*scanp = wait.scan;
	return 0;
}
