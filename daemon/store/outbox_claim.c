/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_claim.c: the next notification of a notifier goes in flight. See outbox.h. */
#include "store/notifiers.h"
#include "store/outbox_line.h"
#include "store/outbox_parts.h"
#include "store/outbox_render.h"

#include <stdio.h>

/* To the letter as the index notification_claim has it. */
#define CLAIMABLE " AND ((state = 0 AND held = 0) OR (state = 2 AND again = 1))"
static const char NEXT[] = "SELECT id, kind, again, coalesce(origin, 0), public_id, attempt, created_ms, subject,"
			   " document, plugin_state FROM notification WHERE notifier = :notifier" CLAIMABLE
			   " AND due_ms <= :now ORDER BY due_ms LIMIT 1";
static const char NEXT_DUE[] = "SELECT coalesce(min(due_ms), 0) FROM notification WHERE notifier = :notifier" CLAIMABLE;
/* Without being told, SQLite takes the index of states, and reads what others have. */
static const char ANY_DUE[] = "SELECT 1 FROM notification INDEXED BY notification_open"
			      " WHERE notifier = :notifier AND state = 0 LIMIT 1";
static const char TAKE_IN_FLIGHT[] = "UPDATE notification SET state = 1, attempt = :attempt, subject = :subject,"
				     " document = :document WHERE id = :id";
static const char BEGIN_ATTEMPT[] = "INSERT OR REPLACE INTO attempt (notification, number, started_ms)"
				    " VALUES (:id, :number, :now)";
static const char SILENCE[] = "UPDATE notification SET state = 5 WHERE id = :id";
static const char CLAMP_DUE[] = "UPDATE notification SET due_ms = :now WHERE notifier = :notifier" CLAIMABLE
				" AND due_ms > :horizon AND (again = 0 OR due_ms > :far)";
static const char CLAMP_GATHERING[] =
	"UPDATE notification INDEXED BY notification_gathering SET due_ms = :now, group_ms = min(group_ms, :now)"
	" WHERE notifier = :notifier AND state = 4 AND due_ms > :now + wait_ms + reason_ms";
/* One that was not tried yet has no pause; a small step is waited for. */
static const char CLAMP_READY[] = "UPDATE notification SET ready_ms = :now,"
				  " due_ms = iif(failures = 0 AND ready_ms > :now + 60000, min(due_ms, :now), due_ms)"
				  " WHERE notifier = :notifier AND state = 0 AND ready_ms > :now";

/* ---- a clock that was stepped back ---- */

static int clamp(const struct outbox *outbox, const char *sql, const char *notifier, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, sql);
	stmt_put_int(&st, ":now", outbox->now_ms);
	stmt_put_text(&st, ":notifier", notifier);
	return stmt_run(&st, err);
}

int outbox_clamp(const struct outbox *outbox, const char *notifier, struct err *err)
{
	int64_t pause_ms = 2 * outbox->retry.max_ms; /* more than any, with its jitter */

	struct stmt st = stmt_use(outbox->db, CLAMP_DUE);
	stmt_put_int(&st, ":now", outbox->now_ms);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":horizon", outbox->now_ms + (pause_ms > RETRY_AFTER_MAX_MS ? pause_ms : RETRY_AFTER_MAX_MS));
	stmt_put_int(&st, ":far", outbox->now_ms + pause_ms + AGAIN_MAX_MS);
	int rc = stmt_run(&st, err);
	if (!rc)
		rc = clamp(outbox, CLAMP_GATHERING, notifier, err);
	return rc ? rc : clamp(outbox, CLAMP_READY, notifier, err);
}

/* ---- one to claim ---- */

static int find_next(const struct outbox *outbox, const char *notifier, struct outbox_due *ret, struct err *err)
{
	*ret = (struct outbox_due){0};
	struct stmt st = stmt_use(outbox->db, NEXT);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":now", outbox->now_ms);
	if (stmt_row(&st)) {
		ret->id = stmt_int(&st, 0);
		ret->kind = (enum notification_kind)stmt_int(&st, 1);
		ret->again = stmt_int(&st, 2) != 0;
		ret->origin = stmt_int(&st, 3);
		ret->said.row = ret->id;
		(void)snprintf(ret->said.id, sizeof ret->said.id, "%s", stmt_text(&st, 4));
		ret->said.attempt = (unsigned)stmt_int(&st, 5) + 1;
		ret->said.created_ms = stmt_int(&st, 6);
		ret->said.subject = stmt_text_copy(&st, 7);
		ret->said.document = stmt_text_copy(&st, 8);
		ret->said.state = stmt_text_copy(&st, 9);
	}
	return stmt_done(&st, err);
}

static int take_in_flight(const struct outbox *outbox, const struct notification *said, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, TAKE_IN_FLIGHT);
	stmt_put_int(&st, ":attempt", said->attempt);
	stmt_put_text(&st, ":subject", said->subject);
	stmt_put_text(&st, ":document", said->document);
	stmt_put_int(&st, ":id", said->row);
	int rc = stmt_run(&st, err);
	if (rc)
		return rc;
	struct stmt attempt = stmt_use(outbox->db, BEGIN_ATTEMPT);
	stmt_put_int(&attempt, ":id", said->row);
	stmt_put_int(&attempt, ":number", said->attempt);
	stmt_put_int(&attempt, ":now", outbox->now_ms);
	return stmt_run(&attempt, err);
}

static int silence(const struct outbox *outbox, const char *notifier, int64_t row, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, SILENCE);
	stmt_put_int(&st, ":id", row);
	int rc = stmt_run(&st, err);
	return rc ? rc : outbox_line_leave(outbox, row, notifier, err);
}

/* The next one that is not silenced. A repeat is not held back: the receiver has it. */
static int find_audible(const struct outbox *outbox, const char *notifier, const struct active_silences *silences,
			struct outbox_due *ret, size_t *ret_silenced, struct err *err)
{
	for (*ret_silenced = 0; *ret_silenced < OUTBOX_TURN_MAX; ++*ret_silenced) {
		OWNED(outbox_due_release) struct outbox_due due;
		bool silenced = false;
		int rc = find_next(outbox, notifier, &due, err);
		if (!rc && due.id && !due.again)
			rc = outbox_render(outbox, &due, silences, &silenced, err);
		if (!rc && silenced)
			rc = silence(outbox, notifier, due.id, err);
		if (rc)
			return rc;
		if (!silenced) {
			*ret = due;
			due = (struct outbox_due){0};
			return 0;
		}
	}
	return 0;
}

/* ---- nothing to claim: until when? ---- */

static int next_due_ms(const struct outbox *outbox, const char *notifier, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, NEXT_DUE);
	stmt_put_text(&st, ":notifier", notifier);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

static int any_due(const struct outbox *outbox, const char *notifier, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, ANY_DUE);
	stmt_put_text(&st, ":notifier", notifier);
	*ret = stmt_row(&st);
	return stmt_done(&st, err);
}

static int look_ahead(const struct outbox *outbox, const char *notifier, struct outbox_claim *ret, struct err *err)
{
	int64_t times[3] = {0};

	int rc = next_due_ms(outbox, notifier, &times[0], err);
	if (!rc)
		rc = outbox_next_group_ms(outbox, notifier, &times[1], err);
	if (!rc)
		rc = outbox_line_next_ms(outbox, notifier, &times[2], err);
	for (size_t i = 0; i < ARRAY_LEN(times) && !rc; i++)
		if (times[i] && (!ret->next_due_ms || times[i] < ret->next_due_ms))
			ret->next_due_ms = times[i];
	return rc;
}

/* ---- the claim ---- */

static int claim(const struct outbox *outbox, const char *notifier, struct outbox_due *due, struct outbox_claim *ret,
		 struct err *err)
{
	OWNED(active_silences_release) struct active_silences silences = {0};

	int rc = outbox_clamp(outbox, notifier, err);
	if (!rc)
		rc = outbox_close_groups(outbox, notifier, err);
	if (!rc)
		rc = outbox_line_expire(outbox, notifier, err);
	if (!rc)
		rc = silences_load(outbox->db, outbox->now_ms, &silences, err);
	if (!rc)
		rc = find_audible(outbox, notifier, &silences, due, &ret->silenced, err);
	if (rc)
		return rc;
	if (!due->id)
		return look_ahead(outbox, notifier, ret, err);
	rc = take_in_flight(outbox, &due->said, err);
	return rc ? rc : outbox_look_back(outbox, notifier, due, err);
}

int outbox_claim(const struct outbox *outbox, const char *notifier, struct outbox_claim *ret, struct err *err)
{
	OWNED(outbox_due_release) struct outbox_due due = {0};
	int64_t disabled_ms = 0;

	*ret = (struct outbox_claim){0};
	int rc = notifiers_disabled(outbox->db, notifier, &disabled_ms, NULL, err);
	if (!rc && !disabled_ms)
		rc = claim(outbox, notifier, &due, ret, err);
	if (!rc && !due.id)
		rc = any_due(outbox, notifier, &ret->undelivered, err);
	if (rc)
		return rc;
	ret->notification = due.said;
	due.said = (struct notification){0};
	return 0;
}
