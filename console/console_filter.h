/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The console's system call filter (console_sandbox.h says what it promises).
 *
 * Hands (libseccomp). Main thread, before any other.
 */
#ifndef QS_CONSOLE_FILTER_H
#define QS_CONSOLE_FILTER_H

/**
 * Load it for this process. Built with a sanitizer it does nothing: the
 * sanitizers' own threads and maps would have to be let through.
 *
 * @return 0 or -errno.
 */
int console_filter_load(void);

#endif
