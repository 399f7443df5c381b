/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire and ipc: every message there and back, every truncation refused, every
 * lying length refused. Driven by the tables, so a new message is covered.
 */
#include "unit.h"

#include "ipc.h"

#include <errno.h>
#include <stdlib.h>

enum { WIRE_TYPES_END = 0x600, WIRE_N_MESSAGES = 34 };

/* A struct whose members are all set to something that tells them apart. */
static void fill(const struct wire_message *desc, uint8_t *msg, const uint8_t *text, bool is_full)
{
	uint8_t next = 1;

	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct wire_field *f = &desc->fields[i];
		uint8_t *member = msg + f->offset;
		static const size_t sizes[] = {1, 2, 4, 8, 8};

		if (f->kind == WIRE_BYTES) {
			struct span span = {text, is_full ? f->max : next};

			memcpy(member, &span, sizeof(span));
		} else {
			size_t n = f->kind == WIRE_FIXED  ? f->max
				   : f->kind == WIRE_U64S ? f->max * 8u
							  : sizes[f->kind];

			for (size_t k = 0; k < n; k++)
				member[k] = next++;
		}
	}
}

static void assert_same(const struct wire_message *desc, const uint8_t *a, const uint8_t *b)
{
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct wire_field *f = &desc->fields[i];
		static const size_t sizes[] = {1, 2, 4, 8, 8};

		if (f->kind == WIRE_BYTES) {
			struct span x;
			struct span y;

			memcpy(&x, a + f->offset, sizeof(x));
			memcpy(&y, b + f->offset, sizeof(y));
			assert_true(span_equal(x, y));
		} else {
			assert_memory_equal(a + f->offset, b + f->offset,
				f->kind == WIRE_FIXED  ? f->max
				: f->kind == WIRE_U64S ? f->max * 8u
						       : sizes[f->kind]);
		}
	}
}

struct bench {
	uint8_t text[IPC_PATH_MAX + 1];
	uint8_t wire[IPC_MESSAGE_MAX];
	union ipc_any in;
	union ipc_any out;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	for (size_t i = 0; i < sizeof(b->text); i++)
		b->text[i] = (uint8_t)(i * 7 + 1);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static const struct wire_message *next_message(uint16_t *typep)
{
	const struct wire_message *desc = NULL;

	while (!desc && *typep < WIRE_TYPES_END)
		desc = ipc_describe((*typep)++);
	return desc;
}

static void there_and_back(void **state)
{
	struct bench *b = *state;
	const struct wire_message *desc;
	uint16_t type = 0;
	size_t n_messages = 0;

	while ((desc = next_message(&type)) != NULL) {
		for (int is_full = 0; is_full < 2; is_full++) {
			uint16_t peeked = 0;
			size_t n = 0;

			memset(&b->in, 0, sizeof(b->in));
			memset(&b->out, 0xff, sizeof(b->out));
			fill(desc, (uint8_t *)&b->in, b->text, is_full);
			assert_int_equal(
				wire_encode(desc, &b->in, b->wire, sizeof(b->wire), &n), 0);
			assert_int_equal(wire_peek(b->wire, n, &peeked), 0);
			assert_int_equal(peeked, desc->type);
			assert_int_equal(wire_decode(desc, b->wire, n, &b->out), 0);
			assert_same(desc, (uint8_t *)&b->in, (uint8_t *)&b->out);
		}
		n_messages++;
	}
	assert_int_equal(n_messages, WIRE_N_MESSAGES);
}

/* Cut anywhere, or one byte too long: refused. Room too small: not written. */
static void every_truncation(void **state)
{
	struct bench *b = *state;
	const struct wire_message *desc;
	uint16_t type = 0;

	while ((desc = next_message(&type)) != NULL) {
		size_t n = 0;
		size_t n_used = 7;

		memset(&b->in, 0, sizeof(b->in));
		fill(desc, (uint8_t *)&b->in, b->text, false);
		assert_int_equal(wire_encode(desc, &b->in, b->wire, sizeof(b->wire), &n), 0);
		for (size_t cut = 0; cut < n; cut++) {
			/* An exact copy on the heap, so that ASan sees one byte beyond. */
			uint8_t *copy = malloc(cut + 1);

			memcpy(copy, b->wire, cut);
			assert_int_equal(wire_decode(desc, copy, cut, &b->out), -EBADMSG);
			assert_int_equal(wire_encode(desc, &b->in, copy, cut, &n_used), -EMSGSIZE);
			assert_int_equal(n_used, 7);
			free(copy);
		}
		b->wire[n] = 0;
		assert_int_equal(wire_decode(desc, b->wire, n + 1, &b->out), -EBADMSG);
	}
}

/* Every count of every span replaced by lies: refused, nothing read beyond. */
static void lying_lengths(void **state)
{
	static const uint32_t lies[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, IPC_PATH_MAX + 1};
	struct bench *b = *state;
	const struct wire_message *desc;
	uint16_t type = 0;
	size_t n_counts = 0;

	while ((desc = next_message(&type)) != NULL) {
		size_t n = 0;
		size_t at = WIRE_HEADER_BYTES;

		memset(&b->in, 0, sizeof(b->in));
		fill(desc, (uint8_t *)&b->in, b->text, false);
		assert_int_equal(wire_encode(desc, &b->in, b->wire, sizeof(b->wire), &n), 0);
		for (size_t i = 0; i < desc->n_fields; i++) {
			const struct wire_field *f = &desc->fields[i];
			static const size_t sizes[] = {1, 2, 4, 8, 8};
			struct span span;

			if (f->kind != WIRE_BYTES) {
				at += f->kind == WIRE_FIXED  ? f->max
				      : f->kind == WIRE_U64S ? f->max * 8u
							     : sizes[f->kind];
				continue;
			}
			memcpy(&span, (uint8_t *)&b->in + f->offset, sizeof(span));
			for (size_t k = 0; k < sizeof(lies) / sizeof(lies[0]); k++) {
				uint8_t saved[4];
				uint8_t lie[4] = {(uint8_t)lies[k], (uint8_t)(lies[k] >> 8),
					(uint8_t)(lies[k] >> 16), (uint8_t)(lies[k] >> 24)};
				bool is_true = lies[k] == span.n;

				memcpy(saved, b->wire + at, 4);
				memcpy(b->wire + at, lie, 4);
				if (!is_true)
					assert_int_not_equal(
						wire_decode(desc, b->wire, n, &b->out), 0);
				memcpy(b->wire + at, saved, 4);
			}
			at += 4 + span.n;
			n_counts++;
		}
		assert_int_equal(at, n);
	}
	assert_int_equal(n_counts, 37);
}

/* A span longer than its maximum is not sent. */
static void too_long_to_send(void **state)
{
	struct bench *b = *state;
	struct ipc_scan_path path = {.path = {b->text, IPC_PATH_MAX + 1}};
	size_t n = 7;

	assert_int_equal(
		wire_encode(ipc_describe(IPC_SCAN_PATH), &path, b->wire, sizeof(b->wire), &n),
		-EMSGSIZE);
	assert_int_equal(n, 7);
}

static void wrong_type_or_version(void **state)
{
	struct bench *b = *state;
	struct ipc_scan_hello hello = {.pid = 1};
	uint16_t type = 0;
	size_t n = 0;

	assert_int_equal(
		wire_encode(ipc_describe(IPC_SCAN_HELLO), &hello, b->wire, sizeof(b->wire), &n), 0);
	assert_int_equal(wire_decode(ipc_describe(IPC_WORK_READY), b->wire, n, &b->out), -EBADMSG);
	b->wire[2] ^= 1;
	assert_int_equal(wire_peek(b->wire, n, &type), -EBADMSG);
	assert_int_equal(wire_decode(ipc_describe(IPC_SCAN_HELLO), b->wire, n, &b->out), -EBADMSG);
	assert_int_equal(wire_peek(b->wire, 3, &type), -EBADMSG);
	assert_null(ipc_describe(0));
	assert_null(ipc_describe(0xffff));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {T(there_and_back), T(every_truncation), T(lying_lengths),
		T(too_long_to_send), T(wrong_type_or_version)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
