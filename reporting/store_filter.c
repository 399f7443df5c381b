/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SQL has three truth values, and "not" of the third is the third: a row whose
 * assignedTo is null would be neither in a list nor in its opposite. So every
 * leaf is made such that null never gets into a comparison: texts that may be
 * null are compared with IS or as '' beside a condition that they are not, and
 * a time that is not there is 0, which is less than all others.
 *
 * Columns stand bare on one side of "=", "<" and IN wherever that is possible,
 * so that an index serves them.
 */
#include "store_filter.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum store_filter_op {
	STORE_FILTER_EQ,
	STORE_FILTER_NE,
	STORE_FILTER_GT,
	STORE_FILTER_GE,
	STORE_FILTER_LT,
	STORE_FILTER_LE,
	STORE_FILTER_IN,
	STORE_FILTER_STARTS,
	STORE_FILTER_ENDS,
	STORE_FILTER_CONTAINS,
	STORE_FILTER_AND,
	STORE_FILTER_OR,
	STORE_FILTER_NOT,
	STORE_FILTER_OP_N,
};

static const struct {
	const char *name;
	const char *sql; /* of a comparison or a joint */
} store_filter_ops[STORE_FILTER_OP_N] = {
	[STORE_FILTER_EQ] = {"eq", "="},
	[STORE_FILTER_NE] = {"ne", "<>"},
	[STORE_FILTER_GT] = {"gt", ">"},
	[STORE_FILTER_GE] = {"ge", ">="},
	[STORE_FILTER_LT] = {"lt", "<"},
	[STORE_FILTER_LE] = {"le", "<="},
	[STORE_FILTER_IN] = {"in", NULL},
	[STORE_FILTER_STARTS] = {"startswith", NULL},
	[STORE_FILTER_ENDS] = {"endswith", NULL},
	[STORE_FILTER_CONTAINS] = {"contains", NULL},
	[STORE_FILTER_AND] = {"and", " AND "},
	[STORE_FILTER_OR] = {"or", " OR "},
	[STORE_FILTER_NOT] = {"not", NULL},
};

/* A filter being built, and where to say what is wrong. */
struct store_filter_build {
	const struct store_filter_subject *subject;
	struct store_filter *filter;
	const char **targetp;
	struct errmsg *msg;
};

/* A leaf: its field as SQL. */
struct store_filter_leaf {
	enum store_filter_op op;
	const struct store_field *field;
	const char *name; /* as it was asked for */
	char column[16];  /* of a field that is no column: its parameter */
};

static void store_filter_write(struct store_filter *filter, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void store_filter_write(struct store_filter *filter, const char *fmt, ...)
{
	size_t room = sizeof(filter->sql) - filter->n_sql;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(filter->sql + filter->n_sql, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		filter->is_too_large = true;
	else
		filter->n_sql += (size_t)n;
}

static int store_filter_refuse(struct store_filter_build *build, const char *target)
{
	*build->targetp = target;
	return err_origin(-EINVAL);
}

static int store_filter_refuse_tree(struct store_filter_build *build, const char *why)
{
	errmsg_set(build->msg, "filter: %s", why);
	return store_filter_refuse(build, "filter");
}

/* The number of the parameter that gets this value; 0: there are too many. */
static unsigned store_filter_bind(struct store_filter *filter, const struct store_literal *value)
{
	if (filter->n_values >= STORE_FILTER_VALUES_MAX) {
		filter->is_too_large = true;
		return 0;
	}
	filter->values[filter->n_values++] = *value;
	return (unsigned)filter->n_values;
}

static const char *store_filter_column(const struct store_filter_leaf *leaf)
{
	return leaf->field->column ? leaf->field->column : leaf->column;
}

/* Leaves. */

static void store_filter_null(struct store_filter *filter, const struct store_filter_leaf *leaf)
{
	const char *column = store_filter_column(leaf);
	bool is_equal = leaf->op == STORE_FILTER_EQ;

	if (leaf->op != STORE_FILTER_EQ && leaf->op != STORE_FILTER_NE)
		store_filter_write(filter, "(%s IS NULL AND 0)", column);
	else if (leaf->field->type == STORE_FIELD_OPTIONAL)
		store_filter_write(filter, "ifnull(%s,'')%s''", column, is_equal ? "=" : "<>");
	else if (leaf->field->type == STORE_FIELD_TIME)
		store_filter_write(filter, "%s%s0", column, is_equal ? "=" : "<>");
	else
		store_filter_write(filter, "%s %s NULL", column, is_equal ? "IS" : "IS NOT");
}

/* Of a time between two milliseconds: what is after it is from the next on. */
static void store_filter_time(struct store_filter *filter, const struct store_filter_leaf *leaf,
	struct store_literal *value)
{
	static const char *const between[] = {"0", "1", ">", ">", "<=", "<="};
	const char *column = store_filter_column(leaf);
	const char *sql = value->has_rest ? between[leaf->op] : store_filter_ops[leaf->op].sql;

	if (leaf->op <= STORE_FILTER_NE && (value->has_rest || value->integer == 0)) {
		/* The first moment of 1970 is nobody's: 0 is null. */
		store_filter_write(filter, "%s", between[leaf->op]);
	} else if (leaf->op == STORE_FILTER_LT || leaf->op == STORE_FILTER_LE) {
		store_filter_write(filter, "(%s%s?%u AND %s<>0)", column, sql,
			store_filter_bind(filter, value), column);
	} else {
		if (leaf->op == STORE_FILTER_GE && value->integer == 0)
			sql = ">"; /* likewise */
		store_filter_write(
			filter, "%s%s?%u", column, sql, store_filter_bind(filter, value));
	}
}

static void store_filter_optional(struct store_filter *filter, const struct store_filter_leaf *leaf,
	const struct store_literal *value)
{
	const char *column = store_filter_column(leaf);

	if (leaf->op == STORE_FILTER_EQ || leaf->op == STORE_FILTER_NE) {
		bool is_equal = leaf->op == STORE_FILTER_EQ;

		if (value->text[0] == '\0') /* "" is not null, and nothing is "" */
			store_filter_write(filter, is_equal ? "0" : "1");
		else
			store_filter_write(filter, "%s %s ?%u", column, is_equal ? "IS" : "IS NOT",
				store_filter_bind(filter, value));
		return;
	}
	store_filter_write(filter, "(ifnull(%s,'')%s?%u AND ifnull(%s,'')<>'')", column,
		store_filter_ops[leaf->op].sql, store_filter_bind(filter, value), column);
}

static int store_filter_compare(
	struct store_filter_build *build, struct store_filter_leaf *leaf, const cJSON *item)
{
	struct store_filter *filter = build->filter;
	struct store_literal value;

	if (store_literal_read(leaf->field->type, item, &value, build->msg) < 0) {
		errmsg_prefix(build->msg, "%s", leaf->name);
		return store_filter_refuse(build, leaf->name);
	}
	if (leaf->field->type == STORE_FIELD_BOOL && leaf->op > STORE_FILTER_NE) {
		errmsg_set(build->msg, "%s: true and false have no order", leaf->name);
		return store_filter_refuse(build, leaf->name);
	}
	if (value.type == STORE_LITERAL_NULL)
		store_filter_null(filter, leaf);
	else if (leaf->field->type == STORE_FIELD_TIME)
		store_filter_time(filter, leaf, &value);
	else if (leaf->field->type == STORE_FIELD_OPTIONAL)
		store_filter_optional(filter, leaf, &value);
	else
		store_filter_write(filter, "%s%s?%u", store_filter_column(leaf),
			store_filter_ops[leaf->op].sql, store_filter_bind(filter, &value));
	return 0;
}

static int store_filter_in(
	struct store_filter_build *build, struct store_filter_leaf *leaf, const cJSON *list)
{
	const cJSON *item;
	int n = cJSON_GetArraySize(list);
	const char *joint = "";
	int r;

	if (!cJSON_IsArray(list) || n < 1 || n > STORE_FILTER_LIST_MAX) {
		errmsg_set(build->msg, "%s: a list of 1 to %d values is expected", leaf->name,
			STORE_FILTER_LIST_MAX);
		return store_filter_refuse(build, leaf->name);
	}
	leaf->op = STORE_FILTER_EQ;
	store_filter_write(build->filter, "(");
	cJSON_ArrayForEach(item, list)
	{
		/* SQLite makes one search of an index of "a = 1 OR a = 2", as of IN. */
		store_filter_write(build->filter, "%s", joint);
		joint = " OR ";
		r = store_filter_compare(build, leaf, item);
		if (r < 0)
			return r;
	}
	store_filter_write(build->filter, ")");
	return 0;
}

static int store_filter_part(
	struct store_filter_build *build, struct store_filter_leaf *leaf, const cJSON *item)
{
	struct store_filter *filter = build->filter;
	enum store_field_type type = leaf->field->type;
	const char *column = store_filter_column(leaf);
	struct store_literal value;
	unsigned n;

	if (type != STORE_FIELD_TEXT && type != STORE_FIELD_OPTIONAL && type != STORE_FIELD_BYTES &&
		leaf->field->column) {
		errmsg_set(build->msg, "%s: it is no text", leaf->name);
		return store_filter_refuse(build, leaf->name);
	}
	if (store_literal_read(type, item, &value, build->msg) < 0 ||
		value.type == STORE_LITERAL_NULL || strlen(value.text) > STORE_LITERAL_PART_MAX) {
		errmsg_set(build->msg, "%s: a string of at most %d bytes is expected", leaf->name,
			STORE_LITERAL_PART_MAX);
		return store_filter_refuse(build, leaf->name);
	}
	n = value.text[0] ? store_filter_bind(filter, &value) : 0;
	if (type == STORE_FIELD_OPTIONAL)
		store_filter_write(filter, "(ifnull(%s,'')<>''", column);
	else
		store_filter_write(filter, "(%s IS NOT NULL", column);
	if (n == 0)
		store_filter_write(filter, ")"); /* everything begins with nothing */
	else if (leaf->op == STORE_FILTER_STARTS)
		store_filter_write(filter, " AND substr(%s,1,length(?%u))=?%u)", column, n, n);
	else if (leaf->op == STORE_FILTER_ENDS)
		store_filter_write(filter, " AND substr(%s,-length(?%u))=?%u)", column, n, n);
	else
		store_filter_write(filter, " AND instr(%s,?%u)>0)", column, n);
	return 0;
}

static int store_filter_leaf(
	struct store_filter_build *build, enum store_filter_op op, const cJSON *node)
{
	const cJSON *name = cJSON_GetArrayItem(node, 1);
	const cJSON *value = cJSON_GetArrayItem(node, 2);
	struct store_filter_leaf leaf = {.op = op};

	if (cJSON_GetArraySize(node) != 3 || !cJSON_IsString(name))
		return store_filter_refuse_tree(build, "[operator, field, value] is expected");
	leaf.name = name->valuestring;
	leaf.field = store_field_find(build->subject->kind, leaf.name);
	if (!leaf.field) {
		const char *near = store_field_nearest(build->subject->kind, leaf.name);

		errmsg_set(build->msg, near ? "no such field; did you mean %s?" : "no such field",
			near);
		return store_filter_refuse(build, leaf.name);
	}
	if (!leaf.field->column) {
		const struct record_json_machine *machine = build->subject->machine;
		const struct store_literal fixed = {
			.type = STORE_LITERAL_TEXT,
			.text = leaf.field->type == STORE_FIELD_DNS ? machine->dns_name
								    : machine->id,
		};

		(void)snprintf(leaf.column, sizeof(leaf.column), "?%u",
			store_filter_bind(build->filter, &fixed));
	}
	if (op == STORE_FILTER_IN)
		return store_filter_in(build, &leaf, value);
	if (op >= STORE_FILTER_STARTS)
		return store_filter_part(build, &leaf, value);
	return store_filter_compare(build, &leaf, value);
}

/* Nodes. */

static enum store_filter_op store_filter_op_of(const cJSON *node)
{
	const cJSON *name = cJSON_GetArrayItem(node, 0);
	int op = 0;

	while (op < STORE_FILTER_OP_N && (!cJSON_IsString(name) || strcmp(store_filter_ops[op].name,
									   name->valuestring) != 0))
		op++;
	return (enum store_filter_op)op;
}

/* NOLINTNEXTLINE(misc-no-recursion): not deeper than STORE_FILTER_DEPTH_MAX */
static int store_filter_node(struct store_filter_build *build, const cJSON *node, unsigned depth)
{
	enum store_filter_op op;
	const cJSON *child;
	const char *joint = "";

	if (!cJSON_IsArray(node))
		return store_filter_refuse_tree(build, "an array [operator, …] is expected");
	if (depth > STORE_FILTER_DEPTH_MAX || ++build->filter->n_nodes > STORE_FILTER_NODES_MAX)
		return store_filter_refuse_tree(build, "at most 64 conditions, 16 deep");
	op = store_filter_op_of(node);
	if (op == STORE_FILTER_OP_N)
		return store_filter_refuse_tree(build, "no such operator");
	if (op < STORE_FILTER_AND)
		return store_filter_leaf(build, op, node);
	if (cJSON_GetArraySize(node) < 2 ||
		(op == STORE_FILTER_NOT && cJSON_GetArraySize(node) != 2))
		return store_filter_refuse_tree(build, "an operator lacks what it joins");
	store_filter_write(build->filter, op == STORE_FILTER_NOT ? "(NOT " : "(");
	for (child = node->child->next; child; child = child->next) {
		int r;

		store_filter_write(build->filter, "%s", joint);
		joint = store_filter_ops[op].sql;
		r = store_filter_node(build, child, depth + 1);
		if (r < 0)
			return r;
	}
	store_filter_write(build->filter, ")");
	return 0;
}

int store_filter_build(const struct store_filter_subject *subject, const cJSON *tree,
	struct store_filter *filter, const char **targetp, struct errmsg *msg)
{
	struct store_filter_build build = {
		.subject = subject, .filter = filter, .targetp = targetp, .msg = msg};
	int r;

	filter->n_sql = 0;
	filter->n_values = 0;
	filter->n_nodes = 0;
	filter->is_too_large = false;
	r = store_filter_node(&build, tree, 1);
	if (r == 0 && filter->is_too_large)
		r = store_filter_refuse_tree(&build, "it has too many values");
	return r;
}
