/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route: every path of the API, in the spellings clients use. */
#include "unit.h"

#include "roles.h"
#include "route.h"

#include <string.h>

#define M "0123456789012345678901234567890123456789"

static const struct {
	const char *method;
	const char *path;
	enum route_id id;
	const char *parameter;
	unsigned role; /* one that is enough; 0: none needed */
} found[] = {
	{"GET", "/api/machines", ROUTE_MACHINES, "", ROLE_MACHINE_READ},
	{"HEAD", "/api/v1.0/machines", ROUTE_MACHINES, "", ROLE_MACHINE_READ_WRITE},
	{"GET", "/api/Machines/", ROUTE_MACHINES, "", ROLE_MACHINE_READ},
	{"GET", "/api/machines/" M, ROUTE_MACHINE, M, ROLE_MACHINE_READ},
	{"GET", "/api/machines/%24count", ROUTE_MACHINES_COUNT, "", ROLE_MACHINE_READ},
	{"GET", "/api/machines/findbyip(ip='10.0.0.1',timestamp=2019-09-22T08:44:05Z)",
		ROUTE_FIND_BY_IP, "findbyip(ip='10.0.0.1',timestamp=2019-09-22T08:44:05Z)",
		ROLE_MACHINE_READ},
	{"GET", "/api/machines/FindByIp%28ip=%2710.0.0.1%27,timestamp=x%29", ROUTE_FIND_BY_IP,
		"FindByIp(ip='10.0.0.1',timestamp=x)", ROLE_MACHINE_READ},
	{"POST", "/api/machines/" M "/tags", ROUTE_MACHINE_TAGS, M, ROLE_MACHINE_READ_WRITE},
	{"POST", "/api/machines/" M "/runAntiVirusScan", ROUTE_MACHINE_SCAN, M, ROLE_MACHINE_SCAN},
	{"POST", "/api/v1.0/machines/" M "/RunAntivirusScan", ROUTE_MACHINE_SCAN, M,
		ROLE_MACHINE_SCAN},
	{"GET", "/api/machines/" M "/alerts", ROUTE_MACHINE_ALERTS, M, ROLE_ALERT_READ},
	{"GET", "/api/machines/" M "/alerts/$count", ROUTE_MACHINE_ALERTS_COUNT, M,
		ROLE_ALERT_READ},
	{"POST", "/api/machines/" M "/isolate", ROUTE_UNSUPPORTED, M, ROLE_MACHINE_ISOLATE},
	{"POST", "/api/machines/" M "/unisolate", ROUTE_UNSUPPORTED, M, ROLE_MACHINE_ISOLATE},
	{"POST", "/api/machines/" M "/restrictCodeExecution", ROUTE_UNSUPPORTED, M,
		ROLE_MACHINE_RESTRICT},
	{"POST", "/api/machines/" M "/unrestrictCodeExecution", ROUTE_UNSUPPORTED, M,
		ROLE_MACHINE_RESTRICT},
	{"POST", "/api/machines/" M "/collectInvestigationPackage", ROUTE_UNSUPPORTED, M,
		ROLE_MACHINE_FORENSICS},
	{"POST", "/api/machines/" M "/stopAndQuarantineFile", ROUTE_MACHINE_FILE, M,
		ROLE_MACHINE_QUARANTINE},
	{"POST", "/api/machines/" M "/startInvestigation", ROUTE_UNSUPPORTED, M,
		ROLE_ALERT_READ_WRITE},
	{"POST", "/API/machines/" M "/runliveresponse", ROUTE_UNSUPPORTED, M,
		ROLE_MACHINE_LIVE_RESPONSE},
	{"POST", "/api/machines/" M "/offboard", ROUTE_UNSUPPORTED, M, ROLE_MACHINE_OFFBOARD},
	{"GET", "/api/machineActions", ROUTE_ACTIONS, "", ROLE_MACHINE_READ},
	{"GET", "/api/machineactions/abc", ROUTE_ACTION, "abc", ROLE_MACHINE_READ},
	{"POST", "/api/machineactions/abc/cancel", ROUTE_ACTION_CANCEL, "abc", ROLE_MACHINE_SCAN},
	{"GET", "/api/machineactions/abc/GetPackageUri", ROUTE_ACTION_RESULT, "abc",
		ROLE_MACHINE_FORENSICS},
	{"GET", "/api/machineactions/abc/GetLiveResponseResultDownloadLink(index=0)",
		ROUTE_ACTION_RESULT, "abc", ROLE_MACHINE_LIVE_RESPONSE},
	{"GET", "/api/alerts", ROUTE_ALERTS, "", ROLE_ALERT_READ},
	{"GET", "/api/alerts/$count", ROUTE_ALERTS_COUNT, "", ROLE_ALERT_READ},
	{"GET", "/api/alerts/da1_-2", ROUTE_ALERT, "da1_-2", ROLE_ALERT_READ},
	{"PATCH", "/api/alerts/da1_-2", ROUTE_ALERT_UPDATE, "da1_-2", ROLE_ALERT_READ_WRITE},
	{"GET", "/api/scans", ROUTE_SCANS, "", ROLE_MACHINE_READ},
	{"GET", "/api/scans/x", ROUTE_SCAN, "x", ROLE_MACHINE_READ},
	{"POST", "/api/scans/x/pause", ROUTE_SCAN_PAUSE, "x", ROLE_MACHINE_SCAN},
	{"POST", "/api/scans/x/resume", ROUTE_SCAN_RESUME, "x", ROLE_MACHINE_SCAN},
	{"GET", "/api/detections", ROUTE_DETECTIONS, "", ROLE_ALERT_READ},
	{"GET", "/api/quarantine", ROUTE_QUARANTINE, "", ROLE_MACHINE_READ},
	{"GET", "/api/quarantine/$count", ROUTE_QUARANTINE_COUNT, "", ROLE_MACHINE_READ_WRITE},
	{"GET", "/api/Quarantine/82ff", ROUTE_QUARANTINE_ITEM, "82ff", ROLE_MACHINE_READ},
	{"POST", "/api/quarantine/82ff/restore", ROUTE_QUARANTINE_RESTORE, "82ff",
		ROLE_MACHINE_QUARANTINE},
	{"POST", "/api/v1.0/quarantine/82ff/Delete", ROUTE_QUARANTINE_DELETE, "82ff",
		ROLE_MACHINE_QUARANTINE},
	{"GET", "/api/timeline", ROUTE_TIMELINE, "", ROLE_MACHINE_READ},
	{"GET", "/api/events", ROUTE_EVENTS, "", ROLE_MACHINE_READ},
	{"GET", "/api/health", ROUTE_HEALTH, "", ROLE_MACHINE_READ},
	{"POST", "/contoso.example/oauth2/token", ROUTE_TOKEN, "contoso.example", 0},
	{"GET", "/contoso/oauth2/token", ROUTE_TOKEN, "contoso", 0},
	{"POST", "/quietscan/oauth2/v2.0/token", ROUTE_TOKEN_V2, "quietscan", 0},
	{"GET", "/openapi.json", ROUTE_OPENAPI, "", 0},
	{"GET", "/metrics", ROUTE_METRICS, "", 0},
	{"HEAD", "/healthz", ROUTE_ALIVE, "", 0},
};

static void every_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		struct route_match match;

		if (route_find(found[i].method, found[i].path, &match) != 0)
			fail_msg("%s %s: not found", found[i].method, found[i].path);
		if (match.id != found[i].id || strcmp(match.parameter, found[i].parameter) != 0)
			fail_msg("%s: %d, \"%s\"", found[i].path, (int)match.id, match.parameter);
		assert_int_equal(match.is_open, found[i].role == 0);
		if (found[i].role)
			assert_true(match.roles & found[i].role);
		assert_int_equal(match.is_versioned, strstr(found[i].path, "v1.0") != NULL);
	}
}

static void not_there(void **state)
{
	static const struct {
		const char *method;
		const char *path;
		int r;
		const char *allowed;
	} cases[] = {{"GET", "/", ROUTE_E_NOT_FOUND, NULL},
		{"GET", "/api", ROUTE_E_NOT_FOUND, NULL}, {"GET", "/api/", ROUTE_E_NOT_FOUND, NULL},
		{"GET", "/api/v1.0/", ROUTE_E_NOT_FOUND, NULL},
		{"GET", "/api/v2.0/machines", ROUTE_E_NOT_FOUND, NULL},
		{"GET", "/api//machines", ROUTE_E_NOT_FOUND, NULL},
		{"GET", "/machines", ROUTE_E_NOT_FOUND, NULL},
		{"GET", "/api/machines/a/b/c/d", ROUTE_E_NOT_FOUND, NULL},
		{"GET", "/api/machines//alerts", ROUTE_E_NOT_FOUND, NULL},
		{"GET", "/api/machines%2fx", ROUTE_E_NOT_FOUND, NULL},
		{"GET", "/api/machines/%zz", ROUTE_E_BAD, NULL},
		{"GET", "/api/machines/%00", ROUTE_E_BAD, NULL},
		{"GET", "/api/machines/%ff", ROUTE_E_BAD, NULL},
		{"GET", "noslash", ROUTE_E_NOT_FOUND, NULL},
		{"POST", "/api/machines", ROUTE_E_METHOD, "GET"},
		{"GET", "/api/machineactions/x/cancel", ROUTE_E_METHOD, "POST"},
		{"DELETE", "/api/alerts/x", ROUTE_E_METHOD, "GET, PATCH"},
		{"DELETE", "/api/alerts/$count", ROUTE_E_METHOD, "GET, PATCH"},
		{"PUT", "/x/oauth2/token", ROUTE_E_METHOD, "GET, POST"},
		{"get", "/api/machines", ROUTE_E_METHOD, "GET"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct route_match match;

		if (route_find(cases[i].method, cases[i].path, &match) != cases[i].r)
			fail_msg("%s %s", cases[i].method, cases[i].path);
		if (cases[i].allowed)
			assert_string_equal(match.allowed, cases[i].allowed);
	}
}

static void long_segments(void **state)
{
	char path[600] = "/api/machines/";
	struct route_match match;

	(void)state;
	memset(path + 14, 'a', 500);
	assert_int_equal(route_find("GET", path, &match), ROUTE_E_NOT_FOUND);
	path[14 + ROUTE_PARAMETER_SIZE - 1] = '\0';
	assert_int_equal(route_find("GET", path, &match), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_path),
		cmocka_unit_test(not_there),
		cmocka_unit_test(long_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
