/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line goes out with one write(2), not through the log: the log itself
 * may be what is broken.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void check_failed(const char *kind, const char *cond, const char *file, int line, const char *func)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "quietscan: %s failed: %s at %s:%d (%s)\n", kind, cond,
		file, line, func);
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		abort();
	abort();
}
