/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of rpc share: rpc.c (dispatch), rpc_table.c (which methods
 * there are), rpc_page.c (pages of lists), rpc_scan.c, rpc_list.c, rpc_alert.c,
 * rpc_machine.c, rpc_metrics.c, rpc_quarantine.c, rpc_settings.c (methods), rpc_watch.c (who waits for what), rpc_follow.c (who
 * follows the timeline).
 * Nobody else includes this.
 *
 * Hands. Loop thread only.
 */
#ifndef QS_RPC_PRIVATE_H
#define QS_RPC_PRIVATE_H

#include "rpc.h"

#include "machine_facts.h"
#include "on_behalf.h"
#include "record_json.h"
#include "scan_totals.h"

#include <sys/queue.h>

enum {
	RPC_LIST_DEFAULT = 100,
	RPC_LIST_MAX = 1000,
	/** Of a page's texts, beyond its first row. A name has up to 32 KiB and is escaped:
	 * a thousand of them would be more than a client is allowed to leave unread. */
	RPC_LIST_BYTES_MAX = 1024 * 1024,
	RPC_ID_MAX = 64,      /**< Bytes of an id in a request. */
	RPC_WATCHES_MAX = 16, /**< Of one connection, each of another scan. */
	RPC_WATCH_MS = 250,
	RPC_HOST_MAX = 256,
	RPC_FIELDS_MAX = 16, /**< Of a method's parameters. */
};

/** A connection that watches a scan. */
struct rpc_watch {
	LIST_ENTRY(rpc_watch) link;
	struct connection *connection;
	char scan_id[RECORD_ID_SIZE];
};

/** A connection whose answer waits for signatures. */
struct rpc_waiter {
	LIST_ENTRY(rpc_waiter) link;
	struct connection *connection;
	cJSON *id;   /**< Owned; NULL: no answer is wanted. */
	bool is_due; /**< What it waits for is over. */
};

/** Who waits for the end of what he asked for with an item in quarantine. */
struct rpc_errand {
	LIST_ENTRY(rpc_errand) link;
	struct rpc *rpc;
	struct connection *connection;
	cJSON *id;  /**< Owned; NULL: no answer is wanted. */
	char *item; /**< Owned. */
};

/** A connection that follows the timeline. */
struct rpc_follower {
	LIST_ENTRY(rpc_follower) link;
	struct connection *connection;
	uint64_t sequence; /**< Told last; likewise revision. */
	uint64_t revision;
};

struct rpc {
	struct rpc_config config;
	/* state */
	char host[RPC_HOST_MAX];
	struct record_json_machine machine;
	struct scan_totals totals;
	struct machine_facts facts;
	int64_t first_seen_unix_ms; /**< Of the log's first record; 0 = not asked for yet. */
	const char *risk;           /**< Static; as of risk_revision of the alerts, 0 = none. */
	uint64_t risk_revision;
	cJSON *no_params; /**< An empty object. */
	uv_timer_t timer; /**< Active while somebody watches. */
	LIST_HEAD(, rpc_watch) watches;
	LIST_HEAD(, rpc_waiter) waiters;
	LIST_HEAD(, rpc_errand) errands;
	uv_timer_t follow_timer; /**< Active while followers are to be told something. */
	uint64_t followed_ms;    /**< Loop time when they were told last. */
	LIST_HEAD(, rpc_follower) followers;
	unsigned n_handles; /**< That are not closed yet. */
};

/** One request on its way. */
struct rpc_call {
	struct rpc *rpc;
	struct connection *connection;
	const cJSON *id;      /**< NULL: a notification. */
	const cJSON *params;  /**< An object; only fields the method knows. */
	struct requestor who; /**< Asks; behind a gateway what on_behalf says. */
	struct on_behalf on_behalf;
	/* answer */
	cJSON *result; /**< Owned by the call until it is sent. */
	struct fault fault;
	bool is_deferred;   /**< The answer comes later. */
	bool is_ended_scan; /**< scan.watch of a scan that is over: told after the answer. */
};

/**
 * A method: sets result and returns 0, or sets fault and returns negative. A
 * negative code without a fault becomes InternalServerError.
 */
typedef int (*rpc_method)(struct rpc_call *call);

/* rpc_table.c */

struct rpc_entry {
	const char *name;
	rpc_method method;
	unsigned roles; /**< enum on_behalf_role: one of these, when a gateway asks. */
	const char *fields[RPC_FIELDS_MAX]; /**< NULL: the method checks them itself. */
};

/** The method with this name, or NULL. */
const struct rpc_entry *rpc_table_find(const char *name);
/** MethodNotFound, with the nearest name. -EINVAL. */
int rpc_table_refuse(struct rpc_call *call, const char *name);
/** Refuse parameters that the method does not know. 0 or -EINVAL with a fault. */
int rpc_table_check_fields(struct rpc_call *call, const struct rpc_entry *entry);

/* rpc.c: parameters. All set the fault on failure and return -EINVAL. */

/** "id": that of a scan or an action. */
int rpc_take_id(struct rpc_call *call, const char **idp);
/** A text that must be there and not be blank. */
int rpc_take_text(struct rpc_call *call, const char *field, size_t n_max, const char **textp);
/** A text that may be absent: then NULL. */
int rpc_take_optional(struct rpc_call *call, const char *field, size_t n_max, const char **textp);
/** A number that may be absent: then what it was. */
int rpc_take_number(
	struct rpc_call *call, const char *field, int64_t min, int64_t max, int64_t *valuep);
/** An error of a getter: InvalidInput with its message. */
int rpc_refuse(struct rpc_call *call, const char *field, const struct errmsg *msg);
/** A store's error while reading. */
int rpc_store_fault(struct rpc_call *call, int r, const struct errmsg *msg);

/*
 * Methods: each is an rpc_method. Parameters, answers and faults in full are in
 * docs/local-protocol.md; wrong parameters are InvalidInput, a store that cannot
 * be read StoreUnavailable, whatever the method.
 */

/* rpc_scan.c */

/** A scan as it is now: of the queue with its progress, else as stored. */
int rpc_scan_json(struct rpc *rpc, const struct scan_record *scan, cJSON **itemp);
/** A job's scan, with progress if it is at work. */
int rpc_scan_job_json(struct rpc *rpc, const struct job *job, cJSON **itemp);
/** The same without the scan's paths: of bounded size, below 64 KiB as text. */
int rpc_scan_brief_json(struct rpc *rpc, const struct job *job, cJSON **itemp);

/** scan.start: ask for a scan; action and scan are durable before the answer. */
int rpc_scan_start(struct rpc_call *call);
/** scan.list: a page of scans. */
int rpc_scan_list(struct rpc_call *call);
/** scan.show: one scan; NotFound. */
int rpc_scan_show(struct rpc_call *call);
/** scan.cancel: end an open one; NotFound, InvalidState when it is over. */
int rpc_scan_cancel(struct rpc_call *call);
/** scan.pause: freeze the one at work; NotFound, InvalidState. */
int rpc_scan_pause(struct rpc_call *call);
/** scan.resume: let a paused one go on; NotFound, InvalidState. */
int rpc_scan_resume(struct rpc_call *call);
/** scan.report: a piece of the per-file report, in whole lines; NotFound. */
int rpc_scan_report(struct rpc_call *call);
/** scan.watch: the scan now, then notifications on this connection until it ends. Once more is
 * answered and changes nothing; InvalidState beyond RPC_WATCHES_MAX scans. */
int rpc_scan_watch(struct rpc_call *call);

/* rpc_list.c */

/** action.list: a page of the Action center. */
int rpc_list_actions(struct rpc_call *call);
/** Answer with the action that has this id; NotFound. */
int rpc_list_fetch_action(struct rpc_call *call, const char *id);
/** action.show: one action; NotFound. */
int rpc_list_action_show(struct rpc_call *call);
/** action.cancel: as scan.cancel, by the action; NotFound, InvalidState. */
int rpc_list_action_cancel(struct rpc_call *call);
/** timeline.list: a page of events, by sequence. */
int rpc_list_timeline(struct rpc_call *call);
/** detection.list: a page of detections, of one scan or of all. */
int rpc_list_detections(struct rpc_call *call);
/** alert.list: a page of alerts. */
int rpc_list_alerts(struct rpc_call *call);

/* rpc_quarantine.c */

/** quarantine.list: a page of items. */
int rpc_quarantine_list(struct rpc_call *call);
/** quarantine.restore: put an item back; NotFound, InvalidState with the outcome. */
int rpc_quarantine_restore(struct rpc_call *call);
/** quarantine.delete: delete an item for good; likewise. */
int rpc_quarantine_delete(struct rpc_call *call);
/** detection.remediate: take away what was found; the detection. NotFound, InvalidState. */
int rpc_quarantine_remediate(struct rpc_call *call);
/** file.stopAndQuarantine: StopAndQuarantineFile by sha1 or sha256; the action. */
int rpc_quarantine_file(struct rpc_call *call);
/** The connection is gone; NULL: all are. */
void rpc_quarantine_on_closed(struct rpc *rpc, const struct connection *connection);

/* rpc_page.c */

/** A page of rows. */
struct rpc_page {
	struct rpc *rpc;
	cJSON *rows;                 /**< Owned by the page. */
	struct store_filter *filter; /**< Likewise; NULL: none was given. */
	size_t limit;
	size_t offset;
	size_t n_rows;
	size_t n_bytes; /**< Of the texts in rows. */
	uint64_t revision;
	uint64_t n_count; /**< Of all that match, when is_counted. */
	bool is_counted;
	bool is_more;
	bool is_unchanged; /**< Since the revision that the client has. */
};

enum { RPC_PAGE_E_FULL = 1 /**< The row is left for the next page; no more are asked for. */ };

/** Add a row; takes it. 0; RPC_PAGE_E_FULL; -ENOMEM: a row call-back returns it. */
int rpc_page_add(struct rpc_page *page, cJSON *row);

/** A store_*_list() whose row call-back ends in rpc_page_add(). Returns what that returned. */
typedef int (*rpc_page_list)(
	struct rpc_page *page, const struct store_query *query, struct errmsg *msg);

/**
 * Answer a list: limit, offset, status, filter, orderBy, count and ifRevision of the
 * parameters (the table of methods says which of them there may be) into the
 * query, its rows into the result. 0, or negative with a fault.
 *
 * @query  What else the method asks for.
 */
int rpc_page_answer(
	struct rpc_call *call, enum store_kind kind, struct store_query *query, rpc_page_list list);

/* rpc_alert.c */

/** alert.show: one alert; NotFound. */
int rpc_alert_show(struct rpc_call *call);
/** alert.update: status, owner, classification, a comment more; NotFound, InvalidInput. */
int rpc_alert_update(struct rpc_call *call);

/* rpc_machine.c */

/** machine.show: Defender's machine resource. */
int rpc_machine_show(struct rpc_call *call);
/** machine.tag: add or remove a tag; the machine. InvalidState when there are too many. */
int rpc_machine_tag(struct rpc_call *call);

/* rpc_metrics.c */

/** metrics.show: figures for monitoring. */
int rpc_metrics(struct rpc_call *call);

/* rpc_settings.c */

/** settings.show: every setting with value, default and range. */
int rpc_settings_show(struct rpc_call *call);
/** settings.set: into file, log and service; the setting. InvalidInput. */
int rpc_settings_set(struct rpc_call *call);
/** exclusion.list: all of them. */
int rpc_settings_exclusions(struct rpc_call *call);
/** exclusion.add: into file, log and service; the list. InvalidInput. */
int rpc_settings_exclude(struct rpc_call *call);
/** exclusion.remove: out of file, log and service; the list. NotFound. */
int rpc_settings_include(struct rpc_call *call);
/** allowed.list: what stays in its place although it was found. */
int rpc_settings_allowed(struct rpc_call *call);
/** allowed.add: into file, log and service; the list. InvalidInput, InvalidState. */
int rpc_settings_allow(struct rpc_call *call);
/** allowed.remove: out of file, log and service; the list. NotFound. */
int rpc_settings_disallow(struct rpc_call *call);
/** definitions.show: the signatures in force and what is wrong with them. */
int rpc_settings_definitions(struct rpc_call *call);
/** definitions.reload: look at SignaturePath; the answer is deferred to its end. */
int rpc_settings_reload(struct rpc_call *call);
/** health: the object of docs/health.md. */
int rpc_settings_health(struct rpc_call *call);
/** The object of definitions.show. */
int rpc_settings_definitions_json(struct rpc *rpc, cJSON **itemp);

/* rpc_watch.c */

/** Begin to watch; nothing new when it does already. 0; -EINVAL with a fault; -ENOMEM. */
int rpc_watch_add(struct rpc_call *call, const char *scan_id);
/** Send scan.ended of a scan to one connection. @scan is taken. */
void rpc_watch_send_ended(struct connection *connection, cJSON *scan);
/** Wait for the signatures; the call is deferred. 0 or -ENOMEM. */
int rpc_watch_defer(struct rpc_call *call);
/* rpc_follow.c */

/** timeline.follow: where the timeline is now, then a notification when it has advanced. */
int rpc_follow(struct rpc_call *call);
/** Something was committed (the store's listener); @arg is the rpc. */
void rpc_follow_on_change(void *arg);
/** Tell those who follow; timer->data is the rpc. */
void rpc_follow_on_timer(uv_timer_t *timer);
/** The connection is gone. */
void rpc_follow_drop(struct rpc *rpc, const struct connection *connection);

/* rpc_watch.c, once more */

/** Send scan.progress to everybody who watches an open scan and has read the last one;
 * timer->data is the rpc. */
void rpc_watch_on_timer(uv_timer_t *timer);

#endif
