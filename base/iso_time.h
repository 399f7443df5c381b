/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times as clients write them, ISO 8601 with 0 to 9 fraction digits. The other
 * direction is clock_iso().
 *
 * Pure. Any thread.
 */
#ifndef QS_ISO_TIME_H
#define QS_ISO_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Read "2026-11-24", "2026-11-24T03:55Z", "2026-11-24T03:55:12.1234567Z",
 * "2026-11-24T03:55:12+02:00". Without a zone it is UTC. The 'T' may be lower
 * case, the zone's '+' a blank: that is what '+' in a query becomes.
 *
 * @text       n bytes, nothing before or after the time.
 * @unix_msp   Set when 0 is returned: milliseconds since 1970, rounded down.
 * @is_exactp  Set likewise: false when digits were lost. May be NULL.
 * @return     0 or -EINVAL; a day or an hour that does not exist is one.
 */
int iso_time_parse(const char *text, size_t n, int64_t *unix_msp, bool *is_exactp);

#endif
