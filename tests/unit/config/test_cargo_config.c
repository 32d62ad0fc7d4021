/* SPDX-License-Identifier: Apache-2.0 */
/* The registries that cargo's configuration brings, and what is said of those that it cannot. */
#include "base/strbuf.h"
#include "fixture.h"

#define FROM "from_cargo_config: %s/config.toml\n%s"
#define OWN "registries: {own: {index: \"sparse+http://own.example/\"}}\n"

/* Loads `yaml` and the key, with cargo's files; NULL: no credentials. All that is told, a line each and
 * without the folder, goes to `told`. NULL: it was refused. */
static const struct config *load_with(const char *yaml, const char *toml, const char *credentials, struct strbuf *told)
{
	const struct config *config = NULL;
	struct config_errors errors;
	char text[2048];

	(void)unlink("credentials.toml");
	write_file("config.toml", toml, 0644);
	if (credentials)
		write_file("credentials.toml", credentials, 0600);
	(void)snprintf(text, sizeof text, FROM, fixture_folder, yaml);
	(void)load_text(text, &config, &errors);
	strbuf_reset(told);
	const struct config_errors *lines = config ? &config->remarks : &errors;
	for (size_t i = 0; i < lines->count; i++) {
		const char *line = lines->lines[i];
		if (strncmp(line, fixture_folder, strlen(fixture_folder)) == 0)
			line += strlen(fixture_folder) + 1;
		strbuf_addf(told, "%s\n", line);
	}
	config_errors_release(&errors);
	return config;
}

/* "name index [token]; …" and what is mirrored. */
static void check_registries(const struct config *config, const char *expected)
{
	OWNED_STRBUF struct strbuf found = {0};

	assert_non_null(config);
	for (size_t i = 0; i < config->n_registries; i++) {
		const struct config_registry *registry = &config->registries[i];
		strbuf_addf(&found, "%s %s%s%s; ", registry->name, registry->index_url, registry->token ? " " : "",
			    registry->token ? registry->token : "");
	}
	for (size_t i = config->n_registries; i < config->sources.n; i++)
		strbuf_addf(&found, "%s = %s; ", config->sources.items[i].url, config->sources.items[i].registry);
	assert_string_equal(strbuf_str(&found), expected);
}

static void cargos_registries_follow_ours(void **state)
{
	OWNED_STRBUF struct strbuf told = {0};
	(void)state;
	const struct config *config =
		load_with(OWN "watch: [{registry: internal, crates: [demo]}]\n",
			  "[registries]\n"
			  "own = { index = \"sparse+http://other.example/\" }\n"
			  "again = { index = \"sparse+http://own.example/\" }\n"
			  "[registries.internal]\n"
			  "index = \"sparse+http://localhost:1/index/\"\n"
			  "[net]\nretry = 3\n",
			  "[registries.internal]\ntoken = \"secret\"\n[registries.own]\ntoken = \"other\"\n", &told);
	check_registries(config, "own http://own.example/; internal http://localhost:1/index/ secret; ");
	assert_string_equal(strbuf_str(&told), "");
	assert_int_equal(config->n_watches, 1);
	assert_int_equal(config->watches[0].registry, 1);
	config_unref(config);
}

static void no_registry_of_ours_is_needed(void **state)
{
	OWNED_STRBUF struct strbuf told = {0};
	(void)state;
	const struct config *config =
		load_with("", "[registries]\nr = { index = \"sparse+http://r.example/\" }\n", NULL, &told);
	check_registries(config, "r http://r.example/; ");
	config_unref(config);
	assert_null(load_with("", "[net]\n", NULL, &told));
	assert_string_equal(strbuf_str(&told), CONFIG_NAME ":1: registries: is missing, it is required\n");
}

static void what_stands_for_a_source_mirrors_it(void **state)
{
	static const struct {
		const char *toml, *expected, *told;
	} rows[] = {
		{"[source.crates-io]\nreplace-with = \"near\"\n"
		 "[source.near]\nregistry = \"sparse+http://near.example/\"\n",
		 "near http://near.example/; https://index.crates.io/ = near; ", ""},
		{"[source.crates-io]\nreplace-with = \"near\"\n[source.near]\nreplace-with = \"far\"\n"
		 "[source.far]\nregistry = \"sparse+http://far.example/\"\n",
		 "far http://far.example/; https://index.crates.io/ = far; ", ""},
		/* one of [registries], by its name or by its index */
		{"[source.crates-io]\nreplace-with = \"r\"\n[registries.r]\nindex = \"sparse+http://r.example/\"\n",
		 "r http://r.example/; https://index.crates.io/ = r; ", ""},
		{"[source.crates-io]\nreplace-with = \"near\"\n[source.near]\nregistry = \"sparse+http://r.example/\"\n"
		 "[registries.r]\nindex = \"sparse+http://r.example/\"\n",
		 "r http://r.example/; https://index.crates.io/ = r; ", ""},
		/* of another registry */
		{"[source.x]\nregistry = \"https://x.example/git\"\nreplace-with = \"r\"\n"
		 "[registries.r]\nindex = \"sparse+http://r.example/\"\n",
		 "r http://r.example/; https://x.example/git = r; ", ""},
		/* nothing to poll */
		{"[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"\n"
		 "[registries.r]\nindex = \"sparse+http://r.example/\"\n",
		 "r http://r.example/; ",
		 "config.toml:2: source.crates-io.replace-with: \"vendored\" is not polled: it is no registry with a "
		 "sparse index\n"},
		{"[registries.r]\nindex = \"sparse+http://r.example/\"\n[registries.g]\nindex = "
		 "\"https://g.example/git\"\n"
		 "[registries.c]\nindex = \"sparse+https://index.crates.io/\"\n"
		 "[registries.\"a b\"]\nindex = \"sparse+http://ab.example/\"\n",
		 "r http://r.example/; ",
		 "config.toml:4: registries.g.index: \"https://g.example/git\" is a git index and is not polled, "
		 "allowed: "
		 "sparse+https://HOST/\n"
		 "config.toml:6: registries.c.index: \"sparse+https://index.crates.io/\" is not polled for cargo's "
		 "sake: "
		 "name it in `registries`, with a contact\n"
		 "config.toml:8: registries.a b.index: \"sparse+http://ab.example/\" is not polled: its name is not a "
		 "name, "
		 "allowed: 1 to 64 letters, digits, - and _\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf told = {0};
		const struct config *config = load_with("", rows[i].toml, NULL, &told);
		assert_string_equal(strbuf_str(&told), rows[i].told);
		check_registries(config, rows[i].expected);
		config_unref(config);
	}
}

static void what_ours_mirrors_is_ours(void **state)
{
	OWNED_STRBUF struct strbuf told = {0};
	(void)state;
	const struct config *config =
		load_with("registries: {own: {index: \"sparse+http://own.example/\", mirror_of: [crates.io]}}\n",
			  "[source.crates-io]\nreplace-with = \"near\"\n"
			  "[source.near]\nregistry = \"sparse+http://near.example/\"\n",
			  NULL, &told);
	check_registries(config, "own http://own.example/; https://index.crates.io/ = own; ");
	config_unref(config);
}

static void faults_name_cargos_file_and_line(void **state)
{
	static const struct {
		const char *toml, *credentials, *told;
	} rows[] = {
		{"[registries]\nr = 1\nr = 2\n", NULL, "config.toml:3: no TOML: "},
		{"[registries.r]\nindex = \"sparse+http://r.example/index\"\n", NULL,
		 "config.toml:2: registries.r.index: \"sparse+http://r.example/index\" must end in /"},
		{"[source.crates-io]\nreplace-with = \"a\"\n[source.a]\nreplace-with = \"crates-io\"\n", NULL,
		 "config.toml:2: source.crates-io.replace-with: \"a\" never ends: these sources stand for one another"},
		{"[registries.r]\nindex = \"sparse+http://r.example/\"\n", "[registries.r]\ntoken = \"secret\"\n",
		 "credentials.toml:2: registries.r.token: would be sent in the clear, the index is plain http"},
		{"[registries.r]\nindex = \"sparse+http://localhost/\"\n", "[registries.r]\ntoken = \"se cret\"\n",
		 "credentials.toml:2: registries.r.token: holds no token, allowed: "},
		{"[registries.r]\nindex = \"sparse+http://localhost/\"\n", "[registries.r\n",
		 "credentials.toml:1: no TOML: "},
		{"[registries.r]\nindex = \"sparse+http://localhost/\"\ntoken = \"secret\"\n", NULL, "config.toml: "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf told = {0};
		assert_null(load_with(OWN, rows[i].toml, rows[i].credentials, &told));
		if (strncmp(strbuf_str(&told), rows[i].told, strlen(rows[i].told)) != 0 ||
		    strstr(strbuf_str(&told), "secret"))
			fail_msg("row %zu: %s", i, &told);
	}
}

static void what_holds_a_token_is_closed_to_others(void **state)
{
	static const char toml[] = "[registries.r]\nindex = \"sparse+http://localhost/\"\ntoken = \"secret\"\n";
	const struct config *config = NULL;
	struct config_errors errors;
	char text[2048];

	(void)state;
	(void)unlink("credentials.toml");
	(void)snprintf(text, sizeof text, FROM, fixture_folder, "");
	write_file("config.toml", toml, 0640);
	config = load_good(text);
	assert_string_equal(config->registries[0].token, "secret");
	config_unref(config);
	/* both hold one: that of the credentials counts */
	write_file("credentials.toml", "[registries.r]\ntoken = \"other\"\n", 0600);
	config = load_good(text);
	assert_string_equal(config->registries[0].token, "other");
	config_unref(config);
	assert_int_equal(chmod("credentials.toml", 0644), 0);
	assert_int_equal(load_text(text, &config, &errors), ERR_BAD);
	assert_int_equal(errors.count, 1);
	assert_non_null(strstr(errors.lines[0], "/credentials.toml: "));
	config_errors_release(&errors);
}

static void a_file_that_is_not_there_is_told(void **state)
{
	const struct config *config = NULL;
	struct config_errors errors;

	(void)state;
	assert_int_not_equal(load_text("from_cargo_config: /nowhere/config.toml\n", &config, &errors), 0);
	assert_int_equal(errors.count, 1);
	assert_non_null(strstr(errors.lines[0], "/nowhere/config.toml: "));
	config_errors_release(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cargos_registries_follow_ours),
		cmocka_unit_test(no_registry_of_ours_is_needed),
		cmocka_unit_test(what_stands_for_a_source_mirrors_it),
		cmocka_unit_test(what_ours_mirrors_is_ours),
		cmocka_unit_test(faults_name_cargos_file_and_line),
		cmocka_unit_test(what_holds_a_token_is_closed_to_others),
		cmocka_unit_test(a_file_that_is_not_there_is_told),
	};
	return cmocka_run_group_tests(tests, setup_folder, remove_folder);
}
