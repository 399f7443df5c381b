/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Character sets that must be there before the sandbox closes: libclamav turns
 * HTML and mail in foreign character sets into UTF-16 with iconv(3), and glibc
 * loads a shared object for each set on its first use. Inside the sandbox that
 * fails silently, and text would be matched unconverted.
 *
 * Hands (opens the objects). One thread, once, before workers are forked.
 */
#ifndef QS_ENGINE_CHARSETS_H
#define QS_ENGINE_CHARSETS_H

#include <stddef.h>

/**
 * Load the tables and keep them loaded for the life of the process.
 *
 * @return  How many of the list this system has.
 */
size_t engine_charsets_load(void);

#endif
