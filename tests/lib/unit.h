/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every cmocka test includes: cmocka's prerequisites in the right order.
 */
#ifndef QS_UNIT_H
#define QS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** Exit status for "cannot run on this machine". */
enum { UNIT_SKIPPED = 77 };

#endif
