/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Through a pipe that takes less than is given, beside signals that interrupt. */
#include "unit.h"

#include "full_io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_BYTES = 8 << 20 };

static void on_alarm(int number)
{
	(void)number;
}

/* Without SA_RESTART: a wait ends with EINTR, a half-done call with a short count. */
static void interrupt(suseconds_t us)
{
	const struct sigaction action = {.sa_handler = on_alarm};
	const struct itimerval timer = {.it_interval = {0, us}, .it_value = {0, us}};

	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static void all_of_it(void **state)
{
	unsigned char *bytes = malloc(N_BYTES + 1);
	size_t n = 0;
	int ends[2];
	int status;
	pid_t pid;

	(void)state;
	assert_non_null(bytes);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	interrupt(200);
	if (pid == 0) {
		for (size_t i = 0; i < N_BYTES; i++)
			bytes[i] = (unsigned char)(i % 251);
		_exit(full_write(ends[1], bytes, N_BYTES) == 0 ? 0 : 1);
	}
	(void)close(ends[1]);
	assert_int_equal(full_read(ends[0], bytes, N_BYTES + 1, &n), 0);
	interrupt(0);
	assert_int_equal(n, N_BYTES); /* the end, not the buffer, ended it */
	for (size_t i = 0; i < N_BYTES; i++)
		assert_int_equal(bytes[i], i % 251);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(ends[0]);
	free(bytes);
}

static void failures(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	size_t n = 7;
	char c;

	(void)state;
	assert_true(full >= 0);
	assert_int_equal(full_write(full, "x", 1), -ENOSPC);
	assert_int_equal(full_write(full, "", 0), 0);
	assert_int_equal(full_read(full, &c, 1, &n), -EBADF);
	assert_int_equal(n, 7);
	(void)close(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it),
		cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests_name("full_io", tests, NULL, NULL);
}
