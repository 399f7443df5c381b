/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The serving half of a permission listener, for the tests' own (listener.h,
 * permlisten.c). Hands; no test framework.
 */
#ifndef QS_PERMISSIONS_H
#define QS_PERMISSIONS_H

#include <stdint.h>

/**
 * Answer permission events, take notice of others, until the group fails.
 *
 * @judge  FAN_ALLOW or FAN_DENY for the last component of a file's name.
 */
void permissions_serve(int group, uint32_t (*judge)(const char *name));

#endif
