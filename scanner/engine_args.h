/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of quietscan-engine. Descriptors are inherited by number
 * and named here; the daemon writes all of it, so a mistake is a mistake of
 * ours and ends the program with a usage line. Pure but for that line.
 */
#ifndef QS_ENGINE_ARGS_H
#define QS_ENGINE_ARGS_H

#include "err.h"
#include "log.h"
#include "sandbox.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct engine_args {
	int control_fd;         /**< --control-fd: the daemon. */
	int fork_fd;            /**< --fork-fd: the scanner; -1 = load only (a test load). */
	int grants_fd;          /**< --grants-fd: the grant page. */
	uint32_t generation;    /**< --generation: of the zygote's slot, default 1. */
	const char *signatures; /**< --signatures: directory. */
	const char *temp_dir;   /**< --temp-dir: existing directory, ours alone. */
	bool has_ids;           /**< --uid and --gid were given. */
	uid_t uid;
	gid_t gid;
	uint64_t max_file_size; /**< --max-file-size and so on: see struct engine_config. */
	uint64_t max_scan_size;
	uint32_t max_recursion;
	uint32_t max_files;
	uint64_t memory_limit;    /**< --memory-limit: bytes a worker may add. */
	uint64_t temp_size;       /**< --temp-size: bytes of a worker's temporary files. */
	enum sandbox_walls walls; /**< --walls auto|landlock|chroot, default auto. */
	enum log_level log_level; /**< --log-level, default warn. */
};

/**
 * Parse.
 *
 * @argsp  Set when 0 is returned; strings point into @argv.
 * @msg    What is wrong, with the option's name.
 * @return 0 or -EINVAL.
 */
int engine_args_parse(int argc, char *argv[], struct engine_args *argsp, struct errmsg *msg);

#endif
