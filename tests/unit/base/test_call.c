/* SPDX-License-Identifier: Apache-2.0 */
/* One thread asks another: answered, given up, and freed exactly once either way. */
#include "base/call.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <time.h>

struct question {
	struct call call;
	int answer;
	long pause_ms;
};

static atomic_int released;
static atomic_bool never;

static void release_question(struct call *call)
{
	atomic_fetch_add(&released, 1);
	free(CONTAINER_OF(call, struct question, call));
}

static struct question *ask(long pause_ms)
{
	struct question *question = calloc(1, sizeof *question);

	assert_non_null(question);
	atomic_store(&released, 0);
	question->pause_ms = pause_ms;
	call_init(&question->call, release_question);
	return question;
}

static void *answer(void *arg)
{
	struct question *question = arg;
	struct timespec pause = {.tv_nsec = question->pause_ms * 1000000};

	(void)nanosleep(&pause, NULL);
	question->answer = 42;
	call_finish(&question->call);
	return NULL;
}

static pthread_t answer_in_a_thread(struct question *question)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, answer, question), 0);
	return thread;
}

static void an_answer_is_there_after_the_wait(void **state)
{
	(void)state;
	struct question *question = ask(20);
	pthread_t thread = answer_in_a_thread(question);

	assert_true(call_wait(&question->call, 10000, &never));
	assert_int_equal(question->answer, 42);
	pthread_join(thread, NULL);
	assert_int_equal(atomic_load(&released), 0); /* the asker still reads it */
	call_put(&question->call);
	assert_int_equal(atomic_load(&released), 1);
}

static void an_answer_before_the_wait_is_found(void **state)
{
	(void)state;
	struct question *question = ask(0);

	answer(question);
	int64_t start_ms = clock_mono_ms();
	assert_true(call_wait(&question->call, 10000, &never));
	assert_true(clock_mono_ms() - start_ms < 5000);
	assert_true(call_wait(&question->call, 0, &never));
	call_put(&question->call);
	assert_int_equal(atomic_load(&released), 1);
}

static void a_late_answer_frees_what_the_asker_left(void **state)
{
	(void)state;
	struct question *question = ask(0);

	assert_false(call_wait(&question->call, 0, &never));
	assert_false(call_wait(&question->call, 20, &never));
	call_put(&question->call);
	assert_int_equal(atomic_load(&released), 0);
	answer(question);
	assert_int_equal(atomic_load(&released), 1);
}

static void the_timeout_is_waited_for(void **state)
{
	(void)state;
	struct question *question = ask(0);

	int64_t start_ms = clock_mono_ms();
	assert_false(call_wait(&question->call, 30, &never));
	assert_true(clock_mono_ms() - start_ms >= 30);
	call_put(&question->call);
	answer(question);
}

static atomic_bool ending;

static void *end_soon(void *arg)
{
	struct timespec pause = {.tv_nsec = 20000000};
	(void)arg;

	(void)nanosleep(&pause, NULL);
	atomic_store(&ending, true);
	return NULL;
}

static void the_wait_ends_when_the_daemon_does(void **state)
{
	(void)state;
	struct question *question = ask(0);
	pthread_t thread;

	int64_t start_ms = clock_mono_ms();
	assert_int_equal(pthread_create(&thread, NULL, end_soon, NULL), 0);
	assert_false(call_wait(&question->call, 60000, &ending));
	assert_true(clock_mono_ms() - start_ms < 30000);
	pthread_join(thread, NULL);
	call_put(&question->call);
	answer(question);
	assert_int_equal(atomic_load(&released), 1);
}

/* Asker and answerer leave at about the same moment, many times. */
static void both_sides_may_leave_at_once(void **state)
{
	(void)state;

	for (unsigned i = 0; i < 500; i++) {
		struct question *question = ask(0);
		pthread_t thread = answer_in_a_thread(question);
		if (call_wait(&question->call, i % 2, &never))
			assert_int_equal(question->answer, 42);
		call_put(&question->call);
		pthread_join(thread, NULL);
		assert_int_equal(atomic_load(&released), 1);
	}
}

static void the_monotonic_clock_never_goes_back(void **state)
{
	(void)state;
	int64_t last_us = clock_mono_us();

	for (unsigned i = 0; i < 10000; i++) {
		int64_t now_us = clock_mono_us();
		assert_true(now_us >= last_us);
		last_us = now_us;
	}
	assert_true(clock_mono_ms() >= last_us / 1000);
	assert_true(clock_wall_ms() > 1700000000000); /* after 2023 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_there_after_the_wait),
		cmocka_unit_test(an_answer_before_the_wait_is_found),
		cmocka_unit_test(a_late_answer_frees_what_the_asker_left),
		cmocka_unit_test(the_timeout_is_waited_for),
		cmocka_unit_test(the_wait_ends_when_the_daemon_does),
		cmocka_unit_test(both_sides_may_leave_at_once),
		cmocka_unit_test(the_monotonic_clock_never_goes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
