/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients disagree about quotes: times and numbers come with and without, GUIDs
 * too. What a literal is, its field decides.
 */
#include "odata_private.h"

#include "clock.h"
#include "iso_time.h"

#include <math.h>
#include <stdlib.h>

enum { ODATA_VALUE_NUMBER_SIZE = 48 };

/* A quoted text with its doubled quotes made single. */
static int odata_value_text(struct span quoted, cJSON **valuep)
{
	char *text = malloc(quoted.n + 1);
	const char *bytes = quoted.data;
	size_t n = 0;

	if (!text)
		return err_origin(-ENOMEM);
	for (size_t i = 0; i < quoted.n; i++) {
		text[n++] = bytes[i];
		if (bytes[i] == '\'')
			i++;
	}
	text[n] = '\0';
	*valuep = json_new_string(text);
	free(text);
	return *valuep ? 0 : err_origin(-ENOMEM);
}

static int odata_value_number(struct odata_parser *parser, cJSON **valuep)
{
	const struct odata_token *token = &parser->token;
	char text[ODATA_VALUE_NUMBER_SIZE];
	char *end;
	double number;

	if (token->text.n == 0 || token->text.n >= sizeof(text))
		return odata_parse_wrong(parser, "a number");
	memcpy(text, token->text.data, token->text.n);
	text[token->text.n] = '\0';
	if (strspn(text, "0123456789+-.eE") != token->text.n)
		return odata_parse_wrong(parser, "a number");
	number = strtod(text, &end);
	if (*end != '\0' || !isfinite(number))
		return odata_parse_wrong(parser, "a number");
	*valuep = cJSON_CreateNumber(number);
	return *valuep ? 0 : err_origin(-ENOMEM);
}

static int odata_value_time(struct odata_parser *parser, cJSON **valuep, enum odata_fit *fitp)
{
	const struct odata_token *token = &parser->token;
	char text[CLOCK_ISO_SIZE];
	bool is_exact = true;
	int64_t unix_ms;

	if (iso_time_parse(token->text.data, token->text.n, &unix_ms, &is_exact) < 0)
		return odata_parse_wrong(parser, "a time such as 2026-11-24T03:55:12Z");
	if (!is_exact)
		*fitp = ODATA_FIT_AFTER;
	if (unix_ms < 0) { /* the daemon has no such times */
		*fitp = ODATA_FIT_BEFORE;
		unix_ms = 0;
	}
	clock_iso(unix_ms, text);
	*valuep = json_new_string(text);
	return *valuep ? 0 : err_origin(-ENOMEM);
}

/* One literal, as its field's kind wants it. */
int odata_value_parse(struct odata_parser *parser, const struct odata_field *field, cJSON **valuep,
	enum odata_fit *fitp)
{
	static const char *const expected[] = {[ODATA_TEXT] = "a text in quotes",
		[ODATA_ID] = "an id in quotes",
		[ODATA_TIME] = "a time",
		[ODATA_NUMBER] = "a number",
		[ODATA_BOOL] = "true or false",
		[ODATA_TEXTS] = "a text in quotes"};
	const struct odata_token *token = &parser->token;
	bool is_text = token->kind == ODATA_TOKEN_TEXT;
	bool is_bare = token->kind == ODATA_TOKEN_BARE;
	int r = 0;

	*fitp = ODATA_FIT_EXACT;
	if (odata_lex_is(token, "null"))
		*valuep = cJSON_CreateNull();
	else if (field->kind == ODATA_BOOL && odata_lex_is(token, "true"))
		*valuep = cJSON_CreateTrue();
	else if (field->kind == ODATA_BOOL && odata_lex_is(token, "false"))
		*valuep = cJSON_CreateFalse();
	else if (field->kind == ODATA_TIME && (is_text || is_bare))
		r = odata_value_time(parser, valuep, fitp);
	else if (field->kind == ODATA_NUMBER && (is_text || is_bare))
		r = odata_value_number(parser, valuep);
	else if ((field->kind == ODATA_TEXT || field->kind == ODATA_ID ||
			 field->kind == ODATA_TEXTS) &&
		 (is_text || (is_bare && token->text.n == 36)))
		r = odata_value_text(token->text, valuep);
	else
		return odata_parse_wrong(parser, expected[field->kind]);
	if (r < 0)
		return r;
	if (!*valuep)
		return err_origin(-ENOMEM);
	odata_parse_step(parser);
	return 0;
}
