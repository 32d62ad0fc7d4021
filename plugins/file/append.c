/* SPDX-License-Identifier: Apache-2.0 */
/* append.c: see append.h. */
#include "append.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) /* a FIFO does not block us */

static bool fail(char error[APPEND_ERROR_MAX], const char *what, int number)
{
	(void)snprintf(error, APPEND_ERROR_MAX, "%s: %s", what, strerror(number));
	return false;
}

/* That the file is in its folder must be on the disk, too. Best effort: some file systems cannot. */
static void sync_folder(const char *path)
{
	char copy[4096];

	if (strlen(path) >= sizeof copy)
		return;
	(void)snprintf(copy, sizeof copy, "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}

/* A descriptor, or -1 with errno. */
static int open_file(const char *path, mode_t mode)
{
	int fd = open(path, OPEN_FLAGS);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	fd = open(path, OPEN_FLAGS | O_CREAT | O_EXCL, mode);
	if (fd < 0)
		return fd;
	(void)fchmod(fd, mode);
	sync_folder(path);
	return fd;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* The last line has no end. */
static bool is_cut(int fd, off_t size)
{
	char last = '\n';
	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static bool append_to(int fd, const char *lines, size_t len, char error[APPEND_ERROR_MAX])
{
	struct stat about;

	if (fstat(fd, &about) != 0)
		return fail(error, "cannot be looked at", errno);
	if ((!is_cut(fd, about.st_size) || write_all(fd, "\n", 1)) && write_all(fd, lines, len) && fdatasync(fd) == 0)
		return true;
	int number = errno;
	if (ftruncate(fd, about.st_size) != 0)
		return fail(error, "cannot be written, and a part of it could not be taken back", number);
	return fail(error, "cannot be written, what was is taken back", number);
}

/* Another notifier may append to the same file: who truncates must be alone. */
static bool lock_and_append(int fd, const char *lines, size_t len, char error[APPEND_ERROR_MAX])
{
	struct stat about;

	if (fstat(fd, &about) == 0 && !S_ISREG(about.st_mode)) {
		(void)snprintf(error, APPEND_ERROR_MAX, "it is no regular file");
		return false;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return fail(error, "somebody else has locked it", errno);
	return append_to(fd, lines, len, error);
}

bool append_lines(const char *path, mode_t mode, const char *lines, size_t len, char error[APPEND_ERROR_MAX])
{
	int fd = open_file(path, mode);

	if (fd < 0 && errno == ELOOP) {
		(void)snprintf(error, APPEND_ERROR_MAX, "it is a symbolic link");
		return false;
	}
	if (fd < 0)
		return fail(error, "cannot be opened", errno);
	bool done = lock_and_append(fd, lines, len, error);
	(void)close(fd);
	return done;
}
