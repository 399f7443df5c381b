/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells the service manager how the daemon is: the protocol of sd_notify(3),
 * which is one datagram, without its library.
 *
 * Hands. Loop thread only. Does nothing when NOTIFY_SOCKET is not set.
 */
#ifndef QS_NOTIFY_H
#define QS_NOTIFY_H

#include <stdint.h>

/** Read NOTIFY_SOCKET and WATCHDOG_USEC, and take them out of the environment. */
void notify_init(void);

/** Send a state: "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…". */
void notify_send(const char *state);

/** How often WATCHDOG=1 is to be sent: half of what the manager waits; 0 = never. */
uint64_t notify_watchdog_ms(void);

#endif
