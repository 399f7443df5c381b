/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is at the other end: operator, gateway or nobody. What other uids get: e2e test_gateway. */
#include "unit.h"

#include "peer.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* A name goes before a number; what is neither is nobody. */
static void gateway_uid(void **state)
{
	uid_t uid = 77;

	(void)state;
	assert_true(peer_gateway_uid("root", &uid));
	assert_int_equal(uid, 0);
	assert_true(peer_gateway_uid("4294967294", &uid));
	assert_int_equal(uid, 4294967294U);
	uid = 77;
	assert_false(peer_gateway_uid("", &uid));
	assert_false(peer_gateway_uid("4294967295", &uid)); /* (uid_t)-1 is no user */
	assert_false(peer_gateway_uid("99999999999999999999999", &uid));
	assert_false(peer_gateway_uid("12x", &uid));
	assert_false(peer_gateway_uid("-1", &uid));
	assert_false(peer_gateway_uid("no-such-user-here", &uid));
	assert_int_equal(uid, 77);
}

/* Who is the daemon's own user is its operator, whatever GatewayUser says. */
static void own_user(void **state)
{
	const struct peer_rules rules = {.operator_group = "", .gateway_user = "root"};
	struct peer peer;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(peer_identify(fds[0], &rules, &peer), 0);
	assert_true(peer.is_operator);
	assert_false(peer.is_gateway);
	assert_int_equal(peer.uid, geteuid());
	(void)close(fds[0]);
	(void)close(fds[1]);
	assert_int_equal(peer_identify(-1, &rules, &peer), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gateway_uid),
		cmocka_unit_test(own_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
