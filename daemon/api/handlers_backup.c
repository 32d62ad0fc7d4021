/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_backup.c: a copy of the database, as a file. */
#include "api/handlers.h"
#include "api/peer.h"

#include <sys/stat.h>
#include <unistd.h>

struct backup {
	struct stream stream;
	int fd; /* -1: there is none yet */
};

static struct backup *backup_of(struct stream *stream)
{
	return CONTAINER_OF(stream, struct backup, stream);
}

static int backup_pull(struct stream *stream, struct strbuf *out, struct err *err)
{
	char *room = strbuf_extend(out, STREAM_PIECE);

	if (!room)
		return err_nomem(err);
	ssize_t len = read(backup_of(stream)->fd, room, STREAM_PIECE);
	if (len < 0)
		return err_errno(err, "reading the copy");
	out->len = (size_t)len;
	return 0;
}

static void backup_release(struct stream *stream)
{
	struct backup *backup = backup_of(stream);

	if (backup->fd >= 0)
		(void)close(backup->fd);
	free(backup);
}

static bool is_over(const void *asker)
{
	return request_is_over(asker);
}

static int make(struct backup *backup, const struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	char by[PEER_NAME_MAX];
	struct stat st;
	const struct api_backup question = {.by = peer_name(request->uid, by), .is_over = is_over, .asker = request};

	int rc = backend->backup(backend->ctx, &question, &backup->fd, err);
	if (!rc && fstat(backup->fd, &st) < 0)
		rc = err_errno(err, "the copy");
	if (!rc)
		backup->stream.size = (uint64_t)st.st_size;
	return rc;
}

int handle_backup(struct request *request, struct err *err)
{
	static const struct stream_kind kind = {
		.content_type = "application/vnd.sqlite3", .pull = backup_pull, .release = backup_release};
	struct backup *backup = calloc(1, sizeof *backup);

	if (!backup)
		return err_nomem(err);
	backup->fd = -1;
	int rc = stream_begin(request, &backup->stream, &kind, err);
	return rc ? rc : make(backup, request, err);
}
