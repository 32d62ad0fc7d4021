/* SPDX-License-Identifier: Apache-2.0 */
/* What the socket asks of projects, of findings that are open, and of a yank to come. */
#include "project_fixture.h"

#include "base/json.h"
#include "store/finding_rows.h"
#include "store/query_findings.h"

static const struct row payments[] = {{.name = "payments-app", .version = "0.1.0", .needs = "1"},
				      {.name = "demo", .version = "1.2.3"},
				      {.name = "gitty", .version = "0.1.0", .source = "git+https://example.com/g"}};
static const struct row pinned[] = {
	{.name = "app", .version = "0.1.0", .needs = "1", .requirement = "=1.2.3"},
	{.name = "demo", .version = "1.2.3"},
};

static int64_t put(struct fixture *f, const char *project, const char *team, const char *path, const struct row *rows,
		   size_t n)
{
	OWNED(lock_release) struct lock lock = make_lock(rows, n);

	return put_project(f->db, project, team, path, &lock);
}
#define PUT(f, project, team, path, rows) put(f, project, team, path, rows, ARRAY_LEN(rows))

/* An open one, told by an event of its own (0: it waits); its row. */
static int64_t open_finding(struct fixture *f, int64_t project, enum finding_state state, enum severity severity,
			    int64_t since_ms, bool waits)
{
	struct err err = {0};
	char version[] = "1.2.3";
	const struct open_finding finding = {
		.project = project,
		.crate = f->crate,
		.version = version,
		.state = state,
		.severity = severity,
		.since_ms = since_ms,
		.event = waits ? 0 : append_event(f->db, f->crate, version, since_ms).seq,
	};

	ok(finding_add(f->db, &finding, &err));
	return number(f->db, "SELECT max(id) FROM finding");
}

/* ---- projects ---- */

static void projects_are_told_with_their_lockfiles(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	ok(query_projects(f->db, NULL, &out, &err));
	assert_string_equal(strbuf_str(&out), "{\"projects\":[]}");
	strbuf_reset(&out);
	int64_t pay = PUT(f, "payments", "sec", "", payments);
	PUT(f, "edge", "", "/b/Cargo.lock", pinned);
	(void)put_project(f->db, "edge", "", "/a/Cargo.lock", NULL);
	(void)put_project(f->db, "edge", "", "/b/Cargo.lock", NULL);
	open_finding(f, pay, FINDING_YANKED, SEVERITY_HIGH, 5000, false);
	ok(db_script(f->db, /* one waits for confirmation */
		     "INSERT INTO finding SELECT column1, project, crate, column1, 1, column2, 0, 1, column3, 0, 0"
		     " FROM finding, (VALUES (7, 4, 1), (8, 2, NULL))",
		     &err));
	ok(query_projects(f->db, NULL, &out, &err));
	assert_string_equal(
		strbuf_str(&out),
		"{\"projects\":[{\"name\":\"edge\",\"origin\":\"configuration\",\"lockfiles\":["
		"{\"path\":\"/a/Cargo.lock\",\"fault\":{\"text\":\"line 3: cut short\","
		"\"at\":\"1970-01-01T00:00:01.000Z\"}},"
		"{\"path\":\"/b/Cargo.lock\",\"format\":\"cargo-lock\",\"packages\":2,\"matched\":1,"
		"\"updated_at\":\"1970-01-01T00:00:01.000Z\",\"fault\":{\"text\":\"line 3: cut short\","
		"\"at\":\"1970-01-01T00:00:01.000Z\"}}],\"findings\":{}},"
		"{\"name\":\"payments\",\"team\":\"sec\",\"origin\":\"socket\",\"lockfiles\":["
		"{\"format\":\"cargo-lock\",\"packages\":3,\"matched\":1,"
		"\"updated_at\":\"1970-01-01T00:00:01.000Z\"}],\"findings\":{\"critical\":1,\"high\":1}}]}");
	strbuf_reset(&out);
	ok(query_projects(f->db, "edge", &out, &err));
	assert_null(strstr(strbuf_str(&out), "payments"));
	assert_int_equal(query_projects(f->db, "nobody", &out, &err), ERR_ABSENT);
	assert_string_equal(err.text, "there is no project \"nobody\"");
}

/* ---- findings ---- */

static void a_finding_is_told_as_it_is_now(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	int64_t pay = PUT(f, "payments", "sec", "", payments);
	look(f->db, f->crate, "1.2.3! 1.2.4", "");
	open_finding(f, pay, FINDING_YANKED, SEVERITY_HIGH, 5000, false);
	ok(query_findings(f->db, &(struct finding_filter){.limit = 10}, &out, &err));
	assert_string_equal(strbuf_str(&out),
			    "{\"findings\":[{\"registry\":\"r\",\"crate\":\"demo\",\"version\":\"1.2.3\","
			    "\"state\":\"yanked\",\"since\":\"1970-01-01T00:00:05.000Z\",\"event\":\"evt_1\","
			    "\"project\":\"payments\",\"team\":\"sec\",\"locked\":true,\"requirements\":[\"^1.2.3\"],"
			    "\"assumed\":true,\"severity\":\"high\",\"would_pick\":\"1.2.4\","
			    "\"path\":[\"payments-app\",\"demo\"],"
			    "\"command\":\"cargo update -p demo --precise 1.2.4\"}],\"next\":null}");
}

/* Of two lockfiles the worse one counts. */
static void the_worst_lockfile_is_told(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	PUT(f, "other", "", "", pinned);
	PUT(f, "p", "", "/a", payments);
	int64_t p = PUT(f, "p", "", "/b", pinned);
	look(f->db, f->crate, "1.2.3! 1.2.4", "");
	open_finding(f, p, FINDING_YANKED, SEVERITY_CRITICAL, 5000, false);
	ok(query_findings(f->db, &(struct finding_filter){.limit = 10}, &out, &err));
	assert_non_null(strstr(strbuf_str(&out), "\"lockfile\":\"/b\",\"locked\":true,\"requirements\":[\"=1.2.3\"],"
						 "\"severity\":\"critical\""));
}

/* Between two transactions of the tracker: nothing but what the row says. */
static void a_finding_whose_lockfile_has_moved_on_is_still_told(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	int64_t p = PUT(f, "p", "t", "", payments);
	open_finding(f, p, FINDING_DELETED, SEVERITY_CRITICAL, 5000, false);
	ok(db_script(f->db, "DELETE FROM locked", &err));
	ok(query_findings(f->db, &(struct finding_filter){.limit = 10}, &out, &err));
	assert_non_null(strstr(strbuf_str(&out), "\"event\":\"evt_1\",\"project\":\"p\",\"team\":\"t\","
						 "\"severity\":\"critical\"}"));
}

/* "p3 p1, next 2": whose findings stand on a page. */
static void check_page(struct fixture *f, const struct finding_filter *filter, const char *expected)
{
	OWNED_STRBUF struct strbuf out = {0};
	OWNED_STRBUF struct strbuf told = {0};
	OWNED_JSON cJSON *page = NULL;
	struct err err = {0};
	const cJSON *finding;

	ok(query_findings(f->db, filter, &out, &err));
	ok(json_parse(out.data, out.len, &page, &err));
	cJSON_ArrayForEach (finding, json_member(page, "findings"))
		strbuf_addf(&told, "%s%s", told.len ? " " : "", json_string(finding, "project"));
	if (json_string(page, "next"))
		strbuf_addf(&told, ", next %s", json_string(page, "next"));
	assert_string_equal(strbuf_str(&told), expected);
}

static void findings_come_worst_first_then_newest_in_pages(void **state)
{
	static const struct {
		enum severity severity;
		int64_t since_ms;
	} rows[] = {{SEVERITY_HIGH, 1000},     {SEVERITY_CRITICAL, 2000}, {SEVERITY_HIGH, 3000},
		    {SEVERITY_CRITICAL, 4000}, {SEVERITY_MEDIUM, 9000},   {SEVERITY_HIGH, 3000}};
	static const struct {
		struct finding_filter filter;
		const char *expected;
	} pages[] = {
		{{.limit = 10}, "p3 p1 p2 p5 p0 p4"},
		{{.limit = 6}, "p3 p1 p2 p5 p0 p4"},
		{{.limit = 2}, "p3 p1, next 2"},
		{{.limit = 2, .after = 2}, "p2 p5, next 4"},
		{{.limit = 2, .after = 4}, "p0 p4"},
		{{.limit = 2, .after = 6}, ""},
		{{.limit = 10, .at_least = SEVERITY_HIGH}, "p3 p1 p2 p5 p0"},
		{{.limit = 10, .at_least = SEVERITY_CRITICAL}, "p3 p1"},
		{{.limit = 10, .project = "p5"}, "p5"},
		{{.limit = 10, .project = "waits"}, ""},
		{{.limit = 10, .project = "nobody"}, ""},
		{{.limit = 10, .project = "p5", .at_least = SEVERITY_CRITICAL}, ""},
	};
	struct fixture *f = *state;
	char name[16];
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)snprintf(name, sizeof name, "p%zu", i);
		int64_t project = PUT(f, name, "", "", payments);
		open_finding(f, project, FINDING_YANKED, rows[i].severity, rows[i].since_ms, false);
	}
	open_finding(f, PUT(f, "waits", "", "", payments), FINDING_DELETED, SEVERITY_CRITICAL, 1, true);
	int64_t over = open_finding(f, PUT(f, "over", "", "", payments), FINDING_YANKED, SEVERITY_HIGH, 1, false);
	ok(finding_resolve(f->db, over, 2, &err));
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		check_page(f, &pages[i].filter, pages[i].expected);
}

static void a_finding_of_a_damaged_lockfile_is_told_with_what_is_known(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	open_finding(f, PUT(f, "p", "", "", payments), FINDING_YANKED, SEVERITY_HIGH, 1, false);
	ok(db_script(f->db, "UPDATE lockfile SET lock = randomblob(200)", &err));
	ok(query_findings(f->db, &(struct finding_filter){.limit = 10}, &out, &err));
	assert_string_equal(strbuf_str(&out),
			    "{\"findings\":[{\"registry\":\"r\",\"crate\":\"demo\",\"version\":\"1.2.3\","
			    "\"state\":\"yanked\",\"since\":\"1970-01-01T00:00:00.001Z\",\"event\":\"evt_1\","
			    "\"project\":\"p\",\"locked\":true,\"severity\":\"high\"}],\"next\":null}");
}

/* ---- what a yank would hit ---- */

static void a_yank_to_come_is_told_with_whom_it_hits(void **state)
{
	static const struct row moved[] = {{.name = "new-app", .version = "0.1.0", .needs = "1", .requirement = "1"},
					   {.name = "demo", .version = "1.2.4"}};
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	PUT(f, "payments", "sec", "", pinned);
	PUT(f, "edge", "", "", moved);
	look(f->db, f->crate, "1.2.3 1.2.4", "");
	ok(query_impact(f->db, "r", "demo", "1.2.3", &out, &err));
	assert_string_equal(
		strbuf_str(&out),
		"{\"registry\":\"r\",\"crate\":\"demo\",\"version\":\"1.2.3\",\"yanked\":false,\"usable_versions\":1,"
		"\"replacement\":{\"version\":\"1.2.4\",\"compatible\":true,"
		"\"command\":\"cargo update -p demo --precise 1.2.4\"},\"findings\":["
		"{\"project\":\"payments\",\"team\":\"sec\",\"locked\":true,\"requirements\":[\"=1.2.3\"],"
		"\"severity\":\"critical\",\"path\":[\"app\",\"demo\"]},"
		"{\"project\":\"edge\",\"locked\":false,\"requirements\":[\"1\"],\"severity\":\"medium\","
		"\"would_pick\":\"1.2.4\",\"path\":[\"new-app\",\"demo\"]}]}");
	strbuf_reset(&out);
	look(f->db, f->crate, "1.2.3! 1.2.4-", "");
	ok(query_impact(f->db, "r", "demo", "1.2.4", &out, &err));
	assert_non_null(strstr(strbuf_str(&out), "\"yanked\":false,\"deleted\":true,\"usable_versions\":0,"));
}

static void what_is_not_watched_or_not_there_is_said_so(void **state)
{
	static const struct {
		const char *registry, *crate, *version, *text;
	} rows[] = {
		{"r", "other", "1.0.0", "other in r is not watched"},
		{"s", "demo", "1.0.0", "demo in s is not watched"},
		{"r", "demo", "9.9.9", "demo in r has no version 9.9.9"},
		{"r", "", "1.0.0", " in r is not watched"},
	};
	struct fixture *f = *state;

	look(f->db, f->crate, "1.2.3", "");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		struct err err = {0};
		assert_int_equal(query_impact(f->db, rows[i].registry, rows[i].crate, rows[i].version, &out, &err),
				 ERR_ABSENT);
		assert_string_equal(err.text, rows[i].text);
		assert_int_equal(out.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(projects_are_told_with_their_lockfiles),
		store_test(a_finding_is_told_as_it_is_now),
		store_test(the_worst_lockfile_is_told),
		store_test(a_finding_whose_lockfile_has_moved_on_is_still_told),
		store_test(findings_come_worst_first_then_newest_in_pages),
		store_test(a_finding_of_a_damaged_lockfile_is_told_with_what_is_known),
		store_test(a_yank_to_come_is_told_with_whom_it_hits),
		store_test(what_is_not_watched_or_not_there_is_said_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
