/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixed room, because the list of options is; an overflow is remembered, not cut. */
#include "argv_builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char *argv_builder_room(struct argv_builder *builder, size_t n_text)
{
	char *text = builder->text + builder->n_text;

	if (builder->n + 1 >= ARGV_BUILDER_MAX ||
		n_text > ARGV_BUILDER_TEXT_MAX - builder->n_text) {
		builder->is_overflown = true;
		return NULL;
	}
	builder->argv[builder->n++] = text;
	builder->argv[builder->n] = NULL;
	builder->n_text += n_text;
	return text;
}

void argv_builder_add(struct argv_builder *builder, const char *text)
{
	size_t n = strlen(text) + 1;
	char *room = argv_builder_room(builder, n);

	if (room)
		memcpy(room, text, n);
}

void argv_builder_option(struct argv_builder *builder, const char *name, const char *fmt, ...)
{
	char value[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(value)) {
		builder->is_overflown = true;
		return;
	}
	argv_builder_add(builder, name);
	argv_builder_add(builder, value);
}
