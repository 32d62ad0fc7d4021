/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_retry.c: what happens to a notification without an attempt: a person's retry, and time. See outbox.h. */
#include "store/notifiers.h"
#include "store/outbox_line.h"
#include "store/outbox_parts.h"

#include "base/numbers.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 80 /* of a notifier, with its end */

static const char FIND[] = "SELECT id, state, notifier FROM notification WHERE public_id = :id";
/* Its time to be given up begins anew. */
static const char MAKE_DUE[] =
	"UPDATE notification SET state = 0, due_ms = :now, ready_ms = :now, failures = 0 WHERE id = :id";

/* The names that have something open, in their order. Without being told, SQLite takes the index of states. */
static const char NEXT_DUE_NAME[] = "SELECT notifier FROM notification INDEXED BY notification_open"
				    " WHERE state = 0 AND notifier > :name"
				    " ORDER BY notifier LIMIT 1";
static const char NEXT_GATHERING_NAME[] = "SELECT notifier FROM notification INDEXED BY notification_gathering"
					  " WHERE state = 4 AND notifier > :name"
					  " ORDER BY notifier LIMIT 1";
static const char OVERDUE[] = "SELECT id, kind FROM notification WHERE notifier = :notifier AND state = 0"
			      " AND ready_ms <= :ready AND due_ms <= :due ORDER BY ready_ms LIMIT 1";
static const char GIVE_UP[] = "UPDATE notification SET state = 3, last_text = :text WHERE id = :id";

/* ---- a person's retry ---- */

struct found {
	int64_t id; /* 0 = there is none */
	enum notification_state state;
	char notifier[NAME_SIZE];
};

static int find(struct db *db, const char *public_id, struct found *ret, struct err *err)
{
	*ret = (struct found){0};
	struct stmt st = stmt_use(db, FIND);
	stmt_put_text(&st, ":id", public_id);
	if (stmt_row(&st)) {
		ret->id = stmt_int(&st, 0);
		ret->state = (enum notification_state)stmt_int(&st, 1);
		(void)snprintf(ret->notifier, sizeof ret->notifier, "%s", stmt_text(&st, 2));
	}
	return stmt_done(&st, err);
}

int outbox_retry(const struct outbox *outbox, const char *public_id, struct err *err)
{
	struct found found;

	int rc = find(outbox->db, public_id, &found, err);
	if (rc)
		return rc;
	if (!found.id)
		return err_set(err, ERR_ABSENT, "there is no notification %s", public_id);
	if (found.state != NOTIFICATION_DEAD && found.state != NOTIFICATION_DUE)
		return err_set(err, ERR_REFUSED, "the notification is %s: only a dead or due one can be tried again",
			       notification_state_name(found.state));
	struct stmt st = stmt_use(outbox->db, MAKE_DUE);
	stmt_put_int(&st, ":now", outbox->now_ms);
	stmt_put_int(&st, ":id", found.id);
	rc = stmt_run(&st, err);
	if (rc || found.state == NOTIFICATION_DUE)
		return rc;
	return outbox_line_enter(outbox, found.id, found.notifier, err);
}

/* ---- time ---- */

static bool is_served(const char *name, const char *const *served, size_t n_served)
{
	for (size_t i = 0; i < n_served; i++)
		if (strcmp(served[i], name) == 0)
			return true;
	return false;
}

/* The least name above `name` that the question finds; "" = none. */
static int find_name(struct db *db, const char *sql, const char *name, char ret[static NAME_SIZE], struct err *err)
{
	ret[0] = '\0';
	struct stmt st = stmt_use(db, sql);
	stmt_put_text(&st, ":name", name);
	if (stmt_row(&st))
		(void)snprintf(ret, NAME_SIZE, "%s", stmt_text(&st, 0));
	return stmt_done(&st, err);
}

/* The notifier after `name` that has something open; "" = none. */
static int next_name(struct db *db, char name[static NAME_SIZE], struct err *err)
{
	char due[NAME_SIZE];
	char gathering[NAME_SIZE];

	int rc = find_name(db, NEXT_DUE_NAME, name, due, err);
	if (!rc)
		rc = find_name(db, NEXT_GATHERING_NAME, name, gathering, err);
	if (rc)
		return rc;
	bool is_due = due[0] && (!gathering[0] || strcmp(due, gathering) < 0);
	memcpy(name, is_due ? due : gathering, NAME_SIZE);
	return 0;
}

/* One whose time is over; its row is 0 when there is none. */
static int find_overdue(const struct outbox *outbox, const char *notifier, int64_t patience_ms, bool unclaimed,
			int64_t *ret_row, enum notification_kind *ret_kind, struct err *err)
{
	int64_t ready_ms = outbox->now_ms - patience_ms;

	*ret_row = 0;
	struct stmt st = stmt_use(outbox->db, OVERDUE);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":ready", ready_ms);
	stmt_put_int(&st, ":due", unclaimed ? ready_ms : INT64_MAX);
	if (stmt_row(&st)) {
		*ret_row = stmt_int(&st, 0);
		*ret_kind = (enum notification_kind)stmt_int(&st, 1);
	}
	return stmt_done(&st, err);
}

static int give_up(const struct outbox *outbox, int64_t row, const char *notifier, enum notification_kind kind,
		   const char *why, bool *ret_told, struct err *err)
{
	struct stmt st = stmt_use(outbox->db, GIVE_UP);
	stmt_put_text(&st, ":text", why);
	stmt_put_int(&st, ":id", row);
	int rc = stmt_run(&st, err);
	if (!rc)
		rc = outbox_line_leave(outbox, row, notifier, err);
	return rc ? rc : outbox_tell_fallback(outbox, row, notifier, kind, ret_told, err);
}

/* How a notifier stands, as far as patience with it goes. */
struct standing {
	bool served;
	int64_t disabled_ms; /* 0 = it is in service */
	int64_t moved_ms;    /* its receiver took or refused something then; 0 = never */
};

static void explain(const struct outbox *outbox, const struct standing *standing, char *ret, size_t size)
{
	char duration[DURATION_TEXT_MAX];
	char time[TIME_TEXT_MAX];

	duration_format(outbox->retry.give_up_ms, duration);
	if (!standing->served)
		(void)snprintf(ret, size, "given up after %s: the configuration does not have this notifier any more",
			       duration);
	else if (standing->disabled_ms)
		(void)snprintf(ret, size, "given up after %s: this notifier is out of service since %s", duration,
			       time_format_rfc3339(standing->disabled_ms, time));
	else
		(void)snprintf(ret, size, "given up after %s: its receiver has taken nothing", duration);
}

static int sweep_notifier(const struct outbox *outbox, const char *notifier, const struct standing *standing,
			  struct outbox_swept *ret, struct err *err)
{
	bool unclaimed = standing->served && !standing->disabled_ms;
	int64_t patience_ms = outbox->retry.give_up_ms + (unclaimed ? OUTBOX_UNSERVED_MS : 0);
	enum notification_kind kind = NOTIFICATION_EVENTS;
	char why[256];
	int64_t row = 1;

	if (unclaimed && standing->moved_ms > outbox->now_ms - patience_ms)
		return 0;
	explain(outbox, standing, why, sizeof why);
	int rc = outbox_clamp(outbox, notifier, err);
	if (!rc)
		rc = outbox_close_groups(outbox, notifier, err);
	while (!rc && row && !ret->more && !outbox->lenient) {
		rc = find_overdue(outbox, notifier, patience_ms, unclaimed, &row, &kind, err);
		if (!rc && row) {
			rc = give_up(outbox, row, notifier, kind, why, &ret->grew, err);
			ret->more = ++ret->given_up >= OUTBOX_TURN_MAX;
		}
	}
	return rc;
}

int outbox_sweep(const struct outbox *outbox, const char *const *served, size_t n_served, struct outbox_swept *ret,
		 struct err *err)
{
	char name[NAME_SIZE] = "";

	*ret = (struct outbox_swept){0};
	int rc = next_name(outbox->db, name, err);
	while (!rc && name[0] && !ret->more) {
		struct standing standing = {.served = is_served(name, served, n_served)};
		rc = notifiers_disabled(outbox->db, name, &standing.disabled_ms, NULL, err);
		if (!rc)
			rc = notifiers_last_progress(outbox->db, name, &standing.moved_ms, err);
		if (!rc)
			rc = sweep_notifier(outbox, name, &standing, ret, err);
		if (!rc)
			rc = next_name(outbox->db, name, err);
	}
	return rc;
}
