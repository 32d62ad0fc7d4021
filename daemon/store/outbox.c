/* SPDX-License-Identifier: Apache-2.0 */
/* outbox.c: see outbox.h. */
#include "store/outbox.h"

#include "base/numbers.h"
#include "model/pace.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define RETRY_AFTER_MAX_MS (INT64_C(60) * 60 * 1000) /* the longest pause a receiver may ask for */

static const char LAST_ROW[] = "SELECT coalesce(max(id), 0) FROM notification";
static const char ADD[] =
	"INSERT INTO notification (id, public_id, notifier, kind, state, created_ms, ready_ms, due_ms,"
	" subject) VALUES (:id, :public, :notifier, 0, 0, :now, :now, :now, :subject)";
static const char ADD_EVENT[] =
	"INSERT INTO notification_event (notification, event, crate) VALUES (:id, :event, :crate)";
static const char RECOVER[] = "UPDATE notification SET state = 0, due_ms = :now WHERE state = 1";

/* Nothing older of the same crate is still on its way (for 15 minutes). */
#define IN_ORDER                                                                                       \
	" NOT EXISTS (SELECT 1 FROM notification e JOIN notification_event x ON x.notification = e.id" \
	" JOIN notification_event y ON y.notification = n.id AND y.crate = x.crate"                    \
	" WHERE e.notifier = n.notifier AND e.id < n.id AND e.state IN (0, 1) AND e.created_ms > :patience)"
/* A due time beyond :horizon cannot be ours: the clock was stepped back. */
static const char NEXT[] = "SELECT n.id, n.public_id, n.attempt, n.subject, n.document, ev.body, ev.severity"
			   " FROM notification n JOIN notification_event ne ON ne.notification = n.id"
			   " JOIN event ev ON ev.seq = ne.event"
			   " WHERE n.notifier = :notifier AND n.state = 0"
			   " AND (n.due_ms <= :now OR n.due_ms > :horizon) AND" IN_ORDER " ORDER BY n.id LIMIT 1";
static const char NEXT_DUE[] = "SELECT coalesce(min(n.due_ms), 0) FROM notification n"
			       " WHERE n.notifier = :notifier AND n.state = 0 AND" IN_ORDER;
static const char TAKE_IN_FLIGHT[] =
	"UPDATE notification SET state = 1, attempt = :attempt, document = :document WHERE id = :id";
static const char ATTEMPTED[] = "SELECT attempt, created_ms FROM notification WHERE id = :id AND state = 1";
static const char RECORD[] = "UPDATE notification SET state = :state, due_ms = :due, last_text = :text WHERE id = :id";

static void make_public_id(const unsigned char lineage[static LINEAGE_SIZE], int64_t row,
			   char ret[static NOTIFICATION_ID_MAX])
{
	unsigned char digest[16];

	(void)crypto_generichash(digest, sizeof digest, (const unsigned char *)&row, sizeof row, lineage, LINEAGE_SIZE);
	char hex[2 * sizeof digest + 1];
	hex_encode(digest, sizeof digest, hex);
	(void)snprintf(ret, NOTIFICATION_ID_MAX, "ntf_%s", hex);
}

int outbox_add(struct db *db, const unsigned char lineage[static LINEAGE_SIZE], const char *notifier, int64_t crate,
	       const struct event *event, int64_t now_ms, struct err *err)
{
	OWNED_STRBUF struct strbuf subject = {0};
	char public_id[NOTIFICATION_ID_MAX];
	int64_t row = 0;

	struct stmt last = stmt_use(db, LAST_ROW);
	if (stmt_row(&last))
		row = stmt_int(&last, 0) + 1;
	int rc = stmt_done(&last, err);
	if (rc)
		return rc;
	event_write_subject(&subject, event);
	if (strbuf_failed(&subject))
		return err_nomem(err);
	make_public_id(lineage, row, public_id);
	struct stmt st = stmt_use(db, ADD);
	stmt_put_int(&st, ":id", row);
	stmt_put_text(&st, ":public", public_id);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_text(&st, ":subject", strbuf_str(&subject));
	rc = stmt_run(&st, err);
	if (rc)
		return rc;
	struct stmt told = stmt_use(db, ADD_EVENT);
	stmt_put_int(&told, ":id", row);
	stmt_put_int(&told, ":event", event->seq);
	stmt_put_int(&told, ":crate", crate);
	return stmt_run(&told, err);
}

int outbox_recover(struct db *db, int64_t now_ms, int64_t *ret_recovered, struct err *err)
{
	int64_t before = db_rows_written(db);

	struct stmt st = stmt_use(db, RECOVER);
	stmt_put_int(&st, ":now", now_ms);
	int rc = stmt_run(&st, err);
	*ret_recovered = db_rows_written(db) - before;
	return rc;
}

static char *render(const char *body, enum severity severity)
{
	OWNED_STRBUF struct strbuf out = {0};

	strbuf_adds(&out, "{\"events\":[");
	event_write_document(&out, body, severity);
	strbuf_adds(&out, "]}");
	return strbuf_take(&out);
}

static void read_notification(struct stmt *st, struct notification *ret)
{
	ret->row = stmt_int(st, 0);
	(void)snprintf(ret->id, sizeof ret->id, "%s", stmt_text(st, 1));
	ret->attempt = (unsigned)stmt_int(st, 2) + 1;
	ret->subject = stmt_text_copy(st, 3);
	ret->document = stmt_text_copy(st, 4);
	if (!ret->document)
		ret->document = render(stmt_text(st, 5), (enum severity)stmt_int(st, 6));
	if (!ret->document)
		st->code = SQLITE_NOMEM;
}

static int take_in_flight(struct db *db, const struct notification *notification, struct err *err)
{
	struct stmt st = stmt_use(db, TAKE_IN_FLIGHT);
	stmt_put_int(&st, ":id", notification->row);
	stmt_put_int(&st, ":attempt", notification->attempt);
	stmt_put_text(&st, ":document", notification->document);
	return stmt_run(&st, err);
}

static int next_due(struct db *db, const char *notifier, int64_t now_ms, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(db, NEXT_DUE);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":patience", now_ms - OUTBOX_ORDER_MS);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

int outbox_claim(struct db *db, const char *notifier, int64_t now_ms, const struct outbox_retry *retry,
		 struct notification *ret, int64_t *ret_next_due_ms, struct err *err)
{
	OWNED(notification_release) struct notification claimed = {0};

	*ret_next_due_ms = 0;
	struct stmt st = stmt_use(db, NEXT);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_int(&st, ":horizon", now_ms + 2 * retry->max_ms + RETRY_AFTER_MAX_MS);
	stmt_put_int(&st, ":patience", now_ms - OUTBOX_ORDER_MS);
	if (stmt_row(&st))
		read_notification(&st, &claimed);
	int rc = stmt_done(&st, err);
	if (!rc)
		rc = claimed.row ? take_in_flight(db, &claimed, err)
				 : next_due(db, notifier, now_ms, ret_next_due_ms, err);
	if (rc)
		return rc;
	*ret = claimed;
	claimed = (struct notification){0};
	return 0;
}

/* Pure: where a notification goes after an attempt, and when it is due again. */
static enum notification_state decide(const struct delivery_result *result, int64_t age_ms,
				      const struct outbox_retry *retry, uint32_t random, int64_t *ret_pause_ms)
{
	*ret_pause_ms = 0;
	switch (result->outcome) {
	case FRAME_OK:
		return NOTIFICATION_DELIVERED;
	case FRAME_REJECT:
		return NOTIFICATION_DEAD;
	case FRAME_RETRY:
	case FRAME_DISABLE:
	case FRAME_OUTCOMES:
		break;
	}
	if (age_ms >= retry->give_up_ms)
		return NOTIFICATION_DEAD;
	*ret_pause_ms = result->retry_after_ms > 0
				? pace_clamp_ms(result->retry_after_ms, retry->first_ms, RETRY_AFTER_MAX_MS)
				: pace_backoff_ms(result->attempt, retry->first_ms, retry->max_ms, random);
	return NOTIFICATION_DUE;
}

int outbox_record(struct db *db, const struct delivery_result *result, int64_t now_ms, const struct outbox_retry *retry,
		  uint32_t random, enum notification_state *ret_state, struct err *err)
{
	int64_t attempt = -1; /* none is in flight */
	int64_t created_ms = 0;
	int64_t pause_ms;

	struct stmt find = stmt_use(db, ATTEMPTED);
	stmt_put_int(&find, ":id", result->row);
	if (stmt_row(&find)) {
		attempt = stmt_int(&find, 0);
		created_ms = stmt_int(&find, 1);
	}
	int rc = stmt_done(&find, err);
	if (rc)
		return rc;
	if (attempt != (int64_t)result->attempt)
		return err_set(err, ERR_REFUSED, "notification %lld: attempt %u is not the one in flight",
			       (long long)result->row, result->attempt);
	*ret_state = decide(result, now_ms - created_ms, retry, random, &pause_ms);
	struct stmt st = stmt_use(db, RECORD);
	stmt_put_int(&st, ":id", result->row);
	stmt_put_int(&st, ":state", *ret_state);
	stmt_put_int(&st, ":due", now_ms + pause_ms);
	stmt_put_text(&st, ":text", result->text);
	return stmt_run(&st, err);
}
