/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one line each, nothing smuggled in, and a slow reader costs counted lines only. */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int real_stderr = -1;

static void stderr_to(int fd)
{
	real_stderr = dup(STDERR_FILENO);
	assert_true(real_stderr >= 0);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
}

static void stderr_back(void)
{
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
}

static FILE *capture(void)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	stderr_to(fileno(file));
	return file;
}

/* What was logged since capture(); the times at the start of lines are left out. */
static const char *captured(FILE *file)
{
	static char text[64 * 1024];
	char line[2 * LOG_LINE_MAX];
	size_t len = 0;

	stderr_back();
	rewind(file);
	text[0] = '\0';
	while (fgets(line, sizeof line, file)) {
		const char *rest = strchr(line, ' ');
		assert_non_null(rest);
		assert_int_equal(rest - line, strlen("2026-11-21T09:30:00.123Z"));
		assert_true(len + strlen(rest) < sizeof text);
		len += (size_t)snprintf(text + len, sizeof text - len, "%s", rest + 1);
	}
	fclose(file);
	return text;
}

static void start(enum log_level level)
{
	struct err err;

	assert_int_equal(log_start("test", LOG_TARGET_STDERR, level, &err), 0);
}

static void lines_before_the_start_go_to_stderr_at_once(void **state)
{
	(void)state;
	FILE *file = capture();

	log_info("early %d", 1);
	log_debug("not at this level");
	assert_string_equal(captured(file), "info: early 1\n");
}

static void stop_writes_what_waits(void **state)
{
	(void)state;
	FILE *file = capture();

	start(LOG_LEVEL_INFO);
	log_error("one");
	log_warning("two");
	log_info("three");
	log_stop();
	log_info("late");
	log_stop(); /* twice is no harm */
	assert_string_equal(captured(file), "error: one\nwarning: two\ninfo: three\ninfo: late\n");
}

static void the_level_says_what_is_written(void **state)
{
	(void)state;
	static const struct {
		enum log_level level;
		const char *expected;
	} rows[] = {
		{LOG_LEVEL_ERROR, "error: e\n"},
		{LOG_LEVEL_WARNING, "error: e\nwarning: w\n"},
		{LOG_LEVEL_INFO, "error: e\nwarning: w\ninfo: i\n"},
		{LOG_LEVEL_DEBUG, "error: e\nwarning: w\ninfo: i\ndebug: d\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		FILE *file = capture();
		start(LOG_LEVEL_ERROR);
		log_configure(LOG_TARGET_STDERR, rows[i].level); /* a reload */
		log_error("e");
		log_warning("w");
		log_info("i");
		log_debug("d");
		log_stop();
		assert_string_equal(captured(file), rows[i].expected);
	}
}

static void control_bytes_start_no_second_line(void **state)
{
	(void)state;
	FILE *file = capture();

	log_info("%s", "a\nerror: forged\r\t\x1b[2J\x7f gr\xc3\xbc\xc3\x9f");
	assert_string_equal(captured(file), "info: a?error: forged???[2J? gr\xc3\xbc\xc3\x9f\n");
}

static void a_long_line_is_cut(void **state)
{
	(void)state;
	char text[2 * LOG_LINE_MAX];
	FILE *file = capture();

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_info("%s", text);
	assert_int_equal(strlen(captured(file)), strlen("info: \n") + LOG_LINE_MAX - 1);
}

/* ---- a reader that stands still ---- */

#define SENT (4 * LOG_RING_LINES)

struct drained {
	FILE *in;
	uint64_t lines, told;
};

static void *drain(void *arg)
{
	struct drained *drained = arg;
	char line[2 * LOG_LINE_MAX];
	unsigned long long gap;

	while (fgets(line, sizeof line, drained->in)) {
		if (sscanf(line, "%*s warning: log: %llu lines dropped", &gap) == 1)
			drained->told += gap;
		else
			drained->lines++;
	}
	return NULL;
}

static void a_slow_reader_costs_lines_that_are_counted_and_told(void **state)
{
	(void)state;
	int ends[2];
	pthread_t thread;

	assert_int_equal(pipe(ends), 0);
	int room = fcntl(ends[1], F_SETPIPE_SZ, 4096); /* little, so that the ring fills soon */
	assert_true(room > 0);
	struct drained drained = {.in = fdopen(ends[0], "r")};
	assert_non_null(drained.in);
	stderr_to(ends[1]);
	close(ends[1]);
	start(LOG_LEVEL_INFO);
	for (unsigned i = 0; i < SENT; i++)
		log_info("line %u of a burst that nobody reads in time", i); /* never blocks */
	uint64_t dropped = log_dropped();
	assert_int_equal(pthread_create(&thread, NULL, drain, &drained), 0);
	log_stop();
	stderr_back();
	pthread_join(thread, NULL);
	fclose(drained.in);

	assert_true(dropped >= SENT - LOG_RING_LINES - (uint64_t)room / 60 - 1);
	assert_int_equal(log_dropped(), dropped);
	assert_int_equal(drained.lines + dropped, SENT);
	assert_int_equal(drained.told, dropped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_before_the_start_go_to_stderr_at_once),
		cmocka_unit_test(stop_writes_what_waits),
		cmocka_unit_test(the_level_says_what_is_written),
		cmocka_unit_test(control_bytes_start_no_second_line),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(a_slow_reader_costs_lines_that_are_counted_and_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
