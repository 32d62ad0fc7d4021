/* SPDX-License-Identifier: Apache-2.0 */
/* peer.c: see peer.h. */
#include "api/peer.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

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

/* Until the process has ended nobody else can have its number. */
static bool has_ended(int fd)
{
	socklen_t len = sizeof(int);
	struct pollfd process = {.fd = -1, .events = POLLIN};

	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &process.fd, &len) < 0)
		return errno != ENOPROTOOPT;
	bool ended = poll(&process, 1, 0) != 0;
	(void)close(process.fd);
	return ended;
}

/*
 * A plugin's process leads a group of its own and is our child; what it starts cannot leave that
 * group (notify/sandbox_seccomp.c). Asked of the kernel, not of /proc, where the unit's ProtectProc=
 * hides it. What has ended is one of them, too: a plugin could connect, ask and end.
 * 0 is a process outside of our namespace, where no child of ours can be.
 */
static bool is_of_a_plugin(int fd, pid_t pid)
{
	siginfo_t info;

	if (pid == 0)
		return false;
	pid_t group = getpgid(pid);
	if (group < 0)
		return true;
	if (group != getpgrp() && waitid(P_PID, (id_t)group, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		return true;
	return has_ended(fd);
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
	ret->is_plugins = is_of_a_plugin(fd, cred.pid);
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
