/* SPDX-License-Identifier: Apache-2.0 */
/* The webhook's three pure parts: what is sent, how it is signed, what is answered. */
#include "webhook/cloudevent.h"
#include "webhook/outcome.h"
#include "webhook/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
	const char *hint;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(outcome_of(rows[i].code, rows[i].status, &hint), rows[i].outcome);
}

static void expect_text(const struct http_answer *answer, int64_t pause_ms, const char *text)
{
	struct yw_result result = {.size = sizeof result};

	outcome_fill(answer, &result);
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
	expect_text(&(struct http_answer){.status = 410, .body = "bye", .body_len = 3}, 0,
		    "HTTP 410 (the receiver is gone): bye");
	expect_text(&(struct http_answer){.code = CURLE_COULDNT_CONNECT, .error = "refused"}, 0, "no answer: refused");
}

static void long_answers_are_cut(void **state)
{
	(void)state;
	struct http_answer answer = {.status = 500, .body_len = HTTP_ANSWER_MAX};
	struct yw_result result = {.size = sizeof result};

	memset(answer.body, 1, sizeof answer.body);
	outcome_fill(&answer, &result);
	assert_int_equal(strlen(result.text), strlen("HTTP 500: ") + OUTCOME_BODY_SHOWN * strlen("\\x01"));
}

static void expect_body(const struct yw_message *message, const char *notifier, const char *expected)
{
	size_t len;
	char *body = cloudevent_body(message, notifier, &len);

	assert_non_null(body);
	assert_string_equal(body, expected);
	assert_int_equal(len, strlen(expected));
	free(body);
}

static void the_body_is_a_cloudevent_around_the_documents_bytes(void **state)
{
	(void)state;
	static const struct yw_event event = {.size = sizeof event, .at = "2026-11-21T09:30:00.123Z"};
	static const struct yw_event *const events[] = {&event};
	static const char document[] = "{ \"events\":[{\"seq\":1.0}]}";
	struct yw_message message = {.size = sizeof message,
				     .id = "ntf_1",
				     .document = document,
				     .document_len = strlen(document),
				     .events = events,
				     .n_events = 1};

	expect_body(&message, "sec hook",
		    "{\"specversion\":\"1.0\",\"id\":\"ntf_1\",\"source\":\"yankwatch/sec%20hook\","
		    "\"type\":\"io.yankwatch.notification.v1\",\"time\":\"2026-11-21T09:30:00.123Z\","
		    "\"datacontenttype\":\"application/json\",\"data\":{ \"events\":[{\"seq\":1.0}]}}");
	message.n_events = 0;
	expect_body(&message, "h",
		    "{\"specversion\":\"1.0\",\"id\":\"ntf_1\",\"source\":\"yankwatch/h\","
		    "\"type\":\"io.yankwatch.notification.v1\",\"datacontenttype\":\"application/json\","
		    "\"data\":{ \"events\":[{\"seq\":1.0}]}}");
}

/* The example of the Standard Webhooks libraries. */
static void a_known_request_has_the_known_signature(void **state)
{
	(void)state;
	static const char body[] = "{\"test\": 2432232314}";
	struct signature_key key;
	char text[SIGNATURE_TEXT_MAX];

	assert_null(signature_key_parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &key));
	assert_int_equal(key.len, 24);
	assert_string_equal(signature_make(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, strlen(body), text),
			    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	signature_key_release(&key);
}

static void secrets_are_decoded_or_taken_as_they_are(void **state)
{
	(void)state;
	struct signature_key key;

	assert_null(signature_key_parse("plain text", &key));
	assert_int_equal(key.len, 10);
	assert_memory_equal(key.bytes, "plain text", 10);
	signature_key_release(&key);
	assert_null(key.bytes);
	assert_non_null(signature_key_parse("", &key));
	assert_non_null(signature_key_parse("whsec_", &key));
	assert_non_null(signature_key_parse("whsec_not base64", &key));
	assert_null(key.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_told_apart),
		cmocka_unit_test(results_say_what_was_answered),
		cmocka_unit_test(long_answers_are_cut),
		cmocka_unit_test(the_body_is_a_cloudevent_around_the_documents_bytes),
		cmocka_unit_test(a_known_request_has_the_known_signature),
		cmocka_unit_test(secrets_are_decoded_or_taken_as_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
