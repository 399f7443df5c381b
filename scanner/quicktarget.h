/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a quick scan looks at, besides what running processes execute: a table
 * of path patterns. "~" stands for every user's home, "*" for any characters
 * within one component (fnmatch(3)). A pattern that leads to a directory means
 * all below it.
 *
 * Pure data.
 */
#ifndef QS_QUICKTARGET_H
#define QS_QUICKTARGET_H

#include <stddef.h>

/** Scanned wholly, in this order. */
extern const char *const quicktarget_patterns[];
extern const size_t quicktarget_n_patterns;

/** PATH folders: of them only the files that changed lately, not what is below. */
extern const char *const quicktarget_folders[];
extern const size_t quicktarget_n_folders;

/** The file that names a user's download folder, relative to the home. */
extern const char quicktarget_user_dirs[];

#endif
