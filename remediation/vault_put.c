/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file goes into the vault. The header tells the content's length and is part
 * of every chunk's authentication, so the length is taken first and a source
 * that turns out longer or shorter is refused. The metadata tell the hashes,
 * which are known last, but stand first: their length is known, so their place
 * is left free and filled at the end.
 *
 * Room for all of it is asked for first: a disk that is too small says so
 * before it is filled to the brim for everybody else.
 */
#include "check.h"
#include "cleanup.h"
#include "pace.h"
#include "vault_file.h"
#include "vault_metadata.h"
#include "vault_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

/** One put at work. */
struct vault_put {
	int src_fd;                     /**< Borrowed. */
	struct stat before;             /**< Of it, at the beginning. */
	struct vault_format format;     /**< The new item's. */
	struct vault_item item;         /**< As it will be told; borrows all from the caller's. */
	struct vault_file file;         /**< What is written. */
	struct vault_crypto *crypto;    /**< Seals it. */
	struct vault_crypto_hash *hash; /**< Of what was read. */
	uint8_t *plain;                 /**< One chunk. */
	uint8_t *sealed;                /**< One sealed. */
	struct errmsg *msg;             /**< The caller's. */
};

static int vault_put_fail(struct vault_put *put, int r, const char *what)
{
	errmsg_set(put->msg, "%s: %s", what, err_text(r));
	return r;
}

static int vault_put_changed(struct vault_put *put)
{
	errmsg_set(put->msg, "the file changed while it was read");
	return err_origin(-ESTALE);
}

static int vault_put_look(struct vault_put *put)
{
	if (fstat(put->src_fd, &put->before) < 0)
		return vault_put_fail(put, err_origin(-errno), "look at the file");
	if (!S_ISREG(put->before.st_mode)) {
		errmsg_set(put->msg, "not a regular file");
		return err_origin(-EINVAL);
	}
	if (put->before.st_size > VAULT_FORMAT_CONTENT_MAX)
		return vault_put_fail(put, err_origin(-EFBIG), "the file");
	return 0;
}

/* What the item will be called, and how long its metadata are. */
static int vault_put_plan(struct vault_put *put, const struct vault *vault)
{
	static const char digits[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n_text = 0;
	int r;

	if (put->item.id[0] == '\0')
		vault_make_id(put->item.id);
	put->item.size = (uint64_t)put->before.st_size;
	memcpy(put->item.sha256, digits, 64);
	put->item.sha256[64] = '\0';
	memcpy(put->item.sha1, digits, 40);
	put->item.sha1[40] = '\0';
	r = vault_metadata_write(&put->item, &text, &n_text);
	if (r < 0)
		return vault_put_fail(put, r, "metadata");
	POST(n_text <= VAULT_FORMAT_METADATA_MAX); /* vault_item_check() has the limits */
	put->format.n_metadata = (uint32_t)n_text;
	put->format.n_content = put->item.size;
	r = vault_format_read_id(put->item.id, put->format.id);
	INVARIANT(r == 0);
	memcpy(put->format.key_id, vault->key_id, sizeof(put->format.key_id));
	vault_crypto_random(put->format.salt, sizeof(put->format.salt));
	return 0;
}

static int vault_put_prepare(struct vault_put *put, const struct vault *vault)
{
	uint8_t header[VAULT_FORMAT_HEADER_BYTES];
	int r;

	put->plain = malloc(VAULT_FORMAT_CHUNK_BYTES);
	put->sealed = malloc(VAULT_FORMAT_CHUNK_BYTES + VAULT_CRYPTO_TAG_BYTES);
	r = put->plain && put->sealed ? 0 : err_origin(-ENOMEM);
	vault_format_write(&put->format, header);
	if (r == 0)
		r = vault_crypto_of(vault, &put->format, header, &put->crypto);
	if (r == 0)
		r = vault_crypto_hash_new(&put->hash);
	if (r < 0)
		return vault_put_fail(put, r, "encrypt");
	r = vault_file_create(vault->dirfd, &put->file);
	return r < 0 ? vault_put_fail(put, r, "make a file") : 0;
}

static int vault_put_write(struct vault_put *put, const void *bytes, size_t n, uint64_t offset)
{
	int r = vault_file_write(put->file.fd, bytes, n, offset);

	return r < 0 ? vault_put_fail(put, r, "write") : 0;
}

static int vault_put_reserve(struct vault_put *put)
{
	off_t n = (off_t)vault_format_chunk_at(&put->format, vault_format_n_chunks(&put->format));
	int r;

	do {
		r = fallocate(put->file.fd, 0, 0, n) < 0 ? -errno : 0;
	} while (r == -EINTR);
	if (r == 0 || r == -EOPNOTSUPP || r == -ENOSYS)
		return 0;
	return vault_put_fail(put, err_origin(r), "write");
}

static int vault_put_chunk(struct vault_put *put, uint64_t index)
{
	uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES];
	size_t n = vault_format_chunk_size(&put->format, index);
	size_t n_read = 0;
	int r = vault_file_read(
		put->src_fd, put->plain, n, index * VAULT_FORMAT_CHUNK_BYTES, &n_read);

	if (r < 0)
		return vault_put_fail(put, r, "read the file");
	if (n_read != n)
		return vault_put_changed(put);
	vault_format_chunk_nonce(&put->format, index, nonce);
	r = vault_crypto_hash_add(put->hash, (struct span){put->plain, n});
	if (r == 0)
		r = vault_crypto_seal(
			put->crypto, nonce, (struct span){put->plain, n}, put->sealed);
	if (r < 0)
		return vault_put_fail(put, r, "encrypt");
	return vault_put_write(put, put->sealed, n + VAULT_CRYPTO_TAG_BYTES,
		vault_format_chunk_at(&put->format, index));
}

/* Nothing more in it than was read, and nobody wrote to it. */
static int vault_put_compare(struct vault_put *put)
{
	struct stat after = {0};
	size_t n_more = 0;
	char more;
	int r = vault_file_read(put->src_fd, &more, 1, put->format.n_content, &n_more);

	if (r == 0 && fstat(put->src_fd, &after) < 0)
		r = err_origin(-errno); /* UNTESTED: of an open file */
	if (r < 0)
		return vault_put_fail(put, r, "read the file");
	if (n_more > 0 || after.st_size != put->before.st_size ||
		after.st_mtim.tv_sec != put->before.st_mtim.tv_sec ||
		after.st_mtim.tv_nsec != put->before.st_mtim.tv_nsec)
		return vault_put_changed(put);
	return 0;
}

static int vault_put_metadata(struct vault_put *put)
{
	_cleanup_(cleanup_free) char *text = NULL;
	_cleanup_(cleanup_free) uint8_t *sealed = NULL;
	uint8_t nonce[VAULT_CRYPTO_NONCE_BYTES];
	size_t n = 0;
	int r = vault_crypto_hash_end(put->hash, put->item.sha256, put->item.sha1);

	if (r == 0)
		r = vault_metadata_write(&put->item, &text, &n);
	if (r == 0) {
		POST(n == put->format.n_metadata);
		sealed = malloc(n + VAULT_CRYPTO_TAG_BYTES);
		r = sealed ? 0 : err_origin(-ENOMEM);
	}
	vault_format_metadata_nonce(nonce);
	if (r == 0)
		r = vault_crypto_seal(put->crypto, nonce, (struct span){text, n}, sealed);
	if (r < 0)
		return vault_put_fail(put, r, "metadata");
	return vault_put_write(put, sealed, n + VAULT_CRYPTO_TAG_BYTES, VAULT_FORMAT_HEADER_BYTES);
}

static int vault_put_copy(struct vault_put *put)
{
	uint64_t n_chunks = vault_format_n_chunks(&put->format);
	uint8_t header[VAULT_FORMAT_HEADER_BYTES];
	int r = vault_put_reserve(put);

	vault_format_write(&put->format, header);
	if (r == 0)
		r = vault_put_write(put, header, sizeof(header), 0);
	for (uint64_t i = 0; r == 0 && i < n_chunks; i++) {
		pace_keep();
		r = vault_put_chunk(put, i);
	}
	if (r == 0)
		r = vault_put_compare(put);
	return r == 0 ? vault_put_metadata(put) : r;
}

static int vault_put_publish(struct vault_put *put)
{
	char name[VAULT_NAME_SIZE];
	int r;

	vault_name(put->item.id, name);
	r = vault_file_publish(&put->file, name);
	return r < 0 ? vault_put_fail(put, r, "write") : 0;
}

static int vault_put_run(struct vault_put *put, const struct vault *vault)
{
	int r = vault_item_check(&put->item, put->msg);

	if (r == 0)
		r = vault_put_look(put);
	if (r == 0)
		r = vault_put_plan(put, vault);
	if (r == 0)
		r = vault_put_prepare(put, vault);
	if (r == 0)
		r = vault_put_copy(put);
	return r == 0 ? vault_put_publish(put) : r;
}

int vault_put(struct vault *vault, int src_fd, struct vault_item *item, struct errmsg *msg)
{
	struct vault_put put = {
		.src_fd = src_fd, .item = *item, .file = VAULT_FILE_NULL, .msg = msg};
	int r = vault_put_run(&put, vault);

	vault_file_discard(&put.file);
	vault_crypto_free(put.crypto);
	vault_crypto_hash_free(put.hash);
	free(put.plain);
	free(put.sealed);
	if (r < 0)
		errmsg_prefix(msg, "put into quarantine");
	else
		*item = put.item;
	return r;
}
