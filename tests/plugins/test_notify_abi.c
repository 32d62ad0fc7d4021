/* SPDX-License-Identifier: Apache-2.0 */
/* What the first release of ABI 1 had is where it was. That such a plugin runs is tried in test_notify.py. */
#include "abi_1_first.h"

#include <setjmp.h>
#include <stdarg.h>
#include <yankwatch/notifier.h>

#include <cmocka.h>

#define SAME(type, field)                                                                                         \
	_Static_assert(offsetof(struct yw_##type, field) == offsetof(struct yw1_##type, field) &&                 \
			       sizeof(((struct yw_##type *)0)->field) == sizeof(((struct yw1_##type *)0)->field), \
		       #type "." #field " is not where ABI 1 has it")

SAME(option, name);
SAME(option, type);
SAME(option, flags);
SAME(option, default_value);
SAME(option, help);
SAME(value, name);
SAME(value, text);
SAME(value, integer);
SAME(value, items);
SAME(value, n_items);
SAME(options, size);
SAME(options, values);
SAME(options, n_values);
SAME(options, notifier);
SAME(host, size);
SAME(host, log);
SAME(host, deadline_left_ms);
SAME(event, size);
SAME(event, id);
SAME(event, seq);
SAME(event, at);
SAME(event, registry);
SAME(event, crate);
SAME(event, version);
SAME(event, event);
SAME(event, severity);
SAME(event, checksum);
SAME(event, document);
SAME(message, size);
SAME(message, id);
SAME(message, attempt);
SAME(message, subject);
SAME(message, document);
SAME(message, document_len);
SAME(message, events);
SAME(message, n_events);
SAME(result, size);
SAME(result, outcome);
SAME(result, retry_after_ms);
SAME(result, text);
SAME(notifier, abi_version);
SAME(notifier, size);
SAME(notifier, name);
SAME(notifier, version);
SAME(notifier, summary);
SAME(notifier, options);
SAME(notifier, n_options);
SAME(notifier, open);
SAME(notifier, deliver);
SAME(notifier, close);
/* They stand in arrays. */
_Static_assert(sizeof(struct yw_option) == sizeof(struct yw1_option), "yw_option never changes");
_Static_assert(sizeof(struct yw_value) == sizeof(struct yw1_value), "yw_value never changes");
_Static_assert(sizeof(struct yw_fact) == 2 * sizeof(char *), "yw_fact never changes");

static void words_have_the_numbers_that_they_had(void **state)
{
	(void)state;
	assert_int_equal(YANKWATCH_NOTIFIER_ABI, 1);
	assert_int_equal(YW_OPTION_PATH, 6);
	assert_int_equal(YW_OPTION_PROGRAM, 8);
	assert_int_equal(YW_LOG_DEBUG, 3);
	assert_int_equal(YW_REJECT, 2);
	assert_int_equal(YW_RESULT_TEXT_MAX, 1024);
	assert_int_equal(YW_ERROR_TEXT_MAX, 512);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(words_have_the_numbers_that_they_had)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
