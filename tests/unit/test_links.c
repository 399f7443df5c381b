/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inodes with several names: scanned once, forgotten in time. */
#include "links.h"
#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct links_key key(ino_t ino)
{
	return (struct links_key){.dev = 1, .ino = ino, .ctime_ns = 5};
}

static struct outcome infected(void)
{
	struct outcome outcome = OUTCOME_NULL;

	outcome_set(&outcome, FILE_RESULT_INFECTED, REASON_NONE);
	outcome.finding = finding_new(span_str("X"), span_str(""));
	assert_non_null(outcome.finding);
	return outcome;
}

/* First scans, the rest take what it found; the last name ends the memory. */
static void known_after_the_first(void **state)
{
	struct links *links = links_new(10);
	struct links_key k = key(7);
	struct outcome outcome = infected();
	struct outcome got = OUTCOME_NULL;

	(void)state;
	assert_int_equal(links_claim(links, &k, 3, span_str("/a"), &got), 0);
	assert_null(links_resolve(links, &k, &outcome));
	assert_int_equal(links_count(links), 1);
	assert_int_equal(links_claim(links, &k, 3, span_str("/b"), &got), LINKS_E_KNOWN);
	assert_int_equal(got.result, FILE_RESULT_INFECTED);
	assert_ptr_equal(got.finding, outcome.finding);
	outcome_deinit(&got);
	assert_int_equal(links_claim(links, &k, 3, span_str("/c"), &got), LINKS_E_KNOWN);
	outcome_deinit(&got);
	assert_int_equal(links_count(links), 0);
	outcome_deinit(&outcome);
	links_free(links);
}

/* Another ctime, number or device is another file. */
static void other_inode(void **state)
{
	struct links *links = links_new(10);
	struct links_key keys[] = {key(7), key(8), {.dev = 2, .ino = 7, .ctime_ns = 5},
		{.dev = 1, .ino = 7, .ctime_ns = 6}};
	struct outcome outcome = OUTCOME_NULL;
	struct outcome got;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(links_claim(links, &keys[i], 2, span_str("/a"), &got), 0);
	for (size_t i = 0; i < 4; i++)
		assert_null(links_resolve(links, &keys[i], &outcome));
	assert_int_equal(links_count(links), 4);
	links_free(links);
}

/* A name that comes while the first is scanned is left with it. */
static void left_with_the_first(void **state)
{
	struct links *links = links_new(10);
	struct links_key k = key(7);
	struct outcome outcome = OUTCOME_NULL;
	struct outcome got = OUTCOME_NULL;
	struct links_name *names;

	(void)state;
	assert_int_equal(links_claim(links, &k, 3, span_str("/a"), &got), 0);
	assert_int_equal(links_claim(links, &k, 3, span_str("/b"), &got), LINKS_E_LEFT);
	assert_int_equal(links_claim(links, &k, 3, span_str("/c"), &got), LINKS_E_LEFT);
	names = links_resolve(links, &k, &outcome);
	assert_non_null(names);
	assert_int_equal(names->n_path, 2);
	assert_memory_equal(names->path, "/c", 2);
	assert_memory_equal(names->next->path, "/b", 2);
	assert_null(names->next->next);
	links_free_names(names);
	assert_int_equal(links_count(links), 0);
	links_free(links);
}

/* More inodes than there is room for: the oldest is forgotten, and rescanned. */
static void oldest_is_forgotten(void **state)
{
	struct links *links = links_new(3);
	struct outcome outcome = OUTCOME_NULL;
	struct outcome got = OUTCOME_NULL;

	(void)state;
	for (ino_t ino = 1; ino <= 5; ino++) {
		struct links_key k = key(ino);

		assert_int_equal(links_claim(links, &k, 9, span_str("/a"), &got), 0);
		assert_null(links_resolve(links, &k, &outcome));
	}
	assert_int_equal(links_count(links), 3);
	for (ino_t ino = 5; ino >= 3; ino--) {
		struct links_key k = key(ino);

		assert_int_equal(links_claim(links, &k, 9, span_str("/b"), &got), LINKS_E_KNOWN);
	}
	for (ino_t ino = 1; ino <= 2; ino++) {
		struct links_key k = key(ino);

		assert_int_equal(links_claim(links, &k, 9, span_str("/b"), &got), 0);
		assert_null(links_resolve(links, &k, &outcome));
	}
	links_free(links);
}

static void *links_wait(void *arg)
{
	struct links *links = arg;
	struct links_key k = key(7);
	struct outcome got = OUTCOME_NULL;

	assert_int_equal(links_claim(links, &k, 100000, span_str("/late"), &got), LINKS_E_KNOWN);
	return NULL;
}

/* When very many names are left with it, the next one waits for the outcome. */
static void crowd_waits(void **state)
{
	struct links *links = links_new(3);
	struct links_key k = key(7);
	struct outcome outcome = OUTCOME_NULL;
	struct outcome got = OUTCOME_NULL;
	pthread_t thread;

	(void)state;
	assert_int_equal(links_claim(links, &k, 100000, span_str("/a"), &got), 0);
	for (int i = 0; i < LINKS_LEFT_MAX; i++)
		assert_int_equal(
			links_claim(links, &k, 100000, span_str("/b"), &got), LINKS_E_LEFT);
	assert_int_equal(pthread_create(&thread, NULL, links_wait, links), 0);
	(void)usleep(20000);
	links_free_names(links_resolve(links, &k, &outcome));
	assert_int_equal(pthread_join(thread, NULL), 0);
	links_free(links);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_after_the_first),
		cmocka_unit_test(other_inode),
		cmocka_unit_test(left_with_the_first),
		cmocka_unit_test(oldest_is_forgotten),
		cmocka_unit_test(crowd_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
