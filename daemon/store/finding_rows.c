/* SPDX-License-Identifier: Apache-2.0 */
/* finding_rows.c: see finding_rows.h. */
#include "store/finding_rows.h"

#include "base/list.h"

#define HOLDINGS(where)                                                                                            \
	"SELECT f.project, l.crate, l.version, max(l.checksum) FROM locked l JOIN lockfile f ON f.id = l.lockfile" \
	" WHERE " where " = :row GROUP BY f.project, l.crate, l.version ORDER BY l.crate, l.version, 4"
#define OPEN(where)                                                                                          \
	"SELECT id, project, crate, version, state, severity, replaceable, since_ms, coalesce(event, 0),"    \
	" EXISTS (SELECT 1 FROM locked l JOIN lockfile f ON f.id = l.lockfile WHERE l.crate = finding.crate" \
	" AND l.version = finding.version AND f.project = finding.project)"                                  \
	" FROM finding WHERE resolved_ms = 0 AND " where " ORDER BY crate, version"
static const char HOLDINGS_OF_CRATE[] = HOLDINGS("l.crate");
static const char HOLDINGS_OF_LOCKFILE[] = HOLDINGS("l.lockfile");
static const char OPEN_OF_CRATE[] = OPEN("crate = :row");
static const char OPEN_OF_PROJECT[] = OPEN("project = :row");
static const char OPEN_OF_LOCKFILE[] = OPEN("project = (SELECT project FROM lockfile WHERE id = :row)");

static const struct {
	const char *holdings; /* NULL: none */
	const char *open;
} scopes[] = {
	[SCOPE_CRATE] = {HOLDINGS_OF_CRATE, OPEN_OF_CRATE},
	[SCOPE_LOCKFILE] = {HOLDINGS_OF_LOCKFILE, OPEN_OF_LOCKFILE},
	[SCOPE_EMPTIED] = {NULL, OPEN_OF_PROJECT},
};

static const char ADD[] = "INSERT INTO finding (project, crate, version, state, severity, replaceable, since_ms, event,"
			  " told_ms) VALUES (:project, :crate, :version, :state, :severity, :replaceable, :since,"
			  " nullif(:event, 0), :since)";
static const char UPDATE[] = "UPDATE finding SET state = :state, severity = :severity, replaceable = :replaceable,"
			     " told_ms = CASE WHEN event IS NULL AND :event <> 0 THEN :now ELSE told_ms END,"
			     " event = coalesce(event, nullif(:event, 0)) WHERE id = :id";
static const char RESOLVE[] = "UPDATE finding SET resolved_ms = :now WHERE id = :id";
static const char DROP[] = "DELETE FROM finding WHERE id = :id";

static const char WAITING[] = "SELECT r.name, c.name, min(f.since_ms) FROM finding f JOIN crate c ON c.id = f.crate"
			      " JOIN registry r ON r.id = c.registry WHERE f.resolved_ms = 0 AND f.event IS NULL"
			      " AND r.configured AND r.blind_ms = 0 AND r.incident_ms = 0 GROUP BY f.crate";
static const char NEXT_WAITING[] = "SELECT coalesce(min(crate), 0) FROM finding WHERE resolved_ms = 0"
				   " AND event IS NULL AND state <> :missing AND crate > :after";
static const char WAITS[] = "SELECT 1 FROM finding WHERE resolved_ms = 0 AND event IS NULL AND crate = :crate LIMIT 1";
static const char NEXT_TO_REMIND[] = "SELECT id, event FROM finding WHERE resolved_ms = 0 AND event IS NOT NULL"
				     " AND severity >= :least AND (told_ms <= :now - :every OR told_ms > :now + :every)"
				     " AND id > :after ORDER BY id LIMIT 1";
static const char REMINDED[] = "UPDATE finding SET told_ms = :now WHERE id = :id";

/* ---- lists ---- */

static struct holding *add_holding(struct holdings *list)
{
	if (!LIST_ROOM(list))
		return NULL;
	list->items[list->n] = (struct holding){0};
	return &list->items[list->n++];
}

int holdings_load(struct db *db, enum finding_scope scope, int64_t row, struct holdings *ret, struct err *err)
{
	if (!scopes[scope].holdings)
		return 0;
	struct stmt st = stmt_use(db, scopes[scope].holdings);
	stmt_put_int(&st, ":row", row);
	while (stmt_row(&st)) {
		struct holding *holding = add_holding(ret);
		if (!holding) {
			st.code = SQLITE_NOMEM;
			break;
		}
		holding->project = stmt_int(&st, 0);
		holding->crate = stmt_int(&st, 1);
		holding->version = stmt_text_copy(&st, 2);
		holding->checksum = stmt_text_copy(&st, 3);
	}
	return stmt_done(&st, err);
}

void holdings_release(struct holdings *holdings)
{
	for (size_t i = 0; i < holdings->n; i++) {
		free(holdings->items[i].version);
		free(holdings->items[i].checksum);
	}
	free(holdings->items);
	*holdings = (struct holdings){0};
}

static struct open_finding *add_open(struct open_findings *list)
{
	if (!LIST_ROOM(list))
		return NULL;
	list->items[list->n] = (struct open_finding){0};
	return &list->items[list->n++];
}

int open_findings_load(struct db *db, enum finding_scope scope, int64_t row, struct open_findings *ret, struct err *err)
{
	struct stmt st = stmt_use(db, scopes[scope].open);
	stmt_put_int(&st, ":row", row);
	while (stmt_row(&st)) {
		struct open_finding *finding = add_open(ret);
		if (!finding) {
			st.code = SQLITE_NOMEM;
			break;
		}
		finding->id = stmt_int(&st, 0);
		finding->project = stmt_int(&st, 1);
		finding->crate = stmt_int(&st, 2);
		finding->version = stmt_text_copy(&st, 3);
		finding->state = (enum finding_state)stmt_int(&st, 4);
		finding->severity = (enum severity)stmt_int(&st, 5);
		finding->replaceable = stmt_int(&st, 6) != 0;
		finding->since_ms = stmt_int(&st, 7);
		finding->event = stmt_int(&st, 8);
		finding->stands = stmt_int(&st, 9) != 0;
	}
	return stmt_done(&st, err);
}

void open_findings_release(struct open_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		free(findings->items[i].version);
	free(findings->items);
	*findings = (struct open_findings){0};
}

/* ---- rows ---- */

static void put_verdict(struct stmt *st, const struct open_finding *finding)
{
	stmt_put_int(st, ":state", finding->state);
	stmt_put_int(st, ":severity", finding->severity);
	stmt_put_int(st, ":replaceable", finding->replaceable);
	stmt_put_int(st, ":event", finding->event);
}

int finding_add(struct db *db, const struct open_finding *finding, struct err *err)
{
	struct stmt st = stmt_use(db, ADD);
	stmt_put_int(&st, ":project", finding->project);
	stmt_put_int(&st, ":crate", finding->crate);
	stmt_put_text(&st, ":version", finding->version);
	stmt_put_int(&st, ":since", finding->since_ms);
	put_verdict(&st, finding);
	return stmt_run(&st, err);
}

int finding_update(struct db *db, const struct open_finding *finding, int64_t now_ms, struct err *err)
{
	struct stmt st = stmt_use(db, UPDATE);
	put_verdict(&st, finding);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_int(&st, ":id", finding->id);
	return stmt_run(&st, err);
}

static int set_time(struct db *db, const char *sql, int64_t id, int64_t now_ms, struct err *err)
{
	struct stmt st = stmt_use(db, sql);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_int(&st, ":id", id);
	return stmt_run(&st, err);
}

int finding_resolve(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	return set_time(db, RESOLVE, id, now_ms, err);
}

int finding_drop(struct db *db, int64_t id, struct err *err)
{
	struct stmt st = stmt_use(db, DROP);
	stmt_put_int(&st, ":id", id);
	return stmt_run(&st, err);
}

/* ---- what comes with time ---- */

int finding_next_waiting(struct db *db, int64_t after, int64_t *ret_crate, struct err *err)
{
	struct stmt st = stmt_use(db, NEXT_WAITING);
	stmt_put_int(&st, ":after", after);
	stmt_put_int(&st, ":missing", FINDING_MISSING);
	if (stmt_row(&st))
		*ret_crate = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

int findings_waiting(struct db *db, finding_waiting_fn *each, void *ctx, struct err *err)
{
	struct stmt st = stmt_use(db, WAITING);
	while (stmt_row(&st))
		if (!each(ctx, stmt_text(&st, 0), stmt_text(&st, 1), stmt_int(&st, 2)))
			st.code = SQLITE_NOMEM;
	return stmt_done(&st, err);
}

int finding_waits(struct db *db, int64_t crate, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(db, WAITS);
	stmt_put_int(&st, ":crate", crate);
	*ret = stmt_row(&st);
	return stmt_done(&st, err);
}

int finding_next_to_remind(struct db *db, enum severity at_least, int64_t now_ms, int64_t every_ms, int64_t after,
			   struct finding_to_remind *ret, struct err *err)
{
	*ret = (struct finding_to_remind){0};
	struct stmt st = stmt_use(db, NEXT_TO_REMIND);
	stmt_put_int(&st, ":least", at_least);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_int(&st, ":every", every_ms);
	stmt_put_int(&st, ":after", after);
	if (stmt_row(&st))
		*ret = (struct finding_to_remind){stmt_int(&st, 0), stmt_int(&st, 1)};
	return stmt_done(&st, err);
}

int finding_reminded(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	return set_time(db, REMINDED, id, now_ms, err);
}
