/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the filter's parser share: odata_parse.c has and, or, not,
 * odata_term.c what is said about one field, odata_value.c the literals.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_ODATA_PRIVATE_H
#define QS_ODATA_PRIVATE_H

#include "odata.h"
#include "odata_lex.h"

struct odata_parser {
	const struct odata_resource *resource;
	struct odata_lex lex;
	struct odata_token token; /**< Looked at, not taken. */
	unsigned n_nodes;         /**< Operators so far. */
	unsigned depth;           /**< Of parentheses and "not", now. */
	struct errmsg *msg;
};

/** Take the token. */
void odata_parse_step(struct odata_parser *parser);

/** -EINVAL, with a sentence about the token. */
int odata_parse_wrong(struct odata_parser *parser, const char *expected);

/** Take this punctuation; @expected is for the sentence when it is another token. */
int odata_parse_punct(struct odata_parser *parser, char punct, const char *expected);

/*
 * The functions below take tokens and set *treep (*nodep) to what the caller
 * deletes, when they return 0; else -EINVAL or -ENOMEM.
 */

/** [op] or [op, field], counted. @field may be NULL. */
int odata_term_node(struct odata_parser *parser, const char *op, const struct odata_field *field,
	cJSON **nodep);
/** The name of a field. */
int odata_term_field(struct odata_parser *parser, const struct odata_field **fieldp);
/** What follows "field in". */
int odata_term_list(struct odata_parser *parser, const struct odata_field *field, cJSON **treep);
/** What follows "field" when it is "/any(…)". */
int odata_term_any(struct odata_parser *parser, const struct odata_field *field, cJSON **treep);
/** What follows "field": an operator and a value. */
int odata_term_compare(struct odata_parser *parser, const struct odata_field *field, cJSON **treep);
/** What follows the name of a function. */
int odata_term_function(struct odata_parser *parser, const char *name, cJSON **treep);

/** Where what a literal says is, seen from the value it became. */
enum odata_fit {
	ODATA_FIT_EXACT,
	ODATA_FIT_AFTER,  /**< A time between two milliseconds; the value is the first. */
	ODATA_FIT_BEFORE, /**< A time before 1970; the value is the beginning of 1970. */
};

/**
 * Take one literal, of the kind its field wants.
 *
 * @valuep  Set when 0 is returned; cJSON_Delete().
 * @fitp    Likewise.
 * @return  0; -EINVAL; -ENOMEM.
 */
int odata_value_parse(struct odata_parser *parser, const struct odata_field *field, cJSON **valuep,
	enum odata_fit *fitp);

#endif
