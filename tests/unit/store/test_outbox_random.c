/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever happens to the outbox, in whatever order, nothing is left behind: random
 * additions, claims, results, retries, sweeps, steps of the clock, silences and crashes;
 * after each who is held is held by somebody, and at last everything is told.
 */
#include "outbox_fixture.h"

#include "store/notifiers.h"
#include "store/silences.h"

#define RUNS 12
#define STEPS 500
#define CRATES 6
#define FLIGHTS_MAX 32

static const char *const served[] = {"hook", "mail", "chat"};

struct world {
	struct fixture *f;
	uint64_t random;
	int64_t now_ms;
	int64_t crates[CRATES];
	struct flight {
		int64_t row;
		unsigned attempt;
	} flights[FLIGHTS_MAX];
	unsigned n_flights;
};

static unsigned below(struct world *w, unsigned n)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(w->random >> 33) % n;
}

static const char *notifier(struct world *w)
{
	return served[below(w, ARRAY_LEN(served))];
}

/* ---- what happens ---- */

static void add_event(struct world *w)
{
	static const struct grouping groupings[] = {{.by = GROUP_BY_NONE},
						    {.by = GROUP_BY_CRATE, .wait_ms = 30 * SECOND},
						    {.by = GROUP_BY_REGISTRY, .digest = DIGEST_HOURLY},
						    {.by = GROUP_BY_NONE, .wait_ms = 5 * SECOND}};
	static const char *const keys[] = {NULL, "crate", "registry", NULL};
	const struct outbox outbox = outbox_with_fallback(w->f, w->now_ms);
	unsigned crate = below(w, CRATES);
	unsigned group = below(w, ARRAY_LEN(groupings));
	enum event_kind kind = below(w, 3) ? EVENT_YANKED : EVENT_UNYANKED;
	char key[32];
	struct err err = {0};
	struct outbox_entry entry = {
		.notifier = notifier(w), .crate = w->crates[crate], .grouping = &groupings[group], .key = keys[group]};

	entry.event = happen(w->f, entry.crate, kind, "1", w->now_ms);
	if (group == 1) {
		(void)snprintf(key, sizeof key, "crate %u", crate);
		entry.key = key;
	}
	ok(history_follows(w->f->db, entry.event, kind, &entry.follows, &err));
	ok(outbox_add(&outbox, &entry, &err));
}

static void claim(struct world *w, const char *name)
{
	OWNED_CLAIM struct outbox_claim claimed = {0};

	if (w->n_flights == FLIGHTS_MAX)
		return;
	claimed = claim_for(w->f, name, w->now_ms);
	if (claimed.notification.row)
		w->flights[w->n_flights++] = (struct flight){claimed.notification.row, claimed.notification.attempt};
}

static void end_flight(struct world *w, enum frame_outcome outcome)
{
	const struct outbox outbox = outbox_with_fallback(w->f, w->now_ms);
	struct delivery_result result = {.outcome = outcome, .text = "said"};

	if (w->n_flights == 0)
		return;
	unsigned i = below(w, w->n_flights);
	result.row = w->flights[i].row;
	result.attempt = w->flights[i].attempt;
	result.retry_after_ms = below(w, 3) ? 0 : below(w, (unsigned)(2 * HOUR));
	w->flights[i] = w->flights[--w->n_flights];
	(void)record_at(&outbox, &result);
}

static void end_some_flight(struct world *w)
{
	static const enum frame_outcome outcomes[] = {FRAME_OK,    FRAME_OK,    FRAME_OK,     FRAME_RETRY,
						      FRAME_RETRY, FRAME_RETRY, FRAME_REJECT, FRAME_DISABLE};
	end_flight(w, outcomes[below(w, ARRAY_LEN(outcomes))]);
}

static void pass_time(struct world *w)
{
	static const int64_t steps[] = {SECOND, SECOND,      20 * SECOND, 20 * SECOND,
					MINUTE, 16 * MINUTE, -MINUTE,     -3 * HOUR};
	w->now_ms += steps[below(w, ARRAY_LEN(steps))];
	w->now_ms += below(w, 200) ? 0 : 80 * HOUR;
}

static void sweep(struct world *w)
{
	struct outbox outbox = outbox_with_fallback(w->f, w->now_ms);
	struct outbox_swept swept;
	struct err err = {0};

	outbox.lenient = below(w, 2);
	ok(outbox_sweep(&outbox, served, 1 + below(w, ARRAY_LEN(served)), &swept, &err));
}

static void retry(struct world *w)
{
	static const char any[] = "SELECT public_id FROM notification WHERE state IN (0, 3) AND id % 7 = :rest LIMIT 1";
	const struct outbox outbox = outbox_with_fallback(w->f, w->now_ms);
	char id[NOTIFICATION_ID_MAX] = "";
	struct err err = {0};

	struct stmt st = stmt_use(w->f->db, any);
	stmt_put_int(&st, ":rest", below(w, 7));
	if (stmt_row(&st))
		(void)snprintf(id, sizeof id, "%s", stmt_text(&st, 0));
	ok(stmt_done(&st, &err));
	if (*id)
		ok(outbox_retry(&outbox, id, &err));
}

static void silence(struct world *w)
{
	const struct silence silence = {
		.match = {.crate = "demo"}, .ends_ms = w->now_ms + MINUTE, .author = "eve", .comment = "known"};
	char id[SILENCE_ID_MAX];
	struct err err = {0};

	if (below(w, 8) == 0)
		ok(silences_add(w->f->db, &silence, w->now_ms, id, &err));
}

static void enable(struct world *w)
{
	struct err err = {0};
	bool was;

	ok(notifiers_enable(w->f->db, notifier(w), &was, &err));
}

static void crash(struct world *w)
{
	const struct outbox outbox = outbox_with_fallback(w->f, w->now_ms);
	struct err err = {0};
	int64_t recovered;

	if (below(w, 10))
		return;
	ok(outbox_recover(&outbox, &recovered, &err));
	assert_int_equal(recovered, w->n_flights);
	w->n_flights = 0;
}

static void claim_some(struct world *w)
{
	claim(w, notifier(w));
}

/* ---- what holds ---- */

static void check(struct world *w, unsigned step)
{
	static const char *const never[] = {
		"SELECT count(*) FROM notification n WHERE state = 0 AND held <> EXISTS (SELECT 1 FROM outbox_line a"
		" JOIN outbox_line b ON b.notifier = a.notifier AND b.crate = a.crate AND b.place < a.place"
		" WHERE a.notification = n.id)",
		"SELECT count(*) FROM outbox_line l JOIN notification n ON n.id = l.notification"
		" WHERE n.state NOT IN (0, 1)",
		"SELECT count(*) FROM notification n WHERE events <>"
		" (SELECT count(*) FROM notification_event WHERE notification = n.id)",
	};

	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (number(w->f->db, never[i]))
			fail_msg("step %u: there is one of: %s", step, never[i]);
}

static int64_t left(struct world *w)
{
	return number(w->f->db, "SELECT count(*) FROM notification WHERE state IN (0, 1, 4)");
}

/* All receivers are well again: everything is told within a day. */
static void drain(struct world *w)
{
	struct err err = {0};
	bool was;

	for (size_t i = 0; i < ARRAY_LEN(served); i++)
		ok(notifiers_enable(w->f->db, served[i], &was, &err));
	for (unsigned minute = 0; minute < 24 * 60 && left(w); minute++, w->now_ms += MINUTE) {
		unsigned claimed;
		do {
			while (w->n_flights)
				end_flight(w, FRAME_OK);
			for (size_t i = 0; i < ARRAY_LEN(served); i++)
				claim(w, served[i]);
			claimed = w->n_flights;
		} while (claimed);
	}
	assert_int_equal(left(w), 0);
	assert_int_equal(number(w->f->db, "SELECT count(*) FROM outbox_line"), 0);
	counts_are_right(w->f->db);
}

static void nothing_is_left_behind_whatever_happens(void **state)
{
	static void (*const happenings[])(struct world * w) = {add_event,  add_event,  add_event,       claim_some,
							       claim_some, claim_some, end_some_flight, end_some_flight,
							       pass_time,  pass_time,  end_some_flight, sweep,
							       retry,      silence,    enable,          crash};
	struct world w = {.f = *state, .now_ms = NOW};

	w.crates[0] = w.f->crate;
	for (unsigned i = 1; i < CRATES; i++) {
		char name[16];
		(void)snprintf(name, sizeof name, "crate-%u", i);
		w.crates[i] = watch(w.f->db, name);
	}
	for (unsigned run = 0; run < RUNS; run++) {
		w.random = run;
		for (unsigned step = 0; step < STEPS; step++) {
			happenings[below(&w, ARRAY_LEN(happenings))](&w);
			check(&w, run * STEPS + step);
		}
		drain(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(nothing_is_left_behind_whatever_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
