/* SPDX-License-Identifier: Apache-2.0 */
/* query_outbox.c: see query_outbox.h. */
#include "store/query_outbox.h"

#include "store/event_row.h"
#include "store/page.h"

#include <string.h>

#define NOTIFICATION                                                                                                   \
	"SELECT n.id, n.public_id, n.notifier, n.kind, n.state, n.attempt, n.created_ms, n.due_ms, n.again,"           \
	" n.events, n.subject, n.last_text, o.public_id, n.held FROM notification n LEFT JOIN notification o ON o.id " \
	"= "                                                                                                           \
	"n.origin"
#define OF_NOTIFIER " AND (:notifier IS NULL OR n.notifier = :notifier)"
#define OF_CRATE                                                                                       \
	" AND n.id IN (SELECT ne.notification FROM registry r CROSS JOIN crate c ON c.registry = r.id" \
	" AND c.name = :crate CROSS JOIN event e ON e.crate = c.id"                                    \
	" CROSS JOIN notification_event ne ON ne.event = e.seq)"
#define NEWEST_FIRST " ORDER BY n.id DESC LIMIT :limit"

/* [in one state][filtered by crate]: each has an index to go by. A "+" and CROSS keep SQLite from others. */
static const char *const list_sql[2][2] = {
	{NOTIFICATION " WHERE n.id < :after" OF_NOTIFIER NEWEST_FIRST,
	 NOTIFICATION " WHERE +n.id < :after" OF_NOTIFIER OF_CRATE " ORDER BY +n.id DESC LIMIT :limit"},
	{NOTIFICATION " WHERE n.state = :state AND n.id < :after" OF_NOTIFIER NEWEST_FIRST, NOTIFICATION
	 " WHERE +n.state = :state AND +n.id < :after" OF_NOTIFIER OF_CRATE " ORDER BY +n.id DESC LIMIT :limit"},
};

static const char ONE[] = NOTIFICATION " WHERE n.public_id = :id";
static const char KNOWN[] = "SELECT 1 FROM notification WHERE notifier = :notifier LIMIT 1";
static const char EVENTS[] =
	"SELECT " EVENT_ROW("e", "a") " FROM notification_event ne"
				      " JOIN event e ON e.seq = ne.event LEFT JOIN annotation a ON a.event = e.seq"
				      " WHERE ne.notification = :notification ORDER BY ne.event";
static const char SILENCED[] = "SELECT e.id, s.public_id FROM notification_event ne JOIN event e ON e.seq = ne.event"
			       " JOIN silence s ON s.id = ne.silence WHERE ne.notification = :notification"
			       " ORDER BY ne.event";
static const char ATTEMPTS[] = "SELECT number, started_ms, duration_ms, outcome, due_ms, text FROM"
			       " (SELECT * FROM attempt WHERE notification = :notification"
			       " ORDER BY number DESC LIMIT :limit) ORDER BY number";
/* Tests and heartbeats are no dead letters. */
#define FIRST(column, a_state) \
	"(SELECT min(" column ") FROM notification n WHERE n.notifier = c.notifier AND n.state = " a_state ")"
static const char WAITING_OR_DEAD[] =
	"SELECT notifier, sum(iif(state <> 3, n, 0)), sum(iif(state = 3, n, 0)), " FIRST("ready_ms", "0") ", " FIRST(
		"due_ms", "4") " FROM outbox_count c WHERE state IN (0, 1, 3, 4) AND (state <> 3 OR kind NOT IN (1, 2))"
			       " AND n > 0 GROUP BY notifier";
static const char DISABLED[] = "SELECT name, disabled_ms, disabled_text FROM notifier";

/* An earlier one of the same crate goes first: when this one does is not known yet. */
static bool is_held(struct stmt *st)
{
	return stmt_int(st, 4) == NOTIFICATION_DUE && stmt_int(st, 13);
}

/* Is it known when the next attempt comes? */
static bool is_to_come(struct stmt *st)
{
	int64_t state = stmt_int(st, 4);
	return (state == NOTIFICATION_DUE && !is_held(st)) || state == NOTIFICATION_GATHERING ||
	       (state == NOTIFICATION_DELIVERED && stmt_int(st, 8));
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
	if (text)
		json_put_string(w, key, text);
}

/* The members of a row of NOTIFICATION. */
static void put_notification(struct json_writer *w, struct stmt *st)
{
	json_put_string(w, "id", stmt_text(st, 1));
	json_put_string(w, "notifier", stmt_text(st, 2));
	json_put_string(w, "kind", notification_kind_name((enum notification_kind)stmt_int(st, 3)));
	json_put_string(w, "state", notification_state_name((enum notification_state)stmt_int(st, 4)));
	json_put_time(w, "created_at", stmt_int(st, 6));
	if (is_to_come(st))
		json_put_time(w, "due_at", stmt_int(st, 7));
	if (is_held(st))
		json_put_bool(w, "held", true);
	json_put_int(w, "attempt", stmt_int(st, 5));
	json_put_int(w, "event_count", stmt_int(st, 9));
	put_text(w, "subject", stmt_text(st, 10));
	put_text(w, "last_text", stmt_text(st, 11));
	put_text(w, "origin", stmt_text(st, 12));
}

int query_notifications(struct db *db, const struct notification_filter *filter, struct strbuf *out, struct err *err)
{
	struct page page;

	page_begin(&page, out, "notifications", filter->limit);
	struct stmt st = stmt_use(db, list_sql[filter->state >= 0][filter->crate != NULL]);
	stmt_put_int(&st, ":after", filter->after ? filter->after : INT64_MAX);
	stmt_put_text(&st, ":notifier", filter->notifier);
	if (filter->state >= 0)
		stmt_put_int(&st, ":state", filter->state);
	if (filter->crate)
		stmt_put_text(&st, ":crate", filter->crate);
	stmt_put_int(&st, ":limit", (int64_t)filter->limit + 1);
	while (stmt_row(&st) && page_takes(&page, stmt_int(&st, 0))) {
		json_open(&page.w, NULL, '{');
		put_notification(&page.w, &st);
		json_close(&page.w, '}');
	}
	return page_end(&page, &st, err);
}

int query_knows_notifier(struct db *db, const char *notifier, bool *ret, struct err *err)
{
	*ret = false;
	struct stmt st = stmt_use(db, KNOWN);
	stmt_put_text(&st, ":notifier", notifier);
	while (stmt_row(&st))
		*ret = true;
	return stmt_done(&st, err);
}

static int put_events(struct db *db, int64_t row, struct json_writer *w, struct err *err)
{
	OWNED_STRBUF struct strbuf document = {0};

	json_open(w, "events", '[');
	struct stmt st = stmt_use(db, EVENTS);
	stmt_put_int(&st, ":notification", row);
	while (stmt_row(&st)) {
		const struct event_record record = event_row_read(&st, 0);
		strbuf_reset(&document);
		event_write_document(&document, &record);
		json_put_raw(w, NULL, strbuf_str(&document));
		w->out->failed |= strbuf_failed(&document);
	}
	json_close(w, ']');
	return stmt_done(&st, err);
}

static int put_silenced(struct db *db, int64_t row, struct json_writer *w, struct err *err)
{
	json_open(w, "silenced", '{');
	struct stmt st = stmt_use(db, SILENCED);
	stmt_put_int(&st, ":notification", row);
	while (stmt_row(&st))
		json_put_string(w, stmt_text(&st, 0), stmt_text(&st, 1));
	json_close(w, '}');
	return stmt_done(&st, err);
}

/* One that goes on has no outcome yet. */
static void put_attempt(struct json_writer *w, struct stmt *st)
{
	bool has_ended = stmt_text(st, 3) != NULL;

	json_open(w, NULL, '{');
	json_put_int(w, "number", stmt_int(st, 0));
	json_put_time(w, "at", stmt_int(st, 1));
	if (has_ended) {
		json_put_int(w, "duration_ms", stmt_int(st, 2));
		json_put_string(w, "outcome", frame_outcome_name((enum frame_outcome)stmt_int(st, 3)));
	}
	if (stmt_int(st, 4))
		json_put_time(w, "due_at", stmt_int(st, 4));
	put_text(w, "text", stmt_text(st, 5));
	json_close(w, '}');
}

static int put_attempts(struct db *db, int64_t row, struct json_writer *w, struct err *err)
{
	json_open(w, "attempts", '[');
	struct stmt st = stmt_use(db, ATTEMPTS);
	stmt_put_int(&st, ":notification", row);
	stmt_put_int(&st, ":limit", QUERY_ATTEMPTS_MAX);
	while (stmt_row(&st))
		put_attempt(w, &st);
	json_close(w, ']');
	return stmt_done(&st, err);
}

int query_notification(struct db *db, const char *id, struct strbuf *out, struct err *err)
{
	struct json_writer w = {.out = out};
	int64_t row = 0;

	struct stmt st = stmt_use(db, ONE);
	stmt_put_text(&st, ":id", id);
	if (stmt_row(&st)) {
		row = stmt_int(&st, 0);
		json_open(&w, NULL, '{');
		put_notification(&w, &st);
	}
	int rc = stmt_done(&st, err);
	if (rc || !row)
		return rc ? rc : err_set(err, ERR_ABSENT, "there is no notification %.*s", NOTIFICATION_ID_MAX, id);
	rc = put_attempts(db, row, &w, err);
	if (!rc)
		rc = put_events(db, row, &w, err);
	if (!rc)
		rc = put_silenced(db, row, &w, err);
	json_close(&w, '}');
	return !rc && strbuf_failed(out) ? err_nomem(err) : rc;
}

/* ---- notifiers ---- */

void notifiers_counts_release(struct notifiers_counts *counts)
{
	for (size_t i = 0; i < counts->count; i++) {
		free(counts->items[i].name);
		free(counts->items[i].disabled_text);
	}
	free(counts->items);
	*counts = (struct notifiers_counts){0};
}

/* The one of that name, a new one when there is none; NULL: out of memory. */
static struct notifier_counts *counts_of(struct notifiers_counts *counts, const char *name)
{
	for (size_t i = 0; i < counts->count; i++)
		if (strcmp(counts->items[i].name, name) == 0)
			return &counts->items[i];
	struct notifier_counts *items = reallocarray(counts->items, counts->count + 1, sizeof *items);
	if (!items)
		return NULL;
	counts->items = items;
	items[counts->count] = (struct notifier_counts){.name = strdup(name)};
	return items[counts->count].name ? &items[counts->count++] : NULL;
}

static int count_notifications(struct db *db, struct notifiers_counts *ret, struct err *err)
{
	struct stmt st = stmt_use(db, WAITING_OR_DEAD);
	while (stmt_row(&st)) {
		struct notifier_counts *counts = counts_of(ret, stmt_text(&st, 0));
		if (!counts) {
			st.code = SQLITE_NOMEM;
			break;
		}
		counts->waiting = stmt_int(&st, 1);
		counts->dead = stmt_int(&st, 2);
		counts->due_ms = stmt_int(&st, 3);
		counts->group_ms = stmt_int(&st, 4);
	}
	return stmt_done(&st, err);
}

int query_notifiers(struct db *db, struct notifiers_counts *ret, struct err *err)
{
	OWNED(notifiers_counts_release) struct notifiers_counts counts = {0};

	int rc = count_notifications(db, &counts, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(db, DISABLED);
	while (stmt_row(&st)) {
		struct notifier_counts *one = counts_of(&counts, stmt_text(&st, 0));
		if (!one) {
			st.code = SQLITE_NOMEM;
			break;
		}
		one->disabled_ms = stmt_int(&st, 1);
		one->disabled_text = stmt_text_copy(&st, 2);
	}
	rc = stmt_done(&st, err);
	if (rc)
		return rc;
	*ret = counts;
	counts = (struct notifiers_counts){0};
	return 0;
}
