/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lockfiles.h: looks at the lockfiles of the configuration's projects: paths and globs, every LOCKFILES_EVERY_MS
 * and when a configuration is new. What has changed since is read and handed over. Lives on the files thread
 * (config/reader.h), which calls it; only lockfiles_check() is for anybody.
 *
 * A file that is gone is a fault, what was read of it before stays: one that a path names as long as it is
 * configured, one that a pattern matched until the next configuration.
 */
#pragma once

#include "config/config.h"

#include <stdatomic.h>

#define LOCKFILES_EVERY_MS 60000
#define LOCKFILE_DIGEST_BYTES 32

/* One lockfile that is new or has changed, or cannot be read. */
struct lockfile_news {
	const struct config_project *project;
	const char *path;            /* or a pattern, which leads to no file */
	const struct lock *lock;     /* NULL: it cannot be read, `err` says why */
	const unsigned char *digest; /* of its bytes, LOCKFILE_DIGEST_BYTES; NULL without a lock */
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

/* Looks at all of them once. Another configuration than the last time: everything is handed over anew. False: it
 * ended early, because *interrupt became true; the next look goes on where it was. */
bool lockfiles_look(struct lockfiles *lockfiles, const struct config *config, const atomic_bool *interrupt);

/* Tries all of them: each that cannot be read is a remark on `file`, the configuration. The caller releases
 * *ret. For --check-config. */
void lockfiles_check(const char *file, const struct config *config, struct config_errors *ret);
