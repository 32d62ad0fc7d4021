/* SPDX-License-Identifier: Apache-2.0 */
/* listen.c: see listen.h. */
#include "api/listen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 64

/* Is the file at that path the socket of a process that is gone? */
static int remove_stale(int fd, const struct sockaddr_un *address, struct err *err)
{
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "%s", address->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_REFUSED, "%s is there and is no socket", address->sun_path);
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
		return err_set(err, ERR_REFUSED, "%s: another process answers on it", address->sun_path);
	if (errno != ECONNREFUSED)
		return err_errno(err, "%s", address->sun_path);
	return unlink(address->sun_path) < 0 ? err_errno(err, "%s", address->sun_path) : 0;
}

static int new_socket(int *ret_fd, struct err *err)
{
	*ret_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return *ret_fd < 0 ? err_errno(err, "socket") : 0;
}

static int probe(const struct sockaddr_un *address, struct err *err)
{
	int fd;

	int rc = new_socket(&fd, err);
	if (rc)
		return rc;
	rc = remove_stale(fd, address, err);
	(void)close(fd);
	return rc;
}

/* Nobody may connect before group and mode are right, so it is born closed. */
static int bind_closed(int fd, const struct config *config, const struct sockaddr_un *address, struct err *err)
{
	mode_t before = umask(0777);
	int failed = bind(fd, (const struct sockaddr *)address, sizeof *address);
	(void)umask(before);
	if (failed)
		return err_errno(err, "%s", address->sun_path);
	if (config->socket_group != (gid_t)-1 && chown(address->sun_path, (uid_t)-1, config->socket_group) < 0)
		return err_errno(err, "%s: cannot give it to the group", address->sun_path);
	if (chmod(address->sun_path, config->socket_mode) < 0)
		return err_errno(err, "%s: cannot set its mode", address->sun_path);
	return listen(fd, BACKLOG) < 0 ? err_errno(err, "%s", address->sun_path) : 0;
}

int listen_unix(const struct config *config, int *ret_fd, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(config->socket_path) >= sizeof address.sun_path)
		return err_set(err, ERR_LIMIT, "%s: a socket's path has at most %zu bytes", config->socket_path,
			       sizeof address.sun_path - 1);
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", config->socket_path);
	int rc = probe(&address, err);
	if (!rc)
		rc = new_socket(&fd, err);
	if (rc)
		return rc;
	rc = bind_closed(fd, config, &address, err);
	if (rc) {
		(void)close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}
