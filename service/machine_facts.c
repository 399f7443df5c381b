/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os-release(5) is shell syntax of which no more is used than KEY=value and
 * quotes; an escape inside of quotes stays as it is. The file is root's, but
 * nothing is believed of it beyond its size.
 */
#include "machine_facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { MACHINE_FACTS_FILE_MAX = 8192 };

/* The value of a line "KEY=…" into @text, if it is that. */
static void machine_facts_take(
	const char *line, size_t n, const char *key, char text[MACHINE_FACTS_TEXT_SIZE])
{
	size_t n_key = strlen(key);

	if (n <= n_key || strncmp(line, key, n_key) != 0 || line[n_key] != '=')
		return;
	line += n_key + 1;
	n -= n_key + 1;
	if (n >= 2 && (line[0] == '"' || line[0] == '\'') && line[n - 1] == line[0]) {
		line++;
		n -= 2;
	}
	(void)snprintf(text, MACHINE_FACTS_TEXT_SIZE, "%.*s", (int)n, line);
}

void machine_facts_parse(const char *text, size_t n, struct machine_facts *facts)
{
	while (n > 0) {
		const char *end = memchr(text, '\n', n);
		size_t n_line = end ? (size_t)(end - text) : n;

		machine_facts_take(text, n_line, "VERSION_ID", facts->version);
		machine_facts_take(text, n_line, "PRETTY_NAME", facts->name);
		n -= end ? n_line + 1 : n_line;
		text += end ? n_line + 1 : n_line;
	}
}

static void machine_facts_read_release(struct machine_facts *facts)
{
	char text[MACHINE_FACTS_FILE_MAX];
	int fd = open("/etc/os-release", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text));
	if (n > 0)
		machine_facts_parse(text, (size_t)n, facts);
	(void)close(fd);
}

void machine_facts_read(struct machine_facts *facts)
{
	struct utsname name;

	*facts = (struct machine_facts){.version = ""};
	(void)snprintf(
		facts->architecture, sizeof(facts->architecture), "%zu-bit", sizeof(void *) * 8);
	if (uname(&name) == 0) {
		const char *machine = name.machine;

		if (strcmp(machine, "x86_64") == 0)
			machine = "x64";
		else if (strcmp(machine, "aarch64") == 0)
			machine = "arm64";
		(void)snprintf(facts->processor, sizeof(facts->processor), "%s", machine);
		(void)snprintf(facts->kernel, sizeof(facts->kernel), "%s", name.release);
	}
	machine_facts_read_release(facts);
}
