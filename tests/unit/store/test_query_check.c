/* SPDX-License-Identifier: Apache-2.0 */
/* A lockfile that is not stored, judged by what the database knows; and what it would have to know. */
#include "project_fixture.h"

#include "base/json.h"
#include "store/query_findings.h"

/* The caller releases both. */
static cJSON *judge(struct db *db, const struct lock *lock, struct check_state *ret)
{
	const struct lock_sources sources = test_sources();
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};
	cJSON *json = NULL;

	ok(query_check(db, lock, &sources, &out, ret, &err));
	ok(json_parse(out.data, out.len, &json, &err));
	assert_int_equal(json_int(json, "packages", -1), ret->packages);
	assert_int_equal(json_int(json, "known", -1), ret->known);
	return json;
}

/* "KNOWN of PACKAGES; wants NAME[@VERSION][*]…", * = on its way already; then the answer's member. */
static void check(struct db *db, const struct row *rows, size_t n, const char *summary, const char *member,
		  const char *expected)
{
	OWNED(lock_release) struct lock lock = make_lock(rows, n);
	OWNED(check_state_release) struct check_state state = {0};
	OWNED_JSON cJSON *json = judge(db, &lock, &state);
	OWNED_STRBUF struct strbuf told = {0};

	strbuf_addf(&told, "%zu of %zu;", state.known, state.packages);
	for (size_t i = 0; i < state.n_wants; i++) {
		const struct check_want *want = &state.wants[i];
		assert_string_equal(want->registry, "r");
		strbuf_addf(&told, " %s%s%s%s", want->crate, *want->version ? "@" : "", want->version,
			    want->is_watched ? "*" : "");
	}
	assert_string_equal(strbuf_str(&told), summary);
	OWNED_MEM char *text = cJSON_PrintUnformatted(json_member(json, member));
	assert_string_equal(text, expected);
}
#define CHECK(f, rows, summary, member, expected) check((f)->db, rows, ARRAY_LEN(rows), summary, member, expected)

#define BS "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define APP(places)                                                  \
	{                                                            \
		.name = "app", .version = "0.1.0", .needs = (places) \
	}

static void crates_that_nobody_has_looked_at_are_wanted(void **state)
{
	static const struct row rows[] = {
		APP("1 2 3"),
		{.name = "zeta", .version = "1.0.0"},
		{.name = "zeta", .version = "2.0.0"},
		{.name = "demo", .version = "1.2.3"},
		{.name = "alpha", .version = "1.0.0"},
	};
	struct fixture *f = *state;

	look(f->db, watch(f->db, "alpha"), "1.0.0", "");
	CHECK(f, rows, "1 of 4; demo* zeta", "unknown",
	      "[{\"registry\":\"r\",\"crate\":\"demo\"},{\"registry\":\"r\",\"crate\":\"zeta\"}]");
	look(f->db, f->crate, "1.2.3", "");
	look(f->db, watch(f->db, "zeta"), "1.0.0 2.0.0", "");
	CHECK(f, rows, "4 of 4;", "unknown", "[]");
	CHECK(f, rows, "4 of 4;", "findings", "[]");
	assert_int_equal(number(f->db, "SELECT count(*) FROM locked"), 0); /* a check stores nothing */
}

static void what_is_of_no_configured_registry_is_listed(void **state)
{
	static const struct row rows[] = {
		APP("1"),
		{.name = "demo", .version = "1.2.3"},
		{.name = "g", .version = "0.2.0", .source = "git+https://example.com/g?rev=1#abc"},
		{.name = "e", .version = "0.3.0", .source = "registry+https://example.com/index"},
	};
	struct fixture *f = *state;

	look(f->db, f->crate, "1.2.3", "");
	CHECK(f, rows, "1 of 1;", "unmatched",
	      "[{\"name\":\"g\",\"version\":\"0.2.0\",\"origin\":\"git\",\"source\":\"git+https://example.com/"
	      "g?rev=1#abc\"},"
	      "{\"name\":\"e\",\"version\":\"0.3.0\",\"origin\":\"registry\",\"source\":\"registry+https://example.com/"
	      "index\"}]");
}

/* First the crates, then the lines of those who depend on what is bad. */
static void the_lines_of_dependents_of_bad_versions_are_wanted(void **state)
{
	static const struct row rows[] = {APP("1 3"),
					  {.name = "client", .version = "0.3.0", .needs = "2"},
					  {.name = "demo", .version = "1.2.3"},
					  {.name = "quiet", .version = "1.0.0"},
					  {.name = "late", .version = "1.0.0", .needs = "2"}};
	struct fixture *f = *state;
	int64_t client = watch(f->db, "client");
	struct err err = {0};
	bool is_new;

	look(f->db, f->crate, "1.2.3! 1.2.4", "");
	look(f->db, client, "0.3.0", NEEDS("demo", "^1.2"));
	look(f->db, watch(f->db, "quiet"), "1.0.0", "");
	CHECK(f, rows, "2 of 4; late client@0.3.0 late@1.0.0", "unknown", "[{\"registry\":\"r\",\"crate\":\"late\"}]");
	ok(demands_want(f->db, client, "0.3.0", &is_new, &err));
	look(f->db, watch(f->db, "late"), "1.0.0", "");
	CHECK(f, rows, "2 of 4; client@0.3.0* late@1.0.0", "unknown", "[]");
	look(f->db, client, "0.3.0", NEEDS("demo", "^1.2"));
	ok(demands_want(f->db, crate_id(f->db, "late"), "1.0.0", &is_new, &err));
	ok(demands_fill(f->db, crate_id(f->db, "late"), "", 0, &err)); /* not to be had */
	CHECK(f, rows, "4 of 4;", "findings",
	      "[{\"registry\":\"r\",\"crate\":\"demo\",\"version\":\"1.2.3\",\"state\":\"yanked\",\"locked\":true,"
	      "\"requirements\":[\"^1.2\",\"^1.2.3\"],\"assumed\":true,\"severity\":\"high\",\"would_pick\":\"1.2.4\","
	      "\"path\":[\"app\",\"client\",\"demo\"],\"command\":\"cargo update -p demo --precise 1.2.4\"}]");
}

/* Anyone may ask, and what is wanted is kept. */
static void lines_of_versions_that_are_made_up_are_not_wanted(void **state)
{
	enum { MANY = 20 };
	struct fixture *f = *state;
	char versions[MANY][16];
	struct row rows[2 * MANY + 2] = {APP("1"), {.name = "demo", .version = "9.9.9"}};
	struct row *row = rows + 2;

	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(versions[i], sizeof versions[i], "1.0.%02u", i);
		*row++ = (struct row){.name = "client", .version = versions[i], .needs = "1"};
		*row++ = (struct row){.name = "new", .version = versions[i], .needs = "1"};
	}
	look(f->db, f->crate, "1.2.3", "");
	look(f->db, watch(f->db, "client"), "1.0.03", "");
	CHECK(f, rows,
	      "20 of 41; new client@1.0.03 new@1.0.00 new@1.0.01 new@1.0.02 new@1.0.03 new@1.0.04 new@1.0.05 "
	      "new@1.0.06 new@1.0.07",
	      "unknown", "[{\"registry\":\"r\",\"crate\":\"new\"}]");
	(void)watch(f->db, "new");
	CHECK(f, rows, "20 of 41; new* client@1.0.03", "unknown", "[{\"registry\":\"r\",\"crate\":\"new\"}]");
}

static void of_an_absent_dependent_no_line_is_wanted(void **state)
{
	static const struct row rows[] = {
		APP("1"), {.name = "gone", .version = "0.3.0", .needs = "2"}, {.name = "demo", .version = "1.2.3"}};
	struct fixture *f = *state;
	struct err err = {0};

	look(f->db, f->crate, "1.2.3!", "");
	ok(state_crate_save(f->db, watch(f->db, "gone"), CRATE_ABSENT, &(struct validators){0}, &(struct index_look){0},
			    1000, &err));
	CHECK(f, rows, "2 of 2;", "unknown", "[]");
}

/* Worst first: what is wrong in each way that there is. */
static void each_kind_of_bad_version_is_found(void **state)
{
	static const struct row rows[] = {
		APP("1 2 3 4 5"),
		{.name = "demo", .version = "1.0.0"},
		{.name = "demo", .version = "1.1.0"},
		{.name = "demo", .version = "9.9.9"},
		{.name = "other", .version = "1.0.0", .checksum = BS},
		{.name = "fine", .version = "1.0.0", .checksum = SUM},
	};
	struct fixture *f = *state;
	OWNED(lock_release) struct lock lock = LOCK_OF(rows);
	OWNED(check_state_release) struct check_state check_state = {0};
	OWNED_STRBUF struct strbuf told = {0};
	const cJSON *finding;

	look(f->db, f->crate, "1.0.0! 1.0.1 1.1.0-", "");
	look(f->db, watch(f->db, "other"), "1.0.0", "");
	look(f->db, watch(f->db, "fine"), "1.0.0", "");
	OWNED_JSON cJSON *json = judge(f->db, &lock, &check_state);
	cJSON_ArrayForEach (finding, json_member(json, "findings"))
		strbuf_addf(&told, "%s %s@%s %s;", json_string(finding, "severity"), json_string(finding, "crate"),
			    json_string(finding, "version"), json_string(finding, "state"));
	assert_string_equal(strbuf_str(&told), "critical demo@1.1.0 deleted;critical demo@9.9.9 missing;"
					       "critical other@1.0.0 checksum_differs;high demo@1.0.0 yanked;");
	assert_int_equal(check_state.findings, 4);
	assert_int_equal(check_state.known, 5);
}

/* Waiting would not help, and yet nobody can tell. */
static void a_line_that_cannot_be_read_leaves_a_crate_unknown(void **state)
{
	static const struct row rows[] = {APP("1"), {.name = "demo", .version = "1.2.9"}};
	struct fixture *f = *state;
	struct err err = {0};

	look(f->db, f->crate, "1.2.3", "");
	ok(state_crate_save(f->db, f->crate, CRATE_PRESENT, &(struct validators){0}, &(struct index_look){.bad = 1},
			    1000, &err));
	CHECK(f, rows, "1 of 1;", "unknown", "[{\"registry\":\"r\",\"crate\":\"demo\"}]");
}

static void one_version_from_two_spellings_of_a_registry_is_told_once(void **state)
{
	static const struct row rows[] = {APP("1 2"),
					  {.name = "demo", .version = "1.2.3"},
					  {.name = "demo", .version = "1.2.3", .source = "registry+" INDEX_URL}};
	struct fixture *f = *state;
	OWNED(lock_release) struct lock lock = LOCK_OF(rows);
	OWNED(check_state_release) struct check_state check_state = {0};

	look(f->db, f->crate, "1.2.3! 1.2.4", "");
	OWNED_JSON cJSON *json = judge(f->db, &lock, &check_state);
	assert_int_equal(check_state.packages, 2);
	assert_int_equal(cJSON_GetArraySize(json_member(json, "findings")), 1);
}

static void an_empty_lockfile_has_nothing_to_judge(void **state)
{
	static const struct row rows[] = {APP("")};
	struct fixture *f = *state;

	CHECK(f, rows, "0 of 0;", "findings", "[]");
}

/* Lists end, and say so. */
static void of_very_many_the_rest_is_counted(void **state)
{
	enum { MANY = 1500 };
	struct fixture *f = *state;
	OWNED_MEM struct row *rows = calloc(2 * MANY + 1, sizeof *rows);
	OWNED_MEM char(*names)[16] = calloc(2 * MANY + 1, sizeof *names);

	assert_true(rows && names);
	rows[0] = (struct row)APP("");
	for (unsigned i = 1; i <= 2 * MANY; i++) {
		(void)snprintf(names[i], sizeof names[i], i <= MANY ? "1.0.%u" : "n%u", i);
		rows[i] = i <= MANY ? (struct row){.name = "demo", .version = names[i]}
				    : (struct row){.name = names[i], .version = "1.0.0"};
	}
	look(f->db, f->crate, "1.2.3", "");
	OWNED(lock_release) struct lock lock = make_lock(rows, 2 * MANY + 1);
	OWNED(check_state_release) struct check_state check_state = {0};
	OWNED_JSON cJSON *json = judge(f->db, &lock, &check_state);
	assert_int_equal(cJSON_GetArraySize(json_member(json, "findings")), QUERY_LIMIT_MAX);
	assert_int_equal(json_int(json, "more_findings", 0), MANY - QUERY_LIMIT_MAX);
	assert_int_equal(cJSON_GetArraySize(json_member(json, "unknown")), QUERY_LIMIT_MAX);
	assert_int_equal(json_int(json, "more_unknown", 0), MANY - QUERY_LIMIT_MAX);
	assert_int_equal(check_state.n_wants, MANY);
	assert_int_equal(check_state.findings, MANY);
}

/* A finding's size is bounded, however deep a lockfile is, and so is the answer's. */
static void of_a_long_path_both_ends_are_told(void **state)
{
	enum { DEEP = 2000, BAD = 1000, NAME = 250 };
	struct fixture *f = *state;
	OWNED_MEM struct row *rows = calloc(DEEP + BAD, sizeof *rows);
	OWNED_MEM char(*names)[NAME + 1] = calloc(DEEP + BAD, sizeof *names);
	OWNED_MEM char(*needs)[8] = calloc(DEEP, sizeof *needs);
	OWNED_STRBUF struct strbuf bad = {0};

	assert_true(rows && names && needs);
	for (unsigned i = DEEP; i < DEEP + BAD; i++) {
		strbuf_addf(&bad, " %u", i);
		(void)snprintf(names[i], sizeof names[i], "9.0.%u", i);
		rows[i] = (struct row){.name = "demo", .version = names[i]};
	}
	for (unsigned i = 0; i < DEEP; i++) {
		(void)snprintf(names[i], sizeof names[i], "m%0*u", NAME - 1, i);
		(void)snprintf(needs[i], sizeof needs[i], "%u", i + 1);
		rows[i] = (struct row){.name = names[i], .version = "1.0.0", .needs = needs[i], .source = "git+x#1"};
	}
	rows[0].source = NULL;
	rows[DEEP - 1].needs = strbuf_str(&bad);
	look(f->db, f->crate, "1.2.3", "");
	OWNED(lock_release) struct lock lock = make_lock(rows, DEEP + BAD);
	OWNED(check_state_release) struct check_state check_state = {0};
	OWNED_JSON cJSON *json = judge(f->db, &lock, &check_state);
	const cJSON *findings = json_member(json, "findings");
	const cJSON *path = json_member(cJSON_GetArrayItem(findings, 0), "path");
	assert_int_equal(cJSON_GetArraySize(path), 65);
	assert_string_equal(cJSON_GetArrayItem(path, 31)->valuestring, names[31]);
	assert_string_equal(cJSON_GetArrayItem(path, 32)->valuestring, "…");
	assert_string_equal(cJSON_GetArrayItem(path, 33)->valuestring, names[DEEP - 31]);
	assert_string_equal(cJSON_GetArrayItem(path, 64)->valuestring, "demo");
	assert_in_range(cJSON_GetArraySize(findings), 100, BAD - 1);
	assert_int_equal(cJSON_GetArraySize(findings) + json_int(json, "more_findings", 0), BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(crates_that_nobody_has_looked_at_are_wanted),
		store_test(what_is_of_no_configured_registry_is_listed),
		store_test(the_lines_of_dependents_of_bad_versions_are_wanted),
		store_test(lines_of_versions_that_are_made_up_are_not_wanted),
		store_test(of_an_absent_dependent_no_line_is_wanted),
		store_test(each_kind_of_bad_version_is_found),
		store_test(a_line_that_cannot_be_read_leaves_a_crate_unknown),
		store_test(one_version_from_two_spellings_of_a_registry_is_told_once),
		store_test(an_empty_lockfile_has_nothing_to_judge),
		store_test(of_very_many_the_rest_is_counted),
		store_test(of_a_long_path_both_ends_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
