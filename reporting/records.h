/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the store keeps: actions, scans, detections, alerts, timeline events.
 * Plain structs; strings are NUL-terminated UTF-8 and borrowed: on the way in
 * from the caller, on the way out from the store until the row call-back
 * returns. Times are milliseconds since 1970, 0 = not yet.
 *
 * Pure. Field names in JSON: docs/local-protocol.md.
 */
#ifndef QS_RECORDS_H
#define QS_RECORDS_H

#include "span.h"
#include "words.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	RECORD_ID_SIZE = 37,       /**< A GUID in text, NUL included. */
	RECORD_SHA1_LENGTH = 40,   /**< Hex digits of a file's hash. */
	RECORD_SHA256_LENGTH = 64, /**< Likewise. */
	RECORD_HASH_SIZE = 32,     /**< Of the action log's chain, SHA-256. */
};

/** The process that asked on behalf of somebody else; peer.h. */
struct record_gateway {
	bool is_set; /**< false: who asked did so himself. */
	uint32_t uid;
};

/** Who asks, and through whom. Strings are borrowed. */
struct requestor {
	const char *name;   /**< "root", "alice", "uid 1000"; of a gateway's user: as it says. */
	const char *source; /**< "LocalCli", "Portal", "PublicApi". */
	struct record_gateway gateway;
};

/** What an operator asked for: Defender's machineAction. */
struct action_record {
	char id[RECORD_ID_SIZE];
	const char *type;              /**< "RunAntiVirusScan" */
	const char *requestor;         /**< Who: "root", "alice", "uid 1000". */
	const char *comment;           /**< Why: requestorComment. */
	const char *request_source;    /**< "LocalCli", "Portal", "PublicApi". */
	struct record_gateway gateway; /**< Through whom the requestor asked. */
	const char *scope;             /**< "Quick", "Full", "Custom". */
	enum run_status status;        /**< Never RUN_STATUS_PAUSED. */
	int64_t creation_unix_ms;
	int64_t last_update_unix_ms;
	const char *cancellation_requestor; /**< NULL unless cancelled; likewise the next two. */
	const char *cancellation_comment;
	int64_t cancellation_unix_ms;
	struct record_gateway cancellation_gateway;
	int32_t error_hresult;        /**< 0; E_ABORT when cancelled, … (facts: machineAction). */
	char scan_id[RECORD_ID_SIZE]; /**< The scan that carries it out; "" where none. */
	const char *file_hash; /**< Of the file it is about: 40 or 64 hex digits; NULL: no file. */
};

/** One run over a target. */
struct scan_record {
	char id[RECORD_ID_SIZE];
	char action_id[RECORD_ID_SIZE];
	enum scan_type type;
	enum scan_origin origin;
	enum run_status status;
	const char *comment;
	const char *paths_json; /**< Custom: JSON array of {"path","pathBytes"}; else "[]". */
	bool report_all;
	bool ignore_exclusions;
	int64_t creation_unix_ms;
	int64_t start_unix_ms;
	int64_t end_unix_ms;
	uint32_t attempts;        /**< How often it was begun (1 + restarts). */
	double load_factor_pct;   /**< Asked: 0 = no limit. */
	double achieved_load_pct; /**< Mean over the run, percent of all CPUs. */
	uint64_t duration_ms;     /**< Time in progress, pauses not counted. */
	uint64_t cpu_ns;          /**< CPU time of all our processes while it ran. */
	uint64_t results[FILE_RESULT_N];
	uint64_t n_bytes;
	uint64_t n_directories;
	uint64_t n_excluded;
	uint64_t n_detections;
	bool is_complete;          /**< Succeeded and every file wholly scanned. */
	const char *signature_set; /**< Fingerprint, "" before it is known. */
	const char *failure;       /**< Why it failed, "" otherwise. */
};

/** One infected file name. */
struct detection_record {
	char id[RECORD_ID_SIZE];
	char scan_id[RECORD_ID_SIZE];
	char alert_id[RECORD_ID_SIZE];
	int64_t time_unix_ms;
	struct span path;           /**< Raw bytes. */
	struct span container_path; /**< Raw bytes, may be empty. */
	const char *threat_name;    /**< The signature's name. */
	uint64_t threat_id;         /**< threat_id(threat_name). */
	const char *severity;       /**< Low, Moderate, High, Severe, Unknown. */
	const char *category;       /**< Trojan, Virus, … "Unknown". */
	const char *sha256;         /**< 64 hex digits or "". */
	const char *sha1;           /**< 40 hex digits or "". */
	uint64_t size;
	uint32_t uid;
	uint32_t gid;
	uint32_t mode;
	int64_t mtime_ns;
	uint64_t dev; /**< Of the file; tells names apart that were cut at the same place. */
	uint64_t ino; /**< Likewise. */
	const char
		*remediation_status; /**< Words of Defender's threat status: docs/remediation.md. */
	const char
		*remediation_action;  /**< "Quarantine", "Remove", "Allow", "NoAction": decided. */
	const char *remediation_by;   /**< What decided that: a setting, or who asked. */
	bool is_remediation_manual;   /**< Somebody asked for it. */
	const char *quarantine_id;    /**< Of the item the file became, "" where none. */
	uint64_t n_executing;         /**< Processes that ran the file when it was found. */
	const char *process_ids_json; /**< JSON array of the first of them; NULL: none. */
};

/** A file in quarantine. */
struct quarantine_record {
	const char *id; /**< 32 hex digits. */
	int64_t time_unix_ms;
	struct span path; /**< Where it was; raw bytes. */
	const char *threat_name;
	const char *detection_id; /**< "" where none. */
	const char *sha256;       /**< 64 hex digits. */
	uint64_t size;
	uint32_t uid; /**< Owner; likewise gid. */
	uint32_t gid;
	uint64_t n_names;   /**< Names of the file that were taken away. */
	const char *reason; /**< Why, for people. */
};

/** One for each threat, machine and scan. */
struct alert_record {
	char id[RECORD_ID_SIZE];
	char scan_id[RECORD_ID_SIZE];
	const char *threat_name;
	uint64_t threat_id;
	const char *title;          /**< "'EICAR' malware was detected" */
	const char *severity;       /**< Informational, Low, Medium, High. */
	const char *category;       /**< "Malware" */
	const char *status;         /**< New, InProgress, Resolved. */
	const char *assigned_to;    /**< "" = nobody. */
	const char *classification; /**< "" = none yet; likewise determination. */
	const char *determination;
	const char *comments_json; /**< JSON array of {comment, createdBy, createdTime}. */
	uint64_t n_detections;
	int64_t creation_unix_ms;
	int64_t last_update_unix_ms;
	int64_t resolved_unix_ms;
};

/** One line of the action log; sequence and hashes are set by the store, ignored on the way in. */
struct event_record {
	uint64_t sequence; /**< From 1, without a gap. */
	int64_t time_unix_ms;
	const char *action_type; /**< "AntivirusScanSubmitted", … docs/events.md. */
	const char *scan_id;     /**< "" where none. */
	const char *action_id;   /**< "" where none. */
	const char *fields_json; /**< JSON object: what the type adds. "{}" where nothing. */
	uint8_t previous_hash[RECORD_HASH_SIZE]; /**< Of the event before; zeros for the first. */
	uint8_t hash[RECORD_HASH_SIZE];          /**< log_chain_hash() of this one. */
};

#endif
