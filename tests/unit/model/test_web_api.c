/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a web API is, and what is asked of it. */
#include "model/web_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_base_is_a_plain_url(void **state)
{
	(void)state;
	static const struct {
		const char *text, *base; /* NULL: it is none */
	} rows[] = {
		{"https://crates.io", "https://crates.io"},
		{"https://crates.io/", "https://crates.io"},
		{"http://127.0.0.1:8080/a/b//", "http://127.0.0.1:8080/a/b"},
		{"https://[::1]/x", "https://[::1]/x"},
		/* one API has one budget, however it is written */
		{"https://Crates.IO:443", "https://crates.io"},
		{"https://crates.io./", "https://crates.io"},
		{"https://CRATES.io.:443/X/", "https://crates.io/X"},
		{"http://h:80", "http://h"},
		{"http://h:443/", "http://h:443"},
		{"http://h:8080", "http://h:8080"},
		{"https://[::1]:443/x", "https://[::1]/x"},
		{"https://[FE80::1]:8443", "https://[fe80::1]:8443"},
		{"ftp://crates.io", NULL},
		{"crates.io", NULL},
		{"", NULL},
		{"https://", NULL},
		{"https:///x", NULL},
		{"https://:1", NULL},
		{"https://a@crates.io", NULL},
		{"https://crates.io/?a", NULL},
		{"https://crates.io/#a", NULL},
		{"https://crates.io/a b", NULL},
		{"https://crates.io/\r\nHost: a", NULL},
		{"https://crates.io/\x7f", NULL},
		{"https://cr\xc3\xa4tes.io", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf base = {0};
		assert_int_equal(web_api_base(rows[i].text, &base), rows[i].base != NULL);
		assert_string_equal(strbuf_str(&base), rows[i].base ? rows[i].base : "");
	}
}

static void crates_io_is_known_by_its_host(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool is_it;
	} rows[] = {
		{"https://crates.io", true},
		{"http://CRATES.io:80/x", true},
		{"https://index.crates.io/", true},
		{"https://crates.io./", true},
		{"https://mycrates.io", false},
		{"https://crates.io.example", false},
		{"https://h/crates.io", false},
		{"https://io", false},
		{"crates.io", false},
		{"https://proxy.example/index.crates.io/", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(web_api_is_crates_io(rows[i].url), rows[i].is_it);
}

static void an_origin_is_scheme_host_and_port(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{"https://h/index/", "https://h", true},
		{"https://h/index/", "https://H:443/api", true},
		{"http://h:80/", "http://h", true},
		{"http://h:8080/index/", "http://h:8080", true},
		{"http://h:8080/", "http://h:8081", false},
		{"https://h/", "http://h/", false},
		{"https://h/", "https://h.example/", false},
		{"https://h.example/", "https://h/", false},
		{"https://h:443/", "https://h:44/", false},
		{"https://h:80/", "https://h/", false},
		{"https://[::1]:443/x", "https://[::1]", true},
		{"https://[::1", "https://[::1", true},
		{"https://[::1]/", "https://[::2]/", false},
		{"nonsense", "nonsense", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(web_api_same_origin(rows[i].a, rows[i].b), rows[i].same);
		assert_int_equal(web_api_same_origin(rows[i].b, rows[i].a), rows[i].same);
	}
}

static void what_is_asked_is_encoded(void **state)
{
	(void)state;
	static const char *const versions[] = {"1.0.0", "1.0.1+b.1", "1&nums[]=2 \"\xc3\xa4\n"};
	OWNED_STRBUF struct strbuf url = {0};

	web_api_put_versions(&url, "https://h/x", "de-mo_1");
	assert_int_equal(web_api_put_nums(&url, versions, 3), 3);
	assert_string_equal(strbuf_str(&url),
			    "https://h/x/api/v1/crates/de-mo_1/versions?nums%5B%5D=1.0.0&nums%5B%5D=1.0.1%2Bb.1"
			    "&nums%5B%5D=1%26nums%5B%5D%3D2%20%22%C3%A4%0A");
	strbuf_reset(&url);
	web_api_put_owners(&url, "https://h", "../a");
	assert_string_equal(strbuf_str(&url), "https://h/api/v1/crates/..%2Fa/owners");
}

static void a_request_takes_as_many_as_have_room(void **state)
{
	(void)state;
	char longer[WEB_API_NUMS_MAX];
	const char *versions[100];
	OWNED_STRBUF struct strbuf url = {0};

	memset(longer, '1', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		versions[i] = longer;
	assert_int_equal(web_api_put_nums(&url, versions, ARRAY_LEN(versions)), 1);
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		versions[i] = "10.20.30-alpha.1";
	strbuf_reset(&url);
	assert_int_equal(web_api_put_nums(&url, versions, ARRAY_LEN(versions)), 100);
	longer[199] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		versions[i] = longer;
	strbuf_reset(&url);
	size_t n = web_api_put_nums(&url, versions, ARRAY_LEN(versions));
	assert_in_range(n, 10, 40);
	assert_true(url.len < WEB_API_NUMS_MAX + 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_base_is_a_plain_url),
		cmocka_unit_test(crates_io_is_known_by_its_host),
		cmocka_unit_test(an_origin_is_scheme_host_and_port),
		cmocka_unit_test(what_is_asked_is_encoded),
		cmocka_unit_test(a_request_takes_as_many_as_have_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
