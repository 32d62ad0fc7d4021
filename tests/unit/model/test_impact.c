/* SPDX-License-Identifier: Apache-2.0 */
/* Impact: whom a bad version hits, over which path, and what cargo would take instead. Held against cargo itself by
 * tests/integration/test_cargo_resolution.py. */
#include "impact_fixture.h"

#include "model/impact_picks.h"

static struct lock_maker maker;

#define LOCK_OF(...)                                                  \
	do {                                                          \
		static const struct lock_row rows_[] = {__VA_ARGS__}; \
		make_lock(&maker, rows_, ARRAY_LEN(rows_));           \
	} while (0)

static const char *path_of(const struct impact *impact, char buf[static 1024])
{
	size_t len = 0;

	*buf = '\0';
	for (size_t i = 0; i < impact->n_path; i++)
		len += (size_t)snprintf(buf + len, 1024 - len, "%s%s", i ? " " : "", maker.rows[impact->path[i]].name);
	return buf;
}

/* Versions, the bad one, its requirements (of so many packages), what is told. */
struct pick_row {
	const char *versions, *bad, *requirements, *told, *would_pick;
};

/* A workspace whose members demand these. */
static void lock_with_requirements(const char *bad, const char *requirements)
{
	static struct lock_row rows[2];
	static char edges[4096];
	char copy[4096];
	size_t len = 0;
	char *state = NULL;

	snprintf(copy, sizeof copy, "%s", requirements);
	for (char *it = strtok_r(copy, ";", &state); it; it = strtok_r(NULL, ";", &state))
		len += (size_t)snprintf(edges + len, sizeof edges - len, "%s1:%s", len ? ";" : "", it);
	rows[0] = (struct lock_row){"app", "0.1.0", LOCK_MEMBER, edges, NULL};
	rows[1] = (struct lock_row){"demo", bad, LOCK_REGISTRY, NULL, NULL};
	make_lock(&maker, rows, 2);
}

static void check_picks(const struct pick_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char buf[4096];
		lock_with_requirements(rows[i].bad, rows[i].requirements);
		OWNED(impact_release) struct impact impact = ask(&maker, rows[i].bad, rows[i].versions);
		assert_true(impact.hits && impact.locked && !impact.assumed);
		assert_string_equal(told(&impact, buf), rows[i].told);
		if (rows[i].would_pick)
			assert_string_equal(impact.would_pick, rows[i].would_pick);
		else
			assert_null(impact.would_pick);
	}
}

/* The manual of cargo-yank, "How yank works": what a new resolution takes. */
static void the_manual_of_cargo_yank_holds(void **state)
{
	(void)state;
	static const struct pick_row rows[] = {
		{"1.5.0! 1.5.1 1.5.2 2.0.0 3.0.0", "1.5.0", "1.5.0", "1.5.0=1.5.2", "1.5.2"},
		{"1.5.0! 1.5.1 1.5.2 2.0.0 3.0.0", "1.5.0", "=1.5.0", "=1.5.0=-", NULL},
		{"1.5.0 1.5.1! 1.5.2 2.0.0 3.0.0", "1.5.1", "1.5.0", "1.5.0=1.5.2", "1.5.2"},
		{"1.5.0 1.5.1 1.5.2! 2.0.0 3.0.0", "1.5.2", "1.5.0", "1.5.0=1.5.1", "1.5.1"},
		{"1.5.0 1.5.1 1.5.2 2.0.0! 3.0.0", "2.0.0", "2.0.0", "2.0.0=-", NULL},
		{"1.5.0 1.5.1 1.5.2 2.0.0! 2.0.1 3.0.0", "2.0.0", "2.0.0", "2.0.0=2.0.1", "2.0.1"},
	};

	check_picks(rows, ARRAY_LEN(rows));
}

static void picks_are_the_highest_that_go_together(void **state)
{
	(void)state;
	static const struct pick_row rows[] = {
		/* the bad one itself is not taken, whatever the index says of it by now */
		{"1.0.0 1.1.0", "1.1.0", "^1", "^1=1.0.0", "1.0.0"},
		/* all of one bucket take the same */
		{"1.0.0 1.0.5 1.1.0! 1.3.0", "1.1.0", "^1;<1.2", "^1=1.0.5 <1.2=1.0.5", "1.0.5"},
		{"1.0.0 1.0.5! 1.2.0", "1.0.5", "^1;~1.0;>=1.0", "^1=1.0.0 ~1.0=1.0.0 >=1.0=1.0.0", "1.0.0"},
		/* one that may leave the bucket does not follow the others */
		{"1.0.0 1.1.0! 2.0.0", "1.1.0", "^1;>=1", "^1=1.0.0 >=1=2.0.0", "1.0.0"},
		{"1.0.0! 2.0.0 3.0.0", "1.0.0", ">=1;>=1, <3", ">=1=3.0.0 >=1, <3=2.0.0", "3.0.0"},
		/* and makes way in it, when there is one lower */
		{"1.0.0! 2.0.0 2.1.0", "1.0.0", ">=1;>=1, <2.1", ">=1=2.0.0 >=1, <2.1=2.0.0", "2.0.0"},
		/* 0.x and 0.0.x have buckets of their own */
		{"0.1.0! 0.1.1 0.2.0", "0.1.0", "^0.1;>=0.1", "^0.1=0.1.1 >=0.1=0.2.0", "0.1.1"},
		{"0.0.1! 0.0.2", "0.0.1", "^0.0.1;>=0.0.1", "^0.0.1=- >=0.0.1=0.0.2", NULL},
		/* none fits: the others are told what they could have without it */
		{"1.0.0 1.1.0! 1.2.0", "1.1.0", "=1.1.0;^1.1", "=1.1.0=- ^1.1=1.2.0", NULL},
		/* each has one, but not together */
		{"1.0.0 1.1.0! 1.2.0", "1.1.0", "<=1.1;>=1.1", "<=1.1=- >=1.1=-", NULL},
		/* no usable version at all */
		{"1.0.0!", "1.0.0", "^1", "^1=-", NULL},
		{"", "1.0.0", "^1", "^1=-", NULL},
		/* a pre-release only where it is named */
		{"1.0.0! 1.1.0-rc.1", "1.0.0", "^1", "^1=-", NULL},
		{"1.0.0-rc.1! 1.0.0-rc.2", "1.0.0-rc.1", "^1.0.0-rc.1", "^1.0.0-rc.1=1.0.0-rc.2", "1.0.0-rc.2"},
		/* what is no version is never picked */
		{"1.0.0! 1.x.y 1.0.1", "1.0.0", "^1", "^1=1.0.1", "1.0.1"},
		/* versions that differ in build metadata alone */
		{"1.0.0+a! 1.0.0+b 1.0.0", "1.0.0+a", "=1.0.0", "=1.0.0=1.0.0+b", "1.0.0+b"},
		/* the same requirement of two packages is one */
		{"1.0.0! 1.0.1", "1.0.0", "^1;^1;^1.0;^1", "^1=1.0.1 ^1.0=1.0.1", "1.0.1"},
	};

	check_picks(rows, ARRAY_LEN(rows));
}

static void what_the_lockfile_holds_besides_goes_first(void **state)
{
	(void)state;
	char buf[4096];

	LOCK_OF({"app", "0.1.0", LOCK_MEMBER, "1:>=1;2:^2;3:^3", NULL}, {"demo", "1.0.0", LOCK_REGISTRY, NULL, NULL},
		{"demo", "2.0.0", LOCK_REGISTRY, NULL, NULL}, {"demo", "3.1.0", LOCK_REGISTRY, NULL, NULL});
	/* Even when it is yanked itself; of two that are held the lower one. */
	OWNED(impact_release) struct impact impact = ask(&maker, "1.0.0", "1.0.0! 1.0.1 2.0.0! 2.9.0 3.1.0 4.0.0");
	assert_string_equal(told(&impact, buf), ">=1=2.0.0");
	assert_string_equal(impact.would_pick, "2.0.0");
	assert_false(impact.splits);
	/* Nothing is taken that is alike what is held: 2.1.0 does not go with 2.9.0. */
	LOCK_OF({"app", "0.1.0", LOCK_MEMBER, "1:>=1, <2.5;2:^2.9", NULL}, {"demo", "1.0.0", LOCK_REGISTRY, NULL, NULL},
		{"demo", "2.9.0", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact other = ask(&maker, "1.0.0", "1.0.0! 1.1.0 2.1.0 2.9.0 3.0.0");
	assert_string_equal(told(&other, buf), ">=1, <2.5=1.1.0");
}

/* As cargo goes: outwards from the members, and who is met first is served first when it has as few to choose from. */
static void demands_are_met_from_the_workspace_outwards(void **state)
{
	(void)state;
	char buf[4096];

	LOCK_OF({"a", "1.0.0", LOCK_REGISTRY, "4", "<=2.1"}, {"c", "1.0.0", LOCK_REGISTRY, "4", "^2"},
		{"app", "0.1.0", LOCK_MEMBER, "1", NULL}, {"tool", "0.1.0", LOCK_MEMBER, "0", NULL},
		{"demo", "2.0.1", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact impact = ask(&maker, "2.0.1", "2.5.0 2.2.0 2.1.1 2.0.1! 1.5.0 1.1.1");
	assert_string_equal(told(&impact, buf), "^2=2.5.0 <=2.1=1.5.0");
}

static void picks_may_split(void **state)
{
	(void)state;
	lock_with_requirements("1.1.0", "^1;>=1");
	OWNED(impact_release) struct impact impact = ask(&maker, "1.1.0", "1.0.0 1.1.0! 2.0.0");

	assert_true(impact.splits);
	assert_string_equal(impact.would_pick, "1.0.0"); /* the one alike the bad one */
	lock_with_requirements("1.1.0", "^1;=1.1.0");
	OWNED(impact_release) struct impact stuck = ask(&maker, "1.1.0", "1.0.0 1.1.0! 2.0.0");
	assert_true(stuck.splits);
}

static void demands_come_from_the_edge_or_the_index_or_are_assumed(void **state)
{
	(void)state;
	char buf[4096];

	LOCK_OF({"app", "0.1.0", LOCK_MEMBER, "1;2;3;5:^1.0.2", NULL},
		{"known", "1.0.0", LOCK_REGISTRY, "5", "^1;^2;=0.9"}, /* the others belong to other edges */
		{"unknown", "1.0.0", LOCK_REGISTRY, "5", NULL}, {"wrong", "1.0.0", LOCK_REGISTRY, "5", "^7;nonsense"},
		{"git", "1.0.0", LOCK_GIT, "5", "^1"}, {"demo", "1.0.3", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact impact = ask(&maker, "1.0.3", "1.0.3! 1.0.2 1.0.4");
	assert_string_equal(told(&impact, buf), "^1.0.2=1.0.4 ^1=1.0.4 ^1.0.3?=1.0.4");
	assert_true(impact.assumed);
	/* The edge states what does not allow it, or makes no sense: nobody knows. */
	LOCK_OF({"app", "0.1.0", LOCK_MEMBER, "1:^3;1:?", NULL}, {"demo", "1.0.0", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact odd = ask(&maker, "1.0.0", "1.0.0!");
	assert_string_equal(told(&odd, buf), "^1.0.0?=-");
	/* Nothing depends on it. */
	LOCK_OF({"app", "0.1.0", LOCK_MEMBER, NULL, NULL}, {"demo", "1.0.0", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact alone = ask(&maker, "1.0.0", "1.0.0! 1.5.0");
	assert_string_equal(told(&alone, buf), "^1.0.0?=1.5.0");
	assert_int_equal(alone.n_path, 1);
	assert_int_equal(alone.path[0], 1);
}

static void a_version_that_is_none_has_no_pick(void **state)
{
	(void)state;
	char buf[4096];

	lock_with_requirements("1.0", "^1");
	OWNED(impact_release) struct impact impact = ask(&maker, "1.0", "1.0! 1.0.1");
	assert_true(impact.hits && impact.locked);
	assert_string_equal(told(&impact, buf), "^1.0?=1.0.1"); /* as a requirement it makes sense */
	lock_with_requirements("nightly", "^1");
	OWNED(impact_release) struct impact other = ask(&maker, "nightly", "nightly! 1.0.1");
	assert_string_equal(told(&other, buf), "^nightly?=-");
}

static void one_that_is_not_locked_hits_who_allows_it(void **state)
{
	(void)state;
	char buf[4096];
	char path[1024];

	LOCK_OF({"app", "0.1.0", LOCK_MEMBER, "1;2;3:=1.0.0", NULL}, {"far", "1.0.0", LOCK_REGISTRY, "2", NULL},
		{"http", "1.0.0", LOCK_REGISTRY, "3;4", "^1.0;^2"}, {"demo", "1.0.0", LOCK_REGISTRY, NULL, NULL},
		{"demo", "2.0.0", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact impact = ask(&maker, "1.0.1", "1.0.0 1.0.1! 1.0.2 2.0.0");
	assert_true(impact.hits && !impact.locked && !impact.assumed);
	assert_string_equal(told(&impact, buf), "^1.0=1.0.0"); /* it is locked to that, which is no reason to move */
	assert_string_equal(impact.would_pick, "1.0.0");
	assert_string_equal(path_of(&impact, path), "app http demo");
	OWNED(impact_release) struct impact other = ask(&maker, "2.0.1", "1.0.0 2.0.0 2.0.1!");
	assert_string_equal(told(&other, buf), "^2=2.0.0");
	assert_int_equal(other.path[2], 4);
	/* Nobody allows it; and what nobody knows is no reason to alarm. */
	OWNED(impact_release) struct impact none = ask(&maker, "0.9.0", "0.9.0! 1.0.0");
	assert_false(none.hits);
	assert_int_equal(none.n_demands + none.n_path, 0);
	LOCK_OF({"app", "0.1.0", LOCK_MEMBER, "1", NULL}, {"demo", "1.0.0", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact unknown = ask(&maker, "1.0.1", "1.0.0 1.0.1!");
	assert_false(unknown.hits);
}

static void the_path_is_the_shortest_from_the_workspace(void **state)
{
	(void)state;
	char path[1024];

	/* With circles, a second member, and a way that leads nowhere. */
	LOCK_OF({"lonely", "1.0.0", LOCK_REGISTRY, "6", "^1"}, {"app", "0.1.0", LOCK_MEMBER, "3;5", NULL},
		{"tool", "0.1.0", LOCK_MEMBER, "1;4", NULL}, {"a", "1.0.0", LOCK_REGISTRY, "4", NULL},
		{"b", "1.0.0", LOCK_REGISTRY, "3;6;1", "^1"}, {"c", "1.0.0", LOCK_REGISTRY, "3", NULL},
		{"demo", "1.0.0", LOCK_REGISTRY, "3", NULL});
	OWNED(impact_release) struct impact impact = ask(&maker, "1.0.0", "1.0.0!");
	assert_string_equal(path_of(&impact, path), "tool b demo");
	/* A member that depends on it itself. */
	LOCK_OF({"b", "1.0.0", LOCK_REGISTRY, "2", "^1"}, {"app", "0.1.0", LOCK_MEMBER, "0;2", NULL},
		{"demo", "1.0.0", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact direct = ask(&maker, "1.0.0", "1.0.0!");
	assert_string_equal(path_of(&direct, path), "app demo");
	/* Nothing leads there from a member. */
	LOCK_OF({"b", "1.0.0", LOCK_REGISTRY, "1", "^1"}, {"demo", "1.0.0", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact alone = ask(&maker, "1.0.0", "1.0.0!");
	assert_string_equal(path_of(&alone, path), "demo");
}

static void a_lock_without_the_crate_is_not_hit(void **state)
{
	(void)state;
	LOCK_OF({"app", "0.1.0", LOCK_MEMBER, NULL, NULL});
	OWNED(impact_release) struct impact impact = ask(&maker, "1.0.0", "1.0.0! 1.0.1");
	assert_false(impact.hits);
	make_lock(&maker, NULL, 0);
	OWNED(impact_release) struct impact empty = ask(&maker, "1.0.0", "");
	assert_false(empty.hits);
}

/* ---- hostile lockfiles and registries: all is bounded ---- */

/* Members that each demand something else of it. */
static void more_demands_than_there_is_room_for_are_cut(void **state)
{
	(void)state;
	static struct lock_row rows[IMPACT_PICKS_MAX + 21];
	static char edges[ARRAY_LEN(rows)][32];
	const size_t n = ARRAY_LEN(rows);

	rows[0] = (struct lock_row){"demo", "1.999.0", LOCK_REGISTRY, NULL, NULL};
	for (size_t i = 1; i < n; i++) {
		snprintf(edges[i], sizeof edges[i], "0:^1.%zu", i);
		rows[i] = (struct lock_row){"app", "0.1.0", LOCK_MEMBER, edges[i], NULL};
	}
	make_lock(&maker, rows, n);
	OWNED(impact_release) struct impact impact = ask(&maker, "1.999.0", "1.999.0! 1.500.0 1.60.0");
	assert_int_equal(impact.n_demands, IMPACT_PICKS_MAX);
	assert_string_equal(impact.would_pick, "1.500.0");
}

/* 20,000 versions, and as many demands as there may be that meet in one bucket: the one that is content with the
 * fewest leads, the others follow. */
static void the_search_is_short(void **state)
{
	(void)state;
	enum { MAJORS = 2000, MINORS = 10 };
	static struct impact_version versions[MAJORS * MINORS];
	static char texts[MAJORS * MINORS][16];
	static struct impact_demand demands[IMPACT_PICKS_MAX];
	static char requirements[IMPACT_PICKS_MAX][64];
	struct err err;

	for (unsigned i = 0; i < ARRAY_LEN(versions); i++) {
		snprintf(texts[i], sizeof texts[i], "%u.%u.0", i / MINORS + 1, i % MINORS);
		versions[i] = (struct impact_version){texts[i], true};
	}
	for (size_t i = 0; i < ARRAY_LEN(demands); i++) {
		snprintf(requirements[i], sizeof requirements[i], ">=1.%zu, <1000.%zu", i % 10, (i + 5) % 9 + 1);
		demands[i].requirement = requirements[i];
	}
	make_lock(&maker, NULL, 0);
	const struct impact_question question = {
		.lock = &maker.lock,
		.is_crate = maker.is_crate,
		.version = "0.0.0",
		.versions = versions,
		.n_versions = ARRAY_LEN(versions),
	};
	assert_int_equal(impact_pick(&question, demands, ARRAY_LEN(demands), &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(demands); i++)
		assert_string_equal(demands[i].pick, "1000.0.0");
}

/* A chain that is as long as a lockfile can be, closed to a circle, and as many edges as one can have. */
static void a_lockfile_of_the_greatest_size_is_gone_through(void **state)
{
	(void)state;
	enum { N = LOCK_PACKAGES_MAX, MORE = LOCK_EDGES_MAX - N };
	struct lock_package *packages = calloc(N, sizeof *packages);
	struct lock_edge *edges = calloc(LOCK_EDGES_MAX, sizeof *edges);
	bool *is_crate = calloc(N, sizeof *is_crate);
	static const char texts[] = "\0"
				    "1.0.0\0"
				    "^1";
	const struct impact_version version = {"1.0.0", false};
	struct lock lock = {.packages = packages,
			    .edges = edges,
			    .texts = texts,
			    .n_packages = N,
			    .n_edges = LOCK_EDGES_MAX,
			    .n_texts = sizeof texts};
	struct err err;

	for (uint32_t i = 0; i < N; i++) {
		packages[i] = (struct lock_package){
			.version = 1, .origin = i ? LOCK_GIT : LOCK_MEMBER, .edges = i, .n_edges = 1};
		edges[i].to = (i + 1) % N;
	}
	packages[N - 1].n_edges += MORE; /* all of them to the crate, and what is asked for is the same */
	for (uint32_t i = N; i < LOCK_EDGES_MAX; i++)
		edges[i] = (struct lock_edge){.to = N - 2, .requirement = 7};
	is_crate[N - 2] = true;
	const struct impact_question question = {
		.lock = &lock, .is_crate = is_crate, .version = "1.0.0", .versions = &version, .n_versions = 1};
	OWNED(impact_release) struct impact impact = {0};
	assert_int_equal(impact_find(&question, &impact, &err), 0);
	assert_int_equal(impact.n_path, N - 1);
	assert_int_equal(impact.n_demands, 2);
	free(packages);
	free(edges);
	free(is_crate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_of_cargo_yank_holds),
		cmocka_unit_test(picks_are_the_highest_that_go_together),
		cmocka_unit_test(what_the_lockfile_holds_besides_goes_first),
		cmocka_unit_test(demands_are_met_from_the_workspace_outwards),
		cmocka_unit_test(picks_may_split),
		cmocka_unit_test(demands_come_from_the_edge_or_the_index_or_are_assumed),
		cmocka_unit_test(a_version_that_is_none_has_no_pick),
		cmocka_unit_test(one_that_is_not_locked_hits_who_allows_it),
		cmocka_unit_test(the_path_is_the_shortest_from_the_workspace),
		cmocka_unit_test(a_lock_without_the_crate_is_not_hit),
		cmocka_unit_test(more_demands_than_there_is_room_for_are_cut),
		cmocka_unit_test(the_search_is_short),
		cmocka_unit_test(a_lockfile_of_the_greatest_size_is_gone_through),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
