/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine that fails on demand: a process that speaks the zygote's part of
 * the protocol and forks real workers, which do what the first word of a file
 * tells them. It stands in for quietscan-engine where a test needs a worker
 * that crashes, hangs or lies, which libclamav cannot be made to do.
 *
 *   VIRUS    infected, "Puppet.Virus" in "inner/file"
 *   LIMIT READERROR DENIED ENGINEERROR    that verdict
 *   SEGV ABORT SYS EXIT    ends so, each time
 *   ONCE     ends by SIGSEGV the first time this puppet sees it, then clean
 *   SUICIDE  ends by SIGKILL each time
 *   SPIN     uses CPU time for ever
 *   HANG     sleeps for ever
 *   SLOW     sleeps 300 ms, then clean
 *   LIE BADCODE NAMELESS MUTE    wrong serial, unknown code, infected without a
 *            name, closes the socket and stays
 *   FOUND…   says first that it found "Puppet.Found", then does as the rest says
 *   else     clean
 *
 * Hands.
 */
#ifndef QS_PUPPET_H
#define QS_PUPPET_H

#include <sys/types.h>

/**
 * Start one; it ends when the control channel is closed.
 *
 * @control_fd, @fork_fd  Its ends; borrowed, the child has copies.
 * @other_fds             n_other ends the child must close.
 * @return Its pid; fails the test otherwise.
 */
pid_t puppet_start(int control_fd, int fork_fd, const int other_fds[], int n_other);

#endif
