/* SPDX-License-Identifier: Apache-2.0 */
/* What a program's end means. */
#include "exec/outcome.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static void ends_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		struct child_end end;
		enum yw_outcome outcome;
		const char *text;
	} rows[] = {
		{{.status = W_EXITCODE(0, 0)}, YW_OK, "exit status 0"},
		{{.status = W_EXITCODE(1, 0), .said = "no\tsuch\n", .said_len = 8},
		 YW_RETRY,
		 "exit status 1: no\\x09such"},
		{{.status = W_EXITCODE(65, 0)}, YW_REJECT, "exit status 65"},
		{{.status = W_EXITCODE(75, 0)}, YW_RETRY, "exit status 75"},
		{{.status = W_EXITCODE(0, 65)}, YW_RETRY, "killed by signal 65"},
		{{.status = W_EXITCODE(0, 9)}, YW_RETRY, "killed by signal 9"},
		{{.status = W_EXITCODE(0, 9), .timed_out = true}, YW_RETRY, "killed: not done before the deadline"},
		{{.error = ENOENT}, YW_RETRY, "cannot be run: No such file or directory"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct yw_result result = {.size = sizeof result};
		outcome_fill(&rows[i].end, &result);
		assert_int_equal(result.outcome, rows[i].outcome);
		assert_string_equal(result.text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
