/* SPDX-License-Identifier: Apache-2.0 */
/* lockfiles_check.c: lockfiles_check() of lockfiles.h. */
#include "config/faults.h"
#include "config/lockfile.h"
#include "config/lockfile_paths.h"
#include "model/lock_read.h"

#include "base/text.h"

#define PATH_SHOWN_MAX 400 /* bytes */

static int try_to_read(const char *path, struct err *err)
{
	OWNED(lockfile_content_release) struct lockfile_content content = {0};
	OWNED(lock_release) struct lock lock = {0};

	int rc = lockfile_read(path, &content, err);
	return rc ? rc : lock_read(content.bytes.text, content.bytes.len, &lock, err);
}

/* The key "projects[I].lockfile", whose tree is gone by now. */
static void remark(struct faults *remarks, const struct config *config, size_t project, const char *path,
		   const char *why)
{
	struct node root = {.kind = NODE_MAPPING};
	struct node list = {.kind = NODE_SEQUENCE, .key = "projects", .parent = &root};
	struct node entry = {.kind = NODE_MAPPING, .index = project, .parent = &list};
	struct node lockfile = {.key = "lockfile", .parent = &entry, .line = config->projects[project].line};
	char shown[PATH_SHOWN_MAX];

	fault_add(remarks, place_node(&lockfile), "%s: %s", text_safe(path, shown, sizeof shown), why);
}

void lockfiles_check(const char *file, const struct config *config, struct config_errors *ret)
{
	OWNED(lockfile_paths_release) struct lockfile_paths paths = {0};
	struct faults remarks = {.file = file, .errors = ret};
	struct err err;

	if (lockfile_paths_find(config, &paths, &err))
		fault_add(&remarks, place_file(), "%s", err.text);
	for (size_t i = 0; i < paths.n && !ret->more; i++) {
		const struct lockfile_path *path = &paths.items[i];
		if (path->fault)
			remark(&remarks, config, path->project, path->path, path->fault);
		else if (try_to_read(path->path, &err))
			remark(&remarks, config, path->project, path->path, err.text);
	}
}
