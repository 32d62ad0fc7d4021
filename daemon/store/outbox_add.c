/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_add.c: how notifications come into the outbox and groups become due. See outbox.h. */
#include "store/outbox_line.h"
#include "store/outbox_parts.h"

#include "base/numbers.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char LAST_ROW[] = "SELECT coalesce(max(id), 0) FROM notification";
static const char ADD[] =
	"INSERT INTO notification (id, public_id, notifier, kind, state, created_ms, ready_ms, due_ms,"
	" wait_ms, group_ms, reason_ms, origin, group_key, events, bytes, subject, document)"
	" VALUES (:id, :public, :notifier, :kind, :state, :now, :ready, :due, :wait, :group, :reason,"
	" nullif(:origin, 0), :key, :events, :bytes, :subject, :document)";
static const char ADD_EVENT[] =
	"INSERT INTO notification_event (notification, event, crate) VALUES (:id, :event, :crate)";
static const char OPEN_GROUP[] = "SELECT id, events, bytes FROM notification"
				 " WHERE notifier = :notifier AND group_key = :key AND state = 4";
static const char GROUP_OF[] = "SELECT n.id, n.events, n.bytes FROM notification_event e"
			       " JOIN notification n ON n.id = e.notification"
			       " WHERE e.event = :event AND n.notifier = :notifier AND n.state = 4";
static const char EVENT_BYTES[] = "SELECT length(CAST(e.body AS BLOB)) + coalesce(length(CAST(a.members AS BLOB)), 0)"
				  " FROM event e LEFT JOIN annotation a ON a.event = e.seq WHERE e.seq = :event";
static const char GROW[] = "UPDATE notification SET events = events + 1, bytes = bytes + :bytes WHERE id = :id";
static const char CLOSE[] = "UPDATE notification SET state = 0, ready_ms = :now, due_ms = :now, group_key = NULL"
			    " WHERE id = :id";
static const char DUE_GROUP[] = "SELECT id FROM notification WHERE notifier = :notifier AND state = 4"
				" AND due_ms <= :now ORDER BY due_ms LIMIT 1";
/* A wait ends to the millisecond after it began; a digest's time is never as far away as its wait_ms. */
static const char DUE_OR_WAITING_GROUP[] = "SELECT id FROM notification WHERE notifier = :notifier AND state = 4"
					   " AND (group_ms <= :now OR group_ms = created_ms + wait_ms)"
					   " ORDER BY due_ms LIMIT 1";
static const char NEXT_GROUP[] =
	"SELECT coalesce(min(due_ms), 0) FROM notification WHERE notifier = :notifier AND state = 4";
static const char OLDEST_DUE[] = "SELECT coalesce(min(due_ms), :now) FROM notification WHERE notifier = :notifier"
				 " AND ((state = 0 AND held = 0) OR (state = 2 AND again = 1)) AND due_ms < :now";
/* Not dead, and not held back by a silence: so its notifier has it or gets it. */
static const char TOLD[] = "SELECT DISTINCT n.notifier FROM notification_event e"
			   " JOIN notification n ON n.id = e.notification"
			   " WHERE e.event = :event AND e.silence IS NULL AND n.state IN (0, 1, 2, 4)";
static const char ADD_TOLD[] = "INSERT INTO notification_event (notification, event, crate)"
			       " SELECT :id, seq, crate FROM event WHERE seq = :event";
static const char TOLD_FALLBACK[] = "SELECT 1 FROM notification WHERE origin = :id";
static const char COPY_EVENTS[] = "INSERT INTO notification_event (notification, event, crate)"
				  " SELECT :copy, event, crate FROM notification_event"
				  " WHERE notification = :id AND silence IS NULL";
static const char COUNT_EVENTS[] = "UPDATE notification SET events ="
				   " (SELECT count(*) FROM notification_event WHERE notification = :id) WHERE id = :id";

/* ---- a row ---- */

struct addition {
	const char *notifier;
	enum notification_kind kind;
	enum notification_state state;
	int64_t due_ms;
	int64_t wait_ms;
	int64_t group_ms, reason_ms;
	int64_t origin; /* 0 = none */
	int64_t events, bytes;
	const char *key;     /* as all texts here: NULL = none */
	const char *subject; /* with `document`: it is not rendered any more */
	const char *document;
};

static void make_public_id(const unsigned char lineage[static LINEAGE_SIZE], int64_t row,
			   char ret[static NOTIFICATION_ID_MAX])
{
	unsigned char digest[16];

	(void)crypto_generichash(digest, sizeof digest, (const unsigned char *)&row, sizeof row, lineage, LINEAGE_SIZE);
	char hex[2 * sizeof digest + 1];
	hex_encode(digest, sizeof digest, hex);
	(void)snprintf(ret, NOTIFICATION_ID_MAX, "ntf_%s", hex);
}

static int next_row(struct db *db, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(db, LAST_ROW);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0) + 1;
	return stmt_done(&st, err);
}

static int insert(const struct outbox *outbox, const struct addition *added, int64_t *ret_row,
		  char ret_id[static NOTIFICATION_ID_MAX], struct err *err)
{
	int rc = next_row(outbox->db, ret_row, err);
	if (rc)
		return rc;
	make_public_id(outbox->lineage, *ret_row, ret_id);
	struct stmt st = stmt_use(outbox->db, ADD);
	stmt_put_int(&st, ":id", *ret_row);
	stmt_put_text(&st, ":public", ret_id);
	stmt_put_text(&st, ":notifier", added->notifier);
	stmt_put_int(&st, ":kind", added->kind);
	stmt_put_int(&st, ":state", added->state);
	stmt_put_int(&st, ":now", outbox->now_ms);
	stmt_put_int(&st, ":ready", added->state == NOTIFICATION_GATHERING ? added->due_ms : outbox->now_ms);
	stmt_put_int(&st, ":due", added->due_ms);
	stmt_put_int(&st, ":wait", added->wait_ms);
	stmt_put_int(&st, ":group", added->group_ms);
	stmt_put_int(&st, ":reason", added->reason_ms);
	stmt_put_int(&st, ":origin", added->origin);
	stmt_put_text(&st, ":key", added->key);
	stmt_put_int(&st, ":events", added->events);
	stmt_put_int(&st, ":bytes", added->bytes);
	stmt_put_text(&st, ":subject", added->subject);
	stmt_put_text(&st, ":document", added->document);
	return stmt_run(&st, err);
}

static int add_event(struct db *db, int64_t row, const struct outbox_entry *entry, struct err *err)
{
	struct stmt st = stmt_use(db, ADD_EVENT);
	stmt_put_int(&st, ":id", row);
	stmt_put_int(&st, ":event", entry->event);
	stmt_put_int(&st, ":crate", entry->crate);
	return stmt_run(&st, err);
}

/* ---- groups ---- */

/* One that gathers; id 0 = there is none. */
struct group {
	int64_t id, events, bytes;
};

static int read_group(struct stmt *st, struct group *ret, struct err *err)
{
	*ret = (struct group){0};
	if (stmt_row(st))
		*ret = (struct group){stmt_int(st, 0), stmt_int(st, 1), stmt_int(st, 2)};
	return stmt_done(st, err);
}

/* That of the event whose news this one is, or the open one of its key. */
static int find_group(struct db *db, const struct outbox_entry *entry, struct group *ret, struct err *err)
{
	int rc = 0;

	*ret = (struct group){0};
	if (entry->follows) {
		struct stmt st = stmt_use(db, GROUP_OF);
		stmt_put_int(&st, ":event", entry->follows);
		stmt_put_text(&st, ":notifier", entry->notifier);
		rc = read_group(&st, ret, err);
	}
	if (rc || ret->id || !entry->key)
		return rc;
	struct stmt st = stmt_use(db, OPEN_GROUP);
	stmt_put_text(&st, ":notifier", entry->notifier);
	stmt_put_text(&st, ":key", entry->key);
	return read_group(&st, ret, err);
}

static int event_bytes(struct db *db, int64_t seq, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(db, EVENT_BYTES);
	stmt_put_int(&st, ":event", seq);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

static int close_group(const struct outbox *outbox, int64_t row, const char *notifier, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, CLOSE);
	stmt_put_int(&st, ":now", outbox->now_ms);
	stmt_put_int(&st, ":id", row);
	int rc = stmt_run(&st, err);
	return rc ? rc : outbox_line_enter(outbox, row, notifier, err);
}

static int grow(struct db *db, int64_t row, int64_t bytes, struct err *err)
{
	struct stmt st = stmt_use(db, GROW);
	stmt_put_int(&st, ":bytes", bytes);
	stmt_put_int(&st, ":id", row);
	return stmt_run(&st, err);
}

/* Full: it is due now, and the next event begins another. */
static int join(const struct outbox *outbox, const struct group *group, const struct outbox_entry *entry, int64_t bytes,
		struct err *err)
{
	int rc = add_event(outbox->db, group->id, entry, err);
	if (!rc)
		rc = grow(outbox->db, group->id, bytes, err);
	if (!rc)
		rc = outbox_keep(outbox, group->id, entry, err);
	if (rc || group->events + 1 < GROUP_EVENTS_MAX)
		return rc;
	return close_group(outbox, group->id, entry->notifier, err);
}

static int begin(const struct outbox *outbox, const struct outbox_entry *entry, int64_t bytes, struct err *err)
{
	bool groups = grouping_waits(entry->grouping);
	int64_t reason_ms = outbox_reason_wait_ms(outbox, entry);
	struct addition added = {
		.notifier = entry->notifier,
		.state = groups || reason_ms ? NOTIFICATION_GATHERING : NOTIFICATION_DUE,
		.group_ms = groups ? grouping_due_ms(entry->grouping, outbox->now_ms) : outbox->now_ms,
		.wait_ms = grouping_max_ms(entry->grouping),
		.reason_ms = reason_ms,
		.events = 1,
		.bytes = bytes,
		.key = groups ? entry->key : NULL,
	};
	char id[NOTIFICATION_ID_MAX];
	int64_t row = 0;

	added.due_ms = added.group_ms > outbox->now_ms + reason_ms ? added.group_ms : outbox->now_ms + reason_ms;
	int rc = insert(outbox, &added, &row, id, err);
	if (!rc)
		rc = add_event(outbox->db, row, entry, err);
	return rc || groups ? rc : outbox_line_enter(outbox, row, entry->notifier, err);
}

int outbox_add(const struct outbox *outbox, const struct outbox_entry *entry, struct err *err)
{
	struct group group;
	int64_t bytes = 0;

	int rc = find_group(outbox->db, entry, &group, err);
	if (!rc && (group.id || entry->key))
		rc = event_bytes(outbox->db, entry->event, &bytes, err);
	if (!rc && group.id && group.bytes + bytes > GROUP_BYTES_MAX) {
		rc = close_group(outbox, group.id, entry->notifier, err);
		group.id = 0;
	}
	if (rc)
		return rc;
	return group.id ? join(outbox, &group, entry, bytes, err) : begin(outbox, entry, bytes, err);
}

static int next_due_group(const struct outbox *outbox, const char *notifier, int64_t *ret_row, struct err *err)
{
	*ret_row = 0;
	struct stmt st = stmt_use(outbox->db, outbox->no_wait ? DUE_OR_WAITING_GROUP : DUE_GROUP);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":now", outbox->now_ms);
	if (stmt_row(&st))
		*ret_row = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

int outbox_close_groups(const struct outbox *outbox, const char *notifier, struct err *err)
{
	int64_t row = 1;
	int rc = 0;

	for (unsigned i = 0; i < OUTBOX_TURN_MAX && row && !rc; i++) {
		rc = next_due_group(outbox, notifier, &row, err);
		if (!rc && row)
			rc = close_group(outbox, row, notifier, err);
	}
	return rc;
}

int outbox_next_group_ms(const struct outbox *outbox, const char *notifier, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, NEXT_GROUP);
	stmt_put_text(&st, ":notifier", notifier);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

/* ---- without events, or with those of another ---- */

/* Ahead of what is due: just before the oldest of it. */
static int time_ahead(const struct outbox *outbox, const char *notifier, int64_t *ret_ms, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, OLDEST_DUE);
	stmt_put_int(&st, ":now", outbox->now_ms);
	stmt_put_text(&st, ":notifier", notifier);
	if (stmt_row(&st))
		*ret_ms = stmt_int(&st, 0) - 1;
	return stmt_done(&st, err);
}

int outbox_add_plain(const struct outbox *outbox, const char *notifier, enum notification_kind kind,
		     const char *subject, const char *document, int64_t *ret_row,
		     char ret_id[static NOTIFICATION_ID_MAX], struct err *err)
{
	struct addition added = {
		.notifier = notifier,
		.kind = kind,
		.state = NOTIFICATION_DUE,
		.due_ms = outbox->now_ms,
		.subject = subject,
		.document = document,
	};

	int rc = kind == NOTIFICATION_TEST ? time_ahead(outbox, notifier, &added.due_ms, err) : 0;
	return rc ? rc : insert(outbox, &added, ret_row, ret_id, err);
}

/* ---- told again ---- */

static int begin_reminder(const struct outbox *outbox, const char *notifier, struct group *ret, struct err *err)
{
	const struct addition added = {
		.notifier = notifier,
		.kind = NOTIFICATION_REMINDER,
		.state = NOTIFICATION_DUE,
		.due_ms = outbox->now_ms,
	};
	char id[NOTIFICATION_ID_MAX];

	*ret = (struct group){0};
	return insert(outbox, &added, &ret->id, id, err);
}

static int remind_of(const struct outbox *outbox, struct group *reminder, int64_t event, int64_t bytes, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, ADD_TOLD);
	stmt_put_int(&st, ":id", reminder->id);
	stmt_put_int(&st, ":event", event);
	int rc = stmt_run(&st, err);
	reminder->events++;
	reminder->bytes += bytes;
	return rc ? rc : grow(outbox->db, reminder->id, bytes, err);
}

static bool has_room(const struct group *group, int64_t bytes)
{
	return group->events < GROUP_EVENTS_MAX && group->bytes + bytes <= GROUP_BYTES_MAX;
}

int outbox_remind(const struct outbox *outbox, const char *notifier, const int64_t *events, size_t n, struct err *err)
{
	struct group reminder = {0};
	int64_t bytes = 0;
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		rc = event_bytes(outbox->db, events[i], &bytes, err);
		if (!rc && reminder.events && !has_room(&reminder, bytes)) {
			rc = outbox_line_enter(outbox, reminder.id, notifier, err);
			reminder.events = 0;
		}
		if (!rc && !reminder.events)
			rc = begin_reminder(outbox, notifier, &reminder, err);
		if (!rc)
			rc = remind_of(outbox, &reminder, events[i], bytes, err);
	}
	return rc || !n ? rc : outbox_line_enter(outbox, reminder.id, notifier, err);
}

int outbox_told(struct db *db, int64_t seq, void (*each)(void *ctx, const char *notifier), void *ctx, struct err *err)
{
	struct stmt st = stmt_use(db, TOLD);
	stmt_put_int(&st, ":event", seq);
	while (stmt_row(&st))
		each(ctx, stmt_text(&st, 0));
	return stmt_done(&st, err);
}

static int is_told(struct db *db, int64_t row, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(db, TOLD_FALLBACK);
	stmt_put_int(&st, ":id", row);
	*ret = stmt_row(&st);
	return stmt_done(&st, err);
}

int outbox_tell_fallback(const struct outbox *outbox, int64_t row, const char *notifier, enum notification_kind kind,
			 bool *ret_told, struct err *err)
{
	const struct addition added = {
		.notifier = outbox->fallback,
		.kind = NOTIFICATION_UNDELIVERED,
		.state = NOTIFICATION_DUE,
		.due_ms = outbox->now_ms,
		.origin = row,
	};
	char id[NOTIFICATION_ID_MAX];
	int64_t copy = 0;
	bool before = false;

	if (!outbox->fallback || !notification_kind_tells_events(kind) || strcmp(outbox->fallback, notifier) == 0)
		return 0;
	int rc = is_told(outbox->db, row, &before, err);
	if (rc || before)
		return rc;
	rc = insert(outbox, &added, &copy, id, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(outbox->db, COPY_EVENTS);
	stmt_put_int(&st, ":copy", copy);
	stmt_put_int(&st, ":id", row);
	rc = stmt_run(&st, err);
	if (rc)
		return rc;
	struct stmt count = stmt_use(outbox->db, COUNT_EVENTS);
	stmt_put_int(&count, ":id", copy);
	rc = stmt_run(&count, err);
	*ret_told = !rc;
	return rc ? rc : outbox_line_enter(outbox, copy, outbox->fallback, err);
}
