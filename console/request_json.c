/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order of the checks: JSON at all, what is missing, what is wrong. */
#include "request_json.h"

#include "cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int request_json_parse(struct span body, cJSON **rootp, struct api_fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	const char *text = body.data;
	int r;

	/* Some clients begin with a byte order mark. */
	if (body.n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		body = (struct span){text + 3, body.n - 3};
	r = json_parse(body.data, body.n, rootp, &msg);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return api_fault_set(fault, API_ERROR_INVALID_BODY,
			"The request body is not JSON: %s", msg.text);
	if (!cJSON_IsObject(*rootp)) {
		cJSON_Delete(*rootp);
		*rootp = NULL;
		return api_fault_set(
			fault, API_ERROR_INVALID_BODY, "The request body must be an object");
	}
	return 0;
}

/* A member that has the name in another case, for the sentence. */
static const char *request_json_near(const cJSON *root, const char *name)
{
	for (const cJSON *item = root ? root->child : NULL; item; item = item->next)
		if (item->string && strcasecmp(item->string, name) == 0)
			return item->string;
	return NULL;
}

/* A text that must be there, and not blank. */
static int request_json_text(const cJSON *root, const char *name, size_t n_max, const char **textp,
	struct api_fault *fault)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
	const char *near = item ? NULL : request_json_near(root, name);

	if (near)
		return api_fault_set(fault, API_ERROR_MISSING_PARAMETER,
			"The parameter '%s' is required; names are case-sensitive, '%.64s' is "
			"another",
			name, near);
	if (!item || cJSON_IsNull(item))
		return api_fault_set(
			fault, API_ERROR_MISSING_PARAMETER, "The parameter '%s' is required", name);
	if (!cJSON_IsString(item))
		return api_fault_set(
			fault, API_ERROR_INVALID_BODY, "The parameter '%s' must be a string", name);
	if (strspn(item->valuestring, " \t\r\n") == strlen(item->valuestring))
		return api_fault_set(fault, API_ERROR_MISSING_PARAMETER,
			"The parameter '%s' must not be blank", name);
	if (strlen(item->valuestring) > n_max)
		return api_fault_set(fault, API_ERROR_INVALID_INPUT,
			"The parameter '%s' has more than %zu bytes", name, n_max);
	*textp = item->valuestring;
	return 0;
}

/* A text that is one of some words, in any case; the word as we write it. */
static int request_json_word(const cJSON *root, const char *name, const char *const words[],
	const char **wordp, struct api_fault *fault)
{
	const char *text = "";
	int r = request_json_text(root, name, 64, &text, fault);

	if (r < 0)
		return r;
	for (size_t i = 0; words[i]; i++) {
		if (strcasecmp(words[i], text) == 0) {
			*wordp = words[i];
			return 0;
		}
	}
	return api_fault_set(fault, API_ERROR_INVALID_INPUT,
		"The parameter '%s' must be '%s' or '%s'", name, words[0], words[1]);
}

static int request_json_done(cJSON **builtp, int r, cJSON **paramsp)
{
	if (r < 0)
		return r;
	*paramsp = *builtp;
	*builtp = NULL;
	return 0;
}

int request_json_scan(struct span body, cJSON **paramsp, struct api_fault *fault)
{
	static const char *const types[] = {"Quick", "Full", NULL};
	_cleanup_(json_cleanup) cJSON *root = NULL;
	_cleanup_(json_cleanup) cJSON *params = NULL;
	const char *comment = NULL;
	const char *type = NULL;
	int r = request_json_parse(body, &root, fault);

	if (r == 0)
		r = request_json_text(root, "Comment", REQUEST_JSON_COMMENT_MAX, &comment, fault);
	if (r == 0)
		r = request_json_word(root, "ScanType", types, &type, fault);
	if (r < 0)
		return r;
	params = cJSON_CreateObject();
	r = json_add_string(params, "type", type == types[0] ? "quick" : "full");
	r |= json_add_string(params, "comment", comment);
	return request_json_done(&params, r, paramsp);
}

int request_json_comment(struct span body, cJSON **paramsp, struct api_fault *fault)
{
	_cleanup_(json_cleanup) cJSON *root = NULL;
	_cleanup_(json_cleanup) cJSON *params = NULL;
	const char *comment = NULL;
	int r = request_json_parse(body, &root, fault);

	if (r == 0)
		r = request_json_text(root, "Comment", REQUEST_JSON_COMMENT_MAX, &comment, fault);
	if (r < 0)
		return r;
	params = cJSON_CreateObject();
	r = json_add_string(params, "comment", comment);
	return request_json_done(&params, r, paramsp);
}

int request_json_tag(struct span body, cJSON **paramsp, struct api_fault *fault)
{
	static const char *const actions[] = {"Add", "Remove", NULL};
	_cleanup_(json_cleanup) cJSON *root = NULL;
	_cleanup_(json_cleanup) cJSON *params = NULL;
	const char *value = NULL;
	const char *action = NULL;
	int r = request_json_parse(body, &root, fault);

	if (r == 0)
		r = request_json_text(root, "Value", REQUEST_JSON_TAG_MAX, &value, fault);
	if (r == 0)
		r = request_json_word(root, "Action", actions, &action, fault);
	if (r < 0)
		return r;
	params = cJSON_CreateObject();
	r = json_add_string(params, "value", value);
	r |= json_add_string(params, "action", action);
	return request_json_done(&params, r, paramsp);
}

/* One member of a PATCH, if it is there. */
static int request_json_change(
	const cJSON *root, const char *name, cJSON *params, struct api_fault *fault)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
	char upper[32];

	(void)snprintf(upper, sizeof(upper), "%c%s", name[0] & ~0x20, name + 1);
	if (!item)
		item = cJSON_GetObjectItemCaseSensitive(root, upper);
	if (!item)
		return 0;
	if (!cJSON_IsString(item) && !cJSON_IsNull(item))
		return api_fault_set(
			fault, API_ERROR_INVALID_BODY, "The parameter '%s' must be a string", name);
	if (cJSON_IsString(item) && strlen(item->valuestring) > REQUEST_JSON_COMMENT_MAX)
		return api_fault_set(fault, API_ERROR_INVALID_INPUT,
			"The parameter '%s' has more than %d bytes", name,
			REQUEST_JSON_COMMENT_MAX);
	return json_add_string(params, name, cJSON_IsNull(item) ? "" : item->valuestring);
}

int request_json_alert(struct span body, cJSON **paramsp, struct api_fault *fault)
{
	static const char *const names[] = {
		"status", "assignedTo", "classification", "determination", "comment"};
	_cleanup_(json_cleanup) cJSON *root = NULL;
	_cleanup_(json_cleanup) cJSON *params = NULL;
	int r = request_json_parse(body, &root, fault);

	if (r < 0)
		return r;
	params = cJSON_CreateObject();
	if (!params)
		return err_origin(-ENOMEM);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == 0; i++)
		r = request_json_change(root, names[i], params, fault);
	if (r == 0 && !params->child)
		r = api_fault_set(fault, API_ERROR_MISSING_PARAMETER,
			"One of status, assignedTo, classification, determination and comment is "
			"required");
	return request_json_done(&params, r, paramsp);
}

/* "Sha1" is Defender's; "Sha256" is ours. One of both. */
static int request_json_hash(
	const cJSON *root, const char **namep, const char **hashp, struct api_fault *fault)
{
	bool is_sha256 = cJSON_GetObjectItemCaseSensitive(root, "Sha256") != NULL &&
			 cJSON_GetObjectItemCaseSensitive(root, "Sha1") == NULL;
	size_t n_want = is_sha256 ? 64 : 40;
	int r = request_json_text(
		root, is_sha256 ? "Sha256" : "Sha1", REQUEST_JSON_COMMENT_MAX, hashp, fault);

	if (r < 0)
		return r;
	*namep = is_sha256 ? "sha256" : "sha1";
	if (strlen(*hashp) != n_want || strspn(*hashp, "0123456789abcdefABCDEF") != n_want)
		return api_fault_set(fault, API_ERROR_INVALID_HASH,
			"The parameter '%s' must have %zu hex digits",
			is_sha256 ? "Sha256" : "Sha1", n_want);
	return 0;
}

int request_json_file(struct span body, cJSON **paramsp, struct api_fault *fault)
{
	_cleanup_(json_cleanup) cJSON *root = NULL;
	_cleanup_(json_cleanup) cJSON *params = NULL;
	const char *comment = NULL;
	const char *name = NULL;
	const char *hash = NULL;
	int r = request_json_parse(body, &root, fault);

	if (r == 0)
		r = request_json_text(root, "Comment", REQUEST_JSON_COMMENT_MAX, &comment, fault);
	if (r == 0)
		r = request_json_hash(root, &name, &hash, fault);
	if (r < 0)
		return r;
	params = cJSON_CreateObject();
	r = json_add_string(params, name, hash);
	r |= json_add_string(params, "comment", comment);
	return request_json_done(&params, r, paramsp);
}

static int request_json_commands(const cJSON *root, struct api_fault *fault)
{
	static const char *const types[] = {"PutFile", "RunScript", "GetFile", NULL};
	const cJSON *commands = cJSON_GetObjectItemCaseSensitive(root, "Commands");
	int r = 0;

	if (!cJSON_IsArray(commands) || !commands->child)
		return api_fault_set(fault, API_ERROR_MISSING_PARAMETER,
			"The parameter 'Commands' is required, a list");
	for (const cJSON *item = commands->child; item && r == 0; item = item->next) {
		const char *type;

		if (!cJSON_IsObject(item))
			return api_fault_set(fault, API_ERROR_INVALID_BODY,
				"Each of 'Commands' must be an object");
		r = request_json_word(item, "type", types, &type, fault);
	}
	return r;
}

int request_json_unsupported(struct span body, enum route_unsupported kind, struct api_fault *fault)
{
	static const char *const isolations[] = {"Full", "Selective", "UnManagedDevice", NULL};
	_cleanup_(json_cleanup) cJSON *root = NULL;
	const char *text = NULL;
	int r = request_json_parse(body, &root, fault);

	if (r == 0)
		r = request_json_text(root, "Comment", REQUEST_JSON_COMMENT_MAX, &text, fault);
	if (r == 0 && kind == ROUTE_UNSUPPORTED_ISOLATE)
		r = request_json_word(root, "IsolationType", isolations, &text, fault);
	if (r == 0 && kind == ROUTE_UNSUPPORTED_LIVE)
		r = request_json_commands(root, fault);
	return r;
}
