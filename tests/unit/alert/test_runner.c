/* SPDX-License-Identifier: Apache-2.0 */
/* What a runner makes of the bytes that its process sends: a shell script stands in for it. */
#include "alert/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#define OPENED "\"type\":\"opened\",\"plugin\":\"p\"}"

struct fixture {
	struct loop *loop;
	char program[64];
	bool was_ready;
	char fault[ERR_TEXT_MAX]; /* "" = none */
};

static void on_ready(void *ctx)
{
	struct fixture *f = ctx;

	f->was_ready = true;
	loop_stop(f->loop);
}

static void on_result(void *ctx, const struct delivery_result *result)
{
	(void)ctx;
	(void)result;
	fail();
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
	strcpy(f->program, "/tmp/yankwatch-runner-XXXXXX");
	int fd = mkstemp(f->program);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	(void)close(fd);
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

/* A process that says this, as printf(1) writes it, and then waits for its channel's end. */
static void run(struct fixture *f, const char *said)
{
	static const struct config_notifier config = {
		.name = "n", .plugin_path = "/p.so", .options_json = "{}", .hidden_json = "[]", .timeout_ms = 1000};
	const struct runner_sink sink = {on_ready, on_result, on_fault, f};
	struct runner *runner;
	struct err err;

	FILE *script = fopen(f->program, "w");
	assert_non_null(script);
	(void)fprintf(script, "#!/bin/sh\nprintf '%s' >&3\nexec cat <&3 >/dev/null\n", said);
	assert_int_equal(fclose(script), 0);
	assert_int_equal(runner_new(f->loop, f->program, &config, &sink, &runner, &err), 0);
	loop_run(f->loop);
	runner_free(runner);
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

#define runner_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		runner_test(a_process_that_has_opened_its_plugin_is_ready),
		runner_test(a_frame_with_a_nul_is_no_frame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
