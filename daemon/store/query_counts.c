/* SPDX-License-Identifier: Apache-2.0 */
/* query_counts.c: how much there is of everything; see query.h. */
#include "store/query.h"

static const char COUNTS[] = "SELECT (SELECT coalesce(max(seq), 0) FROM event),"
			     " (SELECT count(*) FROM crate c JOIN registry r ON r.id = c.registry"
			     " WHERE r.configured AND c.listed <> 0),"
			     " (SELECT page_count FROM pragma_page_count()) *"
			     " (SELECT page_size FROM pragma_page_size())";
/* Nobody misses a heartbeat or a test that was given up: they are no dead letters. */
static const char OUTBOX_COUNTS[] =
	"SELECT state, count(*) FROM notification WHERE state <> 3 GROUP BY state"
	" UNION ALL SELECT 3, count(*) FROM notification WHERE state = 3 AND kind NOT IN (1, 2)";

int query_counts(struct db *db, struct database_counts *ret, struct err *err)
{
	*ret = (struct database_counts){.wal_bytes = db_wal_bytes(db)};
	struct stmt st = stmt_use(db, COUNTS);
	if (stmt_row(&st)) {
		ret->events = stmt_int(&st, 0);
		ret->crates = stmt_int(&st, 1);
		ret->bytes = stmt_int(&st, 2);
	}
	int rc = stmt_done(&st, err);
	if (rc)
		return rc;
	struct stmt outbox = stmt_use(db, OUTBOX_COUNTS);
	while (stmt_row(&outbox)) {
		int64_t state = stmt_int(&outbox, 0);
		if (state >= 0 && state < (int64_t)ARRAY_LEN(ret->notifications))
			ret->notifications[state] = stmt_int(&outbox, 1);
	}
	return stmt_done(&outbox, err);
}
