/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Did you mean …?": the known word nearest to a mistyped one.
 *
 * Pure. Any thread.
 */
#ifndef QS_NEAREST_H
#define QS_NEAREST_H

#include <stddef.h>

/**
 * Find the nearest word: fewest insertions, deletions, replacements and swaps
 * of neighbours, upper and lower case being equal; a unique beginning counts
 * as near.
 *
 * @word   What was typed; longer than 64 bytes is never near anything.
 * @names  n_names known words; NULL entries are passed over.
 * @return An entry of @names; NULL when none is near (more than a third of the
 *         letters differ).
 */
const char *nearest_find(const char *word, const char *const names[], size_t n_names);

#endif
