/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named values: the few durable things that are no record. They are text, so
 * that an operator can read them with any SQLite shell.
 */
#include "store_sql.h"

#include <errno.h>
#include <string.h>

int store_value_set(struct store *store, const char *name, const char *value, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r;

	if (strlen(value) > STORE_VALUE_MAX) {
		errmsg_set(msg, "value %s is too long", name);
		return err_origin(-E2BIG);
	}
	r = store_sql_take(store, STORE_SQL_VALUE_SET, &bind.stmt, msg);
	if (r < 0)
		return r;
	store_bind_text(&bind, name);
	store_bind_text(&bind, value);
	return err_fold(store_sql_run(store, &bind, msg, "set a value"));
}

int store_value_get(struct store *store, const char *name, char **valuep, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_VALUE_GET, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, name);
	r = store_sql_run_text(store, &bind, valuep, msg, "get a value");
	if (r == STORE_E_NOT_FOUND)
		errmsg_set(msg, "there is no value %s", name);
	return r;
}
