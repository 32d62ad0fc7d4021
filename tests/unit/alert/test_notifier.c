/* SPDX-License-Identifier: Apache-2.0 */
/* What a notifier makes of a claim that its runner cannot deliver: a shell script stands in for its process. */
#include "alert/notifier.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "script.h"

#include <sys/stat.h>
#include <unistd.h>

#define OPENED "\\036\\000\\000\\000{\"type\":\"opened\",\"plugin\":\"p\"}"

struct fixture {
	struct loop *loop;
	char program[SCRIPT_PATH_MAX];
	struct delivery_result recorded; /* its row is 0 until there is one */
};

/* Asked as soon as its process is ready. */
static bool on_claim(void *ctx, struct notifier *notifier, const char *name)
{
	struct fixture *f = ctx;

	(void)notifier;
	(void)name;
	loop_stop(f->loop);
	return true;
}

static bool on_record(void *ctx, struct notifier *notifier, const char *name, const struct delivery_result *result)
{
	struct fixture *f = ctx;

	(void)notifier;
	(void)name;
	f->recorded = *result;
	return true;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err err;

	assert_non_null(f);
	script_make(f->program);
	script_write(f->program, "printf '" OPENED "' >&3\nexec cat <&3 >/dev/null");
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

static struct notifier *start(struct fixture *f, struct notifier_sink *sink)
{
	static const struct config_notifier config = {.name = "n",
						      .plugin_path = "/p.so",
						      .options_json = "{}",
						      .hidden_json = "[]",
						      .files_stamp = "",
						      .timeout_ms = 1000,
						      .messages_per_minute = 600,
						      .first_pause_ms = 1000};
	struct notifier *notifier = NULL;
	struct err err;

	*sink = (struct notifier_sink){.claim = on_claim, .record = on_record, .ctx = f};
	assert_int_equal(notifier_new(f->loop, f->program, &config, sink, &notifier, &err), 0);
	return notifier;
}

static void claimed(struct notifier *notifier, char *document, const char *plugin_state)
{
	struct notification notification = {.row = 7,
					    .id = "ntf_7",
					    .attempt = 3,
					    .subject = strdup("s"),
					    .document = document,
					    .state = strdup(plugin_state)};

	notifier_claimed(notifier, &(struct notifier_claim){.notification = &notification});
}

static void an_attempt_without_a_process_keeps_what_the_plugin_left(void **state)
{
	struct fixture *f = *state;
	struct notifier_sink sink;
	struct notifier *notifier = start(f, &sink); /* its process has not opened the plugin yet */

	claimed(notifier, strdup("{\"events\":[]}"), "eve@example.com has it");
	assert_int_equal(f->recorded.row, 7);
	assert_int_equal(f->recorded.attempt, 3);
	assert_int_equal(f->recorded.outcome, FRAME_RETRY);
	assert_string_equal(f->recorded.state, "eve@example.com has it");
	notifier_free(notifier);
}

static void what_fits_into_no_frame_is_not_tried_for_days(void **state)
{
	struct fixture *f = *state;
	struct notifier_sink sink;
	struct strbuf document = {0};
	struct notifier *notifier = start(f, &sink);

	loop_run(f->loop);
	strbuf_addf(&document, "{\"events\":[\"%*s\"]}", (int)FRAME_MAX, "");
	claimed(notifier, strbuf_take(&document), "");
	assert_int_equal(f->recorded.row, 7);
	assert_int_equal(f->recorded.outcome, FRAME_REJECT);
	assert_non_null(strstr(f->recorded.text, "too large"));
	notifier_free(notifier);
}

#define notifier_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		notifier_test(an_attempt_without_a_process_keeps_what_the_plugin_left),
		notifier_test(what_fits_into_no_frame_is_not_tried_for_days),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
