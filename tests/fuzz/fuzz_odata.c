/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as query string, as filter and as path form: understood, or refused
 * with a sentence; a tree is never larger than the local protocol takes.
 */
#include "fuzz.h"

#include "check.h"
#include "cleanup.h"
#include "odata.h"
#include "percent.h"

#include <string.h>

static const struct odata_field fuzz_odata_fields[] = {{"id", NULL, ODATA_TEXT},
	{"status", "state", ODATA_TEXT}, {"time", NULL, ODATA_TIME}, {"n", NULL, ODATA_NUMBER},
	{"is", NULL, ODATA_BOOL}, {"tags", NULL, ODATA_TEXTS}};
static const struct odata_resource fuzz_odata_resource = {fuzz_odata_fields, 6, true};

static unsigned fuzz_odata_walk(const cJSON *tree, unsigned depth)
{
	unsigned n = 1;

	INVARIANT(depth <= ODATA_DEPTH_MAX && cJSON_IsArray(tree) && tree->child);
	for (const cJSON *item = tree->child; item; item = item->next) {
		if (cJSON_IsArray(item) && strcmp(tree->child->valuestring, "in") != 0)
			n += fuzz_odata_walk(item, depth + 1);
		if (cJSON_IsArray(item) && strcmp(tree->child->valuestring, "in") == 0)
			INVARIANT(cJSON_GetArraySize(item) <= ODATA_LIST_MAX);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct odata_query query = ODATA_QUERY_NULL;
	struct odata_find_by_ip find;
	struct errmsg msg = ERRMSG_NULL;
	_cleanup_(cleanup_free) char *text = malloc(size + 1);
	_cleanup_(cleanup_free) char *decoded = malloc(size + 1);
	_cleanup_(cleanup_free) char *next = NULL;
	_cleanup_(json_cleanup) cJSON *tree = NULL;
	int r;

	INVARIANT(text && decoded);
	memcpy(text, data, size);
	text[size] = '\0';
	r = odata_query_parse(&fuzz_odata_resource, text, &query, &msg);
	INVARIANT(r == 0 || *msg.text != '\0');
	if (query.filter)
		INVARIANT(fuzz_odata_walk(query.filter, 1) <= ODATA_NODES_MAX);
	odata_query_deinit(&query);
	INVARIANT(odata_next_query(text, -1, 5, &next) == 0);
	msg.text[0] = '\0';
	r = odata_find_by_ip_parse(text, &find, &msg);
	INVARIANT(r == 0 || *msg.text != '\0');
	if (percent_decode(span_str(text), PERCENT_FORM, decoded, size + 1) < 0)
		return 0;
	r = odata_filter_parse(&fuzz_odata_resource, decoded, &tree, &msg);
	if (r == 0)
		INVARIANT(fuzz_odata_walk(tree, 1) <= ODATA_NODES_MAX);
	return 0;
}
