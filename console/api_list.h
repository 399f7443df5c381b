/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists: OData in, pages of the daemon out of it, one answer.
 *
 * An answer has at most ODATA_TOP_MAX rows and API_LIST_BYTES_MAX bytes; what
 * is cut there has "@odata.nextLink". The daemon gives pages of its own; when
 * something changes between two of them the list is read anew, some times.
 *
 * Logic. Loop thread only.
 */
#ifndef QS_API_LIST_H
#define QS_API_LIST_H

#include "api.h"
#include "odata.h"
#include "text_buffer.h"

enum {
	API_LIST_PAGE = 1000,                  /**< Rows asked of the daemon at once. */
	API_LIST_BYTES_MAX = 12 * 1024 * 1024, /**< Of an answer. */
	API_LIST_TRIES = 3,                    /**< Reads of a list that changes. */
	API_LIST_EVIDENCE_MAX = 100,           /**< Of one alert. */
};

/** What kind of list. Static. */
struct api_list_kind {
	const char *method;  /**< "action.list" */
	const char *context; /**< "MachineActions" */
	struct odata_resource resource;
	/** Values that every row has, for filters; NULL: none. NULL without memory. */
	cJSON *(*known)(const struct console_api *api);
	/** A filter of clients as the daemon has it: 0 or -ENOMEM; NULL: it is the same. */
	int (*translate)(cJSON *filter);
	/** A row as clients get it; NULL: as the daemon gives it. NULL without memory. */
	cJSON *(*shape)(const cJSON *row, const cJSON *evidence);
};

/** Answer with the list. @kind is borrowed for ever. */
void api_list_answer(struct api_request *request, const struct api_list_kind *kind);

/** Answer with the bare number of what the query's filter fits. */
void api_list_count(struct api_request *request, const struct api_list_kind *kind);

#endif
