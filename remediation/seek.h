/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The executables of running processes by their content, and the end of the
 * processes that run one: what StopAndQuarantineFile needs, which knows a hash
 * and no path.
 *
 * A process is found by what /proc/PID/exe leads to, so also when the file has
 * no name any more, never had one or has it in another mount namespace. What
 * the kernel does not show (no CAP_SYS_PTRACE for other users' processes) is
 * counted, not found; what may not be signalled (no CAP_KILL) is told.
 *
 * Hands: /proc, reads executables, signals. Any thread. A mount that hangs
 * holds the caller: only in a process that can be given up.
 */
#ifndef QS_SEEK_H
#define QS_SEEK_H

#include "err.h"
#include "span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** What became of the name by which a file was executed. */
enum seek_name {
	SEEK_NAME_THERE,   /**< path leads to the file. */
	SEEK_NAME_GONE,    /**< Its name was removed; path is what it was. */
	SEEK_NAME_NEVER,   /**< memfd_create(2); path is "/memfd:" and a word. */
	SEEK_NAME_FOREIGN, /**< Not by this path here: another mount namespace, or another
				  file has the name by now. */
	SEEK_NAME_N,
};

/** An executable that has the hash. */
struct seek_file {
	uint64_t dev; /**< st_dev. */
	uint64_t ino; /**< st_ino. */
	uint64_t size;
	int64_t mtime_ns; /**< Since 1970. */
	int64_t ctime_ns; /**< Likewise. */
	char sha256[65];  /**< Lower-case hex. */
	char sha1[41];    /**< Likewise. */
	enum seek_name name;
	struct span path;  /**< As the kernel tells, raw bytes, without its " (deleted)". */
	const pid_t *pids; /**< Who runs it, ascending; they may have ended since. */
	size_t n_pids;     /**< At least 1. */
};

/** What was looked at, so that "not found" can be weighed. */
struct seek_totals {
	uint64_t n_processes;  /**< Whose executable was seen. */
	uint64_t n_unread;     /**< Of these: whose file is one of the last four. */
	uint64_t n_hidden;     /**< Whose executable the kernel does not show us. */
	uint64_t n_hashed;     /**< Different files. */
	uint64_t n_too_large;  /**< Files not read: more than size_max. */
	uint64_t n_unreadable; /**< Files that are not regular, or could not be read. */
	uint64_t n_changed;    /**< Files that were written to while they were read. */
	uint64_t n_beyond;     /**< Files not read (to their end) any more: total_max, time_ms. */
};

struct seek_config {
	const char *hash;  /**< 40 hex digits (SHA-1) or 64 (SHA-256), any case. */
	uint64_t size_max; /**< Bytes; larger files are not read. */
	/**
	 * Bytes of all files together: what does not fit any more is not read, smaller
	 * ones are. 0: no bound.
	 */
	uint64_t total_max;
	uint64_t time_ms; /**< Wall time after which nothing is read any more. 0: no bound. */
	/**
	 * Each file that has the hash, when all processes were looked at.
	 *
	 * @file    With all that it points to valid for the call only.
	 * @return  0; anything else ends seek_processes() with it.
	 */
	int (*on_found)(void *data, const struct seek_file *file);
	void *data;
};

/**
 * Look for running executables by hash. Each file is read once, however many
 * processes run it, at the pace (pace.h); nothing is opened for reading before it is
 * known to be a regular file. When a bound is reached all processes are looked at
 * all the same, and whose file is not read is counted.
 *
 * @totalsp  Set in every case but -EINVAL.
 * @return   0, found or not; what on_found returned; -EINVAL the hash is none;
 *           -ENOMEM; -errno when /proc cannot be read.
 */
int seek_processes(const struct seek_config *config, struct seek_totals *totalsp);

enum seek_stop_end {
	SEEK_STOP_ENDED,   /**< Killed, and it is gone. */
	SEEK_STOP_LEFT,    /**< Killed, and still there when the time was over. */
	SEEK_STOP_REFUSED, /**< One of ours: not touched. */
	SEEK_STOP_FAILED,  /**< It could not be killed; see error. */
};

struct seek_stop_config {
	/**
	 * Of struct seek_file. Device and inode say where to look; that it is still
	 * that file is said by size and times or, where one of them is another by
	 * now, by its content.
	 */
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	int64_t mtime_ns;
	int64_t ctime_ns;
	const char *sha256;  /**< 64 hex digits, lower case. */
	const pid_t *spared; /**< More processes of ours that are not to be touched. */
	size_t n_spared;
	bool is_spared;   /**< The file is ours: nobody who executes it is touched. */
	unsigned wait_ms; /**< For all of them to end, in all. */
	/**
	 * What became of a process; once for each.
	 *
	 * @error  -errno for SEEK_STOP_FAILED, else 0.
	 */
	void (*on_process)(void *data, pid_t pid, enum seek_stop_end end, int error);
	void *data;
};

/**
 * Kill (SIGKILL) every process that executes a file, those that begin meanwhile
 * too. Each is held by a pidfd before it is looked at once more, so the signal
 * reaches the process that was looked at or nobody. Who executes another file that
 * has got the inode since is not touched and not told. Not killed are process 1,
 * the caller, its parent and @spared; nobody when the file @is_spared.
 *
 * @return 0 when all that were found are told, whatever became of them;
 *         -ENOMEM, -errno when /proc cannot be read: some may have been killed,
 *         and nothing is told.
 */
int seek_stop(const struct seek_stop_config *config);

#endif
