/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries out what was decided about detections, and what operators ask for with
 * items in quarantine: one request after the other to quietscan-remediate, which
 * it starts when there is something to do and ends when there was nothing for a
 * while.
 *
 * What is to be done is in the store (remediation_action of a detection that is
 * still Detected), so a stop at any moment loses none of it. Each end is written,
 * with its event, in one transaction.
 *
 * Hands (uv, store). Loop thread only.
 */
#ifndef QS_REMEDIATOR_H
#define QS_REMEDIATOR_H

#include "err.h"
#include "fault.h"
#include "governor.h"
#include "neighbour_watch.h"
#include "records.h"
#include "service_paths.h"
#include "settings.h"
#include "settings_threat.h"
#include "store.h"

#include <stdbool.h>
#include <uv.h>

enum {
	REMEDIATOR_REQUESTS_MAX = 1000, /**< That wait; a gateway's end at half of it. */
};

struct remediator_config {
	uv_loop_t *loop;
	struct store *store;
	const struct settings *settings; /**< Borrowed; their values change. */
	const struct service_paths *paths;
	const struct neighbour_watch *neighbours; /**< Borrowed: whether we are passive. */
	uint64_t patience_ms;      /**< For an answer; 0: PATIENCE_MS. Tests have less. */
	struct governor *governor; /**< Borrowed; grants what it computes. */
	uint32_t *generationp;     /**< Counted up for each process. */
	/** The store took (0) or did not take (negative) a record. */
	void (*on_store)(void *arg, int r, const struct errmsg *msg);
	/** Something is over, or there is nothing to do any more. */
	void (*on_progress)(void *arg);
	void *arg;
};

/** Opaque. */
struct remediator;

/** What became of a request about an item; strings live during the call. */
struct remediator_answer {
	const char *outcome; /**< "Restored", "TargetExists", … docs/remediation.md. */
	bool is_failed;
	bool is_unknown;  /**< There is no such item. */
	const char *text; /**< Why; may be empty. */
};

/** Told once, later. */
typedef void (*remediator_told)(void *arg, const struct remediator_answer *answer);

/** An operator's request about an item of the quarantine. */
struct remediator_request {
	bool is_restore;             /**< Else it is deleted for good. */
	const char *id;              /**< Of the item; any text. */
	const struct requestor *who; /**< Copied. */
	const char *comment;         /**< May be NULL; copied. */
	remediator_told told;
	void *arg;
};

/** Begin. Never calls back before it returned. @return 0 or -ENOMEM. */
int remediator_new(const struct remediator_config *config, struct remediator **remediatorp);

/** Let go of everything, SIGKILL for the process; who waits hears that the service stops. Takes
 * NULL. */
void remediator_free(struct remediator *remediator);

/** There is something new to do, or other settings. */
void remediator_kick(struct remediator *remediator);

/** Once a second: deadlines, what could not be written before. */
void remediator_tick(struct remediator *remediator);

/** Whether something of this scan is still to be remediated. */
bool remediator_has_work(struct remediator *remediator, const char *scan_id);

/**
 * Ask. told() comes later, but when the loop ends.
 *
 * @return 0; -EINVAL with @fault: NotFound (no such item), InvalidState (too many
 *         wait), ShuttingDown; -ENOMEM.
 */
int remediator_ask(struct remediator *remediator, const struct remediator_request *request,
	struct fault *fault);

/** What an operator wants to be done with what was found; passive mode does not hinder it. */
struct remediator_manual {
	const char *detection_id;
	enum settings_threat_action action; /**< Quarantine or remove. */
	const struct requestor *who;        /**< Borrowed. */
	const char *comment;                /**< Not blank. */
};

/**
 * Ask for it: durable, with its event, when 0 is returned; done later, as what the
 * settings decide.
 *
 * @return 0; -EINVAL with @fault: NotFound, InvalidState (it is not there any more,
 *         or is being done), ShuttingDown; an error of the store with @fault.
 */
int remediator_ask_manual(
	struct remediator *remediator, const struct remediator_manual *manual, struct fault *fault);

/** StopAndQuarantineFile; all borrowed. */
struct remediator_file_request {
	const char *hash; /**< SHA-1 or SHA-256 in hex; any text. */
	const struct requestor *who;
	const char *comment; /**< Not blank. */
};

/**
 * Ask for it: durable when 0 is returned; its end is in the action.
 *
 * @id     Receives the action's.
 * @return 0; -EINVAL with @fault: InvalidInput, ActiveRequestAlreadyExists,
 *         ShuttingDown; an error of the store with @fault; -ENOMEM.
 */
int remediator_ask_file(struct remediator *remediator,
	const struct remediator_file_request *request, char id[RECORD_ID_SIZE],
	struct fault *fault);

/** Who asked with this @arg is gone: what was asked for is done, and not told. */
void remediator_forget(struct remediator *remediator, const void *arg);

/** Begin nothing more; what is being done is ended. remediator_is_stopped() follows. */
void remediator_stop(struct remediator *remediator);

/** Whether no process runs any more. */
bool remediator_is_stopped(const struct remediator *remediator);

#endif
