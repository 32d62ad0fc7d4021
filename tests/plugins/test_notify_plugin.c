/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin may declare, and how a declaration is described. */
#include "describe.h"
#include "plugin.h"
#include "schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void *no_open(const struct yw_options *options, const struct yw_host *host, char *error)
{
	(void)options;
	(void)host;
	(void)error;
	return NULL;
}

static void no_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	(void)self;
	(void)message;
	(void)result;
}

static void no_close(void *self)
{
	(void)self;
}

static struct yw_notifier good(void)
{
	return (struct yw_notifier){.abi_version = YANKWATCH_NOTIFIER_ABI,
				    .size = sizeof(struct yw_notifier),
				    .name = "demo",
				    .version = "1.0",
				    .summary = "shows",
				    .open = no_open,
				    .deliver = no_deliver,
				    .close = no_close};
}

static void expect_refused(struct yw_notifier plugin, const char *text)
{
	struct err err = {0};

	assert_int_not_equal(plugin_check(&plugin, &err), 0);
	if (!strstr(err.text, text))
		fail_msg("\"%s\" does not hold \"%s\"", err.text, text);
}

static void another_abi_is_refused_before_anything_else_is_read(void **state)
{
	(void)state;
	struct err err;
	struct yw_notifier plugin;

	memset(&plugin, 0xff, sizeof plugin);
	plugin.abi_version = 2;
	expect_refused(plugin, "made for ABI 2, this program has ABI 1");
	plugin.abi_version = YANKWATCH_NOTIFIER_ABI;
	plugin.size = 16;
	expect_refused(plugin, "its declaration has 16 bytes");
	plugin = good();
	plugin.size += 64;
	assert_int_equal(plugin_check(&plugin, &err), 0);
}

static void what_is_missing_is_named(void **state)
{
	(void)state;
	struct yw_notifier plugin = good();

	plugin.name = "Demo plugin";
	expect_refused(plugin, "its name");
	plugin = good();
	plugin.summary = NULL;
	expect_refused(plugin, "summary is missing");
	plugin = good();
	plugin.close = NULL;
	expect_refused(plugin, "close is missing");
	plugin = good();
	plugin.n_options = 1;
	expect_refused(plugin, "options are missing");
}

static void schemas_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	static const struct {
		struct yw_option rows[2];
		const char *text;
	} cases[] = {
		{{{"URL", YW_OPTION_URL, 0, NULL, "h"}}, "a name is of lower case"},
		{{{"", YW_OPTION_URL, 0, NULL, "h"}}, "a name is of lower case"},
		{{{"timeout", YW_OPTION_INTEGER, 0, NULL, "h"}}, "the daemon's own"},
		{{{"a", (enum yw_option_type)0, 0, NULL, "h"}}, "unknown type"},
		{{{"a", (enum yw_option_type)99, 0, NULL, "h"}}, "unknown type"},
		{{{"a", YW_OPTION_STRING, 0, NULL, NULL}}, "no help"},
		{{{"a", YW_OPTION_LIST, YW_OPTION_OR_FILE, NULL, "h"}}, "only a text"},
		{{{"a", YW_OPTION_STRING, YW_OPTION_PROGRAM, NULL, "h"}}, "only a path"},
		{{{"a", YW_OPTION_URL, YW_OPTION_WRITE, NULL, "h"}}, "only a path can be written"},
		{{{"a", YW_OPTION_INTEGER, 0, "12x", "h"}}, "not of its type"},
		{{{"a", YW_OPTION_BOOLEAN, 0, "yes", "h"}}, "not of its type"},
		{{{"a", YW_OPTION_LIST, 0, "x", "h"}}, "not of its type"},
		{{{"a", YW_OPTION_PATH, 0, "x", "h"}}, "not of its type"},
		{{{"a", YW_OPTION_STRING, YW_OPTION_SECRET, "x", "h"}}, "has no default"},
		{{{"a", YW_OPTION_STRING, 0, NULL, "h"}, {"a", YW_OPTION_STRING, 0, NULL, "h"}}, "in common"},
		{{{"a", YW_OPTION_STRING, YW_OPTION_SECRET, NULL, "h"}, {"a_file", YW_OPTION_PATH, 0, NULL, "h"}},
		 "in common"},
	};
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(schema_check(cases[i].rows, cases[i].rows[1].name ? 2 : 1, &err), ERR_BAD);
		if (!strstr(err.text, cases[i].text))
			fail_msg("\"%s\" does not hold \"%s\"", err.text, cases[i].text);
	}
}

static void a_description_holds_every_row(void **state)
{
	(void)state;
	static const struct yw_option rows[] = {
		{"url", YW_OPTION_URL, YW_OPTION_REQUIRED | YW_OPTION_OR_FILE, NULL, "where"},
		{"port", YW_OPTION_INTEGER, 0, "25", "which"},
		{"tls", YW_OPTION_BOOLEAN, 0, "false", "how"},
		{"word", YW_OPTION_STRING, 0, "12", "what"},
		{"key", YW_OPTION_STRING, YW_OPTION_SECRET, NULL, "who"},
		{"run", YW_OPTION_PATH, YW_OPTION_PROGRAM, NULL, "that"},
	};
	OWNED_STRBUF struct strbuf out = {0};
	struct yw_notifier plugin = good();

	plugin.options = rows;
	plugin.n_options = ARRAY_LEN(rows);
	plugin.needs = YW_NEEDS_NETWORK;
	describe_plugin(&plugin, &out);
	assert_string_equal(
		strbuf_str(&out),
		"{\"abi\":1,\"name\":\"demo\",\"version\":\"1.0\",\"summary\":\"shows\",\"needs\":[\"network\"],"
		"\"options\":["
		"{\"name\":\"url\",\"type\":\"url\",\"required\":true,\"secret\":false,\"or_file\":true,\"help\":"
		"\"where\"},"
		"{\"name\":\"port\",\"type\":\"integer\",\"required\":false,\"secret\":false,\"or_file\":false,"
		"\"default\":25,\"help\":\"which\"},"
		"{\"name\":\"tls\",\"type\":\"boolean\",\"required\":false,\"secret\":false,\"or_file\":false,"
		"\"default\":false,\"help\":\"how\"},"
		"{\"name\":\"word\",\"type\":\"string\",\"required\":false,\"secret\":false,\"or_file\":false,"
		"\"default\":\"12\",\"help\":\"what\"},"
		"{\"name\":\"key\",\"type\":\"string\",\"required\":false,\"secret\":true,\"or_file\":false,\"help\":"
		"\"who\"},"
		"{\"name\":\"run\",\"type\":\"path\",\"required\":false,\"secret\":false,\"or_file\":false,"
		"\"program\":true,\"write\":false,\"help\":\"that\"}"
		"]}");
}

static void a_plugin_older_than_its_needs_has_none(void **state)
{
	(void)state;
	struct yw_notifier plugin = good();

	plugin.needs = YW_NEEDS_NETWORK;
	assert_int_equal(plugin_needs(&plugin), YW_NEEDS_NETWORK);
	plugin.size = offsetof(struct yw_notifier, needs);
	assert_int_equal(plugin_needs(&plugin), 0);
	plugin = good();
	plugin.needs = 1u << 31;
	expect_refused(plugin, "it needs what this program does not know (0x80000000)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_abi_is_refused_before_anything_else_is_read),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(schemas_that_make_no_sense_are_refused),
		cmocka_unit_test(a_description_holds_every_row),
		cmocka_unit_test(a_plugin_older_than_its_needs_has_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
