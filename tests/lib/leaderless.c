/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process whose first thread has ended: /proc/PID is a zombie's, which
 * executes nothing, while another thread goes on until the input ends.
 */
#include <pthread.h>
#include <stdlib.h>
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
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_end, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}
