/* SPDX-License-Identifier: Apache-2.0 */
/* The tree: lines, kinds, limits. What is refused, and with which words: test_faults.c. */
#include "fixture.h"

#include "base/clock.h"
#include "config/faults.h"
#include "config/yaml_tree.h"

struct parsed {
	const struct node *root;
	struct pool pool;
	struct config_errors errors;
	struct faults faults;
};

static void parsed_release(struct parsed *p)
{
	pool_release(&p->pool);
	config_errors_release(&p->errors);
}

#define OWNED_PARSED OWNED(parsed_release) struct parsed

static void parse(struct parsed *p, const char *text, size_t len)
{
	*p = (struct parsed){.faults = {.file = "f"}};
	p->faults.errors = &p->errors;
	p->root = yaml_tree_parse(text, len, &p->pool, &p->faults);
}

static void nodes_know_kind_line_key_and_place(void **state)
{
	static const char text[] = "# comment\n"
				   "a: one\n"
				   "b:\n"
				   "  - two\n"
				   "  - {c: \"three\"}\n"
				   "d:\n";
	OWNED_PARSED p;

	(void)state;
	parse(&p, text, strlen(text));
	assert_non_null(p.root);
	assert_int_equal(p.root->kind, NODE_MAPPING);
	assert_int_equal(p.root->count, 3);
	const struct node *a = node_get(p.root, "a");
	assert_string_equal(a->text, "one");
	assert_int_equal(a->line, 2);
	const struct node *b = node_get(p.root, "b");
	assert_int_equal(b->kind, NODE_SEQUENCE);
	assert_int_equal(b->line, 3);
	assert_int_equal(b->count, 2);
	assert_null(b->first->key);
	const struct node *c = node_get(b->last, "c");
	assert_string_equal(c->text, "three");
	assert_int_equal(c->line, 5);
	assert_int_equal(c->parent->index, 1);
	assert_true(node_is_empty(node_get(p.root, "d")));
	assert_null(node_get(p.root, "e"));
	assert_null(node_get(a, "e"));
	assert_null(node_get(NULL, "e"));
}

static void of_a_doubled_key_the_first_is_found_and_a_fault_told(void **state)
{
	OWNED_PARSED p;

	(void)state;
	parse(&p, "b: 1\na: 1\nb: 2\n", 15);
	assert_string_equal(node_get(p.root, "b")->text, "1");
	assert_int_equal(p.errors.count, 1);
	assert_string_equal(p.errors.lines[0], "f:3: b: stands here a second time, first in line 1");
}

static void hostile_input_is_refused_at_once(void **state)
{
	static const char *const openers[] = {"[", "{", "- ", "? ", "[{", "{a: ", "[[],", "!", "&", "*a ", "\""};
	static char text[200 << 10];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(openers); i++) {
		OWNED_PARSED p;
		size_t len = strlen(openers[i]);
		for (size_t at = 0; at + len <= sizeof text; at += len)
			memcpy(text + at, openers[i], len);
		int64_t start_ms = clock_mono_ms();
		parse(&p, text, sizeof text - sizeof text % len);
		assert_true(clock_mono_ms() - start_ms < 2000);
		assert_int_equal(p.errors.count, 1);
	}
}

static void too_many_values_are_refused(void **state)
{
	static char text[2 * YAML_NODES_MAX + 8];
	OWNED_PARSED p;

	(void)state;
	text[0] = '[';
	for (size_t i = 0; i < YAML_NODES_MAX; i++)
		text[2 * i + 1] = 'a', text[2 * i + 2] = ',';
	parse(&p, text, strlen(text));
	assert_null(p.root);
	assert_string_equal(p.errors.lines[0], "f:1: too many values, allowed: at most 200000 in a file");
}

static void many_keys_do_not_cost_their_square(void **state)
{
	static char text[1 << 20];
	size_t at = 0;
	OWNED_PARSED p;

	(void)state;
	for (unsigned i = 0; i < 90000; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "k%u: x\n", i);
	int64_t start_ms = clock_mono_ms();
	parse(&p, text, at);
	assert_non_null(p.root);
	assert_true(clock_mono_ms() - start_ms < 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_know_kind_line_key_and_place),
		cmocka_unit_test(of_a_doubled_key_the_first_is_found_and_a_fault_told),
		cmocka_unit_test(hostile_input_is_refused_at_once),
		cmocka_unit_test(too_many_values_are_refused),
		cmocka_unit_test(many_keys_do_not_cost_their_square),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
