/* SPDX-License-Identifier: Apache-2.0 */
/* pending.c: see pending.h. */
#include "store/pending.h"

static const char LOAD[] =
	"SELECT state, status, etag, last_modified, first_ms, body FROM pending WHERE crate = :crate";
static const char SAVE[] = "INSERT OR REPLACE INTO pending (crate, state, status, etag, last_modified, first_ms, body)"
			   " VALUES (:crate, :state, :status, :etag, :modified, :first, :body)";
static const char DROP[] = "DELETE FROM pending WHERE crate = :crate";

void pending_release(struct pending *pending)
{
	free(pending->body);
	validators_release(&pending->validators);
	*pending = (struct pending){0};
}

int pending_load(struct db *db, int64_t crate, struct pending *ret, struct err *err)
{
	struct pending pending = {0};

	struct stmt st = stmt_use(db, LOAD);
	stmt_put_int(&st, ":crate", crate);
	if (stmt_row(&st)) {
		pending.there = true;
		pending.state = (enum crate_state)stmt_int(&st, 0);
		pending.status = (int)stmt_int(&st, 1);
		pending.validators.etag = stmt_text_copy(&st, 2);
		pending.validators.last_modified = stmt_int(&st, 3);
		pending.first_ms = stmt_int(&st, 4);
		pending.body = stmt_blob_copy(&st, 5, &pending.body_len);
	}
	int rc = stmt_done(&st, err);
	if (rc)
		pending_release(&pending);
	else
		*ret = pending;
	return rc;
}

int pending_save(struct db *db, int64_t crate, const struct observation *seen, int64_t first_ms, struct err *err)
{
	struct stmt st = stmt_use(db, SAVE);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":state", seen->state);
	stmt_put_int(&st, ":status", seen->status);
	stmt_put_text(&st, ":etag", seen->validators.etag);
	stmt_put_int(&st, ":modified", seen->validators.last_modified);
	stmt_put_int(&st, ":first", first_ms);
	stmt_put_blob(&st, ":body", seen->body, seen->body_len); /* whatever a faulty line holds */
	return stmt_run(&st, err);
}

int pending_drop(struct db *db, int64_t crate, struct err *err)
{
	struct stmt st = stmt_use(db, DROP);
	stmt_put_int(&st, ":crate", crate);
	return stmt_run(&st, err);
}
