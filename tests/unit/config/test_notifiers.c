/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins that are asked for their options, by a stand-in for yankwatch-notify. */
#include "fixture.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "config/plugin_describe.h"

#define REGISTRY "registries: {r: {index: \"sparse+http://localhost/\"}}\n"
#define ROUTES "routes: [{notify: [n]}]\n"
#define DESCRIBE(options) \
	"echo '{\"abi\":1,\"name\":\"x\",\"version\":\"1\",\"summary\":\"\",\"options\":[" options "]}'\n"

static void options_become_json_by_their_declared_types(void **state)
{
	(void)state;
	write_plugin(
		"all",
		DESCRIBE("{\"name\":\"text\",\"type\":\"string\"},{\"name\":\"url\",\"type\":\"url\",\"or_file\":true},"
			 "{\"name\":\"path\",\"type\":\"path\"},{\"name\":\"count\",\"type\":\"integer\"},"
			 "{\"name\":\"flag\",\"type\":\"boolean\"},{\"name\":\"to\",\"type\":\"list\"},"
			 "{\"name\":\"key\",\"type\":\"string\",\"secret\":true}"));
	write_file("secret", "x", 0640);
	char text[1024];
	(void)snprintf(text, sizeof text,
		       REGISTRY
		       "notifiers:\n  n: {plugin: all, timeout: 1s, text: \"a \\\"b\\\"\\n\", url: \"http://h\",\n"
		       "    path: /p, count: 007, flag: true, to: [a, \"2\"], key_file: %s/secret}\n" ROUTES,
		       fixture_folder);
	const struct config *config = load_good(text);
	char expected[512];
	(void)snprintf(
		expected, sizeof expected,
		"{\"text\":\"a \\\"b\\\"\\u000a\",\"url\":\"http://h\",\"path\":\"/p\",\"count\":7,\"flag\":true,"
		"\"to\":[\"a\",\"2\"],\"key_file\":\"%s/secret\"}",
		fixture_folder);
	assert_string_equal(config->notifiers[0].name, "n");
	assert_string_equal(config->notifiers[0].plugin_path, "plugins/all.so");
	assert_string_equal(config->notifiers[0].options_json, expected);
	(void)snprintf(expected, sizeof expected, "[\"%s/secret\",\"/var/lib/yankwatch\"]", fixture_folder);
	assert_string_equal(config->notifiers[0].hidden_json, expected);
	assert_int_equal(config->notifiers[0].timeout_ms, 1000);
	config_unref(config);
}

static void a_plugin_is_asked_once_for_all_its_notifiers(void **state)
{
	struct stat st;

	(void)state;
	(void)unlink("asked");
	write_plugin("once", DESCRIBE(""));
	const struct config *config = load_good(REGISTRY "notifiers: {a: {plugin: once}, b: {plugin: once}, c: "
							 "{plugin: once}}\nroutes: [{notify: [a, b, c]}]\n");
	assert_int_equal(config->n_notifiers, 3);
	assert_int_equal(config->notifiers[2].timeout_ms, 30000);
	assert_string_equal(config->notifiers[2].options_json, "{}");
	assert_int_equal(stat("asked", &st), 0);
	assert_int_equal(st.st_size, 2);
	config_unref(config);
}

static void a_credential_is_looked_for_where_systemd_puts_it(void **state)
{
	(void)state;
	write_plugin("key", DESCRIBE("{\"name\":\"key\",\"type\":\"string\",\"secret\":true,\"required\":true}"));
	write_file("cred", "x", 0400);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", fixture_folder, 1), 0);
	const struct config *config =
		load_good(REGISTRY "notifiers: {n: {plugin: key, key_file: \"credential:cred\"}}\n" ROUTES);
	assert_string_equal(config->notifiers[0].options_json, "{\"key_file\":\"credential:cred\"}");
	config_unref(config);
	load_bad(REGISTRY "notifiers: {n: {plugin: key, key_file: \"credential:derc\"}}\n" ROUTES,
		 "2: notifiers.n.key_file: \"credential:derc\" cannot be opened: No such file or directory\n");
	load_bad(REGISTRY "notifiers: {n: {plugin: key}}\n" ROUTES,
		 "2: notifiers.n.key_file: is missing, it is required\n");
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

static const struct {
	const char *script;
	const char *fault;
} broken[] = {
	{"exit 3\n", "./notify --describe refuses it (exit status 3); run it to see why"},
	{"kill -9 $$\n", "./notify --describe was ended by signal 9"},
	{"echo 'no json'\n", "what it declares: not JSON at byte 0"},
	{"echo '{\"abi\":2,\"options\":[]}'\n", "has the plugin ABI 2, allowed: 1"},
	{"echo '{\"abi\":1}'\n", "declares no list of options, or more than 64"},
	{DESCRIBE("{\"name\":\"a\",\"type\":\"colour\"}"), "declares an option without a name or without a known type"},
	{DESCRIBE("{\"name\":\"A\",\"type\":\"string\"}"), "declares an option without a name or without a known type"},
	{DESCRIBE("7"), "declares an option without a name or without a known type"},
	{"while :; do echo 0123456789012345678901234567890123456789; done\n",
	 "declares too much, allowed: 262144 bytes"},
};

static void a_broken_plugin_is_a_fault_of_its_notifier(void **state)
{
	char expected[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		write_plugin("broken", broken[i].script);
		(void)snprintf(expected, sizeof expected, "2: notifiers.n.plugin: \"broken\" cannot be used: %s\n",
			       broken[i].fault);
		load_bad(REGISTRY "notifiers: {n: {plugin: broken, other: keys}}\n" ROUTES, expected);
	}
}

static void what_a_plugin_leaves_running_does_not_hold_us_up(void **state)
{
	int64_t start_ms = clock_mono_ms();

	(void)state;
	write_plugin("fork", "sleep 60 &\n" DESCRIBE(""));
	config_unref(load_good(REGISTRY "notifiers: {n: {plugin: fork}}\n" ROUTES));
	assert_true(clock_mono_ms() - start_ms < PLUGIN_DESCRIBE_MS);
}

static void a_plugin_that_says_nothing_is_killed_at_the_deadline(void **state)
{
	int64_t start_ms = clock_mono_ms();

	(void)state;
	write_plugin("slow", "exec >&-\nsleep 60\n");
	load_bad(REGISTRY "notifiers: {n: {plugin: slow}}\n" ROUTES,
		 "2: notifiers.n.plugin: \"slow\" cannot be used: did not say what it declares within 5000 ms\n");
	assert_true(clock_mono_ms() - start_ms < INT64_C(2) * PLUGIN_DESCRIBE_MS);
}

static void the_runner_gets_no_environment_and_its_absence_is_told(void **state)
{
	OWNED_STRBUF struct strbuf out = {0};
	struct err err;

	(void)state;
	write_plugin("env", "export -p\n");
	assert_int_equal(setenv("YANKWATCH_TEST_SECRET", "hunter2", 1), 0);
	assert_int_equal(plugin_describe("./notify", "plugins/env.so", &out, &err), 0);
	assert_null(strstr(strbuf_str(&out), "hunter2"));
	assert_int_equal(plugin_describe("./nowhere", "plugins/env.so", &out, &err), ERR_IO);
	assert_string_equal(err.text, "./nowhere: No such file or directory");
}

static void what_a_plugin_refuses_to_open_with_is_a_fault_beside_others(void **state)
{
	(void)state;
	write_plugin("shy", DESCRIBE("{\"name\":\"a\",\"type\":\"integer\"}"));
	write_opening("shy", "say '{\"type\":\"failed\",\"text\":\"a: is no \\tday\"}'\n");
	load_bad(REGISTRY "notifiers:\n  n: {plugin: shy,\n    a: 1}\n  m: {plugin: shy, a: x}\n  o: {plugin: shy}\n"
			  "routes: [{notify: [n, m, o, p]}]\n",
		 "3: notifiers.n: a: is no \\u{9}day\n5: notifiers.m.a: \"x\" is not a whole number\n"
		 "6: notifiers.o: a: is no \\u{9}day\n"
		 "7: routes[0].notify[3]: \"p\" is not one of the notifiers, allowed: n, m, o\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_become_json_by_their_declared_types),
		cmocka_unit_test(a_plugin_is_asked_once_for_all_its_notifiers),
		cmocka_unit_test(a_credential_is_looked_for_where_systemd_puts_it),
		cmocka_unit_test(a_broken_plugin_is_a_fault_of_its_notifier),
		cmocka_unit_test(what_a_plugin_leaves_running_does_not_hold_us_up),
		cmocka_unit_test(a_plugin_that_says_nothing_is_killed_at_the_deadline),
		cmocka_unit_test(what_a_plugin_refuses_to_open_with_is_a_fault_beside_others),
		cmocka_unit_test(the_runner_gets_no_environment_and_its_absence_is_told),
	};
	return cmocka_run_group_tests(tests, setup_folder, remove_folder);
}
