/* SPDX-License-Identifier: Apache-2.0 */
/* notifiers.c: see notifiers.h. */
#include "store/notifiers.h"

static const char FIND[] = "SELECT disabled_ms, disabled_text FROM notifier WHERE name = :name";
static const char DISABLE[] = "INSERT INTO notifier (name, disabled_ms, disabled_text) VALUES (:name, :now, :text)"
			      " ON CONFLICT (name) DO NOTHING";
static const char ENABLE[] = "DELETE FROM notifier WHERE name = :name";

int notifiers_disabled(struct db *db, const char *name, int64_t *ret_since_ms, char **ret_text, struct err *err)
{
	*ret_since_ms = 0;
	struct stmt st = stmt_use(db, FIND);
	stmt_put_text(&st, ":name", name);
	if (stmt_row(&st)) {
		*ret_since_ms = stmt_int(&st, 0);
		if (ret_text)
			*ret_text = stmt_text_copy(&st, 1);
	}
	return stmt_done(&st, err);
}

int notifiers_disable(struct db *db, const char *name, const char *text, int64_t now_ms, struct err *err)
{
	struct stmt st = stmt_use(db, DISABLE);
	stmt_put_text(&st, ":name", name);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_text(&st, ":text", text);
	return stmt_run(&st, err);
}

int notifiers_enable(struct db *db, const char *name, bool *ret_was, struct err *err)
{
	int64_t before = db_rows_written(db);

	struct stmt st = stmt_use(db, ENABLE);
	stmt_put_text(&st, ":name", name);
	int rc = stmt_run(&st, err);
	*ret_was = db_rows_written(db) != before;
	return rc;
}
