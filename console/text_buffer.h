/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text that grows. A failed append leaves it failed: the outcome is looked at
 * once, at the end.
 *
 * Pure but for memory. One thread at a time.
 */
#ifndef QS_TEXT_BUFFER_H
#define QS_TEXT_BUFFER_H

#include "json.h"
#include "span.h"

struct text_buffer {
	char *text; /**< n bytes and a NUL; NULL when empty. */
	size_t n;
	size_t size;
	bool is_failed; /**< There was no memory. */
};

#define TEXT_BUFFER_NULL                                                                           \
	{                                                                                          \
		.text = NULL                                                                       \
	}

/** Append bytes. */
void text_buffer_add(struct text_buffer *buffer, struct span bytes);
/** Append a C string. */
void text_buffer_str(struct text_buffer *buffer, const char *text);
/** Append formatted text, at most 1023 bytes. */
void text_buffer_format(struct text_buffer *buffer, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** Append JSON, printed without white space. */
void text_buffer_json(struct text_buffer *buffer, const cJSON *json);
/** Append a string as JSON, with its quotes. */
void text_buffer_json_string(struct text_buffer *buffer, const char *text);
/** Empty it; the memory stays. */
void text_buffer_clear(struct text_buffer *buffer);
/** Free it; may be called twice. */
void text_buffer_deinit(struct text_buffer *buffer);

/** All of it. */
static inline struct span text_buffer_span(const struct text_buffer *buffer)
{
	return (struct span){buffer->text, buffer->n};
}

#endif
