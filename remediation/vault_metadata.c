/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON, because who has to get an item out by hand wants to read it. It is
 * authentic before it is read, and is read as strictly as what is not.
 */
#include "vault_metadata.h"

#include "base64.h"
#include "cleanup.h"
#include "display.h"
#include "json.h"
#include "utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int vault_metadata_add_time(cJSON *object, const char *field, const struct timespec *time)
{
	cJSON *item = cJSON_CreateObject();
	int r;

	if (!item)
		return -ENOMEM;
	r = json_add_int(item, "seconds", time->tv_sec);
	r |= json_add_int(item, "nanoseconds", time->tv_nsec);
	r |= json_add_item(object, field, item);
	return r;
}

/* Without the display form beside it: nobody reads 64 KiB of that. */
static int vault_metadata_add_base64(cJSON *object, const char *field, struct span bytes)
{
	_cleanup_(cleanup_free) char *text = malloc(base64_encoded_size(bytes.n));

	if (!text)
		return -ENOMEM;
	base64_encode(bytes, text);
	return json_add_string(object, field, text);
}

static int vault_metadata_add_xattr(cJSON *array, const struct vault_xattr *xattr)
{
	cJSON *object = cJSON_CreateObject();
	int r;

	if (!object)
		return -ENOMEM;
	r = json_add_bytes(object, "name", span_str(xattr->name));
	r |= vault_metadata_add_base64(
		object, "valueBytes", (struct span){xattr->value, xattr->size});
	r |= json_append(array, object);
	return r;
}

static int vault_metadata_add_xattrs(cJSON *object, const struct vault_item *item)
{
	cJSON *array = cJSON_CreateArray();
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < item->n_xattrs; i++)
		r = vault_metadata_add_xattr(array, &item->xattrs[i]);
	r |= json_add_item(object, "xattrs", array);
	return r;
}

/* A text that is no UTF-8 is not a reason to leave a sample where it is. */
static int vault_metadata_add_text(cJSON *object, const char *field, const char *text)
{
	char display[VAULT_TEXT_MAX + 1];

	if (!text || utf8_is_valid(span_str(text)))
		return json_add_string(object, field, text);
	(void)display_write(DISPLAY_TEXT, span_str(text), display, sizeof(display));
	return json_add_string(object, field, display);
}

static int vault_metadata_add(cJSON *object, const struct vault_item *item)
{
	int r = json_add_string(object, "id", item->id);

	r |= json_add_bytes(object, "path", (struct span){item->path, item->path_size});
	r |= json_add_uint(object, "device", item->dev);
	r |= json_add_uint(object, "inode", item->inode);
	r |= json_add_int(object, "mode", item->mode);
	r |= json_add_int(object, "uid", item->uid);
	r |= json_add_int(object, "gid", item->gid);
	r |= json_add_uint(object, "linkCount", item->n_links);
	r |= json_add_uint(object, "size", item->size);
	r |= vault_metadata_add_time(object, "accessTime", &item->atime);
	r |= vault_metadata_add_time(object, "modificationTime", &item->mtime);
	r |= vault_metadata_add_xattrs(object, item);
	r |= json_add_string(object, "sha256", item->sha256);
	r |= json_add_string(object, "sha1", item->sha1);
	r |= vault_metadata_add_text(object, "threatName", item->threat_name);
	r |= vault_metadata_add_text(object, "detectionId", item->detection_id);
	r |= vault_metadata_add_text(object, "reason", item->reason);
	r |= json_add_int(object, "quarantinedUnixMs", item->quarantined_ms);
	return r;
}

int vault_metadata_write(const struct vault_item *item, char **textp, size_t *n_textp)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	int r = object ? vault_metadata_add(object, item) : -ENOMEM;

	return r == 0 ? json_print(object, textp, n_textp) : err_origin(r);
}

static int vault_metadata_get_text(
	const cJSON *object, const char *field, char **textp, struct errmsg *msg)
{
	const char *text = NULL;
	int r = json_get_string(object, field, VAULT_TEXT_MAX, &text, msg);

	if (r != 0)
		return json_optional(r);
	*textp = strdup(text);
	return *textp ? 0 : -ENOMEM;
}

/* A string of exactly that many characters, all hex digits. */
static int vault_metadata_get_hex(
	const cJSON *object, const char *field, size_t n, char *text, struct errmsg *msg)
{
	const char *from = NULL;
	int r = json_required(json_get_string(object, field, n, &from, msg));

	if (r < 0)
		return r;
	if (strlen(from) != n || strspn(from, "0123456789abcdef") != n) {
		errmsg_set(msg, "%s: not hex of the right length", field);
		return -EINVAL;
	}
	memcpy(text, from, n + 1);
	return 0;
}

static int vault_metadata_get_u32(
	const cJSON *object, const char *field, uint32_t *valuep, struct errmsg *msg)
{
	int64_t value = 0;
	int r = json_required(json_get_int(object, field, 0, UINT32_MAX, &value, msg));

	*valuep = (uint32_t)value;
	return r;
}

static int vault_metadata_get_u64(
	const cJSON *object, const char *field, uint64_t *valuep, struct errmsg *msg)
{
	return json_required(json_get_uint(object, field, valuep, msg));
}

static int vault_metadata_get_time(
	const cJSON *object, const char *field, struct timespec *time, struct errmsg *msg)
{
	const cJSON *item = NULL;
	int64_t seconds = 0;
	int64_t nanoseconds = 0;
	int r = json_required(json_get_object(object, field, &item, msg));

	if (r == 0)
		r = json_required(
			json_get_int(item, "seconds", INT64_MIN, INT64_MAX, &seconds, msg));
	if (r == 0)
		r = json_required(
			json_get_int(item, "nanoseconds", 0, 999999999, &nanoseconds, msg));
	time->tv_sec = seconds;
	time->tv_nsec = (long)nanoseconds;
	return r;
}

static int vault_metadata_get_xattr(
	const cJSON *object, struct vault_xattr *xattr, struct errmsg *msg)
{
	struct span name = SPAN_NULL;
	struct span value = SPAN_NULL;
	int r = json_required(json_get_bytes(object, "name", VAULT_XATTR_NAME_MAX, &name, msg));

	if (r < 0)
		return r;
	xattr->name = (char *)(uintptr_t)name.data;
	r = json_required(json_get_bytes(object, "value", VAULT_XATTR_VALUE_MAX, &value, msg));
	if (r < 0)
		return r;
	xattr->value = (void *)(uintptr_t)value.data;
	xattr->size = value.n;
	if (strlen(xattr->name) == name.n)
		return 0;
	errmsg_set(msg, "name: a NUL in it");
	return -EINVAL;
}

static int vault_metadata_get_xattrs(
	const cJSON *object, struct vault_item *item, struct errmsg *msg)
{
	const cJSON *array = NULL;
	const cJSON *entry;
	int n;
	int r = json_required(json_get_array(object, "xattrs", &array, msg));

	if (r < 0)
		return r;
	n = cJSON_GetArraySize(array);
	if (n == 0)
		return 0;
	if (n > VAULT_XATTRS_MAX) {
		errmsg_set(msg, "xattrs: too many");
		return -EINVAL;
	}
	item->xattrs = calloc((size_t)n, sizeof(item->xattrs[0]));
	if (!item->xattrs)
		return -ENOMEM;
	cJSON_ArrayForEach(entry, array)
	{
		r = vault_metadata_get_xattr(entry, &item->xattrs[item->n_xattrs++], msg);
		if (r < 0)
			return r;
	}
	return 0;
}

static int vault_metadata_get_origin(
	const cJSON *object, struct vault_item *item, struct errmsg *msg)
{
	struct span path = SPAN_NULL;
	int r = json_required(json_get_bytes(object, "path", VAULT_PATH_MAX, &path, msg));

	item->path = (uint8_t *)(uintptr_t)path.data;
	item->path_size = path.n;
	if (r == 0)
		r = vault_metadata_get_u64(object, "device", &item->dev, msg);
	if (r == 0)
		r = vault_metadata_get_u64(object, "inode", &item->inode, msg);
	if (r == 0)
		r = vault_metadata_get_u32(object, "mode", &item->mode, msg);
	if (r == 0)
		r = vault_metadata_get_u32(object, "uid", &item->uid, msg);
	if (r == 0)
		r = vault_metadata_get_u32(object, "gid", &item->gid, msg);
	if (r == 0) /* not in the first items */
		r = json_optional(json_get_uint(object, "linkCount", &item->n_links, msg));
	if (r == 0)
		r = vault_metadata_get_time(object, "accessTime", &item->atime, msg);
	if (r == 0)
		r = vault_metadata_get_time(object, "modificationTime", &item->mtime, msg);
	return r == 0 ? vault_metadata_get_xattrs(object, item, msg) : r;
}

static int vault_metadata_get(const cJSON *object, struct vault_item *item, struct errmsg *msg)
{
	static const char *const names[] = {"id", "path", "pathBytes", "device", "inode", "mode",
		"uid", "gid", "linkCount", "size", "accessTime", "modificationTime", "xattrs",
		"sha256", "sha1", "threatName", "detectionId", "reason", "quarantinedUnixMs"};
	int r = json_check_fields(object, names, sizeof(names) / sizeof(names[0]), msg);

	if (r == 0)
		r = vault_metadata_get_hex(object, "id", VAULT_ID_LENGTH, item->id, msg);
	if (r == 0)
		r = vault_metadata_get_origin(object, item, msg);
	if (r == 0)
		r = vault_metadata_get_u64(object, "size", &item->size, msg);
	if (r == 0)
		r = vault_metadata_get_hex(object, "sha256", 64, item->sha256, msg);
	if (r == 0)
		r = vault_metadata_get_hex(object, "sha1", 40, item->sha1, msg);
	if (r == 0)
		r = vault_metadata_get_text(object, "threatName", &item->threat_name, msg);
	if (r == 0)
		r = vault_metadata_get_text(object, "detectionId", &item->detection_id, msg);
	if (r == 0)
		r = vault_metadata_get_text(object, "reason", &item->reason, msg);
	if (r == 0)
		r = json_required(json_get_int(object, "quarantinedUnixMs", INT64_MIN, INT64_MAX,
			&item->quarantined_ms, msg));
	return r == 0 ? vault_item_check(item, msg) : r;
}

int vault_metadata_read(
	const char *text, size_t n_text, struct vault_item *item, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *object = NULL;
	struct errmsg why = ERRMSG_NULL; /* also of fields that may be missing */
	int r;

	*item = (struct vault_item)VAULT_ITEM_NULL;
	r = json_parse(text, n_text, &object, &why);
	if (r == 0)
		r = vault_metadata_get(object, item, &why);
	if (r == 0)
		return 0;
	vault_item_deinit(item);
	errmsg_set(msg, "metadata: %s", why.text[0] != '\0' ? why.text : err_text(r));
	return r == -ENOMEM ? r : err_origin(-EBADMSG);
}
