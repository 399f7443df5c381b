/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The n-th allocation fails: malloc, calloc and realloc of the whole program,
 * its shared libraries included (SQLite, cJSON, libcrypto, libc). A test runs
 * its subject with n = 0, 1, 2 … until it passes without a failure.
 *
 * Linked into a program it replaces libc's functions by symbol interposition;
 * not for sanitizer builds, which do the same. One thread.
 */
#ifndef QS_FAULTHEAP_H
#define QS_FAULTHEAP_H

#include <stdbool.h>

/** From now on the allocation number @n (0 = the next) fails, and only that. */
void faultheap_arm(unsigned long n);

/** As faultheap_arm(), and all after it fail as well. */
void faultheap_arm_all_from(unsigned long n);

/** Off again. @return whether an allocation was made to fail. */
bool faultheap_disarm(void);

#endif
