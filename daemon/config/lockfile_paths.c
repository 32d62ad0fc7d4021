/* SPDX-License-Identifier: Apache-2.0 */
/* lockfile_paths.c: see lockfile_paths.h. */
#include "config/lockfile_paths.h"

#include "base/list.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

/* `fault` may be NULL. */
static bool add(struct lockfile_paths *paths, size_t project, const char *path, const char *fault)
{
	if (!LIST_ROOM(paths))
		return false;
	struct lockfile_path *item = &paths->items[paths->n++];
	*item = (struct lockfile_path){project, strdup(path), fault ? strdup(fault) : NULL};
	return item->path && (!fault || item->fault);
}

static bool add_too_many(struct lockfile_paths *paths, size_t project, const char *pattern, size_t count, size_t read)
{
	char fault[ERR_TEXT_MAX];

	(void)snprintf(fault, sizeof fault,
		       "matches %zu files, of which %zu are read, allowed: at most %d, and %d of all", count, read,
		       LOCKFILES_MATCHES_MAX, LOCKFILES_MAX);
	return add(paths, project, pattern, fault);
}

static bool add_matches(struct lockfile_paths *paths, size_t project, const char *pattern, const glob_t *found)
{
	size_t room = paths->n < LOCKFILES_MAX ? LOCKFILES_MAX - paths->n : 0;
	size_t most = room < LOCKFILES_MATCHES_MAX ? room : LOCKFILES_MATCHES_MAX;
	size_t n = found->gl_pathc < most ? found->gl_pathc : most;

	for (size_t i = 0; i < n; i++)
		if (!add(paths, project, found->gl_pathv[i], NULL))
			return false;
	return n == found->gl_pathc || add_too_many(paths, project, pattern, found->gl_pathc, n);
}

/* A folder that cannot be read has no matches, as in a shell. */
static bool add_pattern(struct lockfile_paths *paths, size_t project, const char *pattern)
{
	glob_t found = {0};
	bool good = false;
	int rc = glob(pattern, 0, NULL, &found);

	if (rc == 0)
		good = add_matches(paths, project, pattern, &found);
	else if (rc != GLOB_NOSPACE)
		good = add(paths, project, pattern, "matches no file");
	globfree(&found);
	return good;
}

int lockfile_paths_find(const struct config *config, struct lockfile_paths *ret, struct err *err)
{
	for (size_t i = 0; i < config->n_projects; i++) {
		const char *path = config->projects[i].lockfile;
		if (!(strpbrk(path, "*?[") ? add_pattern(ret, i, path) : add(ret, i, path, NULL)))
			return err_nomem(err);
	}
	return 0;
}

void lockfile_paths_release(struct lockfile_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		free(paths->items[i].path);
		free(paths->items[i].fault);
	}
	free(paths->items);
	*paths = (struct lockfile_paths){0};
}
