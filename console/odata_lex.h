/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of an OData filter.
 *
 * Pure: no allocation; tokens point into the text. Any thread.
 */
#ifndef QS_ODATA_LEX_H
#define QS_ODATA_LEX_H

#include "span.h"

enum odata_token_kind {
	ODATA_TOKEN_END,
	ODATA_TOKEN_WORD,  /**< A name, an operator, true, null. */
	ODATA_TOKEN_TEXT,  /**< '…', the quotes are not in it; doubled ones still are. */
	ODATA_TOKEN_BARE,  /**< A number, a time, a GUID: what begins with a digit, '-' or '.'. */
	ODATA_TOKEN_PUNCT, /**< One of ( ) , : / */
	ODATA_TOKEN_BAD,   /**< Anything else, a quote without its end. */
};

struct odata_token {
	enum odata_token_kind kind;
	struct span text;
	size_t at; /**< Where it begins, in bytes from 0. */
};

struct odata_lex {
	const char *text; /**< NUL-terminated, borrowed. */
	size_t at;
};

/** The next token; at the end ODATA_TOKEN_END for ever. */
struct odata_token odata_lex_next(struct odata_lex *lex);

/** Whether a token is this word, in any case. */
bool odata_lex_is(const struct odata_token *token, const char *word);

/** Whether a token is this punctuation. */
bool odata_lex_is_punct(const struct odata_token *token, char punct);

#endif
