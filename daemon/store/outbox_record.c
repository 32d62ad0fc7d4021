/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_record.c: what became of an attempt, and of those that a crash cut off. See outbox.h. */
#include "store/notifiers.h"
#include "store/outbox_line.h"
#include "store/outbox_parts.h"

#include <stdio.h>
#include <string.h>

/* A repeat was accepted once: it stays delivered. */
static const char RECOVER[] =
	"UPDATE notification SET state = iif(again, 2, 0), due_ms = min(due_ms, :now) WHERE state = 1";
static const char RECOVER_ATTEMPTS[] =
	"UPDATE attempt SET outcome = :retry, due_ms = :now, text = 'yankwatchd ended before the answer came'"
	" WHERE outcome IS NULL AND notification IN (SELECT id FROM notification WHERE state = 1)";
static const char IN_FLIGHT[] = "SELECT attempt, notifier, kind, ready_ms, failures, again, public_id FROM notification"
				" WHERE id = :id AND state = 1";
static const char RECORD[] = "UPDATE notification SET state = :state, due_ms = :due, ready_ms = min(ready_ms, :now),"
			     " failures = :failures, again = :again, plugin_state = nullif(:plugin, ''),"
			     " last_text = :text WHERE id = :id";
static const char END_ATTEMPT[] = "UPDATE attempt SET started_ms = iif(:started, :started, started_ms),"
				  " duration_ms = :duration, outcome = :outcome, due_ms = :due, text = :text"
				  " WHERE notification = :id AND number = :number";
static const char FORGET_ATTEMPTS[] = "DELETE FROM attempt WHERE notification = :id AND number <= :last";

/* What is known of the notification in flight. */
struct flight {
	int64_t attempt; /* -1: there is none */
	char notifier[80];
	char id[NOTIFICATION_ID_MAX];
	int64_t ready_ms;
	struct delivery_past past;
};

int outbox_recover(const struct outbox *outbox, int64_t *ret_recovered, struct err *err)
{
	struct stmt attempts = stmt_use(outbox->db, RECOVER_ATTEMPTS);
	stmt_put_int(&attempts, ":retry", FRAME_RETRY);
	stmt_put_int(&attempts, ":now", outbox->now_ms);
	int rc = stmt_run(&attempts, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(outbox->db, RECOVER);
	stmt_put_int(&st, ":now", outbox->now_ms);
	rc = stmt_run(&st, err);
	*ret_recovered = rc ? 0 : db_rows_changed(outbox->db);
	return rc;
}

static int find_flight(const struct outbox *outbox, int64_t row, struct flight *ret, struct err *err)
{
	*ret = (struct flight){.attempt = -1};
	struct stmt st = stmt_use(outbox->db, IN_FLIGHT);
	stmt_put_int(&st, ":id", row);
	if (stmt_row(&st)) {
		ret->attempt = stmt_int(&st, 0);
		(void)snprintf(ret->notifier, sizeof ret->notifier, "%s", stmt_text(&st, 1));
		ret->past.kind = (enum notification_kind)stmt_int(&st, 2);
		ret->past.age_ms = outbox->lenient ? 0 : outbox->now_ms - stmt_int(&st, 3);
		ret->past.failures = (unsigned)stmt_int(&st, 4);
		ret->past.again = stmt_int(&st, 5) != 0;
		(void)snprintf(ret->id, sizeof ret->id, "%s", stmt_text(&st, 6));
	}
	return stmt_done(&st, err);
}

static int save(const struct outbox *outbox, const struct delivery_result *result, const struct delivery_next *next,
		struct err *err)
{
	struct stmt st = stmt_use(outbox->db, RECORD);
	stmt_put_int(&st, ":state", next->state);
	stmt_put_int(&st, ":due", outbox->now_ms + next->pause_ms);
	stmt_put_int(&st, ":now", outbox->now_ms);
	stmt_put_int(&st, ":failures", next->failures);
	stmt_put_int(&st, ":again", next->again);
	stmt_put_text(&st, ":plugin", result->state);
	stmt_put_text(&st, ":text", result->text);
	stmt_put_int(&st, ":id", result->row);
	return stmt_run(&st, err);
}

static int end_attempt(const struct outbox *outbox, const struct delivery_result *result,
		       const struct delivery_next *next, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, END_ATTEMPT);
	stmt_put_int(&st, ":started", result->started_ms);
	stmt_put_int(&st, ":duration", result->duration_ms);
	stmt_put_int(&st, ":outcome", result->outcome);
	if (next->pause_ms)
		stmt_put_int(&st, ":due", outbox->now_ms + next->pause_ms);
	stmt_put_text(&st, ":text", result->text);
	stmt_put_int(&st, ":id", result->row);
	stmt_put_int(&st, ":number", result->attempt);
	int rc = stmt_run(&st, err);
	if (rc || result->attempt <= OUTBOX_ATTEMPTS_KEPT)
		return rc;
	struct stmt forget = stmt_use(outbox->db, FORGET_ATTEMPTS);
	stmt_put_int(&forget, ":id", result->row);
	stmt_put_int(&forget, ":last", (int64_t)result->attempt - OUTBOX_ATTEMPTS_KEPT);
	return stmt_run(&forget, err);
}

/* What it means for others: those that wait behind it, its notifier, the fallback. */
static int follow_up(const struct outbox *outbox, const struct delivery_result *result, const struct flight *flight,
		     struct outbox_outcome *ret, struct err *err)
{
	bool moved = result->outcome == FRAME_OK || result->outcome == FRAME_REJECT;
	int rc = moved ? notifiers_note_progress(outbox->db, flight->notifier, outbox->now_ms, err) : 0;

	ret->disabled = result->outcome == FRAME_DISABLE;
	if (!rc && ret->disabled)
		rc = notifiers_disable(outbox->db, flight->notifier, result->text, outbox->now_ms, err);
	if (!rc && ret->state != NOTIFICATION_DUE && !flight->past.again)
		rc = outbox_line_leave(outbox, result->row, flight->notifier, err);
	if (!rc && ret->state == NOTIFICATION_DEAD)
		rc = outbox_tell_fallback(outbox, result->row, flight->notifier, flight->past.kind, &ret->told_fallback,
					  err);
	return rc;
}

int outbox_record(const struct outbox *outbox, const struct delivery_result *result, uint32_t random,
		  struct outbox_outcome *ret, struct err *err)
{
	struct flight flight;

	*ret = (struct outbox_outcome){0};
	int rc = find_flight(outbox, result->row, &flight, err);
	if (rc)
		return rc;
	if (flight.attempt != (int64_t)result->attempt)
		return err_set(err, ERR_ABSENT, "notification %lld: attempt %u is not the one in flight",
			       (long long)result->row, result->attempt);
	const struct delivery_next next = delivery_next(result, &flight.past, &outbox->retry, random);
	ret->state = next.state;
	memcpy(ret->id, flight.id, sizeof ret->id);
	rc = save(outbox, result, &next, err);
	if (!rc)
		rc = end_attempt(outbox, result, &next, err);
	return rc ? rc : follow_up(outbox, result, &flight, ret, err);
}
