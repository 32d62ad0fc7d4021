/* SPDX-License-Identifier: Apache-2.0 */
/* projects.c: see projects.h. */
#include "store/locked.h"

#include <string.h>

static const char PROJECT[] = "SELECT id, origin, team FROM project WHERE name = :name";
static const char PROJECT_ADD[] = "INSERT INTO project (name, team, origin) VALUES (:name, :team, :origin)"
				  " ON CONFLICT (name) DO UPDATE SET team = excluded.team RETURNING id";
static const char LOCKFILE[] = "SELECT id, digest, matched, fault FROM lockfile"
			       " WHERE project = :project AND path = :path";
static const char LOCKFILE_ADD[] = "INSERT INTO lockfile (project, path, format) VALUES (:project, :path, 0)"
				   " RETURNING id";
static const char LOCKFILE_FAULT[] = "UPDATE lockfile SET fault = :fault, fault_ms = :now WHERE id = :lockfile";
static const char LOCKFILE_SAVE[] =
	"UPDATE lockfile SET format = :format, digest = :digest, lock = :lock, packages = :packages,"
	" updated_ms = :now, fault = NULL, fault_ms = 0 WHERE id = :lockfile";
static const char LOCKFILE_REMOVE[] = "DELETE FROM lockfile WHERE id = :lockfile";

static const char STORED_LOCK[] = "SELECT id, project, lock FROM lockfile WHERE id > :after AND lock IS NOT NULL"
				  " ORDER BY id LIMIT 1";
static const char SOURCES[] = "SELECT value FROM meta WHERE name = 'sources'";
static const char SOURCES_SAVE[] = "INSERT INTO meta (name, value) VALUES ('sources', :value)"
				   " ON CONFLICT (name) DO UPDATE SET value = excluded.value";

static const char CONFIGURED[] =
	"SELECT f.id, f.project, p.name, f.path FROM lockfile f"
	" JOIN project p ON p.id = f.project WHERE p.origin = 0 AND f.id > :after ORDER BY f.id";
static const char NEXT_LOCKFILE[] = "SELECT id FROM lockfile WHERE project = :project LIMIT 1";
static const char FORGET_FINDINGS[] = "DELETE FROM finding WHERE project = :project AND resolved_ms <> 0"
				      " AND NOT EXISTS (SELECT 1 FROM lockfile WHERE project = :project)";
static const char FORGET_PROJECT[] = "DELETE FROM project WHERE id = :project"
				     " AND NOT EXISTS (SELECT 1 FROM lockfile WHERE project = :project)";

const char *project_origin_name(enum project_origin origin)
{
	return origin == PROJECT_CONFIGURED ? "configuration" : "socket";
}

/* ---- rows ---- */

static int refuse_origin(const char *name, enum project_origin origin, struct err *err)
{
	if (origin == PROJECT_CONFIGURED)
		return err_set(err, ERR_REFUSED, "the configuration has a project %s: change it there and reload",
			       name);
	return err_set(err, ERR_REFUSED, "a project %s was sent by the socket: `yankwatch project remove %s` first",
		       name, name);
}

static int put_project(struct db *db, const struct project_lockfile *put, struct project_put *ret, struct err *err)
{
	bool other_origin = false;
	bool same_team = false;

	struct stmt find = stmt_use(db, PROJECT);
	stmt_put_text(&find, ":name", put->project);
	if (stmt_row(&find)) {
		ret->project = stmt_int(&find, 0);
		other_origin = stmt_int(&find, 1) != (int64_t)put->origin;
		same_team = strcmp(stmt_text(&find, 2), put->team) == 0;
	}
	int rc = stmt_done(&find, err);
	if (!rc && other_origin)
		return refuse_origin(put->project, put->origin == PROJECT_SENT ? PROJECT_CONFIGURED : PROJECT_SENT,
				     err);
	if (rc || same_team)
		return rc;
	ret->added = ret->project == 0;
	struct stmt add = stmt_use(db, PROJECT_ADD);
	stmt_put_text(&add, ":name", put->project);
	stmt_put_text(&add, ":team", put->team);
	stmt_put_int(&add, ":origin", put->origin);
	if (stmt_row(&add))
		ret->project = stmt_int(&add, 0);
	return stmt_done(&add, err);
}

/* *ret_same: these very bytes were put before, and could be read. */
static int put_lockfile(struct db *db, const struct project_lockfile *put, struct project_put *ret, bool *ret_same,
			struct err *err)
{
	unsigned char digest[LOCKFILE_DIGEST_SIZE];

	*ret_same = false;
	struct stmt find = stmt_use(db, LOCKFILE);
	stmt_put_int(&find, ":project", ret->project);
	stmt_put_text(&find, ":path", put->path);
	if (stmt_row(&find)) {
		ret->lockfile = stmt_int(&find, 0);
		ret->matched = (size_t)stmt_int(&find, 2);
		*ret_same = put->lock && stmt_blob(&find, 1, digest, sizeof digest) &&
			    memcmp(digest, put->digest, sizeof digest) == 0 && !stmt_text(&find, 3);
	}
	int rc = stmt_done(&find, err);
	if (rc || ret->lockfile)
		return rc;
	struct stmt add = stmt_use(db, LOCKFILE_ADD);
	stmt_put_int(&add, ":project", ret->project);
	stmt_put_text(&add, ":path", put->path);
	if (stmt_row(&add))
		ret->lockfile = stmt_int(&add, 0);
	return stmt_done(&add, err);
}

static int note_fault(const struct projects *projects, int64_t lockfile, const char *fault, struct err *err)
{
	struct stmt st = stmt_use(projects->db, LOCKFILE_FAULT);
	stmt_put_text(&st, ":fault", fault);
	stmt_put_int(&st, ":now", projects->now_ms);
	stmt_put_int(&st, ":lockfile", lockfile);
	return stmt_run(&st, err);
}

static int save_lock(const struct projects *projects, int64_t lockfile, const struct project_lockfile *put,
		     struct err *err)
{
	size_t len;
	const void *bytes = lock_bytes(put->lock, &len);

	struct stmt st = stmt_use(projects->db, LOCKFILE_SAVE);
	stmt_put_int(&st, ":format", put->lock->format);
	stmt_put_blob(&st, ":digest", put->digest, sizeof put->digest);
	stmt_put_blob(&st, ":lock", bytes, len);
	stmt_put_int(&st, ":packages", put->lock->n_packages);
	stmt_put_int(&st, ":now", projects->now_ms);
	stmt_put_int(&st, ":lockfile", lockfile);
	return stmt_run(&st, err);
}

static void sort_changes(const struct projects *projects)
{
	for (size_t i = 0; i < projects->n_registries; i++)
		watch_changes_sort(&projects->changes[i]);
}

int projects_put(const struct projects *projects, const struct project_lockfile *put, struct project_put *ret,
		 struct err *err)
{
	bool same = false;

	*ret = (struct project_put){.packages = put->lock ? put->lock->n_packages : 0};
	int rc = put_project(projects->db, put, ret, err);
	if (!rc)
		rc = put_lockfile(projects->db, put, ret, &same, err);
	if (rc || same)
		return rc;
	if (!put->lock)
		return note_fault(projects, ret->lockfile, put->fault, err);
	ret->changed = true;
	rc = save_lock(projects, ret->lockfile, put, err);
	if (!rc)
		rc = locked_put(projects, ret->lockfile, put->lock, &ret->matched, err);
	sort_changes(projects);
	return rc;
}

/* ---- other sources ---- */

static void write_sources(const struct lock_sources *sources, struct strbuf *out)
{
	for (size_t i = 0; i < sources->n; i++)
		strbuf_addf(out, "%s %s\n", sources->items[i].registry, sources->items[i].url);
}

/* What `meta` says: the sources that all lockfiles are matched with, or "@ROW " and those that the lockfiles up to that
 * row are. *ret_after: up to which row they are matched with these; *ret_all: all of them. */
static int load_matched(struct db *db, const char *sources, int64_t *ret_after, bool *ret_all, struct err *err)
{
	*ret_after = 0;
	*ret_all = false;
	struct stmt st = stmt_use(db, SOURCES);
	if (stmt_row(&st)) {
		const char *value = stmt_text(&st, 0);
		const char *space = value[0] == '@' ? strchr(value, ' ') : NULL;
		*ret_all = strcmp(value, sources) == 0;
		if (space && strcmp(space + 1, sources) == 0)
			*ret_after = strtoll(value + 1, NULL, 10);
	}
	return stmt_done(&st, err);
}

/* `lockfile` 0: all. */
static int save_matched(struct db *db, const char *sources, int64_t lockfile, struct err *err)
{
	OWNED_STRBUF struct strbuf value = {0};

	if (lockfile)
		strbuf_addf(&value, "@%lld ", (long long)lockfile);
	strbuf_adds(&value, sources);
	if (strbuf_failed(&value))
		return err_nomem(err);
	struct stmt st = stmt_use(db, SOURCES_SAVE);
	stmt_put_text(&st, ":value", strbuf_str(&value));
	return stmt_run(&st, err);
}

/* The next stored one behind the row `after`; ret->lockfile is 0 when there is none. */
static int next_lock(struct db *db, int64_t after, struct project_put *ret, struct lock *ret_lock, struct err *err)
{
	struct err why;
	size_t len = 0;
	int bad = 0;

	struct stmt st = stmt_use(db, STORED_LOCK);
	stmt_put_int(&st, ":after", after);
	if (stmt_row(&st)) {
		const void *bytes = stmt_bytes(&st, 2, &len);
		ret->lockfile = stmt_int(&st, 0);
		ret->project = stmt_int(&st, 1);
		bad = lock_load(bytes, len, ret_lock, &why);
	}
	int rc = stmt_done(&st, err);
	if (!rc && bad)
		*err = why;
	return rc ? rc : bad;
}

int projects_match_next(const struct projects *projects, struct project_put *ret, struct err *err)
{
	OWNED_STRBUF struct strbuf sources = {0};
	OWNED(lock_release) struct lock lock = {0};
	int64_t after;
	bool all;

	*ret = (struct project_put){0};
	write_sources(projects->sources, &sources);
	if (strbuf_failed(&sources))
		return err_nomem(err);
	int rc = load_matched(projects->db, strbuf_str(&sources), &after, &all, err);
	if (rc || all)
		return rc;
	rc = next_lock(projects->db, after, ret, &lock, err);
	if (!rc && ret->lockfile)
		rc = locked_put(projects, ret->lockfile, &lock, &ret->matched, err);
	return rc ? rc : save_matched(projects->db, strbuf_str(&sources), ret->lockfile, err);
}

/* ---- forgetting ---- */

static bool is_named(const char *const (*lockfiles)[2], size_t n, const char *project, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(lockfiles[i][0], project) == 0 && strcmp(lockfiles[i][1], path) == 0)
			return true;
	return false;
}

int projects_find_unnamed(struct db *db, const char *const (*lockfiles)[2], size_t n, int64_t after,
			  struct project_put *ret, struct err *err)
{
	*ret = (struct project_put){0};
	struct stmt st = stmt_use(db, CONFIGURED);
	stmt_put_int(&st, ":after", after);
	while (!ret->lockfile && stmt_row(&st)) {
		if (is_named(lockfiles, n, stmt_text(&st, 2), stmt_text(&st, 3)))
			continue;
		ret->lockfile = stmt_int(&st, 0);
		ret->project = stmt_int(&st, 1);
	}
	return stmt_done(&st, err);
}

int projects_unlock(const struct projects *projects, int64_t lockfile, struct err *err)
{
	int rc = locked_drop(projects, lockfile, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(projects->db, LOCKFILE_REMOVE);
	stmt_put_int(&st, ":lockfile", lockfile);
	return stmt_run(&st, err);
}

static int find_sent(struct db *db, const char *name, int64_t *ret_project, struct err *err)
{
	bool configured = false;

	*ret_project = 0;
	struct stmt st = stmt_use(db, PROJECT);
	stmt_put_text(&st, ":name", name);
	if (stmt_row(&st)) {
		*ret_project = stmt_int(&st, 0);
		configured = stmt_int(&st, 1) == PROJECT_CONFIGURED;
	}
	int rc = stmt_done(&st, err);
	if (!rc && !*ret_project)
		return err_set(err, ERR_ABSENT, "there is no project \"%.64s\"", name);
	return rc || !configured ? rc : refuse_origin(name, PROJECT_CONFIGURED, err);
}

int projects_empty(const struct projects *projects, const char *name, int64_t *ret_project, struct err *err)
{
	int64_t lockfile = 0;

	int rc = find_sent(projects->db, name, ret_project, err);
	do {
		lockfile = 0;
		struct stmt st = stmt_use(projects->db, NEXT_LOCKFILE);
		stmt_put_int(&st, ":project", *ret_project);
		if (!rc && stmt_row(&st))
			lockfile = stmt_int(&st, 0);
		struct err done_err;
		int done = stmt_done(&st, rc ? &done_err : err);
		rc = rc ? rc : done;
		if (!rc && lockfile)
			rc = projects_unlock(projects, lockfile, err);
	} while (!rc && lockfile);
	return rc;
}

int projects_forget(struct db *db, int64_t project, struct err *err)
{
	static const char *const forget[] = {FORGET_FINDINGS, FORGET_PROJECT};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(forget) && !rc; i++) {
		struct stmt st = stmt_use(db, forget[i]);
		stmt_put_int(&st, ":project", project);
		rc = stmt_run(&st, err);
	}
	return rc;
}
