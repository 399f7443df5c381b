/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table; the order is that of the bits. */
#include "roles.h"

#include "check.h"
#include "nearest.h"

#include <errno.h>

static const char *const roles_table[ROLES_N] = {"Machine.Scan", "Machine.Read.All",
	"Machine.ReadWrite.All", "Machine.Isolate", "Machine.RestrictExecution",
	"Machine.CollectForensics", "Machine.StopAndQuarantine", "Machine.LiveResponse",
	"Machine.Offboard", "Alert.Read.All", "Alert.ReadWrite.All"};

const char *roles_name(unsigned index)
{
	PRE(index < ROLES_N);
	return roles_table[index];
}

unsigned roles_bit(const char *name)
{
	for (unsigned i = 0; i < ROLES_N; i++)
		if (strcmp(roles_table[i], name) == 0)
			return 1u << i;
	return 0;
}

int roles_parse(const char *name, unsigned *maskp, struct errmsg *msg)
{
	unsigned bit = roles_bit(name);
	const char *near;

	if (bit != 0) {
		*maskp |= bit;
		return 0;
	}
	near = nearest_find(name, roles_table, ROLES_N);
	errmsg_set(msg, "there is no role \"%.64s\"%s%s%s", name, near ? "; did you mean " : "",
		near ? near : "", near ? "?" : "");
	return -EINVAL;
}

size_t roles_names(unsigned mask, const char *names[ROLES_N])
{
	size_t n = 0;

	for (unsigned i = 0; i < ROLES_N; i++)
		if (mask & 1u << i)
			names[n++] = roles_table[i];
	return n;
}

cJSON *roles_json(unsigned mask)
{
	cJSON *array = cJSON_CreateArray();
	int r = array ? 0 : -ENOMEM;

	for (unsigned i = 0; i < ROLES_N && r == 0; i++)
		if (mask & 1u << i)
			r = json_append(array, json_new_string(roles_table[i]));
	if (r == 0)
		return array;
	cJSON_Delete(array);
	return NULL;
}
