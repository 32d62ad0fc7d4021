/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about an event beside its canonical bytes. */
#include "fixture.h"

#include "store/annotations.h"

static void projects_come_back_in_their_order(void **state)
{
	static const struct event_project projects[] = {{"payments", "sec", false},
							{"web", "", true},
							{"it's \"odd\" \xe2\x80\xae", "t\n", true},
							{"last", "", false}};
	OWNED(annotation_projects_release) struct annotation_projects loaded = {0};
	struct fixture *f = *state;
	struct err err = {0};
	const struct event event = append_event(f->db, f->crate, "1.0.0", 1);

	ok(annotations_add(f->db, event.seq, "\"usable_versions\":1", projects, ARRAY_LEN(projects), &err));
	ok(annotations_projects(f->db, event.seq, &loaded, &err));
	assert_int_equal(loaded.count, ARRAY_LEN(projects));
	for (size_t i = 0; i < loaded.count; i++) {
		assert_string_equal(loaded.items[i].project, projects[i].project);
		assert_string_equal(loaded.items[i].team, projects[i].team);
	}
	assert_int_equal(loaded.n_locked, 2);
	assert_string_equal(loaded.locked, "web");
	assert_int_equal(number(f->db, "SELECT count(*) FROM annotation WHERE members = '\"usable_versions\":1'"), 1);
}

static void an_event_may_hit_nobody_and_have_nothing_said_of_it(void **state)
{
	static const char *const nothing[] = {NULL, ""};
	struct fixture *f = *state;
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
		OWNED(annotation_projects_release) struct annotation_projects loaded = {0};
		const struct event event = append_event(f->db, f->crate, "1.0.0", 1);
		ok(annotations_add(f->db, event.seq, nothing[i], NULL, 0, &err));
		ok(annotations_projects(f->db, event.seq, &loaded, &err));
		assert_int_equal(loaded.count, 0);
		assert_null(loaded.locked);
	}
	assert_int_equal(number(f->db, "SELECT count(*) FROM annotation"), 0);
}

static void a_thousand_projects_fit(void **state)
{
	OWNED(annotation_projects_release) struct annotation_projects loaded = {0};
	struct event_project projects[1000];
	char names[1000][16];
	struct fixture *f = *state;
	struct err err = {0};
	const struct event event = append_event(f->db, f->crate, "1.0.0", 1);

	for (size_t i = 0; i < ARRAY_LEN(projects); i++) {
		(void)snprintf(names[i], sizeof names[i], "p%zu", i);
		projects[i] = (struct event_project){names[i], "", false};
	}
	ok(annotations_add(f->db, event.seq, NULL, projects, ARRAY_LEN(projects), &err));
	ok(annotations_projects(f->db, event.seq, &loaded, &err));
	assert_int_equal(loaded.count, 1000);
	assert_string_equal(loaded.items[999].project, "p999");
	assert_int_equal(loaded.n_locked, 0);
	assert_null(loaded.locked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(projects_come_back_in_their_order),
		store_test(an_event_may_hit_nobody_and_have_nothing_said_of_it),
		store_test(a_thousand_projects_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
