/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scanner's system call filter (confine.h says what it promises).
 *
 * Hands (libseccomp). Main thread, before any other.
 */
#ifndef QS_CONFINE_FILTER_H
#define QS_CONFINE_FILTER_H

/**
 * Load it for this process. Built with a sanitizer it does nothing: the
 * sanitizers' own threads and maps would have to be let through.
 *
 * @return 0 or -errno.
 */
int confine_filter_load(void);

#endif
