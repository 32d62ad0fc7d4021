/* SPDX-License-Identifier: Apache-2.0 */
/* What a request to a sparse index says and what its reply means, without a network. */
#include "net/registry_http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_status_has_its_meaning(void **state)
{
	(void)state;
	static const struct {
		int64_t retry_after_ms;
		int status;
		enum registry_answer expected;
	} rows[] = {
		{0, 200, REGISTRY_NEW},        {0, 304, REGISTRY_UNCHANGED},  {0, 404, REGISTRY_GONE},
		{0, 410, REGISTRY_GONE},       {0, 451, REGISTRY_GONE},       {0, 429, REGISTRY_LIMITED},
		{1000, 429, REGISTRY_LIMITED}, {1000, 503, REGISTRY_LIMITED}, {0, 503, REGISTRY_FAILED},
		{1000, 500, REGISTRY_FAILED},  {0, 401, REGISTRY_FAILED},     {0, 403, REGISTRY_FAILED},
		{0, 400, REGISTRY_FAILED},     {0, 405, REGISTRY_FAILED},     {0, 201, REGISTRY_FAILED},
		{0, 204, REGISTRY_FAILED},     {0, 206, REGISTRY_FAILED}, /* half a file would be deletions */
		{0, 301, REGISTRY_FAILED},     {0, 302, REGISTRY_FAILED},     {0, 502, REGISTRY_FAILED},
		{0, 100, REGISTRY_FAILED},     {0, 0, REGISTRY_FAILED},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct http_reply reply = {.status = rows[i].status, .retry_after_ms = rows[i].retry_after_ms};
		assert_int_equal(registry_answer(&reply), rows[i].expected);
	}
}

static void a_broken_transfer_is_a_failure_whatever_its_status(void **state)
{
	(void)state;
	static const int rows[] = {0, 200, 304, 404, 429, 503};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_reply reply = {.status = rows[i], .retry_after_ms = 1000};
		struct err err = {0};
		(void)err_set(&reply.err, ERR_LIMIT, "a reply above its limit");
		assert_int_equal(registry_answer(&reply), REGISTRY_FAILED);
		assert_int_equal(registry_explain(&reply, &err), ERR_LIMIT);
		assert_string_equal(err.text, "a reply above its limit");
	}
}

static void failures_are_explained_in_a_sentence(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *expected;
	} rows[] = {
		{401, "HTTP 401: the registry wants another token (token_file)"},
		{403, "HTTP 403: the registry refuses us"},
		{429, "HTTP 429: too many requests"},
		{301, "HTTP 301: a redirect, which is not followed"},
		{308, "HTTP 308: a redirect, which is not followed"},
		{500, "HTTP 500"},
		{503, "HTTP 503"},
		{206, "HTTP 206"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct http_reply reply = {.status = rows[i].status};
		struct err err = {0};
		assert_int_equal(registry_explain(&reply, &err), ERR_IO);
		assert_string_equal(err.text, rows[i].expected);
	}
}

#define OWNED_HEADERS OWNED(registry_headers_release)

static void make_headers(const struct validators *validators, const char *token, struct registry_headers *ret)
{
	struct err err = {0};

	assert_int_equal(registry_headers_make(validators, token, ret, &err), 0);
}

static void requests_carry_what_cargo_sends_and_one_validator(void **state)
{
	(void)state;
	static char etag[] = "W/\"abc\"";
	static const struct {
		struct validators validators;
		const char *conditional;
	} rows[] = {
		{{NULL, 0}, NULL},
		{{etag, 0}, "if-none-match: W/\"abc\""},
		{{etag, 1795253400}, "if-none-match: W/\"abc\""}, /* the ETag wins */
		{{NULL, 1795253400}, NULL},                       /* it cannot tell two changes of one second apart */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_HEADERS struct registry_headers headers;
		make_headers(&rows[i].validators, NULL, &headers);
		assert_string_equal(headers.list[0], "cargo-protocol: version=1");
		assert_string_equal(headers.list[1], "accept: text/plain");
		if (!rows[i].conditional) {
			assert_null(headers.list[2]);
			continue;
		}
		assert_string_equal(headers.list[2], rows[i].conditional);
		assert_null(headers.list[3]);
	}
}

static void a_token_is_sent_without_a_scheme(void **state)
{
	(void)state;
	const struct validators none = {0};
	OWNED_HEADERS struct registry_headers headers;

	make_headers(&none, "t0ken", &headers);

	assert_string_equal(headers.list[2], "authorization: t0ken");
	assert_null(headers.list[3]);
}

static void a_401_says_where_a_token_is_to_be_had(void **state)
{
	(void)state;
	static const struct {
		const char *authenticate, *said;
	} rows[] = {
		{"Cargo login_url=\"https://crates.example/me\"",
		 "HTTP 401: the registry wants another token (token_file), to be had at https://crates.example/me"},
		{"Basic realm=\"x\"", "HTTP 401: the registry wants another token (token_file)"},
		{"Cargo", "HTTP 401: the registry wants another token (token_file)"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct http_reply reply = {.status = 401,
						 .authenticate = (char *)(uintptr_t)rows[i].authenticate};
		struct err err = {0};
		assert_int_equal(registry_explain(&reply, &err), ERR_IO);
		assert_string_equal(err.text, rows[i].said);
	}
}

static void the_longest_etag_is_sent_back_whole(void **state)
{
	(void)state;
	char etag[ETAG_MAX + 1];
	OWNED_HEADERS struct registry_headers headers;
	const struct validators validators = {.etag = etag};

	memset(etag, 'e', ETAG_MAX);
	etag[ETAG_MAX] = '\0';
	make_headers(&validators, NULL, &headers);
	assert_int_equal(strlen(headers.list[2]), strlen("if-none-match: ") + ETAG_MAX);
	assert_string_equal(headers.list[2] + strlen("if-none-match: "), etag);
}

static void the_user_agent_names_version_and_contact(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf out = {0};

	registry_user_agent(&out, "security@example.com");
	assert_string_equal(strbuf_str(&out), "yankwatch/" YANKWATCH_VERSION " (security@example.com)");
	strbuf_reset(&out);
	registry_user_agent(&out, NULL);
	assert_string_equal(strbuf_str(&out), "yankwatch/" YANKWATCH_VERSION);
}

static void config_json_needs_dl_and_perhaps_a_token(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		int expected;
	} rows[] = {
		{"{\"dl\":\"https://static.crates.io/crates\",\"api\":\"https://crates.io\"}", 0},
		{"{\"dl\":\"x\"}", 0},
		{"{\"dl\":\"x\",\"api\":null}", 0},
		{"{\"dl\":\"x\",\"auth-required\":false,\"unknown\":{\"k\":[1]}}\n", 0},
		{"{\"dl\":\"x\",\"auth-required\":true}", ERR_REFUSED},
		{"{}", ERR_BAD},
		{"{\"dl\":null}", ERR_BAD},
		{"{\"dl\":1}", ERR_BAD},
		{"{\"DL\":\"x\"}", ERR_BAD},
		{"{\"api\":\"x\"}", ERR_BAD},
		{"{\"dl\":\"x\",\"dl\":\"y\"}", ERR_BAD},
		{"[\"dl\"]", ERR_BAD},
		{"\"dl\"", ERR_BAD},
		{"null", ERR_BAD},
		{"", ERR_BAD},
		{"<html>", ERR_BAD},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf api = {0};
		struct err err = {0};
		assert_int_equal(registry_config_check(rows[i].body, strlen(rows[i].body), false, &api, &err),
				 rows[i].expected);
		if (rows[i].expected)
			assert_true(err.text[0]);
	}
	static const char wants[] = "{\"dl\":\"x\",\"auth-required\":true}";
	struct strbuf none = {0};
	struct err err = {0};
	assert_int_equal(registry_config_check(wants, strlen(wants), true, &none, &err), 0);
}

static void config_json_may_name_a_web_api(void **state)
{
	(void)state;
	static const struct {
		const char *body, *api;
	} rows[] = {
		{"{\"dl\":\"x\",\"api\":\"https://crates.io\"}", "https://crates.io"},
		{"{\"dl\":\"x\",\"api\":\"http://h:8/a/\"}", "http://h:8/a"},
		{"{\"dl\":\"x\",\"api\":\"file:///etc/passwd\"}", ""},
		{"{\"dl\":\"x\",\"api\":[\"https://crates.io\"]}", ""},
		{"{\"dl\":\"x\",\"api\":null}", ""},
		{"{\"dl\":\"x\"}", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf api = {0};
		struct err err;
		assert_int_equal(registry_config_check(rows[i].body, strlen(rows[i].body), false, &api, &err), 0);
		assert_string_equal(strbuf_str(&api), rows[i].api);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_its_meaning),
		cmocka_unit_test(a_broken_transfer_is_a_failure_whatever_its_status),
		cmocka_unit_test(failures_are_explained_in_a_sentence),
		cmocka_unit_test(requests_carry_what_cargo_sends_and_one_validator),
		cmocka_unit_test(the_longest_etag_is_sent_back_whole),
		cmocka_unit_test(a_token_is_sent_without_a_scheme),
		cmocka_unit_test(a_401_says_where_a_token_is_to_be_had),
		cmocka_unit_test(the_user_agent_names_version_and_contact),
		cmocka_unit_test(config_json_needs_dl_and_perhaps_a_token),
		cmocka_unit_test(config_json_may_name_a_web_api),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
