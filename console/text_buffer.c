/* SPDX-License-Identifier: GPL-2.0-or-later */
/* It doubles: what is appended is copied twice on average. */
#include "text_buffer.h"

#include "cleanup.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_BUFFER_FIRST = 4096, TEXT_BUFFER_FORMAT_SIZE = 1024 };

void text_buffer_add(struct text_buffer *buffer, struct span bytes)
{
	size_t size = buffer->size ? buffer->size : TEXT_BUFFER_FIRST;
	char *text;

	if (buffer->is_failed || bytes.n == 0)
		return;
	while (size < buffer->n + bytes.n + 1)
		size *= 2;
	if (size != buffer->size) {
		text = realloc(buffer->text, size);
		if (!text) {
			buffer->is_failed = true;
			return;
		}
		buffer->text = text;
		buffer->size = size;
	}
	memcpy(buffer->text + buffer->n, bytes.data, bytes.n);
	buffer->n += bytes.n;
	buffer->text[buffer->n] = '\0';
}

void text_buffer_str(struct text_buffer *buffer, const char *text)
{
	text_buffer_add(buffer, span_str(text));
}

void text_buffer_format(struct text_buffer *buffer, const char *fmt, ...)
{
	char text[TEXT_BUFFER_FORMAT_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	text_buffer_str(buffer, text);
}

void text_buffer_json(struct text_buffer *buffer, const cJSON *json)
{
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n = 0;

	if (!json || json_print(json, &text, &n) < 0)
		buffer->is_failed = true;
	else
		text_buffer_add(buffer, (struct span){text, n});
}

void text_buffer_json_string(struct text_buffer *buffer, const char *text)
{
	cJSON *json = json_new_string(text);

	text_buffer_json(buffer, json);
	cJSON_Delete(json);
}

void text_buffer_clear(struct text_buffer *buffer)
{
	buffer->n = 0;
	buffer->is_failed = false;
}

void text_buffer_deinit(struct text_buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct text_buffer)TEXT_BUFFER_NULL;
}
