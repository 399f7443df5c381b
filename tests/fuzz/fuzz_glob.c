/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exclusions are matched against every name on the machine: any pattern against
 * any path, both cut from the input at its first NUL. Time must stay linear, so
 * the run has a time limit for each input.
 */
#include "fuzz.h"

#include "glob.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *cut = n ? memchr(data, '\0', n) : NULL;
	size_t n_pattern = cut ? (size_t)(cut - data) : n;
	struct span pattern = {data, n_pattern};
	struct span rest = {data + n_pattern, n - n_pattern};

	(void)glob_check_path(pattern, NULL);
	(void)glob_match_path(pattern, rest);
	(void)glob_check_extension(pattern, NULL);
	(void)glob_match_extension(pattern, rest);
	return 0;
}
