/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of remediator share: remediator.c (life, process, whose turn it
 * is), remediator_file.c (detections), remediator_item.c (items in quarantine),
 * remediator_hung.c (file systems that hang), remediator_list.c (what the vault has), remediator_judge.c (what is believed),
 * remediator_recovered.c (ends that nobody
 * heard), remediator_hunt.c (StopAndQuarantineFile), remediator_manual.c (what
 * operators ask for).
 * Nobody else includes this.
 *
 * Hands. Loop thread only.
 */
#ifndef QS_REMEDIATOR_PRIVATE_H
#define QS_REMEDIATOR_PRIVATE_H

#include "remediator.h"

#include "action_log.h"
#include "file_action.h"
#include "patience.h"
#include "remediate_process.h"
#include "remediation_outcome.h"
#include "seek.h"

#include <sys/queue.h>

enum {
	REMEDIATOR_TURN_MS = 1,            /**< Before the next step: others have their turn. */
	REMEDIATOR_IDLE_MS = 10000,        /**< Without work for so long the process ends. */
	REMEDIATOR_GRACE_MS = 3000,        /**< For it to end when asked. */
	REMEDIATOR_HUNG_MS = 600000,       /**< A file system that hangs is not asked again. */
	REMEDIATOR_HUNG_MAX = 16,          /**< Of them; others are asked. */
	REMEDIATOR_TRIES_MAX = 3,          /**< Processes that die over one request. */
	REMEDIATOR_PURGE_MS = 3600 * 1000, /**< Between looks for items that are too old. */
	REMEDIATOR_PURGE_ITEMS_MAX = 100,  /**< Asked for at once. */
	REMEDIATOR_PURGE_EVENTS_MAX = 100, /**< Of failures, in one round. */
	REMEDIATOR_DETECTIONS_MAX = 1024,  /**< Of one file in one request. */
	REMEDIATOR_TEXT_MAX = 1024,
	REMEDIATOR_RECOVERED_MAX = 1000,       /**< Of one process that become events. */
	REMEDIATOR_STRAYS_AT_ONCE = 64,        /**< Written in one transaction. */
	REMEDIATOR_LIST_MAX = 1 << 18,         /**< Items that are compared. */
	REMEDIATOR_STRAY_BYTES_MAX = 16 << 20, /**< Kept of those that the store does not know. */
	REMEDIATOR_NOTES_MAX = 1000,           /**< Ends that are known and not written yet. */
};

/** What an operator asked for. */
struct remediator_wish {
	STAILQ_ENTRY(remediator_wish) link;
	bool is_restore;
	bool is_purge; /**< Because of its age. */
	bool is_begun; /**< A process was asked, and died since or is at it. */
	char *id;
	char *name; /**< Who; strings on the heap. */
	char *source;
	char *comment; /**< Or NULL. */
	struct record_gateway gateway;
	remediator_told told; /**< NULL: nobody is told. */
	void *arg;
};

/** An item that the vault has and the store does not. */
struct remediator_stray {
	TAILQ_ENTRY(remediator_stray) link;
	struct quarantine_record item; /**< Its strings are the stray's own. */
	char id[IPC_MOVE_ID_LENGTH + 1];
	char sha256[65];
	char detection_id[RECORD_ID_SIZE];
	struct span path; /**< A copy. */
	char *threat_name;
	char *reason;
};

/** A file system that did not answer. */
struct remediator_hung {
	uint64_t dev;
	uint64_t until_ms; /**< Loop time: asked again from then on. */
};

/** How a move ended that nobody had heard the end of. */
struct remediator_note {
	TAILQ_ENTRY(remediator_note) link;
	enum ipc_move_end end;
	char id[IPC_MOVE_ID_LENGTH + 1];
	char detection_id[RECORD_ID_SIZE]; /**< Or of an action; "" for a restore. */
	struct span path;                  /**< A copy. */
};

/** An executable that StopAndQuarantineFile has found. */
struct remediator_found {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	int64_t mtime_ns;
	int64_t ctime_ns;
	char sha256[65];
	enum seek_name name; /**< What path is worth. */
	struct span path;    /**< Raw, a copy; may be empty. */
};

enum remediator_hunt_stage {
	REMEDIATOR_HUNT_SEEK,
	REMEDIATOR_HUNT_STOP,
	REMEDIATOR_HUNT_MOVE,
	REMEDIATOR_HUNT_REST, /**< Only detections are still to be done. */
};

/** A StopAndQuarantineFile that is open. */
struct remediator_hunt {
	TAILQ_ENTRY(remediator_hunt) link;
	char action_id[RECORD_ID_SIZE];
	char hash[RECORD_SHA256_LENGTH + 1];
	enum remediator_hunt_stage stage;
	struct remediator_found found[IPC_MOVE_FOUNDS_MAX];
	size_t n_found;
	size_t n_ours;      /**< Others, which are programs of ours. */
	char our_path[256]; /**< Of the first of these, for people. */
	size_t at;          /**< The one at work. */
	struct action_log_file_action end;
	char text[REMEDIATOR_TEXT_MAX];
};

/** Detections of one file, and what is to be done with it. */
struct remediator_file {
	struct detection_record first; /**< Its strings are the file's own. */
	char *threat_name;
	char *by;
	char sha256[65];
	enum settings_threat_action action;
	char (*ids)[RECORD_ID_SIZE]; /**< Of all detections that it is about. */
	size_t n_ids;
	struct span *names; /**< Different ones, first.path among them; raw, copies. */
	size_t n_names;
	bool is_removal; /**< What was decided for the first; action is what is asked for. */
	bool is_late;    /**< It was told as failed before, and its end came later. */
	bool is_done;    /**< Its first name was taken away already, in the same scan. */
	enum ipc_move_outcome done;
	char done_id[IPC_MOVE_ID_LENGTH + 1];
};

/** What was asked of the process last, and how it ended. */
struct remediator_end {
	enum ipc_move_outcome outcome;
	char id[IPC_MOVE_ID_LENGTH + 1]; /**< "" = none. */
	bool is_counted;                 /**< log.n_names is of so many names as went. */
	struct action_log_remediation log;
	char text[REMEDIATOR_TEXT_MAX];
	char *where; /**< Heap; or NULL. */
};

struct remediator {
	struct remediator_config config;
	/* state */
	uv_timer_t timer; /**< Active when something is to be looked at. */
	struct remediate_process *process;
	uint32_t generation; /**< Of its grants. */
	STAILQ_HEAD(, remediator_wish) wishes;
	size_t n_wishes;
	struct remediator_file *file; /**< At work, or NULL. */
	struct remediator_wish *wish; /**< Likewise; never two of the three. */
	struct remediator_hunt *hunt; /**< Likewise; one of hunts. */
	TAILQ_HEAD(, remediator_hunt) hunts;
	struct remediator_end end;
	bool is_ended; /**< end is to be written. */
	bool is_asked; /**< A request was sent, and the answer is to come. */
	uint64_t serial;
	struct patience patience; /**< For the answer, or until it is ready. */
	uint64_t idle_at_ms;      /**< Loop time when the process has idled enough. */
	unsigned n_tries;         /**< Processes that died over what is at work. */
	uint64_t next_purge_ms;
	size_t n_purge_failed; /**< Of the oldest, in this round: those after them come next. */
	bool is_late;          /**< It was killed for not answering. */
	bool is_late_start;    /**< It had not even said that it is ready. */
	bool is_leaving;       /**< It was told not to look at what is half done. */
	struct remediator_hung hung[REMEDIATOR_HUNG_MAX];
	uint64_t hung_vault_until_ms; /**< The quarantine itself is not asked. */
	const char *hung_vault_why;   /**< A static sentence. */
	uint64_t leave_until_ms;      /**< What is half done is left until then. */
	unsigned n_recovered;         /**< Told by this process. */
	bool is_again;                /**< The store failed: looked at again with the next tick. */
	bool is_ending;               /**< It was told to end, or killed. */
	bool is_stopping;
	TAILQ_HEAD(, remediator_note) notes;
	size_t n_notes;
	/* of the vault's list */
	bool is_due;          /**< A process is wanted for the list alone. */
	bool is_reconciled;   /**< It was compared with the store, and no process died since. */
	bool is_listing;      /**< What was asked for is a page of it. */
	bool is_list_lacking; /**< Not all of it could be kept. */
	size_t n_page;        /**< Items of this page. */
	uint64_t n_list_left; /**< That are to come, as the last page said. */
	char list_after[IPC_MOVE_ID_LENGTH + 1];
	char (*seen)[IPC_MOVE_ID_LENGTH + 1]; /**< Ids, rising. */
	size_t n_seen;
	size_t n_seen_room;
	TAILQ_HEAD(, remediator_stray) strays;
	size_t n_stray_bytes; /**< Of all of them, and of their texts. */
};

/* remediator.c */

/** What is at work is over, without an answer. @id "" = no item. */
void remediator_end_as(
	struct remediator *remediator, enum ipc_move_outcome outcome, const char *id);

/** What is at work fails without an answer. @r negative. */
void remediator_fail(struct remediator *remediator, int r, const char *text);
/** Nothing is known of an end. */
void remediator_end_clear(struct remediator *remediator);

/* remediator_judge.c */

/** Why a result is no answer to what was asked last, a static sentence; NULL: it is one. */
const char *remediator_judge(struct remediator *remediator, const struct ipc_move_result *result);

/* remediator_hung.c */

/** The process was killed for not answering: what that means for the next ones. */
void remediator_hung_note(struct remediator *remediator);
/**
 * The process that is gone was killed and did not end, or found another one that has
 * not: the quarantine is asked again when as much time has passed as for an answer.
 */
void remediator_hung_hold(struct remediator *remediator);
/**
 * Whether what is at work would wait for what did not answer before: then it has
 * its end. A hunt that looks or kills waits for no file system, but for the quarantine.
 */
bool remediator_hung_is_spared(struct remediator *remediator);

/* remediator_recovered.c */

/** Hear of a move that nobody had heard the end of. */
void remediator_recovered_hear(
	struct remediator *remediator, const struct ipc_move_recovered *recovered);
/** All are heard: what is at work may be over by one of them. */
void remediator_recovered_match(struct remediator *remediator);
/** Take a detection that is over by one of them to work, with its end. Whether there was one. */
bool remediator_recovered_take(struct remediator *remediator);
/** Whether this item was put back. */
bool remediator_recovered_is_restored(const struct remediator *remediator, const char *id);
/** The store has been brought in line with the vault: what was put back is written. */
void remediator_recovered_forget_restored(struct remediator *remediator);
/** Forget all. */
void remediator_recovered_clear(struct remediator *remediator);

/* remediator_hunt.c */

/** Take up those that the last service left open. 0 or negative. */
int remediator_hunt_recover(struct remediator *remediator);
/** Take the first that has something to ask to work: hunt is set. Whether there is one. */
bool remediator_hunt_take(struct remediator *remediator);
/** Send what is next to the process, which is ready. 0 or negative. */
int remediator_hunt_send(struct remediator *remediator);
/** Hear of an executable. */
void remediator_hunt_on_found(struct remediator *remediator, const struct ipc_move_found *told);
/** Note how what was sent ended. 0, or negative: nothing was written. */
int remediator_hunt_write(struct remediator *remediator, struct errmsg *msg);
/** End those whose detections are all done. */
void remediator_hunt_settle(struct remediator *remediator);
/** The device of the file that is to be moved; false: it is at something else. */
bool remediator_hunt_dev(const struct remediator *remediator, uint64_t *devp);
/** Whether this is the move at work, by the ids and names of a note. */
bool remediator_hunt_is_moving(
	const struct remediator *remediator, const struct remediator_note *note);
/** Forget all; they are open in the store. */
void remediator_hunt_clear(struct remediator *remediator);

/* remediator_list.c */

/** Ask the process, which is ready, for the next page. 0 or -ENOMEM. */
int remediator_list_send(struct remediator *remediator);
/** A page is over. Whether another one is to be asked for. */
bool remediator_list_goes_on(struct remediator *remediator, const struct ipc_move_result *result);
/** Hear of an item. */
void remediator_list_on_item(struct remediator *remediator, const struct ipc_move_entry *entry);
/** The list is complete: drop what the store has and the vault does not. */
void remediator_list_settle(struct remediator *remediator);
/** Bring one item that the store does not know into it, or to work. Whether there was one. */
bool remediator_list_take_stray(struct remediator *remediator);
/** Forget all of the list. */
void remediator_list_clear(struct remediator *remediator);

/* remediator_file.c */

/** What is at work is in quarantine; only its first name is known to be gone. */
void remediator_file_end_in_vault(struct remediator *remediator, const char *id);
/** Whether there is such a detection. */
bool remediator_file_is_any(struct remediator *remediator, const struct store_query *query);
/** Whether a detection waits for something to be done. @scan_id NULL: of any scan. */
bool remediator_file_is_there(struct remediator *remediator, const char *scan_id);
/**
 * Take the oldest of them, with all of its file, to work: file is set, unless there is none.
 *
 * @detection_id  That one, if it waits or was told as failed; NULL: the oldest.
 */
void remediator_file_take(struct remediator *remediator, const char *detection_id);
/** Send it to the process, which is ready. 0 or -ENOMEM. */
int remediator_file_send(struct remediator *remediator);
/** Write how it ended. 0, or negative: nothing was written. */
int remediator_file_write(struct remediator *remediator, struct errmsg *msg);
/** Free; takes NULL. */
void remediator_file_free(struct remediator_file *file);
/** In passive mode: what was decided before, and by nobody, is not done. 0 or negative. */
int remediator_file_leave(struct remediator *remediator, struct errmsg *msg);

/* remediator_item.c */

/** Whether the store has the item. 0, or negative. */
int remediator_item_is_known(
	struct remediator *remediator, const char *id, bool *is_knownp, struct errmsg *msg);
/** Send the wish to the process, which is ready. 0; -EINVAL; -ENOMEM. */
int remediator_item_send(struct remediator *remediator);
/** Write how it ended. 0, or negative: nothing was written. */
int remediator_item_write(struct remediator *remediator, struct errmsg *msg);
/** Write that an item was put back, and not by what is at work; in a transaction. 0 or negative. */
int remediator_item_write_restored(struct store *store, const char *id, struct errmsg *msg);
/** Tell who asked. */
void remediator_item_tell(struct remediator *remediator);
/** Free; takes NULL. */
void remediator_item_free(struct remediator_wish *wish);
/** Ask for items to be deleted that are too old by the settings. */
void remediator_item_purge(struct remediator *remediator);

#endif
