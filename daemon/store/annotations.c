/* SPDX-License-Identifier: Apache-2.0 */
/* annotations.c: see annotations.h. */
#include "store/annotations.h"

#include <string.h>

static const char ADD_MEMBERS[] = "INSERT INTO annotation (event, members) VALUES (:event, :members)";
static const char SET_REASON[] = "INSERT INTO annotation (event, members, reason) VALUES (:event, '', :reason)"
				 " ON CONFLICT (event) DO UPDATE SET reason = excluded.reason";
static const char SET_FINDINGS_REASON[] =
	"INSERT INTO annotation (event, members, reason) SELECT e.seq, '', :reason FROM finding f"
	" JOIN event e ON e.seq = f.event WHERE f.crate = :crate AND f.version = :version AND f.resolved_ms = 0"
	" AND e.kind = :kind ON CONFLICT (event) DO UPDATE SET reason = excluded.reason";
static const char ADD_PROJECT[] = "INSERT INTO event_project (event, place, project, team, locked)"
				  " VALUES (:event, :place, :project, :team, :locked)";
static const char PROJECTS[] = "SELECT project, team, locked FROM event_project WHERE event = :event ORDER BY place";

/* By the index finding_open. */
static const char OPEN_PROJECTS[] =
	"SELECT ep.project, ep.team, ep.locked FROM event_project ep JOIN event e ON e.seq = ep.event"
	" WHERE ep.event = :event AND EXISTS (SELECT 1 FROM project p JOIN finding f ON f.project = p.id"
	" WHERE p.name = ep.project AND f.crate = e.crate AND f.resolved_ms = 0"
	" AND f.event = ep.event) ORDER BY ep.place";

static int add_members(struct db *db, int64_t seq, const char *members, struct err *err)
{
	if (!members || !members[0] || strlen(members) > ANNOTATION_MAX)
		return 0;
	struct stmt st = stmt_use(db, ADD_MEMBERS);
	stmt_put_int(&st, ":event", seq);
	stmt_put_text(&st, ":members", members);
	return stmt_run(&st, err);
}

static int add_projects(struct db *db, int64_t seq, const struct event_project *projects, size_t n, struct err *err)
{
	struct stmt st = stmt_use(db, ADD_PROJECT);

	stmt_put_int(&st, ":event", seq);
	for (size_t i = 0; i < n; i++) {
		stmt_put_int(&st, ":place", (int64_t)i);
		stmt_put_text(&st, ":project", projects[i].project);
		stmt_put_text(&st, ":team", projects[i].team);
		stmt_put_int(&st, ":locked", projects[i].locked);
		stmt_repeat(&st);
	}
	return stmt_done(&st, err);
}

int annotations_add(struct db *db, int64_t seq, const char *members, const struct event_project *projects, size_t n,
		    struct err *err)
{
	int rc = add_members(db, seq, members, err);
	return rc || !n ? rc : add_projects(db, seq, projects, n, err);
}

int annotations_set_reason(struct db *db, int64_t seq, const char *reason, struct err *err)
{
	struct stmt st = stmt_use(db, SET_REASON);
	stmt_put_int(&st, ":event", seq);
	stmt_put_text(&st, ":reason", reason);
	return stmt_run(&st, err);
}

int annotations_set_findings_reason(struct db *db, int64_t crate, const char *version, const char *reason,
				    struct err *err)
{
	struct stmt st = stmt_use(db, SET_FINDINGS_REASON);
	stmt_put_text(&st, ":reason", reason);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	stmt_put_int(&st, ":kind", EVENT_FINDING_OPENED);
	return stmt_run(&st, err);
}

/* ---- reading ---- */

void annotation_projects_release(struct annotation_projects *projects)
{
	for (size_t i = 0; i < projects->count; i++) {
		free((char *)projects->items[i].project);
		free((char *)projects->items[i].team);
	}
	free(projects->items);
	*projects = (struct annotation_projects){0};
}

/* By doubling: an event may hit a thousand. */
static struct routed_project *add_item(struct annotation_projects *projects)
{
	size_t n = projects->count;

	if ((n & (n - 1)) == 0) {
		struct routed_project *grown = reallocarray(projects->items, n ? 2 * n : 1, sizeof *grown);
		if (!grown)
			return NULL;
		projects->items = grown;
	}
	return &projects->items[projects->count++];
}

static void read_project(struct annotation_projects *projects, struct stmt *st)
{
	struct routed_project *item = add_item(projects);

	if (!item) {
		st->code = SQLITE_NOMEM;
		return;
	}
	*item = (struct routed_project){.project = stmt_text_copy(st, 0), .team = stmt_text_copy(st, 1)};
	if (!stmt_int(st, 2))
		return;
	if (projects->n_locked++ == 0)
		projects->locked = item->project;
}

static int load(struct db *db, const char *sql, int64_t seq, struct annotation_projects *ret, struct err *err)
{
	OWNED(annotation_projects_release) struct annotation_projects projects = {0};

	struct stmt st = stmt_use(db, sql);
	stmt_put_int(&st, ":event", seq);
	while (stmt_row(&st))
		read_project(&projects, &st);
	int rc = stmt_done(&st, err);
	if (rc)
		return rc;
	*ret = projects;
	projects = (struct annotation_projects){0};
	return 0;
}

int annotations_projects(struct db *db, int64_t seq, struct annotation_projects *ret, struct err *err)
{
	return load(db, PROJECTS, seq, ret, err);
}

int annotations_open_projects(struct db *db, int64_t seq, struct annotation_projects *ret, struct err *err)
{
	return load(db, OPEN_PROJECTS, seq, ret, err);
}
