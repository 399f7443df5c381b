/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going through all items. The names are the ids, so an order and a page need no
 * decryption; what is known of an item does.
 */
#include "check.h"
#include "cleanup.h"
#include "pace.h"
#include "vault_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Whether a directory entry is an item's; @id is set then. */
static bool vault_list_is_item(const char *name, char id[VAULT_ID_LENGTH + 1])
{
	if (strlen(name) != VAULT_NAME_SIZE - 1 ||
		strcmp(name + VAULT_ID_LENGTH, VAULT_SUFFIX) != 0)
		return false;
	memcpy(id, name, VAULT_ID_LENGTH);
	id[VAULT_ID_LENGTH] = '\0';
	return vault_item_is_id(id);
}

DIR *vault_list_open(const struct vault *vault, int *rp, struct errmsg *msg)
{
	int fd = openat(vault->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	*rp = dir ? 0 : err_origin(-errno);
	if (dir)
		return dir;
	cleanup_close(&fd);
	errmsg_set(msg, "read the directory: %s", err_text(*rp));
	return NULL;
}

int vault_list_next(DIR *dir, char id[VAULT_ID_LENGTH + 1], struct errmsg *msg)
{
	const struct dirent *entry;
	int r;

	id[0] = '\0';
	while (errno = 0, entry = readdir(dir))
		if (vault_list_is_item(entry->d_name, id))
			return 0;
	id[0] = '\0';
	if (errno == 0)
		return 0;
	r = -errno; /* UNTESTED: a disk that fails */
	errmsg_set(msg, "read the directory: %s", err_text(r));
	return err_origin(r);
}

/* Nothing of the item itself: of ourselves, and not to be taken for damage. */
static bool vault_list_is_own_trouble(int r)
{
	return r == -ENOMEM || r == -EMFILE || r == -ENFILE;
}

/* Tell one item; 0 as well when it was deleted meanwhile. */
static int vault_list_tell(struct vault *vault, const char *id,
	int (*each)(const struct vault_item *item, void *arg), void *arg, struct errmsg *msg)
{
	struct vault_item item = VAULT_ITEM_NULL;
	struct errmsg why = ERRMSG_NULL; /* of damage, which is no failure here */
	int r;

	pace_keep();
	r = vault_look(vault, id, &item, &why);
	if (r == -ENOENT)
		return 0;
	if (vault_list_is_own_trouble(r)) {
		errmsg_set(msg, "%s", why.text);
		return r;
	}
	if (r < 0) {
		memcpy(item.id, id, sizeof(item.id));
		item.is_damaged = true;
	}
	r = each(&item, arg);
	vault_item_deinit(&item);
	return r;
}

int vault_list(struct vault *vault, int (*each)(const struct vault_item *item, void *arg),
	void *arg, struct errmsg *msg)
{
	int r;
	_cleanup_(cleanup_closedir) DIR *dir = vault_list_open(vault, &r, msg);
	char id[VAULT_ID_LENGTH + 1];

	if (!dir) {
		errmsg_prefix(msg, "quarantine");
		return r;
	}
	while (r == 0) {
		r = vault_list_next(dir, id, msg);
		if (r < 0)
			errmsg_prefix(msg, "quarantine"); /* UNTESTED: a disk that fails */
		if (r < 0 || id[0] == '\0')
			break;
		r = vault_list_tell(vault, id, each, arg, msg);
	}
	return r;
}

/** The lowest ids above one, in their order. */
struct vault_list_lowest {
	char ids[VAULT_PAGE_MAX][VAULT_ID_LENGTH + 1];
	size_t n_ids;
	size_t n_max;
	uint64_t n_beyond; /**< Ids above that there is no room for. */
};

static void vault_list_add(struct vault_list_lowest *lowest, const char *id)
{
	size_t at = lowest->n_ids;

	while (at > 0 && strcmp(lowest->ids[at - 1], id) > 0)
		at--;
	if (lowest->n_ids < lowest->n_max)
		lowest->n_ids++;
	else
		lowest->n_beyond++;
	if (at == lowest->n_max)
		return;
	memmove(lowest->ids[at + 1], lowest->ids[at],
		(lowest->n_ids - at - 1) * sizeof(lowest->ids[0]));
	memcpy(lowest->ids[at], id, sizeof(lowest->ids[0]));
}

static int vault_list_find(struct vault *vault, const char *after, struct vault_list_lowest *lowest,
	struct errmsg *msg)
{
	int r;
	_cleanup_(cleanup_closedir) DIR *dir = vault_list_open(vault, &r, msg);
	char id[VAULT_ID_LENGTH + 1];

	if (!dir)
		return r;
	while ((r = vault_list_next(dir, id, msg)) == 0 && id[0] != '\0')
		if (strcmp(id, after) > 0)
			vault_list_add(lowest, id);
	return r;
}

int vault_page(struct vault *vault, struct vault_page *page,
	int (*each)(const struct vault_item *item, void *arg), void *arg, struct errmsg *msg)
{
	struct vault_list_lowest lowest = {.n_max = page->n_max};
	int r = 0;

	PRE(page->n_max >= 1 && page->n_max <= VAULT_PAGE_MAX);
	r = vault_list_find(vault, page->after, &lowest, msg);
	if (r < 0) {
		errmsg_prefix(msg, "quarantine");
		return r;
	}
	page->n_left = lowest.n_beyond;
	for (size_t i = 0; r == 0 && i < lowest.n_ids; i++) {
		r = vault_list_tell(vault, lowest.ids[i], each, arg, msg);
		if (r == 0)
			memcpy(page->after, lowest.ids[i], sizeof(page->after));
	}
	return r;
}
