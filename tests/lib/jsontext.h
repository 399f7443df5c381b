/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON that a test has as text. */
#ifndef QS_JSONTEXT_H
#define QS_JSONTEXT_H

#include "unit.h"

#include "json.h"

#include <string.h>

/** Parse it; text that is no JSON fails the test. @return The caller's, cJSON_Delete(). */
static inline cJSON *jsontext_parse(const char *text)
{
	cJSON *root = NULL;
	struct errmsg msg = ERRMSG_NULL;

	if (json_parse(text, strlen(text), &root, &msg) != 0)
		fail_msg("%.200s: %s", text, msg.text);
	return root;
}

#endif
