/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File systems without files without a name: linked with --wrap=openat, a program
 * gets EOPNOTSUPP for O_TMPFILE as long as no_tmpfile is set.
 */
#ifndef QS_NO_TMPFILE_H
#define QS_NO_TMPFILE_H

#include <stdbool.h>

extern bool no_tmpfile;

#endif
