/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of a query string, and the path form of findbyip. An option that
 * is given twice is refused: which of the two counts would be a guess.
 */
#include "odata.h"

#include "check.h"
#include "cleanup.h"
#include "iso_time.h"
#include "odata_lex.h"
#include "percent.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* Decoded "name" of a pair, when it is one with '$'; 0 when it is not ours. */
static int odata_query_name(struct span raw, char *name, size_t n_name)
{
	return percent_decode(raw, PERCENT_FORM, name, n_name) == 0 && name[0] == '$';
}

static int odata_query_number(
	const char *name, const char *value, int64_t max, int64_t *numberp, struct errmsg *msg)
{
	size_t n = strlen(value);
	long long number;

	if (n == 0 || n > 15 || strspn(value, "0123456789") != n) {
		errmsg_set(msg, "%s must be a whole number", name);
		return -EINVAL;
	}
	number = strtoll(value, NULL, 10);
	if (number > max) {
		errmsg_set(
			msg, "The limit of '%lld' for %s has been exceeded", (long long)max, name);
		return -EINVAL;
	}
	*numberp = number;
	return 0;
}

static int odata_query_order(const struct odata_resource *resource, const char *value,
	struct odata_query *query, struct errmsg *msg)
{
	struct odata_lex lex = {.text = value};
	struct odata_token name = odata_lex_next(&lex);
	struct odata_token direction = odata_lex_next(&lex);
	const struct odata_field *field = NULL;

	if (name.kind == ODATA_TOKEN_WORD)
		field = odata_field_find(resource, name.text.data, name.text.n);
	if (!field || field->kind == ODATA_TEXTS || field->kind == ODATA_ID) {
		errmsg_set(msg, "$orderby: there is no field \"%.64s\" to sort by", value);
		return -EINVAL;
	}
	query->is_descending = odata_lex_is(&direction, "desc");
	if (direction.kind != ODATA_TOKEN_END &&
		((!query->is_descending && !odata_lex_is(&direction, "asc")) ||
			odata_lex_next(&lex).kind != ODATA_TOKEN_END)) {
		errmsg_set(msg, "$orderby takes one field, and asc or desc");
		return -EINVAL;
	}
	query->order = field->upstream ? field->upstream : field->name;
	return 0;
}

static int odata_query_bool(const char *name, const char *value, bool *flagp, struct errmsg *msg)
{
	*flagp = strcasecmp(value, "true") == 0;
	if (*flagp || strcasecmp(value, "false") == 0)
		return 0;
	errmsg_set(msg, "%s must be true or false", name);
	return -EINVAL;
}

static int odata_query_expand(const struct odata_resource *resource, const char *value,
	struct odata_query *query, struct errmsg *msg)
{
	query->is_expand_evidence =
		resource->may_expand_evidence && strcasecmp(value, "evidence") == 0;
	if (query->is_expand_evidence)
		return 0;
	errmsg_set(msg, "$expand: there is no \"%.64s\" to expand here", value);
	return -EINVAL;
}

enum odata_query_option {
	ODATA_QUERY_FILTER,
	ODATA_QUERY_TOP,
	ODATA_QUERY_SKIP,
	ODATA_QUERY_ORDER,
	ODATA_QUERY_COUNT,
	ODATA_QUERY_EXPAND,
	ODATA_QUERY_N,
};

static int odata_query_option(const struct odata_resource *resource, enum odata_query_option option,
	const char *value, struct odata_query *query, struct errmsg *msg)
{
	switch (option) {
	case ODATA_QUERY_FILTER:
		return odata_filter_parse(resource, value, &query->filter, msg);
	case ODATA_QUERY_TOP:
		return odata_query_number("$top", value, ODATA_TOP_MAX, &query->top, msg);
	case ODATA_QUERY_SKIP:
		return odata_query_number("$skip", value, INT32_MAX, &query->skip, msg);
	case ODATA_QUERY_ORDER:
		return odata_query_order(resource, value, query, msg);
	case ODATA_QUERY_COUNT:
		return odata_query_bool("$count", value, &query->is_count, msg);
	case ODATA_QUERY_EXPAND:
		return odata_query_expand(resource, value, query, msg);
	case ODATA_QUERY_N:
		break;
	}
	return err_origin(-EINVAL);
}

/* The option of a name; ODATA_QUERY_N when there is none. */
static enum odata_query_option odata_query_find(const char *name)
{
	static const char *const names[ODATA_QUERY_N] = {
		"$filter", "$top", "$skip", "$orderby", "$count", "$expand"};
	int i = 0;

	while (i < ODATA_QUERY_N && strcasecmp(names[i], name) != 0)
		i++;
	return (enum odata_query_option)i;
}

int odata_query_parse(const struct odata_resource *resource, const char *text,
	struct odata_query *query, struct errmsg *msg)
{
	struct span rest = span_str(text);
	struct percent_pair pair;
	unsigned seen = 0;
	_cleanup_(cleanup_free) char *value = malloc(ODATA_VALUE_SIZE);

	if (!value)
		return err_origin(-ENOMEM);
	while (percent_next(&rest, &pair)) {
		enum odata_query_option option;
		char name[64];
		int r;

		if (!odata_query_name(pair.name, name, sizeof(name)))
			continue;
		option = odata_query_find(name);
		if (option == ODATA_QUERY_N) {
			errmsg_set(msg, "the query option %s is not supported", name);
			return -EINVAL;
		}
		if (seen & 1u << option) {
			errmsg_set(msg, "%s is given twice", name);
			return -EINVAL;
		}
		seen |= 1u << option;
		if (percent_decode(pair.value, PERCENT_FORM, value, ODATA_VALUE_SIZE) < 0) {
			errmsg_set(msg,
				"%s is not text: \"%%\" takes two hex digits, and UTF-8 is "
				"expected",
				name);
			return -EINVAL;
		}
		r = odata_query_option(resource, option, value, query, msg);
		if (r < 0)
			return r;
	}
	return 0;
}

void odata_query_deinit(struct odata_query *query)
{
	cJSON_Delete(query->filter);
	query->filter = NULL;
}

int odata_next_query(const char *text, int64_t top, int64_t skip, char **nextp)
{
	struct span rest = span_str(text);
	struct percent_pair pair;
	char *next = malloc(rest.n + 96);
	size_t n = 0;
	int tail;

	if (!next)
		return err_origin(-ENOMEM);
	while (percent_next(&rest, &pair)) {
		char name[64];

		if (odata_query_name(pair.name, name, sizeof(name)) &&
			(strcasecmp(name, "$top") == 0 || strcasecmp(name, "$skip") == 0))
			continue;
		memcpy(next + n, pair.whole.data, pair.whole.n);
		n += pair.whole.n;
		next[n++] = '&';
	}
	if (top >= 0)
		tail = snprintf(
			next + n, 96, "$top=%lld&$skip=%lld", (long long)top, (long long)skip);
	else
		tail = snprintf(next + n, 96, "$skip=%lld", (long long)skip);
	INVARIANT(tail > 0 && tail < 96);
	*nextp = next;
	return 0;
}

static int odata_find_by_ip_value(
	struct odata_lex *lex, struct odata_find_by_ip *find, bool *has_ipp, bool *has_timep)
{
	struct odata_token name = odata_lex_next(lex);
	struct odata_token equals;
	struct odata_token value;

	/* '=' is no punctuation of filters; it comes as one bad character. */
	equals = odata_lex_next(lex);
	value = odata_lex_next(lex);
	if (equals.text.n != 1 || *(const char *)equals.text.data != '=' ||
		(value.kind != ODATA_TOKEN_TEXT && value.kind != ODATA_TOKEN_BARE))
		return -EINVAL;
	if (odata_lex_is(&name, "ip") && !*has_ipp && value.text.n < sizeof(find->ip)) {
		memcpy(find->ip, value.text.data, value.text.n);
		find->ip[value.text.n] = '\0';
		*has_ipp = true;
		return 0;
	}
	if (odata_lex_is(&name, "timestamp") && !*has_timep) {
		*has_timep = true;
		return iso_time_parse(value.text.data, value.text.n, &find->unix_ms, NULL);
	}
	return -EINVAL;
}

int odata_find_by_ip_parse(const char *segment, struct odata_find_by_ip *find, struct errmsg *msg)
{
	struct odata_lex lex = {.text = segment};
	struct odata_token word = odata_lex_next(&lex);
	struct odata_token punct = odata_lex_next(&lex);
	bool has_ip = false;
	bool has_time = false;

	if (odata_lex_is(&word, "findbyip") && odata_lex_is_punct(&punct, '(')) {
		while (odata_find_by_ip_value(&lex, find, &has_ip, &has_time) == 0) {
			punct = odata_lex_next(&lex);
			if (!odata_lex_is_punct(&punct, ','))
				break;
		}
		if (has_ip && has_time && odata_lex_is_punct(&punct, ')') &&
			odata_lex_next(&lex).kind == ODATA_TOKEN_END)
			return 0;
	}
	errmsg_set(msg, "findbyip(ip='192.0.2.1',timestamp=2026-11-24T03:55:12Z) is expected");
	return -EINVAL;
}
