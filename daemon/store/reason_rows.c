/* SPDX-License-Identifier: Apache-2.0 */
/* reason_rows.c: see reason_rows.h. */
#include "store/reason_rows.h"

#include "base/list.h"

#define COLUMNS                                                                                               \
	"SELECT id, version, coalesce(event, 0), source, text, cut, digest, by_login, owner, at_ms, seen_ms," \
	" ended_ms FROM reason"
static const char STANDING[] = COLUMNS " WHERE crate = :crate AND version = :version AND ended_ms = 0"
				       " ORDER BY id DESC LIMIT 1";
static const char COUNT[] = "SELECT count(*) FROM (SELECT 1 FROM reason WHERE crate = :crate LIMIT :limit)";
/* In the columns' places; a text has no more characters than bytes. */
static const char ALL[] = "SELECT id, version, coalesce(event, 0), source, substr(text, 1, :most),"
			  " cut OR coalesce(length(text) > :most, 0), NULL, by_login, owner, at_ms, seen_ms, ended_ms"
			  " FROM reason WHERE crate = :crate ORDER BY version, id";
static const char ADD[] =
	"INSERT INTO reason (crate, version, event, source, text, cut, digest, by_login, owner, at_ms,"
	" seen_ms) VALUES (:crate, :version, nullif(:event, 0), :source, :text, :cut, :digest, :by,"
	" :owner, :at, :seen)";
static const char UPDATE[] = "UPDATE reason SET event = nullif(:event, 0), by_login = :by, owner = :owner, at_ms = :at"
			     " WHERE id = :id";
static const char END[] =
	"UPDATE reason SET ended_ms = :now WHERE crate = :crate AND version = :version AND ended_ms = 0";
static const char OF_LINES[] =
	"SELECT 1 FROM reason WHERE crate = :crate AND ended_ms = 0 AND source = 1 AND text IS NOT NULL LIMIT 1";

void reason_row_release(struct reason_row *row)
{
	free(row->version);
	free(row->by);
	reason_text_release(&row->said);
	*row = (struct reason_row){0};
}

struct reason_said reason_row_said(const struct reason_row *row)
{
	return (struct reason_said){.has_text = true,
				    .text = row->said.text,
				    .cut = row->said.cut,
				    .by = row->by,
				    .owner = row->owner,
				    .at_ms = row->at_ms};
}

static void read_row(struct stmt *st, struct reason_row *ret)
{
	*ret = (struct reason_row){
		.id = stmt_int(st, 0),
		.version = stmt_text_copy(st, 1),
		.event = stmt_int(st, 2),
		.source = (enum reason_source)stmt_int(st, 3),
		.said = {.text = stmt_text_copy(st, 4), .cut = stmt_int(st, 5) != 0},
		.by = stmt_text_copy(st, 7),
		.owner = (enum reason_owner)stmt_int(st, 8),
		.at_ms = stmt_int(st, 9),
		.seen_ms = stmt_int(st, 10),
		.ended_ms = stmt_int(st, 11),
	};
	(void)stmt_blob(st, 6, ret->said.digest, sizeof ret->said.digest);
}

int reason_row_standing(struct db *db, int64_t crate, const char *version, struct reason_row *ret, struct err *err)
{
	*ret = (struct reason_row){0};
	struct stmt st = stmt_use(db, STANDING);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	if (stmt_row(&st))
		read_row(&st, ret);
	int rc = stmt_done(&st, err);
	if (rc)
		reason_row_release(ret);
	return rc;
}

int reason_row_add(struct db *db, int64_t crate, const char *version, const struct reason_row *row, struct err *err)
{
	int rc = reason_row_end(db, crate, version, row->seen_ms, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(db, ADD);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	stmt_put_int(&st, ":event", row->event);
	stmt_put_int(&st, ":source", row->source);
	stmt_put_text(&st, ":text", row->said.text);
	stmt_put_int(&st, ":cut", row->said.cut);
	stmt_put_blob(&st, ":digest", row->said.digest, sizeof row->said.digest);
	stmt_put_text(&st, ":by", row->by);
	stmt_put_int(&st, ":owner", row->owner);
	stmt_put_int(&st, ":at", row->at_ms);
	stmt_put_int(&st, ":seen", row->seen_ms);
	return stmt_run(&st, err);
}

int reason_row_update(struct db *db, const struct reason_row *row, struct err *err)
{
	struct stmt st = stmt_use(db, UPDATE);
	stmt_put_int(&st, ":event", row->event);
	stmt_put_text(&st, ":by", row->by);
	stmt_put_int(&st, ":owner", row->owner);
	stmt_put_int(&st, ":at", row->at_ms);
	stmt_put_int(&st, ":id", row->id);
	return stmt_run(&st, err);
}

int reason_row_end(struct db *db, int64_t crate, const char *version, int64_t now_ms, struct err *err)
{
	struct stmt st = stmt_use(db, END);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	return stmt_run(&st, err);
}

int reason_rows_of_lines(struct db *db, int64_t crate, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(db, OF_LINES);
	stmt_put_int(&st, ":crate", crate);
	*ret = stmt_row(&st);
	return stmt_done(&st, err);
}

/* ---- all of a crate ---- */

void reason_list_release(struct reason_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		reason_row_release(&list->items[i]);
	free(list->items);
	*list = (struct reason_list){0};
}

/* Whoever may yank may write 8 kB each time, and all of a crate stand in one document. */
static int longest_text(struct db *db, int64_t crate, int64_t *ret, struct err *err)
{
	*ret = REASON_TEXT_MAX;
	struct stmt st = stmt_use(db, COUNT);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":limit", REASON_ROWS_WHOLE + 1);
	if (stmt_row(&st) && stmt_int(&st, 0) > REASON_ROWS_WHOLE)
		*ret = REASON_ROWS_SHORT;
	return stmt_done(&st, err);
}

int reason_rows_load(struct db *db, int64_t crate, struct reason_list *ret, struct err *err)
{
	OWNED(reason_list_release) struct reason_list list = {0};
	bool has_room = true;
	int64_t most;

	int rc = longest_text(db, crate, &most, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(db, ALL);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":most", most);
	while (has_room && stmt_row(&st)) {
		has_room = LIST_ROOM(&list);
		if (has_room)
			read_row(&st, &list.items[list.n++]);
	}
	rc = stmt_done(&st, err);
	if (rc || !has_room)
		return rc ? rc : err_nomem(err);
	*ret = list;
	list = (struct reason_list){0};
	return 0;
}
