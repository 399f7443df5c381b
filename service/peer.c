/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Credentials come from the kernel as structs, never from text a client sent
 * (CVE-2019-7304 was that). SO_PEERGROUPS has the groups the peer had when it
 * connected, so nothing has to be looked up for them, and a process that gave
 * its groups up is no operator.
 */
#include "peer.h"

#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool peer_has_group(int fd, gid_t group)
{
	_cleanup_(cleanup_free) gid_t *groups = NULL;
	socklen_t n_bytes = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &n_bytes) == 0 || errno != ERANGE)
		return false; /* none, or unknown */
	groups = malloc(n_bytes);
	if (!groups || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n_bytes) < 0)
		return false;
	for (size_t i = 0; i < n_bytes / sizeof(*groups); i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool peer_is_own(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

static bool peer_is_in_group(int fd, const struct ucred *cred, const char *operator_group)
{
	char text[16384];
	struct group entry;
	struct group *found = NULL;

	if (!operator_group[0] ||
		getgrnam_r(operator_group, &entry, text, sizeof(text), &found) != 0 || !found)
		return false;
	return cred->gid == entry.gr_gid || peer_has_group(fd, entry.gr_gid);
}

bool peer_gateway_uid(const char *user, uid_t *uidp)
{
	char text[4096];
	struct passwd entry;
	struct passwd *found = NULL;
	unsigned long uid;
	char *end;

	if (!user[0])
		return false;
	if (getpwnam_r(user, &entry, text, sizeof(text), &found) == 0 && found) {
		*uidp = entry.pw_uid;
		return true;
	}
	if (strspn(user, "0123456789") != strlen(user))
		return false;
	errno = 0;
	uid = strtoul(user, &end, 10);
	if (errno != 0 || *end != '\0' || uid >= (uid_t)-1)
		return false;
	*uidp = (uid_t)uid;
	return true;
}

static bool peer_is_gateway(uid_t uid, const char *gateway_user)
{
	uid_t gateway;

	return peer_gateway_uid(gateway_user, &gateway) && uid == gateway;
}

static void peer_set_name(struct peer *peer)
{
	char text[4096];
	struct passwd entry;
	struct passwd *found = NULL;

	if (getpwuid_r(peer->uid, &entry, text, sizeof(text), &found) == 0 && found)
		(void)snprintf(peer->name, sizeof(peer->name), "%s", entry.pw_name);
	else
		(void)snprintf(peer->name, sizeof(peer->name), "uid %u", (unsigned)peer->uid);
}

int peer_identify(int fd, const struct peer_rules *rules, struct peer *peerp)
{
	struct ucred cred;
	socklen_t n = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
		return err_origin(-errno);
	*peerp = (struct peer){.uid = cred.uid, .pid = cred.pid};
	/* A console that was put into the group of operators is a gateway all the same. */
	peerp->is_gateway =
		!peer_is_own(cred.uid) && peer_is_gateway(cred.uid, rules->gateway_user);
	peerp->is_operator =
		peer_is_own(cred.uid) ||
		(!peerp->is_gateway && peer_is_in_group(fd, &cred, rules->operator_group));
	peer_set_name(peerp);
	return 0;
}
