/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer.h: who is on the other end of a connection, as the kernel says. SO_PEERCRED
 * lacks supplementary groups, SO_PEERGROUPS has them.
 */
#pragma once

#include "base/err.h"

#include <sys/types.h>

struct peer {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* owned; supplementary ones */
	size_t n_groups;
	/* A plugin's process, or one that has ended already, of which nobody can say. It has the
	 * daemon's user, and so would be an admin. */
	bool is_plugins;
};

MUST_CHECK int peer_read(int fd, struct peer *ret, struct err *err);
void peer_release(struct peer *peer);

/* May it change things: root, the daemon's own user, a member of admin_group ((gid_t)-1: none). */
bool peer_is_admin(const struct peer *peer, uid_t own_uid, gid_t admin_group);

#define PEER_NAME_MAX 64
/* The user's name, or "uid 1000" when it has none. Returns buf. */
const char *peer_name(uid_t uid, char buf[static PEER_NAME_MAX]);
