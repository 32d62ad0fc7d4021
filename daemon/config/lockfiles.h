/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lockfiles.h: looks at the lockfiles of the configuration's projects: paths and globs, every LOCKFILES_EVERY_MS
 * and when a configuration is new. What has changed since is read and handed over. Lives on the files thread
 * (config/reader.h), which calls it; nothing here is called from elsewhere.
 */
#pragma once

#include "config/config.h"

#define LOCKFILES_EVERY_MS 60000
#define LOCKFILES_MATCHES_MAX 10000 /* of one glob */

/* One lockfile that is new or has changed, or cannot be read. */
struct lockfile_news {
	const struct config_project *project;
	const char *path;
	const struct lock *lock;     /* NULL: it cannot be read, `err` says why */
	const unsigned char *digest; /* of its bytes, 32 */
	const struct err *err;
};

/* On the files thread; what they point to is valid during the call. False: not now, told again at the next look. */
struct lockfiles_sink {
	bool (*changed)(void *ctx, const struct config *config, const struct lockfile_news *news);
	/* Every lockfile that there is now, {project, path}; after the ones that changed. Called when it is another
	 * list than before. */
	bool (*present)(void *ctx, const struct config *config, const char *const (*lockfiles)[2], size_t n);
	void *ctx;
};

struct lockfiles;

MUST_CHECK int lockfiles_new(const struct lockfiles_sink *sink, struct lockfiles **ret, struct err *err);
void lockfiles_free(struct lockfiles *lockfiles); /* NULL is allowed */

/* Looks at all of them once. Another configuration than the last time: everything is handed over anew. */
void lockfiles_look(struct lockfiles *lockfiles, const struct config *config);
