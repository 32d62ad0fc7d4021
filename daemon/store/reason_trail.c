/* SPDX-License-Identifier: Apache-2.0 */
/* reason_trail.c: see reason_trail.h. */
#include "store/reason_trail.h"

#include "base/list.h"

static const char FLIPS[] = "SELECT kind, at_ms, source FROM event WHERE crate = :crate AND version = :version"
			    " AND kind IN (1, 2) ORDER BY seq";
/* Since then it is watched. */
static const char SINCE[] = "SELECT since_ms FROM crate WHERE id = :crate";

static const char LAST_YANK[] = "SELECT coalesce(max(seq), 0) FROM event WHERE crate = :crate AND version = :version"
				" AND kind = 1 AND source = 0";

void trail_record_release(struct trail_record *record)
{
	free(record->items);
	*record = (struct trail_record){0};
}

static int load_since(struct db *db, int64_t crate, int64_t *ret, struct err *err)
{
	*ret = 0;
	struct stmt st = stmt_use(db, SINCE);
	stmt_put_int(&st, ":crate", crate);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	int rc = stmt_done(&st, err);
	if (!rc && !*ret)
		*ret = INT64_MAX;
	return rc;
}

int trail_record_load(struct db *db, int64_t crate, const char *version, struct trail_record *ret, struct err *err)
{
	OWNED(trail_record_release) struct trail_record record = {0};
	bool has_room = true;

	int rc = load_since(db, crate, &record.since_ms, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(db, FLIPS);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	while (has_room && stmt_row(&st)) {
		has_room = LIST_ROOM(&record);
		if (has_room)
			record.items[record.n++] =
				(struct trail_event){(enum event_kind)stmt_int(&st, 0), stmt_int(&st, 1),
						     (enum event_source)stmt_int(&st, 2)};
	}
	rc = stmt_done(&st, err);
	if (rc || !has_room)
		return rc ? rc : err_nomem(err);
	*ret = record;
	record = (struct trail_record){0};
	return 0;
}

int reason_last_yank(struct db *db, int64_t crate, const char *version, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(db, LAST_YANK);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}
