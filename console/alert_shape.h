/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Alerts and their evidence as Defender's API has them, made of the daemon's
 * alerts and detections. What an alert of ours cannot have is null; what ours
 * has besides ("scanId", "threatId", "detections"; of evidence what was done with
 * the file) comes last.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_ALERT_SHAPE_H
#define QS_ALERT_SHAPE_H

#include "json.h"

/**
 * One alert.
 *
 * @row       As alert.list gives it.
 * @evidence  Array of detections, or NULL: then "evidence" is [].
 * @return    NULL without memory; cJSON_Delete().
 */
cJSON *alert_shape(const cJSON *row, const cJSON *evidence);

/**
 * One detection: as the daemon gives it, with its alert's id as alerts have it.
 *
 * @evidence  Not used.
 * @return    NULL without memory; cJSON_Delete().
 */
cJSON *alert_shape_detection(const cJSON *row, const cJSON *evidence);

/**
 * The fields that are the same in every alert of ours, for filters.
 *
 * @return An object; NULL without memory.
 */
cJSON *alert_shape_known(void);

#endif
