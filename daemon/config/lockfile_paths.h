/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lockfile_paths.h: which files a configuration's projects name now: paths as they are, and what matches a
 * glob(7) pattern. Looks into folders: for the files thread and for --check-config.
 */
#pragma once

#include "config/config.h"

#define LOCKFILES_MATCHES_MAX 10000 /* of one glob */
#define LOCKFILES_MAX 100000        /* of all */

struct lockfile_path {
	size_t project; /* index into the configuration's */
	char *path;     /* owned; a pattern with `fault` */
	char *fault;    /* owned; why a pattern leads to no file, or not to all of them; else NULL */
};

struct lockfile_paths { /* zeroed: empty */
	struct lockfile_path *items;
	size_t n, cap;
};

/* In the configuration's order. ERR_NOMEM. The caller releases *ret, also then. */
MUST_CHECK int lockfile_paths_find(const struct config *config, struct lockfile_paths *ret, struct err *err);
void lockfile_paths_release(struct lockfile_paths *paths);
