/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/mountinfo holds names that a user chose (FUSE, user namespaces),
 * escaped by the kernel. What is parsed lies within the line.
 */
#include "fuzz.h"

#include "mountinfo.h"

#include <stdlib.h>
#include <string.h>

static void fuzz_mountinfo_within(struct span part, const char *line, size_t n)
{
	const char *start = part.data;

	if (part.n && (start < line || start + part.n > line + n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *line = malloc(n + 1);
	struct mountinfo info;

	if (!line)
		abort();
	if (n)
		memcpy(line, data, n);
	if (mountinfo_parse(line, n, &info) == 0) {
		fuzz_mountinfo_within(info.root, line, n);
		fuzz_mountinfo_within(info.point, line, n);
		fuzz_mountinfo_within(info.type, line, n);
		fuzz_mountinfo_within(info.source, line, n);
	}
	free(line);
	return 0;
}
