/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

void http_peer_network(const char *peer, char network[HTTP_PEER_SIZE])
{
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET6, peer, &address) == 1) {
		memset(&address.s6_addr[8], 0, 8);
		if (inet_ntop(AF_INET6, &address, text, sizeof(text))) {
			(void)snprintf(network, HTTP_PEER_SIZE, "%s/64", text);
			return;
		}
	}
	(void)snprintf(network, HTTP_PEER_SIZE, "%s", peer);
}
