/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands around the rows of a list, written piece by piece.
 *
 * Pure but for memory. Loop thread only.
 */
#ifndef QS_API_ENVELOPE_H
#define QS_API_ENVELOPE_H

#include "api.h"
#include "text_buffer.h"

/**
 * The envelope's beginning: {"@odata.context":…,"@odata.count":…,"value":[
 *
 * @count  -1: none.
 */
void api_envelope_begin(struct text_buffer *body, const struct api_request *request,
	const char *context, int64_t count);

/**
 * The envelope's end: ],"@odata.nextLink":…}
 *
 * @next  The query of the next page; NULL: there is none.
 */
void api_envelope_end(
	struct text_buffer *body, const struct api_request *request, const char *next);

#endif
