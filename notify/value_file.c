/* SPDX-License-Identifier: Apache-2.0 */
/* value_file.c: see value_file.h. */
#include "value_file.h"

#include "base/strbuf.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREDENTIAL "credential:"

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static int credential_path(const char *name, struct strbuf *ret_path, struct err *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(err, ERR_BAD, CREDENTIAL "%s: the name of one credential, without '/'", name);
	if (!folder)
		return err_set(err, ERR_BAD, CREDENTIAL "%s: the service has no credentials (LoadCredential=)", name);
	strbuf_addf(ret_path, "%s/%s", folder, name);
	return 0;
}

int value_file_path(const char *where, struct strbuf *ret_path, struct err *err)
{
	if (strncmp(where, CREDENTIAL, strlen(CREDENTIAL)) == 0)
		return credential_path(where + strlen(CREDENTIAL), ret_path, err);
	if (where[0] != '/')
		return err_set(err, ERR_BAD, "%s: an absolute path or " CREDENTIAL "NAME is needed", where);
	strbuf_adds(ret_path, where);
	return 0;
}

static int check_kind(int fd, bool secret, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_errno(err, "cannot look at it");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_BAD, "not a regular file");
	if (secret && (st.st_mode & S_IRWXO))
		return err_set(err, ERR_BAD, "a secret that others may read or change: chmod o= it");
	return 0;
}

static int read_whole(int fd, struct strbuf *ret_text, struct err *err)
{
	char chunk[4096];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read it");
		if (n == 0)
			return 0;
		if (ret_text->len + (size_t)n > VALUE_FILE_MAX)
			return err_set(err, ERR_LIMIT, "longer than %d bytes", VALUE_FILE_MAX);
		strbuf_add(ret_text, chunk, (size_t)n);
	}
}

static size_t without_line_end(const char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n')
		len -= len > 1 && text[len - 2] == '\r' ? 2 : 1;
	return len;
}

static int read_value(const char *path, bool secret, char **ret, struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};
	/* O_NONBLOCK: the open of a FIFO would wait for its writer. */
	OWNED(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return err_errno(err, "cannot open it");
	int rc = check_kind(fd, secret, err);
	if (!rc)
		rc = read_whole(fd, &text, err);
	if (rc)
		return rc;
	size_t len = without_line_end(strbuf_str(&text), text.len);
	if (memchr(strbuf_str(&text), '\0', len) || !text_is_utf8(strbuf_str(&text), len))
		return err_set(err, ERR_BAD, "not text in UTF-8");
	*ret = strbuf_failed(&text) ? NULL : strndup(strbuf_str(&text), len);
	return *ret ? 0 : err_nomem(err);
}

int value_file_read(const char *where, bool secret, char **ret, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};

	int rc = value_file_path(where, &path, err);
	if (rc)
		return rc;
	if (strbuf_failed(&path))
		return err_nomem(err);
	rc = read_value(strbuf_str(&path), secret, ret, err);
	return rc ? err_prefix(err, "%s", strbuf_str(&path)) : 0;
}
