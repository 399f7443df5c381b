/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table, looked through from its top. In a pattern "*" is any one segment,
 * and the first one is the parameter; "name(" is a segment that begins so.
 */
#include "route.h"

#include "percent.h"
#include "roles.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum {
	ROUTE_SEGMENTS_MAX = 4,
	ROUTE_READ = ROLE_MACHINE_READ | ROLE_MACHINE_READ_WRITE,
	ROUTE_ALERT_READ = ROLE_ALERT_READ | ROLE_ALERT_READ_WRITE,
};

struct route {
	const char *method;
	const char *pattern; /* segments, '/' between them */
	enum route_id id;
	unsigned roles;
	enum route_unsupported unsupported;
};

/* Below /api. */
static const struct route route_api[] = {
	{"GET", "machines", ROUTE_MACHINES, ROUTE_READ, 0},
	{"GET", "machines/$count", ROUTE_MACHINES_COUNT, ROUTE_READ, 0},
	{"GET", "machines/findbyip(", ROUTE_FIND_BY_IP, ROUTE_READ, 0},
	{"GET", "machines/*", ROUTE_MACHINE, ROUTE_READ, 0},
	{"POST", "machines/*/tags", ROUTE_MACHINE_TAGS, ROLE_MACHINE_READ_WRITE, 0},
	{"POST", "machines/*/runAntiVirusScan", ROUTE_MACHINE_SCAN, ROLE_MACHINE_SCAN, 0},
	{"GET", "machines/*/alerts", ROUTE_MACHINE_ALERTS, ROUTE_ALERT_READ, 0},
	{"GET", "machines/*/alerts/$count", ROUTE_MACHINE_ALERTS_COUNT, ROUTE_ALERT_READ, 0},
	{"POST", "machines/*/isolate", ROUTE_UNSUPPORTED, ROLE_MACHINE_ISOLATE,
		ROUTE_UNSUPPORTED_ISOLATE},
	{"POST", "machines/*/unisolate", ROUTE_UNSUPPORTED, ROLE_MACHINE_ISOLATE,
		ROUTE_UNSUPPORTED_COMMENT},
	{"POST", "machines/*/restrictCodeExecution", ROUTE_UNSUPPORTED, ROLE_MACHINE_RESTRICT,
		ROUTE_UNSUPPORTED_COMMENT},
	{"POST", "machines/*/unrestrictCodeExecution", ROUTE_UNSUPPORTED, ROLE_MACHINE_RESTRICT,
		ROUTE_UNSUPPORTED_COMMENT},
	{"POST", "machines/*/collectInvestigationPackage", ROUTE_UNSUPPORTED,
		ROLE_MACHINE_FORENSICS, ROUTE_UNSUPPORTED_COMMENT},
	{"POST", "machines/*/StopAndQuarantineFile", ROUTE_MACHINE_FILE, ROLE_MACHINE_QUARANTINE,
		0},
	{"POST", "machines/*/startInvestigation", ROUTE_UNSUPPORTED, ROLE_ALERT_READ_WRITE,
		ROUTE_UNSUPPORTED_COMMENT},
	{"POST", "machines/*/runliveresponse", ROUTE_UNSUPPORTED, ROLE_MACHINE_LIVE_RESPONSE,
		ROUTE_UNSUPPORTED_LIVE},
	{"POST", "machines/*/offboard", ROUTE_UNSUPPORTED, ROLE_MACHINE_OFFBOARD,
		ROUTE_UNSUPPORTED_COMMENT},
	{"GET", "machineactions", ROUTE_ACTIONS, ROUTE_READ, 0},
	{"GET", "machineactions/$count", ROUTE_ACTIONS_COUNT, ROUTE_READ, 0},
	{"GET", "machineactions/*", ROUTE_ACTION, ROUTE_READ, 0},
	{"POST", "machineactions/*/cancel", ROUTE_ACTION_CANCEL, ROLE_MACHINE_SCAN, 0},
	{"GET", "machineactions/*/getPackageUri", ROUTE_ACTION_RESULT, ROLE_MACHINE_FORENSICS, 0},
	{"GET", "machineactions/*/GetLiveResponseResultDownloadLink(", ROUTE_ACTION_RESULT,
		ROLE_MACHINE_LIVE_RESPONSE, 0},
	{"GET", "alerts", ROUTE_ALERTS, ROUTE_ALERT_READ, 0},
	{"GET", "alerts/$count", ROUTE_ALERTS_COUNT, ROUTE_ALERT_READ, 0},
	{"GET", "alerts/*", ROUTE_ALERT, ROUTE_ALERT_READ, 0},
	{"PATCH", "alerts/*", ROUTE_ALERT_UPDATE, ROLE_ALERT_READ_WRITE, 0},
	{"GET", "scans", ROUTE_SCANS, ROUTE_READ, 0},
	{"GET", "scans/$count", ROUTE_SCANS_COUNT, ROUTE_READ, 0},
	{"GET", "scans/*", ROUTE_SCAN, ROUTE_READ, 0},
	{"POST", "scans/*/pause", ROUTE_SCAN_PAUSE, ROLE_MACHINE_SCAN, 0},
	{"POST", "scans/*/resume", ROUTE_SCAN_RESUME, ROLE_MACHINE_SCAN, 0},
	{"GET", "detections", ROUTE_DETECTIONS, ROUTE_READ | ROUTE_ALERT_READ, 0},
	{"GET", "detections/$count", ROUTE_DETECTIONS_COUNT, ROUTE_READ | ROUTE_ALERT_READ, 0},
	{"GET", "quarantine", ROUTE_QUARANTINE, ROUTE_READ, 0},
	{"GET", "quarantine/$count", ROUTE_QUARANTINE_COUNT, ROUTE_READ, 0},
	{"GET", "quarantine/*", ROUTE_QUARANTINE_ITEM, ROUTE_READ, 0},
	{"POST", "quarantine/*/restore", ROUTE_QUARANTINE_RESTORE, ROLE_MACHINE_QUARANTINE, 0},
	{"POST", "quarantine/*/delete", ROUTE_QUARANTINE_DELETE, ROLE_MACHINE_QUARANTINE, 0},
	{"GET", "timeline", ROUTE_TIMELINE, ROUTE_READ, 0},
	{"GET", "events", ROUTE_EVENTS, ROUTE_READ, 0},
	{"GET", "health", ROUTE_HEALTH, ROUTE_READ, 0},
};

/* Beside /api. Of /metrics the handler asks who it is: it takes Basic too. */
static const struct route route_root[] = {
	{"POST", "*/oauth2/token", ROUTE_TOKEN, 0, 0},
	{"GET", "*/oauth2/token", ROUTE_TOKEN, 0, 0},
	{"POST", "*/oauth2/v2.0/token", ROUTE_TOKEN_V2, 0, 0},
	{"GET", "*/oauth2/v2.0/token", ROUTE_TOKEN_V2, 0, 0},
	{"GET", "openapi.json", ROUTE_OPENAPI, 0, 0},
	{"GET", "metrics", ROUTE_METRICS, 0, 0},
	{"GET", "healthz", ROUTE_ALIVE, 0, 0},
};

struct route_path {
	char segments[ROUTE_SEGMENTS_MAX][ROUTE_PARAMETER_SIZE];
	size_t n;
};

/* Split and decode, so that an encoded '/' splits nothing. */
static int route_split(const char *path, struct route_path *split)
{
	while (*path == '/') {
		size_t n = strcspn(++path, "/");
		int r;

		if (n == 0 && path[n] == '\0')
			return 0; /* one '/' at the end is nothing */
		if (split->n == ROUTE_SEGMENTS_MAX)
			return ROUTE_E_NOT_FOUND;
		r = percent_decode((struct span){path, n}, PERCENT_PLAIN,
			split->segments[split->n++], ROUTE_PARAMETER_SIZE);
		if (r < 0)
			return r == -EMSGSIZE ? ROUTE_E_NOT_FOUND : ROUTE_E_BAD;
		path += n;
	}
	return *path == '\0' ? 0 : ROUTE_E_NOT_FOUND;
}

static bool route_fits(const char *pattern, const struct route_path *split, char *parameter)
{
	bool is_taken = false;
	size_t i = 0;

	parameter[0] = '\0';
	for (; *pattern != '\0'; i++) {
		size_t n = strcspn(pattern, "/");
		const char *segment = i < split->n ? split->segments[i] : NULL;

		if (!segment || segment[0] == '\0')
			return false;
		if (*pattern == '*' || pattern[n - 1] == '(') {
			if (*pattern != '*' && strncasecmp(pattern, segment, n) != 0)
				return false;
			if (!is_taken)
				memcpy(parameter, segment, strlen(segment) + 1);
			is_taken = true;
		} else if (strlen(segment) != n || strncasecmp(pattern, segment, n) != 0) {
			return false;
		}
		pattern += n + (pattern[n] == '/');
	}
	return i == split->n;
}

static int route_look(const struct route *table, size_t n, const char *method,
	const struct route_path *split, struct route_match *match)
{
	bool is_path = false;

	for (size_t i = 0; i < n; i++) {
		if (!route_fits(table[i].pattern, split, match->parameter))
			continue;
		if (strcmp(table[i].method, method) == 0) {
			match->id = table[i].id;
			match->roles = table[i].roles;
			match->is_open = table[i].roles == 0;
			match->unsupported = table[i].unsupported;
			return 0;
		}
		if (!is_path)
			match->allowed = table[i].method;
		else if (strcmp(table[i].method, match->allowed) != 0)
			match->allowed =
				strcmp(table[i].method, "PATCH") == 0 ? "GET, PATCH" : "GET, POST";
		is_path = true;
	}
	return is_path ? ROUTE_E_METHOD : ROUTE_E_NOT_FOUND;
}

int route_find(const char *method, const char *path, struct route_match *match)
{
	struct route_path split = {.n = 0};
	bool is_api = strncasecmp(path, "/api/", 5) == 0;
	int r;

	*match = (struct route_match){.id = ROUTE_N};
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	if (is_api) {
		path += 4;
		match->is_versioned = strncasecmp(path, "/v1.0/", 6) == 0;
		path += match->is_versioned ? 5 : 0;
	}
	r = route_split(path, &split);
	if (r != 0)
		return r;
	if (is_api)
		return route_look(
			route_api, sizeof(route_api) / sizeof(route_api[0]), method, &split, match);
	return route_look(
		route_root, sizeof(route_root) / sizeof(route_root[0]), method, &split, match);
}
