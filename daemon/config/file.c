/* SPDX-License-Identifier: Apache-2.0 */
/* file.c: see file.h. */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREDENTIAL "credential:"

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static int check_open_file(int fd, unsigned forbidden, off_t *ret_size, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_errno(err, "cannot be looked at");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_BAD, "is not a regular file");
	unsigned open_to_all = st.st_mode & forbidden;
	if (open_to_all)
		return err_set(err, ERR_BAD, "is %s by everybody: chmod o-%s",
			       open_to_all & S_IROTH ? "readable" : "writable", forbidden & S_IROTH ? "rwx" : "w");
	*ret_size = st.st_size;
	return 0;
}

/* O_NONBLOCK: the open of a FIFO would wait for its writer. */
static int open_checked(const char *path, unsigned forbidden, off_t *ret_size, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return err_errno(err, "cannot be opened");
	int rc = check_open_file(fd, forbidden, ret_size, err);
	if (rc) {
		(void)close(fd);
		return rc;
	}
	return fd;
}

static int read_whole(int fd, char *text, size_t size, size_t *ret_len, struct err *err)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, text + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot be read");
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

int file_read(const char *path, unsigned forbidden, size_t max, struct pool *pool, struct file_bytes *ret,
	      struct err *err)
{
	off_t size = 0;
	size_t len = 0;
	OWNED(close_fd) int fd = open_checked(path, forbidden, &size, err);

	if (fd < 0)
		return fd;
	/* A file that grows meanwhile is cut: whoever writes it will reload. */
	if ((uintmax_t)size > max)
		return err_set(err, ERR_LIMIT, "has %jd bytes, allowed: at most %zu", (intmax_t)size, max);
	char *text = pool_alloc(pool, (size_t)size + 1, 1);
	if (!text)
		return err_nomem(err);
	int rc = read_whole(fd, text, (size_t)size, &len, err);
	if (rc)
		return rc;
	*ret = (struct file_bytes){text, len};
	return 0;
}

int file_check(const char *path, unsigned forbidden, struct strbuf *stamp, struct err *err)
{
	struct stat st;
	off_t size;
	OWNED(close_fd) int fd = open_checked(path, forbidden, &size, err);

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_errno(err, "cannot be looked at");
	strbuf_addf(stamp, "%ju.%ju.%jd.%ld ", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (intmax_t)st.st_mtim.tv_sec,
		    st.st_mtim.tv_nsec);
	return 0;
}

static const char *resolve_credential(const char *name, char buf[static PATH_MAX], struct err *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		err_set(err, ERR_BAD, "is not a credential, allowed: " CREDENTIAL "NAME, without /");
	else if (!folder || snprintf(buf, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		err_set(err, ERR_ABSENT,
			"is not given to this process, allowed: what LoadCredential= of its unit names");
	else
		return buf;
	return NULL;
}

const char *file_resolve(const char *where, char buf[static PATH_MAX], struct err *err)
{
	if (where[0] == '/')
		return where;
	if (strncmp(where, CREDENTIAL, strlen(CREDENTIAL)) == 0)
		return resolve_credential(where + strlen(CREDENTIAL), buf, err);
	err_set(err, ERR_BAD, "is not a file, allowed: an absolute path or " CREDENTIAL "NAME");
	return NULL;
}
