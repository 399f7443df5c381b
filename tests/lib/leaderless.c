/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process whose first thread has ended: /proc/PID is a zombie's, which
 * executes nothing, while another thread goes on until the input ends.
 * A file named by LEADERLESS_MAP is mapped as a library is.
 */
/*
 * A process whose first thread has ended: /proc/PID is a zombie's, which
 * executes nothing, while another thread goes on until the input ends.
 *
 *   leaderless [FILE]     with FILE mapped as a library is
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void *wait_for_end(void *arg)
{
	char byte;

	(void)arg;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	exit(0);
}

int main(void)
{
	const char *file = getenv("LEADERLESS_MAP");
	int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	pthread_t thread;

	if (file && mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		return 1;
	if (pthread_create(&thread, NULL, wait_for_end, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}
