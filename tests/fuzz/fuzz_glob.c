/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pattern and path, with a NUL between them. A pattern that passes its check
 * and holds no wildcard matches itself and what is below it.
 */
#include "check.h"
#include "fuzz.h"
#include "glob.h"

#include <stdlib.h>

static void fuzz_glob_itself(struct span pattern)
{
	char *below = malloc(pattern.n + 2);

	if (pattern.n > 1 && ((const char *)pattern.data)[pattern.n - 1] != '/') {
		INVARIANT(glob_match_path(pattern, pattern));
		memcpy(below, pattern.data, pattern.n);
		memcpy(below + pattern.n, "/x", 2);
		INVARIANT(glob_match_path(pattern, (struct span){below, pattern.n + 2}));
	}
	free(below);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	struct span pattern = {data, nul ? (size_t)(nul - data) : size};
	struct span path = {nul ? nul + 1 : NULL, nul ? size - pattern.n - 1 : 0};

	(void)glob_match_path(pattern, path);
	(void)glob_check_extension(pattern, NULL);
	(void)glob_match_extension(pattern, path);
	if (glob_check_path(pattern, NULL) == 0)
		fuzz_glob_itself(pattern);
	return 0;
}
