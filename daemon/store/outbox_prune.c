/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_prune.c: see outbox_prune.h. */
#include "store/outbox_prune.h"

#define TURN_ROWS_MAX 1000 /* attempts and notifications that one call changes, but for the last one's attempts */

static const char OLDEST[] = "SELECT id FROM notification INDEXED BY notification_kept"
			     " WHERE state = 2 AND again = 0 AND document IS NOT NULL AND due_ms < :before"
			     " ORDER BY due_ms LIMIT 1";
static const char FORGET_ATTEMPTS[] = "DELETE FROM attempt WHERE notification = :id";
static const char FORGET_DOCUMENT[] = "UPDATE notification SET document = NULL WHERE id = :id";

static int oldest(struct db *db, int64_t before_ms, int64_t *ret_id, struct err *err)
{
	*ret_id = 0;
	struct stmt st = stmt_use(db, OLDEST);
	stmt_put_int(&st, ":before", before_ms);
	if (stmt_row(&st))
		*ret_id = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

static int forget(struct db *db, const char *sql, int64_t id, int64_t *rows, struct err *err)
{
	struct stmt st = stmt_use(db, sql);
	stmt_put_int(&st, ":id", id);
	int rc = stmt_run(&st, err);
	if (!rc)
		*rows += db_rows_changed(db);
	return rc;
}

int outbox_prune(struct db *db, int64_t before_ms, bool *ret_more, struct err *err)
{
	int64_t rows = 0;
	int64_t id;

	int rc = oldest(db, before_ms, &id, err);
	while (!rc && id && rows < TURN_ROWS_MAX) {
		rc = forget(db, FORGET_ATTEMPTS, id, &rows, err);
		if (!rc)
			rc = forget(db, FORGET_DOCUMENT, id, &rows, err);
		if (!rc)
			rc = oldest(db, before_ms, &id, err);
	}
	*ret_more = !rc && id;
	return rc;
}
