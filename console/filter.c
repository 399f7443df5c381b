/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trees are at most as deep as odata_parse.c lets them be, so recursion is
 * bounded. Folding takes three values: true, false, and "the rows decide".
 */
#include "filter.h"

#include <string.h>
#include <strings.h>

enum filter_truth { FILTER_FALSE, FILTER_TRUE, FILTER_OPEN };

static const char *filter_text(const cJSON *item)
{
	return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* <0, 0, >0; or 2 when the two cannot be compared. */
static int filter_order(const cJSON *a, const cJSON *b)
{
	if (cJSON_IsString(a) && cJSON_IsString(b)) {
		int order = strcasecmp(a->valuestring, b->valuestring);

		return order < 0 ? -1 : order > 0;
	}
	if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
		return a->valuedouble < b->valuedouble ? -1 : a->valuedouble > b->valuedouble;
	if (cJSON_IsBool(a) && cJSON_IsBool(b))
		return cJSON_IsTrue(a) == cJSON_IsTrue(b) ? 0 : 2;
	if (cJSON_IsNull(a) && cJSON_IsNull(b))
		return 0;
	return 2;
}

static bool filter_part(const char *op, const char *whole, const char *part)
{
	size_t n_whole = whole ? strlen(whole) : 0;
	size_t n_part = part ? strlen(part) : 0;

	if (!whole || !part || n_part > n_whole)
		return false;
	if (op[0] == 's')
		return strncasecmp(whole, part, n_part) == 0;
	if (op[0] == 'e')
		return strcasecmp(whole + n_whole - n_part, part) == 0;
	return strcasestr(whole, part) != NULL;
}

static bool filter_one(const char *op, const cJSON *value, const cJSON *literal)
{
	int order;

	if (strcmp(op, "in") == 0) {
		for (const cJSON *item = literal->child; item; item = item->next)
			if (filter_order(value, item) == 0)
				return true;
		return false;
	}
	if (op[0] == 's' || op[0] == 'c' || strcmp(op, "endswith") == 0)
		return filter_part(op, filter_text(value), filter_text(literal));
	order = filter_order(value, literal);
	if (strcmp(op, "eq") == 0)
		return order == 0;
	if (strcmp(op, "ne") == 0)
		return order != 0;
	if (order == 2)
		return false;
	if (op[0] == 'g')
		return order > 0 || (op[1] == 'e' && order == 0);
	return order < 0 || (op[1] == 'e' && order == 0);
}

static bool filter_leaf(const char *op, const cJSON *value, const cJSON *literal)
{
	static const cJSON null = {.type = cJSON_NULL};

	if (!value)
		value = &null;
	if (!cJSON_IsArray(value))
		return filter_one(op, value, literal);
	for (const cJSON *item = value->child; item; item = item->next)
		if (filter_one(op, item, literal))
			return true;
	return false;
}

bool filter_match(const cJSON *tree, const cJSON *object)
{
	const char *op;

	if (!tree)
		return true;
	op = tree->child->valuestring;
	if (strcmp(op, "not") == 0)
		return !filter_match(tree->child->next, object);
	if (strcmp(op, "and") == 0 || strcmp(op, "or") == 0) {
		bool is_or = op[0] == 'o';

		for (const cJSON *item = tree->child->next; item; item = item->next)
			if (filter_match(item, object) == is_or)
				return is_or;
		return !is_or;
	}
	return filter_leaf(op,
		cJSON_GetObjectItemCaseSensitive(object, tree->child->next->valuestring),
		tree->child->next->next);
}

static enum filter_truth filter_fold_open(cJSON *tree, const cJSON *known)
{
	const char *op = tree->child->valuestring;
	cJSON *next = tree->child->next;
	enum filter_truth unit;
	enum filter_truth truth;

	if (strcmp(op, "not") == 0) {
		truth = filter_fold_open(next, known);
		return truth == FILTER_OPEN   ? truth
		       : truth == FILTER_TRUE ? FILTER_FALSE
					      : FILTER_TRUE;
	}
	if (strcmp(op, "and") != 0 && strcmp(op, "or") != 0) {
		if (!cJSON_GetObjectItemCaseSensitive(known, next->valuestring))
			return FILTER_OPEN;
		return filter_match(tree, known) ? FILTER_TRUE : FILTER_FALSE;
	}
	unit = op[0] == 'a' ? FILTER_TRUE : FILTER_FALSE;
	while (next) {
		cJSON *item = next;

		next = item->next;
		truth = filter_fold_open(item, known);
		if (truth != FILTER_OPEN && truth != unit)
			return truth;
		if (truth == unit)
			cJSON_Delete(cJSON_DetachItemViaPointer(tree, item));
	}
	return tree->child->next ? FILTER_OPEN : unit;
}

/* ["and", x] is x: in place of its parent's child, or as the new root. */
static cJSON *filter_unwrap(cJSON *tree)
{
	const char *op = tree->child->valuestring;
	cJSON *next = tree->child->next;
	cJSON *only;

	if (strcmp(op, "and") != 0 && strcmp(op, "or") != 0 && strcmp(op, "not") != 0)
		return tree;
	while (next) {
		cJSON *item = next;
		cJSON *plain;

		next = item->next;
		plain = filter_unwrap(item);
		if (plain != item)
			(void)cJSON_ReplaceItemViaPointer(tree, item, plain);
	}
	if (strcmp(op, "not") == 0 || !tree->child->next || tree->child->next->next)
		return tree;
	only = cJSON_DetachItemViaPointer(tree, tree->child->next);
	return only;
}

void filter_fold(cJSON **treep, const cJSON *known, bool *is_nothing)
{
	enum filter_truth truth = *treep ? filter_fold_open(*treep, known) : FILTER_TRUE;
	cJSON *plain;

	*is_nothing = truth == FILTER_FALSE;
	if (truth != FILTER_OPEN) {
		cJSON_Delete(*treep);
		*treep = NULL;
		return;
	}
	plain = filter_unwrap(*treep);
	if (plain != *treep) {
		cJSON_Delete(*treep);
		*treep = plain;
	}
}
