/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli_terminal: what a stream can show, on a pseudo terminal and elsewhere. */
#include "unit.h"

#include "cli_print.h"
#include "cli_terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

struct pty {
	int master;
	FILE *out; /* the terminal's side */
};

static int setup(void **state)
{
	struct pty *pty = calloc(1, sizeof(*pty));
	char name[64];

	pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(pty->master >= 0);
	assert_int_equal(grantpt(pty->master), 0);
	assert_int_equal(unlockpt(pty->master), 0);
	assert_int_equal(ptsname_r(pty->master, name, sizeof(name)), 0);
	pty->out = fdopen(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC), "w");
	assert_non_null(pty->out);
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
	assert_int_equal(unsetenv("NO_COLOR"), 0);
	*state = pty;
	return 0;
}

static int teardown(void **state)
{
	struct pty *pty = *state;

	(void)fclose(pty->out);
	(void)close(pty->master);
	free(pty);
	return 0;
}

static void resize(const struct pty *pty, unsigned short n_columns)
{
	struct winsize size = {.ws_row = 24, .ws_col = n_columns};

	assert_int_equal(ioctl(pty->master, TIOCSWINSZ, &size), 0);
}

/* The width is that of now; a terminal that does not say, or says 1, has 80. */
static void width(void **state)
{
	static const unsigned short widths[] = {2, 79, 132, 65535};
	struct pty *pty = *state;

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		resize(pty, widths[i]);
		assert_int_equal(cli_terminal_width(pty->out), widths[i]);
		assert_int_equal(cli_terminal_of(pty->out).width, widths[i]);
	}
	resize(pty, 0);
	assert_int_equal(cli_terminal_width(pty->out), 80);
	resize(pty, 1);
	assert_int_equal(cli_terminal_width(pty->out), 80);
}

/* Colours: a terminal that is not dumb, unless NO_COLOR says no. */
static void colour(void **state)
{
	struct pty *pty = *state;

	assert_true(cli_terminal_of(pty->out).is_colour);
	assert_int_equal(setenv("NO_COLOR", "", 1), 0);
	assert_true(cli_terminal_of(pty->out).is_colour);
	assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
	assert_false(cli_terminal_of(pty->out).is_colour);
	assert_int_equal(unsetenv("NO_COLOR"), 0);
	assert_int_equal(setenv("TERM", "dumb", 1), 0);
	assert_false(cli_terminal_of(pty->out).is_colour);
	assert_int_equal(setenv("TERM", "", 1), 0);
	assert_false(cli_terminal_of(pty->out).is_colour);
	assert_int_equal(unsetenv("TERM"), 0);
	assert_false(cli_terminal_of(pty->out).is_colour);
}

/* A file and a stream in memory: 80 columns, no colour. */
static void no_terminal(void **state)
{
	char *text = NULL;
	size_t n = 0;
	FILE *memory = open_memstream(&text, &n);
	FILE *file = fopen("/dev/null", "we");

	(void)state;
	assert_int_equal(cli_terminal_of(memory).width, CLI_TERMINAL_WIDTH);
	assert_int_equal(cli_terminal_of(file).width, CLI_TERMINAL_WIDTH);
	assert_false(cli_terminal_of(memory).is_colour);
	assert_false(cli_terminal_of(file).is_colour);
	(void)fclose(file);
	(void)fclose(memory);
	free(text);
}

/* The locale's part is what main() set. */
static void characters(void **state)
{
	struct pty *pty = *state;

	cli_print_set_ascii(true);
	assert_false(cli_terminal_of(pty->out).is_utf8);
	cli_print_set_ascii(false);
	assert_true(cli_terminal_of(pty->out).is_utf8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(width, setup, teardown),
		cmocka_unit_test_setup_teardown(colour, setup, teardown),
		cmocka_unit_test_setup_teardown(no_terminal, setup, teardown),
		cmocka_unit_test_setup_teardown(characters, setup, teardown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
