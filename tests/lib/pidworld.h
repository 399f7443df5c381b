/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world in which a test sees and reaches its own processes only: a PID
 * namespace with a /proc of its own. For what ends processes that it finds: a
 * mistake there must not reach the machine's.
 *
 * Needs root. One thread.
 */
#ifndef QS_PIDWORLD_H
#define QS_PIDWORLD_H

/**
 * Run in such a world. Before that it is made sure that it is one.
 *
 * @run     What the test does; in a process that is not the world's first.
 * @return  What @run returned; UNIT_SKIPPED when there can be no such world, and
 *          then nothing was run. A process that was killed is a failure (1).
 */
int pidworld_run(int (*run)(void));

#endif
