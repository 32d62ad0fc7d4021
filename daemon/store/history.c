/* SPDX-License-Identifier: Apache-2.0 */
/* history.c: see history.h. */
#include "store/history.h"

static const char LAST_SEQ[] = "SELECT coalesce(max(seq), 0) FROM event";
static const char ORDINAL[] = "SELECT count(*) FROM event WHERE crate = :crate AND version = :version AND kind = :kind";
static const char APPEND[] = "INSERT INTO event (seq, id, at_ms, crate, version, kind, severity, body)"
			     " VALUES (:seq, :id, :at, :crate, :version, :kind, :severity, :body)";
/* A registry may be blind and have an incident at once: the end says since when, too. Findings are each project's
 * own; no other event of a version is read for it (the kinds are finding_opened and finding_resolved). */
#define OF_THE_SAME                                                                          \
	" AND b.version = a.version AND (a.version <> '' OR json_extract(a.body, '$.since')" \
	" IS json_extract(b.body, '$.since'))"                                               \
	" AND (a.kind NOT IN (11, 12) OR json_extract(a.body, '$.project') IS json_extract(b.body, '$.project'))"
static const char TAKEN_BACK[] = "SELECT b.at_ms FROM event a JOIN event b ON b.crate = a.crate" OF_THE_SAME
				 " WHERE a.seq = :seq AND b.kind = :kind AND b.seq > a.seq ORDER BY b.seq LIMIT 1";
static const char TAKES_BACK[] = "SELECT b.seq FROM event a JOIN event b ON b.crate = a.crate" OF_THE_SAME
				 " WHERE a.seq = :seq AND b.kind = :kind AND b.seq < a.seq ORDER BY b.seq DESC LIMIT 1";

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

/* The number that the question finds, for an event of `kind` before or after; 0 = none. */
static int look(struct db *db, const char *sql, int64_t seq, enum event_kind kind, int64_t *ret, struct err *err)
{
	*ret = 0;
	struct stmt st = stmt_use(db, sql);
	stmt_put_int(&st, ":seq", seq);
	stmt_put_int(&st, ":kind", kind);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

int history_taken_back(struct db *db, int64_t seq, enum event_kind kind, int64_t *ret_at_ms, struct err *err)
{
	enum event_kind by;

	*ret_at_ms = 0;
	return event_kind_taken_back_by(kind, &by) ? look(db, TAKEN_BACK, seq, by, ret_at_ms, err) : 0;
}

int history_takes_back(struct db *db, int64_t seq, enum event_kind kind, int64_t *ret_seq, struct err *err)
{
	uint32_t kinds = event_kind_takes_back(kind);
	int64_t found = 0;
	int rc = 0;

	*ret_seq = 0;
	for (unsigned before = 0; before < EVENT_KINDS && !rc; before++) {
		if (!(kinds & 1u << before))
			continue;
		rc = look(db, TAKES_BACK, seq, (enum event_kind)before, &found, err);
		if (found > *ret_seq)
			*ret_seq = found;
	}
	return rc;
}
