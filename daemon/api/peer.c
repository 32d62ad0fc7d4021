/* SPDX-License-Identifier: Apache-2.0 */
/* peer.c: see peer.h. */
#include "api/peer.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>

static int read_groups(int fd, struct peer *peer, struct err *err)
{
	socklen_t len = 0;

	/* The first call says how much room is needed. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 || errno != ERANGE)
		return len == 0 ? 0 : err_errno(err, "SO_PEERGROUPS");
	peer->groups = malloc(len);
	if (!peer->groups)
		return err_nomem(err);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &len) < 0)
		return err_errno(err, "SO_PEERGROUPS");
	peer->n_groups = len / sizeof *peer->groups;
	return 0;
}

int peer_read(int fd, struct peer *ret, struct err *err)
{
	struct ucred cred;
	socklen_t len = sizeof cred;

	*ret = (struct peer){0};
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return err_errno(err, "SO_PEERCRED");
	ret->uid = cred.uid;
	ret->gid = cred.gid;
	int rc = read_groups(fd, ret, err);
	if (rc)
		peer_release(ret);
	return rc;
}

void peer_release(struct peer *peer)
{
	free(peer->groups);
	*peer = (struct peer){0};
}

bool peer_is_admin(const struct peer *peer, uid_t own_uid, gid_t admin_group)
{
	if (peer->uid == 0 || peer->uid == own_uid)
		return true;
	if (admin_group == (gid_t)-1)
		return false;
	for (size_t i = 0; i < peer->n_groups; i++)
		if (peer->groups[i] == admin_group)
			return true;
	return peer->gid == admin_group;
}

const char *peer_name(uid_t uid, char buf[static PEER_NAME_MAX])
{
	char room[4096];
	struct passwd entry;
	struct passwd *found = NULL;

	if (getpwuid_r(uid, &entry, room, sizeof room, &found) == 0 && found)
		(void)snprintf(buf, PEER_NAME_MAX, "%s", found->pw_name);
	else
		(void)snprintf(buf, PEER_NAME_MAX, "uid %u", (unsigned)uid);
	return buf;
}
