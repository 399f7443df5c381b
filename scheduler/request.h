/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request for a scan, from JSON parameters to values that are in range.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_REQUEST_H
#define QS_REQUEST_H

#include "err.h"
#include "json.h"
#include "store.h"
#include "words.h"

#include <stdbool.h>

enum {
	REQUEST_COMMENT_MAX = 4000, /**< Bytes, as a machineAction's. */
	REQUEST_PATHS_MAX = 1024,
	REQUEST_PATH_MAX = 4096, /**< PATH_MAX: a longer one cannot be opened by name. */
	/** Bytes of paths_json. It is a field of AntivirusScanSubmitted, with a comment and names
	 * that take six bytes for one at worst: they have the rest. */
	REQUEST_PATHS_JSON_MAX = STORE_FIELDS_MAX - 64 * 1024,
	REQUEST_REPORT_DEFAULT = -1,
};

struct request {
	enum scan_type type;
	enum scan_origin origin;
	char *comment;       /**< Owned, not blank. */
	char *paths_json;    /**< Owned: array of {"path","pathBytes"}, "[]" unless custom. */
	int load_factor_pct; /**< 0, 5 to 100, or LOAD_POLICY_NO_OVERRIDE. */
	int report;          /**< enum settings_report, or REQUEST_REPORT_DEFAULT. */
	bool ignore_exclusions;
};

#define REQUEST_NULL                                                                               \
	{                                                                                          \
		.comment = NULL                                                                    \
	}

/**
 * Validate the parameters of scan.start (docs/local-protocol.md).
 *
 * @params   An object; anything else is an error.
 * @request  Receives the values when 0 is returned; request_deinit() it.
 * @targetp  Set to the parameter that is wrong (static), "params" otherwise.
 * @msg      Says what is wrong with it.
 * @return   0, -EINVAL, -ENOMEM.
 */
int request_parse(
	const cJSON *params, struct request *request, const char **targetp, struct errmsg *msg);

/** Free; idempotent. */
void request_deinit(struct request *request);

/** For _cleanup_(). */
static inline void request_cleanup(struct request *request)
{
	request_deinit(request);
}

/**
 * Bring an absolute path into the form that exclusions are compared with: no
 * empty and no "." components, no slash at the end.
 *
 * @path    n bytes, changed in place; gets shorter or stays.
 * @n_pathp Its length.
 * @return  0; -EINVAL with @msg when it is not absolute, too long, has a NUL or
 *          a ".." component (whose meaning depends on symbolic links).
 */
int request_normalize(char *path, size_t *n_pathp, struct errmsg *msg);

#endif
