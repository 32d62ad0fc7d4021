/* SPDX-License-Identifier: Apache-2.0 */
/* outfile.c: see outfile.h. */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER (256 << 10)

int outfile_error(const struct outfile *file, struct err *err)
{
	return err_errno(err, "%s", file->path ? file->path : "standard output");
}

static int is_there_already(const struct outfile *file, struct err *err)
{
	return err_set(err, ERR_REFUSED, "%s: it is there already: --force replaces it", file->path);
}

/* A device or a pipe is written to, not replaced. */
static bool is_special(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int create(struct outfile *file, mode_t mode, struct err *err)
{
	int fd = is_special(file->path) ? open(file->path, O_WRONLY | O_CLOEXEC) : -1;

	if (fd < 0) {
		if (asprintf(&file->written, "%s.%ld.part", file->path, (long)getpid()) < 0) {
			file->written = NULL;
			return err_nomem(err);
		}
		fd = open(file->written, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	}
	if (fd < 0) {
		int rc = outfile_error(file, err);
		free(file->written); /* nobody's, or another's */
		file->written = NULL;
		return rc;
	}
	file->stream = fdopen(fd, "w");
	if (file->stream)
		return 0;
	(void)close(fd);
	return err_nomem(err);
}

int outfile_open(struct outfile *file, const char *path, mode_t mode, bool replace, struct err *err)
{
	int rc = 0;

	*file = (struct outfile){.path = path, .replaces = replace, .stream = path ? NULL : stdout};
	if (path && strcmp(path, "-") == 0)
		return err_set(err, ERR_BAD, "-: no file's name: ./- is a file that is called so");
	if (path)
		rc = !replace && access(path, F_OK) == 0 ? is_there_already(file, err) : create(file, mode, err);
	if (!rc)
		(void)setvbuf(file->stream, NULL, _IOFBF, BUFFER);
	return rc;
}

/* link() does what rename() does not: it refuses a name that somebody has taken meanwhile. */
static int put_in_place(struct outfile *file, struct err *err)
{
	int failed = file->replaces ? rename(file->written, file->path) : link(file->written, file->path);

	if (failed)
		return errno == EEXIST ? is_there_already(file, err) : outfile_error(file, err);
	if (!file->replaces)
		(void)unlink(file->written);
	free(file->written);
	file->written = NULL;
	return 0;
}

int outfile_commit(struct outfile *file, struct err *err)
{
	if (fflush(file->stream) != 0 || ferror(file->stream))
		return outfile_error(file, err);
	if (!file->written)
		return 0;
	if (fsync(fileno(file->stream)) != 0)
		return outfile_error(file, err);
	return put_in_place(file, err);
}

void outfile_release(struct outfile *file)
{
	if (file->path && file->stream)
		(void)fclose(file->stream);
	if (file->written)
		(void)unlink(file->written);
	free(file->written);
}
