/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vault_list: all items, a page of them, and those that are old. */
#include "unit.h"
#include "vaultworld.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int stop_at_first(const struct vault_item *item, void *arg)
{
	(void)item;
	return ++*(int *)arg == 1 ? -ECANCELED : 0;
}

/* A list ends when it is told to; names that are no items are not told. */
static void listing(void **state)
{
	struct vaultworld *world = *state;
	struct errmsg msg = ERRMSG_NULL;
	char id[VAULT_ID_LENGTH + 1];
	int n = 0;

	assert_int_equal(vaultworld_count(world, NULL), 0);
	scratch_write(&world->scratch, "quarantine/README", "x", 1);
	scratch_write(&world->scratch, "quarantine/0123456789abcdef0123456789abcdef.bak", "x", 1);
	scratch_mkdir(&world->scratch, "quarantine/lost+found");
	vaultworld_put(world, "/a", "x", 1, id);
	vaultworld_put(world, "/a", "y", 1, id);
	assert_int_equal(vaultworld_count(world, NULL), 2);
	assert_int_equal(vault_list(world->vault, stop_at_first, &n, &msg), -ECANCELED);
	assert_int_equal(n, 1);
	assert_int_equal(vault_delete(world->vault, id, &msg), 0);
	assert_int_equal(vault_delete(world->vault, id, &msg), -ENOENT);
	assert_int_equal(vaultworld_count(world, NULL), 1);
	vaultworld_reopen(world);
	assert_int_equal(vaultworld_names(world), 5);
}

struct told {
	char ids[8][VAULT_ID_LENGTH + 1];
	unsigned n;
	unsigned n_damaged;
	unsigned n_until; /**< Then it has been told enough; 0 = never. */
};

static int tell(const struct vault_item *item, void *arg)
{
	struct told *told = arg;

	assert_true(told->n < 8);
	memcpy(told->ids[told->n++], item->id, sizeof(item->id));
	told->n_damaged += item->is_damaged;
	assert_true(item->is_damaged || item->path);
	return told->n == told->n_until ? -ECANCELED : 0;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Every size of page: each item once, by rising id, and how many are to come. */
static void pages(void **state)
{
	struct vaultworld *world = *state;
	struct errmsg msg = ERRMSG_NULL;
	char ids[5][VAULT_ID_LENGTH + 1];
	char name[64];

	for (int i = 0; i < 5; i++)
		vaultworld_put(world, "/a", "x", 1, ids[i]);
	scratch_write(&world->scratch, vaultworld_file(ids[0], name), "x", 1);
	qsort(ids, 5, sizeof(ids[0]), compare_ids);
	for (size_t n_max = 1; n_max <= 6; n_max++) {
		struct vault_page page = {.n_max = n_max};
		struct told told = {.n = 0};

		do {
			assert_int_equal(vault_page(world->vault, &page, tell, &told, &msg), 0);
			assert_string_equal(page.after, told.ids[told.n - 1]);
			assert_int_equal(page.n_left, 5 - told.n);
			assert_string_equal(msg.text, ""); /* damage is told, and no error */
		} while (page.n_left > 0);
		assert_int_equal(told.n, 5);
		assert_int_equal(told.n_damaged, 1);
		assert_memory_equal(told.ids, ids, sizeof(ids));
		/* After the last there is nothing, and its place stays. */
		assert_int_equal(vault_page(world->vault, &page, tell, &told, &msg), 0);
		assert_int_equal(told.n, 5);
		assert_string_equal(page.after, ids[4]);
	}
}

/* Who is told can end it and go on there; an id need not be an item's any more. */
static void pages_with_gaps(void **state)
{
	struct vaultworld *world = *state;
	struct vault_page page = {.n_max = VAULT_PAGE_MAX};
	struct told told = {.n_until = 2};
	struct errmsg msg = ERRMSG_NULL;
	char id[VAULT_ID_LENGTH + 1];

	assert_int_equal(vault_page(world->vault, &page, tell, &told, &msg), 0);
	assert_string_equal(page.after, "");
	assert_int_equal(page.n_left, 0);
	for (int i = 0; i < 3; i++)
		vaultworld_put(world, "/a", "x", 1, id);
	assert_int_equal(vault_page(world->vault, &page, tell, &told, &msg), -ECANCELED);
	assert_string_equal(page.after, told.ids[0]);
	assert_int_equal(vault_delete(world->vault, told.ids[0], &msg), 0);
	told = (struct told){.n = 0};
	assert_int_equal(vault_page(world->vault, &page, tell, &told, &msg), 0);
	assert_int_equal(told.n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(listing, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(pages, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(
			pages_with_gaps, vaultworld_setup, vaultworld_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
