/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above
 * U+10FFFF. File names on Linux are bytes; this says which of them are text.
 *
 * Pure. Any thread.
 */
#ifndef QS_UTF8_H
#define QS_UTF8_H

#include "span.h"

#include <stdint.h>

/**
 * Decode the character at the front.
 *
 * @data   n bytes; n may be 0.
 * @codep  Set to the code point when the return is not 0.
 * @return Bytes of the character, 1 to 4; 0 when there is no valid one.
 */
size_t utf8_next(const uint8_t *data, size_t n, uint32_t *codep);

/** Whether all of it is valid; NUL bytes are (they are characters). */
bool utf8_is_valid(struct span text);

#endif
