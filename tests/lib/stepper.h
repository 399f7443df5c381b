/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work in a child that is stopped before and after each of its system calls,
 * but for those that only ask for memory: to kill it there, or to change the
 * world under it. By ptrace(2). The number of a stop means the same in each run
 * of the same work.
 */
#ifndef QS_STEPPER_H
#define QS_STEPPER_H

#include <stdbool.h>

enum { STEPPER_KILLED = -1 };

/** Where a child was stopped. */
struct stepper_stop {
	unsigned n;   /**< Counts from 0. */
	bool is_exit; /**< After the call, not before it. */
	long number;  /**< Of the system call, SYS_*. */
};

/**
 * Run @work in a child.
 *
 * @work     Runs in the child, which ends with what it returns (0 to 255).
 * @at_stop  Called in the test at each stop; the child is killed there when it
 *           returns true. A call that it is stopped before is not made then.
 * @return   What @work returned; STEPPER_KILLED. Aborts the test when the child
 *           cannot be traced or ended by itself in another way.
 */
int stepper_run(int (*work)(void *arg), void *arg,
	bool (*at_stop)(const struct stepper_stop *stop, void *stop_arg), void *stop_arg);

/** An @at_stop that kills at one stop. @stop_arg is an unsigned: its number. */
bool stepper_kill_at(const struct stepper_stop *stop, void *stop_arg);

#endif
