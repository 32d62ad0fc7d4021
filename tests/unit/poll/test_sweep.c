/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds that poll every watch: each is taken once for each round, whatever comes and goes meanwhile. */
#include "poll/sweep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WATCHES_MAX 200

static struct err nothing;

struct fixture {
	struct registry registry;
	struct watch *watches[WATCHES_MAX];
	unsigned taken[1000]; /* by number of the crate */
	unsigned rounds_done;
};

struct counted {
	struct poll_round round;
	struct fixture *f;
};

static void on_done(struct poll_round *round)
{
	CONTAINER_OF(round, struct counted, round)->f->rounds_done++;
}

static struct counted new_round(struct fixture *f)
{
	return (struct counted){.round.done = on_done, .f = f};
}

static void put(struct fixture *f, size_t i, unsigned number)
{
	struct registry *registry = &f->registry;
	char name[8];

	(void)snprintf(name, sizeof name, "c%u", number);
	memmove(f->watches + i + 1, f->watches + i, (registry->n_watches - i) * sizeof(void *));
	f->watches[i] = watch_new(registry, name);
	assert_non_null(f->watches[i]);
	registry->n_watches++;
	sweep_added(registry, i);
}

static void drop(struct fixture *f, size_t i)
{
	struct registry *registry = &f->registry;

	watch_free(f->watches[i]);
	registry->n_watches--;
	memmove(f->watches + i, f->watches + i + 1, (registry->n_watches - i) * sizeof(void *));
	sweep_removed(registry, i);
}

/* As the poller does it with a watch that is not under way. */
static void take_one(struct fixture *f)
{
	struct watch *watch = sweep_take(&f->registry);

	f->taken[strtoul(watch->crate + 1, NULL, 10)]++;
	watch_poll_begins(watch);
	watch_poll_ends(watch, POLL_UNCHANGED, &nothing);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	static char name[] = "r";

	assert_non_null(f);
	f->registry.name = name;
	f->registry.watches = f->watches;
	for (unsigned i = 0; i < 10; i++)
		put(f, i, i);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sweep_fail(&f->registry, &nothing);
	for (size_t i = 0; i < f->registry.n_watches; i++)
		watch_free(f->watches[i]);
	free(f);
	return 0;
}

static void a_round_takes_every_watch_once(void **state)
{
	struct fixture *f = *state;
	struct counted a = new_round(f);

	assert_true(sweep_join(&f->registry, &a.round));
	assert_int_equal(a.round.polled, 10);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(f->rounds_done, 0);
		take_one(f);
	}
	assert_int_equal(f->rounds_done, 1);
	assert_int_equal(a.round.unchanged, 10);
	assert_null(f->registry.sweeps);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(f->taken[i], 1);
}

static void one_that_joins_later_goes_around_the_end(void **state)
{
	struct fixture *f = *state;
	struct counted a = new_round(f);
	struct counted b = new_round(f);

	assert_true(sweep_join(&f->registry, &a.round));
	for (unsigned i = 0; i < 4; i++)
		take_one(f);
	assert_true(sweep_join(&f->registry, &b.round));
	for (unsigned i = 0; i < 6; i++)
		take_one(f);
	assert_int_equal(f->rounds_done, 1);
	assert_int_equal(b.round.unchanged, 6);
	while (f->registry.sweeps)
		take_one(f);
	assert_int_equal(b.round.unchanged, 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(f->taken[i], i < 4 ? 2 : 1); /* what both wanted was asked for once */
}

static void a_registry_without_watches_holds_up_nobody(void **state)
{
	struct fixture *f = *state;
	struct counted a = new_round(f);

	while (f->registry.n_watches)
		drop(f, 0);
	assert_true(sweep_join(&f->registry, &a.round));
	assert_int_equal(a.round.left, 0);
	assert_null(f->registry.sweeps);
}

static void a_round_ends_when_its_last_watch_goes(void **state)
{
	struct fixture *f = *state;
	struct counted a = new_round(f);

	assert_true(sweep_join(&f->registry, &a.round));
	for (unsigned i = 0; i < 9; i++)
		take_one(f);
	drop(f, 9);
	assert_int_equal(f->rounds_done, 1);
	assert_int_equal(a.round.unchanged, 9);
	assert_int_equal(f->registry.cursor, 0);
}

static void what_is_left_fails_and_the_first_are_named(void **state)
{
	struct fixture *f = *state;
	struct counted a = new_round(f);
	struct err why;

	for (unsigned i = 10; i < 60; i++)
		put(f, i, i);
	assert_true(sweep_join(&f->registry, &a.round));
	for (unsigned i = 0; i < 5; i++)
		take_one(f);
	(void)err_set(&why, ERR_BUSY, "it pauses");
	sweep_fail(&f->registry, &why);
	assert_int_equal(f->rounds_done, 1);
	assert_int_equal(a.round.unchanged, 5);
	assert_int_equal(a.round.failed, 55);
	assert_int_equal(a.round.n_errors, POLLER_ERRORS_MAX);
	assert_string_equal(a.round.errors[0].crate, "c5");
	assert_string_equal(a.round.errors[0].err.text, "it pauses");
}

/* Three rounds at different times; watches come and go at random places. Whichever was there all
 * the time is taken once for each round, and none is taken twice for one. */
static void nothing_is_missed_while_watches_come_and_go(void **state)
{
	struct fixture *f = *state;
	unsigned seed = 1;

	for (unsigned times = 0; times < 300; times++) {
		struct counted rounds[3] = {new_round(f), new_round(f), new_round(f)};
		unsigned next = 100 + 10 * (times % 80);
		f->rounds_done = 0;
		memset(f->taken, 0, sizeof f->taken);
		size_t removed = 0;
		size_t added = 0;
		for (unsigned i = 0; i < 3; i++) {
			assert_true(sweep_join(&f->registry, &rounds[i].round));
			for (unsigned k = (unsigned)rand_r(&seed) % 5; k > 0 && f->registry.sweeps; k--)
				take_one(f);
			if (f->registry.n_watches > 5) {
				drop(f, (size_t)rand_r(&seed) % f->registry.n_watches);
				removed++;
			}
			put(f, (size_t)rand_r(&seed) % (f->registry.n_watches + 1), next++);
			added++;
		}
		while (f->registry.sweeps)
			take_one(f);
		assert_int_equal(f->rounds_done, 3);
		for (unsigned i = 0; i < 3; i++) {
			const struct poll_round *round = &rounds[i].round;
			assert_true(round->unchanged + removed >= round->polled);
			assert_true(round->unchanged <= round->polled + added);
		}
		for (size_t i = 0; i < f->registry.n_watches; i++) {
			unsigned number = (unsigned)strtoul(f->watches[i]->crate + 1, NULL, 10);
			assert_true(f->taken[number] <= 3);
			if (number < 100 + 10 * (times % 80))
				assert_true(f->taken[number] >= 1);
		}
	}
}

#define sweep_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		sweep_test(a_round_takes_every_watch_once),
		sweep_test(one_that_joins_later_goes_around_the_end),
		sweep_test(a_registry_without_watches_holds_up_nobody),
		sweep_test(a_round_ends_when_its_last_watch_goes),
		sweep_test(what_is_left_fails_and_the_first_are_named),
		sweep_test(nothing_is_missed_while_watches_come_and_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
