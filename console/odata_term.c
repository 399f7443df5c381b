/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a filter says about one field.
 *
 * The daemon's times are whole milliseconds. A finer one in a filter is rounded
 * down, one before 1970 up, and the operator makes up for it: "ge 12.0000001"
 * becomes "gt 12.000", and nothing is equal to it.
 */
#include "odata_private.h"

/* [op] or [op, field]; counted. */
int odata_term_node(
	struct odata_parser *parser, const char *op, const struct odata_field *field, cJSON **nodep)
{
	cJSON *node;
	int r;

	if (++parser->n_nodes > ODATA_NODES_MAX) {
		errmsg_set(parser->msg, "$filter has more than %d operators", ODATA_NODES_MAX);
		return -EINVAL;
	}
	node = cJSON_CreateArray();
	r = node ? json_append(node, json_new_string(op)) : err_origin(-ENOMEM);
	if (r == 0 && field)
		r = json_append(
			node, json_new_string(field->upstream ? field->upstream : field->name));
	if (r < 0) {
		cJSON_Delete(node);
		return r;
	}
	*nodep = node;
	return 0;
}

int odata_term_field(struct odata_parser *parser, const struct odata_field **fieldp)
{
	const struct odata_token *token = &parser->token;

	if (token->kind != ODATA_TOKEN_WORD)
		return odata_parse_wrong(parser, "the name of a field");
	*fieldp = odata_field_find(parser->resource, token->text.data, token->text.n);
	if (!*fieldp) {
		errmsg_set(parser->msg, "$filter: there is no field \"%.*s\" to ask for",
			(int)(token->text.n < 64 ? token->text.n : 64),
			(const char *)token->text.data);
		return -EINVAL;
	}
	odata_parse_step(parser);
	return 0;
}

/* [op, field, value]; takes @value in every case. */
static int odata_term_leaf(struct odata_parser *parser, const char *op,
	const struct odata_field *field, cJSON *value, cJSON **treep)
{
	cJSON *node = NULL;
	int r = odata_term_node(parser, op, field, &node);

	if (r < 0) {
		cJSON_Delete(value);
		return r;
	}
	r = json_append(node, value);
	if (r < 0)
		cJSON_Delete(node);
	else
		*treep = node;
	return r;
}

/*
 * "eq" (or "ne") with a time that no row can have: nothing (everything, with the
 * rows that have none). Takes @value in every case.
 */
static int odata_term_never(struct odata_parser *parser, const struct odata_field *field,
	cJSON *value, bool is_always, cJSON **treep)
{
	cJSON *again = cJSON_Duplicate(value, true);
	cJSON *node = NULL;
	cJSON *leaf = NULL;
	int r = again ? odata_term_node(parser, is_always ? "or" : "and", NULL, &node)
		      : err_origin(-ENOMEM);

	if (r < 0) {
		cJSON_Delete(value);
		cJSON_Delete(again);
		return r;
	}
	r = odata_term_leaf(parser, "eq", field, value, &leaf);
	if (r == 0)
		r = json_append(node, leaf);
	if (r == 0)
		r = odata_term_leaf(parser, "ne", field, again, &leaf);
	else
		cJSON_Delete(again);
	if (r == 0)
		r = json_append(node, leaf);
	if (r < 0)
		cJSON_Delete(node);
	else
		*treep = node;
	return r;
}

/* One value of "in"; what no row can have goes to *neverp instead. */
static int odata_term_item(
	struct odata_parser *parser, const struct odata_field *field, cJSON *list, cJSON **neverp)
{
	enum odata_fit fit;
	cJSON *value = NULL;
	int r = odata_value_parse(parser, field, &value, &fit);

	if (r < 0 || fit == ODATA_FIT_EXACT)
		return r < 0 ? r : json_append(list, value);
	cJSON_Delete(*neverp);
	*neverp = value;
	return 0;
}

/* What is between the parentheses of "in", and the second of them. */
static int odata_term_items(
	struct odata_parser *parser, const struct odata_field *field, cJSON *list, cJSON **neverp)
{
	for (int n = 1; n <= ODATA_LIST_MAX; n++) {
		int r = odata_term_item(parser, field, list, neverp);

		if (r < 0)
			return r;
		if (!odata_lex_is_punct(&parser->token, ','))
			return odata_parse_punct(parser, ')', "\",\" or \")\"");
		odata_parse_step(parser);
	}
	errmsg_set(parser->msg, "$filter: \"in\" takes at most %d values", ODATA_LIST_MAX);
	return -EINVAL;
}

int odata_term_list(struct odata_parser *parser, const struct odata_field *field, cJSON **treep)
{
	cJSON *list = cJSON_CreateArray();
	cJSON *never = NULL;
	int r;

	if (!list)
		return err_origin(-ENOMEM);
	r = odata_parse_punct(parser, '(', "\"(\"");
	if (r == 0)
		r = odata_term_items(parser, field, list, &never);
	if (r < 0) {
		cJSON_Delete(never);
		cJSON_Delete(list);
		return r;
	}
	if (!list->child) {
		cJSON_Delete(list);
		return odata_term_never(parser, field, never, false, treep);
	}
	cJSON_Delete(never);
	return odata_term_leaf(parser, "in", field, list, treep);
}

/* field/any(x: x eq 'text'), the word "field" taken. */
int odata_term_any(struct odata_parser *parser, const struct odata_field *field, cJSON **treep)
{
	struct odata_token name;
	cJSON *value = NULL;
	enum odata_fit fit;
	int r = odata_parse_punct(parser, '/', "\"/any(\"");

	if (r == 0 && !odata_lex_is(&parser->token, "any"))
		r = odata_parse_wrong(parser, "\"any\"");
	if (r < 0)
		return r;
	odata_parse_step(parser);
	r = odata_parse_punct(parser, '(', "\"(\"");
	name = parser->token;
	if (r == 0 && name.kind != ODATA_TOKEN_WORD)
		r = odata_parse_wrong(parser, "a name");
	if (r < 0)
		return r;
	odata_parse_step(parser);
	r = odata_parse_punct(parser, ':', "\":\"");
	if (r == 0 && !(parser->token.kind == ODATA_TOKEN_WORD &&
			      span_equal(parser->token.text, name.text)))
		r = odata_parse_wrong(parser, "the name before the colon");
	if (r < 0)
		return r;
	odata_parse_step(parser);
	if (!odata_lex_is(&parser->token, "eq"))
		return odata_parse_wrong(parser, "\"eq\"");
	odata_parse_step(parser);
	r = odata_value_parse(parser, field, &value, &fit);
	if (r < 0)
		return r;
	r = odata_parse_punct(parser, ')', "\")\"");
	if (r < 0) {
		cJSON_Delete(value);
		return r;
	}
	return odata_term_leaf(parser, "eq", field, value, treep);
}

/* The words of a comparison, and what they become for a time after (before) the value. */
static const struct {
	const char *word;
	const char *after;
	const char *before;
	bool is_order;
} odata_term_words[] = {{"eq", NULL, NULL, false}, {"ne", NULL, NULL, false},
	{"gt", "gt", "ge", true}, {"ge", "gt", "ge", true}, {"lt", "le", "lt", true},
	{"le", "le", "lt", true}};

/* An id has no order and no parts. */
static int odata_term_no_id(struct odata_parser *parser, const struct odata_field *field)
{
	if (!field || field->kind != ODATA_ID)
		return 0;
	errmsg_set(parser->msg, "$filter: \"%s\" takes eq, ne and in only", field->name);
	return -EINVAL;
}

int odata_term_compare(struct odata_parser *parser, const struct odata_field *field, cJSON **treep)
{
	cJSON *value = NULL;
	enum odata_fit fit;
	const char *word;
	size_t i = 0;
	int r = 0;

	while (i < 6 && !odata_lex_is(&parser->token, odata_term_words[i].word))
		i++;
	if (i == 6)
		return odata_parse_wrong(parser, "eq, ne, gt, ge, lt, le or in");
	if (field->kind == ODATA_TEXTS)
		return odata_parse_wrong(parser, "\"/any(x: x eq '...')\"");
	odata_parse_step(parser);
	if (odata_term_words[i].is_order && odata_lex_is(&parser->token, "null"))
		return odata_parse_wrong(parser, "a value");
	if (odata_term_words[i].is_order)
		r = odata_term_no_id(parser, field);
	if (r == 0)
		r = odata_value_parse(parser, field, &value, &fit);
	if (r < 0)
		return r;
	if (fit != ODATA_FIT_EXACT && !odata_term_words[i].is_order)
		return odata_term_never(parser, field, value, i == 1, treep);
	if (fit == ODATA_FIT_AFTER)
		word = odata_term_words[i].after;
	else if (fit == ODATA_FIT_BEFORE)
		word = odata_term_words[i].before;
	else
		word = odata_term_words[i].word;
	return odata_term_leaf(parser, word, field, value, treep);
}

/* name(field,'text'), and " eq true" behind it for those who write it. */
int odata_term_function(struct odata_parser *parser, const char *name, cJSON **treep)
{
	const struct odata_field *field = NULL;
	cJSON *value = NULL;
	enum odata_fit fit;
	int r = odata_parse_punct(parser, '(', "\"(\"");

	if (r == 0)
		r = odata_term_field(parser, &field);
	if (r == 0)
		r = odata_term_no_id(parser, field);
	if (r == 0)
		r = odata_parse_punct(parser, ',', "\",\"");
	if (r == 0 &&
		(!field || field->kind != ODATA_TEXT || parser->token.kind != ODATA_TOKEN_TEXT))
		r = odata_parse_wrong(parser, "a text in quotes for a field of text");
	if (r == 0)
		r = odata_value_parse(parser, field, &value, &fit);
	if (r < 0)
		return r;
	r = odata_parse_punct(parser, ')', "\")\"");
	if (r == 0 && odata_lex_is(&parser->token, "eq")) {
		odata_parse_step(parser);
		if (!odata_lex_is(&parser->token, "true"))
			r = odata_parse_wrong(parser, "true");
		else
			odata_parse_step(parser);
	}
	if (r < 0) {
		cJSON_Delete(value);
		return r;
	}
	return odata_term_leaf(parser, name, field, value, treep);
}
