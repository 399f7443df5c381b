/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses in it are those the client called: Host is one of ours (guard.h). */
#include "api_envelope.h"

#include "cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void api_envelope_begin(struct text_buffer *body, const struct api_request *request,
	const char *context, int64_t count)
{
	char base[API_BASE_SIZE];
	char text[API_BASE_SIZE + 64];

	api_base(request, base);
	(void)snprintf(text, sizeof(text), "%s/$metadata#%s", base, context);
	text_buffer_str(body, "{\"@odata.context\":");
	text_buffer_json_string(body, text);
	if (count >= 0)
		text_buffer_format(body, ",\"@odata.count\":%lld", (long long)count);
	text_buffer_str(body, ",\"value\":[");
}

void api_envelope_end(struct text_buffer *body, const struct api_request *request, const char *next)
{
	_cleanup_(cleanup_free) char *link = NULL;

	text_buffer_str(body, "]");
	if (next) {
		if (asprintf(&link, "%s://%.255s%s?%s",
			    request->api->config.has_tls ? "https" : "http", request->http->host,
			    request->http->path, next) < 0) {
			link = NULL;
			body->is_failed = true;
			return;
		}
		text_buffer_str(body, ",\"@odata.nextLink\":");
		text_buffer_json_string(body, link);
	}
	text_buffer_str(body, "}");
}
