/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Base64 (RFC 4648, section 4: "+/", padded, no line breaks), the form raw
 * bytes have in JSON. Decoding is strict, so that one byte string has one
 * spelling.
 *
 * Pure. Any thread. The codec itself is OpenSSL's.
 */
#ifndef QS_BASE64_H
#define QS_BASE64_H

#include "span.h"

enum {
	BASE64_BYTES_MAX = 64 * 1024 * 1024, /**< Longest input either way. */
};

/** Room base64_encode() needs for n bytes, NUL included. */
static inline size_t base64_encoded_size(size_t n)
{
	return (n + 2) / 3 * 4 + 1;
}

/** Room base64_decode() needs for a text of n characters. */
static inline size_t base64_decoded_size(size_t n)
{
	return n / 4 * 3;
}

/**
 * Encode.
 *
 * @bytes  At most BASE64_BYTES_MAX.
 * @text   Receives base64_encoded_size(bytes.n) characters, NUL-terminated.
 */
void base64_encode(struct span bytes, char *text);

/**
 * Decode.
 *
 * @text    Any bytes.
 * @buf     Room for n_buf bytes, at least base64_decoded_size(text.n).
 * @n_usedp Set to the bytes decoded when 0 is returned.
 * @return  0; -EINVAL when it is not canonical padded base64; -EMSGSIZE when
 *          @n_buf is too small or the text longer than BASE64_BYTES_MAX.
 */
int base64_decode(struct span text, void *buf, size_t n_buf, size_t *n_usedp);

#endif
