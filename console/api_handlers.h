/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handlers, one for each route. Each answers its request in the end; what it
 * asks of the daemon is in its file.
 *
 * Logic. Loop thread only.
 */
#ifndef QS_API_HANDLERS_H
#define QS_API_HANDLERS_H

#include "api.h"

void api_machines_list(struct api_request *request);
void api_machines_count(struct api_request *request);
void api_machines_find(struct api_request *request);
void api_machines_get(struct api_request *request);
void api_machines_tag(struct api_request *request);
void api_machines_scan(struct api_request *request);
void api_machines_unsupported(struct api_request *request);
void api_actions_list(struct api_request *request);
void api_actions_count(struct api_request *request);
void api_actions_get(struct api_request *request);
void api_actions_cancel(struct api_request *request);
void api_actions_result(struct api_request *request);
void api_alerts_list(struct api_request *request);
void api_alerts_count(struct api_request *request);
void api_alerts_of_machine(struct api_request *request);
void api_alerts_count_of_machine(struct api_request *request);
void api_alerts_get(struct api_request *request);
void api_alerts_update(struct api_request *request);
void api_scans_list(struct api_request *request);
void api_scans_count(struct api_request *request);
void api_scans_get(struct api_request *request);
void api_scans_pause(struct api_request *request);
void api_scans_resume(struct api_request *request);
void api_detections_list(struct api_request *request);
void api_detections_count(struct api_request *request);
void api_timeline_list(struct api_request *request);
void api_events_follow(struct api_request *request);
void api_token_v1(struct api_request *request);
void api_token_v2(struct api_request *request);
void api_metrics_show(struct api_request *request);
void api_status_health(struct api_request *request);
void api_status_alive(struct api_request *request);
void api_status_openapi(struct api_request *request);

#endif
