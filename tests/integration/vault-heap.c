/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation fails once (libcrypto's, cJSON's, libc's and ours): each call
 * says -ENOMEM or succeeds all the same, nothing half done is left, and the next
 * call works.
 */
#include "faultheap.h"
#include "unit.h"
#include "vaultworld.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_MAX = 5000, CONTENT = 70000 };

struct heap {
	struct vaultworld world;
	int src_fd;
	char id[VAULT_ID_LENGTH + 1]; /* of what is there */
};

static int each_item(const struct vault_item *item, void *arg)
{
	(void)arg;
	return item->is_damaged ? -EBADMSG : 0;
}

static int step_put(struct heap *heap, struct errmsg *msg)
{
	struct vault_item item = {.path = (uint8_t *)(uintptr_t) "/a", .path_size = 2};
	int r = vault_put(heap->world.vault, heap->src_fd, &item, msg);

	if (r == 0)
		assert_int_equal(vault_delete(heap->world.vault, item.id, msg), 0);
	return r;
}

static int step_check(struct heap *heap, struct errmsg *msg)
{
	struct vault_item item;
	int r = vault_check(heap->world.vault, heap->id, &item, msg);

	vault_item_deinit(&item);
	return r;
}

static int step_get(struct heap *heap, struct errmsg *msg)
{
	char path[SCRATCH_PATH_SIZE];
	int fd = open(scratch_path(&heap->world.scratch, "out", path),
		O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int r = vault_get(heap->world.vault, heap->id, fd, NULL, msg);

	assert_int_equal(lseek(fd, 0, SEEK_END), r == 0 ? CONTENT : 0);
	(void)close(fd);
	return r;
}

/* No memory is not damage. */
static int step_list(struct heap *heap, struct errmsg *msg)
{
	return vault_list(heap->world.vault, each_item, NULL, msg);
}

static int step_page(struct heap *heap, struct errmsg *msg)
{
	struct vault_page page = {.n_max = 1};

	return vault_page(heap->world.vault, &page, each_item, NULL, msg);
}

static int step_open(struct heap *heap, struct errmsg *msg)
{
	struct vault *vault = NULL;
	int r = vault_open(heap->world.state_fd, &vault, msg);

	assert_true((r == 0) == (vault != NULL));
	vault_close(vault);
	return r;
}

static void sweep(int (*step)(struct heap *heap, struct errmsg *msg))
{
	uint8_t *bytes = vaultworld_bytes(CONTENT);
	struct errmsg msg = ERRMSG_NULL;
	struct heap heap;
	bool has_failed = true;
	unsigned long n;

	vaultworld_init(&heap.world);
	vaultworld_put(&heap.world, "/b", bytes, CONTENT, heap.id);
	heap.src_fd = vaultworld_source(&heap.world, bytes, CONTENT);
	assert_int_equal(step(&heap, &msg), 0); /* what libraries set up once */
	for (n = 0; has_failed && n < N_MAX; n++) {
		int r;

		msg = (struct errmsg)ERRMSG_NULL;
		faultheap_arm(n);
		r = step(&heap, &msg);
		has_failed = faultheap_disarm();
		assert_true(r == 0 || has_failed);
		if (r != 0 && (r != -ENOMEM || msg.text[0] == '\0'))
			fail_msg("allocation %lu: %d %s", n, r, msg.text);
		assert_int_equal(vaultworld_names(&heap.world), 2);
		assert_int_equal(vault_check(heap.world.vault, heap.id, NULL, &msg), 0);
	}
	print_message("%lu allocations\n", n);
	assert_true(n > 2 && n < N_MAX);
	(void)close(heap.src_fd);
	free(bytes);
	vaultworld_deinit(&heap.world);
}

static void putting(void **state)
{
	(void)state;
	sweep(step_put);
}

static void checking(void **state)
{
	(void)state;
	sweep(step_check);
}

static void getting(void **state)
{
	(void)state;
	sweep(step_get);
}

static void listing(void **state)
{
	(void)state;
	sweep(step_list);
}

static void paging(void **state)
{
	(void)state;
	sweep(step_page);
}

static void opening(void **state)
{
	(void)state;
	sweep(step_open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(putting),
		cmocka_unit_test(checking),
		cmocka_unit_test(getting),
		cmocka_unit_test(listing),
		cmocka_unit_test(paging),
		cmocka_unit_test(opening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
