/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What our processes have fetched from block devices: one sum that only grows,
 * of the kernel's own figures (read_bytes of /proc/PID/io, proc_pid_io(5)).
 * What comes out of the page cache is not in it, a read-ahead is, when it is
 * asked for.
 *
 * A process cannot lie about it, and a worker that ends takes nothing with it:
 * the kernel adds the figures of a child to those of the parent that waits for
 * it, so they are found again in the zygote's.
 *
 * Hands (/proc). Under the governor's lock. Never allocates, never sleeps.
 * Reading another uid's figure takes CAP_SYS_PTRACE (PTRACE_MODE_READ,
 * ptrace(2)); the kernel needs CONFIG_TASK_IO_ACCOUNTING.
 */
#ifndef QS_READ_METER_H
#define QS_READ_METER_H

#include "grant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** One process. */
struct read_meter_source {
	bool is_open;     /**< There is somebody, and he has not been waited for. */
	int fd;           /**< Its /proc/PID/io, CLOEXEC. */
	uint64_t base;    /**< Bytes that are not counted. */
	uint64_t n_bytes; /**< Counted, as of the last reading. */
};

/** Zero-initialise: nobody in any slot. */
struct read_meter {
	/* state */
	int error;      /**< Why a process could not be read, -errno; 0 = all were. Kept. */
	uint64_t taken; /**< The part of the sum that was taken. */
	struct read_meter_source sources[GRANT_N_SLOTS];
};

/** Forget everybody, close all descriptors; as zero-initialised. Idempotent. */
void read_meter_reset(struct read_meter *rm);

/**
 * A process in a slot, replacing who was there. One that has ended already
 * counts nothing. One that cannot be read counts nothing and sets error.
 *
 * @is_from_birth  What it has fetched so far counts; otherwise it begins now.
 * @return         0; -EACCES, -EPERM: not ours to read; -ENOENT: the kernel keeps no
 *                 such figures; other -errno of open(2) and read(2).
 */
int read_meter_add(struct read_meter *rm, size_t slot, pid_t pid, bool is_from_birth);

/**
 * The slot's process was reaped. A worker's bytes are the zygote's from now on;
 * with the zygote its workers are forgotten too.
 */
void read_meter_remove(struct read_meter *rm, size_t slot);

/** Read everybody. @return Bytes fetched since the last call. */
uint64_t read_meter_take(struct read_meter *rm);

#endif
