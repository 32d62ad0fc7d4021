/* SPDX-License-Identifier: Apache-2.0 */
/* The walker with rows of its own: what is stored, what is let through, what is advised. */
#include "fixture.h"

#include "config/schema.h"
#include "config/yaml_tree.h"

#include <sys/types.h>

struct keys {
	const char *text, *path, *url;
	int64_t word, flag, number, pause_ms, mode, group;
	const struct node *list, *named;
	const char *inner;
};

static const char *word_at(const void *set, size_t i)
{
	static const char *const words[] = {"one", "two", "three"};
	(void)set;
	return i < ARRAY_LEN(words) ? words[i] : NULL;
}

static const char *check_short(const char *text)
{
	return strlen(text) < 4 ? NULL : "is long";
}

#define FIELD(member) SCHEMA_FIELD(struct keys, member)
static const struct schema_row inner_rows[] = {{"inner", SCHEMA_TEXT, FIELD(inner), .absent = "kernel"}};
static const struct schema inner = SCHEMA_OF(inner_rows);
static const struct schema_row rows[] = {
	{"text", SCHEMA_TEXT, FIELD(text), .max = 8, .check = check_short},
	{"path", SCHEMA_PATH, FIELD(path)},
	{"url", SCHEMA_URL, FIELD(url)},
	{"word", SCHEMA_WORD, FIELD(word), .words = word_at, .absent = "three"},
	{"flag", SCHEMA_BOOLEAN, FIELD(flag), .absent = "true"},
	{"number", SCHEMA_INTEGER, FIELD(number), .absent = "-7"},
	{"pause", SCHEMA_DURATION, FIELD(pause_ms), .min = 1, .max = DAYS(1), .absent = "2s"},
	{"mode", SCHEMA_MODE, FIELD(mode), .min = 0, .max = 0777, .absent = "0640"},
	{"group", SCHEMA_GROUP, FIELD(group)},
	{"list", SCHEMA_LIST, FIELD(list), .item = SCHEMA_WORD, .max = 2, .words = word_at},
	{"named", SCHEMA_NAMED, FIELD(named), .max = 2, .check = check_short},
	{"section", SCHEMA_SECTION, .section = &inner},
	{.key = "read", .type = SCHEMA_READ},
	{.key = "key", .type = SCHEMA_SECRET},
};
static const struct schema closed = SCHEMA_OF(rows);

struct walk {
	struct pool pool;
	struct config_errors errors;
	struct keys keys;
	bool good;
};

static void walk_release(struct walk *w)
{
	pool_release(&w->pool);
	config_errors_release(&w->errors);
}

#define OWNED_WALK OWNED(walk_release) struct walk

static void walk(struct walk *w, const struct schema *schema, const char *text)
{
	*w = (struct walk){.keys = {.group = -1}};
	struct faults faults = {.file = "f", .errors = &w->errors};
	const struct node *root = yaml_tree_parse(text, strlen(text), &w->pool, &faults);

	assert_non_null(root);
	w->good = schema_read(schema, root, &w->keys, &faults);
	assert_int_equal(w->good, !faults_any(&faults));
}

static void absent_keys_get_their_defaults(void **state)
{
	OWNED_WALK w;

	(void)state;
	walk(&w, &closed, "{}");
	assert_true(w.good);
	assert_null(w.keys.text);
	assert_int_equal(w.keys.word, 2);
	assert_int_equal(w.keys.flag, 1);
	assert_int_equal(w.keys.number, -7);
	assert_int_equal(w.keys.pause_ms, 2000);
	assert_int_equal(w.keys.mode, 0640);
	assert_int_equal(w.keys.group, -1);
	assert_null(w.keys.list);
	assert_string_equal(w.keys.inner, "kernel");
}

static void values_are_read_by_their_types(void **state)
{
	OWNED_WALK w;

	(void)state;
	walk(&w, &closed,
	     "{text: abc, path: /a, url: 'https://h', word: two, flag: false, number: '-12', pause: 1d, mode: 0600,"
	     " group: root, list: [one, two], named: {a: {}, b: }, section: {inner: shell}, read: [any]}");
	assert_true(w.good);
	assert_string_equal(w.keys.text, "abc");
	assert_string_equal(w.keys.path, "/a");
	assert_string_equal(w.keys.url, "https://h");
	assert_int_equal(w.keys.word, 1);
	assert_int_equal(w.keys.flag, 0);
	assert_int_equal(w.keys.number, -12);
	assert_int_equal(w.keys.pause_ms, 86400000);
	assert_int_equal(w.keys.mode, 0600);
	assert_int_equal(w.keys.group, 0);
	assert_int_equal(w.keys.list->count, 2);
	assert_string_equal(w.keys.named->last->key, "b");
	assert_string_equal(w.keys.inner, "shell");
}

static const struct {
	const char *text;
	const char *fault; /* NULL: none */
} cases[] = {
	{"text: abcdefghi", "f:1: text: \"abcdefghi\" has 9 bytes, allowed: at most 8"},
	{"text: abcdefgh", "f:1: text: \"abcdefgh\" is long"},
	{"url: http://", "f:1: url: \"http://\" is not a URL, allowed: http:// or https:// and a host, no blanks"},
	{"url: 'http://h/a b'", "f:1: url: \"http://h/a b\" is not a URL, allowed: http:// or https:// and a host, no "
				"blanks"},
	{"word: on", "f:1: word: \"on\" is not known, allowed: one, two, three"},
	{"word: tow", "f:1: word: \"tow\" is not known, did you mean \"two\"?"},
	{"flag: yes", "f:1: flag: \"yes\" is not a boolean, allowed: true or false"},
	{"number: 9007199254740992", NULL},
	{"number: 9007199254740993", "f:1: number: \"9007199254740993\" is not a whole number"},
	{"number: +1", "f:1: number: \"+1\" is not a whole number"},
	{"number: 0x10", "f:1: number: \"0x10\" is not a whole number"},
	{"pause: 0s", "f:1: pause: \"0s\" is too short, allowed: 1ms to 1d"},
	{"pause: 25h", "f:1: pause: \"25h\" is too long, allowed: 1ms to 1d"},
	{"pause: 1.5h", "f:1: pause: \"1.5h\" is not a duration, allowed: 1ms to 1d"},
	{"pause: -1s", "f:1: pause: \"-1s\" is not a duration, allowed: 1ms to 1d"},
	{"pause: 99999999999999999d", "f:1: pause: \"99999999999999999d\" is not a duration, allowed: 1ms to 1d"},
	{"mode: 0888", "f:1: mode: \"0888\" is not an octal file mode, allowed: 0000 to 0777"},
	{"mode: 1000", "f:1: mode: \"1000\" is too wide, allowed: 0000 to 0777"},
	{"list: [one, one, one]", "f:1: list: has 3 entries, allowed: at most 2"},
	{"list: [one, 2]", "f:1: list[1]: \"2\" is not known, allowed: one, two, three"},
	{"list:", NULL},
	{"named: {abcd: {}}", "f:1: named.abcd: is long"},
	{"named: {a: []}", "f:1: named.a: is a list, allowed: a mapping"},
	{"section: {iner: x}", "f:1: section.iner: unknown key, did you mean \"inner\"?"},
	{"section:", NULL},
	{"key: hunter2", "f:1: key: is a secret and never inline, use key_file"},
	{"txt: x", "f:1: txt: unknown key, did you mean \"text\"?"},
	{"pau-se: x", "f:1: pau-se: unknown key, did you mean \"pause\"?"},
};

static void each_fault_is_told_in_its_own_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		OWNED_WALK w;
		walk(&w, &closed, cases[i].text);
		assert_int_equal(w.errors.count, cases[i].fault ? 1 : 0);
		if (cases[i].fault)
			assert_string_equal(w.errors.lines[0], cases[i].fault);
	}
}

static void an_open_schema_lets_other_keys_through(void **state)
{
	static const struct schema open = {.rows = rows, .n_rows = ARRAY_LEN(rows), .open = true};
	OWNED_WALK w;

	(void)state;
	walk(&w, &open, "{other: 1, text: abc}");
	assert_true(w.good);
	assert_string_equal(w.keys.text, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_keys_get_their_defaults),
		cmocka_unit_test(values_are_read_by_their_types),
		cmocka_unit_test(each_fault_is_told_in_its_own_words),
		cmocka_unit_test(an_open_schema_lets_other_keys_through),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
