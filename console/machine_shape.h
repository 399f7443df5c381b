/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine as Defender's API has it: the daemon's, with the addresses of its
 * network interfaces, which the daemon may not ask the kernel for.
 *
 * machine_shape() is pure but for memory, machine_shape_read() is hands. Any thread.
 */
#ifndef QS_MACHINE_SHAPE_H
#define QS_MACHINE_SHAPE_H

#include "json.h"

#include <stddef.h>

enum { MACHINE_SHAPE_ADDRESSES_MAX = 64 };

/** One address of an interface; loopback's are left out. */
struct machine_address {
	char ip[64];  /**< In numbers. */
	char mac[13]; /**< 12 upper case hex digits, or "". */
};

/** The addresses, IPv4 first; "lastIpAddress" is the first one. */
struct machine_addresses {
	struct machine_address list[MACHINE_SHAPE_ADDRESSES_MAX];
	size_t n;
};

/**
 * Ask the kernel.
 *
 * @addresses  Replaced when 0 is returned.
 * @return     0 or a uv code; a sandboxed process may not ask.
 */
int machine_shape_read(struct machine_addresses *addresses);

/**
 * Fill in the addresses, where the daemon has none.
 *
 * @machine  Result of machine.show.
 * @return   NULL without memory; cJSON_Delete().
 */
cJSON *machine_shape(const cJSON *machine, const struct machine_addresses *addresses);

#endif
