/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The n-th change of a file by SQLite fails: an SQLite VFS in front of the
 * default one that counts writes, flushes and truncations and makes one of
 * them, or all from one on, fail with a code of SQLite's choice of words.
 * sqlite.org/vfs.html. One thread.
 */
#ifndef QS_FAULTDISK_H
#define QS_FAULTDISK_H

#include <stdbool.h>

/** Register as the default VFS of this process; before the first store. */
void faultdisk_install(void);

/**
 * From now on change number @n (0 = the next) fails.
 *
 * @code        SQLITE_IOERR_FSYNC, SQLITE_FULL, …
 * @is_lasting  All after it fail as well.
 */
void faultdisk_arm(unsigned long n, int code, bool is_lasting);

/** Off again. @return whether a change was made to fail. */
bool faultdisk_disarm(void);

#endif
