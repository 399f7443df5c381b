/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An item's metadata as JSON: the text that is sealed in its file. Fields:
 * docs/quarantine.md. Bytes of others are base64, so nothing is lost.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_VAULT_METADATA_H
#define QS_VAULT_METADATA_H

#include "err.h"
#include "vault_item.h"

/**
 * Write.
 *
 * @item   Within vault_item_check(), with an id. Texts that are no UTF-8 are
 *         written in their display form, cut at VAULT_TEXT_MAX.
 * @textp  Set when 0 is returned; free(3). Its length depends on the hashes'
 *         lengths alone, not on the hashes.
 * @return 0 or -ENOMEM.
 */
int vault_metadata_write(const struct vault_item *item, char **textp, size_t *n_textp);

/**
 * Read; any bytes.
 *
 * @item   Set when 0 is returned, within vault_item_check(); vault_item_deinit()
 *         it. VAULT_ITEM_NULL otherwise.
 * @msg    Says what is wrong.
 * @return 0; -EBADMSG; -ENOMEM.
 */
int vault_metadata_read(
	const char *text, size_t n_text, struct vault_item *item, struct errmsg *msg);

#endif
