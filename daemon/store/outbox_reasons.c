/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_reasons.c: how long a notification waits for the reasons of its events. See outbox.h. */
#include "store/outbox_parts.h"

/* A group is kept no longer than one such wait beyond its own time, however many of its events wait. */
static const char KEEP[] = "UPDATE notification SET due_ms = max(due_ms, min(:until, group_ms + :wait)),"
			   " reason_ms = max(reason_ms, :wait) WHERE id = :id";
static const char LET_GO[] =
	"UPDATE notification SET due_ms = max(group_ms, min(due_ms, coalesce((SELECT max(a.until_ms)"
	" FROM notification_event e JOIN reason_ask a ON a.event = e.event AND a.until_ms <> 0"
	" WHERE e.notification = notification.id), 0)))"
	" WHERE state = 4 AND reason_ms <> 0"
	" AND id IN (SELECT notification FROM notification_event WHERE event = :event)";
static const char SAID[] = "SELECT 1 FROM notification_event e JOIN notification n ON n.id = e.notification"
			   " WHERE e.event = :event AND e.silence IS NULL AND n.document IS NOT NULL LIMIT 1";

int64_t outbox_reason_wait_ms(const struct outbox *outbox, const struct outbox_entry *entry)
{
	return entry->reason_ms > outbox->now_ms ? entry->reason_ms - outbox->now_ms : 0;
}

int outbox_keep(const struct outbox *outbox, int64_t row, const struct outbox_entry *entry, struct err *err)
{
	int64_t wait_ms = outbox_reason_wait_ms(outbox, entry);

	if (!wait_ms)
		return 0;
	struct stmt st = stmt_use(outbox->db, KEEP);
	stmt_put_int(&st, ":until", entry->reason_ms);
	stmt_put_int(&st, ":wait", wait_ms);
	stmt_put_int(&st, ":id", row);
	return stmt_run(&st, err);
}

int outbox_reason_known(const struct outbox *outbox, int64_t seq, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, LET_GO);
	stmt_put_int(&st, ":event", seq);
	return stmt_run(&st, err);
}

int outbox_is_said(struct db *db, int64_t seq, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(db, SAID);
	stmt_put_int(&st, ":event", seq);
	*ret = stmt_row(&st);
	return stmt_done(&st, err);
}
