/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Optimal string alignment with three rows. Words are bounded, so the rows are
 * on the stack and a hostile name costs at most 64 x 64 steps for each word.
 */
#include "nearest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NEAREST_WORD_MAX = 64 };

static size_t nearest_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int nearest_fold(char c)
{
	return tolower((unsigned char)c);
}

static size_t nearest_distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
	size_t rows[3][NEAREST_WORD_MAX + 1];
	size_t *before = rows[0];
	size_t *last = rows[1];
	size_t *now = rows[2];

	for (size_t j = 0; j <= n_b; j++)
		last[j] = j;
	for (size_t i = 1; i <= n_a; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= n_b; j++) {
			int is_same = nearest_fold(a[i - 1]) == nearest_fold(b[j - 1]);

			now[j] = nearest_min(
				nearest_min(last[j], now[j - 1]) + 1, last[j - 1] + !is_same);
			if (i > 1 && j > 1 && nearest_fold(a[i - 1]) == nearest_fold(b[j - 2]) &&
				nearest_fold(a[i - 2]) == nearest_fold(b[j - 1]))
				now[j] = nearest_min(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[n_b];
}

const char *nearest_find(const char *word, const char *const names[], size_t n_names)
{
	size_t n_word = strlen(word);
	const char *best = NULL;
	const char *begins = NULL;
	size_t n_begins = 0;
	size_t distance = n_word / 3 + 2;

	if (n_word == 0 || n_word > NEAREST_WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n_names; i++) {
		size_t n_name = names[i] ? strlen(names[i]) : 0;
		size_t d;

		if (n_name == 0 || n_name > NEAREST_WORD_MAX)
			continue;
		if (n_word >= 3 && strncasecmp(word, names[i], n_word) == 0) {
			begins = names[i];
			n_begins++;
		}
		d = nearest_distance(word, n_word, names[i], n_name);
		if (d < distance && d < n_word) {
			distance = d;
			best = names[i];
		}
	}
	return best ? best : n_begins == 1 ? begins : NULL;
}
