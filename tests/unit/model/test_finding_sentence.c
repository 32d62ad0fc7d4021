/* SPDX-License-Identifier: Apache-2.0 */
/* What an event of one project says, with its registry and without. */
#include "model/finding_sentence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void bracket(struct strbuf *out, const char *name)
{
	strbuf_addf(out, "<%s>", name);
}

static bool say(struct strbuf *out, const char *json, const char *registry, finding_add_name *add)
{
	OWNED_JSON cJSON *event = NULL;
	struct err err = {0};

	if (json_parse(json, strlen(json), &event, &err))
		fail_msg("%s: %s", json, err.text);
	return finding_sentence(out, event, registry, add);
}

#define EVENT(kind, rest) "{\"event\":\"" kind "\",\"project\":\"p\",\"crate\":\"demo\",\"version\":\"1.2.3\"" rest "}"
#define YANKED(flag) ",\"yanked\":" flag
#define FINDING(inside) ",\"findings\":[{" inside "}]"
#define STATE(name, locked) FINDING("\"state\":\"" name "\",\"locked\":" locked)

static void each_kind_and_state_has_its_words(void **state)
{
	(void)state;
	static const struct {
		const char *json, *plain, *with_registry;
	} rows[] = {
		{EVENT("finding_opened", YANKED("true")), "p locks demo 1.2.3, which is yanked",
		 "<p> locks <demo> <1.2.3>, which is yanked in <r>"},
		{EVENT("finding_opened", YANKED("true") STATE("deleted", "true")),
		 "p locks demo 1.2.3, which was deleted from the registry",
		 "<p> locks <demo> <1.2.3>, which was deleted from <r>"},
		{EVENT("finding_opened", STATE("missing", "true")), "p locks demo 1.2.3, which is not in the registry",
		 "<p> locks <demo> <1.2.3>, which is not in <r>"},
		{EVENT("finding_opened", STATE("checksum_differs", "true")),
		 "p locks demo 1.2.3, which has another checksum in the registry",
		 "<p> locks <demo> <1.2.3>, which has another checksum in <r>"},
		{EVENT("finding_opened", STATE("a_younger_one", "true")), "p locks demo 1.2.3, which is bad",
		 "<p> locks <demo> <1.2.3>, which is bad in <r>"},
		{EVENT("finding_resolved", YANKED("false") STATE("yanked", "false")), "p no longer uses demo 1.2.3",
		 "<p> no longer uses <demo> <1.2.3>"},
		{EVENT("finding_resolved", YANKED("false") STATE("yanked", "true")),
		 "demo 1.2.3, which p locks, was un-yanked", "<demo> <1.2.3>, which <p> locks, was un-yanked"},
		{EVENT("finding_resolved", STATE("deleted", "true")),
		 "demo 1.2.3, which p locks, is in the registry again", NULL},
		{EVENT("finding_resolved", STATE("missing", "false")), "p no longer uses demo 1.2.3", NULL},
		{EVENT("finding_resolved", STATE("checksum_differs", "true")),
		 "demo 1.2.3, which p locks, has the lockfile's checksum again", NULL},
		{EVENT("finding_resolved", YANKED("true")), "p no longer uses demo 1.2.3", NULL},
		{EVENT("finding_resolved", YANKED("false")), "demo 1.2.3, which p locks, is good again", NULL},
		{EVENT("finding_resolved", FINDING("\"locked\":false")), "p no longer uses demo 1.2.3", NULL},
		{EVENT("replacement_available", YANKED("true") FINDING("\"would_pick\":\"1.2.4\"")),
		 "demo 1.2.4 can replace the yanked 1.2.3 that p locks",
		 "<demo> <1.2.4> can replace the yanked <1.2.3> that <p> locks"},
		{EVENT("replacement_available", STATE("deleted", "true") ",\"replacement\":{\"version\":\"1.3.0\"}"),
		 "demo 1.3.0 can replace the deleted 1.2.3 that p locks", NULL},
		{EVENT("replacement_available", ""), "demo has a version now that can replace the 1.2.3 that p locks",
		 NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf plain = {0};
		OWNED_STRBUF struct strbuf with_registry = {0};
		assert_true(say(&plain, rows[i].json, NULL, strbuf_adds));
		assert_string_equal(strbuf_str(&plain), rows[i].plain);
		assert_true(say(&with_registry, rows[i].json, "r", bracket));
		if (rows[i].with_registry)
			assert_string_equal(strbuf_str(&with_registry), rows[i].with_registry);
	}
}

static void what_is_of_no_project_has_none(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"{}",
		"[]",
		EVENT("yanked", ""),
		EVENT("a_younger_kind", ""),
		"{\"event\":\"finding_opened\",\"crate\":\"demo\",\"version\":\"1\"}",
		"{\"event\":\"finding_opened\",\"project\":\"p\",\"crate\":\"demo\"}",
		"{\"event\":\"finding_opened\",\"project\":7,\"crate\":\"demo\",\"version\":\"1\"}",
		"{\"event\":1,\"project\":\"p\",\"crate\":\"demo\",\"version\":\"1\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		assert_false(say(&out, rows[i], "r", strbuf_adds));
		assert_int_equal(out.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_and_state_has_its_words),
		cmocka_unit_test(what_is_of_no_project_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
