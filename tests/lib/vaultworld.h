/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A state directory of a test's own with a vault in it, sources to put and
 * items to describe them. Aborts the test on failure.
 */
#ifndef QS_VAULTWORLD_H
#define QS_VAULTWORLD_H

#include "scratch.h"
#include "vault.h"

struct vaultworld {
	struct scratch scratch; /**< The state directory. */
	int state_fd;           /**< Of it. */
	struct vault *vault;    /**< NULL while it is closed. */
};

/** Make directory and vault. */
void vaultworld_init(struct vaultworld *world);
/** As vaultworld_init() on a tmpfs of so many KiB. @return false when we may not mount. */
bool vaultworld_init_small(struct vaultworld *world, unsigned n_kib);
/** Close and remove all. */
void vaultworld_deinit(struct vaultworld *world);

/** A world of its own for each test, as *state. */
int vaultworld_setup(void **state);

/** End it. */
int vaultworld_teardown(void **state);
/** Close the vault and open it again. */
void vaultworld_reopen(struct vaultworld *world);

/** n bytes that look random and are the same each time; free(3). */
uint8_t *vaultworld_bytes(size_t n);
/** A file "source" with these bytes, open to read. Close it. */
int vaultworld_source(const struct vaultworld *world, const void *bytes, size_t n);
/** What is known of a file that was at @path: all fields are filled. vault_item_deinit() it. */
void vaultworld_item(const char *path, struct vault_item *item);
/** Put n bytes as @path; @id receives the item's. */
void vaultworld_put(struct vaultworld *world, const char *path, const void *bytes, size_t n,
	char id[VAULT_ID_LENGTH + 1]);
/** An item's content, n bytes of heap; what vault_get() returned. */
int vaultworld_get(
	struct vaultworld *world, const char *id, char **bytesp, size_t *np, struct errmsg *msg);

/** Items vault_list() tells; the damaged ones among them. */
unsigned vaultworld_count(struct vaultworld *world, unsigned *n_damagedp);
/** Names in the vault's directory, "." and ".." not counted. */
unsigned vaultworld_names(const struct vaultworld *world);
/** Path of an item's file in the scratch directory: for scratch_read() and its like. */
const char *vaultworld_file(const char *id, char name[64]);
/** All but id, size and hashes are equal; those are in @stored. */
void vaultworld_expect_equal(const struct vault_item *given, const struct vault_item *stored);

#endif
