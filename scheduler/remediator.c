/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    kick → process started → ready → wish or file sent → RESULT →
 *                written → the next one … → nothing to do → process ended.
 * Failure modes: the process dies → another one, the same again (the journal has
 *                brought the file to one of its ends, which the vault and the
 *                second answer tell), at most REMEDIATOR_TRIES_MAX times;
 *                it does not answer → killed, Failed; the store takes nothing →
 *                what is to be written waits, nothing else is begun.
 * On close:      remediator_stop() → the process ends after its request.
 */
#include "remediator_private.h"

#include "clock.h"
#include "display.h"
#include "exitcode.h"
#include "log.h"
#include "priority.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void remediator_step(struct remediator *remediator);
static void remediator_on_timer(uv_timer_t *timer);

void remediator_end_clear(struct remediator *remediator)
{
	free(remediator->end.where);
	remediator->end = (struct remediator_end){.outcome = IPC_MOVE_FAILED};
	remediator->is_ended = false;
}

void remediator_end_as(struct remediator *remediator, enum ipc_move_outcome outcome, const char *id)
{
	remediator_end_clear(remediator);
	remediator->end.outcome = outcome;
	(void)snprintf(remediator->end.id, sizeof(remediator->end.id), "%s", id);
	remediator->is_ended = true;
	remediator->is_asked = false;
}

void remediator_fail(struct remediator *remediator, int r, const char *text)
{
	remediator_end_as(remediator, IPC_MOVE_FAILED, "");
	(void)snprintf(remediator->end.text, sizeof(remediator->end.text), "%s", text);
	remediator->end.log.error = r < 0 ? -r : 0;
}

static bool remediator_is_at_work(const struct remediator *remediator)
{
	return remediator->file || remediator->wish || remediator->hunt;
}

/* The process. */

static void remediator_on_recovered(void *arg, const struct ipc_move_recovered *recovered)
{
	remediator_recovered_hear(arg, recovered);
}

static void remediator_on_ready(void *arg, const struct ipc_move_hello *hello)
{
	remediator_recovered_match(arg);
	if (hello->n_pending > 0)
		log_warn("remediator", "%llu moves are still half done",
			(unsigned long long)hello->n_pending);
	remediator_step(arg);
}

static void remediator_on_item(void *arg, const struct ipc_move_entry *entry)
{
	remediator_list_on_item(arg, entry);
}

static void remediator_on_found(void *arg, const struct ipc_move_found *found)
{
	remediator_hunt_on_found(arg, found);
}

/* Of the list. */
static void remediator_on_page(struct remediator *remediator, const struct ipc_move_result *result)
{
	remediator->is_asked = false;
	remediator->is_listing = false;
	if (result->outcome != IPC_MOVE_LISTED) {
		log_warn("remediator", "the quarantine cannot be listed: %.*s", (int)result->text.n,
			(const char *)result->text.data);
		remediator->is_list_lacking = true;
	} else if (remediator_list_goes_on(remediator, result)) {
		remediator_step(remediator);
		return;
	}
	remediator_list_settle(remediator);
	remediator_step(remediator);
}

static void remediator_on_result(void *arg, const struct ipc_move_result *result)
{
	struct remediator *remediator = arg;
	struct remediator_end *end = &remediator->end;
	const char *why;

	if (!remediator->is_asked)
		return;
	why = remediator_judge(remediator, result);
	if (why) {
		remediator->is_ending = true;
		remediate_process_accuse(remediator->process, why);
		return;
	}
	if (remediator->is_listing) {
		remediator_on_page(remediator, result);
		return;
	}
	remediator_end_clear(remediator);
	end->outcome = (enum ipc_move_outcome)result->outcome;
	if (result->id[0] != '\0')
		memcpy(end->id, result->id, IPC_MOVE_ID_LENGTH);
	(void)display_write(DISPLAY_TEXT, result->text, end->text, sizeof(end->text));
	end->log.n_names = result->n_names;
	end->is_counted = true;
	end->log.n_left = result->n_names_left;
	end->log.is_executing = result->is_executing != 0;
	end->log.error = (int)result->error;
	if (result->path.n > 0 && (end->where = malloc(result->path.n))) {
		memcpy(end->where, result->path.data, result->path.n);
		end->log.where = (struct span){end->where, result->path.n};
	}
	remediator->is_ended = true;
	remediator->is_asked = false;
	remediator_step(remediator);
}

/* After a process that died, or did not tell all, the list is asked for again. */
static void remediator_forget_list(struct remediator *remediator, const struct child_link_end *end)
{
	bool is_clean = end->term_signal == 0 && end->exit_status == 0 && !end->is_abandoned;

	if (remediator->is_listing)
		remediator->is_asked = false;
	remediator->is_listing = false;
	if (is_clean && remediator->is_reconciled)
		return;
	remediator->is_reconciled = false;
	remediator->is_list_lacking = false;
	remediator_list_clear(remediator);
}

static void remediator_log_violation(
	const struct remediator *remediator, const struct child_link_end *end)
{
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (!end->violation)
		return;
	r = action_log_scan_protocol_violation(
		remediator->config.store, NULL, "remediate", end->violation, &msg);
	remediator->config.on_store(remediator->config.arg, r, &msg);
}

static void remediator_ungovern(const struct remediator *remediator)
{
	struct governor_reading own;

	governor_read_aside(remediator->config.governor, &own);
	if (own.active_ns > 0)
		log_debug("remediator", "beside scans %.1f %% of %.1f %% were used, for %.1f s",
			own.mean_pct, own.aim_pct, (double)own.active_ns / 1e9);
	(void)governor_remove(
		remediator->config.governor, GRANT_SLOT_REMEDIATE, remediator->generation, 0);
}

/* The process at work died. */
static void remediator_try_again(struct remediator *remediator, const struct child_link_end *end)
{
	remediator->is_asked = false;
	if (remediator->is_stopping && remediator->wish)
		remediator_fail(remediator, -ECANCELED, "the service stops");
	else if (remediator->is_late && !remediator->is_late_start)
		remediator_fail(remediator, -ETIMEDOUT, "its file system does not answer");
	if (remediator->is_ended || ++remediator->n_tries < REMEDIATOR_TRIES_MAX)
		return;
	if (end->exit_status == CHILD_EXIT_BUSY)
		remediator_hung_hold(remediator);
	else
		remediator_fail(remediator, -EIO,
			end->violation ? "quietscan-remediate lies about it"
				       : "quietscan-remediate dies over it");
}

static void remediator_on_gone(void *arg, const struct child_link_end *end)
{
	struct remediator *remediator = arg;
	char text[256];

	child_link_end_text(end, text, sizeof(text));
	remediator_ungovern(remediator);
	remediate_process_free(remediator->process);
	remediator->process = NULL;
	remediator_forget_list(remediator, end);
	remediator_log_violation(remediator, end);
	if (remediator_is_at_work(remediator) || !end->is_ours)
		log_warn("remediator", "quietscan-remediate %s", text);
	if (remediator_is_at_work(remediator) && !remediator->is_ended)
		remediator_try_again(remediator, end);
	if (end->is_abandoned)
		remediator_hung_hold(remediator);
	remediator->is_late = false;
	remediator->is_late_start = false;
	remediator->is_ending = false;
	remediator->config.on_progress(remediator->config.arg);
	remediator_kick(remediator);
}

/* Its CPU time is granted from birth on, and nobody waits for it but the scan. */
static void remediator_govern(const struct remediator *remediator)
{
	pid_t pid = remediate_process_pid(remediator->process);
	struct errmsg msg = ERRMSG_NULL;
	int r = governor_add(
		remediator->config.governor, GRANT_SLOT_REMEDIATE, remediator->generation, pid);

	if (r < 0)
		log_warn("remediator", "govern pid %d: %s", (int)pid, err_text(r));
	if (remediator->config.settings->enable_low_cpu_priority && pid > 0 &&
		priority_lower(pid, &msg) < 0)
		log_warn("remediator", "pid %d: %s", (int)pid, msg.text);
}

static void remediator_start(struct remediator *remediator)
{
	const uint64_t now_ms = uv_now(remediator->config.loop);
	const struct remediate_process_config config = {
		.program = remediator->config.paths->remediate,
		.state_dir = remediator->config.paths->state_dir,
		.is_leaving = now_ms < remediator->leave_until_ms,
		.grants_fd = governor_page_fd(remediator->config.governor),
		.generation = ++*remediator->config.generationp,
		.on_recovered = remediator_on_recovered,
		.on_ready = remediator_on_ready,
		.on_item = remediator_on_item,
		.on_found = remediator_on_found,
		.on_result = remediator_on_result,
		.on_gone = remediator_on_gone,
		.arg = remediator,
	};
	struct errmsg msg = ERRMSG_NULL;
	int r = remediate_process_start(
		remediator->config.loop, &config, &remediator->process, &msg);

	remediator->is_leaving = config.is_leaving;
	remediator->generation = config.generation;
	patience_begin_process(&remediator->patience, now_ms);
	remediator->is_due = false;
	remediator->n_recovered = 0;
	if (r == 0) {
		remediator_govern(remediator);
		return;
	}
	log_warn("remediator", "quietscan-remediate: %s", msg.text[0] ? msg.text : err_text(r));
	if (remediator_is_at_work(remediator))
		remediator_fail(remediator, r, "quietscan-remediate cannot be started");
}

/* Whose turn it is. */

static int remediator_write(struct remediator *remediator, struct errmsg *msg)
{
	if (remediator->file)
		return remediator_file_write(remediator, msg);
	return remediator->hunt ? remediator_hunt_write(remediator, msg)
				: remediator_item_write(remediator, msg);
}

/* The end of what is at work, in the store. Whether it is written. */
static bool remediator_conclude(struct remediator *remediator)
{
	struct errmsg msg = ERRMSG_NULL;
	int r;

	remediator->end.log.text = remediator->end.text;
	r = remediator_write(remediator, &msg);
	remediator->config.on_store(remediator->config.arg, r, &msg);
	if (r < 0)
		return false;
	if (remediator->wish)
		remediator_item_tell(remediator);
	remediator_file_free(remediator->file);
	remediator_item_free(remediator->wish);
	remediator->file = NULL;
	remediator->wish = NULL;
	remediator->hunt = NULL;
	remediator->n_tries = 0;
	remediator_end_clear(remediator);
	remediator_hunt_settle(remediator);
	remediator->config.on_progress(remediator->config.arg);
	return true;
}

/* Whether files may be taken away: not before it is known who else is here. */
static bool remediator_knows_mode(const struct remediator *remediator)
{
	return neighbour_watch_has_looked(remediator->config.neighbours);
}

static void remediator_take(struct remediator *remediator)
{
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (remediator_recovered_take(remediator))
		return;
	remediator->wish = STAILQ_FIRST(&remediator->wishes);
	if (remediator->wish) {
		STAILQ_REMOVE_HEAD(&remediator->wishes, link);
		remediator->n_wishes--;
		return;
	}
	if (remediator_hunt_take(remediator))
		return;
	if (remediator_list_take_stray(remediator)) {
		if (!remediator->file)
			remediator_kick(remediator); /* the next one */
		return;
	}
	if (!remediator_knows_mode(remediator))
		return;
	if (neighbour_watch_mode(remediator->config.neighbours)->is_passive) {
		r = remediator_file_leave(remediator, &msg);
		remediator->config.on_store(remediator->config.arg, r, &msg);
		remediator->is_again |= r < 0;
		if (r < 0)
			return;
	}
	remediator_file_take(remediator, NULL);
}

static int remediator_send_what(struct remediator *remediator)
{
	remediator->is_listing = !remediator->is_reconciled;
	if (remediator->is_listing)
		return remediator_list_send(remediator);
	if (remediator->file)
		return remediator_file_send(remediator);
	return remediator->hunt ? remediator_hunt_send(remediator)
				: remediator_item_send(remediator);
}

/* Passive mode came while the process was started: what was decided is not done. */
static bool remediator_is_overtaken(const struct remediator *remediator)
{
	return remediator->file && remediator->is_reconciled &&
	       !remediator->file->first.is_remediation_manual &&
	       neighbour_watch_mode(remediator->config.neighbours)->is_passive;
}

static void remediator_send(struct remediator *remediator)
{
	int r;

	if (remediator_is_overtaken(remediator)) {
		remediator_file_free(remediator->file);
		remediator->file = NULL;
		remediator->n_tries = 0;
		remediator_kick(remediator);
		return;
	}
	r = remediator_send_what(remediator);
	remediator->is_asked = r == 0;
	patience_begin(&remediator->patience, uv_now(remediator->config.loop));
	if (r < 0 && remediator_is_at_work(remediator))
		remediator_fail(remediator, r, "it could not be asked for");
}

static bool remediator_wants_list(const struct remediator *remediator)
{
	return remediator->is_due || (remediator->process && !remediator->is_reconciled);
}

static void remediator_step(struct remediator *remediator)
{
	if (remediator->is_ended && !remediator_conclude(remediator))
		return;
	if (remediator->is_asked || remediator->is_ending || remediator->is_stopping)
		return;
	if (!remediator_is_at_work(remediator))
		remediator_take(remediator);
	if (!remediator_is_at_work(remediator) && !remediator_wants_list(remediator)) {
		remediator->idle_at_ms = uv_now(remediator->config.loop) + REMEDIATOR_IDLE_MS;
		return;
	}
	if (remediator->is_ended || remediator_hung_is_spared(remediator)) {
		remediator_kick(remediator);
		return;
	}
	if (!remediator->process)
		remediator_start(remediator);
	else if (remediate_process_is_ready(remediator->process))
		remediator_send(remediator);
	if (remediator->is_ended)
		remediator_kick(remediator);
}

void remediator_kick(struct remediator *remediator)
{
	/* Never at once: what kicks itself would let nobody else have a turn. */
	if (!uv_is_active((uv_handle_t *)&remediator->timer))
		(void)uv_timer_start(
			&remediator->timer, remediator_on_timer, REMEDIATOR_TURN_MS, 0);
}

static void remediator_on_timer(uv_timer_t *timer)
{
	remediator_step(timer->data);
}

static void remediator_end_process(struct remediator *remediator)
{
	if (!remediator->process || remediator->is_ending)
		return;
	remediator->is_ending = true;
	remediate_process_stop(remediator->process, REMEDIATOR_GRACE_MS);
}

/* Whether it hangs. */
static bool remediator_is_waited_enough(struct remediator *remediator)
{
	uint64_t now_ms = uv_now(remediator->config.loop);
	pid_t pid = remediate_process_pid(remediator->process);
	uint64_t cpu_ns = 0;

	if (pid > 0 && clock_process_cpu_ns(pid, &cpu_ns) == 0)
		patience_note(&remediator->patience, now_ms, cpu_ns);
	return patience_is_over(&remediator->patience, now_ms);
}

/* Who does not answer is killed; who has nothing to do is ended. */
static void remediator_look_at_process(struct remediator *remediator)
{
	if (!remediator->process || remediator->is_ending)
		return;
	if (!remediator->is_asked && remediate_process_is_ready(remediator->process)) {
		if (!remediator_is_at_work(remediator) &&
			uv_now(remediator->config.loop) >= remediator->idle_at_ms)
			remediator_end_process(remediator);
		return;
	}
	if (!remediator_is_waited_enough(remediator))
		return;
	remediator->is_late = true;
	remediator->is_late_start = !remediator->is_asked;
	remediator->is_ending = true;
	remediator_hung_note(remediator);
	remediate_process_kill(remediator->process);
}

void remediator_tick(struct remediator *remediator)
{
	uint64_t now_ms = uv_now(remediator->config.loop);

	remediator_look_at_process(remediator);
	if (now_ms >= remediator->next_purge_ms && !remediator->is_stopping)
		remediator_item_purge(remediator);
	if (!TAILQ_EMPTY(&remediator->hunts) && !remediator->is_stopping)
		remediator_hunt_settle(remediator);
	if (remediator->is_ended || remediator->is_again)
		remediator_kick(remediator);
	remediator->is_again = false;
}

/* What others ask. */

bool remediator_has_work(struct remediator *remediator, const char *scan_id)
{
	return !remediator->is_stopping && remediator_knows_mode(remediator) &&
	       remediator_file_is_there(remediator, scan_id);
}

void remediator_forget(struct remediator *remediator, const void *arg)
{
	struct remediator_wish *wish;

	STAILQ_FOREACH(wish, &remediator->wishes, link)
	if (wish->arg == arg)
		wish->told = NULL;
	if (remediator->wish && remediator->wish->arg == arg)
		remediator->wish->told = NULL;
}

/* Life. */

/* Whether anything was ever moved here: then a move may be half done. */
static bool remediator_is_journal_there(const char *state_dir)
{
	char path[SERVICE_PATHS_MAX + 32];

	(void)snprintf(path, sizeof(path), "%s/remediation.journal", state_dir);
	return access(path, F_OK) == 0;
}

int remediator_new(const struct remediator_config *config, struct remediator **remediatorp)
{
	struct remediator *remediator = calloc(1, sizeof(*remediator));
	int r;

	if (!remediator)
		return err_origin(-ENOMEM);
	remediator->config = *config;
	remediator->patience.wait_ms = config->patience_ms;
	STAILQ_INIT(&remediator->wishes);
	TAILQ_INIT(&remediator->strays);
	TAILQ_INIT(&remediator->notes);
	TAILQ_INIT(&remediator->hunts);
	remediator->is_due = remediator_is_journal_there(config->paths->state_dir);
	(void)uv_timer_init(config->loop, &remediator->timer);
	remediator->timer.data = remediator;
	remediator_end_clear(remediator);
	r = remediator_hunt_recover(remediator);
	if (r < 0) {
		remediator_free(remediator);
		return r;
	}
	remediator_hunt_settle(remediator);
	remediator_kick(remediator);
	*remediatorp = remediator;
	return 0;
}

static void remediator_refuse_one(struct remediator_wish *wish)
{
	static const struct remediator_answer answer = {
		.outcome = "ShuttingDown", .is_failed = true, .text = "the service stops"};

	if (wish && wish->told)
		wish->told(wish->arg, &answer);
	remediator_item_free(wish);
}

/* Those who wait hear that it is not done. */
static void remediator_refuse(struct remediator *remediator)
{
	struct remediator_wish *wish;

	while ((wish = STAILQ_FIRST(&remediator->wishes))) {
		STAILQ_REMOVE_HEAD(&remediator->wishes, link);
		remediator->n_wishes--;
		remediator_refuse_one(wish);
	}
}

static void remediator_on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void remediator_free(struct remediator *remediator)
{
	if (!remediator)
		return;
	if (remediator->process)
		remediator_ungovern(remediator);
	remediate_process_free(remediator->process);
	remediator_refuse(remediator);
	remediator_refuse_one(remediator->wish);
	remediator_file_free(remediator->file);
	remediator_end_clear(remediator);
	remediator_list_clear(remediator);
	remediator_recovered_clear(remediator);
	remediator_hunt_clear(remediator);
	uv_close((uv_handle_t *)&remediator->timer, remediator_on_closed);
}

void remediator_stop(struct remediator *remediator)
{
	remediator->is_stopping = true;
	remediator_refuse(remediator);
	remediator_end_process(remediator);
}

bool remediator_is_stopped(const struct remediator *remediator)
{
	return !remediator->process;
}
