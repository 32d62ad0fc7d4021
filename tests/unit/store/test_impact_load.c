/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a bad version hits: stored lockfiles, what their packages demand, the findings' documents. */
#include "project_fixture.h"

#include "base/json.h"
#include "store/impact_json.h"

static const struct row payments[] = {{.name = "payments-app", .version = "0.1.0", .needs = "1"},
				      {.name = "http-client", .version = "0.3.0", .needs = "2"},
				      {.name = "demo", .version = "1.2.3"}};

static struct impact_list impact_of(struct db *db, int64_t row, const char *version, enum event_kind kind,
				    int64_t project)
{
	OWNED(impact_crate_release) struct impact_crate crate = {0};
	struct impact_list list = {0};
	struct err err = {0};

	ok(impact_crate_load(db, row, &crate, &err));
	ok(impact_of_version(db, &crate, version, kind, project, &list, &err));
	return list;
}

static void put(struct fixture *f, const char *project, const char *team, const char *path, const struct row *rows,
		size_t n)
{
	OWNED(lock_release) struct lock lock = make_lock(rows, n);

	(void)put_project(f->db, project, team, path, &lock);
}
#define PUT(f, project, team, path, rows) put(f, project, team, path, rows, ARRAY_LEN(rows))

static void a_finding_tells_who_why_and_what_to_do(void **state)
{
	struct fixture *f = *state;

	PUT(f, "payments", "sec", "/srv/Cargo.lock", payments);
	look(f->db, f->crate, "1.2.3! 1.2.4 2.0.0", "");
	look(f->db, crate_id(f->db, "http-client"), "0.3.0", NEEDS("demo", "^1.2") "," NEEDS("other", "^9"));
	OWNED(impact_list_release) struct impact_list list = impact_of(f->db, f->crate, "1.2.3", EVENT_YANKED, 0);
	assert_true(list.belongs);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.n_documents, 1);
	const struct impact_found *found = &list.items[0];
	assert_string_equal(strbuf_str(&found->json),
			    "{\"project\":\"payments\",\"team\":\"sec\",\"locked\":true,\"requirements\":[\"^1.2\"],"
			    "\"severity\":\"high\",\"would_pick\":\"1.2.4\","
			    "\"path\":[\"payments-app\",\"http-client\",\"demo\"],"
			    "\"command\":\"cargo update -p demo --precise 1.2.4\"}");
	assert_string_equal(found->project_name, "payments");
	assert_string_equal(found->team, "sec");
	assert_string_equal(found->path, "/srv/Cargo.lock");
	assert_string_equal(found->would_pick, "1.2.4");
	assert_int_equal(found->severity, SEVERITY_HIGH);
	assert_true(found->locked && !found->several && found->project && found->lockfile);
}

static void check_json(struct fixture *f, const char *version, const char *expected)
{
	OWNED(impact_list_release) struct impact_list list = impact_of(f->db, f->crate, version, EVENT_YANKED, 0);

	assert_int_equal(list.n, 1);
	assert_string_equal(strbuf_str(&list.items[0].json), expected);
}

static void without_a_version_that_fits_nothing_would_be_picked(void **state)
{
	struct fixture *f = *state;

	PUT(f, "p", "", "", payments);
	look(f->db, f->crate, "1.2.3! 1.2.4! 1.3.0- 2.0.0", "");
	look(f->db, crate_id(f->db, "http-client"), "0.3.0", NEEDS("demo", "^1.2"));
	check_json(f, "1.2.3",
		   "{\"project\":\"p\",\"locked\":true,\"requirements\":[\"^1.2\"],\"severity\":\"critical\","
		   "\"path\":[\"payments-app\",\"http-client\",\"demo\"]}");
}

static void what_nobody_knows_is_assumed(void **state)
{
	struct fixture *f = *state;

	PUT(f, "p", "", "", payments);
	look(f->db, f->crate, "1.2.3! 1.2.4", "");
	check_json(f, "1.2.3",
		   "{\"project\":\"p\",\"locked\":true,\"requirements\":[\"^1.2.3\"],\"assumed\":true,"
		   "\"severity\":\"high\",\"would_pick\":\"1.2.4\",\"path\":[\"payments-app\",\"http-client\","
		   "\"demo\"],\"command\":\"cargo update -p demo --precise 1.2.4\"}");
}

/* Two requirements that no version meets together: cargo would put two into the lockfile. */
static void picks_that_differ_are_told_one_by_one(void **state)
{
	static const struct row rows[] = {{.name = "app", .version = "0.1.0", .needs = "1 2"},
					  {.name = "a", .version = "1.0.0", .needs = "3"},
					  {.name = "b", .version = "1.0.0", .needs = "3"},
					  {.name = "demo", .version = "1.2.3"},
					  {.name = "demo", .version = "2.0.0"}};
	struct fixture *f = *state;

	PUT(f, "p", "", "", rows);
	look(f->db, f->crate, "1.2.3! 1.2.4 2.0.0 2.1.0", "");
	look(f->db, crate_id(f->db, "a"), "1.0.0", NEEDS("demo", "^1"));
	look(f->db, crate_id(f->db, "b"), "1.0.0", NEEDS("demo", ">=1"));
	check_json(f, "1.2.3",
		   "{\"project\":\"p\",\"locked\":true,\"requirements\":[\"^1\",\">=1\"],\"severity\":\"high\","
		   "\"would_pick\":\"1.2.4\",\"picks\":[{\"requirement\":\"^1\",\"version\":\"1.2.4\"},"
		   "{\"requirement\":\">=1\",\"version\":\"2.0.0\"}],\"path\":[\"app\",\"a\",\"demo\"],"
		   "\"command\":\"cargo update -p demo@1.2.3\"}");
}

static void of_two_locked_versions_the_command_names_the_one(void **state)
{
	static const struct row rows[] = {{.name = "app", .version = "0.1.0", .needs = "1 2"},
					  {.name = "a", .version = "1.0.0", .needs = "3"},
					  {.name = "b", .version = "1.0.0", .needs = "4"},
					  {.name = "demo", .version = "1.2.3"},
					  {.name = "demo", .version = "2.0.0"}};
	struct fixture *f = *state;

	PUT(f, "p", "", "", rows);
	look(f->db, f->crate, "1.2.3! 1.2.4 2.0.0", "");
	look(f->db, crate_id(f->db, "a"), "1.0.0", NEEDS("demo", "^1"));
	look(f->db, crate_id(f->db, "b"), "1.0.0", NEEDS("demo", "^2"));
	check_json(f, "1.2.3",
		   "{\"project\":\"p\",\"locked\":true,\"requirements\":[\"^1\"],\"severity\":\"high\","
		   "\"would_pick\":\"1.2.4\",\"path\":[\"app\",\"a\",\"demo\"],"
		   "\"command\":\"cargo update -p demo@1.2.3 --precise 1.2.4\"}");
}

static void a_requirement_that_allows_it_is_hit_without_a_command(void **state)
{
	struct fixture *f = *state;

	PUT(f, "p", "", "", payments);
	look(f->db, f->crate, "1.2.3 1.2.4!", "");
	look(f->db, crate_id(f->db, "http-client"), "0.3.0", NEEDS("demo", "^1.2"));
	OWNED(impact_list_release) struct impact_list list = impact_of(f->db, f->crate, "1.2.4", EVENT_YANKED, 0);
	assert_int_equal(list.n, 1);
	assert_false(list.items[0].locked);
	assert_int_equal(list.items[0].severity, SEVERITY_MEDIUM);
	assert_null(strstr(strbuf_str(&list.items[0].json), "command"));
	OWNED(impact_list_release) struct impact_list none = impact_of(f->db, f->crate, "2.0.0", EVENT_YANKED, 0);
	assert_int_equal(none.n, 0);
	assert_true(none.belongs);
	OWNED(impact_list_release)
	struct impact_list other = impact_of(f->db, watch(f->db, "unused"), "1.0.0", EVENT_YANKED, 0);
	assert_false(other.belongs);
}

/* The same name in two registries: what an index says of the other one does not count. */
static void demands_of_another_registry_do_not_count(void **state)
{
	static const struct {
		const char *deps, *requirements;
	} rows[] = {
		{NEEDS("demo", "^1.2") ",{\"name\":\"demo\",\"req\":\"^8\",\"registry\":\"https://example.com/\"}",
		 "[\"^1.2\"]"},
		/* its own registry, spelled out */
		{"{\"name\":\"demo\",\"req\":\">=1\",\"registry\":\"" INDEX_URL "\"}", "[\">=1\"]"},
		{"{\"name\":\"d\",\"package\":\"demo\",\"req\":\"1\"}", "[\"1\"]"},
		{"{\"name\":\"demo\",\"package\":\"d\",\"req\":\"1\"}", "[\"^1.2.3\"]"}, /* assumed */
		{NEEDS("Demo", "1"), "[\"^1.2.3\"]"},
	};
	struct fixture *f = *state;
	struct err err = {0};

	PUT(f, "p", "", "", payments);
	look(f->db, f->crate, "1.2.3! 1.2.4", "");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_JSON cJSON *json = NULL;
		ok(db_script(f->db, "UPDATE demands SET list = NULL", &err));
		look(f->db, crate_id(f->db, "http-client"), "0.3.0", rows[i].deps);
		OWNED(impact_list_release)
		struct impact_list list = impact_of(f->db, f->crate, "1.2.3", EVENT_YANKED, 0);
		ok(json_parse(list.items[0].json.data, list.items[0].json.len, &json, &err));
		OWNED_MEM char *told = cJSON_PrintUnformatted(json_member(json, "requirements"));
		assert_string_equal(told, rows[i].requirements);
	}
}

/* Of a dependent in another registry only what it says of ours counts. */
static void a_dependent_of_another_registry_demands_by_url(void **state)
{
	static const struct row rows[] = {
		{.name = "app", .version = "0.1.0", .needs = "1"},
		{.name = "client", .version = "0.3.0", .needs = "2", .source = "sparse+" OTHER_URL},
		{.name = "demo", .version = "1.2.3"},
	};
	struct fixture *f = *state;
	struct registry_before before;
	struct err err = {0};

	ok(watches_configure_registry(f->db, "s", OTHER_URL, &before, &err));
	PUT(f, "p", "", "", rows);
	look(f->db, f->crate, "1.2.3! 1.2.4", "");
	look(f->db, number(f->db, "SELECT id FROM crate WHERE name = 'client'"), "0.3.0",
	     NEEDS("demo", "^1") ",{\"name\":\"demo\",\"req\":\"~1.2\",\"registry\":\"" INDEX_URL "\"}");
	OWNED(impact_list_release) struct impact_list list = impact_of(f->db, f->crate, "1.2.3", EVENT_YANKED, 0);
	assert_int_equal(list.n, 1);
	assert_non_null(strstr(strbuf_str(&list.items[0].json), "\"requirements\":[\"~1.2\"],\"severity\""));
}

static void lockfiles_are_told_worst_first_and_by_name(void **state)
{
	static const struct row other[] = {{.name = "app", .version = "0.1.0", .needs = "1"},
					   {.name = "demo", .version = "1.2.2"}};
	static const struct row direct[] = {{.name = "app", .version = "0.1.0", .needs = "1", .requirement = "=1.2.3"},
					    {.name = "demo", .version = "1.2.3"}};
	static const struct row loose[] = {{.name = "app", .version = "0.1.0", .needs = "1", .requirement = "1"},
					   {.name = "demo", .version = "1.2.2"}};
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf told = {0};

	PUT(f, "zoo", "", "", payments);
	PUT(f, "two", "", "/b", payments);
	PUT(f, "two", "", "/a", payments);
	PUT(f, "not-hit", "", "", other);
	PUT(f, "pinned", "", "", direct);
	PUT(f, "allows", "", "", loose);
	look(f->db, f->crate, "1.2.2 1.2.3! 1.2.4", "");
	OWNED(impact_list_release) struct impact_list list = impact_of(f->db, f->crate, "1.2.3", EVENT_YANKED, 0);
	for (size_t i = 0; i < list.n; i++)
		strbuf_addf(&told, "%s%s %s%s;", list.items[i].project_name, list.items[i].path,
			    severity_name(list.items[i].severity), list.items[i].several ? "+" : "");
	assert_string_equal(strbuf_str(&told), "pinned critical;two/a high+;two/b high+;zoo high;allows medium;");
	assert_non_null(strstr(strbuf_str(&list.items[1].json), "\"project\":\"two\",\"lockfile\":\"/a\",\"locked\""));
	int64_t two = number(f->db, "SELECT id FROM project WHERE name = 'two'");
	OWNED(impact_list_release) struct impact_list own = impact_of(f->db, f->crate, "1.2.3", EVENT_YANKED, two);
	assert_int_equal(own.n, 2);
	assert_string_equal(own.items[1].path, "/b");
}

static void beyond_the_most_the_least_are_only_counted(void **state)
{
	static const struct row pinned[] = {{.name = "app", .version = "0.1.0", .needs = "1", .requirement = "=1.2.3"},
					    {.name = "demo", .version = "1.2.3"}};
	struct fixture *f = *state;
	char name[32];
	unsigned n = 2 * IMPACT_FINDINGS_MAX + 50;

	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(name, sizeof name, "p%04u", i);
		if (i == n - 1)
			PUT(f, name, "", "", pinned);
		else
			PUT(f, name, "", "", payments);
	}
	look(f->db, f->crate, "1.2.3! 1.2.4", "");
	OWNED(impact_list_release) struct impact_list list = impact_of(f->db, f->crate, "1.2.3", EVENT_YANKED, 0);
	assert_int_equal(list.n, n);
	assert_int_equal(list.n_documents, IMPACT_FINDINGS_MAX);
	assert_string_equal(list.items[0].project_name, name);
	assert_string_equal(list.items[1].project_name, "p0000");
	assert_string_equal(list.items[list.n_documents - 1].project_name, "p0998");

	OWNED_STRBUF struct strbuf out = {0};
	OWNED_JSON cJSON *json = NULL;
	struct json_writer w = {.out = &out};
	struct err err = {0};
	json_open(&w, NULL, '{');
	impact_put_list(&w, &list, 1000);
	json_close(&w, '}');
	assert_true(out.len < 1100);
	ok(json_parse(out.data, out.len, &json, &err));
	int told = cJSON_GetArraySize(json_member(json, "findings"));
	assert_true(told > 1);
	assert_int_equal(json_int(json, "more_findings", 0), (int)n - told);
}

static void a_damaged_lockfile_is_a_finding_of_what_is_known(void **state)
{
	static const char *const damages[] = {
		"lock = x''",
		"lock = randomblob(length(lock))",
		"lock = substr(lock, 1, length(lock) - 1)",
		"lock = zeroblob(length(lock))",
		"crates = x''",
		"crates = NULL",
		"crates = substr(crates, 1, length(crates) - 1)",
		"crates = crates || x'00'",
	};
	struct fixture *f = *state;
	OWNED(impact_crate_release) struct impact_crate crate = {0};
	char sql[128];
	struct err err = {0};

	PUT(f, "payments", "", "/srv/Cargo.lock", payments);
	ok(impact_crate_load(f->db, f->crate, &crate, &err));
	ok(db_script(f->db, "CREATE TEMP TABLE good AS SELECT lock, crates FROM lockfile", &err));
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		OWNED(impact_list_release) struct impact_list list = {0};
		(void)snprintf(sql, sizeof sql, "UPDATE lockfile SET %s", damages[i]);
		ok(db_script(f->db, "UPDATE lockfile SET (lock, crates) = (SELECT lock, crates FROM good)", &err));
		ok(db_script(f->db, sql, &err));
		ok(impact_of_version(f->db, &crate, "1.2.3", EVENT_YANKED, 0, &list, &err));
		assert_int_equal(list.n, 1);
		assert_string_equal(strbuf_str(&list.items[0].json),
				    "{\"project\":\"payments\",\"locked\":true,\"severity\":\"high\"}");
	}
}

/* Every byte of it, in turn. */
static void no_byte_of_a_stored_lockfile_brings_it_down(void **state)
{
	struct fixture *f = *state;
	OWNED(impact_crate_release) struct impact_crate crate = {0};
	struct err err = {0};

	PUT(f, "payments", "", "", payments);
	look(f->db, f->crate, "1.2.3! 1.2.4", "");
	ok(impact_crate_load(f->db, f->crate, &crate, &err));
	ok(db_script(f->db, "CREATE TEMP TABLE good AS SELECT lock FROM lockfile", &err));
	int64_t len = number(f->db, "SELECT length(lock) FROM good");
	for (int64_t i = 1; i <= len; i++) {
		OWNED(impact_list_release) struct impact_list list = {0};
		char sql[256];
		(void)snprintf(
			sql, sizeof sql,
			"UPDATE lockfile SET lock = (SELECT CAST(substr(lock, 1, %d) || x'7f' || substr(lock, %d)"
			" AS BLOB) FROM good)",
			(int)i - 1, (int)i + 1);
		ok(db_script(f->db, sql, &err));
		ok(impact_of_version(f->db, &crate, "1.2.3", EVENT_YANKED, 0, &list, &err));
	}
}

static void damaged_demands_are_an_error(void **state)
{
	struct fixture *f = *state;
	OWNED(impact_crate_release) struct impact_crate crate = {0};
	struct impact_list list = {0};
	struct err err = {0};

	PUT(f, "p", "", "", payments);
	look(f->db, f->crate, "1.2.3!", "");
	ok(impact_crate_load(f->db, f->crate, &crate, &err));
	ok(db_script(f->db, "UPDATE demands SET list = '[[\"demo\",'", &err));
	assert_int_equal(impact_of_version(f->db, &crate, "1.2.3", EVENT_YANKED, 0, &list, &err), ERR_BAD);
	ok(db_script(f->db, "UPDATE demands SET list = '[1,[],{\"a\":1},[\"demo\"],[\"demo\",7],[[\"demo\"]]]'", &err));
	ok(impact_of_version(f->db, &crate, "1.2.3", EVENT_YANKED, 0, &list, &err));
	impact_list_release(&list);
}

static void a_crate_that_nobody_lists_has_no_impact(void **state)
{
	struct fixture *f = *state;
	struct impact_crate crate = {0};
	struct err err = {0};

	assert_int_equal(impact_crate_load(f->db, 999, &crate, &err), ERR_ABSENT);
	ok(db_script(f->db, "UPDATE crate SET listed = 0", &err));
	assert_int_equal(impact_crate_load(f->db, f->crate, &crate, &err), ERR_ABSENT);
	assert_null(crate.name);
}

static void a_replacement_is_told_with_its_command(void **state)
{
	static const struct {
		const char *versions, *expected;
	} rows[] = {
		{"1.0.0! 1.0.1 1.1.0 2.0.0",
		 "\"usable_versions\":3,\"replacement\":{\"version\":\"1.1.0\",\"compatible\":true,"
		 "\"command\":\"cargo update -p demo --precise 1.1.0\"}"},
		{"1.0.0! 2.0.0", "\"usable_versions\":1,\"replacement\":{\"version\":\"2.0.0\",\"compatible\":false}"},
		{"1.0.0! 1.0.1! 1.0.2-", "\"usable_versions\":0"},
		{"1.0.0", "\"usable_versions\":0"}, /* itself does not count */
		{"", "\"usable_versions\":0"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(impact_crate_release) struct impact_crate crate = {0};
		OWNED_STRBUF struct strbuf out = {0};
		struct json_writer w = {.out = &out};
		struct err err = {0};
		look(f->db, f->crate, rows[i].versions, "");
		ok(impact_crate_load(f->db, f->crate, &crate, &err));
		impact_put_replacement(&w, &crate, "1.0.0");
		assert_string_equal(strbuf_str(&out), rows[i].expected);
	}
}

/* What is pasted into a shell is what it says. */
static void no_hostile_text_gets_into_a_command(void **state)
{
	static const struct {
		const char *crate, *locked, *pick;
		bool told;
	} rows[] = {
		{"demo", "1.0.0+b-1", "1.0.1-rc.1", true}, {"demo", "1.0.0; rm -rf $HOME", "1.0.1", false},
		{"demo", "1.0.0", "1.0.1`id`", false},     {"demo", "-1", "1.0.1", false},
		{"demo", "1.0.0", "--config=x", false},    {"de mo", "1.0.0", "1.0.1", false},
		{"demo\nx", "1.0.0", "1.0.1", false},
	};
	static const struct impact_place place = {"p", "", "", false};
	static const struct row two[] = {{.name = "app", .version = "0.1.0"},
					 {.name = "demo", .version = "1.0.0"},
					 {.name = "demo", .version = "2.0.0"}};
	OWNED(lock_release) struct lock lock = LOCK_OF(two);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct impact_demand demands[] = {{"^1", false, rows[i].pick}};
		const struct impact impact = {
			.hits = true, .locked = true, .demands = demands, .n_demands = 1, .would_pick = rows[i].pick};
		const struct impact_crate crate = {.name = (char *)(uintptr_t)rows[i].crate};
		OWNED_STRBUF struct strbuf out = {0};
		OWNED_JSON cJSON *json = NULL;
		struct err err = {0};
		impact_put_finding(&out, &place, &crate, rows[i].locked, &lock, &impact, SEVERITY_HIGH);
		ok(json_parse(out.data, out.len, &json, &err));
		assert_int_equal(json_string(json, "command") != NULL, rows[i].told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_finding_tells_who_why_and_what_to_do),
		store_test(without_a_version_that_fits_nothing_would_be_picked),
		store_test(what_nobody_knows_is_assumed),
		store_test(picks_that_differ_are_told_one_by_one),
		store_test(of_two_locked_versions_the_command_names_the_one),
		store_test(a_requirement_that_allows_it_is_hit_without_a_command),
		store_test(demands_of_another_registry_do_not_count),
		store_test(a_dependent_of_another_registry_demands_by_url),
		store_test(lockfiles_are_told_worst_first_and_by_name),
		store_test(beyond_the_most_the_least_are_only_counted),
		store_test(a_damaged_lockfile_is_a_finding_of_what_is_known),
		store_test(no_byte_of_a_stored_lockfile_brings_it_down),
		store_test(damaged_demands_are_an_error),
		store_test(a_crate_that_nobody_lists_has_no_impact),
		store_test(a_replacement_is_told_with_its_command),
		cmocka_unit_test(no_hostile_text_gets_into_a_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
