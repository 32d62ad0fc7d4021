/* SPDX-License-Identifier: Apache-2.0 */
/* lockfile.c: see lockfile.h. */
#include "lockfile.h"

#include "base/text_span.h"
#include "model/lock_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OF_DAEMON "lockfile: " /* how it begins to tell what is wrong with one */

const char *lockfile_name(const struct lockfile *lockfile)
{
	return strcmp(lockfile->path, "-") == 0 ? "standard input" : lockfile->path;
}

const char *lockfile_place(const struct lockfile *lockfile)
{
	return strcmp(lockfile->path, "-") == 0 ? "Cargo.lock" : lockfile->path;
}

void lockfile_release(struct lockfile *lockfile)
{
	strbuf_release(&lockfile->bytes);
}

static int read_all(int fd, struct lockfile *lockfile, struct err *err)
{
	char piece[65536];
	ssize_t n = 0;

	do {
		n = read(fd, piece, sizeof piece);
		if (n > 0)
			strbuf_add(&lockfile->bytes, piece, (size_t)n);
	} while ((n > 0 && !strbuf_failed(&lockfile->bytes)) || (n < 0 && errno == EINTR));
	if (n < 0)
		(void)err_errno(err, "%s", lockfile_name(lockfile));
	else if (strbuf_failed(&lockfile->bytes))
		(void)err_set(err, ERR_BAD, "%s: larger than %u MB", lockfile_name(lockfile), LOCK_FILE_MAX >> 20);
	else if (lockfile->bytes.len == 0)
		(void)err_set(err, ERR_BAD, "%s: is empty", lockfile_name(lockfile));
	else
		return 0;
	return err->code = ERR_BAD;
}

int lockfile_read(const char *path, struct lockfile *ret, struct err *err)
{
	*ret = (struct lockfile){.path = path, .bytes.limit = LOCK_FILE_MAX};
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		(void)err_errno(err, "%s", path);
		return err->code = ERR_BAD;
	}
	int rc = read_all(fd, ret, err);
	if (!is_stdin)
		(void)close(fd);
	return rc;
}

/* "lockfile: line 12: …" becomes "Cargo.lock: line 12: …". */
static int put_name(const struct lockfile *lockfile, struct err *err)
{
	size_t len = strlen(OF_DAEMON);
	struct err told = *err;

	if (strncmp(told.text, OF_DAEMON, len) != 0)
		return err->code;
	return err_set(err, told.code, "%s: %s", lockfile_name(lockfile), told.text + len);
}

int lockfile_send(const struct lockfile *lockfile, struct http *http, const char *method, const struct strbuf *path,
		  int64_t wait_s, cJSON **ret_answer, struct err *err)
{
	struct http_request request = {
		.method = method,
		.path = path,
		.body = &lockfile->bytes,
		.is_file = true,
		.patient = wait_s == LOCKFILE_PATIENT,
		.wait_s = wait_s,
	};

	int rc = http_call(http, &request, ret_answer, err);
	return rc ? put_name(lockfile, err) : 0;
}

/* ---- where a package stands in a Cargo.lock ---- */

struct package {
	unsigned line; /* of its name; 0 = none yet */
	struct text_span name, version;
};

/* The value of `key = "value"`; false: the line is another. */
static bool take_value(struct text_span line, const char *key, struct text_span *ret)
{
	size_t len = strlen(key);

	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	if (line.len < len + 1 || memcmp(line.at, key, len) != 0 || line.at[line.len - 1] != '"')
		return false;
	*ret = (struct text_span){line.at + len, line.len - len - 1};
	return true;
}

static bool is_text(struct text_span span, const char *text)
{
	return text && text_span_same(span, (struct text_span){text, strlen(text)});
}

/* Of packages of the same name and version, from several registries, the first counts. */
static void note_package(const struct package *package, const cJSON *findings, unsigned *lines, size_t n)
{
	const cJSON *finding;
	size_t i = 0;

	cJSON_ArrayForEach (finding, findings) {
		if (i == n)
			return;
		if (!lines[i] && is_text(package->name, json_string(finding, "crate")) &&
		    is_text(package->version, json_string(finding, "version")))
			lines[i] = package->line;
		i++;
	}
}

void lockfile_find_lines(const struct lockfile *lockfile, const cJSON *findings, unsigned *ret_lines, size_t n)
{
	const char *at = strbuf_str(&lockfile->bytes);
	const char *end = at + lockfile->bytes.len;
	struct package package = {0};

	memset(ret_lines, 0, n * sizeof *ret_lines);
	for (unsigned number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		struct text_span line = {at, (size_t)((newline ? newline : end) - at)};
		if (line.len && *line.at == '[')
			package = (struct package){0};
		else if (take_value(line, "name = \"", &package.name))
			package.line = number;
		else if (package.line && take_value(line, "version = \"", &package.version))
			note_package(&package, findings, ret_lines, n);
		at += line.len + 1;
	}
}
