/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real engine brings a grant page of its own (engineproc.h); a worker's
 * slot is opened in both, so that the scanner's watch sees the grants.
 */
#include "scannerproc.h"

#include "clock.h"
#include "puppet.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SCANNERPROC_FD_SPARE = 100 };

void scannerproc_add(struct scannerproc *proc, enum ipc_path_kind kind, const char *path)
{
	assert_true(proc->n_paths < SCANNERPROC_PATHS_MAX);
	proc->paths[proc->n_paths++] =
		(struct scannerproc_path){.kind = kind, .path = span_str(path)};
}

static _Noreturn void scannerproc_exec(const struct scannerproc *proc, int control, int grants)
{
	const char *argv[20] = {"quietscan-scanner", "--control-fd", "3", "--grants-fd", "5",
		"--report-fd", "6", "--log-level", "warn"};
	size_t n = 9;
	int null = open("/dev/null", O_RDWR);
	int program;
	int spare[] = {dup2(control, SCANNERPROC_FD_SPARE), dup2(null, SCANNERPROC_FD_SPARE + 1),
		dup2(grants, SCANNERPROC_FD_SPARE + 2),
		dup2(proc->report_fd, SCANNERPROC_FD_SPARE + 3)};

	if (proc->book_fd > 0) {
		spare[1] = dup2(proc->book_fd, SCANNERPROC_FD_SPARE + 1);
		argv[n++] = "--book-fd";
		argv[n++] = "4";
	}
	if (proc->uid) {
		argv[n++] = "--uid";
		argv[n++] = proc->uid;
		argv[n++] = "--gid";
		argv[n++] = proc->uid;
	}
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	for (int i = 0; i < 4; i++)
		(void)dup2(spare[i], 3 + i);
	(void)syscall(SYS_close_range, 7U, ~0U, 0U);
	if (proc->root && (chroot(proc->root) < 0 || chdir("/") < 0))
		_exit(125);
	program = open(proc->root ? "/scanner" : QUIETSCAN_SCANNER, O_PATH | O_CLOEXEC);
	if (proc->start_uid) {
		uid_t uid = (uid_t)strtoul(proc->start_uid, NULL, 10);

		if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
			setresuid(uid, uid, uid) < 0)
			_exit(126);
	}
	/* By descriptor: that user may have no way to where the build is. */
	(void)execveat(program, "", (char **)(uintptr_t)argv, environ, AT_EMPTY_PATH);
	_exit(127);
}

static void scannerproc_start_puppet(struct scannerproc *proc, int fork_fds[2])
{
	int control[2];
	int others[3];

	assert_int_equal(channel_pair(control), 0);
	assert_int_equal(channel_pair(fork_fds), 0);
	others[0] = control[0];
	others[1] = fork_fds[0];
	others[2] = proc->control_fd;
	proc->engine_pid = puppet_start(control[1], fork_fds[1], others, 3);
	(void)close(control[1]);
	(void)close(fork_fds[1]);
	proc->engine_fd = control[0];
}

/* Start an engine and give it to the scanner. */
static void scannerproc_give_engine(struct scannerproc *proc)
{
	struct ipc_scan_engine message = {.generation = ++proc->n_engines};
	int fork_fds[2];

	memset(proc->workers, 0, sizeof(proc->workers));
	if (proc->signatures) {
		proc->engine = (struct engineproc){
			.signatures = proc->signatures, .temp_dir = proc->temp_dir};
		engineproc_start_ready(&proc->engine);
		proc->engine_pid = proc->engine.pid;
		proc->engine_fd = proc->engine.control_fd;
		fork_fds[0] = proc->engine.fork_fd;
		proc->engine.fork_fd = -1;
	} else {
		scannerproc_start_puppet(proc, fork_fds);
	}
	(void)channel_send(proc->control_fd, IPC_SCAN_ENGINE, &message, &fork_fds[0], 1);
	(void)close(fork_fds[0]);
}

static void scannerproc_drop_engine(struct scannerproc *proc)
{
	if (proc->engine_pid <= 0)
		return;
	(void)close(proc->engine_fd);
	/* It ends by itself when the channel closes; a stopped one would not. */
	(void)kill(proc->engine_pid, SIGCONT);
	for (int i = 0; i < 1000 && waitpid(proc->engine_pid, NULL, WNOHANG) == 0; i++) {
		(void)poll(NULL, 0, 10);
		if (i == 500)
			(void)kill(proc->engine_pid, SIGKILL);
	}
	if (proc->signatures) {
		(void)close(proc->engine.log_fd);
		grant_page_close(proc->engine.page);
		channel_inbox_free(proc->engine.inbox);
	}
	proc->engine_pid = 0;
}

static void scannerproc_order(struct scannerproc *proc)
{
	struct ipc_scan_start start = {.type = (uint8_t)proc->type,
		.flags = proc->flags | IPC_SCAN_REPORT_ALL,
		.n_lanes = (uint16_t)(proc->n_lanes ? proc->n_lanes : 2),
		.file_cpu_max_ns = proc->file_cpu_max_ns,
		.stall_ns = proc->stall_ns,
		.worker_files_max = proc->worker_files_max};

	for (size_t i = 0; i < proc->n_paths; i++) {
		struct ipc_scan_path path = {
			.kind = (uint8_t)proc->paths[i].kind, .path = proc->paths[i].path};

		assert_int_equal(channel_send(proc->control_fd, IPC_SCAN_PATH, &path, NULL, 0), 0);
	}
	assert_int_equal(channel_send(proc->control_fd, IPC_SCAN_START, &start, NULL, 0), 0);
}

void scannerproc_start(struct scannerproc *proc)
{
	int control[2];
	int grants;

	assert_int_equal(channel_pair(control), 0);
	assert_int_equal(grant_page_new(&proc->page, &grants), 0);
	grant_assign(proc->page, GRANT_SLOT_SCANNER, 1);
	if (!proc->is_governed)
		grant_raise(proc->page, GRANT_SLOT_SCANNER, GRANT_UNLIMITED);
	proc->report_fd = proc->report_path
				  ? open(proc->report_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)
				  : memfd_create("report", MFD_CLOEXEC);
	assert_true(proc->report_fd >= 0);
	proc->inbox = channel_inbox_new();
	proc->notices = calloc(SCANNERPROC_NOTICES_MAX, sizeof(*proc->notices));
	assert_true(proc->inbox && proc->notices);
	proc->pid = fork();
	assert_true(proc->pid >= 0);
	if (proc->pid == 0)
		scannerproc_exec(proc, control[1], grants);
	(void)close(control[1]);
	(void)close(grants);
	proc->control_fd = control[0];
	engineproc_expect(proc->control_fd, proc->inbox, IPC_SCAN_HELLO);
	assert_int_equal(proc->inbox->msg.scan_hello.pid, proc->pid);
	scannerproc_order(proc);
	scannerproc_give_engine(proc);
}

static void scannerproc_copy(char *text, size_t n_text, struct span bytes)
{
	size_t n = bytes.n < n_text - 1 ? bytes.n : n_text - 1;

	if (n > 0)
		memcpy(text, bytes.data, n);
	text[n] = '\0';
}

static void scannerproc_on_detection(
	struct scannerproc *proc, const struct ipc_scan_detection *fields)
{
	struct scannerproc_detection *detection;

	proc->detections =
		realloc(proc->detections, (proc->n_detections + 1) * sizeof(*proc->detections));
	assert_non_null(proc->detections);
	detection = &proc->detections[proc->n_detections++];
	detection->fields = *fields;
	scannerproc_copy(detection->path, sizeof(detection->path), fields->path);
	scannerproc_copy(detection->container, sizeof(detection->container), fields->container);
	scannerproc_copy(detection->signature, sizeof(detection->signature), fields->signature);
}

static void scannerproc_on_notice(struct scannerproc *proc, const struct ipc_scan_notice *fields)
{
	struct scannerproc_notice *notice;

	if (proc->n_notices == SCANNERPROC_NOTICES_MAX)
		return;
	notice = &proc->notices[proc->n_notices++];
	notice->kind = fields->kind;
	scannerproc_copy(notice->path, sizeof(notice->path), fields->path);
	scannerproc_copy(notice->text, sizeof(notice->text), fields->text);
}

static void scannerproc_on_mount(struct scannerproc *proc, const struct ipc_scan_mount *mount)
{
	size_t n = strlen(proc->passes);
	char sign = mount->is_whole ? '!' : '+';

	(void)snprintf(proc->passes + n, sizeof(proc->passes) - n, "%c%.*s ",
		mount->has_begun ? '=' : sign, (int)mount->point.n,
		(const char *)mount->point.data);
}

static void scannerproc_see_rss(struct scannerproc *proc)
{
	char path[64];
	char line[256];
	unsigned long kib;
	FILE *status;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)proc->pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "VmHWM: %lu", &kib) == 1 && kib > proc->peak_rss_kib)
			proc->peak_rss_kib = kib;
	if (status)
		(void)fclose(status);
}

static void scannerproc_on_scanner(struct scannerproc *proc)
{
	struct channel_inbox *inbox = proc->inbox;
	int r = channel_recv(proc->control_fd, inbox);
	uint64_t sum = 0;

	if (r < 0) {
		pid_t pid = waitpid(proc->pid, &proc->wait_status, 0);

		proc->pid = pid == proc->pid ? 0 : proc->pid;
		fail_msg("the scanner is gone before DONE (%d), wait status %#x", r,
			(unsigned)proc->wait_status);
	}
	switch (inbox->type) {
	case IPC_SCAN_PROGRESS:
		proc->progress = inbox->msg.scan_progress;
		proc->n_progress++;
		for (int i = 0; i < FILE_RESULT_N; i++)
			sum += proc->progress.results[i];
		assert_true(sum <= proc->progress.n_found);
		scannerproc_see_rss(proc);
		break;
	case IPC_SCAN_DETECTION:
		scannerproc_on_detection(proc, &inbox->msg.scan_detection);
		break;
	case IPC_SCAN_NOTICE:
		scannerproc_on_notice(proc, &inbox->msg.scan_notice);
		break;
	case IPC_SCAN_MOUNT:
		scannerproc_on_mount(proc, &inbox->msg.scan_mount);
		break;
	case IPC_SCAN_WAIT:
		proc->n_waits++;
		break;
	case IPC_SCAN_DONE:
		proc->done = inbox->msg.scan_done;
		proc->is_done = true;
		break;
	default:
		fail_msg("unexpected message %#x", inbox->type);
	}
}

static void scannerproc_on_engine(struct scannerproc *proc)
{
	const struct ipc_engine_worker *worker = &proc->inbox->msg.engine_worker;
	int r = channel_recv(proc->engine_fd, proc->inbox);

	if (r < 0 || proc->inbox->type != IPC_ENGINE_WORKER) {
		scannerproc_drop_engine(proc);
		scannerproc_give_engine(proc);
		return;
	}
	proc->workers[worker->lane] = worker->is_started ? (pid_t)worker->pid : 0;
	if (!worker->is_started)
		return;
	proc->n_workers++;
	if (proc->signatures) {
		grant_assign(
			proc->engine.page, GRANT_SLOT_LANE0 + worker->lane, worker->generation);
		grant_raise(proc->engine.page, GRANT_SLOT_LANE0 + worker->lane, GRANT_UNLIMITED);
	}
	grant_assign(proc->page, GRANT_SLOT_LANE0 + worker->lane, worker->generation);
	if (!proc->is_governed)
		grant_raise(proc->page, GRANT_SLOT_LANE0 + worker->lane, GRANT_UNLIMITED);
}

bool scannerproc_step(struct scannerproc *proc, int timeout_ms)
{
	struct pollfd fds[] = {{.fd = proc->control_fd, .events = POLLIN},
		{.fd = proc->engine_pid > 0 ? proc->engine_fd : -1, .events = POLLIN}};

	(void)poll(fds, 2, timeout_ms);
	/* First the workers: a verdict must not overtake its worker's start. */
	if (fds[1].revents)
		scannerproc_on_engine(proc);
	else if (fds[0].revents)
		scannerproc_on_scanner(proc);
	return !proc->is_done;
}

void scannerproc_control(struct scannerproc *proc, enum ipc_scan_command command, uint64_t value)
{
	struct ipc_scan_control control = {.command = (uint8_t)command, .value = value};
	int r = channel_send(proc->control_fd, IPC_SCAN_CONTROL, &control, NULL, 0);

	/* It may have ended already; DONE waits in the socket then. */
	assert_true(r == 0 || r == -EPIPE || r == -ECONNRESET);
}

static void scannerproc_reap(struct scannerproc *proc)
{
	for (int i = 0; i < 1000; i++) {
		if (waitpid(proc->pid, &proc->wait_status, WNOHANG) == proc->pid) {
			proc->pid = 0;
			return;
		}
		(void)poll(NULL, 0, 10);
	}
	fail_msg("the scanner did not end after DONE");
}

void scannerproc_finish(struct scannerproc *proc)
{
	uint64_t until_ns = clock_mono_ns() +
			    (uint64_t)(proc->deadline_ms ? proc->deadline_ms : 60000) * 1000000;

	while (scannerproc_step(proc, 5)) {
		if (proc->on_tick)
			proc->on_tick(proc);
		if (clock_mono_ns() > until_ns)
			fail_msg("the scan did not end in time: %llu found, %llu clean",
				(unsigned long long)proc->progress.n_found,
				(unsigned long long)proc->progress.results[FILE_RESULT_CLEAN]);
	}
	scannerproc_reap(proc);
	scannerproc_read_report(proc);
}

void scannerproc_run(struct scannerproc *proc)
{
	scannerproc_start(proc);
	scannerproc_finish(proc);
}

void scannerproc_close(struct scannerproc *proc)
{
	if (proc->pid > 0) {
		(void)kill(proc->pid, SIGKILL);
		(void)waitpid(proc->pid, NULL, 0);
	}
	scannerproc_drop_engine(proc);
	(void)close(proc->control_fd);
	(void)close(proc->report_fd);
	grant_page_close(proc->page);
	channel_inbox_free(proc->inbox);
	for (size_t i = 0; i < proc->n_lines; i++)
		free((void *)(uintptr_t)proc->lines[i].path.data);
	free(proc->lines);
	free(proc->notices);
	free(proc->detections);
	memset(proc, 0, sizeof(*proc));
}
