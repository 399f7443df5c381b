/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    start engine and scanner → READY, HELLO → begin → messages →
 *                stop → both gone.
 * Failure modes: each process may die at any time and is told as gone; a
 *                worker whose pid is not the zygote's child ends the zygote.
 * On close:      processes are killed, temporary directories are removed in the
 *                pool, with memory of their own.
 */
#include "scan_team.h"

#include "check.h"
#include "cleanup.h"
#include "engine_process.h"
#include "log.h"
#include "priority.h"
#include "scanner_process.h"
#include "temp_dir.h"
#include "waste.h"
#include "worker_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN_TEAM_OFFENCES_MAX = 16 };

struct scan_team {
	struct scan_team_config config;
	/* state */
	struct engine_process *engine;
	uint32_t engine_generation;
	struct worker_table workers;
	char temp_dir[SERVICE_PATHS_MAX];
	struct scanner_process *scanner;
	uint32_t scanner_generation;
	int fork_fd; /* the scanner's end, until there is a scanner */
	bool is_scanning;
};

static void scan_team_drop_temp(struct scan_team *team)
{
	if (team->temp_dir[0])
		waste_drop(team->config.loop, team->temp_dir);
	team->temp_dir[0] = '\0';
}

/* Right after the spawn: threads that exist already would not be lowered. */
static void scan_team_lower(const struct scan_team *team, pid_t pid)
{
	struct errmsg msg = ERRMSG_NULL;

	if (team->config.settings->enable_low_cpu_priority && pid > 0 &&
		priority_lower(pid, &msg) < 0)
		log_warn("scan_team", "pid %d: %s", (int)pid, msg.text);
}

static void scan_team_govern(struct scan_team *team, size_t slot, uint32_t generation, pid_t pid)
{
	int r = governor_add(team->config.governor, slot, generation, pid);

	if (r < 0)
		log_warn("scan_team", "govern pid %d: %s", (int)pid, err_text(r));
}

static void scan_team_ungovern(struct scan_team *team, size_t slot, uint32_t generation)
{
	(void)governor_remove(team->config.governor, slot, generation, 0);
}

/* The zygote and the workers that die with it. */
static void scan_team_ungovern_engine(struct scan_team *team)
{
	for (size_t lane = 0; lane < IPC_LANES_MAX; lane++)
		if (team->workers.lanes[lane].generation)
			scan_team_ungovern(team, GRANT_SLOT_LANE0 + lane,
				team->workers.lanes[lane].generation);
	worker_table_clear(&team->workers);
	scan_team_ungovern(team, GRANT_SLOT_ZYGOTE, team->engine_generation);
}

/* Engine. */

static void scan_team_on_ready(void *arg, const struct ipc_engine_ready *ready)
{
	struct scan_team *team = arg;

	team->config.events->on_engine_ready(team->config.arg, ready);
}

static void scan_team_on_failed(void *arg, const struct ipc_engine_failed *failed)
{
	struct scan_team *team = arg;

	team->config.events->on_engine_failed(team->config.arg, failed);
}

static void scan_team_on_worker(void *arg, const struct ipc_engine_worker *worker)
{
	struct scan_team *team = arg;
	size_t slot = GRANT_SLOT_LANE0 + (size_t)worker->lane;
	int r;

	if (!worker->is_started) {
		(void)governor_remove(
			team->config.governor, slot, worker->generation, worker->cpu_ns);
		(void)worker_table_remove(&team->workers, worker->lane, worker->generation);
		return;
	}
	r = worker_table_add(&team->workers, worker->lane, worker->generation, (pid_t)worker->pid,
		engine_process_pid(team->engine));
	if (r < 0) {
		log_error("scan_team", "worker %" PRIu64 " of the engine: %s", worker->pid,
			err_text(r));
		engine_process_stop(team->engine, 0);
		return;
	}
	scan_team_govern(team, slot, worker->generation, (pid_t)worker->pid);
}

static void scan_team_on_engine_gone(void *arg, const struct child_link_end *end)
{
	struct scan_team *team = arg;
	struct child_link_end copy = *end;

	scan_team_ungovern_engine(team);
	engine_process_free(team->engine);
	team->engine = NULL;
	if (team->fork_fd >= 0)
		(void)close(take_fd(&team->fork_fd));
	scan_team_drop_temp(team);
	team->config.events->on_engine_gone(team->config.arg, &copy);
}

static int scan_team_spawn_engine(
	struct scan_team *team, const char *set_dir, int fork_fd, struct errmsg *msg)
{
	const struct settings *settings = team->config.settings;
	struct engine_process_config config = {
		.program = team->config.paths->engine,
		.signature_dir = set_dir,
		.temp_dir = team->temp_dir,
		.settings = settings,
		.identity = child_identity_find(settings->engine_user, geteuid() == 0),
		.grants_fd = governor_page_fd(team->config.governor),
		.fork_fd = fork_fd,
		.on_ready = scan_team_on_ready,
		.on_failed = scan_team_on_failed,
		.on_worker = scan_team_on_worker,
		.on_gone = scan_team_on_engine_gone,
		.arg = team,
	};
	int r = temp_dir_make(team->config.paths->temp_dir, &config.identity, team->temp_dir,
		sizeof(team->temp_dir), msg);

	if (r < 0) {
		team->temp_dir[0] = '\0';
		return r;
	}
	team->engine_generation = ++*team->config.generationp;
	config.generation = team->engine_generation;
	r = engine_process_start(team->config.loop, &config, &team->engine, msg);
	if (r < 0) {
		scan_team_drop_temp(team);
		return r;
	}
	scan_team_lower(team, engine_process_pid(team->engine));
	scan_team_govern(
		team, GRANT_SLOT_ZYGOTE, team->engine_generation, engine_process_pid(team->engine));
	return 0;
}

int scan_team_start_engine(
	struct scan_team *team, const char *set_dir, bool is_load_only, struct errmsg *msg)
{
	int fds[2] = {-1, -1};
	int r = is_load_only ? 0 : channel_pair(fds);

	PRE(!team->engine);
	if (r == 0)
		r = scan_team_spawn_engine(team, set_dir, fds[1], msg);
	if (r == 0 && team->scanner)
		r = scanner_process_engine(team->scanner, team->engine_generation, fds[0]);
	else if (r == 0)
		team->fork_fd = take_fd(&fds[0]);
	for (size_t i = 0; i < 2; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	return r < 0 ? err_trace(r) : 0;
}

/* Scanner. */

static void scan_team_on_hello(void *arg)
{
	struct scan_team *team = arg;

	team->config.events->on_scanner_hello(team->config.arg);
}

static void scan_team_on_progress(void *arg, const struct ipc_scan_progress *progress)
{
	struct scan_team *team = arg;

	team->config.events->on_progress(team->config.arg, progress);
}

static void scan_team_on_detection(void *arg, const struct ipc_scan_detection *detection)
{
	struct scan_team *team = arg;

	team->config.events->on_detection(team->config.arg, detection);
}

static void scan_team_on_notice(void *arg, const struct ipc_scan_notice *notice)
{
	struct scan_team *team = arg;

	team->config.events->on_notice(team->config.arg, notice);
}

static void scan_team_on_mount(void *arg, const struct ipc_scan_mount *mount)
{
	struct scan_team *team = arg;

	team->config.events->on_mount(team->config.arg, mount);
}

static void scan_team_on_wait(void *arg, const struct ipc_scan_wait *wait)
{
	struct scan_team *team = arg;

	team->config.events->on_wait(team->config.arg, wait);
}

static void scan_team_on_done(void *arg, const struct ipc_scan_done *done)
{
	struct scan_team *team = arg;

	team->config.events->on_done(team->config.arg, done);
}

static void scan_team_on_batch_end(void *arg)
{
	struct scan_team *team = arg;

	team->config.events->on_batch_end(team->config.arg);
}

static void scan_team_on_scanner_gone(void *arg, const struct child_link_end *end)
{
	struct scan_team *team = arg;
	struct child_link_end copy = *end;

	scan_team_ungovern(team, GRANT_SLOT_SCANNER, team->scanner_generation);
	scanner_process_free(team->scanner);
	team->scanner = NULL;
	team->is_scanning = false;
	team->config.events->on_scanner_gone(team->config.arg, &copy);
}

int scan_team_start_scanner(struct scan_team *team, int report_fd, int book_fd, struct errmsg *msg)
{
	struct scanner_process_config config = {
		.program = team->config.paths->scanner,
		.identity =
			child_identity_find(team->config.settings->scanner_user, geteuid() == 0),
		.grants_fd = governor_page_fd(team->config.governor),
		.report_fd = report_fd,
		.book_fd = book_fd,
		.on_hello = scan_team_on_hello,
		.on_progress = scan_team_on_progress,
		.on_detection = scan_team_on_detection,
		.on_notice = scan_team_on_notice,
		.on_mount = scan_team_on_mount,
		.on_wait = scan_team_on_wait,
		.on_done = scan_team_on_done,
		.on_batch_end = scan_team_on_batch_end,
		.on_gone = scan_team_on_scanner_gone,
		.arg = team,
	};
	int r;

	PRE(!team->scanner);
	team->scanner_generation = ++*team->config.generationp;
	config.generation = team->scanner_generation;
	r = scanner_process_start(team->config.loop, &config, &team->scanner, msg);
	if (r < 0)
		return err_trace(r);
	scan_team_lower(team, scanner_process_pid(team->scanner));
	scan_team_govern(team, GRANT_SLOT_SCANNER, team->scanner_generation,
		scanner_process_pid(team->scanner));
	if (team->fork_fd < 0)
		return 0;
	r = scanner_process_engine(team->scanner, team->engine_generation, team->fork_fd);
	(void)close(take_fd(&team->fork_fd));
	return r;
}

/* Both. */

int scan_team_new(const struct scan_team_config *config, struct scan_team **teamp)
{
	struct scan_team *team = calloc(1, sizeof(*team));

	if (!team)
		return err_origin(-ENOMEM);
	team->config = *config;
	team->fork_fd = -1;
	worker_table_init(&team->workers);
	*teamp = team;
	return 0;
}

bool scan_team_has_engine(const struct scan_team *team)
{
	return team->engine != NULL;
}

bool scan_team_has_scanner(const struct scan_team *team)
{
	return team->scanner != NULL;
}

bool scan_team_is_ready(const struct scan_team *team)
{
	return team->engine && team->scanner && engine_process_is_ready(team->engine) &&
	       scanner_process_is_waiting(team->scanner);
}

bool scan_team_is_scanning(const struct scan_team *team)
{
	return team->is_scanning;
}

int scan_team_path(struct scan_team *team, enum ipc_path_kind kind, struct span path)
{
	PRE(team->scanner);
	return scanner_process_path(team->scanner, kind, path);
}

int scan_team_begin(struct scan_team *team, const struct ipc_scan_start *start)
{
	int r;

	PRE(scan_team_is_ready(team));
	r = scanner_process_begin(team->scanner, start);
	team->is_scanning = r == 0;
	return r;
}

void scan_team_control(struct scan_team *team, enum ipc_scan_command command, uint64_t value)
{
	if (team->scanner && team->is_scanning)
		(void)scanner_process_control(team->scanner, command, value);
}

void scan_team_hold(struct scan_team *team, bool is_held)
{
	if (team->scanner)
		scanner_process_hold(team->scanner, is_held);
}

/* The offender may have ended meanwhile: generations tell. */
static void scan_team_punish(struct scan_team *team, const struct governor_offence *offence)
{
	static const char far[] = "it ran far beyond the CPU time it was granted";
	size_t lane = offence->slot - GRANT_SLOT_LANE0;
	char why[64];

	(void)snprintf(why, sizeof(why), "%" PRIu64 " ms of CPU time beyond its grant",
		offence->excess_ns / 1000000);
	if (offence->slot >= GRANT_SLOT_LANE0) {
		if (worker_table_kill(&team->workers, lane, offence->generation) == 0)
			team->config.events->on_overrun(
				team->config.arg, (uint16_t)lane, (uint64_t)offence->pid, why);
	} else if (offence->slot == GRANT_SLOT_SCANNER) {
		if (team->scanner && offence->generation == team->scanner_generation)
			scanner_process_accuse(team->scanner, far);
	} else if (offence->slot == GRANT_SLOT_ZYGOTE && team->engine &&
		   offence->generation == team->engine_generation) {
		engine_process_accuse(team->engine, far);
	}
}

void scan_team_police(struct scan_team *team)
{
	struct governor_offence offences[SCAN_TEAM_OFFENCES_MAX];
	size_t n = governor_take_offences(team->config.governor, offences, SCAN_TEAM_OFFENCES_MAX);

	for (size_t i = 0; i < n; i++)
		scan_team_punish(team, &offences[i]);
}

void scan_team_stop(struct scan_team *team, uint64_t grace_ms)
{
	if (team->scanner)
		scanner_process_stop(team->scanner, grace_ms);
	if (team->engine)
		engine_process_stop(team->engine, grace_ms);
}

void scan_team_abandon(struct scan_team *team)
{
	/* A worker that hangs, too, is let go by worker_table_clear(). */
	if (team->scanner)
		scanner_process_abandon(team->scanner);
	if (team->engine)
		engine_process_abandon(team->engine);
}

void scan_team_free(struct scan_team *team)
{
	if (!team)
		return;
	if (team->scanner)
		scan_team_ungovern(team, GRANT_SLOT_SCANNER, team->scanner_generation);
	scan_team_ungovern_engine(team);
	scanner_process_free(team->scanner);
	engine_process_free(team->engine);
	if (team->fork_fd >= 0)
		(void)close(team->fork_fd);
	scan_team_drop_temp(team);
	free(team);
}
