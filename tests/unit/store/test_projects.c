/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "model/lock_sources.h"
#include "store/projects.h"

#define NOW INT64_C(1795253400000)
#define REGISTRY "registry+https://index.example/"

/* One registry "r", whose packages are those of REGISTRY. */
static const struct lock_source sources_of_r[] = {{"https://index.example", "r"}};

struct world {
	struct projects projects;
	struct lock_sources sources;
	struct watch_changes changes;
};

static void begin(struct world *world, struct db *db)
{
	*world = (struct world){.sources = {sources_of_r, 1}};
	world->changes.registry = strdup("r");
	world->projects = (struct projects){
		.db = db, .sources = &world->sources, .now_ms = NOW, .changes = &world->changes, .n_registries = 1};
}

static void end(struct world *world)
{
	watch_changes_release(&world->changes);
}

/* "demo 1.0.0, other 2.0.0": packages of REGISTRY and a member of the workspace. */
static void make_lock(const char *text, struct lock *ret)
{
	struct err err = {0};
	struct lock_builder *builder = lock_builder_new(LOCK_CARGO, 4);
	char *copy = strdup(text);
	char *rest = copy;
	char *package;
	uint32_t index;

	assert_non_null(builder);
	ok(lock_builder_package(builder, &(struct lock_new_package){"app", "0.1.0", NULL, NULL, LOCK_MEMBER}, &index,
				&err));
	while ((package = strsep(&rest, ","))) {
		char *name = strsep(&package, " ");
		const struct lock_new_package added = {name, package, REGISTRY, NULL, LOCK_REGISTRY};
		ok(lock_builder_package(builder, &added, &index, &err));
		ok(lock_builder_edge(builder, 0, index, NULL, &err));
	}
	ok(lock_builder_finish(builder, ret, &err));
	lock_builder_free(builder);
	free(copy);
}

static struct project_put put(struct world *world, const char *project, enum project_origin origin, const char *path,
			      const char *packages)
{
	OWNED(lock_release) struct lock lock = {0};
	struct project_lockfile lockfile = {
		.project = project, .team = "sec", .origin = origin, .path = path, .lock = &lock};
	struct project_put ret;
	struct err err = {0};

	make_lock(packages, &lock);
	(void)snprintf((char *)lockfile.digest, sizeof lockfile.digest, "%s", packages);
	ok(projects_put(&world->projects, &lockfile, &ret, &err));
	return ret;
}

static int64_t listed(struct db *db, const char *crate)
{
	char sql[128];

	(void)snprintf(sql, sizeof sql, "SELECT coalesce(max(listed), -1) FROM crate WHERE name = '%s'", crate);
	return number(db, sql);
}

static int64_t unlocked(struct db *db, const char *crate)
{
	char sql[128];

	(void)snprintf(sql, sizeof sql, "SELECT unlocked_ms FROM crate WHERE name = '%s'", crate);
	return number(db, sql);
}

static void check_changes(const struct world *world, const char *expected)
{
	OWNED_STRBUF struct strbuf text = {0};

	for (size_t i = 0; i < world->changes.count; i++)
		strbuf_addf(&text, " %c%s",
			    world->changes.items[i].removed  ? '-'
			    : world->changes.items[i].afresh ? '*'
							     : '+',
			    watch_changes_crate(&world->changes, i));
	assert_string_equal(strbuf_str(&text), expected);
}

static void what_a_lockfile_holds_is_watched(void **state)
{
	struct fixture *f = *state;
	OWNED(end) struct world world;

	begin(&world, f->db);
	struct project_put ret = put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0,new 2.0.0,demo 0.9.0");
	assert_true(ret.added && ret.changed);
	assert_int_equal(ret.matched, 3);
	assert_int_equal(ret.packages, 4);
	check_changes(&world, " +new"); /* demo is listed by the configuration, and not looked at yet */
	assert_int_equal(listed(f->db, "demo"), LISTED_CONFIGURATION | LISTED_PROJECT);
	assert_int_equal(listed(f->db, "new"), LISTED_PROJECT);
	assert_int_equal(number(f->db, "SELECT count(*) FROM locked"), 3);
	assert_int_equal(number(f->db, "SELECT count(*) FROM demands WHERE list IS NULL"), 3);
}

static void the_same_bytes_again_change_nothing(void **state)
{
	struct fixture *f = *state;
	OWNED(end) struct world world;

	begin(&world, f->db);
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0");
	int64_t written = db_rows_written(f->db);
	struct project_put ret = put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0");
	assert_false(ret.added || ret.changed);
	assert_int_equal(db_rows_written(f->db), written);
}

static void what_it_holds_no_more_is_unlocked_unless_another_holds_it(void **state)
{
	struct fixture *f = *state;
	OWNED(end) struct world world;

	begin(&world, f->db);
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/a", "x 1.0.0,y 1.0.0,z 1.0.0");
	(void)put(&world, "edge", PROJECT_SENT, "", "y 2.0.0");
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/a", "z 1.0.1");
	assert_int_equal(unlocked(f->db, "x"), NOW);
	assert_int_equal(unlocked(f->db, "y"), 0);
	assert_int_equal(unlocked(f->db, "z"), 0);
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/a", "x 1.0.0");
	assert_int_equal(unlocked(f->db, "x"), 0);
	assert_int_equal(unlocked(f->db, "z"), NOW);
}

static void an_unlocked_crate_goes_after_its_time_unless_somebody_lists_it(void **state)
{
	struct fixture *f = *state;
	OWNED(end) struct world world;
	OWNED_MEM char *registry = NULL;
	struct err err = {0};
	char *crate = NULL;
	unsigned gone = 0;
	unsigned left = 0;
	bool is_gone;

	begin(&world, f->db);
	struct project_put ret = put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0,x 1.0.0");
	ok(projects_unlock(&world.projects, ret.lockfile, &err));
	ok(watches_next_unlocked(f->db, NOW - 1, &registry, &crate, &is_gone, &err));
	assert_null(crate);
	do {
		free(TAKE(registry));
		ok(watches_next_unlocked(f->db, NOW, &registry, &crate, &is_gone, &err));
		gone += crate && is_gone;
		left += crate && !is_gone;
		if (crate && is_gone)
			assert_string_equal(crate, "x");
		free(crate);
	} while (crate);
	assert_int_equal(gone, 1);
	assert_int_equal(left, 1);
	assert_int_equal(listed(f->db, "demo"), LISTED_CONFIGURATION);
	assert_int_equal(listed(f->db, "x"), 0);
	assert_int_equal(number(f->db, "SELECT count(*) FROM demands"), 1); /* of demo, which is watched still */
}

static void a_project_is_of_one_origin(void **state)
{
	struct fixture *f = *state;
	OWNED(end) struct world world;
	OWNED(lock_release) struct lock lock = {0};
	struct project_put ret;
	struct err err = {0};
	int64_t project;

	begin(&world, f->db);
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0");
	(void)put(&world, "edge", PROJECT_SENT, "", "demo 1.0.0");
	make_lock("demo 1.0.0", &lock);
	const struct project_lockfile sent = {
		.project = "payments", .team = "", .origin = PROJECT_SENT, .path = "", .lock = &lock};
	assert_int_equal(projects_put(&world.projects, &sent, &ret, &err), ERR_REFUSED);
	const struct project_lockfile configured = {
		.project = "edge", .team = "", .origin = PROJECT_CONFIGURED, .path = "/b", .lock = &lock};
	assert_int_equal(projects_put(&world.projects, &configured, &ret, &err), ERR_REFUSED);
	assert_int_equal(projects_empty(&world.projects, "payments", &project, &err), ERR_REFUSED);
	assert_int_equal(projects_empty(&world.projects, "nope", &project, &err), ERR_ABSENT);
	ok(projects_empty(&world.projects, "edge", &project, &err));
	ok(projects_forget(f->db, project, &err));
	assert_int_equal(number(f->db, "SELECT count(*) FROM project"), 1);
}

static void a_lockfile_that_cannot_be_read_keeps_what_it_had(void **state)
{
	struct fixture *f = *state;
	OWNED(end) struct world world;
	struct project_put ret;
	struct err err = {0};

	begin(&world, f->db);
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0");
	const struct project_lockfile faulty = {.project = "payments",
						.team = "sec",
						.origin = PROJECT_CONFIGURED,
						.path = "/a",
						.fault = "line 1: no"};
	ok(projects_put(&world.projects, &faulty, &ret, &err));
	assert_false(ret.changed);
	assert_int_equal(number(f->db, "SELECT count(*) FROM locked"), 1);
	assert_int_equal(number(f->db, "SELECT count(*) FROM lockfile WHERE fault = 'line 1: no'"), 1);
	ret = put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0");
	assert_true(ret.changed); /* it is well again */
	assert_int_equal(number(f->db, "SELECT count(*) FROM lockfile WHERE fault IS NULL"), 1);
}

static size_t match_all(struct world *world, size_t most)
{
	struct project_put matched = {0};
	struct err err = {0};
	size_t n = 0;

	do
		ok(projects_match_next(&world->projects, &matched, &err));
	while (matched.lockfile && ++n < most);
	for (size_t i = 0; i < world->projects.n_registries; i++)
		watch_changes_sort(&world->projects.changes[i]);
	return n;
}

static void other_sources_match_other_packages(void **state)
{
	struct fixture *f = *state;
	OWNED(end) struct world world;

	begin(&world, f->db);
	world.sources.n = 0;
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0,x 1.0.0");
	assert_int_equal(number(f->db, "SELECT count(*) FROM locked"), 0);
	assert_int_equal(match_all(&world, 9), 1); /* nobody knows what they were put with */
	assert_int_equal(match_all(&world, 9), 0);
	world.sources.n = 1;
	assert_int_equal(match_all(&world, 9), 1);
	check_changes(&world, " +x");
	assert_int_equal(number(f->db, "SELECT count(*) FROM locked"), 2);
	assert_int_equal(number(f->db, "SELECT matched FROM lockfile"), 2);
	assert_int_equal(match_all(&world, 9), 0);
}

static void lockfiles_are_matched_from_the_first_when_sources_change_in_between(void **state)
{
	struct fixture *f = *state;
	OWNED(end) struct world world;

	begin(&world, f->db);
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0");
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/b", "demo 1.0.0");
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/c", "demo 1.0.0");
	assert_int_equal(match_all(&world, 9), 3);
	world.sources.n = 0;
	assert_int_equal(match_all(&world, 2), 2); /* and a crash, say */
	assert_int_equal(number(f->db, "SELECT count(*) FROM locked"), 1);
	assert_int_equal(match_all(&world, 9), 1);
	world.sources.n = 1;
	assert_int_equal(match_all(&world, 1), 1);
	world.sources.n = 0; /* those of before */
	assert_int_equal(match_all(&world, 1), 1);
	world.sources.n = 1;
	assert_int_equal(match_all(&world, 9), 3);
	assert_int_equal(number(f->db, "SELECT count(*) FROM locked"), 3);
}

static void lockfiles_that_are_not_named_any_more_are_found_one_after_the_other(void **state)
{
	static const char *const named[][2] = {{"payments", "/a"}, {"edge", "/c"}};
	struct fixture *f = *state;
	OWNED(end) struct world world;
	struct project_put unnamed = {0};
	struct err err = {0};

	begin(&world, f->db);
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/a", "demo 1.0.0");
	(void)put(&world, "payments", PROJECT_CONFIGURED, "/b", "demo 1.0.0");
	(void)put(&world, "edge", PROJECT_CONFIGURED, "/a", "demo 1.0.0");
	(void)put(&world, "sent", PROJECT_SENT, "", "demo 1.0.0");
	for (unsigned i = 0; i < 2; i++) {
		ok(projects_find_unnamed(f->db, named, 2, unnamed.lockfile, &unnamed, &err));
		assert_true(unnamed.lockfile != 0);
		ok(projects_unlock(&world.projects, unnamed.lockfile, &err));
		ok(projects_forget(f->db, unnamed.project, &err));
	}
	ok(projects_find_unnamed(f->db, named, 2, unnamed.lockfile, &unnamed, &err));
	assert_int_equal(unnamed.lockfile, 0);
	assert_int_equal(number(f->db, "SELECT count(*) FROM lockfile"), 2);
	assert_int_equal(number(f->db, "SELECT count(*) FROM project WHERE name IN ('payments', 'sent')"), 2);
	assert_int_equal(number(f->db, "SELECT count(*) FROM project"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(what_a_lockfile_holds_is_watched),
		store_test(the_same_bytes_again_change_nothing),
		store_test(what_it_holds_no_more_is_unlocked_unless_another_holds_it),
		store_test(an_unlocked_crate_goes_after_its_time_unless_somebody_lists_it),
		store_test(a_project_is_of_one_origin),
		store_test(a_lockfile_that_cannot_be_read_keeps_what_it_had),
		store_test(other_sources_match_other_packages),
		store_test(lockfiles_are_matched_from_the_first_when_sources_change_in_between),
		store_test(lockfiles_that_are_not_named_any_more_are_found_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
