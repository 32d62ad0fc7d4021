/* SPDX-License-Identifier: Apache-2.0 */
/* What a silence holds back, and which silences a person may not set. */
#include "model/silence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795253400000)

static const struct routed_project projects[] = {{"payments", "sec"}, {"edge", "web"}};
static const struct routed_event yank = {.kind = EVENT_YANKED,
					 .severity = SEVERITY_HIGH,
					 .registry = "crates-io",
					 .crate = "serde_json",
					 .projects = projects,
					 .n_projects = 2};

static void a_silence_matches_when_all_that_it_gives_does(void **state)
{
	(void)state;
	static const struct {
		struct silence_match match;
		bool matches;
	} rows[] = {
		{{.registry = "crates-io"}, true},
		{{.registry = "crates"}, false},
		{{.registry = "crates-*"}, false}, /* no pattern */
		{{.crate = "serde_json"}, true},
		{{.crate = "serde*"}, true},
		{{.crate = "serde"}, false},
		{{.version = "1.2.3"}, true},
		{{.version = "1.2"}, false},
		{{.project = "other"}, false},
		{{.kinds = 1u << EVENT_YANKED}, true},
		{{.kinds = 1u << EVENT_YANKED | 1u << EVENT_PUBLISHED}, true},
		{{.kinds = 1u << EVENT_UNYANKED}, false},
		{{.registry = "crates-io",
		  .crate = "serde*",
		  .version = "1.2.3",
		  .project = "*",
		  .kinds = 1u << EVENT_YANKED},
		 true},
		{{.registry = "crates-io",
		  .crate = "serde*",
		  .version = "1.2.4",
		  .project = "*",
		  .kinds = 1u << EVENT_YANKED},
		 false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(silence_matches(&rows[i].match, &yank, "1.2.3"), rows[i].matches);
}

static void every_project_that_the_event_hits_must_match(void **state)
{
	(void)state;
	static const struct {
		const char *project;
		size_t n_projects; /* of the two */
		bool matches;
	} rows[] = {
		{"payments", 1, true}, {"pay*", 1, true}, {"edge", 1, false}, {"payments", 2, false},
		{"edge", 2, false},    {"*e*", 2, true},  {"*", 2, true},     {"[ep]*", 2, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct silence_match match = {.project = rows[i].project};
		struct routed_event event = yank;
		event.n_projects = rows[i].n_projects;
		assert_int_equal(silence_matches(&match, &event, "1.2.3"), rows[i].matches);
	}
}

static void a_project_is_not_matched_by_an_event_of_none(void **state)
{
	(void)state;
	const struct silence_match match = {.project = "*"};
	const struct routed_event event = {.kind = EVENT_YANKED, .registry = "r", .crate = "c"};

	assert_false(silence_matches(&match, &event, "1"));
}

static void a_silence_needs_an_end_an_author_a_comment_and_something_to_match(void **state)
{
	(void)state;
	static char long_text[SILENCE_COMMENT_MAX + 2];
	const struct silence good = {
		.match = {.crate = "demo"}, .ends_ms = NOW + 1, .author = "eve", .comment = "a known one"};
	struct silence rows[12];
	static const char *const said[] = {
		"everything", "author",  "author",          "comment",         "comment",         "future",
		"future",     "too far", "registry, crate", "registry, crate", "registry, crate", "comment",
	};

	memset(long_text, 'x', sizeof long_text - 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i] = good;
	rows[0].match = (struct silence_match){0};
	rows[1].author = NULL;
	rows[2].author = "";
	rows[3].comment = NULL;
	rows[4].comment = "";
	rows[5].ends_ms = NOW;
	rows[6].ends_ms = 0;
	rows[7].ends_ms = NOW + SILENCE_MAX_MS + 1;
	rows[8].match.crate = "";
	rows[9].match.version = "1\n2";
	rows[10].match.project = long_text;
	rows[11].comment = long_text;
	assert_null(silence_complaint(&good, NOW));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *complaint = silence_complaint(&rows[i], NOW);
		assert_non_null(complaint);
		if (!strstr(complaint, said[i]))
			fail_msg("row %zu: %s", i, complaint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silence_matches_when_all_that_it_gives_does),
		cmocka_unit_test(every_project_that_the_event_hits_must_match),
		cmocka_unit_test(a_project_is_not_matched_by_an_event_of_none),
		cmocka_unit_test(a_silence_needs_an_end_an_author_a_comment_and_something_to_match),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
