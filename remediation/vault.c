/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vault's directory. Every name is used relative to its descriptor and no
 * link is followed, so nothing that is done to the path on the way leads
 * elsewhere; a directory that others may use is not trusted at all.
 *
 * The directory's own name is synced whenever there is no key yet, so that a
 * key, and all items after it, never outlive the way to them.
 */
#include "vault.h"

#include "cleanup.h"
#include "vault_file.h"
#include "vault_key.h"
#include "vault_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define VAULT_DIRECTORY "quarantine"

void vault_make_id(char id[VAULT_ID_LENGTH + 1])
{
	uint8_t bytes[VAULT_FORMAT_ID_BYTES];

	vault_crypto_random(bytes, sizeof(bytes));
	vault_crypto_hex(bytes, sizeof(bytes), id);
}

void vault_name(const char *id, char name[VAULT_NAME_SIZE])
{
	(void)snprintf(name, VAULT_NAME_SIZE, "%s%s", id, VAULT_SUFFIX);
}

int vault_crypto_of(const struct vault *vault, const struct vault_format *format,
	const uint8_t header[VAULT_FORMAT_HEADER_BYTES], struct vault_crypto **cryptop)
{
	uint8_t key[VAULT_CRYPTO_KEY_BYTES];
	int r = vault_crypto_derive(vault->key, VAULT_FORMAT_ITEM_KEY_LABEL,
		(struct span){format->salt, sizeof(format->salt)}, key);

	if (r == 0)
		r = vault_crypto_new(
			key, (struct span){header, VAULT_FORMAT_HEADER_BYTES}, cryptop);
	vault_crypto_wipe(key, sizeof(key));
	return r;
}

static int vault_open_directory(int state_dirfd, int *fdp)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(state_dirfd, VAULT_DIRECTORY, flags);

	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(state_dirfd, VAULT_DIRECTORY, 0700) < 0 && errno != EEXIST)
			return -errno;
		fd = openat(state_dirfd, VAULT_DIRECTORY, flags);
	}
	if (fd < 0)
		return -errno;
	*fdp = fd;
	return 0;
}

/* No key: made, unless there is something that one was for. */
static int vault_make_key(struct vault *vault, int state_dirfd, struct errmsg *msg)
{
	int r;
	_cleanup_(cleanup_closedir) DIR *dir = vault_list_open(vault, &r, msg);
	char id[VAULT_ID_LENGTH + 1];

	if (!dir)
		return r;
	r = vault_list_next(dir, id, msg);
	if (r < 0)
		return r;
	if (id[0] != '\0') {
		errmsg_set(msg, "the key is gone and items are there: put it back, or move them");
		return err_origin(-ENOKEY);
	}
	if (fsync(state_dirfd) < 0) {
		r = -errno;
		errmsg_set(msg, "sync its directory: %s", err_text(r));
		return err_origin(r);
	}
	return vault_key_make(vault->dirfd, vault->key, msg);
}

static int vault_open_key(struct vault *vault, int state_dirfd, struct errmsg *msg)
{
	uint8_t id[VAULT_CRYPTO_KEY_BYTES];
	int r = vault_key_load(vault->dirfd, vault->key, msg);

	if (r == -ENOENT)
		r = vault_make_key(vault, state_dirfd, msg);
	if (r < 0)
		return r;
	r = vault_crypto_derive(vault->key, VAULT_FORMAT_KEY_ID_LABEL, (struct span)SPAN_NULL, id);
	if (r < 0)
		errmsg_set(msg, "key: %s", err_text(r));
	else
		memcpy(vault->key_id, id, sizeof(vault->key_id));
	return r;
}

static int vault_open_all(struct vault *vault, int state_dirfd, struct errmsg *msg)
{
	struct stat status = {0};
	int r = vault_open_directory(state_dirfd, &vault->dirfd);

	if (r == 0 && fstat(vault->dirfd, &status) < 0)
		r = -errno; /* UNTESTED: of an open directory */
	if (r < 0) {
		errmsg_set(msg, "%s", err_text(r));
		return err_origin(r);
	}
	if (status.st_uid != geteuid() || (status.st_mode & 077)) {
		errmsg_set(msg, "has to be a directory of ours with mode 0700");
		return err_origin(-EPERM);
	}
	r = vault_file_clean(vault->dirfd);
	if (r < 0) {
		errmsg_set(msg, "clean up: %s", err_text(r));
		return r;
	}
	return vault_open_key(vault, state_dirfd, msg);
}

int vault_open(int state_dirfd, struct vault **vaultp, struct errmsg *msg)
{
	struct vault *vault = calloc(1, sizeof(*vault));
	int r;

	*vaultp = NULL;
	if (!vault) {
		errmsg_set(msg, "quarantine: %s", err_text(-ENOMEM));
		return err_origin(-ENOMEM);
	}
	vault->dirfd = -1;
	r = vault_open_all(vault, state_dirfd, msg);
	if (r < 0) {
		errmsg_prefix(msg, "quarantine");
		vault_close(vault);
		return r;
	}
	*vaultp = vault;
	return 0;
}

void vault_close(struct vault *vault)
{
	if (!vault)
		return;
	cleanup_close(&vault->dirfd);
	vault_crypto_wipe(vault->key, sizeof(vault->key));
	free(vault);
}

int vault_delete(struct vault *vault, const char *id, struct errmsg *msg)
{
	char name[VAULT_NAME_SIZE];
	int r;

	if (!vault_item_is_id(id)) {
		errmsg_set(msg, "quarantine: not the id of an item");
		return err_origin(-EINVAL);
	}
	vault_name(id, name);
	if (unlinkat(vault->dirfd, name, 0) == 0 && fsync(vault->dirfd) == 0)
		return 0;
	r = -errno;
	errmsg_set(msg, "quarantine: delete %s: %s", id, err_text(r));
	return err_origin(r);
}
