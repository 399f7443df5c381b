/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress and not grants: a process that stands at the gate gets a portion within
 * some time whatever else runs (deal.c's reserves), uses it, and is seen to go on; one
 * that hangs in the kernel uses nothing however much it is granted.
 */
#include "patience.h"

uint64_t patience_wait_ms(const struct patience *patience)
{
	return patience->wait_ms ? patience->wait_ms : PATIENCE_MS;
}

void patience_begin(struct patience *patience, uint64_t now_ms)
{
	patience->deadline_ms = now_ms + patience_wait_ms(patience);
	patience->limit_ms = now_ms + PATIENCE_LIMIT_MS;
}

void patience_begin_process(struct patience *patience, uint64_t now_ms)
{
	patience->seen_ns = 0;
	patience_begin(patience, now_ms);
}

void patience_note(struct patience *patience, uint64_t now_ms, uint64_t cpu_ns)
{
	if (cpu_ns < patience->seen_ns + PATIENCE_PROGRESS_MS * UINT64_C(1000000))
		return;
	patience->seen_ns = cpu_ns;
	patience->deadline_ms = now_ms + patience_wait_ms(patience);
}

bool patience_is_over(const struct patience *patience, uint64_t now_ms)
{
	return now_ms >= patience->deadline_ms || now_ms >= patience->limit_ms;
}
