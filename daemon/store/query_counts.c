/* SPDX-License-Identifier: Apache-2.0 */
/* query_counts.c: how much there is of everything, as triggers have counted it (migrations.c); see query.h. */
#include "store/query.h"

static const char COUNTS[] = "SELECT (SELECT coalesce(max(seq), 0) FROM event),"
			     " (SELECT page_count FROM pragma_page_count()) *"
			     " (SELECT page_size FROM pragma_page_size())";
static const char EVENTS[] = "SELECT kind, n FROM event_count";
static const char FINDINGS[] = "SELECT severity, n FROM finding_count";
/* Nobody misses a heartbeat or a test that was given up: they are no dead letters. */
static const char OUTBOX[] = "SELECT state, sum(n) FROM outbox_count WHERE state <> 3 OR kind NOT IN (1, 2) GROUP BY 1";

/* Of rows {which one, how many}. */
static int count(struct db *db, const char *sql, int64_t *counts, size_t n, struct err *err)
{
	struct stmt st = stmt_use(db, sql);

	while (stmt_row(&st)) {
		int64_t which = stmt_int(&st, 0);
		if (which >= 0 && which < (int64_t)n)
			counts[which] = stmt_int(&st, 1);
	}
	return stmt_done(&st, err);
}

int query_counts(struct db *db, struct database_counts *ret, struct err *err)
{
	*ret = (struct database_counts){.wal_bytes = db_wal_bytes(db)};
	struct stmt st = stmt_use(db, COUNTS);
	if (stmt_row(&st)) {
		ret->events = stmt_int(&st, 0);
		ret->bytes = stmt_int(&st, 1);
	}
	int rc = stmt_done(&st, err);
	if (!rc)
		rc = count(db, EVENTS, ret->kinds, ARRAY_LEN(ret->kinds), err);
	if (!rc)
		rc = count(db, FINDINGS, ret->findings, ARRAY_LEN(ret->findings), err);
	return rc ? rc : count(db, OUTBOX, ret->notifications, ARRAY_LEN(ret->notifications), err);
}
