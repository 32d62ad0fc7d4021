/* SPDX-License-Identifier: Apache-2.0 */
/* lockfile.c: see lockfile.h. */
#include "config/lockfile.h"

#include "model/lock_read.h"

#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>

int lockfile_stamp(const char *path, struct lockfile_stamp *ret, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		bool absent = errno == ENOENT || errno == ENOTDIR;
		int rc = err_errno(err, "cannot be opened");
		return absent ? (err->code = ERR_ABSENT) : rc;
	}
	*ret = (struct lockfile_stamp){st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim};
	return 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool lockfile_stamp_equal(const struct lockfile_stamp *a, const struct lockfile_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size && same_time(a->modified, b->modified) &&
	       same_time(a->changed, b->changed);
}

int lockfile_read(const char *path, struct lockfile_content *ret, struct err *err)
{
	*ret = (struct lockfile_content){0};
	int rc = file_read(path, 0, LOCK_FILE_MAX, &ret->memory, &ret->bytes, err);
	if (!rc)
		crypto_generichash(ret->digest, sizeof ret->digest, (const unsigned char *)ret->bytes.text,
				   ret->bytes.len, NULL, 0);
	return rc;
}

void lockfile_content_release(struct lockfile_content *content)
{
	pool_release(&content->memory);
}
