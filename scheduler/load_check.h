/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads a candidate signature set while nothing scans, to see whether it can
 * be loaded: with the real engine, in its own process, under the load factor.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_LOAD_CHECK_H
#define QS_LOAD_CHECK_H

#include "scan_team.h"
#include "signature_set.h"

struct load_check_config {
	uv_loop_t *loop;
	struct governor *governor; /**< Without an open account. */
	const struct settings *settings;
	const struct service_paths *paths;
	uint32_t *generationp;
	const char *set_name; /**< Copied. */
	const char *set_dir;  /**< Borrowed during load_check_new(). */
	unsigned factor_pct;  /**< 0 or 5 to 100. */
	void (*on_loaded)(void *arg, const char *name, const struct ipc_engine_ready *ready);
	void (*on_failed)(void *arg, const char *name, const char *why);
	/** The engine died meanwhile; is_crash: it may be the set's fault. */
	void (*on_died)(void *arg, const char *name, const char *why, bool is_crash);
	/** Over, whatever came of it; not called after load_check_free(). Free it. */
	void (*on_over)(void *arg);
	void *arg;
};

/** Opaque. */
struct load_check;

/** Start. 0 or a negative code; nothing is left on failure. */
int load_check_new(
	const struct load_check_config *config, struct load_check **checkp, struct errmsg *msg);

/** End the engine if it takes far more CPU time than it is granted. Call it every second or so. */
void load_check_police(struct load_check *check);

/** End it, done or not; the account is closed. Takes NULL. */
void load_check_free(struct load_check *check);

#endif
