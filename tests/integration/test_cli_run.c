/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli_run over a real socket: what each command asks for, what it prints and
 * how it exits. The other end follows a script of lines, so that also a service
 * can be played that no real one is (lies, restarts, refusals).
 */
#include "unit.h"

#include "cleanup.h"
#include "cli.h"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A step leaves out what it does not need. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum { WORDS_MAX = 24 };

/* Scan ids look like this everywhere here. */
#define ID "8a4f0b52-6d0c-4b8e-9d1f-3d2f7c1e5a60"

/*
 * One step: a line must come that holds @expect (NULL: none is awaited), then
 * @answer is sent ("@" becomes the line's id), then maybe the connection ends.
 */
struct step {
	const char *expect;
	const char *answer;
	bool is_hangup;
	int interrupt; /* send SIGINT to ourselves that many times after the answer */
};

struct peer {
	char dir[64];
	char path[96];
	int listener;
	pthread_t thread;
	pthread_t client;         /* the thread that runs cli_run */
	const struct step *steps; /* up to one without expect and answer */
	char wrong[512];          /* what did not come as expected */
	/* what cli_run wrote */
	char *out;
	char *err;
};

static int setup(void **state)
{
	struct peer *p = calloc(1, sizeof(*p));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/test-cli-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	(void)snprintf(p->path, sizeof(p->path), "%s/s", p->dir);
	(void)strcpy(address.sun_path, p->path);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(p->listener, 5), 0);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct peer *p = *state;

	(void)close(p->listener);
	(void)unlink(p->path);
	(void)rmdir(p->dir);
	free(p->out);
	free(p->err);
	free(p);
	return 0;
}

static void peer_send(int fd, const char *answer, const char *line)
{
	const char *id = strstr(line, "\"id\":");
	char text[65536] = "";
	size_t n = 0;

	for (const char *at = answer; *at && n < sizeof(text) - 32; at++) {
		if (*at == '@' && id)
			n += (size_t)snprintf(
				text + n, sizeof(text) - n, "%ld", strtol(id + 5, NULL, 10));
		else
			text[n++] = *at;
	}
	(void)send(fd, text, n, MSG_NOSIGNAL);
}

/* One line into @line; false at the end of the connection. */
static bool peer_line(int fd, char line[65536])
{
	size_t n = 0;

	while (n < 65535 && recv(fd, line + n, 1, 0) == 1)
		if (line[n++] == '\n')
			break;
	line[n] = '\0';
	return n > 0;
}

static void *peer_play(void *arg)
{
	struct peer *p = arg;
	const struct step *step = p->steps;
	static char line[65536];
	int fd = -1;

	for (; step->expect || step->answer; step++) {
		if (fd < 0)
			fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
		line[0] = '\0';
		if (step->expect && (!peer_line(fd, line) || !strstr(line, step->expect))) {
			(void)snprintf(p->wrong, sizeof(p->wrong), "awaited %.200s got %.200s",
				step->expect, line);
			break;
		}
		if (step->answer)
			peer_send(fd, step->answer, line);
		for (int i = 0; i < step->interrupt; i++) {
			(void)usleep(100000);
			(void)pthread_kill(p->client, SIGINT);
		}
		if (step->is_hangup) {
			(void)close(fd);
			fd = -1;
		}
	}
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

static int run(struct peer *p, const char *line, bool is_served)
{
	char copy[1024];
	char *argv[WORDS_MAX + 3] = {
		(char *)(uintptr_t) "quietscan", (char *)(uintptr_t) "--socket", p->path};
	int argc = 3;
	char *rest = NULL;
	size_t n = 0;
	FILE *out;
	FILE *err;
	int code;

	free(p->out);
	free(p->err);
	out = open_memstream(&p->out, &n);
	err = open_memstream(&p->err, &n);
	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		for (char *at = word; *at; at++)
			*at = (char)(*at == '_' ? ' ' : *at);
		argv[argc++] = word;
	}
	p->client = pthread_self();
	p->wrong[0] = '\0';
	if (is_served)
		assert_int_equal(pthread_create(&p->thread, NULL, peer_play, p), 0);
	code = cli_run(argc, argv, out, err);
	if (is_served)
		assert_int_equal(pthread_join(p->thread, NULL), 0);
	(void)fclose(out);
	(void)fclose(err);
	if (*p->wrong)
		fail_msg("%s: %s; err: %s", line, p->wrong, p->err);
	return code;
}

#define PLAY(p, line, ...)                                                                         \
	((p)->steps = (const struct step[]){__VA_ARGS__, {NULL}}, run(p, line, true))

#define OK(result) "{\"jsonrpc\":\"2.0\",\"id\":@,\"result\":" result "}\n"
#define EMPTY_LIST OK("{\"value\":[],\"nextOffset\":null}")
#define SCAN(status, more) "{\"id\":\"" ID "\",\"status\":\"" status "\"" more "}"
#define STARTED                                                                                    \
	OK("{\"action\":{\"id\":\"a1\",\"status\":\"Pending\"},\"scan\":" SCAN("Pending", "") "}")
#define NOTE(method, scan) "{\"jsonrpc\":\"2.0\",\"method\":\"" method "\",\"params\":" scan "}\n"
#define CLEAN SCAN("Succeeded", ",\"complete\":true,\"results\":{\"clean\":3}")

static const struct {
	const char *line;
	const char *expect;
	const char *answer;
} asked_for[] = {
	{"scan quick --comment a_b --load-factor 20",
		"\"method\":\"scan.start\",\"params\":{\"type\":\"quick\",\"comment\":\"a "
		"b\",\"loadFactor\":20}}",
		STARTED},
	{"scan custom --path /a/../b --path /c --comment x --report all "
	 "--ignore-exclusions",
		"\"params\":{\"type\":\"custom\",\"comment\":\"x\",\"report\":\"all\","
		"\"ignoreExclusions\":true,\"paths\":[\"/b\",\"/c\"]}}",
		STARTED},
	{"scan custom --path /\xff --comment x", "\"pathsBytes\":[\"L/8=\"]}}", STARTED},
	{"scan list --status Failed --limit 5",
		"\"method\":\"scan.list\",\"params\":{\"status\":\"Failed\",\"limit\":5}}",
		EMPTY_LIST},
	{"scan show " ID, "\"scan.show\",\"params\":{\"id\":\"" ID "\"}}", OK("{}")},
	{"scan cancel i --comment why",
		"\"scan.cancel\",\"params\":{\"id\":\"i\",\"comment\":\"why\"}}", OK("{}")},
	{"scan pause i", "\"scan.pause\",\"params\":{\"id\":\"i\"}}", OK("{}")},
	{"scan resume i", "\"scan.resume\",\"params\":{\"id\":\"i\"}}", OK("{}")},
	{"action list", "\"action.list\",\"params\":{\"limit\":1000}}", EMPTY_LIST},
	{"action show i", "\"action.show\",\"params\":{\"id\":\"i\"}}", OK("{}")},
	{"action cancel i --comment c",
		"\"action.cancel\",\"params\":{\"id\":\"i\",\"comment\":\"c\"}}", OK("{}")},
	{"timeline --scan s --action a --type T",
		"\"timeline.list\",\"params\":{\"order\":\"asc\",\"limit\":1000,"
		"\"afterSequence\":0,\"scanId\":\"s\",\"actionId\":\"a\",\"actionType\":"
		"\"T\"}}",
		EMPTY_LIST},
	{"timeline --limit 3", "\"params\":{\"order\":\"desc\",\"limit\":3}}", EMPTY_LIST},
	{"detection list --scan s", "\"detection.list\",\"params\":{\"scanId\":\"s\"", EMPTY_LIST},
	{"alert list --status New", "\"alert.list\",\"params\":{\"status\":\"New\"", EMPTY_LIST},
	{"alert update i --status Resolved --assigned-to bob --classification "
	 "FalsePositive "
	 "--determination NotMalicious --comment c",
		"\"alert.update\",\"params\":{\"id\":\"i\",\"comment\":\"c\",\"status\":"
		"\"Resolved\",\"assignedTo\":\"bob\",\"classification\":\"FalsePositive\","
		"\"determination\":\"NotMalicious\"}}",
		OK("{}")},
	{"quarantine list", "\"quarantine.list\"", EMPTY_LIST},
	{"exclusion list", "\"exclusion.list\"", EMPTY_LIST},
	{"exclusion add --path /x/*",
		"\"exclusion.add\",\"params\":{\"kind\":\"path\",\"value\":\"/x/*\"}}", EMPTY_LIST},
	{"exclusion remove --extension .iso",
		"\"exclusion.remove\",\"params\":{\"kind\":\"extension\",\"value\":\"."
		"iso\"}}",
		EMPTY_LIST},
	{"allowed list", "\"allowed.list\"", EMPTY_LIST},
	{"allowed add --name X --comment c",
		"\"allowed.add\",\"params\":{\"kind\":\"name\",\"value\":\"X\",\"comment\":\"c\"}}",
		EMPTY_LIST},
	{"allowed remove --comment c --hash 00ff",
		"\"allowed.remove\",\"params\":{\"kind\":\"hash\",\"value\":\"00ff\","
		"\"comment\":\"c\"}}",
		EMPTY_LIST},
	{"settings show", "\"method\":\"settings.show\"}", EMPTY_LIST},
	{"settings set MaxFiles 5",
		"\"settings.set\",\"params\":{\"name\":\"MaxFiles\",\"value\":5}}", OK("{}")},
	{"settings set PassiveMode on", "\"value\":\"on\"}}", OK("{}")},
	{"settings set ExclusionPath [\"/a\"]", "\"value\":[\"/a\"]}}", OK("{}")},
	{"settings set MaxFiles null", "\"value\":null}}", OK("{}")},
	{"definitions show", "\"method\":\"definitions.show\"}", OK("{}")},
	{"definitions reload", "\"method\":\"definitions.reload\"}", OK("{}")},
	{"health", "\"method\":\"health\"}", OK("{\"healthy\":true}")},
};

/* Each command sends its method with its parameters, and nothing is left out. */
static void what_is_asked_for(void **state)
{
	struct peer *p = *state;

	for (size_t i = 0; i < sizeof(asked_for) / sizeof(asked_for[0]); i++) {
		char line[512];
		cJSON *json = NULL;

		if (PLAY(p, asked_for[i].line, {asked_for[i].expect, asked_for[i].answer}) !=
			CLI_EXIT_CLEAN)
			fail_msg("%s: %s", asked_for[i].line, p->err);
		assert_string_equal(p->err, "");
		(void)snprintf(line, sizeof(line), "%s --output json", asked_for[i].line);
		if (PLAY(p, line, {asked_for[i].expect, asked_for[i].answer}) != CLI_EXIT_CLEAN)
			fail_msg("%s: %s", line, p->err);
		if (json_parse(p->out, strlen(p->out), &json, NULL) != 0)
			fail_msg("%s printed %s", line, p->out);
		cJSON_Delete(json);
	}
}

/* Relative paths are completed from where the command runs. */
static void relative_path(void **state)
{
	struct peer *p = *state;
	int here = open(".", O_RDONLY | O_CLOEXEC);

	assert_int_equal(chdir("/usr"), 0);
	assert_int_equal(PLAY(p, "scan custom --path bin/./x --path .. --comment c",
				 {"\"paths\":[\"/usr/bin/x\",\"/\"]", STARTED}),
		CLI_EXIT_CLEAN);
	assert_int_equal(fchdir(here), 0);
	(void)close(here);
}

#define LOAD                                                                                       \
	"{\"mean\":49.97,\"later\":{\"x\":[1,null]},\"series\":[{\"duration\":5,\"asked\":50,"     \
	"\"achieved\":49.97,\"other\":\"y\"}]}"

/* The record of the load: drawn as text, and as JSON what the service sent. */
static void load_record(void **state)
{
	struct peer *p = *state;
	cJSON *got = NULL;
	cJSON *sent = NULL;

	assert_int_equal(
		PLAY(p, "scan show " ID, {"scan.show", OK(SCAN("Succeeded", ",\"load\":" LOAD))}),
		CLI_EXIT_CLEAN);
	assert_non_null(strstr(p->out, "\nLoad over time, per cent of all CPUs "));
	assert_non_null(strstr(p->out, "\n 50 %│______"));
	assert_null(strchr(p->out, '\x1b'));
	assert_int_equal(PLAY(p, "scan show " ID " --output json",
				 {"scan.show", OK(SCAN("Succeeded", ",\"load\":" LOAD))}),
		CLI_EXIT_CLEAN);
	assert_int_equal(json_parse(p->out, strlen(p->out), &got, NULL), 0);
	assert_int_equal(json_parse(LOAD, strlen(LOAD), &sent, NULL), 0);
	assert_true(cJSON_Compare(cJSON_GetObjectItemCaseSensitive(got, "load"), sent, true));
	cJSON_Delete(sent);
	cJSON_Delete(got);
}

/* All pages are fetched; what moved onto the next page meanwhile is not doubled. */
static void pages(void **state)
{
	struct peer *p = *state;
	cJSON *array = NULL;

	assert_int_equal(
		PLAY(p, "scan list --output json",
			{"\"limit\":1000}",
				OK("{\"value\":[{\"id\":\"5\"},{\"id\":\"4\"}],\"nextOffset\":2}")},
			{"\"offset\":2}",
				OK("{\"value\":[{\"id\":\"4\"},{\"id\":\"3\"}],\"nextOffset\":4}")},
			{"\"offset\":4}", OK("{\"value\":[{\"id\":\"2\"}],\"nextOffset\":null}")}),
		CLI_EXIT_CLEAN);
	assert_int_equal(json_parse(p->out, strlen(p->out), &array, NULL), 0);
	assert_int_equal(cJSON_GetArraySize(array), 4);
	cJSON_Delete(array);
	assert_int_equal(
		PLAY(p, "scan list --output json --limit 1",
			{"\"limit\":1}", OK("{\"value\":[{\"id\":\"5\"}],\"nextOffset\":1}")}),
		CLI_EXIT_CLEAN);
	assert_int_equal(json_parse(p->out, strlen(p->out), &array, NULL), 0);
	assert_int_equal(cJSON_GetArraySize(array), 1);
	cJSON_Delete(array);
}

/* The last events come newest first and are printed oldest first. */
static void timeline_order(void **state)
{
	struct peer *p = *state;

	assert_int_equal(PLAY(p, "timeline --limit 2",
				 {"desc", OK("{\"value\":[{\"sequence\":9,\"actionType\":\"B\"},"
					     "{\"sequence\":8,\"actionType\":\"A\"}]}")}),
		CLI_EXIT_CLEAN);
	assert_true(strstr(p->out, "8  A\n") < strstr(p->out, "9  B\n"));
	assert_int_equal(PLAY(p, "timeline --output json",
				 {"\"afterSequence\":0",
					 OK("{\"value\":[{\"sequence\":1},{\"sequence\":2}]}")}),
		CLI_EXIT_CLEAN);
	assert_string_equal(p->out, "[{\"sequence\":1},\n{\"sequence\":2}]\n");
}

/* --follow: the last ten, then what comes after them, until the service goes away. */
static void timeline_follow(void **state)
{
	struct peer *p = *state;

	assert_int_equal(PLAY(p, "timeline --follow --output json",
				 {"\"desc\",\"limit\":10}",
					 OK("{\"value\":[{\"sequence\":9},{\"sequence\":8}]}")},
				 {"\"afterSequence\":9}", OK("{\"value\":[{\"sequence\":10}]}")},
				 {"\"afterSequence\":10}", NULL, true}),
		CLI_EXIT_ERROR);
	assert_string_equal(p->out, "{\"sequence\":8}\n{\"sequence\":9}\n{\"sequence\":10}\n");
	assert_non_null(strstr(p->err, "closed the connection"));
}

/* The log is looked for where the service says, or where one is told. */
static void log_is_not_there(void **state)
{
	struct peer *p = *state;

	assert_int_equal(PLAY(p, "log verify",
				 {"\"health\"", OK("{\"stateDir\":\"/nonexistent/s\","
						   "\"logDir\":\"/nonexistent/l\"}")}),
		CLI_EXIT_ERROR);
	assert_non_null(strstr(p->err, "Looked in /nonexistent/s and /nonexistent/l"));
	assert_int_equal(
		run(p, "log verify --state-dir /nonexistent/a --log-dir /nonexistent/b", false),
		CLI_EXIT_ERROR);
	assert_non_null(strstr(p->err, "Looked in /nonexistent/a and /nonexistent/b"));
	assert_string_equal(p->out, "");
}

static void report_in_pieces(void **state)
{
	struct peer *p = *state;

	assert_int_equal(
		PLAY(p, "scan report " ID,
			{"\"offset\":0,\"limit\":262144}",
				OK("{\"lines\":[\"{\\\"a\\\":1}\",\"{\\\"b\\\":2}\"],"
				   "\"nextOffset\":20}")},
			{"\"offset\":20",
				OK("{\"lines\":[\"{\\\"c\\\":3}\"],\"nextOffset\":null}")}),
		CLI_EXIT_CLEAN);
	assert_string_equal(p->out, "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
}

static void health_fields(void **state)
{
	struct peer *p = *state;
	static const char answer[] =
		OK("{\"healthy\":false,\"definitions\":{\"state\":\"ready\"},\"x\":[]}");

	assert_int_equal(PLAY(p, "health --field healthy", {"health", answer}), CLI_EXIT_CLEAN);
	assert_string_equal(p->out, "false\n");
	assert_int_equal(
		PLAY(p, "health --field definitions.state", {"health", answer}), CLI_EXIT_CLEAN);
	assert_string_equal(p->out, "ready\n");
	assert_int_equal(PLAY(p, "health --field heathy", {"health", answer}), CLI_EXIT_USAGE);
	assert_non_null(strstr(p->err, "did you mean \"healthy\"?"));
	assert_string_equal(p->out, "");
}

/* What the service refuses is an error with its sentence; no role: which group. */
static void refusals(void **state)
{
	struct peer *p = *state;

	assert_int_equal(
		PLAY(p, "scan quick --comment c",
			{"scan.start",
				"{\"id\":@,\"error\":{\"code\":-32001,\"message\":\"Action is "
				"already in progress\",\"data\":{\"code\":"
				"\"ActiveRequestAlreadyExists\"}}}\n"}),
		CLI_EXIT_ERROR);
	assert_string_equal(
		p->err, "quietscan: Action is already in progress (ActiveRequestAlreadyExists)\n");
	assert_int_equal(PLAY(p, "health",
				 {"health", "{\"id\":@,\"error\":{\"code\":-32003,\"message\":"
					    "\"no\\u001b[31m\"}}\n"}),
		CLI_EXIT_ERROR);
	assert_non_null(strstr(p->err, "members of the group \""));
	assert_null(strchr(p->err, 0x1b));
}

static void broken_service(void **state)
{
	struct peer *p = *state;

	assert_int_equal(PLAY(p, "health", {"health", "}{\n"}), CLI_EXIT_ERROR);
	assert_non_null(strstr(p->err, "no message"));
	assert_int_equal(PLAY(p, "health", {"health", "{\"id\":@,", true}), CLI_EXIT_ERROR);
	assert_non_null(strstr(p->err, "the service closed the connection"));
	assert_int_equal(PLAY(p, "settings show", {"settings", OK("7")}), CLI_EXIT_ERROR);
	assert_int_equal(PLAY(p, "scan list", {"scan.list", OK("7")}), CLI_EXIT_CLEAN);
}

static void no_service(void **state)
{
	struct peer *p = *state;

	(void)unlink(p->path);
	assert_int_equal(run(p, "health", false), CLI_EXIT_ERROR);
	assert_non_null(strstr(p->err, p->path));
	assert_non_null(strstr(p->err, "systemctl start quietscan"));
	assert_string_equal(p->out, "");
}

/* Not allowed to connect: the group that may is named. */
static void no_permission(void **state)
{
	struct peer *p = *state;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(p->dir, 0755), 0);
	assert_int_equal(chmod(p->path, 0660), 0);
	pid = fork();
	if (pid == 0) {
		bool is_good = setgroups(0, NULL) == 0 && setgid(65534) == 0 &&
			       setuid(65534) == 0 && run(p, "health", false) == CLI_EXIT_ERROR &&
			       strstr(p->err, "Permission denied") &&
			       strstr(p->err, "members of the group \"quietscan\"");

		_exit(is_good ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define WATCH(scan)                                                                                \
	{                                                                                          \
		"scan.watch", OK(scan)                                                             \
	}

static void wait_clean(void **state)
{
	struct peer *p = *state;

	assert_int_equal(PLAY(p, "scan quick --comment c --wait", {"scan.start", STARTED},
				 {"scan.watch", OK(SCAN("Pending", ""))},
				 {NULL, NOTE("scan.progress",
						SCAN("InProgress", ",\"progress\":{\"found\":7}"))},
				 {NULL, NOTE("scan.ended", CLEAN)}),
		CLI_EXIT_CLEAN);
	assert_non_null(strstr(p->out, "Succeeded, complete"));
	assert_null(strchr(p->out, '\r'));
	assert_non_null(strstr(p->err, ID));
	assert_non_null(strstr(p->err, "InProgress  0 of 7 files"));
	/* As JSON: the scan on stdout, nothing on stderr. */
	assert_int_equal(PLAY(p, "scan quick --comment c --wait --output json",
				 {"scan.start", STARTED}, WATCH(CLEAN)),
		CLI_EXIT_CLEAN);
	assert_int_equal(strncmp(p->out, "{\n  \"id\": \"" ID, 20), 0);
	assert_string_equal(p->err, "");
}

static void wait_found(void **state)
{
	struct peer *p = *state;

	assert_int_equal(
		PLAY(p, "scan quick --comment c --wait", {"scan.start", STARTED},
			WATCH(SCAN("Succeeded", ",\"complete\":true,\"detections\":1")),
			{"detection.list", OK("{\"value\":[{\"path\":\"/x\",\"threatName\":"
					      "\"Eicar\",\"remediationStatus\":\"Detected\"}]}")}),
		CLI_EXIT_FOUND);
	assert_non_null(strstr(p->out, "Eicar"));
	assert_int_equal(PLAY(p, "scan quick --comment c --wait", {"scan.start", STARTED},
				 WATCH(SCAN("Succeeded", ",\"complete\":true,\"detections\":1")),
				 {"detection.list",
					 OK("{\"value\":[{\"path\":\"/x\",\"threatName\":"
					    "\"Eicar\",\"remediationStatus\":\"Quarantined\"}]}")}),
		CLI_EXIT_CLEAN);
}

static void wait_other_ends(void **state)
{
	struct peer *p = *state;
	static const char *const scans[] = {OK(SCAN("Cancelled", "")), OK(SCAN("Failed", "")),
		OK(SCAN("TimeOut", "")), OK(SCAN("Succeeded", ",\"complete\":false"))};

	for (size_t i = 0; i < sizeof(scans) / sizeof(scans[0]); i++)
		assert_int_equal(PLAY(p, "scan full --comment c --wait", {"scan.start", STARTED},
					 {"scan.watch", scans[i]}),
			CLI_EXIT_ERROR);
	assert_int_equal(PLAY(p, "scan full --comment c --wait", {"scan.start", STARTED},
				 {"scan.watch", "{\"id\":@,\"error\":{\"message\":\"gone\"}}\n"}),
		CLI_EXIT_ERROR);
	assert_non_null(strstr(p->err, "gone"));
}

/* Ctrl-C cancels and waits for the end, which is then what the exit code tells. */
static void interrupted_once(void **state)
{
	struct peer *p = *state;

	assert_int_equal(PLAY(p, "scan quick --comment c --wait", {"scan.start", STARTED},
				 {"scan.watch", OK(SCAN("InProgress", "")), false, 1},
				 {"\"scan.cancel\",\"params\":{\"id\":\"" ID
				  "\",\"comment\":\"interrupted at the terminal\"}",
					 OK(SCAN("InProgress", ""))},
				 {NULL, NOTE("scan.ended", SCAN("Cancelled", ""))}),
		CLI_EXIT_ERROR);
	assert_non_null(strstr(p->err, "Interrupted: cancelling scan " ID));
	assert_non_null(strstr(p->out, "Cancelled"));
}

/* A cancel that came too late changes nothing. */
static void interrupted_too_late(void **state)
{
	struct peer *p = *state;

	assert_int_equal(
		PLAY(p, "scan quick --comment c --wait", {"scan.start", STARTED},
			{"scan.watch", OK(SCAN("InProgress", "")), false, 1},
			{"scan.cancel",
				"{\"id\":@,\"error\":{\"code\":-32004,\"message\":\"the scan "
				"has ended\",\"data\":{\"code\":\"InvalidState\"}}}\n"},
			{NULL, NOTE("scan.ended", CLEAN)}),
		CLI_EXIT_CLEAN);
}

static void interrupted_twice(void **state)
{
	struct peer *p = *state;

	assert_int_equal(PLAY(p, "scan quick --comment c --wait", {"scan.start", STARTED},
				 {"scan.watch", OK(SCAN("InProgress", "")), false, 2},
				 {"scan.cancel", NULL}),
		CLI_EXIT_ERROR);
	assert_non_null(strstr(p->err, "Left."));
	assert_string_equal(p->out, "");
}

/* The service is restarted in the middle: the command finds it again and goes on. */
static void service_restarts(void **state)
{
	struct peer *p = *state;

	assert_int_equal(PLAY(p, "scan quick --comment c --wait", {"scan.start", STARTED},
				 {"scan.watch", OK(SCAN("InProgress", "")), true},
				 {"scan.watch", OK(SCAN("InProgress", ""))},
				 {NULL, NOTE("scan.ended", CLEAN)}),
		CLI_EXIT_CLEAN);
	assert_non_null(strstr(p->err, "waiting for it to come back"));
}

/* Output that cannot be written is an error, unless the reader has enough. */
static void output_fails(void **state)
{
	struct peer *p = *state;
	char *argv[] = {(char *)(uintptr_t) "quietscan", (char *)(uintptr_t) "--help"};
	FILE *full = fopen("/dev/full", "we");
	char *text = NULL;
	size_t n = 0;
	FILE *err = open_memstream(&text, &n);
	int fds[2];

	(void)p;
	assert_int_equal(cli_run(2, argv, full, err), CLI_EXIT_ERROR);
	(void)fflush(err);
	assert_non_null(strstr(text, "could not be written: No space left on device"));
	(void)fclose(full);
	(void)fclose(err);
	free(text);
	err = open_memstream(&text, &n);
	assert_int_equal(pipe(fds), 0);
	(void)close(fds[0]);
	(void)signal(SIGPIPE, SIG_IGN);
	full = fdopen(fds[1], "w");
	assert_int_equal(cli_run(2, argv, full, err), CLI_EXIT_ERROR);
	(void)fclose(full);
	(void)fclose(err);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {T(what_is_asked_for), T(relative_path), T(load_record),
		T(pages), T(timeline_order), T(timeline_follow), T(log_is_not_there),
		T(report_in_pieces), T(health_fields), T(refusals), T(broken_service),
		T(no_service), T(no_permission), T(wait_clean), T(wait_found), T(wait_other_ends),
		T(interrupted_once), T(interrupted_too_late), T(interrupted_twice),
		T(service_restarts), T(output_fails)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
