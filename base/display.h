/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The display form of bytes that somebody else chose (file names, signature
 * names, comments): what a terminal, a log line, a JSON string or a web page
 * can show without being steered by it.
 *
 *   valid, visible UTF-8       stays
 *   backslash                  \\
 *   C0, DEL, invalid bytes     \xNN
 *   C1, bidi controls, line separators, everything invisible    \uNNNN
 *   invisible above U+FFFF     \UNNNNNNNN
 *   HTML only: & < > " '       &amp; …
 *
 * Two different byte strings never have the same form, unless it was cut
 * (DISPLAY_AGAIN makes no such promise).
 *
 * Pure. Any thread. Reasons: CWE-150, CWE-117, CVE-2009-4487.
 */
#ifndef QS_DISPLAY_H
#define QS_DISPLAY_H

#include "span.h"

#include <stdint.h>

enum display_kind {
	DISPLAY_TEXT,  /**< Terminal, log, JSON (whose own escapes come on top). */
	DISPLAY_HTML,  /**< The same, then safe as text and as quoted attribute. */
	DISPLAY_AGAIN, /**< As TEXT for what may be a display form already: backslashes stay. */
};

enum {
	DISPLAY_EXPANSION = 6, /**< No byte becomes more than that many. */
};

/** Room that is always enough for n bytes, NUL included. */
static inline size_t display_size(size_t n)
{
	return n * DISPLAY_EXPANSION + 1;
}

/**
 * Write the display form. Output that does not fit is cut between characters
 * and ends in "..." (when there is room for that).
 *
 * @bytes  Any bytes, NUL included.
 * @buf    Receives at most n_buf bytes, NUL-terminated valid UTF-8.
 * @n_buf  At least 1.
 * @return Bytes written without the NUL.
 */
size_t display_write(enum display_kind kind, struct span bytes, char *buf, size_t n_buf);

/** Whether a code point is visible and steers nothing: it stays as it is. */
bool display_is_plain(uint32_t code);

/** Whether a text is valid UTF-8 in which every code point is plain: no forged line, no trick. */
bool display_is_visible(const char *text);

/** Whole form as text on the heap, free(3); NULL without memory. */
char *display_dup(struct span bytes);

/**
 * The way back of DISPLAY_TEXT that was not cut.
 *
 * @buf     Receives at most n_buf bytes; text.n are always enough.
 * @return  0; -EINVAL for a broken escape; -EMSGSIZE.
 */
int display_read(struct span text, void *buf, size_t n_buf, size_t *n_usedp);

#endif
