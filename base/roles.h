/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Defender's roles, as a set of bits: those a client of the console has, and in
 * whose names a gateway asks of the daemon.
 *
 * Pure. Any thread.
 */
#ifndef QS_ROLES_H
#define QS_ROLES_H

#include "json.h"

enum role {
	ROLE_MACHINE_SCAN = 1 << 0,
	ROLE_MACHINE_READ = 1 << 1,
	ROLE_MACHINE_READ_WRITE = 1 << 2,
	ROLE_MACHINE_ISOLATE = 1 << 3,
	ROLE_MACHINE_RESTRICT = 1 << 4,
	ROLE_MACHINE_FORENSICS = 1 << 5,
	ROLE_MACHINE_QUARANTINE = 1 << 6,
	ROLE_MACHINE_LIVE_RESPONSE = 1 << 7,
	ROLE_MACHINE_OFFBOARD = 1 << 8,
	ROLE_ALERT_READ = 1 << 9,
	ROLE_ALERT_READ_WRITE = 1 << 10,
};

enum { ROLES_N = 11 };

/** "Machine.Scan", … of bit @index; from 0 to ROLES_N - 1. */
const char *roles_name(unsigned index);

/** The bit of a name, exactly; 0 when there is no such role. */
unsigned roles_bit(const char *name);

/**
 * Parse one name, exactly.
 *
 * @maskp  Its bit is added when 0 is returned.
 * @msg    Names the nearest role otherwise.
 * @return 0 or -EINVAL.
 */
int roles_parse(const char *name, unsigned *maskp, struct errmsg *msg);

/**
 * The names of a set.
 *
 * @names  Receives at most ROLES_N static strings.
 * @return How many.
 */
size_t roles_names(unsigned mask, const char *names[ROLES_N]);

/** A JSON array of the names of a set; NULL without memory. */
cJSON *roles_json(unsigned mask);

#endif
