/* SPDX-License-Identifier: Apache-2.0 */
/* history.c: see history.h. */
#include "store/history.h"

static const char LAST_SEQ[] = "SELECT coalesce(max(seq), 0) FROM event";
static const char ORDINAL[] = "SELECT count(*) FROM event WHERE crate = :crate AND version = :version AND kind = :kind";
static const char APPEND[] = "INSERT INTO event (seq, id, at_ms, crate, version, kind, severity, body)"
			     " VALUES (:seq, :id, :at, :crate, :version, :kind, :severity, :body)";

int history_next_seq(struct db *db, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(db, LAST_SEQ);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0) + 1;
	return stmt_done(&st, err);
}

int history_ordinal(struct db *db, int64_t crate, const char *version, enum event_kind kind, int64_t *ret,
		    struct err *err)
{
	struct stmt st = stmt_use(db, ORDINAL);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	stmt_put_int(&st, ":kind", kind);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

int history_append(struct db *db, int64_t crate, const struct event *event, struct err *err)
{
	OWNED_STRBUF struct strbuf body = {0};

	event_write_body(&body, event);
	if (strbuf_failed(&body))
		return err_nomem(err);
	struct stmt st = stmt_use(db, APPEND);
	stmt_put_int(&st, ":seq", event->seq);
	stmt_put_text(&st, ":id", event->id);
	stmt_put_int(&st, ":at", event->at_ms);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", event->version ? event->version : "");
	stmt_put_int(&st, ":kind", event->kind);
	stmt_put_int(&st, ":severity", event->severity);
	stmt_put_text(&st, ":body", strbuf_str(&body));
	return stmt_run(&st, err);
}
