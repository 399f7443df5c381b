/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The field tables of ipc.h. The order here is the order on the wire; a change
 * of it is a new WIRE_VERSION, although all ends of a channel come from one
 * build and one installation.
 */
#include "ipc.h"

#define U8(s, m)                                                                                   \
	{                                                                                          \
		WIRE_U8, 0, offsetof(struct s, m)                                                  \
	}
#define U16(s, m)                                                                                  \
	{                                                                                          \
		WIRE_U16, 0, offsetof(struct s, m)                                                 \
	}
#define U32(s, m)                                                                                  \
	{                                                                                          \
		WIRE_U32, 0, offsetof(struct s, m)                                                 \
	}
#define U64(s, m)                                                                                  \
	{                                                                                          \
		WIRE_U64, 0, offsetof(struct s, m)                                                 \
	}
#define I64(s, m)                                                                                  \
	{                                                                                          \
		WIRE_I64, 0, offsetof(struct s, m)                                                 \
	}
#define BYTES(s, m, max)                                                                           \
	{                                                                                          \
		WIRE_BYTES, max, offsetof(struct s, m)                                             \
	}
#define FIXED(s, m)                                                                                \
	{                                                                                          \
		WIRE_FIXED, sizeof(((struct s *)0)->m), offsetof(struct s, m)                      \
	}
#define U64S(s, m)                                                                                 \
	{                                                                                          \
		WIRE_U64S, sizeof(((struct s *)0)->m) / 8, offsetof(struct s, m)                   \
	}

static const struct wire_field scan_path_fields[] = {
	U8(ipc_scan_path, kind), BYTES(ipc_scan_path, path, IPC_PATH_MAX)};
static const struct wire_field scan_start_fields[] = {U8(ipc_scan_start, type),
	U8(ipc_scan_start, flags), U16(ipc_scan_start, n_lanes),
	U64(ipc_scan_start, file_cpu_max_ns), U64(ipc_scan_start, stall_ns),
	U64(ipc_scan_start, worker_files_max), U32(ipc_scan_start, recent_days)};
static const struct wire_field scan_engine_fields[] = {U64(ipc_scan_engine, generation)};
static const struct wire_field scan_control_fields[] = {
	U8(ipc_scan_control, command), U64(ipc_scan_control, value)};
static const struct wire_field scan_hello_fields[] = {U64(ipc_scan_hello, pid)};
static const struct wire_field scan_progress_fields[] = {U64S(ipc_scan_progress, results),
	U64(ipc_scan_progress, n_found), U64(ipc_scan_progress, n_directories),
	U64(ipc_scan_progress, n_bytes), U64(ipc_scan_progress, n_bytes_total_hint),
	U64(ipc_scan_progress, n_files_total_hint), U8(ipc_scan_progress, is_walk_done),
	U64(ipc_scan_progress, n_lanes_busy), U64(ipc_scan_progress, n_excluded),
	U64(ipc_scan_progress, lanes_ns), U64(ipc_scan_progress, held_ns),
	BYTES(ipc_scan_progress, path, IPC_PATH_MAX)};
static const struct wire_field scan_detection_fields[] = {
	BYTES(ipc_scan_detection, path, IPC_PATH_MAX),
	BYTES(ipc_scan_detection, container, IPC_PATH_MAX),
	BYTES(ipc_scan_detection, signature, IPC_NAME_MAX), FIXED(ipc_scan_detection, sha256),
	FIXED(ipc_scan_detection, sha1), U8(ipc_scan_detection, has_hashes),
	U64(ipc_scan_detection, size), U32(ipc_scan_detection, uid), U32(ipc_scan_detection, gid),
	U32(ipc_scan_detection, mode), U64(ipc_scan_detection, dev), U64(ipc_scan_detection, ino),
	U64(ipc_scan_detection, nlink), I64(ipc_scan_detection, mtime_ns),
	U64(ipc_scan_detection, n_executing), U64S(ipc_scan_detection, executing_pids)};
static const struct wire_field scan_notice_fields[] = {U8(ipc_scan_notice, kind),
	BYTES(ipc_scan_notice, path, IPC_PATH_MAX), BYTES(ipc_scan_notice, text, IPC_TEXT_MAX)};
static const struct wire_field scan_done_fields[] = {U8(ipc_scan_done, is_cancelled),
	U32(ipc_scan_done, error), BYTES(ipc_scan_done, text, IPC_TEXT_MAX)};
static const struct wire_field scan_mount_fields[] = {U8(ipc_scan_mount, has_begun),
	U8(ipc_scan_mount, is_whole), BYTES(ipc_scan_mount, point, IPC_PATH_MAX),
	BYTES(ipc_scan_mount, type, IPC_NAME_MAX)};
static const struct wire_field scan_wait_fields[] = {U8(ipc_scan_wait, is_walk_waiting),
	U16(ipc_scan_wait, n_lanes), U64(ipc_scan_wait, waited_ns),
	BYTES(ipc_scan_wait, point, IPC_PATH_MAX), BYTES(ipc_scan_wait, type, IPC_NAME_MAX),
	BYTES(ipc_scan_wait, path, IPC_PATH_MAX)};
static const struct wire_field engine_ready_fields[] = {U64(ipc_engine_ready, n_signatures),
	U64(ipc_engine_ready, load_cpu_ns), BYTES(ipc_engine_ready, engine_version, IPC_TEXT_MAX),
	BYTES(ipc_engine_ready, set_version, IPC_TEXT_MAX),
	I64(ipc_engine_ready, set_time_unix_ms)};
static const struct wire_field engine_failed_fields[] = {
	U32(ipc_engine_failed, error), BYTES(ipc_engine_failed, text, IPC_TEXT_MAX)};
static const struct wire_field engine_worker_fields[] = {U8(ipc_engine_worker, is_started),
	U16(ipc_engine_worker, lane), U32(ipc_engine_worker, generation),
	U64(ipc_engine_worker, pid), U32(ipc_engine_worker, wait_status),
	U64(ipc_engine_worker, cpu_ns)};
static const struct wire_field fork_request_fields[] = {
	U16(ipc_fork_request, lane), U64(ipc_fork_request, serial)};
static const struct wire_field fork_kill_fields[] = {
	U16(ipc_fork_kill, lane), U32(ipc_fork_kill, generation)};
static const struct wire_field fork_started_fields[] = {U16(ipc_fork_started, lane),
	U64(ipc_fork_started, serial), U32(ipc_fork_started, error),
	U32(ipc_fork_started, generation), U64(ipc_fork_started, pid)};
static const struct wire_field fork_ended_fields[] = {U16(ipc_fork_ended, lane),
	U32(ipc_fork_ended, generation), U64(ipc_fork_ended, pid), U32(ipc_fork_ended, wait_status),
	U8(ipc_fork_ended, is_killed)};
static const struct wire_field work_file_fields[] = {
	U64(ipc_work_file, serial), U64(ipc_work_file, size)};
static const struct wire_field work_ready_fields[] = {U64(ipc_work_ready, pid)};
static const struct wire_field work_verdict_fields[] = {U64(ipc_work_verdict, serial),
	U8(ipc_work_verdict, code), U32(ipc_work_verdict, error),
	BYTES(ipc_work_verdict, signature, IPC_NAME_MAX),
	BYTES(ipc_work_verdict, container, IPC_PATH_MAX),
	BYTES(ipc_work_verdict, text, IPC_TEXT_MAX), U64(ipc_work_verdict, cpu_ns)};

static const struct wire_field move_name_fields[] = {BYTES(ipc_move_name, path, IPC_PATH_MAX)};
static const struct wire_field move_file_fields[] = {U64(ipc_move_file, serial),
	U8(ipc_move_file, action), U64(ipc_move_file, dev), U64(ipc_move_file, ino),
	U64(ipc_move_file, size), I64(ipc_move_file, mtime_ns), I64(ipc_move_file, ctime_ns),
	U8(ipc_move_file, has_hash), FIXED(ipc_move_file, sha256),
	BYTES(ipc_move_file, threat_name, IPC_TEXT_MAX),
	BYTES(ipc_move_file, detection_id, IPC_TEXT_MAX),
	BYTES(ipc_move_file, reason, IPC_TEXT_MAX)};
static const struct wire_field move_item_fields[] = {
	U64(ipc_move_item, serial), FIXED(ipc_move_item, id)};
static const struct wire_field move_list_fields[] = {
	U64(ipc_move_list, serial), FIXED(ipc_move_list, after), U16(ipc_move_list, n_max)};
static const struct wire_field move_seek_fields[] = {
	U64(ipc_move_seek, serial), BYTES(ipc_move_seek, hash, IPC_MOVE_HASH_MAX)};
static const struct wire_field move_stop_fields[] = {U64(ipc_move_stop, serial),
	U64(ipc_move_stop, dev), U64(ipc_move_stop, ino), U64(ipc_move_stop, size),
	I64(ipc_move_stop, mtime_ns), I64(ipc_move_stop, ctime_ns), FIXED(ipc_move_stop, sha256)};
static const struct wire_field move_found_fields[] = {U64(ipc_move_found, serial),
	U64(ipc_move_found, dev), U64(ipc_move_found, ino), U64(ipc_move_found, size),
	I64(ipc_move_found, mtime_ns), I64(ipc_move_found, ctime_ns), FIXED(ipc_move_found, sha256),
	FIXED(ipc_move_found, sha1), U8(ipc_move_found, name),
	BYTES(ipc_move_found, path, IPC_PATH_MAX), U64(ipc_move_found, n_pids),
	U64S(ipc_move_found, pids)};
static const struct wire_field move_entry_fields[] = {U64(ipc_move_entry, serial),
	FIXED(ipc_move_entry, id), U8(ipc_move_entry, is_damaged),
	BYTES(ipc_move_entry, path, IPC_PATH_MAX), BYTES(ipc_move_entry, threat_name, IPC_TEXT_MAX),
	BYTES(ipc_move_entry, detection_id, IPC_TEXT_MAX),
	BYTES(ipc_move_entry, reason, IPC_TEXT_MAX), FIXED(ipc_move_entry, sha256),
	FIXED(ipc_move_entry, sha1), U64(ipc_move_entry, size), U32(ipc_move_entry, uid),
	U64(ipc_move_entry, n_names), I64(ipc_move_entry, quarantined_unix_ms)};
static const struct wire_field move_recovered_fields[] = {FIXED(ipc_move_recovered, id),
	U8(ipc_move_recovered, end), U8(ipc_move_recovered, was_over),
	BYTES(ipc_move_recovered, path, IPC_PATH_MAX),
	BYTES(ipc_move_recovered, detection_id, IPC_TEXT_MAX),
	BYTES(ipc_move_recovered, text, IPC_TEXT_MAX)};
static const struct wire_field move_hello_fields[] = {
	U64(ipc_move_hello, pid), U64(ipc_move_hello, n_pending)};
static const struct wire_field move_result_fields[] = {U64(ipc_move_result, serial),
	U8(ipc_move_result, outcome), U32(ipc_move_result, error), FIXED(ipc_move_result, id),
	U64(ipc_move_result, n_names), U64(ipc_move_result, n_names_left),
	U8(ipc_move_result, is_executing), U64(ipc_move_result, n_attributes_left),
	BYTES(ipc_move_result, path, IPC_PATH_MAX), BYTES(ipc_move_result, text, IPC_TEXT_MAX)};

#define MESSAGE(type, s)                                                                           \
	{                                                                                          \
		type, #s, sizeof(struct ipc_##s), s##_fields,                                      \
			sizeof(s##_fields) / sizeof(s##_fields[0])                                 \
	}

static const struct wire_message ipc_messages[] = {
	MESSAGE(IPC_SCAN_PATH, scan_path),
	MESSAGE(IPC_SCAN_START, scan_start),
	MESSAGE(IPC_SCAN_ENGINE, scan_engine),
	MESSAGE(IPC_SCAN_CONTROL, scan_control),
	MESSAGE(IPC_SCAN_HELLO, scan_hello),
	MESSAGE(IPC_SCAN_PROGRESS, scan_progress),
	MESSAGE(IPC_SCAN_DETECTION, scan_detection),
	MESSAGE(IPC_SCAN_NOTICE, scan_notice),
	MESSAGE(IPC_SCAN_DONE, scan_done),
	MESSAGE(IPC_SCAN_MOUNT, scan_mount),
	MESSAGE(IPC_SCAN_WAIT, scan_wait),
	MESSAGE(IPC_ENGINE_READY, engine_ready),
	MESSAGE(IPC_ENGINE_FAILED, engine_failed),
	MESSAGE(IPC_ENGINE_WORKER, engine_worker),
	MESSAGE(IPC_FORK_REQUEST, fork_request),
	MESSAGE(IPC_FORK_KILL, fork_kill),
	MESSAGE(IPC_FORK_STARTED, fork_started),
	MESSAGE(IPC_FORK_ENDED, fork_ended),
	MESSAGE(IPC_WORK_FILE, work_file),
	MESSAGE(IPC_WORK_READY, work_ready),
	MESSAGE(IPC_WORK_VERDICT, work_verdict),
	MESSAGE(IPC_WORK_FOUND, work_verdict),
	MESSAGE(IPC_MOVE_NAME, move_name),
	MESSAGE(IPC_MOVE_FILE, move_file),
	MESSAGE(IPC_MOVE_RESTORE, move_item),
	MESSAGE(IPC_MOVE_DELETE, move_item),
	MESSAGE(IPC_MOVE_LIST, move_list),
	MESSAGE(IPC_MOVE_SEEK, move_seek),
	MESSAGE(IPC_MOVE_STOP, move_stop),
	MESSAGE(IPC_MOVE_RECOVERED, move_recovered),
	MESSAGE(IPC_MOVE_HELLO, move_hello),
	MESSAGE(IPC_MOVE_RESULT, move_result),
	MESSAGE(IPC_MOVE_ITEM, move_entry),
	MESSAGE(IPC_MOVE_FOUND, move_found),
};

const struct wire_message *ipc_describe(uint16_t type)
{
	for (size_t i = 0; i < sizeof(ipc_messages) / sizeof(ipc_messages[0]); i++)
		if (ipc_messages[i].type == type)
			return &ipc_messages[i];
	return NULL;
}
