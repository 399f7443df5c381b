/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text of /proc/PID/fdinfo: the counts fit each other, and every place has
 * a permission event.
 */
#include "fuzz.h"

#include "fanotify_marks.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fanotify_marks marks;
	uint64_t n_blocking = 0;

	fanotify_marks_parse((const char *)data, n, &marks);
	if (marks.n_places > FANOTIFY_MARKS_PLACES_MAX || marks.n_blocking > marks.n_marks ||
		(marks.n_marks > 0 && !marks.is_group))
		abort();
	for (size_t i = 0; i < marks.n_places; i++) {
		if (marks.places[i].mask == 0 || marks.places[i].n_marks == 0)
			abort();
		n_blocking += marks.places[i].n_marks;
	}
	if (n_blocking > marks.n_blocking || (!marks.is_cut && n_blocking != marks.n_blocking))
		abort();
	return 0;
}
