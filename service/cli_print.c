/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service sends display forms already; they are checked again here (the
 * socket may have been replaced, comments are free text), but their
 * backslashes are left alone: DISPLAY_AGAIN.
 *
 * cJSON prints with tabs and leaves C1 and bidi characters as they are. Its
 * strings never hold a raw tab, so tabs outside are its indent, and visible
 * danger can be written as \uNNNN, which is the same JSON.
 */
#include "cli_print.h"

#include "cleanup.h"
#include "display.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <wchar.h>

enum {
	CLI_PRINT_INDENT = 2,
	CLI_PRINT_DEPTH_MAX = 4, /* members of members */
};

static bool cli_print_ascii;

void cli_print_set_ascii(bool is_ascii)
{
	cli_print_ascii = is_ascii;
}

bool cli_print_is_ascii(void)
{
	return cli_print_ascii;
}

static void cli_print_escape(FILE *out, uint32_t code)
{
	if (code > 0xffff)
		(void)fprintf(out, "\\U%08" PRIx32, code);
	else
		(void)fprintf(out, "\\u%04" PRIx32, code);
}

static void cli_print_utf8(FILE *out, const char *text)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t left = strlen(text);
	uint32_t code = 0;

	while (left > 0) {
		size_t n = utf8_next(at, left, &code);

		n = n ? n : 1;
		if (cli_print_ascii && *at >= 0x80)
			cli_print_escape(out, code);
		else
			(void)fwrite(at, 1, n, out);
		at += n;
		left -= n;
	}
}

void cli_print_text(FILE *out, const char *text)
{
	size_t size = display_size(strlen(text));
	_cleanup_(cleanup_free) char *safe = malloc(size);

	if (!safe) {
		(void)fputs("(no memory)", out);
		return;
	}
	(void)display_write(DISPLAY_AGAIN, span_str(text), safe, size);
	cli_print_utf8(out, safe);
}

char *cli_print_dup(const char *text)
{
	char *copy = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&copy, &n);

	if (!out)
		return NULL;
	cli_print_text(out, text);
	if (fclose(out) == 0)
		return copy;
	free(copy);
	return NULL;
}

size_t cli_print_width(const char *safe)
{
	const uint8_t *at = (const uint8_t *)safe;
	size_t left = strlen(safe);
	size_t width = 0;
	uint32_t code = 0;

	while (left > 0) {
		size_t n = utf8_next(at, left, &code);
		int w = n > 1 ? wcwidth((wchar_t)code) : 1;

		n = n ? n : 1;
		width += w >= 0 ? (size_t)w : 1;
		at += n;
		left -= n;
	}
	return width;
}

static void cli_print_json_char(FILE *out, uint32_t code, const uint8_t *at, size_t n)
{
	if (code == '\n' || (display_is_plain(code) && !(cli_print_ascii && code > 0x7e)))
		(void)fwrite(at, 1, n, out);
	else if (code > 0xffff)
		(void)fprintf(out, "\\u%04" PRIx32 "\\u%04" PRIx32,
			0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
	else
		(void)fprintf(out, "\\u%04" PRIx32, code);
}

int cli_print_json(FILE *out, const cJSON *item)
{
	_cleanup_(cleanup_free) char *text = NULL;
	size_t left = 0;
	const uint8_t *at;
	uint32_t code = 0;
	bool is_colon = false;
	int r = json_print_pretty(item, &text, &left);

	if (r < 0)
		return r;
	at = (const uint8_t *)text;
	while (left > 0) {
		size_t n = utf8_next(at, left, &code);

		n = n ? n : 1;
		if (code == '\t')
			(void)fprintf(out, "%*s", is_colon ? 1 : CLI_PRINT_INDENT, "");
		else
			cli_print_json_char(out, code, at, n);
		is_colon = code == ':';
		at += n;
		left -= n;
	}
	(void)fputc('\n', out);
	return 0;
}

/* An item that is a name in both forms is shown by its display form. */
static const cJSON *cli_print_named(const cJSON *item)
{
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(item, "path");

	return path ? path : item;
}

/* Another product: what it is, and where it decides. */
static void cli_print_product(FILE *out, const cJSON *product)
{
	const cJSON *blocks = cJSON_GetObjectItemCaseSensitive(product, "blocks");
	const cJSON *block;

	cli_print_value(out, cJSON_GetObjectItemCaseSensitive(product, "name"));
	(void)fputs(" (pid ", out);
	cli_print_value(out, cJSON_GetObjectItemCaseSensitive(product, "pid"));
	(void)fputc(')', out);
	cJSON_ArrayForEach(block, blocks)
	{
		(void)fputs(block == blocks->child ? " blocks " : " and ", out);
		cli_print_value(out, cJSON_GetObjectItemCaseSensitive(block, "mount"));
	}
}

/* @between  Two items: what, and then how many spaces. */
static void cli_print_array(FILE *out, const cJSON *array, const char *between, size_t indent)
{
	const cJSON *item;

	if (cJSON_GetArraySize(array) == 0)
		(void)fputs("-", out);
	cJSON_ArrayForEach(item, array)
	{
		if (item != array->child)
			(void)fprintf(out, "%s%*s", between, (int)indent, "");
		if (cJSON_GetObjectItemCaseSensitive(item, "blocks"))
			cli_print_product(out, item);
		else
			cli_print_value(out, cli_print_named(item));
	}
}

void cli_print_value(FILE *out, const cJSON *value)
{
	_cleanup_(cleanup_free) char *text = NULL;

	if (!value || cJSON_IsNull(value))
		(void)fputs("-", out);
	else if (cJSON_IsString(value))
		cli_print_text(out, value->valuestring);
	else if (cJSON_IsArray(value))
		cli_print_array(out, value, ", ", 0);
	else if (json_print(value, &text, NULL) == 0)
		cli_print_text(out, text);
}

static bool cli_print_is_raw_bytes(const cJSON *object, const char *name)
{
	char plain[64];
	size_t n = strlen(name);

	if (n <= 5 || n >= sizeof(plain) || strcmp(name + n - 5, "Bytes") != 0)
		return false;
	(void)snprintf(plain, sizeof(plain), "%.*s", (int)(n - 5), name);
	return cJSON_GetObjectItemCaseSensitive(object, plain) != NULL;
}

struct cli_print_members {
	FILE *out;    /* NULL: only measure */
	size_t width; /* of the widest name so far */
};

static void cli_print_member(struct cli_print_members *m, const char *name, const cJSON *value)
{
	_cleanup_(cleanup_free) char *safe = cli_print_dup(name);
	size_t width = safe ? cli_print_width(safe) : 0;

	if (!m->out && width > m->width)
		m->width = width;
	if (!m->out)
		return;
	(void)fprintf(m->out, "%s%*s  ", safe ? safe : "",
		(int)(m->width > width ? m->width - width : 0), "");
	if (cJSON_IsArray(value)) /* items may have commas in them */
		cli_print_array(m->out, value, "\n", (m->width > width ? m->width : width) + 2);
	else
		cli_print_value(m->out, value);
	(void)fputc('\n', m->out);
}

static void cli_print_each(
	struct cli_print_members *m, const cJSON *object, const char *prefix, int depth)
{
	for (const cJSON *item = object->child; item; item = item->next) {
		const char *own = item->string ? item->string : "";
		char name[96];

		(void)snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "." : "", own);
		if (cli_print_is_raw_bytes(object, own))
			continue;
		if (cJSON_IsObject(item) && item->child && depth < CLI_PRINT_DEPTH_MAX)
			cli_print_each(m, item, name, depth + 1);
		else
			cli_print_member(m, name, item);
	}
}

void cli_print_object(FILE *out, const cJSON *object)
{
	struct cli_print_members m = {.out = NULL};

	cli_print_each(&m, object, "", 0);
	m.out = out;
	cli_print_each(&m, object, "", 0);
}

char *cli_print_cell(const cJSON *item, const char *field)
{
	char *copy = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&copy, &n);

	if (!out)
		return NULL;
	cli_print_value(out, cJSON_GetObjectItemCaseSensitive(item, field));
	if (fclose(out) == 0)
		return copy;
	free(copy);
	return NULL;
}
