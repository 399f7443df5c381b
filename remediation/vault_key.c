/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text, so that it can be copied by hand. The key keeps samples from being
 * found by programs that may read the directory, not from root: it lies beside
 * what it opens, and a loss of one without the other would be the worse thing.
 */
#include "vault_key.h"

#include "cleanup.h"
#include "hex.h"
#include "vault_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { VAULT_KEY_TEXT_SIZE = 2 * VAULT_CRYPTO_KEY_BYTES + 1 /**< With a newline, no NUL. */ };

static int vault_key_fail(struct errmsg *msg, int r, const char *what)
{
	errmsg_set(msg, "key: %s", what);
	return err_origin(r);
}

static int vault_key_parse(
	const char *text, uint8_t key[VAULT_CRYPTO_KEY_BYTES], struct errmsg *msg)
{
	for (size_t i = 0; i < VAULT_CRYPTO_KEY_BYTES; i++) {
		int high = hex_digit((unsigned char)text[2 * i]);
		int low = hex_digit((unsigned char)text[2 * i + 1]);

		if (high < 0 || low < 0)
			return vault_key_fail(msg, -EBADMSG, "not 64 hex digits");
		key[i] = (uint8_t)(high * 16 + low);
	}
	return 0;
}

int vault_key_load(int dirfd, uint8_t key[VAULT_CRYPTO_KEY_BYTES], struct errmsg *msg)
{
	_cleanup_(cleanup_close) int fd = openat(
		dirfd, VAULT_KEY_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[VAULT_KEY_TEXT_SIZE + 1];
	struct stat status;
	size_t n = 0;
	int r;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0 || fstat(fd, &status) < 0) {
		r = -errno;
		return vault_key_fail(msg, r, err_text(r));
	}
	if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077))
		return vault_key_fail(msg, -EPERM, "has to be a file of ours with mode 0600");
	r = vault_file_read(fd, text, sizeof(text), 0, &n);
	if (r < 0)
		return vault_key_fail(msg, r, err_text(r)); /* UNTESTED: a disk that fails */
	if (n != VAULT_KEY_TEXT_SIZE || text[n - 1] != '\n')
		r = vault_key_fail(msg, -EBADMSG, "not 64 hex digits and a newline");
	else
		r = vault_key_parse(text, key, msg);
	vault_crypto_wipe(text, sizeof(text));
	return r;
}

int vault_key_make(int dirfd, uint8_t key[VAULT_CRYPTO_KEY_BYTES], struct errmsg *msg)
{
	_cleanup_(vault_file_cleanup) struct vault_file file = VAULT_FILE_NULL;
	char text[VAULT_KEY_TEXT_SIZE + 1];
	int r = vault_file_create(dirfd, &file);

	if (r == 0) {
		vault_crypto_random(key, VAULT_CRYPTO_KEY_BYTES);
		vault_crypto_hex(key, VAULT_CRYPTO_KEY_BYTES, text);
		text[VAULT_KEY_TEXT_SIZE - 1] = '\n';
		r = vault_file_write(file.fd, text, VAULT_KEY_TEXT_SIZE, 0);
		vault_crypto_wipe(text, sizeof(text));
	}
	if (r == 0)
		r = vault_file_publish(&file, VAULT_KEY_NAME);
	if (r < 0 && r != -EEXIST) {
		errmsg_set(msg, "make the key: %s", err_text(r));
		return r;
	}
	return vault_key_load(dirfd, key, msg);
}
