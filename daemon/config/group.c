/* SPDX-License-Identifier: Apache-2.0 */
/* group.c: see group.h. */
#include "config/group.h"

#include <errno.h>
#include <grp.h>

#define GROUP_RECORD_MAX (1u << 20) /* bytes, the names of all members included */

/* ERANGE: the record needs more room. */
static int look_up(const char *name, size_t size, int64_t *ret_gid)
{
	struct group group;
	struct group *found = NULL;
	char *record = malloc(size);

	if (!record)
		return ENOMEM;
	int rc = getgrnam_r(name, &group, record, size, &found);
	if (rc == 0 && found)
		*ret_gid = found->gr_gid;
	free(record);
	return rc == 0 && !found ? ENOENT : rc;
}

bool group_find(const char *name, int64_t *ret_gid)
{
	int rc = ERANGE;

	for (size_t size = 4096; rc == ERANGE && size <= GROUP_RECORD_MAX; size *= 4)
		rc = look_up(name, size, ret_gid);
	return rc == 0;
}
