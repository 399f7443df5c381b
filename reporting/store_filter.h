/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter of a list: from a tree in JSON, which anybody may have sent, to a
 * condition in SQL and the values it is bound to. No byte of the tree becomes
 * SQL: fields become columns by a table (store_field.h), operators become one
 * of a few pieces, everything else is bound.
 *
 *   ["eq"|"ne"|"gt"|"ge"|"lt"|"le", FIELD, LITERAL]
 *   ["in", FIELD, [LITERAL, …]]
 *   ["startswith"|"endswith"|"contains", FIELD, STRING]
 *   ["and"|"or", TREE, …]   ["not", TREE]
 *
 * A condition is true or false of a row, never unknown: null equals null and
 * nothing else, and is neither less nor greater than anything.
 *
 * Pure. Any thread.
 */
#ifndef QS_STORE_FILTER_H
#define QS_STORE_FILTER_H

#include "err.h"
#include "json.h"
#include "record_json.h"
#include "store_field.h"
#include "store_literal.h"

enum {
	STORE_FILTER_NODES_MAX = 64,   /**< Arrays with an operator, of the whole tree. */
	STORE_FILTER_DEPTH_MAX = 16,   /**< Of nodes in nodes. */
	STORE_FILTER_LIST_MAX = 100,   /**< Literals of one "in". */
	STORE_FILTER_VALUES_MAX = 512, /**< Literals of the whole tree. */
	STORE_FILTER_SQL_SIZE = 32768,
};

struct store_filter {
	char sql[STORE_FILTER_SQL_SIZE]; /**< A condition with parameters ?1 to ?n_values. */
	size_t n_sql;
	struct store_literal values[STORE_FILTER_VALUES_MAX]; /**< What they are bound to. */
	size_t n_values;
	/* state of the building */
	unsigned n_nodes;
	bool is_too_large;
};

/** What a filter is made for. */
struct store_filter_subject {
	enum store_kind kind;
	const struct record_json_machine *machine; /**< Borrowed as long as the filter lives. */
};

/**
 * Build.
 *
 * @tree     Borrowed as long as the filter lives.
 * @filter   Filled when 0 is returned; any content before.
 * @targetp  Set on failure to the field that is wrong (borrowed of the tree), or
 *           "filter" when it is the tree.
 * @msg      Says what is wrong.
 * @return   0; -EINVAL.
 */
int store_filter_build(const struct store_filter_subject *subject, const cJSON *tree,
	struct store_filter *filter, const char **targetp, struct errmsg *msg);

#endif
