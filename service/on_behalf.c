/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gateway says who asks; nobody here can check that, so a name is only
 * made sure to be no forged line of a log or a terminal. What it may is
 * decided here, by the roles it says: a gateway that was taken over can claim
 * all of them, but none reaches settings, exclusions or signatures.
 */
#include "on_behalf.h"

#include "display.h"
#include "utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	enum on_behalf_role role;
} on_behalf_roles[] = {
	{"Machine.Scan", ON_BEHALF_MACHINE_SCAN},
	{"Machine.Read.All", ON_BEHALF_MACHINE_READ},
	{"Machine.ReadWrite.All", ON_BEHALF_MACHINE_WRITE},
	{"Alert.Read.All", ON_BEHALF_ALERT_READ},
	{"Alert.ReadWrite.All", ON_BEHALF_ALERT_WRITE},
};

enum { ON_BEHALF_N_ROLES = sizeof(on_behalf_roles) / sizeof(on_behalf_roles[0]) };

static const char *const on_behalf_fields[] = {"name", "roles", "source"};
static const char *const on_behalf_sources[] = {"PublicApi", "Portal"};

bool on_behalf_is_visible(const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		uint32_t code = 0;
		size_t used = utf8_next((const uint8_t *)text, n, &code);

		if (used == 0 || !display_is_plain(code))
			return false;
		text += used;
		n -= used;
	}
	return true;
}

static int on_behalf_take_name(const cJSON *item, struct on_behalf *on, struct errmsg *msg)
{
	int r = json_required(json_get_string(item, "name", ON_BEHALF_NAME_MAX, &on->name, msg));

	if (r < 0)
		return r;
	if (on->name[strspn(on->name, " ")] == '\0') {
		errmsg_set(msg, "name: it must not be blank");
		return err_origin(-EINVAL);
	}
	if (!on_behalf_is_visible(on->name)) {
		errmsg_set(msg, "name: it must have nothing that cannot be seen");
		return err_origin(-EINVAL);
	}
	return 0;
}

static unsigned on_behalf_role_of(const char *name)
{
	for (size_t i = 0; i < ON_BEHALF_N_ROLES; i++)
		if (strcmp(on_behalf_roles[i].name, name) == 0)
			return (unsigned)on_behalf_roles[i].role;
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
		on->roles |= on_behalf_role_of(role->valuestring);
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
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ON_BEHALF_N_ROLES && n < n_text; i++) {
		if (needed & (unsigned)on_behalf_roles[i].role)
			n += (size_t)snprintf(text + n, n_text - n, "%s%s", n > 0 ? " or " : "",
				on_behalf_roles[i].name);
	}
}
