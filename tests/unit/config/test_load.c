/* SPDX-License-Identifier: Apache-2.0 */
/* Good configurations and what becomes of them; files that cannot be read at all. */
#include "fixture.h"

/* A self-signed one whose key nobody has. */
#define TEST_CERTIFICATE                                                     \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBiTCCAS+gAwIBAgIUGDEaKkl4ZX0v0oyL1d4yL3LIG2swCgYIKoZIzj0EAwIw\n" \
	"GTEXMBUGA1UEAwwOeWFua3dhdGNoIHRlc3QwIBcNMjYxMTIxMDMyMDM1WhgPMjEy\n" \
	"NjEwMjgwMzIwMzVaMBkxFzAVBgNVBAMMDnlhbmt3YXRjaCB0ZXN0MFkwEwYHKoZI\n" \
	"zj0CAQYIKoZIzj0DAQcDQgAEcx/EgtQhqm4SlDMYWesstf7hvGwqj7xpLaSGwtDK\n" \
	"ITyT5cJ+UW7YaaIiIDrXfBAsITX74UkcqL8VFDNr8zShz6NTMFEwHQYDVR0OBBYE\n" \
	"FAkRs6o7LdQvjlGN3s7L3WTAH1USMB8GA1UdIwQYMBaAFAkRs6o7LdQvjlGN3s7L\n" \
	"3WTAH1USMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAMJXvMEK\n" \
	"ZsOfQimhj+I85/cHCNolALFeRzlVPobA1vvTAiA8ZhLhauHH7EODj3ZDcovFgOCx\n" \
	"cYhdGdIx6dw6YhlkjQ==\n"                                             \
	"-----END CERTIFICATE-----\n"

#define REGISTRY "registries: {r: {index: \"sparse+http://localhost/\"}}\n"

static void a_small_file_gets_all_defaults(void **state)
{
	const struct config *config = load_good(REGISTRY);

	(void)state;
	assert_string_equal(config->state_dir, "/var/lib/yankwatch");
	assert_string_equal(config->socket_path, "/run/yankwatch/yankwatch.sock");
	assert_int_equal(config->socket_mode, 0660);
	assert_int_equal(config->socket_group, (gid_t)-1);
	assert_int_equal(config->admin_group, (gid_t)-1);
	assert_int_equal(config->log_target, LOG_TARGET_AUTO);
	assert_int_equal(config->log_level, LOG_LEVEL_INFO);
	assert_int_equal(config->retry.first_ms, 5000);
	assert_int_equal(config->retry.max_ms, 3600000);
	assert_int_equal(config->retry.give_up_ms, 72 * 3600000);
	assert_int_equal(config->n_registries, 1);
	assert_int_equal(config->registries[0].poll_interval_ms, 60000);
	assert_null(config->registries[0].contact);
	assert_null(config->registries[0].trust);
	assert_int_equal(config->n_watches, 0);
	assert_int_equal(config->n_notifiers, 0);
	assert_int_equal(config->n_routes, 0);
	config_unref(config);
}

static void every_key_reaches_its_field(void **state)
{
	const struct config *config =
		load_good("state_dir: /srv/yw\n"
			  "socket: {path: /srv/yw.sock, mode: \"0600\", group: root, admin_group: root}\n"
			  "log: {target: syslog, level: debug}\n"
			  "registries:\n"
			  "  main: {index: \"sparse+http://a.example:8080/i/\", poll_interval: 100ms}\n"
			  "  other: {index: \"sparse+http://b.example/\", contact: \"a b@c.example\"}\n"
			  "retry: {first: 100ms, max: 100ms, give_up: 200ms}\n");

	(void)state;
	assert_string_equal(config->state_dir, "/srv/yw");
	assert_string_equal(config->socket_path, "/srv/yw.sock");
	assert_int_equal(config->socket_mode, 0600);
	assert_int_equal(config->socket_group, 0);
	assert_int_equal(config->admin_group, 0);
	assert_int_equal(config->log_target, LOG_TARGET_SYSLOG);
	assert_int_equal(config->log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(config->n_registries, 2);
	assert_string_equal(config->registries[0].name, "main");
	assert_string_equal(config->registries[0].index_url, "http://a.example:8080/i/");
	assert_int_equal(config->registries[0].poll_interval_ms, 100);
	assert_string_equal(config->registries[1].contact, "a b@c.example");
	assert_int_equal(config->retry.max_ms, 100);
	config_unref(config);
}

static void watches_are_sorted_and_folded(void **state)
{
	static const struct {
		size_t registry;
		const char *crate;
		unsigned line;
	} expected[] = {{0, "Serde", 5}, {0, "serde", 4}, {1, "anyhow", 6}, {1, "serde", 6}};
	const struct config *config = load_good("registries:\n"
						"  z: {index: \"sparse+http://z/\"}\n"
						"  a: {index: \"sparse+http://a/\"}\n"
						"watch: [{registry: z, crates: [serde, serde]},\n"
						"  {registry: z, crates: [Serde, serde]},\n"
						"  {registry: a, crates: [serde, anyhow]}]\n");

	(void)state;
	assert_int_equal(config->n_watches, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_int_equal(config->watches[i].registry, expected[i].registry);
		assert_string_equal(config->watches[i].crate, expected[i].crate);
		assert_int_equal(config->watches[i].line, expected[i].line);
	}
	config_unref(config);
}

static void projects_have_teams_and_lockfiles(void **state)
{
	const struct config *config =
		load_good(REGISTRY "projects:\n  - {name: edge, lockfile: \"/srv/*/Cargo.lock\"}\n"
				   "  - {name: pay, team: sec, lockfile: /srv/pay/Cargo.lock}\n"
				   "remind: 7d\nretention: {published: 90d, attempts: 30d}\n");

	(void)state;
	assert_int_equal(config->n_projects, 2);
	assert_string_equal(config->projects[0].name, "edge");
	assert_string_equal(config->projects[0].team, "");
	assert_string_equal(config->projects[0].lockfile, "/srv/*/Cargo.lock");
	assert_string_equal(config->projects[1].team, "sec");
	assert_int_equal(config->projects[1].line, 4);
	assert_int_equal(config->remind_ms, INT64_C(7) * 24 * 3600 * 1000);
	assert_int_equal(config->keep_published_ms, INT64_C(90) * 24 * 3600 * 1000);
	assert_int_equal(config->keep_attempts_ms, INT64_C(30) * 24 * 3600 * 1000);
	config_unref(config);
	config = load_good(REGISTRY "projects:\nremind: 0s\n");
	assert_int_equal(config->n_projects, 0);
	assert_int_equal(config->remind_ms, 0);
	assert_int_equal(config->keep_published_ms, 0);
	config_unref(config);
}

static void sources_are_the_indexes_and_then_what_they_mirror(void **state)
{
	static const struct lock_source expected[] = {{"http://a.example/index", "a"},
						      {LOCK_CRATES_IO, "c"},
						      {"https://github.com/corp/index", "a"},
						      {"https://b.example", "a"}};
	const struct config *config =
		load_good("registries:\n"
			  "  a:\n"
			  "    index: sparse+http://a.example/index/\n"
			  "    mirror_of: [crates.io, \"registry+https://github.com/corp/index\", "
			  "\"sparse+https://b.example/\"]\n"
			  "  c: {index: \"sparse+https://index.crates.io/\", contact: us@corp.test}\n");

	(void)state;
	assert_int_equal(config->sources.n, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_string_equal(config->sources.items[i].url, expected[i].url);
		assert_string_equal(config->sources.items[i].registry, expected[i].registry);
	}
	assert_int_equal(config->remarks.count, 1);
	assert_string_equal(
		config->remarks.lines[0] + sizeof CONFIG_NAME,
		"4: registries.a.mirror_of[0]: \"crates.io\" has no effect: the index of registry c is that "
		"source");
	config_unref(config);
}

static void routes_select_as_they_say(void **state)
{
	const struct config *config =
		load_good(REGISTRY "notifiers: {a: {plugin: none}, b: {plugin: none}}\n"
				   "routes:\n"
				   "  - {events: [yanked, unyanked], registries: [r], crates: [\"serde*\"],\n"
				   "     min_severity: high, notify: [b], stop: true}\n"
				   "  - {notify: [a, b]}\n");
	struct routed_event event = {
		.kind = EVENT_YANKED, .severity = SEVERITY_HIGH, .registry = "r", .crate = "serde_json"};
	struct routing routing;

	(void)state;
	assert_int_equal(config->n_routes, 2);
	assert_int_equal(config->routes[0].kinds, 1u << EVENT_YANKED | 1u << EVENT_UNYANKED);
	routes_lead(config->routes, 2, &event, &routing);
	assert_int_equal(routing.notifiers, 2);
	event.severity = SEVERITY_MEDIUM;
	routes_lead(config->routes, 2, &event, &routing);
	assert_int_equal(routing.notifiers, 3);
	config_unref(config);
}

#define TWO REGISTRY "notifiers: {a: {plugin: none}, b: {plugin: none}}\n"

static void groupings_are_read_as_they_say(void **state)
{
	static const struct {
		const char *keys;
		struct grouping grouping;
	} rows[] = {
		{"", {0}},
		{", group_wait: 30s", {.by = GROUP_BY_CRATE, .wait_ms = 30000}},
		{", group_wait: 1h, group_by: project", {.by = GROUP_BY_PROJECT, .wait_ms = 3600000}},
		{", group_wait: 0s, group_by: crate", {0}},
		{", digest: hourly", {.by = GROUP_BY_CRATE, .digest = DIGEST_HOURLY, .digest_minute = 480}},
		{", digest: daily, group_by: registry",
		 {.by = GROUP_BY_REGISTRY, .digest = DIGEST_DAILY, .digest_minute = 480}},
		{", digest: daily at 00:00", {.by = GROUP_BY_CRATE, .digest = DIGEST_DAILY, .digest_minute = 0}},
		{", digest: \"daily at 23:59\"", {.by = GROUP_BY_CRATE, .digest = DIGEST_DAILY, .digest_minute = 1439}},
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)snprintf(text, sizeof text, TWO "routes:\n  - {notify: [a, b]%s}\n", rows[i].keys);
		const struct config *config = load_good(text);
		const struct grouping *read = &config->routes[0].grouping;
		assert_int_equal(read->by, rows[i].grouping.by);
		assert_int_equal(read->wait_ms, rows[i].grouping.wait_ms);
		assert_int_equal(read->digest, rows[i].grouping.digest);
		if (read->digest == DIGEST_DAILY)
			assert_int_equal(read->digest_minute, rows[i].grouping.digest_minute);
		assert_int_equal(config->route_lines[0], 4);
		config_unref(config);
	}
}

static void a_fallback_and_a_heartbeat_use_their_notifiers(void **state)
{
	const struct config *config = load_good(TWO "retry: {fallback: a}\nheartbeat: {notify: b, every: 7d}\n");

	(void)state;
	assert_string_equal(config->retry.fallback, "a");
	assert_string_equal(config->heartbeat.notifier, "b");
	assert_int_equal(config->heartbeat.every_ms, INT64_C(7) * 24 * 3600 * 1000);
	config_unref(config);
}

static void what_is_hardly_meant_is_a_remark(void **state)
{
	static const struct {
		const char *text;
		const char *remark; /* NULL: none */
	} rows[] = {
		{"routes: [{notify: [a, b]}]\n", NULL},
		{"routes: [{notify: [a, b], crates: [\"s*\", \"*\", tokio]}]\n", NULL},
		{"routes: [{notify: [a, b], crates: [serde_jsn]}]\n",
		 "3: routes[0].crates[0]: \"serde_jsn\" matches no crate that is listed in watch"},
		{"routes: [{notify: [a, b], crates: [\"q*\"]}]\n",
		 "3: routes[0].crates[0]: \"q*\" matches no crate that is listed in watch"},
		{"routes: [{notify: [a, b], projects: [edge]}]\n",
		 "3: routes[0].projects[0]: \"edge\" matches no project that is listed in projects"},
		{"routes: [{notify: [a, b], projects: [\"p*\"], teams: [\"s?c\", ops]}]\n"
		 "projects: [{name: pay, team: sec, lockfile: /srv/pay}]\n",
		 "3: routes[0].teams[1]: \"ops\" matches no team that is listed in projects"},
		{"routes: [{notify: [a, b], crates: [serde_jsn]}]\nprojects: [{name: pay, lockfile: /srv/pay}]\n",
		 NULL},
		{"routes: [{notify: [a, b], group_by: crate}]\n",
		 "3: routes[0].group_by: has no effect without group_wait or digest: each event is told at once"},
		{"routes: [{notify: [a, b], group_by: none, group_wait: 5s}]\n",
		 "3: routes[0].group_by: none tells each event by itself: group_wait only delays it"},
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)snprintf(text, sizeof text, TWO "%swatch: [{registry: r, crates: [serde, tokio]}]\n",
			       rows[i].text);
		const struct config *config = load_good(text);
		assert_int_equal(config->remarks.count, rows[i].remark != NULL);
		if (rows[i].remark)
			assert_string_equal(config->remarks.lines[0] + sizeof CONFIG_NAME, rows[i].remark);
		config_unref(config);
	}
	const struct config *config =
		load_good("registries: {r: {index: \"sparse+http://h/\"}, s: {index: \"sparse+http://i/\"}}\n"
			  "notifiers: {a: {plugin: none}}\nroutes: [{notify: [a], registries: [r, s]}]\n"
			  "watch: [{registry: r, crates: [serde]}]\n");
	assert_int_equal(config->remarks.count, 1);
	assert_string_equal(config->remarks.lines[0] + sizeof CONFIG_NAME,
			    "3: routes[0].registries[1]: \"s\" has no crate that is listed in watch");
	config_unref(config);
}

static void certificates_come_from_the_file_that_is_named(void **state)
{
	char text[256];

	(void)state;
	write_file("ca.pem", TEST_CERTIFICATE, 0644);
	(void)snprintf(text, sizeof text, "registries: {r: {index: \"sparse+https://a/\", ca_file: %s/ca.pem}}\n",
		       fixture_folder);
	const struct config *config = load_good(text);
	assert_non_null(config->registries[0].trust);
	config_unref(config);
}

static void the_same_certificates_have_the_same_id(void **state)
{
	static const char text[] = "registries:\n"
				   "  a: {index: \"sparse+https://a/\", ca_file: %1$s/ca.pem}\n"
				   "  b: {index: \"sparse+https://b/\", ca_file: %1$s/copy.pem}\n"
				   "  c: {index: \"sparse+https://c/\", ca_file: %1$s/twice.pem}\n";
	char filled[512];

	(void)state;
	write_file("ca.pem", TEST_CERTIFICATE, 0644);
	write_file("copy.pem", TEST_CERTIFICATE, 0644);
	write_file("twice.pem", TEST_CERTIFICATE "\n" TEST_CERTIFICATE, 0644);
	(void)snprintf(filled, sizeof filled, text, fixture_folder);
	const struct config *config = load_good(filled);
	assert_string_equal(config->registries[0].trust_id, config->registries[1].trust_id);
	assert_string_not_equal(config->registries[0].trust_id, config->registries[2].trust_id);
	config_unref(config);
}

static void a_configuration_lives_until_its_last_reference(void **state)
{
	const struct config *config = load_good(REGISTRY);

	(void)state;
	assert_ptr_equal(config_ref(config), config);
	config_unref(config);
	assert_string_equal(config->registries[0].name, "r");
	config_unref(config);
	config_unref(NULL);
}

static void expect_file_fault(const char *path, int code, const char *line)
{
	static const struct config_paths paths = {(char *)"./notify", (char *)"plugins"};
	const struct config *config = NULL;
	struct config_errors errors;

	assert_int_equal(config_load(path, &paths, &config, &errors), code);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.lines[0], line);
	config_errors_release(&errors);
}

static void a_file_that_cannot_be_read_is_one_line(void **state)
{
	static char big[CONFIG_FILE_MAX + 1];

	(void)state;
	memset(big, '#', sizeof big);
	write_bytes("big.yaml", big, sizeof big, 0644);
	write_file("open.yaml", REGISTRY, 0646);
	assert_int_equal(mkfifo("fifo.yaml", 0600), 0);
	expect_file_fault("none.yaml", ERR_IO, "none.yaml: cannot be opened: No such file or directory");
	expect_file_fault("plugins", ERR_BAD, "plugins: is not a regular file");
	expect_file_fault("fifo.yaml", ERR_BAD, "fifo.yaml: is not a regular file");
	expect_file_fault("open.yaml", ERR_BAD, "open.yaml: is writable by everybody: chmod o-w");
	expect_file_fault("big.yaml", ERR_LIMIT, "big.yaml: has 1048577 bytes, allowed: at most 1048576");
}

/* A program outside of the build tree's bin/ is an installed one. */
static void an_installed_daemon_has_the_paths_of_its_build(void **state)
{
	struct config_paths paths;
	struct err err;

	(void)state;
	assert_int_equal(config_paths_find(&paths, &err), 0);
	assert_non_null(strstr(paths.notify_program, "/libexec/yankwatch/yankwatch-notify"));
	assert_non_null(strstr(paths.plugin_dir, "/lib/yankwatch/plugins"));
	config_paths_release(&paths);
}

/* Reads the sample; with `all`, what is behind a "#" counts, too (prose is behind "# "). */
static void read_sample(bool all, char *text, size_t size)
{
	FILE *file = fopen(TESTS_DIR "/../etc/yankwatch.yaml", "r");
	char line[256];

	assert_non_null(file);
	size_t len = 0;
	text[0] = '\0';
	while (fgets(line, sizeof line, file)) {
		bool setting = line[0] == '#' && (line[1] != ' ' || line[2] == ' ');
		len += (size_t)snprintf(text + len, size - len, "%s", line + (all && setting ? 1 : 0));
		assert_true(len < size);
	}
	assert_int_equal(fclose(file), 0);
}

static void the_sample_is_good_as_it_stands(void **state)
{
	char text[8192];

	(void)state;
	read_sample(false, text, sizeof text);
	const struct config *config = load_good(text);
	assert_int_equal(config->n_watches, 2);
	config_unref(config);
}

/* Groups and files of its examples are not on this machine; all else must fit. */
static void every_setting_of_the_sample_exists(void **state)
{
	const struct config *config = NULL;
	struct config_errors errors;
	char text[8192];

	(void)state;
	read_sample(true, text, sizeof text);
	assert_non_null(strstr(text, "\n  internal:\n"));
	assert_int_equal(load_text(text, &config, &errors), ERR_BAD);
	for (size_t i = 0; i < errors.count; i++)
		if (!strstr(errors.lines[i], "group of this system") && !strstr(errors.lines[i], "No such file"))
			fail_msg("%s", errors.lines[i]);
	config_errors_release(&errors);
}

static int setup(void **state)
{
	if (setup_folder(state))
		return -1;
	write_plugin("webhook", "echo '{\"abi\":1,\"options\":[{\"name\":\"url\",\"type\":\"url\"},"
				"{\"name\":\"secret\",\"type\":\"string\",\"secret\":true}]}'\n");
	write_plugin("exec", "echo '{\"abi\":1,\"options\":[{\"name\":\"program\",\"type\":\"path\"},"
			     "{\"name\":\"args\",\"type\":\"list\"}]}'\n");
	write_plugin("none", "echo '{\"abi\":1,\"name\":\"none\",\"options\":[]}'\n");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_file_gets_all_defaults),
		cmocka_unit_test(every_key_reaches_its_field),
		cmocka_unit_test(watches_are_sorted_and_folded),
		cmocka_unit_test(routes_select_as_they_say),
		cmocka_unit_test(groupings_are_read_as_they_say),
		cmocka_unit_test(a_fallback_and_a_heartbeat_use_their_notifiers),
		cmocka_unit_test(projects_have_teams_and_lockfiles),
		cmocka_unit_test(sources_are_the_indexes_and_then_what_they_mirror),
		cmocka_unit_test(what_is_hardly_meant_is_a_remark),
		cmocka_unit_test(certificates_come_from_the_file_that_is_named),
		cmocka_unit_test(the_same_certificates_have_the_same_id),
		cmocka_unit_test(a_configuration_lives_until_its_last_reference),
		cmocka_unit_test(a_file_that_cannot_be_read_is_one_line),
		cmocka_unit_test(the_sample_is_good_as_it_stands),
		cmocka_unit_test(every_setting_of_the_sample_exists),
		cmocka_unit_test(an_installed_daemon_has_the_paths_of_its_build),
	};
	return cmocka_run_group_tests(tests, setup, remove_folder);
}
