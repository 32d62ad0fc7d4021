/* SPDX-License-Identifier: Apache-2.0 */
/* signing_key.c: see signing_key.h. */
#include "store/signing_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MAX_BYTES 4096
#define WHAT_TO_DO "; put the right one back, or move it away for a new one"

struct key_paths {
	char kept[PATH_MAX_BYTES], fresh[PATH_MAX_BYTES];
};

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
#define OWNED_FD OWNED(close_fd)

static bool read_all(int fd, unsigned char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, bytes + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static int check_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_REFUSED, "%s: is not a plain file" WHAT_TO_DO, path);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_REFUSED,
			       "%s: belongs to user %u, must belong to user %u as which yankwatchd runs", path,
			       (unsigned)st.st_uid, (unsigned)geteuid());
	if (st.st_mode & 077)
		return err_set(err, ERR_REFUSED,
			       "%s: mode %04o lets others at it: chmod 0600, and consider the key as known to them",
			       path, (unsigned)st.st_mode & 07777);
	if (st.st_size != HEAD_SECRET_SIZE)
		return err_set(err, ERR_REFUSED, "%s: has %lld bytes, a key has %d" WHAT_TO_DO, path,
			       (long long)st.st_size, HEAD_SECRET_SIZE);
	return 0;
}

/* The public half in the file must be that of the seed: a damaged file must not sign. */
static int take_secret(const char *path, struct head_signer *signer, struct err *err)
{
	unsigned char seed[crypto_sign_SEEDBYTES];
	unsigned char secret[HEAD_SECRET_SIZE];

	(void)crypto_sign_ed25519_sk_to_seed(seed, signer->secret);
	(void)crypto_sign_seed_keypair(signer->key, secret, seed);
	bool same = sodium_memcmp(secret, signer->secret, sizeof secret) == 0;
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(secret, sizeof secret);
	return same ? 0 : err_set(err, ERR_REFUSED, "%s: is damaged" WHAT_TO_DO, path);
}

static int read_key(int fd, const char *path, struct head_signer *signer, struct err *err)
{
	int rc = check_file(fd, path, err);
	if (rc)
		return rc;
	if (!read_all(fd, signer->secret, sizeof signer->secret))
		return err_set(err, ERR_IO, "%s: cannot be read", path);
	return take_secret(path, signer, err);
}

static int sync_folder(const char *folder, struct err *err)
{
	OWNED_FD int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return err_errno(err, "%s", folder);
	return 0;
}

static int write_whole(const char *path, const struct head_signer *signer, struct err *err)
{
	OWNED_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(err, "%s", path);
	errno = EIO;
	if (write(fd, signer->secret, sizeof signer->secret) != (ssize_t)sizeof signer->secret || fsync(fd) < 0)
		return err_errno(err, "%s", path);
	return 0;
}

/* What stands there is no key: a crash while it was written. */
static int make_key(const char *folder, const char *path, struct head_signer *signer, struct err *err)
{
	(void)crypto_sign_keypair(signer->key, signer->secret);
	(void)unlink(path);
	int rc = write_whole(path, signer, err);
	if (rc)
		(void)unlink(path);
	return rc ? rc : sync_folder(folder, err);
}

static int take_or_make(const char *folder, const char *path, struct head_signer *signer, struct err *err)
{
	struct err why;
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	return fd >= 0 && read_key(fd, path, signer, &why) == 0 ? 0 : make_key(folder, path, signer, err);
}

static int make_paths(const char *state_dir, struct key_paths *ret, struct err *err)
{
	int len = snprintf(ret->fresh, sizeof ret->fresh, "%s/" SIGNING_KEY_FILE ".new", state_dir);
	if (len >= (int)sizeof ret->fresh)
		return err_set(err, ERR_LIMIT, "state_dir %s: too long", state_dir);
	(void)snprintf(ret->kept, sizeof ret->kept, "%s/" SIGNING_KEY_FILE, state_dir);
	return 0;
}

int signing_key_load(const char *state_dir, struct head_signer *ret, bool *ret_is_new, struct err *err)
{
	struct key_paths paths;

	*ret_is_new = false;
	int rc = make_paths(state_dir, &paths, err);
	if (rc)
		return rc;
	OWNED_FD int fd = open(paths.kept, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0)
		return read_key(fd, paths.kept, ret, err);
	if (errno != ENOENT)
		return err_errno(err, "%s", paths.kept);
	*ret_is_new = true;
	return take_or_make(state_dir, paths.fresh, ret, err);
}

int signing_key_keep(const char *state_dir, struct err *err)
{
	struct key_paths paths;

	int rc = make_paths(state_dir, &paths, err);
	if (!rc && rename(paths.fresh, paths.kept) < 0)
		rc = err_errno(err, "%s", paths.kept);
	return rc ? rc : sync_folder(state_dir, err);
}
