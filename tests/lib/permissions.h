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
 * @judge  FAN_ALLOW or FAN_DENY for a file, by the last component of its name or
 *         what is in it (@fd, its own, for reading). Of what only notifies it is
 *         asked too, and nothing follows from the answer.
 */
void permissions_serve(int group, uint32_t (*judge)(int fd, const char *name));

#endif
