/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an executable lies says more than what it is called: the table is asked
 * for the folder of every product first, then for the services, then for names.
 * A name that a process gave itself counts only where its executable cannot be
 * seen.
 */
#include "known_products.h"

#include "cleanup.h"
#include "full_io.h"
#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

struct known_products_item {
	struct known_product product;
	const cJSON *paths; /* arrays of texts; borrowed from the tree */
	const cJSON *services;
	const cJSON *processes;
};

struct known_products {
	cJSON *tree;
	size_t n;
	struct known_products_item items[KNOWN_PRODUCTS_MAX];
};

static const char *const known_product_roles[KNOWN_PRODUCT_ROLE_N] = {
	"antivirus", "control", "watcher"};
static const char *const known_product_bys[KNOWN_PRODUCT_BY_N] = {
	"executable", "service", "process"};

const char *known_product_role_name(enum known_product_role role)
{
	return role < KNOWN_PRODUCT_ROLE_N ? known_product_roles[role] : "Unknown";
}

const char *known_product_by_name(enum known_product_by by)
{
	return by < KNOWN_PRODUCT_BY_N ? known_product_bys[by] : "Unknown";
}

void known_products_free(struct known_products *table)
{
	if (!table)
		return;
	cJSON_Delete(table->tree);
	free(table);
}

static void known_products_cleanup(struct known_products **table)
{
	known_products_free(*table);
}

size_t known_products_count(const struct known_products *table)
{
	return table->n;
}

static int known_products_role(
	const cJSON *object, enum known_product_role *rolep, struct errmsg *msg)
{
	const char *text = NULL;
	int r = json_required(json_get_string(object, "role", KNOWN_PRODUCTS_NAME_MAX, &text, msg));

	if (r < 0)
		return r;
	for (size_t i = 0; i < KNOWN_PRODUCT_ROLE_N; i++) {
		if (strcmp(text, known_product_roles[i]) == 0) {
			*rolep = (enum known_product_role)i;
			return 0;
		}
	}
	errmsg_set(msg, "role: \"%s\" given; antivirus, control or watcher is expected", text);
	return -EINVAL;
}

/* An array of texts; @is_path: absolute, of a folder below the root. */
static int known_products_texts(const cJSON *object, const char *field, bool is_path,
	const cJSON **arrayp, struct errmsg *msg)
{
	const cJSON *item;
	int r = json_required(json_get_array(object, field, arrayp, msg));

	if (r < 0)
		return r;
	cJSON_ArrayForEach(item, *arrayp)
	{
		const char *text = item->valuestring;

		if (!cJSON_IsString(item) || text[0] == '\0') {
			errmsg_set(msg, "%s: a text is expected in it", field);
			return -EINVAL;
		}
		if (is_path &&
			(text[0] != '/' || text[1] == '\0' || text[strlen(text) - 1] == '/')) {
			errmsg_set(
				msg, "%s: \"%s\" given; an absolute path is expected", field, text);
			return -EINVAL;
		}
	}
	return 0;
}

static int known_products_item_parse(
	const cJSON *object, struct known_products_item *item, struct errmsg *msg)
{
	static const char *const fields[] = {
		"name", "role", "paths", "services", "processes", "bpf", "worksFor"};
	int r = json_check_fields(object, fields, sizeof(fields) / sizeof(fields[0]), msg);

	if (r == 0)
		r = json_required(json_get_string(
			object, "name", KNOWN_PRODUCTS_NAME_MAX, &item->product.name, msg));
	if (r == 0)
		r = known_products_role(object, &item->product.role, msg);
	if (r == 0)
		r = known_products_texts(object, "paths", true, &item->paths, msg);
	if (r == 0)
		r = known_products_texts(object, "services", false, &item->services, msg);
	if (r == 0)
		r = known_products_texts(object, "processes", false, &item->processes, msg);
	if (r == 0)
		r = json_required(json_get_bool(object, "bpf", &item->product.is_bpf, msg));
	if (r == 0)
		r = json_optional(json_get_string(object, "worksFor", KNOWN_PRODUCTS_NAME_MAX,
			&item->product.works_for, msg));
	return r;
}

static int known_products_fill(struct known_products *table, struct errmsg *msg)
{
	static const char *const fields[] = {"formatVersion", "products"};
	const cJSON *products = NULL;
	const cJSON *object;
	int64_t version = 0;
	int r = json_check_fields(table->tree, fields, sizeof(fields) / sizeof(fields[0]), msg);

	if (r == 0)
		r = json_required(json_get_int(table->tree, "formatVersion", 1, 1, &version, msg));
	if (r == 0)
		r = json_required(json_get_array(table->tree, "products", &products, msg));
	if (r < 0)
		return r;
	cJSON_ArrayForEach(object, products)
	{
		if (table->n == KNOWN_PRODUCTS_MAX) {
			errmsg_set(msg, "products: more than %d", KNOWN_PRODUCTS_MAX);
			return -EMSGSIZE;
		}
		r = known_products_item_parse(object, &table->items[table->n], msg);
		if (r < 0) {
			errmsg_prefix(msg, "products[%zu]", table->n);
			return r;
		}
		table->n++;
	}
	return 0;
}

int known_products_parse(
	const char *text, size_t n, struct known_products **tablep, struct errmsg *msg)
{
	_cleanup_(known_products_cleanup) struct known_products *table = calloc(1, sizeof(*table));
	int r;

	if (!table)
		return -ENOMEM;
	r = json_parse(text, n, &table->tree, msg);
	if (r == 0)
		r = known_products_fill(table, msg);
	if (r < 0)
		return r;
	*tablep = table;
	table = NULL;
	return 0;
}

int known_products_load(const char *path, struct known_products **tablep, struct errmsg *msg)
{
	_cleanup_(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n = 0;
	int r = fd < 0 ? -errno : 0;

	if (r == 0) {
		text = malloc(KNOWN_PRODUCTS_TEXT_MAX + 1);
		r = text ? full_read(fd, text, KNOWN_PRODUCTS_TEXT_MAX + 1, &n) : -ENOMEM;
	}
	if (r == 0 && n > KNOWN_PRODUCTS_TEXT_MAX)
		r = -EMSGSIZE;
	if (r < 0) {
		errmsg_set(msg, "%s: %s", path, err_text(r));
		return err_trace(r);
	}
	r = known_products_parse(text, n, tablep, msg);
	if (r < 0)
		errmsg_prefix(msg, "%s", path);
	return r;
}

/* Matching. */

static bool known_products_is_one_of(const cJSON *texts, struct span text)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, texts)
	{
		if (span_equal(span_str(item->valuestring), text))
			return true;
	}
	return false;
}

static bool known_products_is_below(const cJSON *paths, struct span path)
{
	const char *text = path.data;
	const cJSON *item;

	cJSON_ArrayForEach(item, paths)
	{
		size_t n = strlen(item->valuestring);

		if (path.n > n && text[n] == '/' && memcmp(text, item->valuestring, n) == 0)
			return true;
	}
	return false;
}

/* The last component; the kernel adds " (deleted)" after an update under its feet. */
static struct span known_products_base(struct span path)
{
	static const char gone[] = " (deleted)";
	const size_t n_gone = sizeof(gone) - 1;
	const char *text = path.data;
	const char *slash = path.n ? memrchr(text, '/', path.n) : NULL;
	size_t n = path.n;

	if (n > n_gone && memcmp(text + n - n_gone, gone, n_gone) == 0)
		n -= n_gone;
	if (!slash)
		return path;
	return (struct span){.data = slash + 1, .n = n - (size_t)(slash + 1 - text)};
}

static bool known_products_fits(const struct known_products_item *item,
	const struct known_products_clue *clue, enum known_product_by by)
{
	struct span name = clue->executable.n ? known_products_base(clue->executable) : clue->comm;

	switch (by) {
	case KNOWN_PRODUCT_BY_EXECUTABLE:
		return known_products_is_below(item->paths, clue->executable);
	case KNOWN_PRODUCT_BY_SERVICE:
		return clue->service.n && known_products_is_one_of(item->services, clue->service);
	case KNOWN_PRODUCT_BY_PROCESS:
		return name.n && known_products_is_one_of(item->processes, name);
	case KNOWN_PRODUCT_BY_N:
		break;
	}
	return false;
}

const struct known_product *known_products_match(const struct known_products *table,
	const struct known_products_clue *clue, enum known_product_by *byp)
{
	for (int by = 0; table && by < KNOWN_PRODUCT_BY_N; by++) {
		for (size_t i = 0; i < table->n; i++) {
			if (!known_products_fits(&table->items[i], clue, (enum known_product_by)by))
				continue;
			*byp = (enum known_product_by)by;
			return &table->items[i].product;
		}
	}
	return NULL;
}
