/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call_filter.h"

#include "err.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
enum { CALL_FILTER_IS_OFF = 1 };
#else
enum { CALL_FILTER_IS_OFF = 0 };
#endif

int call_filter_allow(void *filter, const int calls[], size_t n_calls)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n_calls; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 0);
	return r;
}

int call_filter_allow_commands(void *filter, int call, const uint32_t commands[], size_t n_commands)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n_commands; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, commands[i]));
	return r;
}

int call_filter_load(int (*add)(void *filter))
{
	scmp_filter_ctx filter;
	int r;

	if (CALL_FILTER_IS_OFF)
		return 0;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return err_origin(-ENOMEM);
	r = add(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return err_trace(r);
}
