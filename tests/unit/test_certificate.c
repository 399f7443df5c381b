/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certificate: made once, kept while it is good, made again when it is not. */
#include "unit.h"

#include "certificate.h"
#include "scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DAY_MS INT64_C(86400000)

static const int64_t now_ms = INT64_C(1900000000000);

static void ensure(const struct scratch *scratch, const struct certificate_names *names,
	int64_t unix_ms, int is_made)
{
	struct errmsg msg = ERRMSG_NULL;
	int made = -1;

	assert_int_equal(certificate_ensure(scratch->path, names, unix_ms, &made, &msg), 0);
	assert_int_equal(made, is_made);
}

/* Age, other names, a lost or foreign key: each means a new one; nothing else does. */
static void made_and_kept(void **state)
{
	struct certificate_names names = {.n = 0};
	char print[CERTIFICATE_PRINT_SIZE];
	char again[CERTIFICATE_PRINT_SIZE];
	char path[SCRATCH_PATH_SIZE];
	struct scratch scratch;
	struct stat st;

	(void)state;
	scratch_init(&scratch);
	certificate_names_add(&names, "console.example:8443");
	certificate_names_add(&names, "[2001:db8::1]:8443");
	certificate_names_add_own(&names);
	ensure(&scratch, &names, now_ms, 1);
	assert_int_equal(stat(scratch_path(&scratch, CERTIFICATE_KEY_FILE, path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(scratch_path(&scratch, CERTIFICATE_FILE, path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(certificate_print(path, print), 0);
	assert_int_equal(strlen(print), 32 * 3 - 1);
	ensure(&scratch, &names, now_ms, 0);
	ensure(&scratch, &names, now_ms + 360 * DAY_MS, 0);
	assert_int_equal(certificate_print(path, again), 0);
	assert_string_equal(print, again);
	ensure(&scratch, &names, now_ms + 370 * DAY_MS, 1); /* it would end soon */
	ensure(&scratch, &names, now_ms, 1);                /* it is of the future */
	certificate_names_add(&names, "other.example");
	ensure(&scratch, &names, now_ms, 1);
	assert_int_equal(unlink(scratch_path(&scratch, CERTIFICATE_KEY_FILE, path)), 0);
	ensure(&scratch, &names, now_ms, 1);
	scratch_write(&scratch, CERTIFICATE_FILE, "nothing", 7);
	ensure(&scratch, &names, now_ms, 1);
	ensure(&scratch, &names, now_ms, 0);
	scratch_deinit(&scratch);
}

/* Names with ports and brackets, twice, and what is no name. */
static void names(void **state)
{
	static const char *const given[] = {"a.example", "a.example:1", "192.0.2.1:80", "::1",
		"[::1]:80", "2001:db8::2", "bad name", "bad,DNS:evil.example", "", "*.example"};
	static const char *const wanted[] = {
		"DNS:a.example", "IP:192.0.2.1", "IP:::1", "IP:2001:db8::2"};
	struct certificate_names names_ = {.n = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		certificate_names_add(&names_, given[i]);
	assert_int_equal(names_.n, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(names_.texts[i], wanted[i]);
	for (int i = 0; i < 2 * CERTIFICATE_NAMES_MAX; i++) {
		char text[32];

		(void)snprintf(text, sizeof(text), "host%d", i);
		certificate_names_add(&names_, text);
	}
	assert_int_equal(names_.n, CERTIFICATE_NAMES_MAX);
}

static void failures(void **state)
{
	struct certificate_names names_ = {.n = 0};
	char print[CERTIFICATE_PRINT_SIZE];
	struct errmsg msg = ERRMSG_NULL;
	struct scratch scratch;
	int made = -1;

	(void)state;
	certificate_names_add(&names_, "a");
	assert_int_equal(certificate_ensure("/nonexistent", &names_, now_ms, &made, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "/nonexistent"));
	assert_int_equal(certificate_print("/nonexistent", print), -EINVAL);
	assert_int_equal(certificate_print("/etc/passwd", print), -EINVAL);
	if (!scratch_init_small(&scratch, 16))
		return;
	scratch_fill(&scratch); /* the disk is full: no half of a file stays under its name */
	assert_true(certificate_ensure(scratch.path, &names_, now_ms, &made, &msg) < 0);
	scratch_unfill(&scratch);
	ensure(&scratch, &names_, now_ms, 1);
	scratch_deinit(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_and_kept),
		cmocka_unit_test(names),
		cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
