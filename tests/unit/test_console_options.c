/* SPDX-License-Identifier: GPL-2.0-or-later */
/* console_options: right use is understood, wrong use is told what is wrong. */
#include "unit.h"

#include "console_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* Split at blanks; "^" stands for an empty word. */
static int parse(const char *line, struct console_options *options, struct errmsg *msg)
{
	static char copy[4096];
	char *argv[80] = {(char *)(uintptr_t) "quietscan-console"};
	int argc = 1;
	char *rest = NULL;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = *word == '^' ? word + 1 : word;
	optind = 0; /* getopt_long(3): begin anew */
	*msg = (struct errmsg)ERRMSG_NULL;
	return console_options_parse(argc, argv, options, msg);
}

static void right_use(void **state)
{
	struct console_options options;
	struct errmsg msg;

	(void)state;
	assert_int_equal(parse("", &options, &msg), 0);
	assert_string_equal(options.socket, "/run/quietscan/quietscan.sock");
	assert_string_equal(options.state_dir, "/var/lib/quietscan-console");
	assert_string_equal(options.address, "127.0.0.1");
	assert_int_equal(options.port, 8443);
	assert_int_equal(options.rate_per_minute, 100);
	assert_int_equal(options.rate_per_hour, 1500);
	assert_false(options.is_page_dir_given);
	assert_int_equal(
		parse("--socket /s --state-dir=/d --listen [::]:0 --tls-cert c --tls-key k "
		      "--client-ca a --user u --page-dir p --host x --host y:1 "
		      "--rate-limit 0,7 --log-level debug",
			&options, &msg),
		0);
	assert_string_equal(options.address, "::");
	assert_int_equal(options.port, 0);
	assert_string_equal(options.client_ca, "a");
	assert_string_equal(options.hosts[1], "y:1");
	assert_int_equal(options.n_hosts, 2);
	assert_int_equal(options.rate_per_minute, 0);
	assert_int_equal(options.rate_per_hour, 7);
	assert_true(options.is_page_dir_given);
	assert_int_equal(parse("--plain-http --listen [::1]:65535", &options, &msg), 0);
	assert_int_equal(parse("--plain-http --listen 127.9.9.9:1", &options, &msg), 0);
	assert_int_equal(parse("--help --plain-http --listen 0.0.0.0:1", &options, &msg), 0);
	assert_true(options.is_help);
	assert_int_equal(parse("--version", &options, &msg), 0);
	assert_true(options.is_version);
}

static void wrong_use(void **state)
{
	static const struct {
		const char *line;
		const char *why;
	} cases[] = {
		{"--nothing", "--nothing: unknown option"},
		{"--socket", "--socket: unknown option, or its value is missing"},
		{"--socket ^", "empty"},
		{"word", "word: nothing is expected there"},
		{"--listen 127.0.0.1", "ADDRESS:PORT"},
		{"--listen :80", "numbers"},
		{"--listen localhost:80", "numbers"},
		{"--listen ::1:80", "brackets"},
		{"--listen [127.0.0.1]:80", "brackets"},
		{"--listen []:80", "numbers"},
		{"--listen 127.0.0.1:65536", "ADDRESS:PORT"},
		{"--listen 127.0.0.1:-1", "ADDRESS:PORT"},
		{"--listen 127.0.0.1:1x", "ADDRESS:PORT"},
		{"--listen 1111111111111111111111111111111111111111111111111111111:1",
			"ADDRESS:PORT"},
		{"--rate-limit 1", "PER_MINUTE,PER_HOUR"},
		{"--rate-limit 1,", "PER_MINUTE,PER_HOUR"},
		{"--rate-limit 1,2,3", "PER_MINUTE,PER_HOUR"},
		{"--rate-limit 9999999999,1", "PER_MINUTE,PER_HOUR"},
		{"--log-level loud", "--log-level loud"},
		{"--tls-cert c", "go together"},
		{"--tls-key c", "go together"},
		{"--plain-http --listen 0.0.0.0:80", "loopback"},
		{"--plain-http --listen [::]:80", "loopback"},
		{"--plain-http --listen 10.0.0.1:80", "loopback"},
		{"--plain-http --client-ca a", "neither"},
		{"--plain-http --tls-cert a --tls-key b", "neither"},
	};
	struct console_options options;
	struct errmsg msg;
	char line[600] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line, &options, &msg), -EINVAL);
		if (!strstr(msg.text, cases[i].why))
			print_error("%s: %s\n", cases[i].line, msg.text);
		assert_non_null(strstr(msg.text, cases[i].why));
	}
	for (int i = 0; i <= CONSOLE_OPTIONS_HOSTS_MAX; i++)
		(void)strcat(line, " --host a");
	assert_int_equal(parse(line, &options, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "at most 32"));
}

/* Every option is in the help, every line of it fits a terminal. */
static void help(void **state)
{
	static const char *const names[] = {"--socket", "--state-dir", "--listen", "--plain-http",
		"--tls-cert", "--tls-key", "--client-ca", "--host", "--user", "--page-dir",
		"--rate-limit", "--log-level", "client add", "client list", "revoke"};
	const char *at = console_options_help();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(strstr(at, names[i]));
	for (; *at; at += strcspn(at, "\n") + 1)
		assert_true(strcspn(at, "\n") <= 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_use),
		cmocka_unit_test(wrong_use),
		cmocka_unit_test(help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
