/* SPDX-License-Identifier: Apache-2.0 */
/* `reasons` of a registry: defaults, what they may be, and what an operator is told. */
#include "fixture.h"

#define MIRROR "registries:\n  r:\n    index: sparse+http://localhost/\n"
#define CRATES_IO "registries:\n  r:\n    index: sparse+https://index.crates.io/\n    contact: a@b.test\n"
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static void reasons_of_crates_io_are_asked_unless_told_otherwise(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool from_api;
	} rows[] = {
		{CRATES_IO, true},
		{CRATES_IO "    reasons:\n", true},
		{CRATES_IO "    reasons: {wait: 5s}\n", true},
		{CRATES_IO "    reasons: {from: none}\n", false},
		{MIRROR, false},
		{MIRROR "    reasons: {wait: 5s}\n", false},
		{MIRROR "    reasons: {from: crates.io}\n", true},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct config *config = load_good(rows[i].text);
		assert_int_equal(config->registries[0].reasons.from_api, rows[i].from_api);
		config_unref(config);
	}
}

static void absent_keys_have_their_defaults(void **state)
{
	(void)state;
	const struct config *config = load_good(CRATES_IO);
	const struct config_reasons *reasons = &config->registries[0].reasons;

	assert_null(reasons->api_url);
	assert_int_equal(reasons->requests_per_second, 1);
	assert_int_equal(reasons->wait_ms, 20000);
	assert_int_equal(reasons->n_rechecks, 7);
	assert_int_equal(reasons->recheck_ms[0], 60000);
	assert_int_equal(reasons->recheck_ms[6], 30 * DAY_MS);
	assert_ptr_equal(reasons->trust, config->registries[0].trust);
	assert_string_equal(reasons->trust_id, config->registries[0].trust_id);
	config_unref(config);
}

static void every_key_reaches_its_field(void **state)
{
	(void)state;
	const struct config *config =
		load_good(MIRROR "    reasons: {from: crates.io, api_url: \"http://127.0.0.1:8080/api//\",\n"
				 "      requests_per_second: 1000, wait: 0s, recheck: [10s, 365d, 90m]}\n");
	const struct config_reasons *reasons = &config->registries[0].reasons;

	assert_string_equal(reasons->api_url, "http://127.0.0.1:8080/api");
	assert_int_equal(reasons->requests_per_second, 1000);
	assert_int_equal(reasons->wait_ms, 0);
	assert_int_equal(reasons->n_rechecks, 3);
	assert_int_equal(reasons->recheck_ms[0], 10000);
	assert_int_equal(reasons->recheck_ms[1], 365 * DAY_MS);
	assert_int_equal(reasons->recheck_ms[2], 5400000);
	assert_null(reasons->trust);
	config_unref(config);
	config = load_good(MIRROR "    reasons: {from: crates.io, recheck: []}\n");
	assert_int_equal(config->registries[0].reasons.n_rechecks, 0);
	config_unref(config);
}

static void a_plain_http_index_may_have_an_api_with_tls(void **state)
{
	(void)state;
	const struct config *config =
		load_good(MIRROR "    reasons: {from: crates.io, api_url: \"https://api.corp.test\"}\n");

	assert_null(config->registries[0].trust);
	assert_non_null(config->registries[0].reasons.trust);
	config_unref(config);
	load_bad(MIRROR "    ca_file: /etc/passwd\n    reasons: {from: crates.io, api_url: \"http://api.corp.test\"}\n",
		 "4: registries.r.ca_file: has no meaning, the index is plain http\n");
	load_bad(MIRROR "    ca_file: /nowhere/ca.pem\n"
			"    reasons: {from: crates.io, api_url: \"https://api.corp.test\"}\n",
		 "4: registries.r.ca_file: \"/nowhere/ca.pem\" cannot be opened: No such file or directory\n");
}

static void every_fault_is_told_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{MIRROR "    reasons: crates.io\n", "4: registries.r.reasons: is a text, allowed: a mapping\n"},
		{MIRROR "    reasons: {from: crates-io}\n",
		 "4: registries.r.reasons.from: \"crates-io\" is not known, did you mean \"crates.io\"?\n"},
		{MIRROR "    reasons:\n      form: none\n",
		 "5: registries.r.reasons.form: unknown key, did you mean \"from\"?\n"},
		{MIRROR "    reasons: {requests_per_second: 0}\n",
		 "4: registries.r.reasons.requests_per_second: \"0\" is too small, allowed: 1 to 1000\n"},
		{CRATES_IO "    reasons:\n      requests_per_second: 2\n",
		 "6: registries.r.reasons.requests_per_second: \"2\" is too many, allowed: 1 for crates.io\n"},
		{MIRROR "    contact: a@b.test\n    reasons: {from: crates.io, api_url: \"https://crates.io/\",\n"
			"      requests_per_second: 2}\n",
		 "6: registries.r.reasons.requests_per_second: \"2\" is too many, allowed: 1 for crates.io\n"},
		{MIRROR "    reasons: {from: crates.io, api_url: \"https://crates.io\"}\n",
		 "2: registries.r.contact: is missing, crates.io requires one: an address of yours\n"},
		{MIRROR "    reasons: {api_url: crates.io}\n",
		 "4: registries.r.reasons.api_url: \"crates.io\" is not a URL, allowed: http:// or https:// and a "
		 "host, no blanks\n"},
		{MIRROR "    reasons: {api_url: \"https://a@h/\"}\n",
		 "4: registries.r.reasons.api_url: \"https://a@h/\" must be http:// or https:// and a host, without "
		 "blanks, ?, # and @\n"},
		{MIRROR "    reasons: {wait: 11m}\n",
		 "4: registries.r.reasons.wait: \"11m\" is too long, allowed: 0s to 10m\n"},
		{MIRROR "    reasons: {recheck: 1m}\n",
		 "4: registries.r.reasons.recheck: is a text, allowed: a list\n"},
		{MIRROR "    reasons:\n      recheck: [1m,\n        9s, soon, 366d, [1m]]\n",
		 "6: registries.r.reasons.recheck[1]: \"9s\" is too short, allowed: 10s to 365d\n"
		 "6: registries.r.reasons.recheck[2]: \"soon\" is not a duration, allowed: 10s to 365d\n"
		 "6: registries.r.reasons.recheck[3]: \"366d\" is too long, allowed: 10s to 365d\n"
		 "6: registries.r.reasons.recheck[4]: is a list, allowed: a text\n"},
		{MIRROR "    reasons: {recheck: [1m,1m,1m,1m,1m,1m,1m,1m,1m,1m,1m,1m,1m,1m,1m,1m,1m]}\n",
		 "4: registries.r.reasons.recheck: has 17 entries, allowed: at most 16\n"},
		{CRATES_IO "    ca_file: /etc/passwd\n    reasons: {api_url: \"https://h\"}\n",
		 "5: registries.r.ca_file: \"/etc/passwd\" holds no certificate, allowed: PEM (-----BEGIN "
		 "CERTIFICATE-----)\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		load_bad(rows[i].text, rows[i].expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_of_crates_io_are_asked_unless_told_otherwise),
		cmocka_unit_test(absent_keys_have_their_defaults),
		cmocka_unit_test(every_key_reaches_its_field),
		cmocka_unit_test(a_plain_http_index_may_have_an_api_with_tls),
		cmocka_unit_test(every_fault_is_told_with_its_line),
	};

	return cmocka_run_group_tests(tests, setup_folder, remove_folder);
}
