/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EVP_DecodeBlock() skips white space and counts padding as data, so the text
 * is checked before it and the length computed after it. The last group is
 * encoded again and compared: "QR==" and "QQ==" would otherwise be one byte
 * with two spellings.
 */
#include "base64.h"

#include "check.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdint.h>

static bool base64_is_digit(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '+' || c == '/';
}

void base64_encode(struct span bytes, char *text)
{
	PRE(bytes.n <= BASE64_BYTES_MAX);
	text[0] = '\0';
	if (bytes.n)
		(void)EVP_EncodeBlock((unsigned char *)text, bytes.data, (int)bytes.n);
}

int base64_decode(struct span text, void *buf, size_t n_buf, size_t *n_usedp)
{
	const uint8_t *at = text.data;
	size_t n_pad = 0;
	size_t n_tail;
	char again[8];

	if (text.n > BASE64_BYTES_MAX)
		return -EMSGSIZE;
	if (text.n == 0) {
		*n_usedp = 0;
		return 0;
	}
	if (text.n % 4 != 0)
		return -EINVAL;
	while (n_pad < 2 && at[text.n - 1 - n_pad] == '=')
		n_pad++;
	for (size_t i = 0; i < text.n - n_pad; i++)
		if (!base64_is_digit(at[i]))
			return -EINVAL;
	if (n_buf < base64_decoded_size(text.n))
		return -EMSGSIZE;
	if (EVP_DecodeBlock(buf, at, (int)text.n) < 0)
		return -EINVAL;
	n_tail = 3 - n_pad;
	base64_encode(
		(struct span){(uint8_t *)buf + base64_decoded_size(text.n) - 3, n_tail}, again);
	if (memcmp(again, at + text.n - 4, 4) != 0)
		return -EINVAL;
	*n_usedp = base64_decoded_size(text.n) - n_pad;
	return 0;
}
