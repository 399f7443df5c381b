/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recursive descent over the words of a filter. What a client nests is counted
 * before the stack is used, what it lists before memory is, so a query of 8 KiB
 * costs no more than a tree of the local protocol's limits.
 */
#include "odata_private.h"

#include <strings.h>

static int odata_parse_or(struct odata_parser *parser, cJSON **treep);

void odata_parse_step(struct odata_parser *parser)
{
	parser->token = odata_lex_next(&parser->lex);
}

int odata_parse_wrong(struct odata_parser *parser, const char *expected)
{
	const struct odata_token *token = &parser->token;

	if (token->kind == ODATA_TOKEN_END)
		errmsg_set(parser->msg, "$filter ends where %s is expected", expected);
	else
		errmsg_set(parser->msg, "$filter, character %zu: \"%.*s\" where %s is expected",
			token->at + 1, (int)(token->text.n < 40 ? token->text.n : 40),
			(const char *)token->text.data, expected);
	return -EINVAL;
}

int odata_parse_punct(struct odata_parser *parser, char punct, const char *expected)
{
	if (!odata_lex_is_punct(&parser->token, punct))
		return odata_parse_wrong(parser, expected);
	odata_parse_step(parser);
	return 0;
}

const struct odata_field *odata_field_find(
	const struct odata_resource *resource, const char *name, size_t n)
{
	for (size_t i = 0; i < resource->n_fields; i++) {
		const struct odata_field *field = &resource->fields[i];

		if (strlen(field->name) == n && strncasecmp(field->name, name, n) == 0)
			return field;
	}
	return NULL;
}

static int odata_parse_primary(struct odata_parser *parser, cJSON **treep)
{
	static const char *const functions[] = {"startswith", "endswith", "contains"};
	const struct odata_field *field;
	int r;

	if (odata_lex_is_punct(&parser->token, '(')) {
		odata_parse_step(parser);
		r = odata_parse_or(parser, treep);
		if (r == 0 && !odata_lex_is_punct(&parser->token, ')')) {
			cJSON_Delete(*treep);
			*treep = NULL;
			return odata_parse_wrong(parser, "\")\"");
		}
		odata_parse_step(parser);
		return r;
	}
	for (size_t i = 0; i < 3; i++) {
		if (odata_lex_is(&parser->token, functions[i])) {
			odata_parse_step(parser);
			return odata_term_function(parser, functions[i], treep);
		}
	}
	r = odata_term_field(parser, &field);
	if (r < 0)
		return r;
	if (field->kind == ODATA_TEXTS && odata_lex_is_punct(&parser->token, '/'))
		return odata_term_any(parser, field, treep);
	if (odata_lex_is(&parser->token, "in") && field->kind != ODATA_TEXTS) {
		odata_parse_step(parser);
		return odata_term_list(parser, field, treep);
	}
	return odata_term_compare(parser, field, treep);
}

static int odata_parse_not(struct odata_parser *parser, cJSON **treep)
{
	cJSON *inner = NULL;
	cJSON *node = NULL;
	int r;

	if (++parser->depth > ODATA_DEPTH_MAX) {
		errmsg_set(parser->msg, "$filter is nested deeper than %d", ODATA_DEPTH_MAX);
		return -EINVAL;
	}
	if (odata_lex_is(&parser->token, "not")) {
		odata_parse_step(parser);
		r = odata_parse_not(parser, &inner);
		if (r == 0)
			r = odata_term_node(parser, "not", NULL, &node);
		if (r == 0) {
			r = json_append(node, inner);
			inner = NULL;
		}
		if (r < 0) {
			cJSON_Delete(node);
			cJSON_Delete(inner);
		} else {
			*treep = node;
		}
	} else {
		r = odata_parse_primary(parser, treep);
	}
	parser->depth--;
	return r;
}

/* operand { word operand }: [word, operand, operand, …], or the one operand. */
static int odata_parse_chain(struct odata_parser *parser, const char *word,
	int (*operand)(struct odata_parser *, cJSON **), cJSON **treep)
{
	cJSON *chain = NULL;
	cJSON *item = NULL;
	int r = operand(parser, &item);

	if (r < 0)
		return r;
	if (!odata_lex_is(&parser->token, word)) {
		*treep = item;
		return 0;
	}
	r = odata_term_node(parser, word, NULL, &chain);
	if (r < 0) {
		cJSON_Delete(item);
		return r;
	}
	r = json_append(chain, item);
	while (r == 0 && odata_lex_is(&parser->token, word)) {
		odata_parse_step(parser);
		item = NULL;
		r = operand(parser, &item);
		if (r == 0)
			r = json_append(chain, item);
	}
	if (r < 0)
		cJSON_Delete(chain);
	else
		*treep = chain;
	return r;
}

static int odata_parse_and(struct odata_parser *parser, cJSON **treep)
{
	return odata_parse_chain(parser, "and", odata_parse_not, treep);
}

static int odata_parse_or(struct odata_parser *parser, cJSON **treep)
{
	return odata_parse_chain(parser, "or", odata_parse_and, treep);
}

static unsigned odata_parse_depth(const cJSON *tree)
{
	unsigned deepest = 0;

	for (const cJSON *item = tree ? tree->child : NULL; item; item = item->next) {
		unsigned depth = cJSON_IsArray(item) ? odata_parse_depth(item) : 0;

		if (depth > deepest)
			deepest = depth;
	}
	return deepest + 1;
}

int odata_filter_parse(
	const struct odata_resource *resource, const char *text, cJSON **treep, struct errmsg *msg)
{
	struct odata_parser parser = {.resource = resource, .lex = {.text = text}, .msg = msg};
	cJSON *tree = NULL;
	int r;

	odata_parse_step(&parser);
	r = odata_parse_or(&parser, &tree);
	if (r < 0)
		return r;
	if (parser.token.kind != ODATA_TOKEN_END)
		r = odata_parse_wrong(&parser, "and, or, or the end");
	/* A list of "in" is one level for us, none for the daemon. */
	if (r == 0 && odata_parse_depth(tree) > ODATA_DEPTH_MAX) {
		errmsg_set(msg, "$filter is nested deeper than %d", ODATA_DEPTH_MAX);
		r = -EINVAL;
	}
	if (r < 0)
		cJSON_Delete(tree);
	else
		*treep = tree;
	return r;
}
