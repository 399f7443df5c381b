/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The quarantine's store: STATE_DIR/quarantine, mode 0700, one file an item,
 * "<id>.qsv". Content and metadata are encrypted with the key that lies beside
 * them, so that no other antivirus, backup or indexer finds the sample again;
 * that hides nothing from who may read the directory. Everything is
 * authenticated: what was changed, cut or exchanged is noticed. The format,
 * what is protected and how to get an item out by hand: docs/quarantine.md.
 *
 * An item is there whole or not at all, whenever the process or the machine
 * stops. What a stopped writer leaves is removed by the next vault_open().
 *
 * Hands. A vault belongs to one thread at a time; any number of processes may
 * have the same directory open, and write to it.
 */
#ifndef QS_VAULT_H
#define QS_VAULT_H

#include "err.h"
#include "vault_item.h"

struct vault;

/**
 * Open the vault; make directory and key when there are none.
 *
 * @state_dirfd  The state directory, borrowed for the call; O_PATH will not do.
 * @vaultp       Set when 0 is returned; vault_close() it. NULL otherwise.
 * @msg          "quarantine: …" on failure.
 * @return       0; -EPERM when others than we may use directory or key;
 *               -ENOKEY when the key is gone and items are there; -EBADMSG when
 *               the key is none; -ENOTDIR, -ELOOP when something else has the
 *               name; -ENOMEM; -errno.
 */
int vault_open(int state_dirfd, struct vault **vaultp, struct errmsg *msg);

/** Close it and wipe the key from memory; takes NULL. */
void vault_close(struct vault *vault);

/** For _cleanup_(). */
static inline void vault_cleanup(struct vault **vault)
{
	vault_close(*vault);
}

/** A new random id, for who writes it down before it puts the item. */
void vault_make_id(char id[VAULT_ID_LENGTH + 1]);

/**
 * Copy the whole of a file in. On disk (file and directory) when 0 is returned;
 * nothing of it is there otherwise.
 *
 * @src_fd  A regular file, readable; read by pread(2) from its beginning, its
 *          offset stays.
 * @item    Within vault_item_check(). With an id that is used, without one it is
 *          made. Its sha256, sha1 and size are set to what was read; they, and
 *          the id, are as they were unless 0 is returned.
 * @return  0; -EEXIST the id is in use; -ESTALE size or mtime of the source
 *          changed while it was read; -EINVAL no regular file, or as
 *          vault_item_check(), also -E2BIG; -ENOSPC, -EDQUOT, -EROFS, -ENOMEM;
 *          -errno.
 */
int vault_put(struct vault *vault, int src_fd, struct vault_item *item, struct errmsg *msg);

/**
 * Write an item's content to a file while all of it is verified.
 *
 * @id      Any text; one that is no id is -EINVAL.
 * @dst_fd  An empty regular file, writable; written by pwrite(2) from its
 *          beginning, not synced. Of no use unless 0 is returned.
 * @item    Set when 0 is returned, vault_item_deinit() it; VAULT_ITEM_NULL
 *          otherwise (what was in it is not freed). May be NULL.
 * @return  0; -ENOENT no such item; -EBADMSG it is damaged; -EKEYREJECTED it was
 *          written with another key; -EINVAL; -ENOMEM; -errno.
 */
int vault_get(struct vault *vault, const char *id, int dst_fd, struct vault_item *item,
	struct errmsg *msg);

/** Verify all of an item, content and hashes included. Otherwise as vault_get(). */
int vault_check(struct vault *vault, const char *id, struct vault_item *item, struct errmsg *msg);

/** What is known of an item; only that is verified. Otherwise as vault_get(). */
int vault_look(struct vault *vault, const char *id, struct vault_item *item, struct errmsg *msg);

/**
 * All items, in no order; verified as by vault_look().
 *
 * @each    Called with each item, borrowed for the call. One that is damaged or
 *          of another key has is_damaged set, its id, and nothing else (no path).
 *          Non-zero ends the list.
 * @return  0; what @each returned; -ENOMEM; -errno.
 */
int vault_list(struct vault *vault, int (*each)(const struct vault_item *item, void *arg),
	void *arg, struct errmsg *msg);

/** Delete an item, damaged or not; gone from disk when 0 is returned. 0; -ENOENT; -EINVAL; -errno. */
int vault_delete(struct vault *vault, const char *id, struct errmsg *msg);

/** Which items vault_page() tells, and what is left to tell. */
struct vault_page {
	char after[VAULT_ID_LENGTH + 1]; /**< Those with a higher id; "" from the first. */
	size_t n_max;                    /**< At most so many, 1 to VAULT_PAGE_MAX. */
	/* result */
	uint64_t n_left; /**< Items after these. */
};

enum { VAULT_PAGE_MAX = 64 };

/**
 * Some of the items, by rising id; told as by vault_list(). An item that is there
 * all the time is on exactly one page.
 *
 * @page   n_left is set when 0 is returned; after is the last item's that was told
 *         or found deleted, ready for the next page.
 * @return As vault_list().
 */
int vault_page(struct vault *vault, struct vault_page *page,
	int (*each)(const struct vault_item *item, void *arg), void *arg, struct errmsg *msg);

#endif
