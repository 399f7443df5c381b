/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole numbers as people and our own processes write them on a command line.
 *
 * Pure. Any thread.
 */
#ifndef QS_NUMBER_H
#define QS_NUMBER_H

#include <stdint.h>

/**
 * Read a decimal number: digits and nothing else, no sign, no space.
 *
 * @min     0 or more.
 * @valuep  Set when 0 is returned.
 * @return  0; -EINVAL it is none, or not from @min to @max.
 */
int number_parse(const char *text, int64_t min, int64_t max, int64_t *valuep);

#endif
