/* SPDX-License-Identifier: Apache-2.0 */
/* What a runner makes of the bytes that its process sends: a shell script stands in for it. */
#include "alert/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "script.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPENED "\"type\":\"opened\",\"plugin\":\"p\"}"

struct fixture {
	struct loop *loop;
	char program[SCRIPT_PATH_MAX];
	bool was_ready;
	char fault[ERR_TEXT_MAX]; /* "" = none */
	unsigned results;
	enum frame_outcome outcome; /* of the last */
};

static void on_ready(void *ctx)
{
	struct fixture *f = ctx;

	f->was_ready = true;
	loop_stop(f->loop);
}

static void on_result(void *ctx, const struct delivery_result *result)
{
	struct fixture *f = ctx;

	f->results++;
	f->outcome = result->outcome;
}

static void on_fault(void *ctx, const struct err *why)
{
	struct fixture *f = ctx;

	(void)snprintf(f->fault, sizeof f->fault, "%s", why->text);
	loop_stop(f->loop);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err err;

	assert_non_null(f);
	script_make(f->program);
	assert_int_equal(loop_new(&f->loop, &err), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	(void)unlink(f->program);
	free(f);
	return 0;
}

/* Until it is ready, or has failed. */
static struct runner *start(struct fixture *f, const char *script_text)
{
	static const struct config_notifier config = {
		.name = "n", .plugin_path = "/p.so", .options_json = "{}", .hidden_json = "[]", .timeout_ms = 1000};
	const struct runner_sink sink = {on_ready, on_result, on_fault, f};
	struct runner *runner;
	struct err err;

	script_write(f->program, script_text);
	assert_int_equal(runner_new(f->loop, f->program, &config, &sink, &runner, &err), 0);
	loop_run(f->loop);
	return runner;
}

/* A process that says this, as printf(1) writes it, and then waits for its channel's end. */
static void run(struct fixture *f, const char *said)
{
	char script[256];

	(void)snprintf(script, sizeof script, "printf '%s' >&3\nexec cat <&3 >/dev/null", said);
	runner_free(start(f, script));
	assert_int_equal(f->results, 0);
}

static void a_process_that_has_opened_its_plugin_is_ready(void **state)
{
	struct fixture *f = *state;

	run(f, "\\036\\000\\000\\000{" OPENED);
	assert_true(f->was_ready);
	assert_string_equal(f->fault, "");
}

static void a_frame_with_a_nul_is_no_frame(void **state)
{
	struct fixture *f = *state;

	run(f, "\\037\\000\\000\\000{" OPENED "\\000");
	assert_false(f->was_ready);
	assert_string_equal(f->fault, "the plugin's process said something that is no frame");
}

static void wait_for_its_end(void)
{
	siginfo_t info;

	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
}

static void a_result_that_was_said_before_the_end_counts(void **state)
{
	struct fixture *f = *state;
	char subject[] = "s";
	char document[] = "{\"events\":[]}";
	const struct notification notification = {
		.row = 7, .id = "ntf_7", .attempt = 1, .subject = subject, .document = document};
	struct err err;

	struct runner *runner = start(
		f, "printf '\\036\\000\\000\\000{" OPENED "' >&3\n"
		   "head -c 4 <&3 >/dev/null\n"
		   "printf '\\060\\000\\000\\000{\"type\":\"result\",\"id\":\"ntf_7\",\"outcome\":\"ok\"   }' >&3");
	assert_int_equal(runner_deliver(runner, &notification, &err), 0);
	wait_for_its_end();
	runner_reap(runner); /* the loop has not looked at the channel yet */
	assert_int_equal(f->results, 1);
	assert_int_equal(f->outcome, FRAME_OK);
	assert_true(runner_is_gone(runner));
	runner_free(runner);
}

#define runner_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		runner_test(a_process_that_has_opened_its_plugin_is_ready),
		runner_test(a_frame_with_a_nul_is_no_frame),
		runner_test(a_result_that_was_said_before_the_end_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
