/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How SQLite goes about each question to the history: what is really run is caught, and its plan asked for. No plan
 * looks at a whole table but at that of the registries, and none sorts, but events that are late.
 */
#include "fixture.h"

#include "store/query.h"

#define STATEMENTS_MAX 32

/* What a connection runs; SQLite hands it over when it is opened. */
static struct caught {
	sqlite3 *raw;
	char *sql[STATEMENTS_MAX];
	size_t count;
	bool on;
} caught;

static int on_statement(unsigned type, void *ctx, void *statement, void *text)
{
	struct caught *c = ctx;
	const char *sql = sqlite3_sql(statement);

	(void)type, (void)text;
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->sql[i], sql) == 0)
			return 0;
	if (c->on && c->count < STATEMENTS_MAX)
		c->sql[c->count++] = strdup(sql);
	return 0;
}

static int on_open(sqlite3 *raw, char **message, const struct sqlite3_api_routines *api)
{
	(void)message, (void)api;
	caught.raw = raw;
	return sqlite3_trace_v2(raw, SQLITE_TRACE_STMT, on_statement, &caught);
}

static void forget(void)
{
	while (caught.count)
		free(caught.sql[--caught.count]);
}

static void add_plan(const char *sql, struct strbuf *plan)
{
	OWNED_STRBUF struct strbuf explain = {0};
	sqlite3_stmt *raw = NULL;

	strbuf_addf(&explain, "EXPLAIN QUERY PLAN %s", sql);
	assert_int_equal(sqlite3_prepare_v2(caught.raw, strbuf_str(&explain), -1, &raw, NULL), SQLITE_OK);
	while (sqlite3_step(raw) == SQLITE_ROW)
		strbuf_addf(plan, "%s\n", (const char *)sqlite3_column_text(raw, 3));
	assert_int_equal(sqlite3_finalize(raw), SQLITE_OK);
}

/* No line of it may be a look at everything, or a sort. */
static void check_plan(const char *sql, const char *plan)
{
	bool sorts = strstr(plan, "TEMP B-TREE") && !strstr(sql, "FROM event_late");
	bool scans = false;

	for (const char *at = plan; (at = strstr(at, "SCAN ")); at++)
		scans |= strncmp(at, "SCAN r USING", 12) != 0 && strncmp(at, "SCAN registry", 13) != 0 &&
			 strncmp(at, "SCAN CONSTANT", 13) != 0 && strncmp(at, "SCAN (subquery", 14) != 0;
	if (sorts || scans)
		fail_msg("%s\n%s", sql, plan);
}

static const struct {
	struct event_filter filter;
	const char *leads; /* what must stand in one of the plans */
} rows[] = {
	{{.limit = 9}, "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
	{{.limit = 9, .version = "1"}, "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
	{{.limit = 9, .since_ms = 1, .until_ms = 99}, "SEARCH e USING COVERING INDEX event_at (at_ms>?)"},
	{{.limit = 9, .crate = "demo"},
	 "SEARCH event USING COVERING INDEX event_crate (crate=? AND kind=? AND rowid>?"},
	{{.limit = 9, .crate = "demo", .registry = "r"},
	 "SEARCH c USING COVERING INDEX sqlite_autoindex_crate_1 (registry=? AND name=?)"},
	{{.limit = 9, .crate = "demo", .since_ms = 1, .until_ms = 9999},
	 "SEARCH e USING COVERING INDEX event_at (at_ms>?)"},
	{{.limit = 9, .crate = "demo", .kinds = 1u << EVENT_YANKED},
	 "SEARCH event USING COVERING INDEX event_crate (crate=? AND kind=? AND rowid>?"},
	{{.limit = 9, .crate = "demo", .version = "1"},
	 "SEARCH event USING COVERING INDEX event_ordinal (crate=? AND version=? AND kind=? AND rowid>?"},
	{{.limit = 9, .registry = "r"}, "SEARCH event_kind USING PRIMARY KEY (registry=? AND kind=? AND event>?"},
	{{.limit = 9, .kinds = 1u << EVENT_YANKED},
	 "SEARCH event_kind USING PRIMARY KEY (registry=? AND kind=? AND event>?"},
	{{.limit = 9, .registry = "r", .kinds = 1u << EVENT_YANKED, .since_ms = 1, .until_ms = 99},
	 "SEARCH event_kind USING PRIMARY KEY (registry=? AND kind=? AND event>?"},
	{{.limit = 9, .project = "web"},
	 "SEARCH event_project USING COVERING INDEX event_project_name (project=? AND event>?"},
	{{.limit = 9, .project = "web", .crate = "demo", .kinds = 1u << EVENT_YANKED},
	 "SEARCH event_project USING COVERING INDEX event_project_name (project=? AND event>?"},
	{{.limit = 9, .since_ms = 5000, .until_ms = 6000},
	 "SEARCH event_late USING COVERING INDEX event_late_at (at_ms>? AND at_ms<?)"},
};

static void look_at_plans(struct db *db, struct event_filter filter, const char *leads)
{
	OWNED_STRBUF struct strbuf plans = {0};
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	caught.on = true;
	if (filter.crate)
		ok(query_knows_crate(db, filter.crate, &(bool){false}, &err));
	ok(query_events(db, &filter, &out, &err));
	caught.on = false;
	for (size_t i = 0; i < caught.count; i++) {
		OWNED_STRBUF struct strbuf plan = {0};
		add_plan(caught.sql[i], &plan);
		check_plan(caught.sql[i], strbuf_str(&plan));
		strbuf_adds(&plans, strbuf_str(&plan));
	}
	if (!strstr(strbuf_str(&plans), leads))
		fail_msg("no plan has: %s\n%s", leads, strbuf_str(&plans));
	forget();
}

static void no_question_looks_at_a_whole_table(void **state)
{
	struct fixture *f = *state;

	for (int64_t at_s = 1; at_s <= 9; at_s++)
		(void)append_event(f->db, f->crate, "1", at_s * 1000);
	(void)append_event(f->db, f->crate, "1", 5500);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct event_filter filter = rows[i].filter;
		look_at_plans(f->db, filter, rows[i].leads);
		filter.reverse = true;
		look_at_plans(f->db, filter, rows[i].leads);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {store_test(no_question_looks_at_a_whole_table)};

	(void)sqlite3_auto_extension((void (*)(void))on_open);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	sqlite3_reset_auto_extension();
	return failed;
}
