/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a limit for one address is for: who has one IPv6 address has its /64.
 *
 * Pure. Any thread.
 */
#ifndef QS_HTTP_PEER_H
#define QS_HTTP_PEER_H

enum { HTTP_PEER_SIZE = 52 /**< An IPv6 address, "/64" and the NUL. */ };

/**
 * "2001:db8::1" → "2001:db8::/64"; IPv4 addresses, and what is no address, as they are.
 *
 * @network  Cut when @peer is longer than any address.
 */
void http_peer_network(const char *peer, char network[HTTP_PEER_SIZE]);

#endif
