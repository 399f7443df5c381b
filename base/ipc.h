/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every message between quietscan's processes, in one place. Five channels,
 * each an AF_UNIX SOCK_SEQPACKET pair made by the daemon (or, for a worker, by
 * the lane that owns it):
 *
 *   daemon  ↔ scanner   fd 3 of the scanner   ipc_scan_*
 *   daemon  ↔ zygote    fd 3 of the engine    ipc_engine_*
 *   scanner ↔ zygote    fd 4 of both          ipc_fork_*
 *   lane    ↔ worker    fd 3 of the worker    ipc_work_*
 *   daemon  ↔ remediate fd 3 of the process   ipc_move_*
 *
 * Who may send what in which phase: docs/ipc.md. A message that is not
 * allowed is a protocol violation: the receiver ends the sender.
 *
 * Tables and structs are pure. Spans in a decoded struct point into the
 * receive buffer.
 */
#ifndef QS_IPC_H
#define QS_IPC_H

#include "span.h"
#include "wire.h"
#include "words.h"

#include <stdint.h>

enum {
	IPC_PATH_MAX = 32768,        /**< Bytes of a path; a longer one is cut and says so. */
	IPC_NAME_MAX = 1024,         /**< Signature names, container paths are IPC_PATH_MAX. */
	IPC_TEXT_MAX = 1024,         /**< Sentences for people. */
	IPC_MESSAGE_MAX = 80 * 1024, /**< Below the default socket buffer of 208 KiB. */
	IPC_FDS_MAX = 4,             /**< Descriptors with one message. */
	IPC_EXECUTING_MAX = 16,      /**< Processes that are told of those that run a file. */
	IPC_LANES_MAX = 64,          /**< As Defender's maximumOnDemandScanThreads. */
	IPC_MOVE_NAMES_MAX = 64,     /**< Names of one file in one request. */
	IPC_MOVE_ID_LENGTH = 32,     /**< Lower-case hex of an item in quarantine. */
	IPC_MOVE_ITEMS_MAX = 64,     /**< Items one LIST tells. */
	IPC_MOVE_HASH_MAX = 64,      /**< Hex digits of a SHA-256; a SHA-1 has 40. */
	IPC_MOVE_FOUNDS_MAX = 64,    /**< Files one SEEK tells. */
};

enum ipc_type {
	/* daemon → scanner */
	IPC_SCAN_PATH = 0x101, /**< struct ipc_scan_path, any number, before START. */
	IPC_SCAN_START,        /**< struct ipc_scan_start, once. */
	IPC_SCAN_ENGINE,  /**< struct ipc_scan_engine with 1 fd: a fork channel, first or new. */
	IPC_SCAN_CONTROL, /**< struct ipc_scan_control: pause, resume, cancel, lanes. */
	/* scanner → daemon */
	IPC_SCAN_HELLO = 0x181, /**< struct ipc_scan_hello, first message, confined and ready. */
	IPC_SCAN_PROGRESS,      /**< struct ipc_scan_progress, four a second and before DONE. */
	IPC_SCAN_DETECTION,     /**< struct ipc_scan_detection, one for each infected name. */
	IPC_SCAN_NOTICE,        /**< struct ipc_scan_notice: a mount or directory left out, … */
	IPC_SCAN_DONE,          /**< struct ipc_scan_done, last message. */
	IPC_SCAN_MOUNT,         /**< struct ipc_scan_mount: one that is scanned apart. */
	IPC_SCAN_WAIT,          /**< struct ipc_scan_wait, after a PROGRESS: heartbeat of a wait. */
	/* zygote → daemon; the daemon only closes its end to say "end" */
	IPC_ENGINE_READY = 0x281, /**< struct ipc_engine_ready: signatures loaded. */
	IPC_ENGINE_FAILED,        /**< struct ipc_engine_failed, last message. */
	IPC_ENGINE_WORKER,        /**< struct ipc_engine_worker: started or ended. */
	/* scanner → zygote */
	IPC_FORK_REQUEST = 0x301, /**< struct ipc_fork_request with 1 fd: the worker's socket. */
	IPC_FORK_KILL,            /**< struct ipc_fork_kill */
	/* zygote → scanner */
	IPC_FORK_STARTED = 0x381, /**< struct ipc_fork_started */
	IPC_FORK_ENDED,           /**< struct ipc_fork_ended */
	/* lane → worker */
	IPC_WORK_FILE = 0x401, /**< struct ipc_work_file with 1 fd. */
	/* worker → lane */
	IPC_WORK_READY = 0x481, /**< struct ipc_work_ready: confined, waiting. */
	IPC_WORK_VERDICT,       /**< struct ipc_work_verdict, one for each IPC_WORK_FILE. */
	IPC_WORK_FOUND, /**< struct ipc_work_verdict, infected, no container; VERDICT follows. */
	/* daemon → remediate */
	IPC_MOVE_NAME = 0x501, /**< struct ipc_move_name, may have 1 fd: its folder. Before FILE. */
	IPC_MOVE_FILE,         /**< struct ipc_move_file: what is to be done with these names. */
	IPC_MOVE_RESTORE,      /**< struct ipc_move_item: put it back. */
	IPC_MOVE_DELETE,       /**< struct ipc_move_item: delete it for good. */
	IPC_MOVE_LIST,         /**< struct ipc_move_list: some ITEMs, then the RESULT. */
	IPC_MOVE_SEEK,         /**< struct ipc_move_seek: some FOUNDs, then the RESULT. */
	IPC_MOVE_STOP,         /**< struct ipc_move_stop: end who executes a file. */
	/* remediate → daemon */
	IPC_MOVE_RECOVERED = 0x581, /**< struct ipc_move_recovered, for each half-done move
				   and those of the last request. */
	IPC_MOVE_HELLO,             /**< struct ipc_move_hello: confined, recovered, ready. */
	IPC_MOVE_RESULT,            /**< struct ipc_move_result, one for each request. */
	IPC_MOVE_ITEM,              /**< struct ipc_move_entry, before the RESULT of a LIST. */
	IPC_MOVE_FOUND,             /**< struct ipc_move_found, before the RESULT of a SEEK. */
};

/* daemon → scanner */

enum ipc_path_kind {
	IPC_PATH_TARGET,            /**< Custom scan: a place to scan. */
	IPC_PATH_EXCLUDE,           /**< Exclusion glob on paths (base/glob.h). */
	IPC_PATH_EXCLUDE_EXTENSION, /**< Exclusion by extension, without its dot. */
	IPC_PATH_OWN,               /**< Skipped with REASON_OWN: the service's own state. */
	IPC_PATH_HUNG,              /**< Point of a local mount that hung: it is scanned apart. */
	IPC_PATH_PASS,              /**< Point of a mount whose pass is to come: targets on it. */
	IPC_PATH_PASS_WHOLE,        /**< The same, and everything on it. */
	IPC_PATH_PASSED,            /**< Point of a mount whose pass is over, done or given up. */
	IPC_PATH_KIND_N,
};

struct ipc_scan_path {
	uint8_t kind;     /**< enum ipc_path_kind */
	struct span path; /**< At most IPC_PATH_MAX bytes, no NUL. */
};

enum ipc_scan_flag {
	IPC_SCAN_REPORT_ALL = 1 << 0,        /**< Report file: every name, not only the notable. */
	IPC_SCAN_IGNORE_EXCLUSIONS = 1 << 1, /**< As mdatp's --ignore-exclusions. */
	IPC_SCAN_KEEP_PAGE_CACHE = 1 << 2,   /**< Drop from it what was not in it before. */
	IPC_SCAN_PASSES_ONLY = 1 << 3,       /**< What is not apart was scanned before. */
	IPC_SCAN_NOTHING_APART = 1 << 4,     /**< Leave out what would be scanned apart. */
};

struct ipc_scan_start {
	uint8_t type;              /**< enum scan_type */
	uint8_t flags;             /**< enum ipc_scan_flag, or-ed. */
	uint16_t n_lanes;          /**< 1 to IPC_LANES_MAX to begin with. */
	uint64_t file_cpu_max_ns;  /**< CPU time one file may take; 0 = no limit. */
	uint64_t stall_ns;         /**< Wall time without CPU progress before a worker is ended. */
	uint64_t worker_files_max; /**< A worker is replaced after that many files. */
	uint32_t recent_days;      /**< Quick: how new in PATH folders is new; 0 = 30 days. */
};

struct ipc_scan_engine {
	uint64_t generation; /**< Counts zygotes of this scan, from 1. */
};

enum ipc_scan_command {
	IPC_SCAN_PAUSE,
	IPC_SCAN_RESUME,
	IPC_SCAN_CANCEL,
	IPC_SCAN_LANES, /**< value = lanes from now on, 1 to IPC_LANES_MAX. */
};

struct ipc_scan_control {
	uint8_t command; /**< enum ipc_scan_command */
	uint64_t value;
};

/* scanner → daemon */

struct ipc_scan_hello {
	uint64_t pid;
};

struct ipc_scan_progress {
	uint64_t results[FILE_RESULT_N]; /**< Names judged so far, by result. */
	uint64_t n_found;                /**< Names listed so far, judged or not. */
	uint64_t n_directories;
	uint64_t n_bytes;            /**< Bytes of the files judged. */
	uint64_t n_bytes_total_hint; /**< Used bytes of the target's mounts, 0 = unknown. */
	uint64_t n_files_total_hint; /**< Used inodes of the target's mounts, 0 = unknown. */
	uint8_t is_walk_done;        /**< n_found will not grow any more. */
	uint64_t n_lanes_busy;
	uint64_t n_excluded; /**< Of the skipped: by an exclusion. */
	uint64_t lanes_ns;   /**< Wall time that lanes spent on the files judged so far, summed
				  over lanes, without pauses and their own CPU time. */
	uint64_t held_ns;    /**< Wall time that lanes were held back from mounts on which opens
				  are slow, summed over lanes; not in lanes_ns. */
	struct span path;    /**< A file in work, raw bytes, may be empty. */
};

struct ipc_scan_detection {
	struct span path;      /**< Raw bytes; cut at IPC_PATH_MAX. */
	struct span container; /**< Path inside containers, "a.zip/b.txt" form, may be empty. */
	struct span signature; /**< As libclamav names it, at most IPC_NAME_MAX. */
	uint8_t sha256[32];
	uint8_t sha1[20];
	uint8_t has_hashes; /**< 0: the file could not be read whole any more. */
	uint64_t size;      /**< Bytes. */
	uint32_t uid;       /**< Owner. */
	uint32_t gid;
	uint32_t mode;
	uint64_t dev;
	uint64_t ino;
	uint64_t nlink;
	int64_t mtime_ns;     /**< Since 1970. */
	uint64_t n_executing; /**< Processes whose executable it was when it was found. */
	/** The first of them in the order of /proc; 0 where there is none. */
	uint64_t executing_pids[IPC_EXECUTING_MAX];
};

enum ipc_notice_kind {
	IPC_NOTICE_MOUNT_SKIPPED,  /**< text = file system type. */
	IPC_NOTICE_UNLISTABLE,     /**< A directory that could not be read; text = error. */
	IPC_NOTICE_TARGET_MISSING, /**< A custom target that does not exist or cannot be reached. */
	IPC_NOTICE_CRASHED,        /**< The engine died on this file; text = signal. */
	IPC_NOTICE_OVERRUN,        /**< CPU time limit reached; text = figures. */
	IPC_NOTICE_STALLED,        /**< The engine stood still on this file; text = figures. */
	IPC_NOTICE_REPORT_FAILED,  /**< The report file could not be written; text = error. */
	IPC_NOTICE_TARGET_LEFT_OUT, /**< A custom target of which nothing is scanned; text = why. */
	IPC_NOTICE_BLOCKED, /**< This name is blocked; one for each, not held back. text is empty. */
	IPC_NOTICE_CHANGED, /**< Likewise of a changed one that the walk had found; text = reason. */
	IPC_NOTICE_KIND_N,
};

struct ipc_scan_notice {
	uint8_t kind;     /**< enum ipc_notice_kind */
	struct span path; /**< Raw bytes. */
	struct span text; /**< At most IPC_TEXT_MAX. */
};

/** A mount that can hang is scanned alone, after everything else (docs/scanner.md). */
struct ipc_scan_mount {
	uint8_t has_begun; /**< 0: it waits for its pass; 1: that begins, all before is settled. */
	uint8_t is_whole;  /**< When it waits: everything on it, not only targets. */
	struct span point; /**< Raw bytes. */
	struct span type;  /**< Of its file system. */
};

/** Threads that wait for a file system; sent as long as one does. */
struct ipc_scan_wait {
	uint8_t is_walk_waiting;
	uint16_t n_lanes;   /**< Lanes that wait. */
	uint64_t waited_ns; /**< The longest of all, wall time. */
	struct span point;  /**< Of the mount that one waits for; empty: not known. */
	struct span type;   /**< Of its file system. */
	struct span path;   /**< What it waits for there. */
};

struct ipc_scan_done {
	uint8_t is_cancelled;
	uint32_t error;   /**< errno of what ended the scan early, 0 = ended by itself. */
	struct span text; /**< Why, for people; may be empty. */
};

/* zygote → daemon */

struct ipc_engine_ready {
	uint64_t n_signatures;
	uint64_t load_cpu_ns;       /**< CPU time the load took. */
	struct span engine_version; /**< cl_retver(). */
	struct span set_version;    /**< "daily 27000 2026-01-01, main 62 …", may be empty. */
	int64_t set_time_unix_ms;   /**< Newest build time of the databases, 0 = unknown. */
};

struct ipc_engine_failed {
	uint32_t error;   /**< errno, or EILSEQ for a broken database. */
	struct span text; /**< File and reason. */
};

struct ipc_engine_worker {
	uint8_t is_started;  /**< 1 started, 0 ended (and reaped). */
	uint16_t lane;       /**< 0 to IPC_LANES_MAX - 1 */
	uint32_t generation; /**< Counts the workers of this zygote, from 1. */
	uint64_t pid;
	uint32_t wait_status; /**< As wait(2) gives it, when ended. */
	uint64_t cpu_ns;      /**< Whole CPU time, when ended. */
};

/* scanner ↔ zygote */

struct ipc_fork_request {
	uint16_t lane;
	uint64_t serial; /**< Chosen by the scanner; comes back. */
};

struct ipc_fork_kill {
	uint16_t lane;
	uint32_t generation; /**< Only if this one still runs. */
};

struct ipc_fork_started {
	uint16_t lane;
	uint64_t serial;
	uint32_t error;      /**< 0, or errno of fork. */
	uint32_t generation; /**< Of the worker. */
	uint64_t pid;
};

struct ipc_fork_ended {
	uint16_t lane;
	uint32_t generation;
	uint64_t pid;
	uint32_t wait_status;
	uint8_t is_killed; /**< Ended by an IPC_FORK_KILL or the daemon, not by itself. */
};

/* lane ↔ worker */

struct ipc_work_file {
	uint64_t serial;
	uint64_t size; /**< From the lane's fstat. */
};

struct ipc_work_ready {
	uint64_t pid;
};

enum ipc_work_code {
	IPC_WORK_CLEAN,
	IPC_WORK_INFECTED,
	IPC_WORK_LIMIT,        /**< Heuristics.Limits.Exceeded.*: not wholly scanned. */
	IPC_WORK_READ_ERROR,   /**< The kernel gave an error or a short read; error = errno. */
	IPC_WORK_DENIED,       /**< The kernel gave EPERM on a read. */
	IPC_WORK_ENGINE_ERROR, /**< libclamav error; text = its words. */
	IPC_WORK_CODE_N,
};

struct ipc_work_verdict {
	uint64_t serial;
	uint8_t code; /**< enum ipc_work_code */
	uint32_t error;
	struct span signature; /**< When infected (or the limit's name), at most IPC_NAME_MAX. */
	struct span container; /**< At most IPC_PATH_MAX, may be empty. */
	struct span text;
	uint64_t cpu_ns; /**< Of this file. */
};

/* daemon ↔ remediate */

struct ipc_move_name {
	struct span path; /**< Absolute and canonical, of the file. */
};

enum ipc_move_action {
	IPC_MOVE_QUARANTINE, /**< Into the vault. */
	IPC_MOVE_REMOVE,     /**< Away. */
	IPC_MOVE_NO_ACTION,  /**< Allowed, or nothing to be done: answered, nothing touched. */
	IPC_MOVE_ACTION_N,
};

struct ipc_move_file {
	uint64_t serial; /**< Chosen by the daemon; comes back. */
	uint8_t action;  /**< enum ipc_move_action */
	uint64_t dev;    /**< What was scanned. */
	uint64_t ino;
	uint64_t size;
	int64_t mtime_ns; /**< Since 1970. */
	int64_t ctime_ns; /**< Since 1970; 0 = not known. */
	uint8_t has_hash; /**< 0: sha256 is not known. */
	uint8_t sha256[32];
	struct span threat_name;  /**< At most IPC_TEXT_MAX; kept with the item. */
	struct span detection_id; /**< Likewise. */
	struct span reason;       /**< Likewise. */
};

struct ipc_move_item {
	uint64_t serial;
	uint8_t id[IPC_MOVE_ID_LENGTH];
};

/** A page of what is in quarantine, by id; a page is asked for after the last one. */
struct ipc_move_list {
	uint64_t serial;
	uint8_t after[IPC_MOVE_ID_LENGTH]; /**< Ids above this one; zeros: from the first. */
	uint16_t n_max;                    /**< 1 to IPC_MOVE_ITEMS_MAX items. */
};

/** Files that processes execute, by their content. */
struct ipc_move_seek {
	uint64_t serial;
	struct span hash; /**< 40 hex digits (SHA-1) or 64 (SHA-256), any case. */
};

/** The end (SIGKILL) of all processes that execute a file; never of ours. */
struct ipc_move_stop {
	uint64_t serial;
	uint64_t dev; /**< All of the FOUND. */
	uint64_t ino;
	uint64_t size;
	int64_t mtime_ns;
	int64_t ctime_ns;
	uint8_t sha256[32]; /**< Decides where a time is another by now. */
};

/** How a request ended, and where the file is: docs/remediation.md. */
enum ipc_move_outcome {
	IPC_MOVE_QUARANTINED,   /**< Whole in the vault; the names given are gone. */
	IPC_MOVE_REMOVED,       /**< The names given are gone. */
	IPC_MOVE_RESTORED,      /**< In its place again; the item is gone. */
	IPC_MOVE_DELETED,       /**< The item is gone. */
	IPC_MOVE_LEFT,          /**< Nothing was to be done. */
	IPC_MOVE_CHANGED,       /**< Not what was scanned; it is in its place. */
	IPC_MOVE_BESIDE,        /**< Likewise, but its name was taken: beside it, see path. */
	IPC_MOVE_CHANGED_KEPT,  /**< Likewise, but its folder is gone: in the vault. */
	IPC_MOVE_VANISHED,      /**< There is no such name any more. */
	IPC_MOVE_NOT_A_FILE,    /**< A directory or special file. */
	IPC_MOVE_IMMUTABLE,     /**< It or its folder has chattr's +i or +a. */
	IPC_MOVE_READ_ONLY,     /**< The file system is. */
	IPC_MOVE_NO_SPACE,      /**< No space, or no quota; all is where it was. */
	IPC_MOVE_NO_ITEM,       /**< No item has this id. */
	IPC_MOVE_DAMAGED,       /**< The item cannot be used; it stays. */
	IPC_MOVE_TARGET_EXISTS, /**< Something has the name; the item stays. */
	IPC_MOVE_FOLDER_GONE,   /**< The folder is not there without links; the item stays. */
	IPC_MOVE_FOLDER_UNSAFE, /**< Others can write to the folder; the item stays. */
	IPC_MOVE_STRANDED, /**< In the staging folder, see path; tried again at the next start. */
	IPC_MOVE_FAILED,   /**< Another error; all is where it was. */
	IPC_MOVE_LISTED,   /**< n_names items were told, n_names_left come after them; id is the
				last one's, to go on after. */
	IPC_MOVE_SOUGHT,   /**< n_names files were found, the first IPC_MOVE_FOUNDS_MAX told;
				the executables of n_names_left processes were not seen or read. */
	IPC_MOVE_STOPPED,  /**< n_names processes were ended, n_names_left are not known to be:
				refused, not allowed, or slow; text says which. */
	IPC_MOVE_OUTCOME_N,
};

struct ipc_move_result {
	uint64_t serial;
	uint8_t outcome;                /**< enum ipc_move_outcome */
	uint32_t error;                 /**< errno behind it, or 0. */
	uint8_t id[IPC_MOVE_ID_LENGTH]; /**< Of the item; zeros when there is none. */
	uint64_t n_names;               /**< Names that are gone (restore: are there). */
	uint64_t n_names_left;          /**< Other names the same file still has. */
	uint8_t is_executing;           /**< A process runs it. */
	uint64_t n_attributes_left;     /**< Extended attributes that did not go into the vault. */
	struct span path;               /**< Where it is, when not where one would look. */
	struct span text;               /**< Why, for people. */
};

/** What is known of an item in quarantine. */
struct ipc_move_entry {
	uint64_t serial; /**< Of the LIST. */
	uint8_t id[IPC_MOVE_ID_LENGTH];
	uint8_t is_damaged;       /**< Only the id is known; all else is 0 and empty. */
	struct span path;         /**< Where it was, raw bytes. */
	struct span threat_name;  /**< UTF-8, at most IPC_TEXT_MAX; may be empty. */
	struct span detection_id; /**< Likewise. */
	struct span reason;       /**< Likewise. */
	uint8_t sha256[32];       /**< Of the content. */
	uint8_t sha1[20];
	uint64_t size;               /**< Bytes of content. */
	uint32_t uid;                /**< Owner it had. */
	uint64_t n_names;            /**< Names it had when it was taken away; 0 = not known. */
	int64_t quarantined_unix_ms; /**< When that was. */
};

/** A file that somebody executes and that has the hash. */
struct ipc_move_found {
	uint64_t serial; /**< Of the SEEK. */
	uint64_t dev;
	uint64_t ino;
	uint64_t size;    /**< Bytes. */
	int64_t mtime_ns; /**< Since 1970. */
	int64_t ctime_ns; /**< Likewise. */
	uint8_t sha256[32];
	uint8_t sha1[20];
	uint8_t name;     /**< enum seek_name (remediation/seek.h): what the path is worth. */
	struct span path; /**< As the kernel tells it, raw bytes; may be empty. */
	uint64_t n_pids;  /**< Processes that execute it, at least 1. */
	/** The first of them, ascending; 0 where there is none. */
	uint64_t pids[IPC_EXECUTING_MAX];
};

/** Where a move that nobody heard the end of has come to. */
enum ipc_move_end {
	IPC_MOVE_END_PENDING,       /**< It is still half done, see text. */
	IPC_MOVE_END_IN_PLACE,      /**< Nothing was taken away. */
	IPC_MOVE_END_BESIDE,        /**< Another file was taken; it is beside its name. */
	IPC_MOVE_END_IN_QUARANTINE, /**< In the vault, under the id. */
	IPC_MOVE_END_KEPT,          /**< Likewise, but it is another file than was scanned. */
	IPC_MOVE_END_REMOVED,       /**< Removed, as was asked for. */
	IPC_MOVE_END_RESTORED,      /**< In its place again; the item is gone. */
	IPC_MOVE_END_LOST,          /**< The item is gone, and it was not put back. */
	IPC_MOVE_END_N,
};

struct ipc_move_recovered {
	uint8_t id[IPC_MOVE_ID_LENGTH]; /**< Of the move, and of the item if there is one. */
	uint8_t end;                    /**< enum ipc_move_end */
	uint8_t was_over;               /**< It had ended before the process did: told again. */
	struct span path;               /**< As it was asked for. */
	struct span detection_id;       /**< Likewise; empty for a restore. */
	struct span text;               /**< Where the file is, for people. */
};

struct ipc_move_hello {
	uint64_t pid;
	uint64_t n_pending; /**< Moves that are still half done. */
};

/** Any message, decoded. */
union ipc_any {
	struct ipc_scan_path scan_path;
	struct ipc_scan_start scan_start;
	struct ipc_scan_engine scan_engine;
	struct ipc_scan_control scan_control;
	struct ipc_scan_hello scan_hello;
	struct ipc_scan_progress scan_progress;
	struct ipc_scan_detection scan_detection;
	struct ipc_scan_notice scan_notice;
	struct ipc_scan_done scan_done;
	struct ipc_scan_mount scan_mount;
	struct ipc_scan_wait scan_wait;
	struct ipc_engine_ready engine_ready;
	struct ipc_engine_failed engine_failed;
	struct ipc_engine_worker engine_worker;
	struct ipc_fork_request fork_request;
	struct ipc_fork_kill fork_kill;
	struct ipc_fork_started fork_started;
	struct ipc_fork_ended fork_ended;
	struct ipc_work_file work_file;
	struct ipc_work_ready work_ready;
	struct ipc_work_verdict work_verdict;
	struct ipc_move_name move_name;
	struct ipc_move_file move_file;
	struct ipc_move_item move_item;
	struct ipc_move_list move_list;
	struct ipc_move_seek move_seek;
	struct ipc_move_stop move_stop;
	struct ipc_move_recovered move_recovered;
	struct ipc_move_hello move_hello;
	struct ipc_move_result move_result;
	struct ipc_move_entry move_entry;
	struct ipc_move_found move_found;
};

/**
 * The table of a message type.
 *
 * @return  Static; NULL when there is no such type.
 */
const struct wire_message *ipc_describe(uint16_t type);

#endif
