/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two cursors that know their end. Nothing is cast: every integer is put
 * together from bytes, so alignment and byte order do not matter and a lying
 * length can only run into the end of the buffer.
 */
#include "wire.h"

#include "check.h"

#include <errno.h>

struct wire_out {
	uint8_t *at;
	size_t left;
	int error;
};

struct wire_in {
	const uint8_t *at;
	size_t left;
	int error;
};

static void wire_put(struct wire_out *out, const void *data, size_t n)
{
	if (out->error || n > out->left) {
		out->error = -EMSGSIZE;
		return;
	}
	if (n)
		memcpy(out->at, data, n);
	out->at += n;
	out->left -= n;
}

static void wire_put_int(struct wire_out *out, uint64_t value, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	wire_put(out, bytes, n);
}

static const void *wire_get(struct wire_in *in, size_t n)
{
	const uint8_t *at = in->at;

	if (in->error || n > in->left) {
		in->error = -EBADMSG;
		return NULL;
	}
	in->at += n;
	in->left -= n;
	return at;
}

static uint64_t wire_get_int(struct wire_in *in, size_t n)
{
	const uint8_t *bytes = wire_get(in, n);
	uint64_t value = 0;

	if (!bytes)
		return 0;
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

static void wire_put_field(struct wire_out *out, const struct wire_field *f, const void *member)
{
	const struct span *span = member;
	const uint64_t *numbers = member;

	switch (f->kind) {
	case WIRE_U8:
		wire_put_int(out, *(const uint8_t *)member, 1);
		break;
	case WIRE_U16:
		wire_put_int(out, *(const uint16_t *)member, 2);
		break;
	case WIRE_U32:
		wire_put_int(out, *(const uint32_t *)member, 4);
		break;
	case WIRE_U64:
	case WIRE_I64:
		wire_put_int(out, *(const uint64_t *)member, 8);
		break;
	case WIRE_BYTES:
		if (span->n > f->max)
			out->error = -EMSGSIZE;
		wire_put_int(out, span->n, 4);
		wire_put(out, span->data, span->n);
		break;
	case WIRE_FIXED:
		wire_put(out, member, f->max);
		break;
	case WIRE_U64S:
		for (size_t i = 0; i < f->max; i++)
			wire_put_int(out, numbers[i], 8);
		break;
	}
}

static void wire_get_bytes(struct wire_in *in, uint32_t max, struct span *span)
{
	uint64_t n = wire_get_int(in, 4);

	if (n > max)
		in->error = -EBADMSG;
	span->data = wire_get(in, (size_t)n);
	span->n = in->error ? 0 : (size_t)n;
}

static void wire_get_field(struct wire_in *in, const struct wire_field *f, void *member)
{
	const void *bytes;

	switch (f->kind) {
	case WIRE_U8:
		*(uint8_t *)member = (uint8_t)wire_get_int(in, 1);
		break;
	case WIRE_U16:
		*(uint16_t *)member = (uint16_t)wire_get_int(in, 2);
		break;
	case WIRE_U32:
		*(uint32_t *)member = (uint32_t)wire_get_int(in, 4);
		break;
	case WIRE_U64:
	case WIRE_I64:
		*(uint64_t *)member = wire_get_int(in, 8);
		break;
	case WIRE_BYTES:
		wire_get_bytes(in, f->max, member);
		break;
	case WIRE_FIXED:
		bytes = wire_get(in, f->max);
		if (bytes)
			memcpy(member, bytes, f->max);
		break;
	case WIRE_U64S:
		for (size_t i = 0; i < f->max; i++)
			((uint64_t *)member)[i] = wire_get_int(in, 8);
		break;
	}
}

int wire_encode(
	const struct wire_message *desc, const void *msg, void *buf, size_t n_buf, size_t *n_usedp)
{
	struct wire_out out = {.at = buf, .left = n_buf};

	wire_put_int(&out, desc->type, 2);
	wire_put_int(&out, WIRE_VERSION, 2);
	for (size_t i = 0; i < desc->n_fields; i++)
		wire_put_field(
			&out, &desc->fields[i], (const uint8_t *)msg + desc->fields[i].offset);
	if (out.error)
		return out.error;
	*n_usedp = n_buf - out.left;
	return 0;
}

int wire_peek(const void *buf, size_t n_buf, uint16_t *typep)
{
	struct wire_in in = {.at = buf, .left = n_buf};
	uint16_t type = (uint16_t)wire_get_int(&in, 2);
	uint16_t version = (uint16_t)wire_get_int(&in, 2);

	if (in.error || version != WIRE_VERSION)
		return -EBADMSG;
	*typep = type;
	return 0;
}

int wire_decode(const struct wire_message *desc, const void *buf, size_t n_buf, void *msg)
{
	struct wire_in in = {.at = buf, .left = n_buf};
	uint16_t type = 0;

	if (wire_peek(buf, n_buf, &type) < 0 || type != desc->type)
		return -EBADMSG;
	memset(msg, 0, desc->size);
	(void)wire_get(&in, WIRE_HEADER_BYTES);
	for (size_t i = 0; i < desc->n_fields; i++)
		wire_get_field(&in, &desc->fields[i], (uint8_t *)msg + desc->fields[i].offset);
	return in.error || in.left ? -EBADMSG : 0;
}
