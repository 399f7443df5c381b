/* SPDX-License-Identifier: GPL-2.0-or-later */
/* odata: filters and queries as documented and as clients really send them. */
#include "unit.h"

#include "odata.h"

#include <stdlib.h>
#include <string.h>

static const struct odata_field fields[] = {{"id", NULL, ODATA_TEXT}, {"status", NULL, ODATA_TEXT},
	{"machineId", NULL, ODATA_TEXT}, {"type", NULL, ODATA_TEXT},
	{"computerDnsName", NULL, ODATA_TEXT}, {"lastUpdateDateTimeUtc", NULL, ODATA_TIME},
	{"lastUpdateTimeUtc", "lastUpdateDateTimeUtc", ODATA_TIME},
	{"errorHResult", NULL, ODATA_NUMBER}, {"complete", NULL, ODATA_BOOL},
	{"machineTags", NULL, ODATA_TEXTS}, {"alertId", NULL, ODATA_ID}};
static const struct odata_resource resource = {fields, sizeof(fields) / sizeof(fields[0]), true};

struct pair {
	const char *text;
	const char *expected; /* the tree, or a part of the sentence */
};

static void expect_tree(const char *query, const char *expected)
{
	struct odata_query parsed = ODATA_QUERY_NULL;
	struct errmsg msg = ERRMSG_NULL;
	char *text;

	if (odata_query_parse(&resource, query, &parsed, &msg) != 0)
		fail_msg("%s: %s", query, msg.text);
	text = cJSON_PrintUnformatted(parsed.filter);
	assert_string_equal(text, expected);
	free(text);
	odata_query_deinit(&parsed);
}

static const struct pair trees[] = {
	{"$filter=status eq 'Pending'", "[\"eq\",\"status\",\"Pending\"]"},
	{"%24filter=status%20eq%20%27Pending%27", "[\"eq\",\"status\",\"Pending\"]"},
	{"$filter=Status+EQ+'Pending'", "[\"eq\",\"status\",\"Pending\"]"},
	{"$FILTER=COMPUTERDNSNAME+eq+'h1'", "[\"eq\",\"computerDnsName\",\"h1\"]"},
	{"$filter=machineId+eq+'ab'and type+eq+'RunAntiVirusScan'",
		"[\"and\",[\"eq\",\"machineId\",\"ab\"],[\"eq\",\"type\","
		"\"RunAntiVirusScan\"]]"},
	{"$filter=status in ('Unknown','New', 'InProgress')",
		"[\"in\",\"status\",[\"Unknown\",\"New\",\"InProgress\"]]"},
	{"$filter=status+in('New')", "[\"in\",\"status\",[\"New\"]]"},
	{"$filter=lastUpdateDateTimeUtc gt 2026-11-24T03:55:12.1234567Z",
		"[\"gt\",\"lastUpdateDateTimeUtc\",\"2026-11-24T03:55:12.1230000Z\"]"},
	{"$filter=lastUpdateDateTimeUtc+ge+2026-11-24T03:55:12.1234567Z",
		"[\"gt\",\"lastUpdateDateTimeUtc\",\"2026-11-24T03:55:12.1230000Z\"]"},
	{"$filter=lastUpdateDateTimeUtc+ge+2026-11-24T03:55:12Z",
		"[\"ge\",\"lastUpdateDateTimeUtc\",\"2026-11-24T03:55:12.0000000Z\"]"},
	{"$filter=lastUpdateDateTimeUtc+lt+2026-11-24T03:55:12.000000001Z",
		"[\"le\",\"lastUpdateDateTimeUtc\",\"2026-11-24T03:55:12.0000000Z\"]"},
	{"$filter=lastUpdateDateTimeUtc+eq+2026-11-24T03:55:12.0000001Z",
		"[\"and\",[\"eq\",\"lastUpdateDateTimeUtc\",\"2026-11-24T03:55:12."
		"0000000Z\"],"
		"[\"ne\",\"lastUpdateDateTimeUtc\",\"2026-11-24T03:55:12.0000000Z\"]]"},
	{"$filter=lastUpdateDateTimeUtc+ne+2026-11-24T03:55:12.0000001Z", /* null, too */
		"[\"or\",[\"eq\",\"lastUpdateDateTimeUtc\",\"2026-11-24T03:55:12."
		"0000000Z\"],"
		"[\"ne\",\"lastUpdateDateTimeUtc\",\"2026-11-24T03:55:12.0000000Z\"]]"},
	{"$filter=lastUpdateTimeUtc in (2026-11-24T03:55:12.0000001Z,2026-11-24,null)",
		"[\"in\",\"lastUpdateDateTimeUtc\",[\"2026-11-24T00:00:00.0000000Z\",null]]"},
	{"$filter=lastUpdateTimeUtc in (2026-11-24T03:55:12.0000001Z,1969-01-01)",
		"[\"and\",[\"eq\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:00.0000000Z\"],"
		"[\"ne\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:00.0000000Z\"]]"},
	{"$filter=lastUpdateTimeUtc gt 0001-01-01T00:00:00Z",
		"[\"ge\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:00.0000000Z\"]"},
	{"$filter=lastUpdateTimeUtc ge 1969-12-31T23:59:59.9999999Z",
		"[\"ge\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:00.0000000Z\"]"},
	{"$filter=lastUpdateTimeUtc lt 1970-01-01T00:00:00%2B01:00",
		"[\"lt\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:00.0000000Z\"]"},
	{"$filter=lastUpdateTimeUtc le 1600-01-01",
		"[\"lt\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:00.0000000Z\"]"},
	{"$filter=lastUpdateTimeUtc le 1970-01-01",
		"[\"le\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:00.0000000Z\"]"},
	{"$filter=alertId eq 'da1_2' or AlertId ne null or alertId in ('da1_2')",
		"[\"or\",[\"eq\",\"alertId\",\"da1_2\"],[\"ne\",\"alertId\",null],"
		"[\"in\",\"alertId\",[\"da1_2\"]]]"},
	{"$filter=lastUpdateTimeUtc le '2026-11-24'",
		"[\"le\",\"lastUpdateDateTimeUtc\",\"2026-11-24T00:00:00.0000000Z\"]"},
	{"$filter=lastUpdateTimeUtc lt 2026-11-24T03:00:00+01:00 and status eq 'New'",
		"[\"and\",[\"lt\",\"lastUpdateDateTimeUtc\",\"2026-11-24T02:00:00."
		"0000000Z\"],"
		"[\"eq\",\"status\",\"New\"]]"},
	{"$filter=startswith(computerDnsName,'my')", "[\"startswith\",\"computerDnsName\",\"my\"]"},
	{"$filter=EndsWith( ComputerDnsName , 'x' ) eq true",
		"[\"endswith\",\"computerDnsName\",\"x\"]"},
	{"$filter=contains(computerDnsName,'(x), y')",
		"[\"contains\",\"computerDnsName\",\"(x), y\"]"},
	{"$filter=status eq 'a' AND type eq 'b' OR not (id eq 'c')",
		"[\"or\",[\"and\",[\"eq\",\"status\",\"a\"],[\"eq\",\"type\",\"b\"]],"
		"[\"not\",[\"eq\",\"id\",\"c\"]]]"},
	{"$filter=status eq 'a' and (type eq 'b' or type eq 'c') and id ne 'd'",
		"[\"and\",[\"eq\",\"status\",\"a\"],[\"or\",[\"eq\",\"type\",\"b\"],"
		"[\"eq\",\"type\",\"c\"]],[\"ne\",\"id\",\"d\"]]"},
	{"$filter=status eq 'it''s'", "[\"eq\",\"status\",\"it's\"]"},
	{"$filter=status eq ''", "[\"eq\",\"status\",\"\"]"},
	{"$filter=status eq ''''", "[\"eq\",\"status\",\"'\"]"},
	{"$filter=status eq 'caf%C3%A9'", "[\"eq\",\"status\",\"caf\xc3\xa9\"]"},
	{"$filter=type eq null", "[\"eq\",\"type\",null]"},
	{"$filter=errorHResult eq -2147467260", "[\"eq\",\"errorHResult\",-2147467260]"},
	{"$filter=errorHResult gt '0'", "[\"gt\",\"errorHResult\",0]"},
	{"$filter=complete eq TRUE", "[\"eq\",\"complete\",true]"},
	{"$filter=id eq a382f7ea-7557-4ab7-9782-d50480024a4e",
		"[\"eq\",\"id\",\"a382f7ea-7557-4ab7-9782-d50480024a4e\"]"},
	{"$filter=id eq 5382f7ea-7557-4ab7-9782-d50480024a4e",
		"[\"eq\",\"id\",\"5382f7ea-7557-4ab7-9782-d50480024a4e\"]"},
	{"$filter=machineTags/any(tag: tag eq 'a')", "[\"eq\",\"machineTags\",\"a\"]"},
	{"x=1&$filter=status eq 'a=b'&y", "[\"eq\",\"status\",\"a=b\"]"},
};

static void filters_become_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		expect_tree(trees[i].text, trees[i].expected);
}

static void wrong_queries_say_why(void **state)
{
	static const struct pair pairs[] = {{"$filter=", "ends where the name of a field"},
		{"$filter=colour eq 'x'", "there is no field \"colour\""},
		{"$filter=status eq", "ends where a text in quotes"},
		{"$filter=status eq Pending", "\"Pending\" where a text in quotes is expected"},
		{"$filter=status is 'x'", "\"is\" where eq, ne"},
		{"$filter=status eq 'x", "character 11: \"x\""},
		{"$filter=status eq 'x' status", "\"status\" where and, or"},
		{"$filter=(status eq 'x'", "ends where \")\""},
		{"$filter=status in ()", "\")\" where a text"},
		{"$filter=status in ('a' 'b')", "where \",\" or \")\""},
		{"$filter=status gt null", "\"null\" where a value"},
		{"$filter=lastUpdateTimeUtc gt 2026-02-30", "where a time such as"},
		{"$filter=errorHResult eq 1e999", "where a number"},
		{"$filter=errorHResult eq 0x1", "where a number"},
		{"$filter=complete eq 1", "where true or false"},
		{"$filter=startswith(errorHResult,'1')", "for a field of text"},
		{"$filter=startswith(status,'1') eq false", "\"false\" where true"},
		{"$filter=machineTags eq 'a'", "/any("},
		{"$filter=machineTags/all(x: x eq 'a')", "\"any\""},
		{"$filter=machineTags/any(x: y eq 'a')", "the name before the colon"},
		{"$filter=status eq 'x' ; drop", "\";\""},
		{"$filter=status eq '%ff'", "is not text"},
		{"$filter=status eq '%4'", "is not text"},
		{"$filter=status eq 'a%00'", "is not text"},
		{"$filter=status eq 'a'&$filter=status eq 'b'", "given twice"},
		{"$top=10001", "The limit of '10000' for $top"}, {"$top=-1", "whole number"},
		{"$top=", "whole number"}, {"$top=1.5", "whole number"},
		{"$skip=x", "whole number"}, {"$top=99999999999999999999", "whole number"},
		{"$count=yes", "true or false"}, {"$orderby=colour desc", "no field"},
		{"$orderby=status up", "asc or desc"}, {"$orderby=status desc, id", "one field"},
		{"$orderby=machineTags", "no field"}, {"$orderby=alertId", "no field"},
		{"$filter=alertId gt 'da1_2'", "\"alertId\" takes eq, ne and in only"},
		{"$filter=alertId le 'da1_2'", "takes eq, ne and in only"},
		{"$filter=contains(alertId,'da')", "takes eq, ne and in only"},
		{"$filter=alertId eq 5", "an id in quotes"}, {"$expand=machine", "\"machine\""},
		{"$stop=5", "$stop is not supported"}, {"$select=id", "$select is not supported"}};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct odata_query parsed = ODATA_QUERY_NULL;
		struct errmsg msg = ERRMSG_NULL;

		if (odata_query_parse(&resource, pairs[i].text, &parsed, &msg) != -EINVAL)
			fail_msg("%s was taken", pairs[i].text);
		if (!strstr(msg.text, pairs[i].expected))
			fail_msg("%s: said \"%s\"", pairs[i].text, msg.text);
		odata_query_deinit(&parsed);
	}
}

static void options(void **state)
{
	struct odata_query parsed = ODATA_QUERY_NULL;
	struct odata_query none = ODATA_QUERY_NULL;

	(void)state;
	assert_int_equal(
		odata_query_parse(&resource,
			"$orderby=LastUpdateTimeUtc+desc&%24top=10000&$skip=20&$count=true&"
			"$expand=evidence&timeout=5",
			&parsed, NULL),
		0);
	assert_string_equal(parsed.order, "lastUpdateDateTimeUtc");
	assert_true(parsed.is_descending && parsed.is_count && parsed.is_expand_evidence);
	assert_int_equal(parsed.top, 10000);
	assert_int_equal(parsed.skip, 20);
	odata_query_deinit(&parsed);
	assert_int_equal(odata_query_parse(&resource, "", &none, NULL), 0);
	assert_null(none.filter);
	assert_null(none.order);
	assert_int_equal(none.top, -1);
	assert_false(none.is_count);
	assert_int_equal(odata_query_parse(&resource, "$orderby=status asc", &none, NULL), 0);
	assert_false(none.is_descending);
}

/* What a filter may cost is bounded before it is paid. */
static void limits(void **state)
{
	char *text = calloc(1, 8192);
	cJSON *tree = NULL;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	for (int i = 0; i < 63; i++)
		(void)strcat(text, i ? " or id eq 'a'" : "id eq 'a'");
	assert_int_equal(odata_filter_parse(&resource, text, &tree, &msg), 0);
	cJSON_Delete(tree);
	(void)strcat(text, " or id eq 'a'");
	assert_int_equal(odata_filter_parse(&resource, text, &tree, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "64 operators"));
	memset(text, '(', 8000);
	assert_int_equal(odata_filter_parse(&resource, text, &tree, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "deeper than 16"));
	memset(text, 0, 8192);
	(void)strcat(text, "id in ('a'");
	for (int i = 0; i < 100; i++)
		(void)strcat(text, ",'a'");
	(void)strcat(text, ")");
	assert_int_equal(odata_filter_parse(&resource, text, &tree, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "at most 100 values"));
	free(text);
}

static void next_page(void **state)
{
	char *next = NULL;

	(void)state;
	assert_int_equal(odata_next_query("$filter=a+eq+'b'&%24skip=3&$Top=5&x", -1, 10, &next), 0);
	assert_string_equal(next, "$filter=a+eq+'b'&x&$skip=10");
	free(next);
	assert_int_equal(odata_next_query("", 7, 10000, &next), 0);
	assert_string_equal(next, "$top=7&$skip=10000");
	free(next);
}

static void find_by_ip(void **state)
{
	static const char *const wrong[] = {"findbyip", "findbyip()", "findbyip(ip='1.2.3.4')",
		"findbyip(timestamp=2019-09-22T08:44:05Z)",
		"findbyip(ip='1.2.3.4',timestamp=2019-09-22T08:44:05Z",
		"findbyip(ip='1.2.3.4',ip='1',timestamp=2019-09-22T08:44:05Z)",
		"findbyip(ip='1.2.3.4',timestamp=yesterday)",
		"findbyip(ip='1.2.3.4',timestamp=2019-09-22T08:44:05Z)x",
		("findbyip(ip='111111111111111111111111111111111111111111111111111111111111111"
		 "11111',timestamp=2019-09-22T08:44:05Z)")};
	struct odata_find_by_ip find = {{0}, 0};
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	assert_int_equal(
		odata_find_by_ip_parse(
			"findbyip(ip='10.248.240.38',timestamp=2019-09-22T08:44:05Z)", &find, &msg),
		0);
	assert_string_equal(find.ip, "10.248.240.38");
	assert_true(find.unix_ms == INT64_C(1569141845000));
	assert_int_equal(odata_find_by_ip_parse(
				 "FindByIp( timestamp='2019-09-22T08:44:05.5Z', ip='fe80::1' )",
				 &find, &msg),
		0);
	assert_string_equal(find.ip, "fe80::1");
	assert_true(find.unix_ms == INT64_C(1569141845500));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (odata_find_by_ip_parse(wrong[i], &find, &msg) != -EINVAL)
			fail_msg("%s was taken", wrong[i]);
		assert_non_null(strstr(msg.text, "is expected"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_become_trees),
		cmocka_unit_test(wrong_queries_say_why),
		cmocka_unit_test(options),
		cmocka_unit_test(limits),
		cmocka_unit_test(next_page),
		cmocka_unit_test(find_by_ip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
