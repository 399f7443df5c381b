/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "http_peer.h"

#include <string.h>

static void networks(void **state)
{
	static const struct {
		const char *peer;
		const char *network;
	} cases[] = {{"192.0.2.7", "192.0.2.7"}, {"127.0.0.1", "127.0.0.1"}, {"::1", "::/64"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"2001:db8:1:2:ffff::", "2001:db8:1:2::/64"},
		{"2001:db8:1:3::1", "2001:db8:1:3::/64"}, {"", ""}, {"x", "x"}};
	char network[HTTP_PEER_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		http_peer_network(cases[i].peer, network);
		assert_string_equal(network, cases[i].network);
	}
	http_peer_network("012345678901234567890123456789012345678901234567890123456789", network);
	assert_int_equal(strlen(network), HTTP_PEER_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(networks)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
