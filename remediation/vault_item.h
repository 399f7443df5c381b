/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a quarantined file: where it was, what it looked like there,
 * and why it was taken away. Enough to put it back as it was.
 *
 * Pure but for memory. Any thread; one owner at a time.
 */
#ifndef QS_VAULT_ITEM_H
#define QS_VAULT_ITEM_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
	VAULT_ID_LENGTH = 32,               /**< Lower-case hex of 16 random bytes. */
	VAULT_PATH_MAX = 32768,             /**< Bytes of a path: IPC_PATH_MAX. */
	VAULT_TEXT_MAX = 1024,              /**< Bytes of each text. */
	VAULT_XATTRS_MAX = 512,             /**< Extended attributes of an item. */
	VAULT_XATTR_NAME_MAX = 255,         /**< Bytes of a name: XATTR_NAME_MAX. */
	VAULT_XATTR_VALUE_MAX = 64 * 1024,  /**< Bytes of a value: XATTR_SIZE_MAX. */
	VAULT_XATTRS_BYTES_MAX = 256 * 1024 /**< Bytes of all names and values together. */
};

/** One extended attribute; ACLs are some of them (system.posix_acl_*). */
struct vault_xattr {
	char *name;  /**< NUL-terminated, any other bytes, not empty. */
	void *value; /**< Any bytes; may be NULL when size is 0. */
	size_t size; /**< Bytes of value. */
};

/** Owns all it points to, once vault_item_deinit() is to free it. */
struct vault_item {
	char id[VAULT_ID_LENGTH + 1]; /**< "" before it has one. */
	uint8_t *path;                /**< Original absolute path, any bytes but NUL. */
	size_t path_size;             /**< Its bytes, 1 to VAULT_PATH_MAX. */
	uint64_t dev;                 /**< st_dev of the original. */
	uint64_t inode;               /**< st_ino. */
	uint32_t mode;                /**< st_mode. */
	uint32_t uid;                 /**< st_uid. */
	uint32_t gid;                 /**< st_gid. */
	uint64_t n_links;             /**< st_nlink; 0 = not known. */
	uint64_t size;                /**< Bytes of content. */
	struct timespec atime;        /**< st_atim. */
	struct timespec mtime;        /**< st_mtim. */
	struct vault_xattr *xattrs;   /**< n_xattrs of them; may be NULL when that is 0. */
	size_t n_xattrs;              /**< At most VAULT_XATTRS_MAX. */
	char sha256[65];              /**< Lower-case hex of the content's hashes. */
	char sha1[41];
	char *threat_name;      /**< UTF-8, at most VAULT_TEXT_MAX bytes, or NULL. */
	char *detection_id;     /**< Likewise. */
	char *reason;           /**< Likewise. */
	int64_t quarantined_ms; /**< When it was taken away, Unix time. */
	bool is_damaged;        /**< Only from vault_list(): nothing but the id is known. */
};

#define VAULT_ITEM_NULL                                                                            \
	{                                                                                          \
		.id = ""                                                                           \
	}

/** Free what is in it and make it VAULT_ITEM_NULL; idempotent. */
void vault_item_deinit(struct vault_item *item);

/** Whether a text is an id: VAULT_ID_LENGTH characters, 0 to 9 and a to f. */
bool vault_item_is_id(const char *text);

/**
 * Whether all of it is within what is said above.
 *
 * @msg    Says what is not.
 * @return 0 or -EINVAL; -E2BIG when the extended attributes are too many or too
 *         large (their owner chooses them: who quarantines leaves some out).
 */
int vault_item_check(const struct vault_item *item, struct errmsg *msg);

#endif
