/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The OData that clients of Defender send, as they really send it: '$' raw or
 * as %24, blanks as '+' or %20, field names and operators in any case, no blank
 * before "and", times with any number of digits.
 *
 *   filter  := or ;  or := and { "or" and } ;  and := not { "and" not }
 *   not     := "not" not | "(" or ")" | function | comparison
 *   function   := ("startswith" | "endswith" | "contains") "(" field "," text ")" [ "eq" bool ]
 *   comparison := field ("eq"|"ne"|"gt"|"ge"|"lt"|"le") value
 *               | field "in" "(" value { "," value } ")"
 *               | field "/any(" name ":" name "eq" text ")"
 *
 * It becomes a filter tree of the local protocol, with the names of the table:
 * ["and",["eq","status","Pending"],["gt","creationDateTimeUtc","2026-…Z"]].
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_ODATA_H
#define QS_ODATA_H

#include "json.h"

#include <stdbool.h>

enum {
	ODATA_TOP_MAX = 10000,  /**< Of $top, Defender's. */
	ODATA_NODES_MAX = 64,   /**< Operators in a filter; the local protocol takes no more. */
	ODATA_DEPTH_MAX = 16,   /**< Of a tree; likewise. */
	ODATA_LIST_MAX = 100,   /**< Values of one "in"; likewise. */
	ODATA_VALUE_SIZE = 8192 /**< Room for one decoded value. */
};

enum odata_kind {
	ODATA_TEXT,   /**< '…'; a bare GUID is taken too. */
	ODATA_ID,     /**< Likewise, but it has no order and no parts: eq, ne and in only. */
	ODATA_TIME,   /**< A time, bare or in quotes. */
	ODATA_NUMBER, /**< A number; in quotes too. */
	ODATA_BOOL,   /**< true, false. */
	ODATA_TEXTS,  /**< A list of texts, of which any one: field/any(x: x eq '…'). */
};

/** A field that may be asked for. */
struct odata_field {
	const char *name;     /**< What clients call it, in any case. */
	const char *upstream; /**< Its name in the tree; NULL: the same. */
	enum odata_kind kind;
};

/** What may be asked of one list. */
struct odata_resource {
	const struct odata_field *fields; /**< n_fields, no two names equal in any case. */
	size_t n_fields;
	bool may_expand_evidence;
};

/** A query string, understood. */
struct odata_query {
	cJSON *filter;      /**< NULL: everything. */
	const char *order;  /**< A name in the tree; NULL: the list's own order. */
	bool is_descending; /**< Of order. */
	int64_t top;        /**< -1: not given. */
	int64_t skip;       /**< 0: not given. */
	bool is_count;
	bool is_expand_evidence;
};

#define ODATA_QUERY_NULL                                                                           \
	{                                                                                          \
		.top = -1                                                                          \
	}

/**
 * Read a query string. Names without '$' are none of OData's business and are
 * passed over; an unknown name with '$' is refused.
 *
 * @resource  Its names are borrowed by the query.
 * @text      Raw, without '?'.
 * @query     ODATA_QUERY_NULL; odata_query_deinit() it, whatever is returned.
 * @return    0; -EINVAL, @msg says what is wrong; -ENOMEM.
 */
int odata_query_parse(const struct odata_resource *resource, const char *text,
	struct odata_query *query, struct errmsg *msg);

/** Free what it holds. */
void odata_query_deinit(struct odata_query *query);

/**
 * Read a filter alone.
 *
 * @text   Decoded.
 * @treep  Set when 0 is returned; cJSON_Delete().
 * @return As odata_query_parse().
 */
int odata_filter_parse(
	const struct odata_resource *resource, const char *text, cJSON **treep, struct errmsg *msg);

/**
 * Find a field by its name in any case; NULL when there is none.
 *
 * @n  Bytes of @name.
 */
const struct odata_field *odata_field_find(
	const struct odata_resource *resource, const char *name, size_t n);

/**
 * The query of the next page: the pairs of this one but $skip and $top, then those.
 *
 * @text   The query of this page, raw.
 * @top    -1: none.
 * @nextp  Set when 0 is returned; free(3).
 * @return 0 or -ENOMEM.
 */
int odata_next_query(const char *text, int64_t top, int64_t skip, char **nextp);

/** findbyip(ip='…',timestamp=…). */
struct odata_find_by_ip {
	char ip[64];
	int64_t unix_ms;
};

/**
 * Read the path form.
 *
 * @segment  Decoded; begins with "findbyip", in any case.
 * @return   0 or -EINVAL, @msg says what is wrong.
 */
int odata_find_by_ip_parse(const char *segment, struct odata_find_by_ip *find, struct errmsg *msg);

#endif
