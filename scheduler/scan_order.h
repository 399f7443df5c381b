/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scanner is told before it begins: the places of a custom scan, the
 * exclusions, the service's own folders, and START.
 *
 * Hands (sends). Loop thread only.
 */
#ifndef QS_SCAN_ORDER_H
#define QS_SCAN_ORDER_H

#include "job.h"
#include "pass_list.h"
#include "scan_team.h"

struct scan_order {
	const struct job *job;
	const struct settings *settings;
	const struct service_paths *paths;
	const struct pass_list *passes; /**< What other scanners of the scan have told. */
	unsigned n_lanes;               /**< 1 to IPC_LANES_MAX. */
};

/**
 * Send all of it; the team must be ready.
 *
 * @return 0; -ENOMEM; -EINVAL when the job's paths cannot be read.
 */
int scan_order_send(const struct scan_order *order, struct scan_team *team);

#endif
