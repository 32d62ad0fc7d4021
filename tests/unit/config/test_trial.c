/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a trial makes of what its process does: a stand-in for yankwatch-notify opens
 * "plugins". The clock is the system's until a file "late" is there: then all deadlines
 * are over.
 */
#include "fixture.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "config/trial.h"
#include "model/frames.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#define SAY(json) "say '" json "'\n"
#define FAILED SAY("{\"type\":\"failed\",\"text\":\"no\"}")
#define WAIT_FOR_END "exec cat <&3 >/dev/null\n"
#define LARGE ((size_t)3 << 20) /* more than a socket holds */

/* ---- the clock, in the place of base's ---- */

int64_t clock_mono_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000 + (access("late", F_OK) == 0 ? FRAME_OPEN_MS + FRAME_CLOSE_MS : 0);
}

int64_t clock_cpu_us(void)
{
	return clock_mono_us();
}

int64_t clock_wall_ms(void)
{
	return clock_mono_ms();
}

int64_t clock_nap_ms(void)
{
	return 1;
}

/* ---- trials ---- */

static struct config_notifier notifier(const char *plugin_path)
{
	return (struct config_notifier){
		.name = "n", .plugin_path = plugin_path, .options_json = "{}", .hidden_json = "[]"};
}

/* Opens a plugin that does `script`; returns what is wrong with it, "" = nothing. */
static const char *try_one(const char *script)
{
	static struct err fault;
	const struct config_notifier config = notifier("plugins/one.so");

	write_opening("one", script);
	assert_int_equal(trial_run("./notify", &config, 1, &fault), 0);
	assert_int_equal(fault.code != 0, *fault.text != '\0');
	return fault.text;
}

static const struct {
	const char *script;
	const char *fault;
} rows[] = {
	{"opened\n" WAIT_FOR_END, ""},
	{"opened\n", ""},
	{"opened; exit 7\n", ""},
	{SAY("{\"type\":\"log\"}") "opened\n" WAIT_FOR_END, ""},
	{FAILED WAIT_FOR_END, "no"},
	{FAILED "exit 1\n", "no"},
	{SAY("{\"type\":\"failed\"}"), "cannot be opened and does not say why"},
	{"exit 3\n", "the plugin's process ended with status 3"},
	{"exit 0\n", "the plugin's process ended with status 0"},
	{"exec 3>&-; sleep 0.05; exit 4\n", "the plugin's process ended with status 4"},
	{"sleep 60 &\nexit 5\n", "the plugin's process ended with status 5"},
	{"kill -9 $$\n", "the plugin's process was ended by signal 9 (Killed)"},
	{SAY("true"), "the plugin's process said something that is no frame"},
	{SAY("{\"type\":\"ope\"}"), "the plugin's process said something that is no frame"},
	{"printf '\\000\\000\\000\\000' >&3\n", "a frame of 0 bytes"},
	{"printf '\\377\\377\\377\\000' >&3\n", "a frame of 16777215 bytes"},
	{"printf '\\000\\000\\020\\000' >&3; cat /dev/zero >&3\n", "the plugin's process says too much"},
	{"touch late\n" WAIT_FOR_END, "does not open within 10s"},
	{"exec 3>&-\ntouch late\nsleep 60\n", "does not open within 10s"},
	{"touch late\nwhile :; do " SAY("{\"type\":\"log\"}") "done\n", "does not open within 10s"},
};

static void what_the_process_does_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(try_one(rows[i].script), rows[i].fault);
		(void)unlink("late");
	}
}

static void one_that_does_not_end_is_ended(void **state)
{
	char pid[16] = "";

	(void)state;
	assert_string_equal(try_one("echo $$ >pid\nopened\ntrap '' TERM HUP\ntouch late\nexec sleep 60\n"), "");
	(void)unlink("late");
	FILE *file = fopen("pid", "r");
	assert_non_null(file);
	assert_non_null(fgets(pid, sizeof pid, file));
	(void)fclose(file);
	assert_int_equal(kill((pid_t)strtol(pid, NULL, 10), 0), -1);
	assert_int_equal(errno, ESRCH);
}

/* Each opens only when all have been started. */
static void all_are_tried_at_the_same_time(void **state)
{
	struct config_notifier several[] = {notifier("plugins/a.so"), notifier("plugins/b.so"),
					    notifier("plugins/c.so"), notifier("plugins/untried.so")};
	struct err faults[ARRAY_LEN(several)];

	(void)state;
	several[3].options_json = NULL; /* it has a fault already */
	write_opening("a", "touch a; while ! [ -e b -a -e c ]; do sleep 0.01; done; opened\n");
	write_opening("b", "touch b; while ! [ -e a -a -e c ]; do sleep 0.01; done\n" FAILED);
	write_opening("c", "touch c; while ! [ -e a -a -e b ]; do sleep 0.01; done; opened\n");
	write_opening("untried", "exit 1\n");
	assert_int_equal(trial_run("./notify", several, ARRAY_LEN(several), faults), 0);
	assert_string_equal(faults[0].text, "");
	assert_string_equal(faults[1].text, "no");
	assert_string_equal(faults[2].text, "");
	assert_string_equal(faults[3].text, "");
}

static void every_one_of_many_is_tried(void **state)
{
	struct config_notifier many[40];
	struct err faults[ARRAY_LEN(many)];

	(void)state;
	write_opening("good", "opened\n");
	write_opening("bad", FAILED);
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = notifier(i % 2 ? "plugins/bad.so" : "plugins/good.so");
	assert_int_equal(trial_run("./notify", many, ARRAY_LEN(many), faults), 0);
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		assert_string_equal(faults[i].text, i % 2 ? "no" : "");
}

static void long_options_go_out_in_pieces(void **state)
{
	struct config_notifier config = notifier("plugins/long.so");
	OWNED_STRBUF struct strbuf options = {0};
	struct err fault;

	(void)state;
	strbuf_adds(&options, "{\"k\":\"");
	memset(strbuf_extend(&options, LARGE), 'x', LARGE);
	strbuf_adds(&options, "\"}");
	config.options_json = strbuf_str(&options);
	write_opening("long", "head -c 3145728 <&3 >/dev/null; opened\n" WAIT_FOR_END);
	assert_int_equal(trial_run("./notify", &config, 1, &fault), 0);
	assert_string_equal(fault.text, "");
	memset(strbuf_extend(&options, 2 * LARGE), ' ', 2 * LARGE);
	config.options_json = strbuf_str(&options);
	assert_int_equal(trial_run("./notify", &config, 1, &fault), 0);
	assert_int_equal(fault.code, ERR_LIMIT);
}

static void a_program_that_is_not_there_is_told(void **state)
{
	const struct config_notifier config = notifier("plugins/one.so");
	struct err fault;

	(void)state;
	assert_int_equal(trial_run("./nowhere", &config, 1, &fault), 0);
	assert_string_equal(fault.text, "cannot run ./nowhere: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_process_does_is_told),  cmocka_unit_test(one_that_does_not_end_is_ended),
		cmocka_unit_test(all_are_tried_at_the_same_time), cmocka_unit_test(every_one_of_many_is_tried),
		cmocka_unit_test(long_options_go_out_in_pieces),  cmocka_unit_test(a_program_that_is_not_there_is_told),
	};
	return cmocka_run_group_tests(tests, setup_folder, remove_folder);
}
