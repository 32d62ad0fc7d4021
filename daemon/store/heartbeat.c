/* SPDX-License-Identifier: Apache-2.0 */
/* heartbeat.c: see heartbeat.h. */
#include "store/heartbeat.h"

#include "base/json.h"
#include "store/heads.h"

static const char LAST[] = "SELECT queued_ms, seq FROM heartbeat";
static const char MARK[] = "INSERT OR REPLACE INTO heartbeat (id, queued_ms, seq)"
			   " VALUES (1, :now, (SELECT coalesce(max(seq), 0) FROM event))";
static const char FORGET[] = "DELETE FROM heartbeat";
static const char WAITS[] = "SELECT 1 FROM notification WHERE notifier = :notifier AND state = 0 AND kind = 1 LIMIT 1";
static const char FIGURES[] = "SELECT (SELECT count(*) FROM registry WHERE configured),"
			      " (SELECT count(*) FROM crate c JOIN registry r ON r.id = c.registry"
			      " WHERE r.configured AND c.listed <> 0),"
			      " (SELECT coalesce(max(seq), 0) FROM event) - :seq";
static const char BLIND[] = "SELECT name FROM registry WHERE configured AND blind_ms <> 0 ORDER BY name";

struct last {
	bool there;
	int64_t queued_ms, seq;
};

static int read_last(struct db *db, struct last *ret, struct err *err)
{
	*ret = (struct last){0};
	struct stmt st = stmt_use(db, LAST);
	if (stmt_row(&st))
		*ret = (struct last){true, stmt_int(&st, 0), stmt_int(&st, 1)};
	return stmt_done(&st, err);
}

static int mark(const struct outbox *outbox, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, MARK);
	stmt_put_int(&st, ":now", outbox->now_ms);
	return stmt_run(&st, err);
}

static int forget(struct db *db, struct err *err)
{
	struct stmt st = stmt_use(db, FORGET);
	return stmt_run(&st, err);
}

static int one_waits(struct db *db, const char *notifier, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(db, WAITS);
	stmt_put_text(&st, ":notifier", notifier);
	*ret = stmt_row(&st);
	return stmt_done(&st, err);
}

static int write_figures(struct db *db, int64_t seq, struct json_writer *w, struct strbuf *subject, struct err *err)
{
	struct stmt st = stmt_use(db, FIGURES);
	stmt_put_int(&st, ":seq", seq);
	if (stmt_row(&st)) {
		json_put_int(w, "registries", stmt_int(&st, 0));
		json_put_int(w, "crates", stmt_int(&st, 1));
		json_put_int(w, "events", stmt_int(&st, 2));
		strbuf_addf(subject,
			    "[info] still watching: registries: %lld, crates: %lld, events since the last time: %lld",
			    (long long)stmt_int(&st, 0), (long long)stmt_int(&st, 1), (long long)stmt_int(&st, 2));
	}
	return stmt_done(&st, err);
}

static int write_blind(struct db *db, struct json_writer *w, struct strbuf *subject, struct err *err)
{
	const char *before = "; cannot be polled: ";

	json_open(w, "blind", '[');
	struct stmt st = stmt_use(db, BLIND);
	while (stmt_row(&st)) {
		json_put_string(w, NULL, stmt_text(&st, 0));
		strbuf_addf(subject, "%s%s", before, stmt_text(&st, 0));
		before = ", ";
	}
	json_close(w, ']');
	return stmt_done(&st, err);
}

static int write(struct db *db, const struct last *last, struct strbuf *document, struct strbuf *subject,
		 struct err *err)
{
	struct json_writer w = {.out = document};

	json_open(&w, NULL, '{');
	json_put_string(&w, "kind", notification_kind_name(NOTIFICATION_HEARTBEAT));
	json_open(&w, "watching", '{');
	int rc = write_figures(db, last->seq, &w, subject, err);
	if (!rc)
		rc = write_blind(db, &w, subject, err);
	json_close(&w, '}');
	json_put_time(&w, "since", last->queued_ms);
	json_open(&w, "events", '[');
	json_close(&w, ']');
	if (!rc)
		rc = heads_put(db, &w, err);
	json_close(&w, '}');
	if (!rc && (strbuf_failed(document) || strbuf_failed(subject)))
		rc = err_nomem(err);
	return rc;
}

static int queue(const struct outbox *outbox, const char *notifier, const struct last *last, struct err *err)
{
	OWNED_STRBUF struct strbuf document = {0};
	OWNED_STRBUF struct strbuf subject = {0};
	char id[NOTIFICATION_ID_MAX];
	int64_t row;

	int rc = write(outbox->db, last, &document, &subject, err);
	if (!rc)
		rc = outbox_add_plain(outbox, notifier, NOTIFICATION_HEARTBEAT, strbuf_str(&subject),
				      strbuf_str(&document), &row, id, err);
	return rc ? rc : mark(outbox, err);
}

int heartbeat_sweep(const struct outbox *outbox, const char *notifier, int64_t every_ms, bool *ret_queued,
		    struct err *err)
{
	struct last last;
	bool waits = false;

	*ret_queued = false;
	int rc = read_last(outbox->db, &last, err);
	if (rc)
		return rc;
	if (!notifier)
		return last.there ? forget(outbox->db, err) : 0;
	if (!last.there || last.queued_ms > outbox->now_ms) /* the clock was stepped back */
		return mark(outbox, err);
	if (outbox->now_ms - last.queued_ms < every_ms)
		return 0;
	rc = one_waits(outbox->db, notifier, &waits, err);
	if (rc || waits)
		return rc;
	rc = queue(outbox, notifier, &last, err);
	*ret_queued = !rc;
	return rc;
}
