/* SPDX-License-Identifier: Apache-2.0 */
/* What is noted of an event beside it: whom it hits, and as many findings as have room. */
#include "track/meaning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct impact_found make_found(const char *project, size_t json_len)
{
	struct impact_found found = {.project_name = project, .team = "", .path = "", .locked = true};

	strbuf_addc(&found.json, '{');
	while (found.json.len < json_len - 1)
		strbuf_addc(&found.json, ' ');
	strbuf_addc(&found.json, '}');
	return found;
}

static size_t noted_bytes(const struct impact_list *list, const char *state)
{
	static char registry[] = "r";
	static char name[] = "demo";
	static char good[] = "1.0.1";
	static char bad[] = "1.0.0";
	static struct impact_version versions[] = {{good, true}, {bad, false}};
	const struct impact_crate crate = {.registry = registry, .name = name, .versions = versions, .n_versions = 2};
	OWNED(meaning_release) struct meaning meaning = {0};
	struct recording_notes notes;
	struct err err = {0};

	assert_int_equal(meaning_add(&meaning, list, state, false, &err), 0);
	assert_int_equal(meaning_notes(&meaning, &crate, "1.0.0", &notes, &err), 0);
	assert_int_equal(notes.n_projects, list->n);
	return strlen(notes.members);
}

/* Else they would be dropped as a whole (annotations.h). */
static void what_is_noted_fits_however_large_the_findings_are(void **state)
{
	static const char *const states[] = {NULL, "yanked"};
	(void)state;

	for (size_t len = 1000; len < 1100; len += 3) {
		struct impact_found items[1060];
		char names[ARRAY_LEN(items)][8];
		for (size_t i = 0; i < ARRAY_LEN(items); i++) {
			(void)snprintf(names[i], sizeof names[i], "p%zu", i);
			items[i] = make_found(names[i], len);
		}
		const struct impact_list list = {.items = items, .n = ARRAY_LEN(items)};
		for (size_t i = 0; i < ARRAY_LEN(states); i++)
			assert_true(noted_bytes(&list, states[i]) <= ANNOTATION_MAX);
		for (size_t i = 0; i < ARRAY_LEN(items); i++)
			strbuf_release(&items[i].json);
	}
}

static void a_finding_without_a_document_still_has_its_project(void **state)
{
	struct impact_found items[] = {make_found("a", 20), {.project_name = "b", .team = "sec", .path = ""}};
	const struct impact_list list = {.items = items, .n = 2};
	OWNED(meaning_release) struct meaning meaning = {0};
	struct err err = {0};
	(void)state;

	assert_int_equal(meaning_add(&meaning, &list, NULL, false, &err), 0);
	assert_int_equal(meaning.n, 2);
	assert_string_equal(meaning.items[1].project, "b");
	assert_int_equal(meaning.n_findings, 1);
	assert_int_equal(meaning.more, 1);
	strbuf_release(&items[0].json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_noted_fits_however_large_the_findings_are),
		cmocka_unit_test(a_finding_without_a_document_still_has_its_project),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
