/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACLs go first into the vault's limited room: they say who may read the file.
 * A mode from before an ACL and one from after it are the same, because the
 * group bits are the ACL's mask either way.
 */
#include "attributes.h"

#include "cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/xattr.h>

enum { ATTRIBUTES_MODE = 07777 };

/* The names, NUL-terminated one after the other, on the heap. */
static int attributes_list(int fd, char **namesp, size_t *n_namesp)
{
	_cleanup_(cleanup_free) char *names = NULL;

	for (;;) {
		ssize_t n = flistxattr(fd, NULL, 0);
		size_t n_room = n < 0 ? 0 : (size_t)n + 1;

		if (n < 0 && errno == EOPNOTSUPP)
			return 0;
		if (n < 0)
			return err_origin(-errno);
		free(names);
		names = malloc(n_room);
		if (!names)
			return err_origin(-ENOMEM);
		n = flistxattr(fd, names, n_room);
		if (n >= 0) {
			*namesp = names;
			*n_namesp = (size_t)n;
			names = NULL;
			return 0;
		}
		if (errno != ERANGE) /* more of them by now */
			return err_origin(-errno);
	}
}

/* -ENODATA, -ERANGE, -E2BIG when it is gone, growing or too large. */
static int attributes_take_one(int fd, const char *name, struct vault_xattr *xattr)
{
	_cleanup_(cleanup_free) void *value = NULL;
	ssize_t n = fgetxattr(fd, name, NULL, 0);

	if (n < 0)
		return -errno;
	if (n > VAULT_XATTR_VALUE_MAX || strlen(name) > VAULT_XATTR_NAME_MAX)
		return -E2BIG;
	value = malloc((size_t)n + 1);
	if (!value)
		return -ENOMEM;
	n = fgetxattr(fd, name, value, (size_t)n);
	if (n < 0)
		return -errno;
	xattr->name = strdup(name);
	if (!xattr->name)
		return -ENOMEM;
	xattr->size = (size_t)n;
	xattr->value = value;
	value = NULL;
	return 0;
}

static bool attributes_is_acl(const char *name)
{
	return strncmp(name, "system.posix_acl_", 17) == 0;
}

/* One more, unless it is beyond the limits. */
static int attributes_add(
	int fd, const char *name, struct vault_item *item, size_t *n_bytes, size_t *n_left)
{
	struct vault_xattr xattr = {0};
	size_t n;
	int r = item->n_xattrs == VAULT_XATTRS_MAX ? -E2BIG : attributes_take_one(fd, name, &xattr);

	if (r == -ENOMEM)
		return err_origin(r);
	n = r == 0 ? strlen(name) + xattr.size : 0;
	if (r < 0 || *n_bytes + n > VAULT_XATTRS_BYTES_MAX) {
		free(xattr.name);
		free(xattr.value);
		(*n_left)++;
		return 0;
	}
	*n_bytes += n;
	item->xattrs[item->n_xattrs++] = xattr;
	return 0;
}

static int attributes_take_all(int fd, struct vault_item *item, size_t *n_left)
{
	_cleanup_(cleanup_free) char *names = NULL;
	size_t n_names = 0;
	size_t n_bytes = 0;
	int r = attributes_list(fd, &names, &n_names);

	if (r < 0 || n_names == 0)
		return r;
	item->xattrs = calloc(VAULT_XATTRS_MAX, sizeof(*item->xattrs));
	if (!item->xattrs)
		return err_origin(-ENOMEM);
	for (int is_acl = 1; r == 0 && is_acl >= 0; is_acl--)
		for (size_t at = 0; r == 0 && at < n_names; at += strlen(names + at) + 1)
			if (attributes_is_acl(names + at) == (is_acl != 0))
				r = attributes_add(fd, names + at, item, &n_bytes, n_left);
	return r;
}

int attributes_take(int fd, const struct stat *status, struct vault_item *item, size_t *n_leftp)
{
	size_t n_left = 0;
	int r;

	item->dev = status->st_dev;
	item->inode = status->st_ino;
	item->mode = status->st_mode;
	item->uid = status->st_uid;
	item->gid = status->st_gid;
	item->n_links = status->st_nlink;
	item->atime = status->st_atim;
	item->mtime = status->st_mtim;
	r = attributes_take_all(fd, item, &n_left);
	if (r == 0)
		*n_leftp = n_left;
	return r;
}

static void attributes_lose(struct errmsg *lost, const char *what)
{
	if (lost->text[0] == '\0')
		errmsg_set(lost, "%s", what);
	else
		errmsg_prefix(lost, "%s", what);
}

/* The kernel's own: it gives a new file those it wants it to have. */
static bool attributes_is_kernels(const char *name)
{
	return strncmp(name, "security.", 9) == 0 || strncmp(name, "trusted.", 8) == 0;
}

static int attributes_set_xattrs(
	int fd, const struct vault_item *item, struct errmsg *lost, struct errmsg *msg)
{
	for (size_t i = 0; i < item->n_xattrs; i++) {
		const struct vault_xattr *xattr = &item->xattrs[i];
		int r;

		if (fsetxattr(fd, xattr->name, xattr->value, xattr->size, 0) == 0)
			continue;
		r = -errno;
		if (attributes_is_kernels(xattr->name) && (r == -EPERM || r == -EOPNOTSUPP)) {
			attributes_lose(lost, xattr->name);
			continue;
		}
		errmsg_set(msg, "set the attribute %s: %s", xattr->name, err_text(r));
		return err_origin(r);
	}
	return 0;
}

/*
 * A service manager may forbid set-id bits to all it starts (systemd's
 * RestrictSUIDSGID): the file comes back without them rather than not at all.
 */
static int attributes_change_mode(int fd, mode_t mode)
{
	if (fchmod(fd, mode) == 0)
		return 0;
	if (errno != EPERM || !(mode & (S_ISUID | S_ISGID)))
		return -errno;
	return fchmod(fd, mode & ~(mode_t)(S_ISUID | S_ISGID)) < 0 ? -errno : 0;
}

static int attributes_set_mode(int fd, const struct vault_item *item)
{
	/* What a default ACL of the folder gave the new file would widen with the mode. */
	if (fremovexattr(fd, "system.posix_acl_access") < 0 && errno != ENODATA &&
		errno != EOPNOTSUPP)
		return -errno;
	return attributes_change_mode(fd, item->mode & ATTRIBUTES_MODE);
}

/*
 * What is left of the mode: set-group-id for a group that is not ours is cleared
 * without an error, by chmod as well as by an ACL.
 */
static int attributes_compare_mode(int fd, const struct vault_item *item, struct errmsg *lost)
{
	static const struct {
		mode_t bit;
		const char *name;
	} bits[] = {{S_ISUID, "set-user-id"}, {S_ISGID, "set-group-id"}, {S_ISVTX, "sticky"}};
	struct stat status;

	if (fstat(fd, &status) < 0)
		return err_origin(-errno); /* UNTESTED: of an open file */
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if ((item->mode & bits[i].bit) && !(status.st_mode & bits[i].bit))
			attributes_lose(lost, bits[i].name);
	return 0;
}

int attributes_set(int fd, const struct vault_item *item, struct errmsg *lost, struct errmsg *msg)
{
	const struct timespec times[2] = {item->atime, item->mtime};
	const char *what = "set the owner";
	int r = fchown(fd, item->uid, item->gid) < 0 ? -errno : 0;

	*lost = (struct errmsg)ERRMSG_NULL;
	if (r == 0) {
		what = "set the mode";
		r = attributes_set_mode(fd, item);
	}
	if (r < 0) {
		errmsg_set(msg, "%s: %s", what, err_text(r));
		return err_origin(r);
	}
	r = attributes_set_xattrs(fd, item, lost, msg);
	if (r == 0)
		r = attributes_compare_mode(fd, item, lost);
	if (r == 0 && futimens(fd, times) < 0) {
		r = err_origin(-errno);
		errmsg_set(msg, "set the times: %s", err_text(r));
	}
	return r;
}
