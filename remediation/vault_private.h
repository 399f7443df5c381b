/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the sources of the vault share: vault.c (the directory), vault_put.c (in),
 * vault_get.c (out) and vault_list.c (all of them). Nobody else includes it.
 */
#ifndef QS_VAULT_PRIVATE_H
#define QS_VAULT_PRIVATE_H

#include "vault.h"
#include "vault_format.h"

#include <dirent.h>

#define VAULT_SUFFIX ".qsv"

enum { VAULT_NAME_SIZE = VAULT_ID_LENGTH + sizeof(VAULT_SUFFIX) };

struct vault {
	int dirfd;                             /**< STATE_DIR/quarantine, readable. */
	uint8_t key[VAULT_CRYPTO_KEY_BYTES];   /**< Wiped by vault_close(). */
	uint8_t key_id[VAULT_FORMAT_ID_BYTES]; /**< Told in every item. */
};

/** The name of an item's file. */
void vault_name(const char *id, char name[VAULT_NAME_SIZE]);

/** The directory to be listed; NULL, with @rp and @msg set, when it cannot be. */
DIR *vault_list_open(const struct vault *vault, int *rp, struct errmsg *msg);

/** The next item of a directory. @return 0, @id "" at the end; -errno. */
int vault_list_next(DIR *dir, char id[VAULT_ID_LENGTH + 1], struct errmsg *msg);

/**
 * The cipher of an item: its key is made from the vault's and its salt.
 *
 * @cryptop  Set when 0 is returned; vault_crypto_free() it.
 * @return   0 or -ENOMEM.
 */
int vault_crypto_of(const struct vault *vault, const struct vault_format *format,
	const uint8_t header[VAULT_FORMAT_HEADER_BYTES], struct vault_crypto **cryptop);

#endif
