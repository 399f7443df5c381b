/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-engine: the zygote and, after a fork, its workers.
 *
 *   main → engine_args_parse
 *        → zygote_run → zygote_home_enter → grant_timer_start
 *                     → engine_load → zygote_loop → fork → worker_run
 *                                                          → sandbox_enter
 *                                                          → engine_scan
 *
 * Started by the daemon only; docs/engine.md.
 */
#include "engine_args.h"
#include "zygote.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

enum {
	/* glibc's highest (HEAP_MAX_SIZE / 2). libclamav allocates and frees some megabytes a
	 * file; as separate mappings each page of them is faulted in again for every file. */
	ENGINE_MAIN_MMAP_THRESHOLD = 32 * 1024 * 1024,
	ENGINE_MAIN_TRIM_THRESHOLD = 64 * 1024 * 1024,
};

int main(int argc, char *argv[])
{
	struct errmsg msg = ERRMSG_NULL;
	struct engine_args args;

	if (engine_args_parse(argc, argv, &args, &msg) < 0) {
		(void)fprintf(stderr, "quietscan-engine: %s\n", msg.text);
		return CHILD_EXIT_USAGE;
	}
	log_init("quietscan-engine", args.log_level);
	(void)mallopt(M_ARENA_MAX, 1);
	(void)mallopt(M_MMAP_THRESHOLD, ENGINE_MAIN_MMAP_THRESHOLD);
	(void)mallopt(M_TRIM_THRESHOLD, ENGINE_MAIN_TRIM_THRESHOLD);
	/* No exit handlers: libraries' destructors have nothing to do that exiting does not. */
	_exit((int)zygote_run(&args));
}
