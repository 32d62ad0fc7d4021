/* SPDX-License-Identifier: Apache-2.0 */
/* The webhook's pure parts: what is sent, with which headers, how it is signed. */
#include "webhook/cloudevent.h"
#include "webhook/headers.h"
#include "webhook/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

#define VECTOR_SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define VECTOR_SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

/* The example of the Standard Webhooks specification, with `previous` as the key before it or without. */
static void expect_signature(const char *secret, const char *previous, const char *expected)
{
	static const char body[] = "{\"test\": 2432232314}";
	struct signature_key keys[SIGNATURE_KEYS] = {0};
	char text[SIGNATURE_TEXT_MAX];

	assert_null(secret ? signature_key_parse(secret, &keys[0]) : NULL);
	assert_null(previous ? signature_key_parse(previous, &keys[1]) : NULL);
	assert_string_equal(signature_make(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, strlen(body), text),
			    expected);
	signature_key_release(&keys[0]);
	signature_key_release(&keys[1]);
}

static void a_known_request_has_the_known_signature(void **state)
{
	(void)state;
	expect_signature(VECTOR_SECRET, NULL, VECTOR_SIGNATURE);
	expect_signature(VECTOR_SECRET, VECTOR_SECRET, VECTOR_SIGNATURE " " VECTOR_SIGNATURE);
	expect_signature(NULL, NULL, "");
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

static void headers_that_are_ours_or_no_headers_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		bool good;
	} rows[] = {
		{"X-Team: sec", true},
		{"Authorization: Bearer a:b==", true},
		{"x:y", true},
		{"X-Umlaut: \xc3\xbc", true},
		{"", false},
		{"X-Team", false},
		{"X-Team ;", false},
		{"X-Team : sec", false},
		{": sec", false},
		{"X-Team:", false},
		{"X-Team:  ", false},
		{"X-Team: a\r\nX-Evil: b", false},
		{"X-Team: a\nb", false},
		{"X-Team: a\tb", false},
		{"content-type: text/plain", false},
		{"Content-Length: 1", false},
		{"Host: other", false},
		{"WEBHOOK-ID: 1", false},
		{"webhook-signature: v1,", false},
		{"Transfer-Encoding: chunked", false},
		{"Proxy-Authorization: x", false},
		{"User-Agent: x", false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct headers headers;
		const struct yw_value list = {.items = &rows[i].line, .n_items = 1};
		const char *fault = headers_parse(&list, NULL, &headers);
		if (!fault != rows[i].good)
			fail_msg("%s: %s", rows[i].line, fault ? fault : "taken");
		headers_release(&headers);
	}
}

static void headers_come_from_the_list_and_the_secret_file(void **state)
{
	(void)state;
	static const char *const items[] = {"X-Team: sec"};
	const struct yw_value list = {.items = items, .n_items = 1};
	const char *all[HEADERS_OURS_MAX + HEADERS_MAX + 1] = {"a", "b"};
	struct headers headers;

	assert_null(headers_parse(&list, "Authorization: Bearer x\r\n\nX-Key: k", &headers));
	headers_join(&headers, all, 2);
	assert_string_equal(all[1], "b");
	assert_string_equal(all[2], "X-Team: sec");
	assert_string_equal(all[3], "Authorization: Bearer x");
	assert_string_equal(all[4], "X-Key: k");
	assert_null(all[5]);
	headers_release(&headers);
}

static void the_faults_of_secret_headers_do_not_tell_them(void **state)
{
	(void)state;
	struct headers headers;

	const char *fault = headers_parse(NULL, "hunter2", &headers);
	assert_non_null(fault);
	assert_null(strstr(fault, "hunter2"));
	headers_release(&headers);
}

static void more_headers_than_fit_are_refused(void **state)
{
	(void)state;
	const char *items[HEADERS_MAX];
	const struct yw_value list = {.items = items, .n_items = HEADERS_MAX};
	struct headers headers;

	for (size_t i = 0; i < HEADERS_MAX; i++)
		items[i] = "X-A: b";
	assert_null(headers_parse(&list, NULL, &headers));
	headers_release(&headers);
	assert_non_null(headers_parse(&list, "X-A: b", &headers));
	headers_release(&headers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_body_is_a_cloudevent_around_the_documents_bytes),
		cmocka_unit_test(a_known_request_has_the_known_signature),
		cmocka_unit_test(secrets_are_decoded_or_taken_as_they_are),
		cmocka_unit_test(headers_that_are_ours_or_no_headers_are_refused),
		cmocka_unit_test(headers_come_from_the_list_and_the_secret_file),
		cmocka_unit_test(the_faults_of_secret_headers_do_not_tell_them),
		cmocka_unit_test(more_headers_than_fit_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
