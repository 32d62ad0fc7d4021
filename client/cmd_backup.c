/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_backup.c: a copy of the daemon's database, which goes on meanwhile. It is there whole or
 * not at all, and readable for its owner alone: it has what the registry and the notifiers say.
 */
#include "base/numbers.h"
#include "commands.h"
#include "outfile.h"
#include "progress.h"

#include <string.h>

#define FILE_MODE 0600
#define HEADER_SIZE 100 /* of an SQLite file (its file format, 1.3) */

const struct option_row backup_options[] = {
	{"force", NULL, "replace the file when it is there already"},
	{0},
};

struct backup {
	struct outfile file;
	unsigned char header[HEADER_SIZE];
	uint64_t bytes;
	struct progress progress;
	bool is_full; /* the file could not be written */
};

static void show_progress(struct backup *backup)
{
	char buf[BYTES_TEXT_MAX];

	progress_show(&backup->progress, bytes_format((int64_t)backup->bytes, buf));
}

static bool take(void *ctx, const char *bytes, size_t len)
{
	struct backup *backup = ctx;

	if (backup->bytes < HEADER_SIZE) {
		size_t rest = HEADER_SIZE - (size_t)backup->bytes;
		memcpy(backup->header + backup->bytes, bytes, len < rest ? len : rest);
	}
	backup->bytes += len;
	backup->is_full = fwrite(bytes, 1, len, backup->file.stream) != len;
	if (progress_is_due(&backup->progress))
		show_progress(backup);
	return !backup->is_full;
}

static uint64_t big_endian(const unsigned char *bytes, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | *bytes++;
	return value;
}

/* Has it as many pages as it says? A page of 65536 bytes is written as 1. */
static int check_size(const struct backup *backup, struct err *err)
{
	uint64_t page = big_endian(backup->header + 16, 2);
	uint64_t pages = big_endian(backup->header + 28, 4);

	if (memcmp(backup->header, "SQLite format 3", 16) == 0 && backup->bytes == (page == 1 ? 65536 : page) * pages)
		return 0;
	return err_set(err, ERR_IO, "what the daemon sent is no whole database");
}

static int receive(struct backup *backup, struct http *http, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};
	const struct http_stream stream = {
		.path = &path, .accept = "application/vnd.sqlite3", .take = take, .ctx = backup};

	strbuf_adds(&path, "/v1/backup");
	progress_begin(&backup->progress, true);
	if (backup->progress.is_shown)
		progress_show(&backup->progress, "the daemon copies its database");
	int rc = http_stream(http, &stream, err);
	progress_end(&backup->progress);
	if (rc)
		return rc;
	return backup->is_full ? outfile_error(&backup->file, err) : check_size(backup, err);
}

static int tell(const struct session *session, const struct backup *backup, struct err *err)
{
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *answer = cJSON_CreateObject();
	char buf[BYTES_TEXT_MAX];

	if (!cJSON_AddStringToObject(answer, "file", backup->file.path) ||
	    !cJSON_AddNumberToObject(answer, "bytes", (double)backup->bytes))
		return err_nomem(err);
	strbuf_addf(&line, "%s: %s", backup->file.path, bytes_format((int64_t)backup->bytes, buf));
	return session_tell(session, answer, &line, err);
}

int cmd_backup(const struct session *session, const struct args *args, struct err *err)
{
	struct backup backup = {0};

	int rc = outfile_open(&backup.file, args->operands[0], FILE_MODE, args_value(args, "force"), err);
	if (!rc)
		rc = receive(&backup, session->http, err);
	if (!rc)
		rc = outfile_commit(&backup.file, err);
	if (!rc)
		rc = tell(session, &backup, err);
	outfile_release(&backup.file);
	return rc;
}
