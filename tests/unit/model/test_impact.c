/* SPDX-License-Identifier: Apache-2.0 */
/* Impact: whom a bad version hits, over which path, and what cargo would take instead. Held against cargo itself by
 * tests/integration/test_cargo_resolution.py. */
#include "impact_fixture.h"

static struct lock_maker maker;

#define LOCK_OF(...)                                             \
	do {                                                     \
		static const struct lock_row rows_[] = {__VA_ARGS__}; \
		make_lock(&maker, rows_, ARRAY_LEN(rows_));      \
	} while (0)

static const char *path_of(const struct impact *impact, char buf[static 1024])
{
	size_t len = 0;

	*buf = '\0';
	for (size_t i = 0; i < impact->n_path; i++)
		len += (size_t)snprintf(buf + len, 1024 - len, "%s%s", i ? " " : "",
					maker.rows[impact->path[i]].name);
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
	/* Nothing is taken that is alike what is held: here what a lockfile cannot hold, alike the bad one itself. */
	LOCK_OF({"app", "0.1.0", LOCK_MEMBER, "1:<2.9, >2.0.0-x;2:=2.0.0-a", NULL},
		{"demo", "2.8.0", LOCK_REGISTRY, NULL, NULL}, {"demo", "2.0.0-a", LOCK_REGISTRY, NULL, NULL});
	OWNED(impact_release) struct impact other = ask(&maker, "2.8.0", "2.8.0! 2.7.0 2.0.0-a");
	assert_string_equal(told(&other, buf), "<2.9, >2.0.0-x=-");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_of_cargo_yank_holds),
		cmocka_unit_test(picks_are_the_highest_that_go_together),
		cmocka_unit_test(what_the_lockfile_holds_besides_goes_first),
		cmocka_unit_test(picks_may_split),
		cmocka_unit_test(demands_come_from_the_edge_or_the_index_or_are_assumed),
		cmocka_unit_test(a_version_that_is_none_has_no_pick),
		cmocka_unit_test(one_that_is_not_locked_hits_who_allows_it),
		cmocka_unit_test(the_path_is_the_shortest_from_the_workspace),
		cmocka_unit_test(a_lock_without_the_crate_is_not_hit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
