/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libclamav, and nothing else of ours includes clamav.h. Loads a signature set
 * and judges open files by the seven rules of docs/engine.md: nothing is
 * called clean but a whole scan without any error.
 *
 * Hands. A process has one engine and one thread: libclamav keeps call-backs
 * and messages in globals, and the guards (read_guard.h, engine_guard.h) do too.
 */
#ifndef QS_ENGINE_H
#define QS_ENGINE_H

#include "err.h"
#include "ipc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ENGINE_E_SIGNATURES = 1, /**< No set, or a broken one; the message has the file. */
};

struct engine_config {
	const char *signatures; /**< Directory with the database files. */
	const char *temp_dir;   /**< Existing, writable; see engine_set_temp_dir(). */
	uint64_t max_file_size; /**< Bytes; a larger file or member is a limit hit. */
	uint64_t max_scan_size; /**< Bytes of one file with all that is in it. */
	uint32_t max_recursion; /**< Containers within containers. */
	uint32_t max_files;     /**< Members of one file. */
};

/** What was loaded. Strings are the engine's, valid as long as it is. */
struct engine_info {
	uint64_t n_signatures;
	const char *version;      /**< cl_retver() */
	const char *set_version;  /**< "daily 27000 24 Nov 2026 …", "" without such headers. */
	int64_t set_time_unix_ms; /**< Newest build time in the headers, 0 = unknown. */
};

/** Settings read back from libclamav, for tests of the rules. */
struct engine_settings {
	uint64_t max_scan_time_ms;
	uint64_t bytecode_timeout_ms;
	bool is_cache_off;
	bool has_unsigned_bytecode;
};

struct engine_verdict {
	enum ipc_work_code code;
	int error; /**< errno of READ_ERROR, DENIED and of a lacking resource; else 0. */
	size_t n_signature;
	char signature[IPC_NAME_MAX]; /**< Of INFECTED and LIMIT; not NUL-terminated. */
	size_t n_container;
	char container[IPC_PATH_MAX]; /**< Of INFECTED; see engine_path.h. */
	char text[IPC_TEXT_MAX];      /**< NUL-terminated, for people; "" when clean. */
};

struct engine;

/**
 * Load and compile a signature set. Signatures are trusted to be what the
 * operator chose, not to be free of faults: call it with the engine's own uid.
 *
 * @config   Borrowed for the call.
 * @enginep  Set when 0 is returned; engine_free() it.
 * @msg      "no signature database in DIR", or file and reason.
 * @return   0; ENGINE_E_SIGNATURES; -ENOMEM.
 */
int engine_load(const struct engine_config *config, struct engine **enginep, struct errmsg *msg);

/** Free; takes NULL. */
void engine_free(struct engine *engine);

/** What was loaded. */
void engine_describe(const struct engine *engine, struct engine_info *infop);

/** The settings in force. */
void engine_settings_read(const struct engine *engine, struct engine_settings *settingsp);

/**
 * Open now what libclamav opens on its first use (character set tables, time
 * zone, hash providers): inside the sandbox nothing can be opened any more. Scans
 * a few bytes of our own.
 *
 * @return 0; -EIO when even that scan failed; the message says why.
 */
int engine_warm_up(struct engine *engine, struct errmsg *msg);

/**
 * Unpack into another directory from now on; for a forked worker.
 *
 * @dir    Copied.
 * @return 0 or -ENOMEM.
 */
int engine_set_temp_dir(struct engine *engine, const char *dir);

/**
 * Judge one file. A file that gives more than @size bytes was not scanned
 * whole: libclamav reads up to the size fstat tells, and some file systems tell
 * 0 of files that are full (FUSE with direct I/O).
 *
 * @fd       Regular file, open for reading, offset irrelevant; borrowed.
 * @size     Its size in bytes when it was opened.
 * @verdict  Overwritten; its container path is empty.
 */
void engine_scan(struct engine *engine, int fd, uint64_t size, struct engine_verdict *verdict);

/**
 * Scan an infected file a second time to learn the names around what was
 * found. It takes as long again and can fail as any scan; the verdict stands.
 *
 * @fd       As for engine_scan().
 * @verdict  Its container path is set, empty when it could not be learnt.
 */
void engine_find_container(struct engine *engine, int fd, struct engine_verdict *verdict);

#endif
