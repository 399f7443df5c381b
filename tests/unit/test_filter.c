/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter: trees applied to objects, and worked out where the answer is known. */
#include "jsontext.h"

#include "filter.h"

#include <stdlib.h>

#define OBJECT                                                                                     \
	"{\"name\":\"Host-1\",\"time\":\"2026-11-24T03:55:12.0000000Z\",\"n\":5,\"is\":true,"      \
	"\"none\":null,\"tags\":[\"a\",\"B\"]}"

static void matches(void **state)
{
	static const struct {
		const char *tree;
		bool is_match;
	} cases[] = {{"[\"eq\",\"name\",\"host-1\"]", true},
		{"[\"ne\",\"name\",\"host-1\"]", false}, {"[\"eq\",\"name\",\"host\"]", false},
		{"[\"startswith\",\"name\",\"HO\"]", true},
		{"[\"endswith\",\"name\",\"-1\"]", true},
		{"[\"endswith\",\"name\",\"Host-10\"]", false},
		{"[\"contains\",\"name\",\"ST\"]", true}, {"[\"contains\",\"n\",\"5\"]", false},
		{"[\"in\",\"name\",[\"x\",\"HOST-1\"]]", true}, {"[\"in\",\"name\",[]]", false},
		{"[\"gt\",\"time\",\"2026-11-24T03:55:11.9990000Z\"]", true},
		{"[\"le\",\"time\",\"2026-11-24T03:55:11.9990000Z\"]", false},
		{"[\"ge\",\"n\",5]", true}, {"[\"gt\",\"n\",5]", false}, {"[\"lt\",\"n\",6]", true},
		{"[\"le\",\"n\",4]", false}, {"[\"eq\",\"is\",true]", true},
		{"[\"eq\",\"is\",false]", false}, {"[\"eq\",\"none\",null]", true},
		{"[\"eq\",\"absent\",null]", true}, {"[\"ne\",\"absent\",\"x\"]", true},
		{"[\"gt\",\"absent\",\"x\"]", false}, {"[\"eq\",\"tags\",\"b\"]", true},
		{"[\"eq\",\"tags\",\"c\"]", false},
		{"[\"and\",[\"eq\",\"n\",5],[\"not\",[\"eq\",\"n\",6]]]", true},
		{"[\"and\",[\"eq\",\"n\",5],[\"eq\",\"n\",6]]", false},
		{"[\"or\",[\"eq\",\"n\",4],[\"eq\",\"n\",5]]", true},
		{"[\"or\",[\"eq\",\"n\",4],[\"eq\",\"n\",6]]", false}};
	cJSON *object = jsontext_parse(OBJECT);

	(void)state;
	assert_true(filter_match(NULL, object));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cJSON *tree = jsontext_parse(cases[i].tree);

		if (filter_match(tree, object) != cases[i].is_match)
			fail_msg("%s", cases[i].tree);
		cJSON_Delete(tree);
	}
	cJSON_Delete(object);
}

static void folds(void **state)
{
	static const struct {
		const char *tree;
		const char *rest; /* "": everything; NULL: nothing */
	} cases[] = {{"[\"eq\",\"n\",5]", ""}, {"[\"eq\",\"n\",6]", NULL},
		{"[\"eq\",\"x\",6]", "[\"eq\",\"x\",6]"}, {"[\"not\",[\"eq\",\"n\",6]]", ""},
		{"[\"not\",[\"eq\",\"x\",6]]", "[\"not\",[\"eq\",\"x\",6]]"},
		{"[\"and\",[\"eq\",\"n\",5],[\"eq\",\"x\",1]]", "[\"eq\",\"x\",1]"},
		{"[\"and\",[\"eq\",\"n\",5],[\"eq\",\"x\",1],[\"eq\",\"y\",1]]",
			"[\"and\",[\"eq\",\"x\",1],[\"eq\",\"y\",1]]"},
		{"[\"and\",[\"eq\",\"x\",1],[\"eq\",\"n\",6]]", NULL},
		{"[\"or\",[\"eq\",\"x\",1],[\"eq\",\"n\",5]]", ""},
		{"[\"or\",[\"eq\",\"x\",1],[\"eq\",\"n\",6]]", "[\"eq\",\"x\",1]"},
		{"[\"or\",[\"and\",[\"eq\",\"x\",1],[\"eq\",\"n\",5]],[\"eq\",\"y\",2]]",
			"[\"or\",[\"eq\",\"x\",1],[\"eq\",\"y\",2]]"},
		{"[\"not\",[\"and\",[\"eq\",\"n\",5],[\"eq\",\"x\",1]]]",
			"[\"not\",[\"eq\",\"x\",1]]"},
		{"[\"and\",[\"or\",[\"eq\",\"n\",6],[\"and\",[\"eq\",\"n\",5],[\"eq\",\"x\",1]]]]",
			"[\"eq\",\"x\",1]"}};
	cJSON *object = jsontext_parse(OBJECT);
	cJSON *none = NULL;
	bool is_nothing = true;

	(void)state;
	filter_fold(&none, object, &is_nothing);
	assert_true(!none && !is_nothing);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cJSON *tree = jsontext_parse(cases[i].tree);
		char *text;

		filter_fold(&tree, object, &is_nothing);
		assert_int_equal(is_nothing, cases[i].rest == NULL);
		text = tree ? cJSON_PrintUnformatted(tree) : NULL;
		if (strcmp(text ? text : "", cases[i].rest ? cases[i].rest : "") != 0)
			fail_msg("%s became %s", cases[i].tree, text ? text : "nothing");
		free(text);
		cJSON_Delete(tree);
	}
	cJSON_Delete(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(matches), cmocka_unit_test(folds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
