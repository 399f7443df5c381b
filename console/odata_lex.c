/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A word ends where letters and digits do, a quoted text at its quote, so
 * "'a'and type" needs no blank. A '+' that a client did not encode has become a
 * blank by now: "08:44:05 00:00" is one time again.
 */
#include "odata_lex.h"

#include <ctype.h>
#include <stdint.h>
#include <strings.h>

static bool odata_lex_in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '@' || c == '.' || c == '$';
}

static bool odata_lex_in_bare(char c)
{
	return isalnum((unsigned char)c) || c == ':' || c == '.' || c == '-' || c == '+';
}

/* The length of a quoted text after its first quote, without its last; or SIZE_MAX. */
static size_t odata_lex_quoted(const char *text)
{
	size_t n = 0;

	for (;; n++) {
		if (text[n] == '\0')
			return SIZE_MAX;
		if (text[n] != '\'')
			continue;
		if (text[n + 1] != '\'')
			return n;
		n++;
	}
}

/* " 02:00" behind a time: a zone whose '+' was not encoded. */
static bool odata_lex_is_zone(const char *text)
{
	return text[0] == ' ' && isdigit((unsigned char)text[1]) &&
	       isdigit((unsigned char)text[2]) && text[3] == ':' &&
	       isdigit((unsigned char)text[4]) && isdigit((unsigned char)text[5]) &&
	       !odata_lex_in_bare(text[6]);
}

/* Whether a GUID stands here, which needs no quotes. */
static bool odata_lex_is_guid(const char *text)
{
	for (size_t i = 0; i < 36; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return !odata_lex_in_bare(text[36]);
}

static size_t odata_lex_bare(const char *text)
{
	size_t n = 0;

	while (odata_lex_in_bare(text[n]))
		n++;
	if (memchr(text, ':', n) && odata_lex_is_zone(text + n))
		n += 6;
	return n;
}

struct odata_token odata_lex_next(struct odata_lex *lex)
{
	struct odata_token token = {.kind = ODATA_TOKEN_END};
	const char *text;
	size_t n = 0;

	while (lex->text[lex->at] == ' ' || lex->text[lex->at] == '\t')
		lex->at++;
	text = lex->text + lex->at;
	token.at = lex->at;
	if (*text == '\'') {
		n = odata_lex_quoted(text + 1);
		token.kind = n == SIZE_MAX ? ODATA_TOKEN_BAD : ODATA_TOKEN_TEXT;
		token.text = (struct span){text + 1, n == SIZE_MAX ? strlen(text + 1) : n};
		lex->at += token.text.n + (n == SIZE_MAX ? 1 : 2);
		return token;
	}
	if (*text == '\0')
		return token;
	if (strchr("(),:/", *text)) {
		token.kind = ODATA_TOKEN_PUNCT;
		n = 1;
	} else if (isdigit((unsigned char)*text) || *text == '-' || *text == '.' ||
		   odata_lex_is_guid(text)) {
		token.kind = ODATA_TOKEN_BARE;
		n = odata_lex_bare(text);
	} else if (odata_lex_in_word(*text)) {
		token.kind = ODATA_TOKEN_WORD;
		while (odata_lex_in_word(text[n]))
			n++;
	} else {
		token.kind = ODATA_TOKEN_BAD;
		n = 1;
	}
	token.text = (struct span){text, n};
	lex->at += n;
	return token;
}

bool odata_lex_is(const struct odata_token *token, const char *word)
{
	return token->kind == ODATA_TOKEN_WORD && token->text.n == strlen(word) &&
	       strncasecmp(token->text.data, word, token->text.n) == 0;
}

bool odata_lex_is_punct(const struct odata_token *token, char punct)
{
	return token->kind == ODATA_TOKEN_PUNCT && *(const char *)token->text.data == punct;
}
