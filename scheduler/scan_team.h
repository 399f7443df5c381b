/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of one scan as a team: scanner, zygote and its workers, the
 * channel between them, their places in the governor's account, the engine's
 * temporary directory. The team does what it is told and says what happened;
 * what that means for the scan is decided by its owner (scan_run.h).
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_SCAN_TEAM_H
#define QS_SCAN_TEAM_H

#include "child_identity.h"
#include "child_link.h"
#include "governor.h"
#include "service_paths.h"
#include "settings.h"

#include <uv.h>

struct scan_team_events {
	/** The engine has loaded its set; messages are borrowed during each call. */
	void (*on_engine_ready)(void *arg, const struct ipc_engine_ready *ready);
	/** It could not. on_engine_gone follows. */
	void (*on_engine_failed)(void *arg, const struct ipc_engine_failed *failed);
	/** It has ended; the team may be told to start another. */
	void (*on_engine_gone)(void *arg, const struct child_link_end *end);
	void (*on_scanner_hello)(void *arg);
	void (*on_progress)(void *arg, const struct ipc_scan_progress *progress);
	void (*on_detection)(void *arg, const struct ipc_scan_detection *detection);
	void (*on_notice)(void *arg, const struct ipc_scan_notice *notice);
	void (*on_mount)(void *arg, const struct ipc_scan_mount *mount);
	void (*on_wait)(void *arg, const struct ipc_scan_wait *wait);
	void (*on_done)(void *arg, const struct ipc_scan_done *done);
	void (*on_batch_end)(void *arg);
	void (*on_scanner_gone)(void *arg, const struct child_link_end *end);
	/** A worker ran past its grant and was ended. @why the figures. */
	void (*on_overrun)(void *arg, uint16_t lane, uint64_t pid, const char *why);
};

struct scan_team_config {
	uv_loop_t *loop;
	struct governor *governor;       /**< With an open account while a process lives. */
	const struct settings *settings; /**< Borrowed, may change between calls. */
	const struct service_paths *paths;
	uint32_t *generationp;                 /**< The daemon's counter of governed processes. */
	const struct scan_team_events *events; /**< Borrowed as long as the team lives. */
	void *arg;
};

/** Opaque. */
struct scan_team;

/** An empty team; scan_team_free(). 0 or -ENOMEM. */
int scan_team_new(const struct scan_team_config *config, struct scan_team **teamp);

/**
 * Start an engine; only when there is none. A scanner that is there gets its
 * channel at once, one that starts later gets it then.
 *
 * @set_dir     Snapshot to load.
 * @is_load_only No scanner will follow: no fork channel, no workers.
 * @return      0 or a negative code; nothing is left on failure.
 */
int scan_team_start_engine(
	struct scan_team *team, const char *set_dir, bool is_load_only, struct errmsg *msg);

/**
 * Start a scanner; only when there is none.
 *
 * @report_fd  Borrowed; -1 = none.
 * @book_fd    Likewise: what scanners before it have done.
 */
int scan_team_start_scanner(struct scan_team *team, int report_fd, int book_fd, struct errmsg *msg);

/** From its start until on_engine_gone, loaded or not. */
bool scan_team_has_engine(const struct scan_team *team);
/** From its start until on_scanner_gone. */
bool scan_team_has_scanner(const struct scan_team *team);
/** Engine loaded, scanner waiting for START. */
bool scan_team_is_ready(const struct scan_team *team);
/** START was sent to the scanner that is there. */
bool scan_team_is_scanning(const struct scan_team *team);

/** Place for the scanner; before scan_team_begin(). 0 or -ENOMEM. */
int scan_team_path(struct scan_team *team, enum ipc_path_kind kind, struct span path);
/** START; only when ready. 0 or -ENOMEM. */
int scan_team_begin(struct scan_team *team, const struct ipc_scan_start *start);
/** Order for the scanner; nothing happens without one. */
void scan_team_control(struct scan_team *team, enum ipc_scan_command command, uint64_t value);
/** Back-pressure on the scanner. */
void scan_team_hold(struct scan_team *team, bool is_held);

/**
 * End whoever ran past its grant: workers, and the scanner or the engine as
 * after a protocol violation. Call it once a second.
 */
void scan_team_police(struct scan_team *team);

/** Ask both to end, kill after @grace_ms; their gone call-backs follow. */
void scan_team_stop(struct scan_team *team, uint64_t grace_ms);

/**
 * Kill both, because the scanner hangs, and wait for none of them longer than a
 * moment; their gone call-backs follow. What the scanner said before is told.
 */
void scan_team_abandon(struct scan_team *team);

/** No call-back any more; what lives is killed. Takes NULL. */
void scan_team_free(struct scan_team *team);

#endif
