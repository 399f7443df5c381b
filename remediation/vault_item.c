/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a quarantined file. Pure but for memory. */
#include "vault_item.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void vault_item_deinit(struct vault_item *item)
{
	for (size_t i = 0; i < item->n_xattrs; i++) {
		free(item->xattrs[i].name);
		free(item->xattrs[i].value);
	}
	free(item->xattrs);
	free(item->path);
	free(item->threat_name);
	free(item->detection_id);
	free(item->reason);
	*item = (struct vault_item)VAULT_ITEM_NULL;
}

bool vault_item_is_id(const char *text)
{
	return strspn(text, "0123456789abcdef") == VAULT_ID_LENGTH && text[VAULT_ID_LENGTH] == '\0';
}

static int vault_item_refuse(struct errmsg *msg, int r, const char *what)
{
	errmsg_set(msg, "%s", what);
	return err_origin(r);
}

static int vault_item_check_xattrs(const struct vault_item *item, struct errmsg *msg)
{
	size_t n = 0;

	if (item->n_xattrs > VAULT_XATTRS_MAX)
		return vault_item_refuse(msg, -E2BIG, "too many extended attributes");
	for (size_t i = 0; i < item->n_xattrs; i++) {
		const struct vault_xattr *xattr = &item->xattrs[i];
		size_t n_name = strlen(xattr->name);

		if (n_name == 0 || n_name > VAULT_XATTR_NAME_MAX)
			return vault_item_refuse(
				msg, -EINVAL, "an extended attribute's name is empty or too long");
		if (xattr->size > VAULT_XATTR_VALUE_MAX)
			return vault_item_refuse(msg, -E2BIG, "an extended attribute is too long");
		n += n_name + xattr->size;
	}
	if (n > VAULT_XATTRS_BYTES_MAX)
		return vault_item_refuse(msg, -E2BIG, "extended attributes are too long together");
	return 0;
}

static bool vault_item_is_time(const struct timespec *time)
{
	return time->tv_nsec >= 0 && time->tv_nsec < 1000000000;
}

int vault_item_check(const struct vault_item *item, struct errmsg *msg)
{
	const char *const texts[] = {item->threat_name, item->detection_id, item->reason};

	if (item->id[0] != '\0' && !vault_item_is_id(item->id))
		return vault_item_refuse(msg, -EINVAL, "the id is none");
	if (item->path_size == 0 || item->path_size > VAULT_PATH_MAX || item->path[0] != '/' ||
		memchr(item->path, 0, item->path_size))
		return vault_item_refuse(msg, -EINVAL, "the path is not absolute or too long");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] && strlen(texts[i]) > VAULT_TEXT_MAX)
			return vault_item_refuse(msg, -EINVAL, "a text is too long");
	if (!vault_item_is_time(&item->atime) || !vault_item_is_time(&item->mtime))
		return vault_item_refuse(msg, -EINVAL, "a time is out of range");
	return vault_item_check_xattrs(item, msg);
}
