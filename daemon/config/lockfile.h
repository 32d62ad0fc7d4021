/* SPDX-License-Identifier: Apache-2.0 */
/* lockfile.h: one lockfile on disk: what tells that it has changed, and its bytes. */
#pragma once

#include "config/file.h"
#include "config/lockfiles.h"
#include <sys/types.h>
#include <time.h>

/* Another one: the file has changed. A new mode counts, too: it may be readable now. */
struct lockfile_stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec modified, changed;
};

/* ERR_ABSENT, ERR_IO; the text does not name the file, as of all here. */
MUST_CHECK int lockfile_stamp(const char *path, struct lockfile_stamp *ret, struct err *err);
bool lockfile_stamp_equal(const struct lockfile_stamp *a, const struct lockfile_stamp *b);

struct lockfile_content {
	struct pool memory;
	struct file_bytes bytes; /* in `memory` */
	unsigned char digest[LOCKFILE_DIGEST_BYTES];
};

/* ERR_BAD (no regular file), ERR_LIMIT, ERR_IO, ERR_NOMEM. The caller releases *ret. */
MUST_CHECK int lockfile_read(const char *path, struct lockfile_content *ret, struct err *err);
void lockfile_content_release(struct lockfile_content *content);
