/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table of numbers, each with its range: a forgotten or absurd limit must
 * not silently become "no limit".
 */
#include "engine_args.h"

#include "number.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

enum {
	ENGINE_ARGS_FD_MAX = 1024,
	/* libclamav caps recursion itself (CLI_MAX_MAXREC). */
	ENGINE_ARGS_RECURSION_MAX = 100,
};

/* 2 GiB - 1: what libclamav takes as a size of one file (INT_MAX, clamav.h). */
#define ENGINE_ARGS_FILE_SIZE_MAX UINT64_C(0x7fffffff)
#define ENGINE_ARGS_SIZE_MAX (UINT64_C(1) << 46)

enum engine_args_kind { ENGINE_ARGS_INT, ENGINE_ARGS_U32, ENGINE_ARGS_U64, ENGINE_ARGS_STRING };

struct engine_args_option {
	const char *name;
	enum engine_args_kind kind;
	size_t offset;
	uint64_t min;
	uint64_t max;
	bool is_optional;
};

#define ENGINE_ARGS_AT(member) offsetof(struct engine_args, member)

static const struct engine_args_option engine_args_options[] = {
	{"control-fd", ENGINE_ARGS_INT, ENGINE_ARGS_AT(control_fd), 3, ENGINE_ARGS_FD_MAX, false},
	{"fork-fd", ENGINE_ARGS_INT, ENGINE_ARGS_AT(fork_fd), 3, ENGINE_ARGS_FD_MAX, true},
	{"grants-fd", ENGINE_ARGS_INT, ENGINE_ARGS_AT(grants_fd), 3, ENGINE_ARGS_FD_MAX, false},
	{"generation", ENGINE_ARGS_U32, ENGINE_ARGS_AT(generation), 1, UINT32_MAX, true},
	{"signatures", ENGINE_ARGS_STRING, ENGINE_ARGS_AT(signatures), 0, 0, false},
	{"temp-dir", ENGINE_ARGS_STRING, ENGINE_ARGS_AT(temp_dir), 0, 0, false},
	{"uid", ENGINE_ARGS_U32, ENGINE_ARGS_AT(uid), 0, UINT32_MAX - 1, true},
	{"gid", ENGINE_ARGS_U32, ENGINE_ARGS_AT(gid), 0, UINT32_MAX - 1, true},
	{"max-file-size", ENGINE_ARGS_U64, ENGINE_ARGS_AT(max_file_size), 1,
		ENGINE_ARGS_FILE_SIZE_MAX, false},
	{"max-scan-size", ENGINE_ARGS_U64, ENGINE_ARGS_AT(max_scan_size), 1, ENGINE_ARGS_SIZE_MAX,
		false},
	{"max-recursion", ENGINE_ARGS_U32, ENGINE_ARGS_AT(max_recursion), 1,
		ENGINE_ARGS_RECURSION_MAX, false},
	{"max-files", ENGINE_ARGS_U32, ENGINE_ARGS_AT(max_files), 1, UINT32_MAX, false},
	{"memory-limit", ENGINE_ARGS_U64, ENGINE_ARGS_AT(memory_limit), 1 << 20,
		ENGINE_ARGS_SIZE_MAX, false},
	{"temp-size", ENGINE_ARGS_U64, ENGINE_ARGS_AT(temp_size), 1 << 12, ENGINE_ARGS_SIZE_MAX,
		false},
};

enum {
	ENGINE_ARGS_N = sizeof(engine_args_options) / sizeof(engine_args_options[0]),
	ENGINE_ARGS_WALLS = ENGINE_ARGS_N,
	ENGINE_ARGS_LOG_LEVEL,
	ENGINE_ARGS_ALL,
};

_Static_assert(sizeof(uid_t) == sizeof(uint32_t) && sizeof(gid_t) == sizeof(uint32_t),
	"ids are stored as 32-bit numbers");

static int engine_args_store(struct engine_args *args, const struct engine_args_option *option,
	char *text, struct errmsg *msg)
{
	void *at = (char *)args + option->offset;
	int64_t value;

	if (option->kind == ENGINE_ARGS_STRING) {
		*(const char **)at = text;
		return 0;
	}
	if (number_parse(text, (int64_t)option->min, (int64_t)option->max, &value) < 0) {
		errmsg_set(msg, "--%s %s: not a number from %llu to %llu", option->name, text,
			(unsigned long long)option->min, (unsigned long long)option->max);
		return -EINVAL;
	}
	if (option->kind == ENGINE_ARGS_U64)
		*(uint64_t *)at = (uint64_t)value;
	else if (option->kind == ENGINE_ARGS_U32)
		*(uint32_t *)at = (uint32_t)value;
	else
		*(int *)at = (int)value;
	return 0;
}

static int engine_args_take(struct engine_args *args, int index, char *text, struct errmsg *msg)
{
	int r = 0;

	if (index < ENGINE_ARGS_N)
		return engine_args_store(args, &engine_args_options[index], text, msg);
	if (index == ENGINE_ARGS_WALLS)
		r = sandbox_walls_parse(text, &args->walls);
	else
		r = log_level_parse(text, &args->log_level);
	if (r < 0)
		errmsg_set(msg, "%s: unknown value", text);
	return r;
}

static int engine_args_check(const bool seen[], struct engine_args *args, struct errmsg *msg)
{
	bool has_uid = false;
	bool has_gid = false;

	for (int i = 0; i < ENGINE_ARGS_N; i++) {
		if (!seen[i] && !engine_args_options[i].is_optional) {
			errmsg_set(msg, "--%s is missing", engine_args_options[i].name);
			return -EINVAL;
		}
		has_uid |= seen[i] && strcmp(engine_args_options[i].name, "uid") == 0;
		has_gid |= seen[i] && strcmp(engine_args_options[i].name, "gid") == 0;
	}
	if (has_uid != has_gid) {
		errmsg_set(msg, "--uid and --gid go together");
		return -EINVAL;
	}
	args->has_ids = has_uid;
	return 0;
}

int engine_args_parse(int argc, char *argv[], struct engine_args *argsp, struct errmsg *msg)
{
	struct option longs[ENGINE_ARGS_ALL + 1] = {
		[ENGINE_ARGS_WALLS] = {"walls", required_argument, NULL, 0},
		[ENGINE_ARGS_LOG_LEVEL] = {"log-level", required_argument, NULL, 0},
	};
	struct engine_args args = {.control_fd = -1,
		.fork_fd = -1,
		.grants_fd = -1,
		.generation = 1,
		.walls = SANDBOX_WALLS_AUTO,
		.log_level = LOG_LEVEL_WARN};
	bool seen[ENGINE_ARGS_ALL] = {false};
	int c, index, r;

	for (int i = 0; i < ENGINE_ARGS_N; i++)
		longs[i] = (struct option){engine_args_options[i].name, required_argument, NULL, 0};
	optind = 0;
	while ((c = getopt_long(argc, argv, ":", longs, &index)) == 0) {
		r = engine_args_take(&args, index, optarg, msg);
		if (r < 0)
			return r;
		seen[index] = true;
	}
	if (c != -1 || optind != argc) {
		errmsg_set(msg, "%s: not an option, or its value is missing",
			argv[c == -1 ? optind : optind - 1]);
		return -EINVAL;
	}
	r = engine_args_check(seen, &args, msg);
	if (r == 0)
		*argsp = args;
	return r;
}
