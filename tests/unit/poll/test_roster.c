/* SPDX-License-Identifier: Apache-2.0 */
/* Watches that come and go: the list stays sorted, and changes of any size leave the loop its turns. */
#include "base/clock.h"
#include "poll/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <curl/curl.h>

#define MANY 5000 /* more than fit in a few turns */

struct fixture {
	struct loop *loop;
	struct http *http;
	struct poller *poller;
	struct config_registry registries[2];
	struct config config;
	unsigned done, wanted, places;
};

struct change {
	struct poller_change change;
	struct watch_changes list;
	struct fixture *f;
};

static bool reserve(void *ctx)
{
	((struct fixture *)ctx)->places++;
	return true;
}

static void give_back(void *ctx)
{
	((struct fixture *)ctx)->places--;
}

static void observe(void *ctx, struct watch *watch, struct observation *observation)
{
	(void)ctx, (void)watch;
	observation_release(observation);
}

static bool report(void *ctx, struct registry *registry, const char *name, const char *index_url,
		   const struct registry_report *news)
{
	(void)ctx, (void)registry, (void)name, (void)index_url, (void)news;
	return false;
}

static struct registry *registry_of(struct fixture *f)
{
	return poller_find(f->poller, "r");
}

static void on_done(struct poller_change *change)
{
	struct change *it = CONTAINER_OF(change, struct change, change);

	watch_changes_release(&it->list);
	if (++it->f->done == it->f->wanted)
		loop_stop(it->f->loop);
}

static struct change change_of(struct fixture *f, const char *registry)
{
	struct change it = {.f = f, .change.done = on_done, .change.n_lists = 1, .list.registry = strdup(registry)};
	assert_non_null(it.list.registry);
	return it;
}

static void give(struct fixture *f, struct change *it)
{
	watch_changes_sort(&it->list);
	it->change.lists = &it->list;
	poller_change(f->poller, &it->change);
}

static void wait_for(struct fixture *f, unsigned done)
{
	f->wanted = done;
	if (f->done < done)
		loop_run(f->loop);
}

static void number_name(unsigned number, char name[static 8])
{
	(void)snprintf(name, 8, "c%05u", number);
}

static void add(struct change *it, unsigned number)
{
	char name[8];

	number_name(number, name);
	assert_true(watch_changes_add(&it->list, name, CRATE_PRESENT, false, false, name));
}

static void drop(struct change *it, unsigned number)
{
	char name[8];

	number_name(number, name);
	assert_true(watch_changes_remove(&it->list, name));
}

static void afresh(struct change *it, unsigned number)
{
	char name[8];

	number_name(number, name);
	assert_true(watch_changes_afresh(&it->list, name));
}

static struct watch *find(struct fixture *f, unsigned number)
{
	char name[8];

	number_name(number, name);
	return registry_find(registry_of(f), name);
}

static void check_list(struct fixture *f, const bool *there)
{
	const struct registry *registry = registry_of(f);
	size_t n = 0;

	for (unsigned i = 0; i < MANY; i++) {
		const struct watch *watch = find(f, i);
		assert_true((watch != NULL) == there[i]);
		n += there[i];
		if (watch)
			assert_string_equal(watch->etag, watch->crate);
	}
	assert_int_equal(registry->n_watches, n);
	assert_int_equal(registry->schedule.due.count, n);
	for (size_t i = 1; i < n; i++)
		assert_true(strcmp(registry->watches[i - 1]->crate, registry->watches[i]->crate) < 0);
}

/* A registry whose config.json never comes: nothing is polled. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	const struct poller_sink sink = {
		.reserve = reserve, .give_back = give_back, .observe = observe, .report = report, .ctx = f};
	struct err err;

	assert_non_null(f);
	for (unsigned i = 0; i < 2; i++)
		f->registries[i] = (struct config_registry){.name = i ? "s" : "r",
							    .index_url = "http://127.0.0.1:1/",
							    .poll_interval_ms = 3600000,
							    .requests_per_second = 1000};
	f->config = (struct config){.registries = f->registries, .n_registries = 2};
	assert_int_equal(loop_new(&f->loop, &err), 0);
	assert_int_equal(http_new(f->loop, &f->http, &err), 0);
	assert_int_equal(poller_new(f->loop, f->http, &sink, &f->poller, &err), 0);
	struct change first = change_of(f, "r");
	first.change.config = &f->config;
	poller_pause(f->poller);
	give(f, &first);
	assert_int_equal(f->done, 1);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_free(f->http);
	poller_free(f->poller);
	loop_free(f->loop);
	free(f);
	return 0;
}

static void a_few_are_taken_in_at_once(void **state)
{
	struct fixture *f = *state;
	struct change first = change_of(f, "r");
	struct change second = change_of(f, "r");
	bool there[MANY] = {false};

	add(&first, 5);
	add(&first, 1);
	add(&first, 3);
	give(f, &first);
	assert_int_equal(f->done, 2);
	drop(&second, 3);
	drop(&second, 4); /* was never there */
	add(&second, 1);  /* is there already */
	add(&second, 2);
	give(f, &second);
	assert_int_equal(f->done, 3);
	there[1] = there[2] = there[5] = true;
	check_list(f, there);
}

static void many_are_taken_in_by_turns(void **state)
{
	struct fixture *f = *state;
	struct change it = change_of(f, "r");
	bool there[MANY];

	for (unsigned i = 0; i < MANY; i++) {
		add(&it, i);
		there[i] = true;
	}
	give(f, &it);
	assert_int_equal(f->done, 1);
	assert_true(registry_of(f)->n_watches < MANY / 4);
	wait_for(f, 2);
	check_list(f, there);
}

static void a_change_waits_for_the_one_before(void **state)
{
	struct fixture *f = *state;
	struct change many = change_of(f, "r");
	struct change one = change_of(f, "r");
	bool there[MANY] = {false};

	for (unsigned i = 0; i < MANY; i += 2) {
		add(&many, i);
		there[i] = true;
	}
	give(f, &many);
	drop(&one, MANY - 2);
	there[MANY - 2] = false;
	give(f, &one);
	assert_int_equal(f->done, 1);
	wait_for(f, 3);
	check_list(f, there);
}

static void whatever_comes_and_goes_the_list_is_right(void **state)
{
	struct fixture *f = *state;
	bool there[MANY] = {false};
	unsigned seed = 7;

	for (unsigned times = 0; times < 30; times++) {
		struct change it = change_of(f, "r");
		unsigned share = 1 + (unsigned)rand_r(&seed) % 50;
		for (unsigned i = 0; i < MANY; i++) {
			if ((unsigned)rand_r(&seed) % share)
				continue;
			if (there[i])
				drop(&it, i);
			else
				add(&it, i);
			there[i] = !there[i];
		}
		give(f, &it);
		wait_for(f, f->done + (it.change.ended ? 0 : 1));
		check_list(f, there);
	}
}

/* A poll that is under way when its watch goes, and one that comes meanwhile. */
static void polls_under_way_outlive_their_watches(void **state)
{
	struct fixture *f = *state;
	struct registry *registry = registry_of(f);
	struct change come = change_of(f, "r");
	struct change go = change_of(f, "r");
	struct watch *at[3];

	for (unsigned i = 0; i < MANY; i++)
		add(&come, i);
	give(f, &come);
	wait_for(f, 2);
	for (unsigned i = 0; i < 3; i++) {
		static const enum watch_stage stages[] = {WATCH_REQUESTED, WATCH_AT_TRACKER, WATCH_ABSENT};
		at[i] = find(f, 1000 * (i + 1));
		schedule_remove(&registry->schedule, at[i]);
		at[i]->stage = stages[i];
		(void)reserve(f);
		f->poller->out++;
	}
	registry->absent = at[2];
	for (unsigned i = 0; i < MANY; i++)
		if (i % 3)
			drop(&go, i);
	give(f, &go);
	wait_for(f, 3);
	assert_int_equal(registry->n_watches, (MANY + 2) / 3);
	assert_null(find(f, 1000));
	assert_null(find(f, 2000));
	assert_non_null(find(f, 3000));
	assert_true(at[0]->removed && at[1]->removed);
	assert_true(watch_is_stale(at[0]) && watch_is_stale(at[1]));
	assert_ptr_equal(registry->absent, at[2]);
	registry_forget(registry, at[0]);
	registry_forget(registry, at[1]);
	assert_null(registry->leaving);
	struct change last = change_of(f, "r");
	drop(&last, 3000);
	give(f, &last);
	assert_null(registry->absent); /* its place at the tracker is given back */
	assert_int_equal(f->places, 2);
	assert_int_equal(f->poller->out, 2);
}

static void postpone(struct fixture *f, unsigned number)
{
	schedule_put(&registry_of(f)->schedule, find(f, number), clock_mono_ms() + 3600000);
}

static void a_watch_that_is_looked_at_afresh_is_due_at_once_and_whole(void **state)
{
	struct fixture *f = *state;
	struct change come = change_of(f, "r");
	struct change again = change_of(f, "r");

	for (unsigned i = 1; i <= 3; i++)
		add(&come, i);
	give(f, &come);
	for (unsigned i = 1; i <= 3; i++)
		postpone(f, i);
	afresh(&again, 2);
	afresh(&again, 4); /* is not watched, and is not for that */
	give(f, &again);
	assert_int_equal(f->done, 3);
	assert_null(find(f, 4));
	assert_int_equal(registry_of(f)->n_watches, 3);
	assert_null(find(f, 2)->etag);
	assert_true(find(f, 2)->due.key <= clock_mono_ms());
	assert_string_equal(find(f, 3)->etag, "c00003");
	assert_true(find(f, 3)->due.key > clock_mono_ms());
}

static struct watch *under_way(struct fixture *f, unsigned number)
{
	struct watch *watch = find(f, number);

	schedule_remove(&registry_of(f)->schedule, watch);
	watch->stage = WATCH_AT_TRACKER;
	f->poller->out++;
	return watch;
}

/* Its poll may have begun before: it is repeated, at once when it went well, else after its pause. */
static void a_poll_under_way_is_followed_by_the_look_afresh(void **state)
{
	struct fixture *f = *state;
	struct change come = change_of(f, "r");
	struct change again = change_of(f, "r");
	struct observation_result result = {.state = CRATE_PRESENT, .validators.etag = strdup("later")};
	struct observation_result nothing = {0};
	struct err why;

	add(&come, 1);
	add(&come, 2);
	give(f, &come);
	struct watch *good = under_way(f, 1);
	struct watch *bad = under_way(f, 2);
	afresh(&again, 1);
	afresh(&again, 2);
	give(f, &again);
	assert_string_equal(good->etag, "c00001"); /* a 304 refers to it */
	poller_committed(f->poller, good, 0, NULL, &result);
	assert_null(good->etag);
	assert_true(good->due.key <= clock_mono_ms());
	(void)err_set(&why, ERR_IO, "no room");
	poller_committed(f->poller, bad, ERR_IO, &why, &nothing);
	assert_null(bad->etag);
	assert_true(bad->due.key > clock_mono_ms());
	assert_false(good->afresh || bad->afresh);
	observation_result_release(&result);
}

static void a_registry_that_is_dropped_loses_its_watches_and_a_move_forgets_etags(void **state)
{
	struct fixture *f = *state;
	struct change come = change_of(f, "s");
	struct change few = change_of(f, "r");
	struct change go = change_of(f, "r");

	for (unsigned i = 0; i < MANY; i++)
		add(&come, i);
	add(&few, 1);
	give(f, &come);
	give(f, &few);
	wait_for(f, 3);
	f->config.n_registries = 1;
	f->registries[0].index_url = "http://127.0.0.1:2/";
	go.change.config = &f->config;
	give(f, &go);
	assert_int_equal(f->done, 3);
	wait_for(f, 4);
	assert_int_equal(poller_find(f->poller, "s")->n_watches, 0);
	assert_int_equal(poller_watch_count(f->poller), 1);
	struct watch *watch = find(f, 1);
	assert_true(watch_is_stale(watch));
	watch_meet_index(watch);
	assert_false(watch_is_stale(watch));
	assert_null(watch->etag);
	assert_int_equal(watch->state, CRATE_UNKNOWN);
}

static void a_shorter_interval_reaches_every_watch(void **state)
{
	struct fixture *f = *state;
	struct registry *registry = registry_of(f);
	struct change come = change_of(f, "r");
	struct change sooner = change_of(f, "r");

	for (unsigned i = 0; i < MANY; i++)
		add(&come, i);
	give(f, &come);
	wait_for(f, 2);
	for (size_t i = 0; i < MANY; i++)
		schedule_put(&registry->schedule, registry->watches[i], INT64_MAX);
	f->registries[0].poll_interval_ms = 1000;
	sooner.change.config = &f->config;
	give(f, &sooner);
	wait_for(f, 3);
	for (size_t i = 0; i < MANY; i++)
		assert_true(registry->watches[i]->due.key < INT64_MAX);
}

static void what_was_not_taken_in_is_given_back_at_the_end(void **state)
{
	struct fixture *f = *state;
	static struct change it;

	it = change_of(f, "r");
	for (unsigned i = 0; i < MANY; i++)
		add(&it, i);
	give(f, &it);
	assert_int_equal(f->done, 1); /* teardown() ends it; a leak would be found */
}

#define roster_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		roster_test(a_few_are_taken_in_at_once),
		roster_test(many_are_taken_in_by_turns),
		roster_test(a_change_waits_for_the_one_before),
		roster_test(whatever_comes_and_goes_the_list_is_right),
		roster_test(polls_under_way_outlive_their_watches),
		roster_test(a_watch_that_is_looked_at_afresh_is_due_at_once_and_whole),
		roster_test(a_poll_under_way_is_followed_by_the_look_afresh),
		roster_test(a_registry_that_is_dropped_loses_its_watches_and_a_move_forgets_etags),
		roster_test(a_shorter_interval_reaches_every_watch),
		roster_test(what_was_not_taken_in_is_given_back_at_the_end),
	};
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
