/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_project.c: the projects, and the lockfiles that are sent for them. */
#include "ask.h"
#include "commands.h"
#include "lockfile.h"
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct option_row project_put_options[] = {
	{"team", "NAME", "whose it is"},
	{0},
};

/* ---- list: a row for each lockfile ---- */

static void column_path(struct table *table, const cJSON *row, const char *key)
{
	const char *path = json_string(row, key);
	table_put(table, COLOUR_NONE, path ? path : json_member(row, "packages") ? "(sent)" : NULL);
}

/* "1 critical, 2 high" */
static void column_findings(struct table *table, const cJSON *row, const char *key)
{
	OWNED_STRBUF struct strbuf counts = {0};
	const cJSON *count;
	const char *worst = NULL;

	cJSON_ArrayForEach (count, json_member(row, key)) {
		if (!cJSON_IsNumber(count))
			continue;
		strbuf_addf(&counts, "%s%.0f %s", counts.len ? ", " : "", count->valuedouble, count->string);
		worst = worst ? worst : count->string;
	}
	const char *without = json_member(row, key) ? "none" : "(above)"; /* of the rows behind a project's first */
	table_put(table, worst ? style_word(worst) : COLOUR_NONE, worst ? strbuf_str(&counts) : without);
}

static void column_fault(struct table *table, const cJSON *row, const char *key)
{
	const char *text = json_string(json_member(row, key), "text");
	table_put(table, text ? COLOUR_RED : COLOUR_NONE, text);
}

static const struct column project_columns[] = {
	{"PROJECT", "name", column_text},      {"TEAM", "team", column_text},
	{"ORIGIN", "origin", column_text},     {"FINDINGS", "findings", column_findings},
	{"LOCKFILE", "path", column_path},     {"PACKAGES", "packages", column_number},
	{"WATCHED", "matched", column_number}, {"UPDATED", "updated_at", column_time},
	{"FAULT", "fault", column_fault},      {0},
};

/* What stands in the project holds for each of its lockfiles; its findings are told once. */
static bool add_row(cJSON *rows, const cJSON *project, const cJSON *lockfile)
{
	bool is_first = !lockfile || lockfile == json_member(project, "lockfiles")->child;
	cJSON *row = lockfile ? cJSON_Duplicate(lockfile, true) : cJSON_CreateObject();
	const cJSON *member;

	if (!row || !cJSON_AddItemToArray(rows, row)) {
		cJSON_Delete(row);
		return false;
	}
	cJSON_ArrayForEach (member, project) {
		if (cJSON_IsArray(member) || (!is_first && cJSON_IsObject(member)))
			continue;
		cJSON *copy = cJSON_Duplicate(member, true);
		if (!copy || !cJSON_AddItemToObject(row, member->string, copy)) {
			cJSON_Delete(copy);
			return false;
		}
	}
	return true;
}

static bool add_rows(cJSON *rows, const cJSON *project)
{
	const cJSON *lockfiles = json_member(project, "lockfiles");
	const cJSON *lockfile;

	if (cJSON_GetArraySize(lockfiles) == 0)
		return add_row(rows, project, NULL);
	cJSON_ArrayForEach (lockfile, lockfiles)
		if (!add_row(rows, project, lockfile))
			return false;
	return true;
}

int cmd_project_list(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_JSON cJSON *answer = NULL;
	OWNED_JSON cJSON *rows = cJSON_CreateArray();
	const cJSON *project;
	(void)args;

	int rc = ask_get(session->http, "/v1/projects", &answer, err);
	if (rc)
		return rc;
	if (session->json)
		return session_print(session, project_columns, json_member(answer, "projects"), err);
	cJSON_ArrayForEach (project, json_member(answer, "projects"))
		if (!rows || !add_rows(rows, project))
			return err_nomem(err);
	if (cJSON_GetArraySize(rows) == 0)
		session_tell_none(session, "projects");
	return session_print(session, project_columns, rows, err);
}

/* ---- put, remove ---- */

static void add_project(struct strbuf *path, const char *name)
{
	strbuf_adds(path, "/v1/projects");
	http_add_segment(path, name);
}

int cmd_project_put(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_LOCKFILE struct lockfile lockfile = {0};
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *answer = NULL;
	const char *name = args->operands[0];

	int rc = lockfile_read(args->operands[1], &lockfile, err);
	if (rc)
		return rc;
	add_project(&path, name);
	http_add_query(&path, "team", args_value(args, "team"));
	rc = lockfile_send(&lockfile, session->http, "PUT", &path, LOCKFILE_PATIENT, &answer, err);
	if (rc)
		return rc;
	int64_t n = json_int(answer, "packages", 0);
	strbuf_addf(&line, "%s %s: %" PRId64 " package%s, %" PRId64 " of them watched", name,
		    json_bool(answer, "added", false) ? "added" : "updated", n, n == 1 ? "" : "s",
		    json_int(answer, "matched", 0));
	rc = session_tell(session, answer, &line, err);
	strbuf_reset(&line);
	report_write_unmatched(answer, &line);
	if (rc || session->json || !line.len)
		return rc;
	return session_tell(session, answer, &line, err);
}

int cmd_project_remove(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *answer = NULL;
	OWNED_JSON cJSON *object = cJSON_CreateObject(); /* the daemon answers a removal with nothing */
	const char *name = args->operands[0];

	add_project(&path, name);
	int rc = http_call(session->http, &(struct http_request){.method = "DELETE", .path = &path}, &answer, err);
	if (rc)
		return rc;
	if (!cJSON_AddStringToObject(object, "project", name) || !cJSON_AddTrueToObject(object, "removed"))
		return err_nomem(err);
	strbuf_addf(&line, "%s is removed; its crates are watched for another day", name);
	return session_tell(session, object, &line, err);
}
