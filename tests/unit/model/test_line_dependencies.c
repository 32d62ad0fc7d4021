/* SPDX-License-Identifier: Apache-2.0 */
/* What one index line demands of other crates, and its version at a glimpse. */
#include "fixture.h"

#include "model/line_dependencies.h"

#define SUM "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DEMO_LINE(deps) \
	"{'name':'demo','vers':'1.2.3','deps':[" deps "],'cksum':'" SUM "','features':{},'yanked':false}"
#define DEP(name, req, more) "{'name':'" name "','req':'" req "','features':[]" more "}"

/* "name req url;": what was read of a line that is written with ' for ". */
static int told_by(const char *text, struct strbuf *told, struct err *err)
{
	OWNED(line_dependencies_release) struct line_dependencies read = {0};
	size_t len;
	OWNED_MEM char *line = quoted(text, &len);

	int rc = line_dependencies_read(&read, "Demo", line, len, err);
	if (rc) {
		assert_int_equal(read.n, 0);
		return rc;
	}
	strbuf_addf(told, "%.*s:", (int)read.version.len, read.version.at);
	for (size_t i = 0; i < read.n; i++) {
		const struct line_dependency *item = &read.items[i];
		strbuf_addf(told, " %.*s %.*s", (int)item->name.len, item->name.at, (int)item->requirement.len,
			    item->requirement.at);
		if (item->registry.at)
			strbuf_addf(told, " %.*s", (int)item->registry.len, item->registry.at);
		strbuf_addc(told, ';');
	}
	return 0;
}

static void a_line_tells_what_it_demands(void **state)
{
	static const struct {
		const char *line, *told;
	} rows[] = {
		{DEMO_LINE(""), "1.2.3:"},
		{DEMO_LINE(DEP("a", "^1", "")), "1.2.3: a ^1;"},
		{DEMO_LINE(DEP("a", "^1", ",'kind':'normal'") "," DEP("b", "=2.0.0", ",'kind':'build'")),
		 "1.2.3: a ^1; b =2.0.0;"},
		{DEMO_LINE(DEP("a", "^1", ",'kind':'dev'") "," DEP("b", "*", "")), "1.2.3: b *;"},
		{DEMO_LINE(DEP("a", "^1", "") "," DEP("a", ">=1.5, <2", ",'kind':'build','target':'cfg(unix)'")),
		 "1.2.3: a ^1; a >=1.5, <2;"},
		{DEMO_LINE(DEP("short", "^1", ",'package':'long-name'")), "1.2.3: long-name ^1;"},
		{DEMO_LINE(DEP("a", "^1", ",'package':null,'registry':null,'kind':null,'target':null")),
		 "1.2.3: a ^1;"},
		{DEMO_LINE(DEP("a", "^1", ",'registry':'https://example.com/i'")),
		 "1.2.3: a ^1 https://example.com/i;"},
		{DEMO_LINE(DEP("a", "^1", ",'optional':true,'default_features':false,'later':{'x':[1]}")),
		 "1.2.3: a ^1;"},
		{"{'v':2,'cksum':'" SUM "','deps':[" DEP("a", "^1", "") "],'vers':'1.0.0\\u002bb','name':'DEMO'}\r",
		 "1.0.0+b: a ^1;"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf told = {0};
		struct err err = {0};
		if (told_by(rows[i].line, &told, &err))
			fail_msg("%s: %s", rows[i].line, err.text);
		assert_string_equal(strbuf_str(&told), rows[i].told);
	}
}

static void what_cannot_be_read_tells_nothing(void **state)
{
	static const struct {
		const char *line;
		int rc;
	} rows[] = {
		{"", ERR_BAD},
		{"[]", ERR_BAD},
		{"{'name':'demo'}", ERR_BAD},
		{"{'name':'other','vers':'1.2.3','deps':[],'cksum':'" SUM "'}", ERR_BAD},
		{"{'v':3,'name':'demo','vers':'1.2.3','deps':{},'cksum':'" SUM "'}", ERR_LIMIT},
		{DEMO_LINE("1"), ERR_BAD},
		{DEMO_LINE(DEP("a", "^1", "") ",{'name':'b'}"), ERR_BAD},
		{DEMO_LINE("{'name':'a','req':1}"), ERR_BAD},
		{DEMO_LINE(DEP("a", "^1", ",'package':1")), ERR_BAD},
		{DEMO_LINE(DEP("a", "^1", "")) "x", ERR_BAD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf told = {0};
		struct err err = {0};
		if (told_by(rows[i].line, &told, &err) != rows[i].rc)
			fail_msg("%s: %s", rows[i].line, strbuf_str(&told));
		assert_true(err.text[0]);
	}
}

static void one_reader_serves_line_after_line(void **state)
{
	OWNED(line_dependencies_release) struct line_dependencies read = {0};
	OWNED_STRBUF struct strbuf line = {0};
	struct err err = {0};

	(void)state;
	for (unsigned n = 100; n-- > 0;) {
		strbuf_reset(&line);
		strbuf_adds(&line, "{\"name\":\"demo\",\"vers\":\"1.0.0\",\"cksum\":\"\",\"deps\":[");
		for (unsigned i = 0; i < n; i++)
			strbuf_addf(&line, "%s{\"name\":\"d%u\",\"req\":\"^1\"}", i ? "," : "", i);
		strbuf_adds(&line, "]}");
		assert_int_equal(line_dependencies_read(&read, "demo", line.data, line.len, &err), 0);
		assert_int_equal(read.n, n);
	}
}

static void the_version_is_seen_at_a_glimpse(void **state)
{
	static const struct {
		const char *line, *version; /* NULL: only a reader can tell */
	} rows[] = {
		{"{\"name\":\"demo\",\"vers\":\"1.2.3\",\"deps\":[]}", "1.2.3"},
		{"{\"vers\":\"1.2.3+b\"", "1.2.3+b"},
		{"{\"vers\":\"\"}", ""},
		{"{\"vers\": \"1.2.3\"}", NULL},
		{"{\"vers\":\"1.0.0\\u002bb\"}", NULL},
		{"{\"vers\":\"1.2.3", NULL},
		{"{\"vers\":\"", NULL},
		{"{}", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct text_span version = {0};
		bool seen = line_version_glimpse(rows[i].line, strlen(rows[i].line), &version);
		assert_int_equal(seen, rows[i].version != NULL);
		if (seen) {
			assert_non_null(version.at);
			assert_int_equal(version.len, strlen(rows[i].version));
			assert_memory_equal(version.at, rows[i].version, version.len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_tells_what_it_demands),
		cmocka_unit_test(what_cannot_be_read_tells_nothing),
		cmocka_unit_test(one_reader_serves_line_after_line),
		cmocka_unit_test(the_version_is_seen_at_a_glimpse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
