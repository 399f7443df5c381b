/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every cmocka test includes: cmocka's prerequisites in the right order.
 */
#ifndef QS_UNIT_H
#define QS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/** Exit status for "cannot run on this machine". */
enum { UNIT_SKIPPED = 77 };

/**
 * As fork(2); the child dies with the test, also when a time limit kills that.
 * For children that would go on for ever.
 */
static inline pid_t unit_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

#endif
