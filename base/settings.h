/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings: what an operator may change, with its type, default and range.
 * There is one table (settings_schema.c); the parser, the local protocol, the
 * command line and docs/settings.md all come from it. Names are Defender's
 * where it has one (Set-MpPreference, mdatp's managed JSON).
 *
 * Pure but for memory: text in, values out. Any thread; one owner at a time.
 * Reading and writing the file is settings_file.h.
 */
#ifndef QS_SETTINGS_H
#define QS_SETTINGS_H

#include "err.h"
#include "json.h"
#include "settings_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum settings_passive { SETTINGS_PASSIVE_AUTO, SETTINGS_PASSIVE_ON, SETTINGS_PASSIVE_OFF };
enum settings_report { SETTINGS_REPORT_NOTABLE, SETTINGS_REPORT_ALL };

/** Every setting; the ranges are in settings_schema.c. Strings are never NULL. */
struct settings {
	int64_t scan_avg_cpu_load_factor_pct;     /**< 0 = no limit, else 5 to 100. */
	bool throttle_for_scheduled_scan_only;    /**< Manual scans run without limit. */
	bool disable_cpu_throttle_on_idle_scans;  /**< No limit for idle scheduled scans. */
	bool scan_only_if_idle;                   /**< Scheduled scans wait for idleness. */
	bool enable_full_scan_on_battery_power;   /**< … and scheduled full scans for mains. */
	bool keep_cores_free;                     /**< Few cores, see placement.h. */
	bool back_off_under_pressure;             /**< Less while the machine suffers. */
	int64_t back_off_minimum_progress_pct;    /**< … but never less than this of it. */
	bool count_other_antivirus_cpu;           /**< Its CPU time is ours, see foreign_load.h. */
	int64_t scan_max_read_rate_mib;           /**< MiB a second from disks; 0 = no limit. */
	bool keep_page_cache_as_found;            /**< What a scan reads is dropped again. */
	int64_t maximum_on_demand_scan_threads;   /**< Lanes; 0 = chosen by load and machine. */
	struct settings_list exclusion_path;      /**< Patterns, see glob.h. */
	struct settings_list exclusion_extension; /**< See glob.h. */
	int64_t passive_mode;                     /**< enum settings_passive */
	int64_t low_threat_action;                /**< enum settings_threat_action */
	int64_t moderate_threat_action;           /**< Likewise, by severity. */
	int64_t high_threat_action;               /**< Likewise. */
	int64_t severe_threat_action;             /**< Likewise. */
	int64_t unknown_threat_action;            /**< Likewise. */
	struct settings_list threat_id_actions;   /**< "ID=Action", see settings_threat.h. */
	struct settings_list allowed_threats;     /**< Signature names. */
	struct settings_list allowed_file_hashes; /**< SHA-256 in hex, any case. */
	struct settings_list allowed_paths;       /**< Patterns, see glob.h. */
	int64_t quarantine_purge_after_days;      /**< 0 = items are kept. */
	char *signature_path;                     /**< Directory, absolute. */
	char *operator_group;                     /**< Group name, "" = none. */
	char *gateway_user;                       /**< User name or number, "" = none. */
	char *scanner_user;                       /**< User name. */
	char *engine_user;                        /**< User name. */
	int64_t max_file_size_bytes;              /**< Larger files are incomplete. */
	int64_t max_scan_size_bytes;              /**< Of one file with all it contains. */
	int64_t max_recursion;                    /**< Containers in containers. */
	int64_t max_files;                        /**< In one container. */
	int64_t file_cpu_time_limit_s;            /**< 0 = no limit. */
	int64_t worker_stall_timeout_s;           /**< Without CPU progress. */
	int64_t mount_stall_timeout_s;            /**< A scan that waits for a mount. */
	int64_t worker_max_files;                 /**< Then a worker is replaced. */
	int64_t engine_memory_limit_mib;          /**< Of a worker, above the shared engine. */
	int64_t engine_temp_size_mib;             /**< Of a worker's temporary files. */
	int64_t scan_results_retention_days;      /**< Finished scans and file actions. */
	int64_t scan_history_maximum_items;       /**< Scans kept, and file actions. */
	int64_t scan_report;                      /**< enum settings_report */
	int64_t quick_scan_recent_days;           /**< "Changed lately" in the PATH folders. */
	int64_t action_timeout_days;              /**< An action that never began. */
	int64_t quick_scan_timeout_days;          /**< A quick scan that never ends. */
	int64_t full_scan_timeout_days;           /**< Likewise full and custom. */
	bool enable_low_cpu_priority;             /**< nice and idle I/O for all our children. */
	int64_t log_level;                        /**< enum log_level */
	/* state */
	uint64_t given; /**< Bit n: setting n of the table was set, not defaulted. */
};

#define SETTINGS_NULL                                                                              \
	{                                                                                          \
		.given = 0                                                                         \
	}

/**
 * Fill with defaults.
 *
 * @settings  Not initialised before, or SETTINGS_NULL; settings_deinit() it.
 * @return    0 or -ENOMEM (then it is SETTINGS_NULL).
 */
int settings_init(struct settings *settings);

/** Free what is in it and make it SETTINGS_NULL; idempotent. */
void settings_deinit(struct settings *settings);

/** For _cleanup_(). */
static inline void settings_cleanup(struct settings *settings)
{
	settings_deinit(settings);
}

/** Deep copy into an uninitialised @copy. 0 or -ENOMEM. */
int settings_copy(const struct settings *settings, struct settings *copy);

/**
 * Read a whole text: one JSON object, each setting at most once; what is not
 * in it has its default. Empty text (white space only) is an empty object.
 *
 * @file      Names the text in messages.
 * @settings  Initialised; replaced when 0 is returned, untouched otherwise.
 * @msg       "FILE:LINE: NAME: VALUE given, 0 or 5 to 100 allowed" or alike.
 * @return    0; -EINVAL unknown name, duplicate name or bad value; -EBADMSG no
 *            JSON object; -EMSGSIZE; -ENOMEM.
 */
int settings_parse(const char *text, size_t n, const char *file, struct settings *settings,
	struct errmsg *msg);

enum {
	SETTINGS_E_UNKNOWN = 1, /**< No setting has that name; @msg suggests the nearest. */
};

/**
 * Set one setting.
 *
 * @name   Exact name.
 * @value  Number, boolean, string or array as the type wants; a number may also
 *         come as a string of its digits, a boolean as "true" or "false", and
 *         null sets the default again.
 * @msg    As for settings_parse(), without file and line.
 * @return 0; SETTINGS_E_UNKNOWN; -EINVAL; -ENOMEM. Untouched unless 0.
 */
int settings_set(
	struct settings *settings, const char *name, const cJSON *value, struct errmsg *msg);

/** As settings_set() with what a person typed: JSON, or else a plain string. */
int settings_set_text(
	struct settings *settings, const char *name, const char *text, struct errmsg *msg);

/** Object of all settings that were given (as the file has it). 0 or -ENOMEM. */
int settings_to_json(const struct settings *settings, cJSON **objectp);

/**
 * {"name","value","default","type","range","description"} of one setting, or,
 * with name NULL, the array of all in the table's order.
 *
 * @itemp  Set when 0 is returned; the caller frees.
 * @return 0; SETTINGS_E_UNKNOWN; -ENOMEM.
 */
int settings_describe(const struct settings *settings, const char *name, cJSON **itemp);

/** Add to or take from a list setting. */
enum settings_edit { SETTINGS_EDIT_ADD, SETTINGS_EDIT_REMOVE };

enum {
	SETTINGS_E_SAME = 2, /**< Adding what is there or removing what is not. */
};

/**
 * Add or remove one item of ExclusionPath or ExclusionExtension.
 *
 * @return 0; SETTINGS_E_UNKNOWN when @name is no list; SETTINGS_E_SAME;
 *         -EINVAL; -ENOMEM. Untouched unless 0.
 */
int settings_edit_list(struct settings *settings, const char *name, enum settings_edit edit,
	const char *item, struct errmsg *msg);

#endif
