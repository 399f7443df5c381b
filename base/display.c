/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A name that shows as "invoice.txt" and is "invoice<RLO>txt.exe", or one that
 * recolours the terminal, is an attack on the person who reads the report.
 * What cannot be seen is therefore written out. The backslash is doubled, so
 * that the form can be read back and no name can imitate an escape.
 */
#include "display.h"

#include "check.h"
#include "utf8.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** Invisible or steering code points, from Unicode's Default_Ignorable, Bidi_Control, Zl, Zp. */
static const struct {
	uint32_t first;
	uint32_t last;
} display_hidden[] = {
	{0x0080, 0x009f},   /* C1 */
	{0x00ad, 0x00ad},   /* soft hyphen */
	{0x034f, 0x034f},   /* grapheme joiner */
	{0x061c, 0x061c},   /* Arabic letter mark */
	{0x115f, 0x1160},   /* Hangul fillers */
	{0x17b4, 0x17b5},   /* Khmer inherent vowels */
	{0x180b, 0x180f},   /* Mongolian selectors, vowel separator */
	{0x200b, 0x200f},   /* zero width, LRM, RLM */
	{0x2028, 0x202e},   /* line and paragraph separator, bidi embeddings */
	{0x2060, 0x206f},   /* joiners, bidi isolates, deprecated controls */
	{0x3164, 0x3164},   /* Hangul filler */
	{0xfe00, 0xfe0f},   /* variation selectors */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xffa0, 0xffa0},   /* half-width Hangul filler */
	{0xfff0, 0xfffb},   /* interlinear annotation */
	{0xfffe, 0xffff},   /* no characters */
	{0x1bca0, 0x1bca3}, /* shorthand format controls */
	{0x1d173, 0x1d17a}, /* musical format controls */
	{0xe0000, 0xe0fff}, /* tags, more variation selectors */
};

static bool display_is_hidden(uint32_t code)
{
	for (size_t i = 0; i < sizeof(display_hidden) / sizeof(display_hidden[0]); i++)
		if (code >= display_hidden[i].first && code <= display_hidden[i].last)
			return true;
	return false;
}

static const char *display_entity(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* One character at @at as it is to be shown; returns the input bytes used. */
static size_t display_one(enum display_kind kind, const uint8_t *at, size_t left, char out[16])
{
	uint32_t code = 0;
	size_t n = utf8_next(at, left, &code);
	const char *entity = kind == DISPLAY_HTML && n ? display_entity(code) : NULL;

	if (n == 0 || code < 0x20 || code == 0x7f)
		(void)snprintf(out, 16, "\\x%02x", at[0]);
	else if (entity)
		(void)snprintf(out, 16, "%s", entity);
	else if (code == '\\' && kind != DISPLAY_AGAIN)
		(void)snprintf(out, 16, "\\\\");
	else if (display_is_hidden(code) && code > 0xffff)
		(void)snprintf(out, 16, "\\U%08x", code);
	else if (display_is_hidden(code))
		(void)snprintf(out, 16, "\\u%04x", code);
	else
		(void)snprintf(out, 16, "%.*s", (int)n, (const char *)at);
	return n ? n : 1;
}

size_t display_write(enum display_kind kind, struct span bytes, char *buf, size_t n_buf)
{
	const uint8_t *at = bytes.data;
	size_t left = bytes.n;
	size_t n_out = 0;
	size_t n_safe = 0; /* as much as may stand before "..." */

	PRE(n_buf > 0);
	while (left > 0) {
		char one[16];
		size_t n_in = display_one(kind, at, left, one);
		size_t n_one = strlen(one);

		if (n_out + n_one >= n_buf) {
			n_out = n_buf > 3 ? n_safe : 0;
			n_out += (size_t)snprintf(
				buf + n_out, n_buf - n_out, "%s", n_buf > 3 ? "..." : "");
			return n_out;
		}
		memcpy(buf + n_out, one, n_one);
		n_out += n_one;
		if (n_out + 3 < n_buf)
			n_safe = n_out;
		at += n_in;
		left -= n_in;
	}
	buf[n_out] = '\0';
	return n_out;
}

bool display_is_plain(uint32_t code)
{
	return code >= 0x20 && code != 0x7f && !display_is_hidden(code);
}

bool display_is_visible(const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		uint32_t code = 0;
		size_t used = utf8_next((const uint8_t *)text, n, &code);

		if (used == 0 || !display_is_plain(code))
			return false;
		text += used;
		n -= used;
	}
	return true;
}

char *display_dup(struct span bytes)
{
	size_t size = display_size(bytes.n);
	char *text = malloc(size);
	char *fitted;

	if (!text)
		return NULL;
	fitted = realloc(text, display_write(DISPLAY_TEXT, bytes, text, size) + 1);
	return fitted ? fitted : text;
}

static int display_digits(const uint8_t *at, size_t n, uint32_t *codep)
{
	*codep = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t digit;

		if (at[i] >= '0' && at[i] <= '9')
			digit = at[i] - (uint32_t)'0';
		else if (at[i] >= 'a' && at[i] <= 'f')
			digit = at[i] - (uint32_t)'a' + 10;
		else
			return -EINVAL;
		*codep = *codep << 4 | digit;
	}
	return 0;
}

/* Hidden code points have two to four bytes, nothing else is ever escaped. */
static size_t display_encode(uint32_t code, uint8_t out[4])
{
	if (code < 0x800) {
		out[0] = (uint8_t)(0xc0 | code >> 6);
		out[1] = (uint8_t)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (uint8_t)(0xe0 | code >> 12);
		out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | code >> 18);
	out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (code & 0x3f));
	return 4;
}

/* The escape after a backslash; returns its length and its bytes, 0 = broken. */
static size_t display_unescape(const uint8_t *at, size_t left, uint8_t out[4], size_t *n_outp)
{
	size_t n = left == 0 ? 0 : at[0] == 'x' ? 2 : at[0] == 'u' ? 4 : at[0] == 'U' ? 8 : 0;
	uint32_t code;

	if (left > 0 && at[0] == '\\') {
		out[0] = '\\';
		*n_outp = 1;
		return 1;
	}
	if (n == 0 || left < n + 1 || display_digits(at + 1, n, &code) < 0)
		return 0;
	if (n == 2) {
		out[0] = (uint8_t)code;
		*n_outp = 1;
		return 3;
	}
	if (!display_is_hidden(code))
		return 0;
	*n_outp = display_encode(code, out);
	return n + 1;
}

int display_read(struct span text, void *buf, size_t n_buf, size_t *n_usedp)
{
	const uint8_t *at = text.data;
	size_t left = text.n;
	size_t n_out = 0;

	while (left > 0) {
		uint8_t bytes[4] = {at[0]};
		size_t n_bytes = 1;
		size_t n_in = 1;

		if (at[0] == '\\') {
			n_in = 1 + display_unescape(at + 1, left - 1, bytes, &n_bytes);
			if (n_in == 1)
				return -EINVAL;
		}
		if (n_bytes > n_buf - n_out)
			return -EMSGSIZE;
		memcpy((uint8_t *)buf + n_out, bytes, n_bytes);
		n_out += n_bytes;
		at += n_in;
		left -= n_in;
	}
	*n_usedp = n_out;
	return 0;
}
