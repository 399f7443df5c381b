/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An item is read. Nothing of what is in the file is believed before it is
 * authentic, but for the lengths in its header: those are compared with the
 * file's size first, so that the memory and time spent are bounded by it.
 *
 * The content is written as it comes and is told to be good at the end only,
 * when its last chunk was there and its hashes are those in the metadata. What
 * was written of a bad one is cut off again.
 */
#include "cleanup.h"
#include "pace.h"
#include "vault_file.h"
#include "vault_metadata.h"
#include "vault_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/** One item being read. */
struct vault_get {
	int fd;                         /**< Its file. */
	uint64_t n_file;                /**< Bytes of it. */
	struct vault_format format;     /**< Its header. */
	struct vault_item item;         /**< Its metadata. */
	struct vault_crypto *crypto;    /**< Opens it. */
	struct vault_crypto_hash *hash; /**< Of the content so far. */
	uint8_t *sealed;                /**< One sealed chunk. */
	uint8_t *plain;                 /**< One chunk. */
	int dst_fd;                     /**< Where the content goes; -1: nowhere. */
	struct errmsg *msg;             /**< The caller's. */
};

static int vault_get_fail(struct vault_get *get, int r, const char *what)
{
	errmsg_set(get->msg, "%s: %s", what, err_text(r));
	return r;
}

static int vault_get_damaged(struct vault_get *get, const char *what)
{
	errmsg_set(get->msg, "damaged: %s", what);
	return err_origin(-EBADMSG);
}

static int vault_get_open(struct vault_get *get, const struct vault *vault, const char *id)
{
	char name[VAULT_NAME_SIZE];
	struct stat status;

	if (!vault_item_is_id(id)) {
		errmsg_set(get->msg, "not the id of an item");
		return err_origin(-EINVAL);
	}
	vault_name(id, name);
	get->fd = openat(
		vault->dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (get->fd < 0 && errno == ELOOP)
		return vault_get_damaged(get, "a link");
	if (get->fd < 0 || fstat(get->fd, &status) < 0)
		return vault_get_fail(get, err_origin(-errno), "open");
	if (!S_ISREG(status.st_mode))
		return vault_get_damaged(get, "not a regular file");
	get->n_file = (uint64_t)status.st_size;
	return 0;
}

/* The header against the file, the id and the key. */
static int vault_get_compare(struct vault_get *get, const struct vault *vault, const char *id)
{
	const struct vault_format *format = &get->format;
	uint8_t expected[VAULT_FORMAT_ID_BYTES];

	if (get->n_file != vault_format_chunk_at(format, vault_format_n_chunks(format)))
		return vault_get_damaged(get, "its size is not what its header says");
	if (vault_format_read_id(id, expected) < 0 ||
		memcmp(expected, format->id, sizeof(expected)) != 0)
		return vault_get_damaged(get, "it is another item");
	if (memcmp(vault->key_id, format->key_id, sizeof(vault->key_id)) == 0)
		return 0;
	errmsg_set(get->msg, "written with another key");
	return err_origin(-EKEYREJECTED);
}

static int vault_get_header(struct vault_get *get, const struct vault *vault, const char *id)
{
	uint8_t header[VAULT_FORMAT_HEADER_BYTES];
	size_t n = 0;
	int r = vault_file_read(get->fd, header, sizeof(header), 0, &n);

	if (r < 0)
		return vault_get_fail(get, r, "read");
	if (n != sizeof(header))
		return vault_get_damaged(get, "shorter than a header");
	r = vault_format_read(header, &get->format, get->msg);
	if (r < 0) {
		errmsg_prefix(get->msg, "damaged");
		return err_origin(r);
	}
	r = vault_get_compare(get, vault, id);
	if (r < 0)
		return r;
	r = vault_crypto_of(vault, &get->format, header, &get->crypto);
	return r < 0 ? vault_get_fail(get, r, "decrypt") : 0;
}

/* Read a sealed piece and open it. @return 0; -EBADMSG; -errno. */
static int vault_get_piece(struct vault_get *get, struct span sealed, uint64_t at,
	const uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES], uint8_t *plain)
{
	size_t n = 0;
	int r = vault_file_read(get->fd, (void *)(uintptr_t)sealed.data, sealed.n, at, &n);

	if (r < 0)
		return vault_get_fail(get, r, "read");
	if (n != sealed.n)
		return vault_get_damaged(get, "it became shorter");
	r = vault_crypto_unseal(get->crypto, nonce, sealed, plain);
	if (r == -EBADMSG)
		return vault_get_damaged(get, "not what was written");
	return r < 0 ? vault_get_fail(get, r, "decrypt") : 0;
}

static int vault_get_metadata(struct vault_get *get, const char *id)
{
	size_t n = get->format.n_metadata;
	_cleanup_(cleanup_free) uint8_t *sealed = malloc(n + VAULT_CRYPTO_TAG_BYTES);
	_cleanup_(cleanup_free) uint8_t *plain = malloc(n + 1);
	uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES];
	int r;

	if (!sealed || !plain)
		return vault_get_fail(get, err_origin(-ENOMEM), "metadata");
	vault_format_metadata_nonce(nonce);
	r = vault_get_piece(get, (struct span){sealed, n + VAULT_CRYPTO_TAG_BYTES},
		VAULT_FORMAT_HEADER_BYTES, nonce, plain);
	if (r == 0)
		r = vault_metadata_read((const char *)plain, n, &get->item, get->msg);
	if (r < 0)
		return r;
	if (strcmp(get->item.id, id) != 0 || get->item.size != get->format.n_content)
		return vault_get_damaged(get, "metadata of another item");
	return 0;
}

static int vault_get_chunk(struct vault_get *get, uint64_t index)
{
	uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES];
	size_t n = vault_format_chunk_size(&get->format, index);
	int r;

	vault_format_chunk_nonce(&get->format, index, nonce);
	r = vault_get_piece(get, (struct span){get->sealed, n + VAULT_CRYPTO_TAG_BYTES},
		vault_format_chunk_at(&get->format, index), nonce, get->plain);
	if (r < 0)
		return r;
	r = vault_crypto_hash_add(get->hash, (struct span){get->plain, n});
	if (r < 0)
		return vault_get_fail(get, r, "hash");
	if (get->dst_fd < 0)
		return 0;
	r = vault_file_write(get->dst_fd, get->plain, n, index * VAULT_FORMAT_CHUNK_BYTES);
	return r < 0 ? vault_get_fail(get, r, "write the file") : 0;
}

static int vault_get_content(struct vault_get *get)
{
	uint64_t n_chunks = vault_format_n_chunks(&get->format);
	char sha256[65];
	char sha1[41];
	int r = vault_crypto_hash_new(&get->hash);

	get->sealed = malloc(VAULT_FORMAT_CHUNK_BYTES + VAULT_CRYPTO_TAG_BYTES);
	get->plain = malloc(VAULT_FORMAT_CHUNK_BYTES);
	if (r < 0 || !get->sealed || !get->plain)
		return vault_get_fail(get, err_origin(-ENOMEM), "decrypt");
	for (uint64_t i = 0; i < n_chunks; i++) {
		pace_keep();
		r = vault_get_chunk(get, i);
		if (r < 0)
			return r;
	}
	r = vault_crypto_hash_end(get->hash, sha256, sha1);
	if (r < 0)
		return vault_get_fail(get, r, "hash");
	if (strcmp(sha256, get->item.sha256) != 0 || strcmp(sha1, get->item.sha1) != 0)
		return vault_get_damaged(get, "its hashes are not those of the metadata");
	return 0;
}

static void vault_get_deinit(struct vault_get *get)
{
	cleanup_close(&get->fd);
	vault_item_deinit(&get->item);
	vault_crypto_free(get->crypto);
	vault_crypto_hash_free(get->hash);
	free(get->sealed);
	free(get->plain);
}

/* Read an item, its content too or not. */
static int vault_get_run(struct vault *vault, const char *id, struct vault_get *get, bool is_whole,
	struct vault_item *itemp)
{
	int r = vault_get_open(get, vault, id);

	if (r == 0)
		r = vault_get_header(get, vault, id);
	if (r == 0)
		r = vault_get_metadata(get, id);
	if (r == 0 && is_whole)
		r = vault_get_content(get);
	if (itemp)
		*itemp = (struct vault_item)VAULT_ITEM_NULL;
	if (r < 0) {
		errmsg_prefix(get->msg, "quarantined item");
	} else if (itemp) {
		*itemp = get->item;
		get->item = (struct vault_item)VAULT_ITEM_NULL;
	}
	vault_get_deinit(get);
	return r;
}

int vault_look(struct vault *vault, const char *id, struct vault_item *item, struct errmsg *msg)
{
	struct vault_get get = {.fd = -1, .dst_fd = -1, .msg = msg};

	return vault_get_run(vault, id, &get, false, item);
}

int vault_check(struct vault *vault, const char *id, struct vault_item *item, struct errmsg *msg)
{
	struct vault_get get = {.fd = -1, .dst_fd = -1, .msg = msg};

	return vault_get_run(vault, id, &get, true, item);
}

int vault_get(struct vault *vault, const char *id, int dst_fd, struct vault_item *item,
	struct errmsg *msg)
{
	struct vault_get get = {.fd = -1, .dst_fd = dst_fd, .msg = msg};
	struct stat status;
	int r = fstat(dst_fd, &status) < 0 ? -errno : 0;

	if (r == 0 && (!S_ISREG(status.st_mode) || status.st_size != 0))
		r = -EINVAL;
	if (r < 0) {
		if (item)
			*item = (struct vault_item)VAULT_ITEM_NULL;
		errmsg_set(msg, "quarantined item: write the file: not an empty regular file");
		return err_origin(r);
	}
	r = vault_get_run(vault, id, &get, true, item);
	if (r < 0)
		(void)!ftruncate(dst_fd, 0);
	return r;
}
