/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handlers, one for each route.
 *
 * Each takes a request whose principal has one of the route's roles, and answers
 * it exactly once, at once or later; the request is gone then (api.h). Errors are
 * answers: besides those named below any call may be 503 (the daemon is away),
 * 504 (it does not answer) and 500 (no memory). "List" is 200 and a page of what
 * the OData query asks for, 400 ODataError where it cannot be understood.
 * Parameters and bodies in full: openapi.json.
 *
 * Logic. Loop thread only.
 */
#ifndef QS_API_HANDLERS_H
#define QS_API_HANDLERS_H

#include "api.h"

/* api_machines.c: the one machine. {id} is its id or its name; another is 404 ResourceNotFound. */

/** GET machines: a list of the machine, if the filter fits it. */
void api_machines_list(struct api_request *request);

/** GET machines/$count: 1 or 0 as text. */
void api_machines_count(struct api_request *request);

/**
 * GET machines/findbyip(…): a list; 400 InvalidIpAddress, BadRequest when the moment is not
 * within the past 30 days.
 */
void api_machines_find(struct api_request *request);

/** GET machines/{id}: 200 and the machine. */
void api_machines_get(struct api_request *request);

/** POST machines/{id}/tags: 200 and the machine; 400 when the body is not that. */
void api_machines_tag(struct api_request *request);

/**
 * POST machines/{id}/runAntiVirusScan: 201 and the action, which is durable; 400
 * ActiveRequestAlreadyExists, or what is wrong with the body.
 */
void api_machines_scan(struct api_request *request);

/**
 * POST machines/{id}/StopAndQuarantineFile: 201 and the action, which is durable; 400
 * ActiveRequestAlreadyExists for a hash that is at work, or what is wrong with the body.
 */
void api_machines_file(struct api_request *request);

/**
 * POST of an action that this device cannot do: body and machine are checked, then 400
 * OsPlatformNotSupported.
 */
void api_machines_unsupported(struct api_request *request);

/* api_actions.c. {id}: of an action; another is 404 ResourceNotFound. */

/** GET machineactions: a list, newest first. */
void api_actions_list(struct api_request *request);

/** GET machineactions/$count: a number as text. */
void api_actions_count(struct api_request *request);

/** GET machineactions/{id}: 200 and the action. */
void api_actions_get(struct api_request *request);

/** POST machineactions/{id}/cancel: 200 and the action; 400 when it is over, or for the body. */
void api_actions_cancel(struct api_request *request);

/**
 * GET getPackageUri, GetLiveResponseResultDownloadLink: 400 OsPlatformNotSupported, no action
 * has one; 404 first, for who may read actions.
 */
void api_actions_result(struct api_request *request);

/* api_alerts.c. {id}: of an alert, in either form (alert_id.h); another is 404 ResourceNotFound. */

/** GET alerts: a list; with $expand=evidence each has its files. */
void api_alerts_list(struct api_request *request);

/** GET alerts/$count: a number as text. */
void api_alerts_count(struct api_request *request);

/** GET machines/{id}/alerts: api_alerts_list(), the machine being the one there is. */
void api_alerts_of_machine(struct api_request *request);

/** GET machines/{id}/alerts/$count: likewise. */
void api_alerts_count_of_machine(struct api_request *request);

/** GET alerts/{id}: 200 and the alert with its evidence. */
void api_alerts_get(struct api_request *request);

/**
 * PATCH alerts/{id}: 200 and the changed alert, without evidence if that cannot be had; 400 for
 * the body, or when it has no room for a comment more.
 */
void api_alerts_update(struct api_request *request);

/* api_scans.c. {id}: of a scan; another is 404 ResourceNotFound. */

/** GET scans: a list, newest first. */
void api_scans_list(struct api_request *request);

/** GET scans/$count: a number as text. */
void api_scans_count(struct api_request *request);

/**
 * GET scans/{id}: 200 and the scan with its load, while it runs with progress; the id of its
 * action will do.
 */
void api_scans_get(struct api_request *request);

/** POST scans/{id}/pause: 200 and the scan; 400 when it is over. An action's id will do. */
void api_scans_pause(struct api_request *request);

/** POST scans/{id}/resume: 200 and the scan; 400 when it is over. Likewise. */
void api_scans_resume(struct api_request *request);

/** GET detections: a list, newest first. */
void api_detections_list(struct api_request *request);

/** GET detections/$count: a number as text. */
void api_detections_count(struct api_request *request);

/* api_quarantine.c. {id}: of an item in quarantine; another is 404 ResourceNotFound. */

/** GET quarantine: a list, newest first. */
void api_quarantine_list(struct api_request *request);

/** GET quarantine/$count: a number as text. */
void api_quarantine_count(struct api_request *request);

/** GET quarantine/{id}: 200 and the item. */
void api_quarantine_get(struct api_request *request);

/**
 * POST quarantine/{id}/restore: 202 and {"id","outcome"}, its end is in the timeline; 400 for
 * the body, or when too many wait.
 */
void api_quarantine_restore(struct api_request *request);

/** POST quarantine/{id}/delete: likewise. */
void api_quarantine_delete(struct api_request *request);

/* The rest: each in the file of its name. */

/**
 * GET timeline: a page of events, newest first unless order=asc, with a link to the next one;
 * 400 for a parameter that cannot be read.
 */
void api_timeline_list(struct api_request *request);

/**
 * GET events: server-sent events until the client goes, its token ends, or the console stops;
 * 429 above the number of streams. HEAD has the head of it and no stream.
 */
void api_events_follow(struct api_request *request);

/**
 * Form of client credentials with "resource": 200 and a token; 400 or 401 in OAuth's form, 429
 * after too many wrong secrets. Open to everybody.
 */
void api_token_v1(struct api_request *request);

/** The same with "scope". */
void api_token_v2(struct api_request *request);

/**
 * GET /metrics: 200 and Prometheus's text. Open as a route: it asks for a bearer token or Basic
 * itself, and answers 401 and 403.
 */
void api_metrics_show(struct api_request *request);

/** GET health: 200, the daemon's health and the console's own. */
void api_status_health(struct api_request *request);

/** GET /healthz: 200 "ok" with a connection to the daemon, else 503. Open to everybody. */
void api_status_alive(struct api_request *request);

/** GET /openapi.json: 200. Open to everybody; never fails. */
void api_status_openapi(struct api_request *request);

#endif
