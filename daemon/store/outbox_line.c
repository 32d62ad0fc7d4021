/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_line.c: see outbox_line.h. */
#include "store/outbox_line.h"

#define IS_HELD                                                                             \
	"EXISTS (SELECT 1 FROM outbox_line a JOIN outbox_line b ON b.notifier = a.notifier" \
	" AND b.crate = a.crate AND b.place < a.place WHERE a.notification = notification.id)"

static const char ENTER[] = "INSERT INTO outbox_line (notifier, crate, notification, until_ms)"
			    " SELECT DISTINCT :notifier, crate, :id, :until FROM notification_event"
			    " WHERE notification = :id AND crate NOT IN"
			    " (SELECT crate FROM outbox_line WHERE notification = :id)";
static const char HOLD[] = "UPDATE notification SET held = " IS_HELD " WHERE id = :id";
static const char LEAVE[] = "DELETE FROM outbox_line WHERE notification = :id";
/* Without a place in any line it waits for nobody. */
static const char RELEASE[] = "UPDATE notification SET held = 0 WHERE id = :id AND held = 1";
/* The first of each line that it stood in. */
static const char LET_GO[] =
	"UPDATE notification SET held = " IS_HELD ", due_ms = max(due_ms, :due) WHERE held = 1 AND id IN ("
	"SELECT (SELECT l.notification FROM outbox_line l WHERE l.notifier = :notifier"
	" AND l.crate = e.crate ORDER BY l.place LIMIT 1)"
	" FROM notification_event e WHERE e.notification = :id)";
static const char OVER[] =
	"SELECT notification FROM outbox_line WHERE notifier = :notifier AND until_ms <= :now LIMIT 1";
/* A time further away was set before the clock was stepped back. */
static const char CLAMP[] = "UPDATE outbox_line SET until_ms = :until WHERE notifier = :notifier AND until_ms > :until";
static const char NEXT_MS[] = "SELECT coalesce(min(until_ms), 0) FROM outbox_line WHERE notifier = :notifier";

static int with_id(struct db *db, const char *sql, int64_t row, struct err *err)
{
	struct stmt st = stmt_use(db, sql);
	stmt_put_int(&st, ":id", row);
	return stmt_run(&st, err);
}

int outbox_line_enter(const struct outbox *outbox, int64_t row, const char *notifier, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, ENTER);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":id", row);
	stmt_put_int(&st, ":until", outbox->now_ms + OUTBOX_ORDER_MS);
	int rc = stmt_run(&st, err);
	return rc ? rc : with_id(outbox->db, HOLD, row, err);
}

/* Those behind it are due at :due at the earliest. */
static int leave(const struct outbox *outbox, int64_t row, const char *notifier, int64_t due_ms, struct err *err)
{
	int rc = with_id(outbox->db, LEAVE, row, err);
	if (!rc)
		rc = with_id(outbox->db, RELEASE, row, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(outbox->db, LET_GO);
	stmt_put_int(&st, ":due", due_ms);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":id", row);
	return stmt_run(&st, err);
}

int outbox_line_leave(const struct outbox *outbox, int64_t row, const char *notifier, struct err *err)
{
	return leave(outbox, row, notifier, 0, err);
}

static int first_over(const struct outbox *outbox, const char *notifier, int64_t *ret_row, struct err *err)
{
	*ret_row = 0;
	struct stmt st = stmt_use(outbox->db, OVER);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":now", outbox->now_ms);
	if (stmt_row(&st))
		*ret_row = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

static int clamp(const struct outbox *outbox, const char *notifier, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, CLAMP);
	stmt_put_int(&st, ":until", outbox->now_ms + OUTBOX_ORDER_MS);
	stmt_put_text(&st, ":notifier", notifier);
	return stmt_run(&st, err);
}

/* One that is due itself still goes before those that may pass it now. */
int outbox_line_expire(const struct outbox *outbox, const char *notifier, struct err *err)
{
	int64_t row = 1;

	int rc = clamp(outbox, notifier, err);
	for (unsigned i = 0; i < OUTBOX_TURN_MAX && row && !rc; i++) {
		rc = first_over(outbox, notifier, &row, err);
		if (!rc && row)
			rc = leave(outbox, row, notifier, outbox->now_ms, err);
	}
	return rc;
}

int outbox_line_next_ms(const struct outbox *outbox, const char *notifier, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, NEXT_MS);
	stmt_put_text(&st, ":notifier", notifier);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}
