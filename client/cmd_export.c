/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_export.c: the history, or what a filter leaves of it, as lines of JSON as the daemon
 * has them or as a table for spreadsheets. What is broken off on the way is a failure, and
 * leaves no file.
 */
#include "base/numbers.h"
#include "base/text.h"
#include "csv.h"
#include "event_filters.h"
#include "lines.h"
#include "outfile.h"
#include "progress.h"

#include <string.h>

#define FILE_MODE 0666 /* as a shell's > makes it: the umask decides */
#define SILENCE_S 60
#define SAFE_GROWTH 8 /* times as long is what text_safe() makes of a byte, at most */

const struct option_row export_options[] = {
	{"format", "F", "as jsonl (a document a line, the last one is the head) or csv; jsonl if not given"},
	{"output", "FILE", "write there, once all of it is there; else to standard output"},
	EVENT_FILTER_ROWS,
	EVENT_TIME_ROWS,
	{"after", "SEQ", "only what came after this event (its `seq`)"},
	{0},
};

struct export
{
	struct outfile file;
	bool (*put)(struct export * export, const char *line, size_t len);
	bool is_table;     /* csv */
	struct strbuf row; /* of it */
	bool has_head;     /* the last line is here: it is whole */
	int64_t events, bytes;
	struct progress progress;
	struct err err; /* why put() has had enough */
};

static bool put_jsonl(struct export *export, const char *line, size_t len)
{
	return fwrite(line, 1, len, export->file.stream) == len && putc('\n', export->file.stream) != EOF;
}

/* A registry's text must not reach the terminal as it came. */
static bool put_jsonl_on_terminal(struct export *export, const char *line, size_t len)
{
	(void)len;
	style_json_line(line);
	return !ferror(export->file.stream);
}

static bool make_row(struct export *export, const char *line, size_t len)
{
	OWNED_JSON cJSON *event = NULL;

	if (json_parse(line, len, &event, &export->err)) {
		export->err.code = ERR_IO; /* the daemon's mistake, not the user's */
		return false;
	}
	strbuf_reset(&export->row);
	csv_write_event(&export->row, event);
	return !strbuf_failed(&export->row) || err_nomem(&export->err) == 0;
}

static bool put_csv(struct export *export, const char *line, size_t len)
{
	if (export->has_head) /* is for programs */
		return true;
	return make_row(export, line, len) &&
	       fwrite(export->row.data, 1, export->row.len, export->file.stream) == export->row.len;
}

/* One line each: a text's own line breaks are shown as what they are. */
static bool put_csv_on_terminal(struct export *export, const char *line, size_t len)
{
	if (export->has_head)
		return true;
	if (!make_row(export, line, len))
		return false;
	export->row.data[export->row.len - 2] = '\0'; /* CR LF */
	size_t size = SAFE_GROWTH * export->row.len + 1;
	OWNED_MEM char *safe = malloc(size);
	if (!safe)
		return err_nomem(&export->err) == 0;
	(void)fprintf(export->file.stream, "%s\n", text_safe(strbuf_str(&export->row), safe, size));
	return !ferror(export->file.stream);
}

static void show_progress(struct export *export)
{
	OWNED_STRBUF struct strbuf line = {0};
	char buf[BYTES_TEXT_MAX];

	strbuf_add_count(&line, export->events, "event", "events");
	strbuf_addf(&line, ", %s", bytes_format(export->bytes, buf));
	progress_show(&export->progress, strbuf_str(&line));
}

static bool take_line(void *ctx, const char *line, size_t len)
{
	static const char head[] = "{\"head\":";
	struct export *export = ctx;

	if (export->has_head)
		return err_set(&export->err, ERR_IO, "the answer is not understood: there is more behind its end") == 0;
	export->has_head = strncmp(line, head, sizeof head - 1) == 0;
	export->events += !export->has_head;
	export->bytes += (int64_t)len;
	if (progress_is_due(&export->progress))
		show_progress(export);
	if (export->put(export, line, len))
		return true;
	return export->err.code ? false : outfile_error(&export->file, &export->err) == 0;
}

static int choose_format(struct export *export, const struct args *args, const struct session *session, struct err *err)
{
	const char *format = args_value(args, "format");
	bool to_terminal = session->style.terminal && !args_value(args, "output");

	export->is_table = format && strcmp(format, "csv") == 0;
	if (export->is_table)
		export->put = to_terminal ? put_csv_on_terminal : put_csv;
	else if (!format || strcmp(format, "jsonl") == 0)
		export->put = to_terminal ? put_jsonl_on_terminal : put_jsonl;
	else
		return err_set(err, ERR_BAD, "--format: %s: there is jsonl and csv", format);
	return 0;
}

static int make_path(struct strbuf *path, const struct args *args, struct err *err)
{
	int64_t seq;

	strbuf_adds(path, "/v1/events");
	event_filters_add(path, args);
	int rc = event_times_add(path, args, err);
	if (!rc)
		rc = event_after_read(args, &seq, err);
	http_add_query(path, "after", args_value(args, "after"));
	return rc;
}

static int receive(struct export *export, struct http *http, const struct strbuf *path, struct err *err)
{
	OWNED_LINES struct lines lines = {.take = take_line, .ctx = export};
	const struct http_stream stream = {.path = path,
					   .accept = "application/x-ndjson",
					   .silence_s = SILENCE_S,
					   .take = lines_take,
					   .ctx = &lines};

	int rc = http_stream(http, &stream, err);
	if (!rc && export->err.code) {
		*err = export->err;
		rc = err->code;
	}
	if (!rc && (!export->has_head || lines.line.len))
		rc = err_set(err, ERR_IO, "the answer ends in the middle");
	return rc;
}

static int run(struct export *export, const struct session *session, const struct strbuf *path, struct err *err)
{
	if (export->is_table) {
		csv_write_head(&export->row);
		(void)fwrite(export->row.data, 1, export->row.len, export->file.stream);
	}
	progress_begin(&export->progress, export->file.path != NULL);
	int rc = receive(export, session->http, path, err);
	progress_end(&export->progress);
	return rc ? rc : outfile_commit(&export->file, err);
}

int cmd_export(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};
	struct export export = {0};

	int rc = choose_format(&export, args, session, err);
	if (!rc)
		rc = make_path(&path, args, err);
	if (rc)
		return rc;
	rc = outfile_open(&export.file, args_value(args, "output"), FILE_MODE, true, err);
	if (!rc)
		rc = run(&export, session, &path, err);
	outfile_release(&export.file);
	strbuf_release(&export.row);
	return rc;
}
