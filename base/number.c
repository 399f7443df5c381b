/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "number.h"

#include <errno.h>
#include <stdlib.h>

int number_parse(const char *text, int64_t min, int64_t max, int64_t *valuep)
{
	long long value;
	char *end;

	/* strtoll() takes spaces and a sign. */
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0' || value < min || value > max)
		return -EINVAL;
	*valuep = value;
	return 0;
}
