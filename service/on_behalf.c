/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gateway says who asks; nobody here can check that, so a name is only
 * made sure to be no forged line of a log or a terminal. What it may is
 * decided here, by the roles it says: a gateway that was taken over can claim
 * all of them, but none reaches settings, exclusions or signatures.
 */
#include "on_behalf.h"

#include "display.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const on_behalf_fields[] = {"name", "roles", "source"};
static const char *const on_behalf_sources[] = {"PublicApi", "Portal"};

static int on_behalf_take_name(const cJSON *item, struct on_behalf *on, struct errmsg *msg)
{
	int r = json_required(json_get_string(item, "name", ON_BEHALF_NAME_MAX, &on->name, msg));

	if (r < 0)
		return r;
	if (on->name[strspn(on->name, " ")] == '\0') {
		errmsg_set(msg, "name: it must not be blank");
		return err_origin(-EINVAL);
	}
	if (!display_is_visible(on->name)) {
		errmsg_set(msg, "name: it must have nothing that cannot be seen");
		return err_origin(-EINVAL);
	}
	return 0;
}

static int on_behalf_take_roles(const cJSON *item, struct on_behalf *on, struct errmsg *msg)
{
	const cJSON *roles = NULL;
	const cJSON *role;
	size_t n = 0;
	int r = json_required(json_get_array(item, "roles", &roles, msg));

	if (r < 0)
		return r;
	cJSON_ArrayForEach(role, roles)
	{
		if (!cJSON_IsString(role) || strlen(role->valuestring) > ON_BEHALF_ROLE_NAME_MAX ||
			++n > ON_BEHALF_ROLES_MAX) {
			errmsg_set(
				msg, "roles: at most %d names are expected", ON_BEHALF_ROLES_MAX);
			return err_origin(-EINVAL);
		}
		on->roles |= roles_bit(role->valuestring);
	}
	return 0;
}

static int on_behalf_take_source(const cJSON *item, struct on_behalf *on, struct errmsg *msg)
{
	const char *source = NULL;
	int r = json_required(json_get_string(item, "source", ON_BEHALF_NAME_MAX, &source, msg));

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(on_behalf_sources) / sizeof(on_behalf_sources[0]); i++) {
		if (strcmp(on_behalf_sources[i], source) == 0) {
			on->source = on_behalf_sources[i];
			return 0;
		}
	}
	errmsg_set(msg, "source: PublicApi or Portal is expected");
	return err_origin(-EINVAL);
}

int on_behalf_parse(const cJSON *item, struct on_behalf *onp, struct errmsg *msg)
{
	struct on_behalf on = {.roles = 0};
	int r = json_check_fields(item, on_behalf_fields, 3, msg);

	if (r == 0)
		r = on_behalf_take_name(item, &on, msg);
	if (r == 0)
		r = on_behalf_take_roles(item, &on, msg);
	if (r == 0)
		r = on_behalf_take_source(item, &on, msg);
	if (r < 0) {
		errmsg_prefix(msg, "onBehalfOf");
		return err_trace(r);
	}
	*onp = on;
	return 0;
}

bool on_behalf_may(const struct on_behalf *on, unsigned needed)
{
	return (on->roles & needed) != 0;
}

void on_behalf_describe(unsigned needed, char *text, size_t n_text)
{
	const char *names[ROLES_N];
	size_t n_names = roles_names(needed, names);
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n_names && n < n_text; i++)
		n += (size_t)snprintf(text + n, n_text - n, "%s%s", n > 0 ? " or " : "", names[i]);
}
