/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets come in bodies and headers only; a query string ends in too many logs. */
#include "form.h"

#include "base64.h"
#include "percent.h"

#include <errno.h>
#include <strings.h>

static char *form_field(struct form *form, const char *name)
{
	if (strcmp(name, "grant_type") == 0)
		return form->grant_type;
	if (strcmp(name, "client_id") == 0)
		return form->client_id;
	if (strcmp(name, "client_secret") == 0)
		return form->client_secret;
	if (strcmp(name, "scope") == 0)
		return form->scope;
	if (strcmp(name, "resource") == 0)
		return form->resource;
	return NULL;
}

int form_parse(struct span body, struct form *form)
{
	struct percent_pair pair;

	while (percent_next(&body, &pair)) {
		char name[64];
		char *field = NULL;

		if (percent_decode(pair.name, PERCENT_FORM, name, sizeof(name)) == 0)
			field = form_field(form, name);
		if (!field)
			continue;
		if (field[0] != '\0' ||
			percent_decode(pair.value, PERCENT_FORM, field, FORM_VALUE_SIZE) < 0)
			return -EINVAL;
	}
	return 0;
}

int form_basic(const char *authorization, struct form *form)
{
	char decoded[2 * FORM_VALUE_SIZE];
	struct span text;
	size_t n = 0;
	char *colon;

	if (strncasecmp(authorization, "Basic ", 6) != 0)
		return -EINVAL;
	text = span_str(authorization + 6);
	if (base64_decoded_size(text.n) > sizeof(decoded) ||
		base64_decode(text, decoded, sizeof(decoded), &n) < 0)
		return -EINVAL;
	colon = memchr(decoded, ':', n);
	if (!colon)
		return -EINVAL;
	if (percent_decode((struct span){decoded, (size_t)(colon - decoded)}, PERCENT_FORM,
		    form->client_id, FORM_VALUE_SIZE) < 0)
		return -EINVAL;
	return percent_decode((struct span){colon + 1, n - (size_t)(colon + 1 - decoded)},
		PERCENT_FORM, form->client_secret, FORM_VALUE_SIZE);
}

const char *form_bearer(const char *authorization)
{
	if (strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	authorization += 7;
	return authorization + strspn(authorization, " ");
}
