/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The codec of the messages between our processes. A message is a C struct and
 * a table that lists its fields in wire order; encoding and decoding are
 * driven by the table, so both directions agree by construction and one fuzz
 * target covers every message.
 *
 * On the wire: u16 type, u16 version, then the fields, little-endian, without
 * padding; bytes and arrays are preceded by a u32 count. All lengths are
 * checked against the buffer and against the field's own maximum.
 *
 * Pure: no I/O, no allocation. Any thread. Layouts: docs/ipc.md.
 */
#ifndef QS_WIRE_H
#define QS_WIRE_H

#include "span.h"

#include <stdint.h>

enum wire_kind {
	WIRE_U8,    /**< uint8_t */
	WIRE_U16,   /**< uint16_t */
	WIRE_U32,   /**< uint32_t */
	WIRE_U64,   /**< uint64_t */
	WIRE_I64,   /**< int64_t */
	WIRE_BYTES, /**< struct span, at most max bytes; decoded spans point into the input. */
	WIRE_FIXED, /**< uint8_t[max], exactly max bytes, no count on the wire. */
	WIRE_U64S,  /**< uint64_t[max], exactly max numbers, no count on the wire. */
};

struct wire_field {
	enum wire_kind kind;
	uint32_t max;  /**< See wire_kind; unused for plain integers. */
	size_t offset; /**< Of the member in its struct. */
};

struct wire_message {
	uint16_t type;
	const char *name;                /**< For logs. */
	size_t size;                     /**< sizeof the struct. */
	const struct wire_field *fields; /**< In wire order. */
	size_t n_fields;
};

enum {
	WIRE_VERSION = 1,
	WIRE_HEADER_BYTES = 4,
};

/**
 * Encode one message.
 *
 * @desc    Its table.
 * @msg     The struct, desc->size bytes.
 * @buf     Receives at most n_buf bytes.
 * @n_usedp Set to the bytes written when 0 is returned.
 * @return  0; -EMSGSIZE when it does not fit or a span is longer than its max.
 */
int wire_encode(
	const struct wire_message *desc, const void *msg, void *buf, size_t n_buf, size_t *n_usedp);

/**
 * Read type and version only.
 *
 * @return  0; -EBADMSG when shorter than a header or of another version.
 */
int wire_peek(const void *buf, size_t n_buf, uint16_t *typep);

/**
 * Decode one message; hostile input is expected.
 *
 * @buf    Whole message as received; spans in @msg point into it.
 * @msg    Receives the struct; undefined unless 0 is returned.
 * @return 0; -EBADMSG when the type differs, a length is wrong, a maximum is
 *         exceeded, or bytes are left over.
 */
int wire_decode(const struct wire_message *desc, const void *buf, size_t n_buf, void *msg);

#endif
