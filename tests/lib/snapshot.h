/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output that is compared with a file of the source tree. With
 * QUIETSCAN_UPDATE=1 in the environment the file is written instead; what
 * changed is then seen in git diff.
 */
#ifndef QS_SNAPSHOT_H
#define QS_SNAPSHOT_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Whole file on the heap, "" when there is none. */
static inline char *snapshot_read(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = calloc(1, 1 << 20);
	size_t n;

	assert_non_null(text);
	if (!in)
		return text;
	n = fread(text, 1, (1 << 20) - 1, in);
	text[n] = '\0';
	(void)fclose(in);
	return text;
}

static inline void snapshot_write(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static inline void snapshot_differ(const char *path, const char *text)
{
	(void)fprintf(stderr, "---- got ----\n%s---- end ----\n", text);
	fail_msg("%s differs; run the test with QUIETSCAN_UPDATE=1 and look at git diff", path);
}

/** @text must be what the file holds. */
static inline void snapshot_check(const char *path, const char *text)
{
	char *old = snapshot_read(path);

	if (getenv("QUIETSCAN_UPDATE"))
		snapshot_write(path, text);
	else if (strcmp(old, text) != 0)
		snapshot_differ(path, text);
	free(old);
}

/** @text must be what stands between two lines of the file. */
static inline void snapshot_check_part(
	const char *path, const char *first, const char *last, const char *text)
{
	char *old = snapshot_read(path);
	char *begin = strstr(old, first);
	char *end = begin ? strstr(begin, last) : NULL;
	char *whole = NULL;

	if (!end) {
		fail_msg("%s: the lines \"%s\" and \"%s\" are not there", path, first, last);
		return;
	}
	begin += strlen(first);
	assert_true(asprintf(&whole, "%.*s\n%s%s", (int)(begin - old), old, text, end) > 0);
	snapshot_check(path, whole);
	free(whole);
	free(old);
}

#endif
