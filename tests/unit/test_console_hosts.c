/* SPDX-License-Identifier: GPL-2.0-or-later */
/* console_hosts: exactly the names it is reached by, with the right ports. */
#include "unit.h"

#include "console_hosts.h"

#include <stdio.h>
#include <string.h>

static struct console_hosts hosts;

static void make(const struct console_options *options, unsigned port)
{
	struct certificate_names names = {
		.texts = {"DNS:a.example", "IP:192.0.2.1", "IP:2001:db8::1"}, .n = 3};

	memset(&hosts, 0, sizeof(hosts));
	console_hosts_make(options, &names, port, &hosts);
}

static void check(const char *const wanted[], size_t n)
{
	assert_int_equal(hosts.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(hosts.texts[i], wanted[i]);
}

static void another_port(void **state)
{
	static const char *const wanted[] = {"p.example", "p.example:8443", "q.example:444",
		"[::2]:1", "[::3]", "[::3]:8443", "[::4]", "[::4]:8443", "a.example:8443",
		"192.0.2.1:8443", "[2001:db8::1]:8443"};
	const struct console_options options = {
		.hosts = {"p.example", "q.example:444", "[::2]:1", "[::3]", "::4"}, .n_hosts = 5};

	(void)state;
	make(&options, 8443);
	check(wanted, sizeof(wanted) / sizeof(wanted[0]));
}

/* The usual port is not said by browsers; whether it is depends on TLS. */
static void usual_port(void **state)
{
	static const char *const wanted[] = {"a.example:443", "a.example", "192.0.2.1:443",
		"192.0.2.1", "[2001:db8::1]:443", "[2001:db8::1]"};

	(void)state;
	make(&(struct console_options){.is_plain = false}, 443);
	check(wanted, 6);
	make(&(struct console_options){.is_plain = false}, 80);
	assert_int_equal(hosts.n, 3);
	make(&(struct console_options){.is_plain = true}, 80);
	assert_int_equal(hosts.n, 6);
}

/* The address is a name of its own unless it is any address. */
static void names(void **state)
{
	struct console_options options = {.address = "192.0.2.9"};
	struct certificate_names found = {.n = 0};

	(void)state;
	console_hosts_names(&options, &found);
	assert_string_equal(found.texts[0], "IP:192.0.2.9");
	found.n = 0;
	(void)snprintf(options.address, sizeof(options.address), "::");
	console_hosts_names(&options, &found);
	assert_string_equal(found.texts[0], "DNS:localhost");
}

/* What is too long or too much is left out. */
static void limits(void **state)
{
	static char texts[CONSOLE_OPTIONS_HOSTS_MAX][310];
	struct console_options options = {.n_hosts = CONSOLE_OPTIONS_HOSTS_MAX};

	(void)state;
	for (size_t i = 0; i < CONSOLE_OPTIONS_HOSTS_MAX; i++) {
		memset(texts[i], 'x', i == 0 ? 305 : 10);
		options.hosts[i] = texts[i];
	}
	make(&options, 1);
	assert_int_equal(hosts.n, 2 * (CONSOLE_OPTIONS_HOSTS_MAX - 1) + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_port),
		cmocka_unit_test(usual_port),
		cmocka_unit_test(names),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
