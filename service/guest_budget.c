/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bucket that fills with the time that guests took and leaks with all time. */
#include "guest_budget.h"

static const uint64_t guest_budget_ms_ns = UINT64_C(1000000);

uint64_t guest_budget_charge(struct guest_budget *budget, uint64_t now_ns, uint64_t taken_ns)
{
	uint64_t paid_ns = 0;

	if (now_ns > budget->at_ns) {
		paid_ns = (now_ns - budget->at_ns) / GUEST_BUDGET_SHARE;
		budget->at_ns = now_ns;
	}
	budget->used_ns -= paid_ns < budget->used_ns ? paid_ns : budget->used_ns;
	budget->used_ns += taken_ns;
	if (budget->used_ns <= GUEST_BUDGET_BURST_MS * guest_budget_ms_ns)
		return 0;
	return (budget->used_ns - GUEST_BUDGET_REST_MS * guest_budget_ms_ns) * GUEST_BUDGET_SHARE /
	       guest_budget_ms_ns;
}
