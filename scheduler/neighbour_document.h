/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What health and the log show of other products (docs/health.md,
 * conflictingApplications): those that are in our way, and what they block.
 *
 * Pure but for the heap. Any thread.
 */
#ifndef QS_NEIGHBOUR_DOCUMENT_H
#define QS_NEIGHBOUR_DOCUMENT_H

#include "json.h"
#include "neighbours.h"

/**
 * The array.
 *
 * @neighbours  NULL: an empty array.
 * @return      NULL without memory; the caller frees.
 */
cJSON *neighbour_document_make(const struct neighbours *neighbours);

#endif
