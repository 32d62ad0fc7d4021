/* SPDX-License-Identifier: Apache-2.0 */
/* query_projects.c: projects with their lockfiles and how many findings are open; see query_findings.h. */
#include "store/projects.h"
#include "store/query_findings.h"

static const char LAGGING[] = "SELECT count(*) FROM crate WHERE unlocked_ms <> 0";
static const char KNOWN[] = "SELECT 1 WHERE EXISTS (SELECT 1 FROM project WHERE name = :project)"
			    " OR EXISTS (SELECT 1 FROM event_project WHERE project = :project)";
static const char PROJECTS[] = "SELECT id, name, team, origin FROM project"
			       " WHERE :project IS NULL OR name = :project ORDER BY name";
static const char LOCKFILES[] =
	"SELECT path, digest IS NOT NULL, format, packages, matched, updated_ms, fault, fault_ms FROM lockfile"
	" WHERE project = :project ORDER BY path";
static const char COUNTS[] = "SELECT severity, count(*) FROM finding WHERE project = :project AND resolved_ms = 0"
			     " AND event IS NOT NULL GROUP BY severity ORDER BY severity DESC";

static void put_lockfile(struct json_writer *w, struct stmt *st)
{
	json_open(w, NULL, '{');
	if (*stmt_text(st, 0))
		json_put_string(w, "path", stmt_text(st, 0));
	if (stmt_int(st, 1)) { /* else nothing was read of it yet */
		json_put_string(w, "format", lock_format_name((enum lock_format)stmt_int(st, 2)));
		json_put_int(w, "packages", stmt_int(st, 3));
		json_put_int(w, "matched", stmt_int(st, 4));
		json_put_time(w, "updated_at", stmt_int(st, 5));
	}
	if (stmt_text(st, 6)) {
		json_open(w, "fault", '{');
		json_put_string(w, "text", stmt_text(st, 6));
		json_put_time(w, "at", stmt_int(st, 7));
		json_close(w, '}');
	}
	json_close(w, '}');
}

static int put_lockfiles(struct db *db, struct json_writer *w, int64_t project, struct err *err)
{
	json_open(w, "lockfiles", '[');
	struct stmt st = stmt_use(db, LOCKFILES);
	stmt_put_int(&st, ":project", project);
	while (stmt_row(&st))
		put_lockfile(w, &st);
	json_close(w, ']');
	return stmt_done(&st, err);
}

static int put_counts(struct db *db, struct json_writer *w, int64_t project, struct err *err)
{
	json_open(w, "findings", '{');
	struct stmt st = stmt_use(db, COUNTS);
	stmt_put_int(&st, ":project", project);
	while (stmt_row(&st))
		json_put_int(w, severity_name((enum severity)stmt_int(&st, 0)), stmt_int(&st, 1));
	json_close(w, '}');
	return stmt_done(&st, err);
}

static int put_project(struct db *db, struct json_writer *w, struct stmt *st, struct err *err)
{
	json_open(w, NULL, '{');
	json_put_string(w, "name", stmt_text(st, 1));
	if (*stmt_text(st, 2))
		json_put_string(w, "team", stmt_text(st, 2));
	json_put_string(w, "origin", project_origin_name((enum project_origin)stmt_int(st, 3)));
	int rc = put_lockfiles(db, w, stmt_int(st, 0), err);
	if (!rc)
		rc = put_counts(db, w, stmt_int(st, 0), err);
	json_close(w, '}');
	return rc;
}

int query_projects(struct db *db, const char *project, struct strbuf *out, struct err *err)
{
	struct json_writer w = {.out = out};
	bool found = false;
	int bad = 0;

	json_open(&w, NULL, '{');
	json_open(&w, "projects", '[');
	struct stmt st = stmt_use(db, PROJECTS);
	stmt_put_text(&st, ":project", project);
	while (!bad && stmt_row(&st)) {
		found = true;
		bad = put_project(db, &w, &st, err);
	}
	int rc = stmt_done(&st, bad ? &(struct err){0} : err);
	if (bad || rc)
		return bad ? bad : rc;
	if (project && !found)
		return err_set(err, ERR_ABSENT, "there is no project \"%.128s\"", project);
	json_close(&w, ']');
	json_close(&w, '}');
	return strbuf_failed(out) ? err_nomem(err) : 0;
}

int query_knows_project(struct db *db, const char *project, bool *ret, struct err *err)
{
	*ret = false;
	struct stmt st = stmt_use(db, KNOWN);
	stmt_put_text(&st, ":project", project);
	while (stmt_row(&st))
		*ret = true;
	return stmt_done(&st, err);
}

int query_lagging(struct db *db, int64_t *ret, struct err *err)
{
	*ret = 0;
	struct stmt st = stmt_use(db, LAGGING);
	while (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}
