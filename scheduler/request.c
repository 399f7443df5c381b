/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything an operator can ask is checked here, before anything is written
 * or started. A path is only looked at as text: the daemon never asks the file
 * system about it (it may hang), the scanner says later what was not there.
 */
#include "request.h"

#include "check.h"
#include "cleanup.h"
#include "load_policy.h"
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const request_fields[] = {"type", "comment", "paths", "pathsBytes", "loadFactor",
	"origin", "report", "ignoreExclusions"};

int request_normalize(char *path, size_t *n_pathp, struct errmsg *msg)
{
	size_t n = *n_pathp;
	size_t out = 0;

	if (n == 0 || path[0] != '/' || n > REQUEST_PATH_MAX || memchr(path, '\0', n)) {
		errmsg_set(msg, "a path must be absolute, 1 to %d bytes, without NUL",
			REQUEST_PATH_MAX);
		return err_origin(-EINVAL);
	}
	for (size_t at = 0; at < n;) {
		size_t end;

		while (at < n && path[at] == '/')
			at++;
		for (end = at; end < n && path[end] != '/';)
			end++;
		if (end - at == 2 && path[at] == '.' && path[at + 1] == '.') {
			errmsg_set(msg, "a path must not have a \"..\" component");
			return err_origin(-EINVAL);
		}
		if (end > at && !(end - at == 1 && path[at] == '.')) {
			path[out++] = '/';
			memmove(path + out, path + at, end - at);
			out += end - at;
		}
		at = end;
	}
	if (out == 0)
		out = 1; /* the root; path[0] is a slash still */
	*n_pathp = out;
	return 0;
}

static int request_add_path(cJSON *list, char *path, size_t n_path, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *item = NULL;
	struct span bytes = {.data = path, .n = n_path};
	int r = request_normalize(path, &bytes.n, msg);

	if (r < 0)
		return r;
	if (cJSON_GetArraySize(list) >= REQUEST_PATHS_MAX) {
		errmsg_set(msg, "at most %d paths in one request", REQUEST_PATHS_MAX);
		return err_origin(-EINVAL);
	}
	item = cJSON_CreateObject();
	if (!item)
		return err_origin(-ENOMEM);
	r = json_add_bytes(item, "path", bytes);
	if (r < 0)
		return r;
	r = json_append(list, item);
	item = NULL;
	return r;
}

static int request_add_texts(cJSON *list, const cJSON *texts, struct errmsg *msg)
{
	const cJSON *text;

	cJSON_ArrayForEach(text, texts)
	{
		_cleanup_(cleanup_free) char *copy = NULL;
		int r;

		if (!cJSON_IsString(text)) {
			errmsg_set(msg, "paths: an array of strings is expected");
			return err_origin(-EINVAL);
		}
		copy = strdup(text->valuestring);
		if (!copy)
			return err_origin(-ENOMEM);
		r = request_add_path(list, copy, strlen(copy), msg);
		if (r < 0)
			return r;
	}
	return 0;
}

static int request_add_encoded(cJSON *list, const cJSON *encoded, struct errmsg *msg)
{
	const cJSON *text;

	cJSON_ArrayForEach(text, encoded)
	{
		struct span bytes = SPAN_NULL;
		int r = json_bytes_of(text, "pathsBytes", REQUEST_PATH_MAX, &bytes, msg);

		if (r < 0)
			return r;
		r = request_add_path(list, (char *)(uintptr_t)bytes.data, bytes.n, msg);
		free((void *)(uintptr_t)bytes.data);
		if (r < 0)
			return r;
	}
	return 0;
}

static int request_paths(
	const cJSON *params, struct request *request, const char **targetp, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *list = cJSON_CreateArray();
	const cJSON *texts = NULL;
	const cJSON *encoded = NULL;
	size_t n;
	int r;

	if (!list)
		return err_origin(-ENOMEM);
	*targetp = "paths";
	r = json_optional(json_get_array(params, "paths", &texts, msg));
	if (r == 0)
		r = request_add_texts(list, texts, msg);
	if (r < 0)
		return r;
	*targetp = "pathsBytes";
	r = json_optional(json_get_array(params, "pathsBytes", &encoded, msg));
	if (r == 0)
		r = request_add_encoded(list, encoded, msg);
	if (r < 0)
		return r;
	*targetp = "paths";
	if ((request->type == SCAN_TYPE_CUSTOM) != (cJSON_GetArraySize(list) > 0)) {
		errmsg_set(msg, request->type == SCAN_TYPE_CUSTOM
					? "a custom scan needs at least one path"
					: "only a custom scan takes paths");
		return err_origin(-EINVAL);
	}
	r = json_print(list, &request->paths_json, NULL);
	n = r == 0 ? strlen(request->paths_json) : 0;
	if (n <= REQUEST_PATHS_JSON_MAX)
		return r;
	errmsg_set(msg, "the paths take %zu bytes together as they are recorded, at most %d", n,
		REQUEST_PATHS_JSON_MAX);
	return err_origin(-EINVAL);
}

static int request_comment(
	const cJSON *params, struct request *request, const char **targetp, struct errmsg *msg)
{
	const char *comment = NULL;
	int r;

	*targetp = "comment";
	r = json_required(json_get_string(params, "comment", REQUEST_COMMENT_MAX, &comment, msg));
	if (r < 0)
		return r;
	if (comment[strspn(comment, " \t\r\n\v\f")] == '\0') {
		errmsg_set(msg, "comment: it must not be blank: say why you scan");
		return err_origin(-EINVAL);
	}
	request->comment = strdup(comment);
	return request->comment ? 0 : err_origin(-ENOMEM);
}

static int request_words(
	const cJSON *params, struct request *request, const char **targetp, struct errmsg *msg)
{
	const char *type = NULL;
	const char *origin = "manual";
	int r;

	*targetp = "type";
	r = json_required(json_get_string(params, "type", 64, &type, msg));
	if (r < 0)
		return r;
	if (scan_type_parse(type, &request->type) < 0) {
		errmsg_set(msg, "type: quick, full or custom is expected");
		return err_origin(-EINVAL);
	}
	*targetp = "origin";
	r = json_optional(json_get_string(params, "origin", 64, &origin, msg));
	if (r < 0)
		return r;
	if (scan_origin_parse(origin, &request->origin) < 0 ||
		request->origin == SCAN_ORIGIN_ACTION) {
		errmsg_set(msg, "origin: manual or schedule is expected");
		return err_origin(-EINVAL);
	}
	return 0;
}

static int request_options(
	const cJSON *params, struct request *request, const char **targetp, struct errmsg *msg)
{
	const char *report = NULL;
	int64_t factor = LOAD_POLICY_NO_OVERRIDE;
	int r;

	*targetp = "loadFactor";
	r = json_optional(json_get_int(params, "loadFactor", 0, 100, &factor, msg));
	if (r < 0 || (factor > 0 && factor < 5)) {
		errmsg_set(msg, "loadFactor: 0 (no limit) or 5 to 100 is expected");
		return err_origin(-EINVAL);
	}
	request->load_factor_pct = (int)factor;
	*targetp = "report";
	request->report = REQUEST_REPORT_DEFAULT;
	r = json_get_string(params, "report", 64, &report, msg);
	if (r == 0 && strcmp(report, "notable") == 0)
		request->report = SETTINGS_REPORT_NOTABLE;
	else if (r == 0 && strcmp(report, "all") == 0)
		request->report = SETTINGS_REPORT_ALL;
	else if (r != JSON_E_ABSENT) {
		errmsg_set(msg, "report: notable or all is expected");
		return err_origin(-EINVAL);
	}
	*targetp = "ignoreExclusions";
	return json_optional(
		json_get_bool(params, "ignoreExclusions", &request->ignore_exclusions, msg));
}

int request_parse(
	const cJSON *params, struct request *request, const char **targetp, struct errmsg *msg)
{
	struct request made = REQUEST_NULL;
	int r;

	*targetp = "params";
	r = json_check_fields(
		params, request_fields, sizeof(request_fields) / sizeof(request_fields[0]), msg);
	if (r == 0)
		r = request_words(params, &made, targetp, msg);
	if (r == 0)
		r = request_comment(params, &made, targetp, msg);
	if (r == 0)
		r = request_paths(params, &made, targetp, msg);
	if (r == 0)
		r = request_options(params, &made, targetp, msg);
	if (r < 0) {
		request_deinit(&made);
		return err_trace(r);
	}
	*request = made;
	return 0;
}

void request_deinit(struct request *request)
{
	free(request->comment);
	free(request->paths_json);
	request->comment = NULL;
	request->paths_json = NULL;
}
