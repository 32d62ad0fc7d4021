/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts of the HTTP plugins; what the wire does is in the integration tests. */
#include "lib/address.h"
#include "lib/answer.h"
#include "lib/deadline.h"
#include "lib/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_pause_is_between_a_second_and_an_hour(void **state)
{
	(void)state;
	assert_int_equal(http_pause_ms(0), 0);
	assert_int_equal(http_pause_ms(-30), 1000);
	assert_int_equal(http_pause_ms(1), 1000);
	assert_int_equal(http_pause_ms(90), 90000);
	assert_int_equal(http_pause_ms(3600), 3600000);
	assert_int_equal(http_pause_ms(INT64_MAX), 3600000);
}

static void the_reserve_is_a_tenth_and_a_second_at_most(void **state)
{
	(void)state;
	assert_int_equal(deadline_reserve_ms(0), 0);
	assert_int_equal(deadline_reserve_ms(500), 50);
	assert_int_equal(deadline_reserve_ms(30000), 1000);
}

static struct yw_result judge(const struct http_answer *answer)
{
	struct yw_result result = {.size = sizeof result};

	answer_fill(answer, answer_rule(answer, answer_rules), &result);
	return result;
}

static void answers_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		long status;
		CURLcode code;
		enum yw_outcome outcome;
	} rows[] = {
		{200, CURLE_OK, YW_OK},
		{204, CURLE_OK, YW_OK},
		{299, CURLE_OK, YW_OK},
		{301, CURLE_OK, YW_REJECT},
		{308, CURLE_OK, YW_REJECT},
		{400, CURLE_OK, YW_REJECT},
		{404, CURLE_OK, YW_REJECT},
		{408, CURLE_OK, YW_RETRY},
		{410, CURLE_OK, YW_REJECT},
		{425, CURLE_OK, YW_RETRY},
		{429, CURLE_OK, YW_RETRY},
		{499, CURLE_OK, YW_REJECT},
		{500, CURLE_OK, YW_RETRY},
		{503, CURLE_OK, YW_RETRY},
		{999, CURLE_OK, YW_RETRY},
		{0, CURLE_OK, YW_RETRY},
		{0, CURLE_COULDNT_CONNECT, YW_RETRY},
		{0, CURLE_PEER_FAILED_VERIFICATION, YW_RETRY},
		{200, CURLE_OPERATION_TIMEDOUT, YW_RETRY},
		{404, CURLE_PARTIAL_FILE, YW_RETRY},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(judge(&(struct http_answer){.code = rows[i].code, .status = rows[i].status}).outcome,
				 rows[i].outcome);
}

static void expect_text(const struct http_answer *answer, int64_t pause_ms, const char *text)
{
	struct yw_result result = judge(answer);

	assert_string_equal(result.text, text);
	assert_int_equal(result.retry_after_ms, pause_ms);
}

static void results_say_what_was_answered(void **state)
{
	(void)state;
	expect_text(&(struct http_answer){.status = 204}, 0, "HTTP 204");
	expect_text(&(struct http_answer){.status = 503, .retry_after_ms = 7000, .body = "busy\x1b", .body_len = 5},
		    7000, "HTTP 503: busy\\x1b");
	expect_text(&(struct http_answer){.status = 301, .retry_after_ms = 7000}, 0,
		    "HTTP 301 (redirects are not followed)");
	expect_text(&(struct http_answer){.code = CURLE_COULDNT_CONNECT, .error = "refused"}, 0, "no answer: refused");
}

static void long_answers_are_cut(void **state)
{
	(void)state;
	struct http_answer answer = {.status = 500, .body_len = HTTP_ANSWER_MAX};

	memset(answer.body, 1, sizeof answer.body);
	struct yw_result result = judge(&answer);
	assert_int_equal(strlen(result.text), strlen("HTTP 500: ") + ANSWER_BODY_SHOWN * strlen("\\x01"));
}

static bool is_public(const char *text)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = {0};

	if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1)
		address.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &address.v6.sin6_addr) == 1)
		address.any.sa_family = AF_INET6;
	else
		fail_msg("%s is no address", text);
	return address_is_public(&address.any);
}

static void public_addresses_are_told_from_others(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool expected;
	} rows[] = {
		{"0.0.0.0", false},
		{"1.1.1.1", true},
		{"9.255.255.255", true},
		{"10.0.0.1", false},
		{"11.0.0.0", true},
		{"100.63.255.255", true},
		{"100.64.0.1", false},
		{"100.127.255.255", false},
		{"100.128.0.0", true},
		{"127.0.0.1", false},
		{"169.254.169.254", false},
		{"172.15.255.255", true},
		{"172.16.0.1", false},
		{"172.31.255.255", false},
		{"172.32.0.0", true},
		{"192.0.0.8", false},
		{"192.0.2.1", false},
		{"192.0.3.1", true},
		{"192.168.0.1", false},
		{"192.169.0.1", true},
		{"198.17.255.255", true},
		{"198.19.0.1", false},
		{"198.51.100.1", false},
		{"203.0.113.1", false},
		{"223.255.255.255", true},
		{"224.0.0.1", false},
		{"255.255.255.255", false},
		{"::", false},
		{"::1", false},
		{"::7f00:1", false},
		{"::ffff:127.0.0.1", false},
		{"::ffff:169.254.169.254", false},
		{"::ffff:10.0.0.1", false},
		{"::ffff:1.1.1.1", true},
		{"64:ff9b::7f00:1", false},
		{"64:ff9b::101:101", true},
		{"64:ff9b:1::101:101", false},
		{"100::1", false},
		{"2001::1", false},
		{"2001:db8::1", false},
		{"2001:4860:4860::8888", true},
		{"2002:7f00:1::", false},
		{"2606:4700::1111", true},
		{"3fff::1", false},
		{"fc00::1", false},
		{"fd12:3456::1", false},
		{"fe80::1", false},
		{"fec0::1", false},
		{"ff02::1", false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (is_public(rows[i].text) != rows[i].expected)
			fail_msg("%s", rows[i].text);
	assert_false(address_is_public(&(struct sockaddr){.sa_family = AF_UNIX}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pause_is_between_a_second_and_an_hour),
		cmocka_unit_test(the_reserve_is_a_tenth_and_a_second_at_most),
		cmocka_unit_test(answers_are_told_apart),
		cmocka_unit_test(results_say_what_was_answered),
		cmocka_unit_test(long_answers_are_cut),
		cmocka_unit_test(public_addresses_are_told_from_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
