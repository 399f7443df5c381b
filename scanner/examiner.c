/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    begin: (spawn, READY,) send FILE → finish: VERDICT.
 * Failure modes: end of file on the socket → the worker is dead; the zygote
 *                says how (ENDED), and that decides whose fault it was.
 *                overrun, stall, cancel, lie → KILL, then the same.
 *                the zygote is gone → LOST at the next tick.
 * On close:      the socket is closed; an idle worker ends by itself.
 *
 * The lane looks at the clocks every EXAMINER_TICK_MS. It does not pass the
 * gate meanwhile: a lane that waits for its own grant would not see that its
 * worker overruns.
 */
#include "examiner.h"

#include "cleanup.h"
#include "clock.h"
#include "err.h"
#include "waits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/wait.h>

enum {
	EXAMINER_TICK_MS = 100,
	EXAMINER_END_MS = 5000, /* a dead worker is reaped at once; a busy machine takes longer */
};

int examiner_init(struct examiner *examiner, const struct examiner_config *config)
{
	*examiner = (struct examiner){
		.config = *config, .worker = ENGINEHOST_WORKER_NULL, .inbox = channel_inbox_new()};
	examiner->watch.cpu_max_ns = config->file_cpu_max_ns;
	examiner->watch.stall_ns = config->stall_ns;
	return examiner->inbox ? 0 : -ENOMEM;
}

void examiner_deinit(struct examiner *examiner)
{
	if (examiner->inbox)
		examiner_dismiss(examiner);
	channel_inbox_free(examiner->inbox);
	examiner->inbox = NULL;
}

/* Letter of /proc/PID/stat: T is stopped by a signal, t by a tracer, D waits in the kernel;
 * NUL when it cannot be read. */
static char examiner_state(pid_t pid)
{
	char path[32];
	char text[256];
	const char *name_end;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	_cleanup_(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return '\0';
	text[n] = '\0';
	/* The name before it may hold anything, blanks and brackets too. */
	name_end = strrchr(text, ')');
	if (!name_end || name_end[1] != ' ')
		return '\0';
	return name_end[2];
}

/*
 * A worker that waits in the kernel waits for the file it reads. FUSE lets it
 * wait as if it slept; elsewhere one that sleeps hangs on a lock of its own.
 */
static bool examiner_is_waiting(const struct examiner *examiner, char state)
{
	return state == 'D' || (state == 'S' && examiner->is_apart);
}

static void examiner_mark_wait(struct examiner *examiner, bool is_waiting, uint64_t now_ns)
{
	if (!is_waiting) {
		examiner->stuck_at_ns = 0;
		waits_end();
		return;
	}
	if (examiner->stuck_at_ns == 0)
		examiner->stuck_at_ns = now_ns;
	waits_begin_at(examiner->stuck_at_ns);
}

static enum watch_verdict examiner_look(struct examiner *examiner)
{
	const struct gate *gate = examiner->config.gate;
	struct watch_reading reading = {.now_ns = clock_mono_ns(),
		.cpu_ns = examiner->watch.cpu_last_ns,
		.granted_ns = UINT64_MAX,
		.is_held = gate_is_paused(examiner->config.gate)};
	char state = '\0';

	(void)clock_process_cpu_ns(examiner->worker.pid, &reading.cpu_ns);
	if (gate->grants)
		reading.granted_ns = grant_read(gate->grants,
			GRANT_SLOT_LANE0 + examiner->config.lane, examiner->worker.generation);
	if (!reading.is_held && reading.cpu_ns == examiner->watch.cpu_last_ns)
		state = examiner_state(examiner->worker.pid);
	reading.is_held = reading.is_held || state == 'T' || state == 't';
	examiner_mark_wait(examiner,
		examiner_is_waiting(examiner, state) && reading.granted_ns > reading.cpu_ns,
		reading.now_ns);
	return watch_step(&examiner->watch, &reading);
}

enum examiner_end examiner_classify(int wait_status, char *text, size_t n_text)
{
	int number = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;

	if (number == 0) {
		(void)snprintf(
			text, n_text, "the engine ended with status %d", WEXITSTATUS(wait_status));
		return EXAMINER_CRASHED;
	}
	(void)snprintf(text, n_text, "the engine was ended by signal %d (%s)", number,
		sigabbrev_np(number) ? sigabbrev_np(number) : "real-time");
	if (number == SIGKILL)
		return EXAMINER_KILLED;
	return number == SIGSYS ? EXAMINER_VIOLATION : EXAMINER_CRASHED;
}

static void examiner_forget(struct examiner *examiner)
{
	if (examiner->worker.fd >= 0)
		(void)close(examiner->worker.fd);
	examiner->worker.fd = -1;
	examiner->n_files = 0;
}

/* The worker ends or has ended: wait for it, with a kill if it does not. */
static enum examiner_end examiner_bury(struct examiner *examiner, bool is_to_be_killed)
{
	struct enginehost *host = examiner->config.host;
	unsigned lane = examiner->config.lane;
	struct enginehost_end end = {.wait_status = 0};
	int r;

	if (is_to_be_killed)
		enginehost_kill(host, lane, &examiner->worker);
	examiner_forget(examiner);
	r = enginehost_wait_end(host, lane, &examiner->worker, EXAMINER_END_MS, &end);
	/* No other can take its place; that it does not end is seen by the daemon. */
	waits_begin();
	while (r == -ETIMEDOUT && !gate_is_cancelled(examiner->config.gate)) {
		enginehost_kill(host, lane, &examiner->worker);
		r = enginehost_wait_end(host, lane, &examiner->worker, EXAMINER_END_MS, &end);
	}
	waits_end();
	if (r == 0)
		return examiner_classify(end.wait_status, examiner->text, sizeof(examiner->text));
	if (r == ENGINEHOST_E_LOST)
		return EXAMINER_LOST;
	(void)snprintf(examiner->text, sizeof(examiner->text), "the engine does not end");
	return EXAMINER_KILLED;
}

void examiner_dismiss(struct examiner *examiner)
{
	if (examiner->worker.fd >= 0)
		(void)examiner_bury(examiner, false);
}

static enum examiner_end examiner_kill(struct examiner *examiner, enum examiner_end why)
{
	uint64_t used_ms = watch_used_ns(&examiner->watch) / 1000000;

	(void)examiner_bury(examiner, true);
	if (why == EXAMINER_VIOLATION)
		(void)snprintf(
			examiner->text, sizeof(examiner->text), "the engine broke its protocol");
	else
		(void)snprintf(examiner->text, sizeof(examiner->text), "%llu ms of CPU time used",
			(unsigned long long)used_ms);
	return why;
}

/* Keep what was found. @return false: the message is none of that, or one too many. */
static bool examiner_note_found(struct examiner *examiner)
{
	const struct ipc_work_verdict *said = &examiner->inbox->msg.work_verdict;

	if (examiner->inbox->type != IPC_WORK_FOUND || examiner->has_found ||
		examiner->inbox->n_fds > 0 || said->code != IPC_WORK_INFECTED ||
		!examiner_is_credible(said, examiner->serial))
		return false;
	memcpy(examiner->signature, said->signature.data, said->signature.n);
	examiner->found = (struct ipc_work_verdict){.serial = said->serial,
		.code = said->code,
		.signature = {.data = examiner->signature, .n = said->signature.n},
		.cpu_ns = said->cpu_ns};
	examiner->has_found = true;
	return true;
}

/* Wait for one message of @type. */
static enum examiner_end examiner_listen(struct examiner *examiner, uint16_t type)
{
	struct pollfd poll_fd = {.fd = examiner->worker.fd, .events = POLLIN};

	for (;;) {
		int n = poll(&poll_fd, 1, EXAMINER_TICK_MS);
		enum watch_verdict verdict;

		if (n > 0) {
			int r = channel_recv(examiner->worker.fd, examiner->inbox);

			if (r == -ENODATA)
				return examiner_bury(examiner, false);
			if (r == -EAGAIN)
				continue;
			if (r == 0 && type == IPC_WORK_VERDICT && examiner_note_found(examiner))
				continue;
			if (r < 0 || examiner->inbox->type != type)
				return examiner_kill(examiner, EXAMINER_VIOLATION);
			return EXAMINER_VERDICT;
		}
		if (gate_is_cancelled(examiner->config.gate))
			return examiner_kill(examiner, EXAMINER_CANCELLED);
		if (enginehost_is_lost(examiner->config.host, &examiner->worker)) {
			examiner_forget(examiner);
			return EXAMINER_LOST;
		}
		verdict = examiner_look(examiner);
		if (verdict != WATCH_FINE)
			return examiner_kill(examiner,
				verdict == WATCH_OVERRUN ? EXAMINER_OVERRUN : EXAMINER_STALLED);
	}
}

static enum examiner_end examiner_await(struct examiner *examiner, uint16_t type)
{
	enum examiner_end end = examiner_listen(examiner, type);

	examiner_mark_wait(examiner, false, 0);
	return end;
}

static void examiner_watch_begin(struct examiner *examiner)
{
	uint64_t cpu_ns = 0;

	(void)clock_process_cpu_ns(examiner->worker.pid, &cpu_ns);
	watch_begin(&examiner->watch, clock_mono_ns(), cpu_ns);
}

static enum examiner_end examiner_hire(struct examiner *examiner)
{
	uint64_t cpu_max_ns = examiner->watch.cpu_max_ns;
	enum examiner_end end;
	int r = enginehost_spawn(examiner->config.host, examiner->config.lane, &examiner->worker);

	if (r == -ECANCELED)
		return EXAMINER_CANCELLED;
	if (r < 0) {
		examiner->worker.fd = -1;
		examiner->error = r;
		(void)snprintf(
			examiner->text, sizeof(examiner->text), "no engine: %s", err_text(r));
		return EXAMINER_NO_WORKER;
	}
	examiner->n_files = 0;
	/* A worker that does not read must not hold the lane in a send. */
	(void)channel_set_blocking(examiner->worker.fd, false);
	examiner_watch_begin(examiner);
	/* Building its walls is not a file's CPU time. */
	examiner->watch.cpu_max_ns = 0;
	end = examiner_await(examiner, IPC_WORK_READY);
	examiner->watch.cpu_max_ns = cpu_max_ns;
	return end;
}

/* Nobody can answer for a file before it is asked about it. */
static uint64_t examiner_draw_serial(struct examiner *examiner)
{
	uint64_t random = 0;

	/* Before the kernel has entropy, early at boot, it counts up. */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		random = 1;
	examiner->serial += random;
	return examiner->serial;
}

enum examiner_end examiner_begin(struct examiner *examiner, int fd, uint64_t size)
{
	struct ipc_work_file file = {.size = size};
	int r;

	if (examiner->worker.fd < 0) {
		enum examiner_end end = examiner_hire(examiner);

		if (end != EXAMINER_VERDICT)
			return end;
	}
	file.serial = examiner_draw_serial(examiner);
	examiner->has_found = false;
	examiner->n_files++;
	examiner_watch_begin(examiner);
	r = channel_send(examiner->worker.fd, IPC_WORK_FILE, &file, &fd, 1);
	if (r == 0)
		return EXAMINER_VERDICT;
	/* A worker that reads has room for one file. */
	if (r == -EAGAIN)
		return examiner_kill(examiner, EXAMINER_VIOLATION);
	/* It died while it was idle, which is not this file's doing. */
	return examiner_bury(examiner, false);
}

bool examiner_is_credible(const struct ipc_work_verdict *verdict, uint64_t serial)
{
	if (verdict->serial != serial || verdict->code >= IPC_WORK_CODE_N)
		return false;
	return verdict->code != IPC_WORK_INFECTED || verdict->signature.n > 0;
}

enum examiner_end examiner_finish(
	struct examiner *examiner, const struct ipc_work_verdict **verdictp)
{
	const struct ipc_work_verdict *said = &examiner->inbox->msg.work_verdict;
	enum examiner_end end = examiner_await(examiner, IPC_WORK_VERDICT);

	if (end == EXAMINER_VERDICT &&
		(!examiner_is_credible(said, examiner->serial) || examiner->inbox->n_fds > 0 ||
			(examiner->has_found && said->code != IPC_WORK_INFECTED)))
		end = examiner_kill(examiner, EXAMINER_VIOLATION);
	if (end != EXAMINER_VERDICT && !examiner->has_found)
		return end;
	*verdictp = end == EXAMINER_VERDICT ? said : &examiner->found;
	return EXAMINER_VERDICT;
}

void examiner_retire(struct examiner *examiner, const struct ipc_work_verdict *verdict)
{
	uint64_t files_max = examiner->config.worker_files_max;

	if (verdict->code == IPC_WORK_INFECTED || verdict->code == IPC_WORK_ENGINE_ERROR ||
		(files_max > 0 && examiner->n_files >= files_max))
		examiner_dismiss(examiner);
}
