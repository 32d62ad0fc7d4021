/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever is asked of the history, page by page, the answer is what a look at every event would give: random
 * histories, whose times go back and forth, and random filters. And no question looks at more than its bound.
 */
#include "fixture.h"

#include "base/json.h"
#include "store/annotations.h"
#include "store/event_search.h"

#define RUNS 4
#define EVENTS 700
#define QUESTIONS 400
#define CRATES 6
#define PROJECTS 3
#define STEP_MS INT64_C(1000)

static const struct {
	const char *registry, *name;
} crates[CRATES] = {{"r", "demo"}, {"r", "other"}, {"r", "third"}, {"s", "demo"}, {"s", "alone"}, {"r", "quiet"}};
static const char *const versions[] = {"", "1.0.0", "1.0.1", "2.0.0"};
static const char *const projects[PROJECTS] = {"web", "payments", "edge"};

struct past {
	unsigned crate, version, hits; /* hits: bits 1 << project */
	enum event_kind kind;
	int64_t at_ms;
};

struct world {
	struct fixture *f;
	uint64_t random;
	int64_t rows[CRATES];
	struct past events[EVENTS + 1]; /* by seq */
};

static unsigned below(struct world *w, unsigned n)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(w->random >> 33) % n;
}

/* ---- a history ---- */

static void append(struct world *w, int64_t seq, const struct past *past)
{
	struct event event = {.seq = seq,
			      .at_ms = past->at_ms,
			      .observed_at_ms = past->at_ms,
			      .registry = crates[past->crate].registry,
			      .index_url = INDEX_URL,
			      .crate = crates[past->crate].name,
			      .version = versions[past->version],
			      .kind = past->kind};
	struct event_project hits[PROJECTS];
	struct err err = {0};
	size_t n = 0;

	for (unsigned i = 0; i < PROJECTS; i++)
		if (past->hits & 1u << i)
			hits[n++] = (struct event_project){projects[i], "", true};
	(void)snprintf(event.id, sizeof event.id, "evt_%lld", (long long)seq);
	ok(history_append(w->f->db, w->rows[past->crate], &event, &err));
	ok(annotations_add(w->f->db, seq, NULL, hits, n, &err));
}

/* Most come in the order of their times; some are older, and once the clock was set back. */
static void make_history(struct world *w)
{
	int64_t now_ms = 1000000;

	for (int64_t seq = 1; seq <= EVENTS; seq++) {
		struct past *past = &w->events[seq];
		now_ms += below(w, 3) * STEP_MS;
		if (seq == EVENTS / 2)
			now_ms -= 100 * STEP_MS;
		*past = (struct past){.crate = below(w, 3) ? 0 : below(w, CRATES - 1),
				      .version = below(w, ARRAY_LEN(versions)),
				      .kind = below(w, 4) ? EVENT_PUBLISHED : (enum event_kind)below(w, EVENT_KINDS),
				      .hits = below(w, 5) ? 0 : below(w, 1u << PROJECTS),
				      .at_ms = now_ms - (below(w, 20) ? 0 : (int64_t)below(w, 300) * STEP_MS)};
		append(w, seq, past);
	}
}

static void begin_world(struct world *w, struct fixture *f, unsigned run)
{
	struct err err = {0};
	struct registry_before before;
	bool added;

	*w = (struct world){.f = f, .random = run + 1};
	ok(watches_configure_registry(f->db, "s", "http://localhost/other/", &before, &err));
	for (unsigned i = 0; i < CRATES; i++) {
		OWNED(crate_record_release) struct crate_record record = {0};
		bool is_r = strcmp(crates[i].registry, "r") == 0;
		ok(watches_add(f->db, crates[i].registry, crates[i].name, LISTED_CONFIGURATION, &added, &(bool){false},
			       &err));
		ok(state_crate(f->db, crates[i].registry, is_r ? INDEX_URL : "http://localhost/other/", crates[i].name,
			       &record, &err));
		w->rows[i] = record.id;
	}
	make_history(w);
}

/* ---- a question, and what every event says to it ---- */

static bool says(const char *wanted, const char *text)
{
	return !wanted || strcmp(wanted, text) == 0;
}

static bool passes(const struct event_filter *filter, const struct past *past)
{
	bool hits = !filter->project;

	for (unsigned i = 0; i < PROJECTS; i++)
		hits |= past->hits >> i & 1 && says(filter->project, projects[i]);
	return hits && says(filter->registry, crates[past->crate].registry) &&
	       says(filter->crate, crates[past->crate].name) && says(filter->version, versions[past->version]) &&
	       (!filter->kinds || filter->kinds >> past->kind & 1) && past->at_ms >= filter->since_ms &&
	       (!filter->until_ms || past->at_ms < filter->until_ms);
}

static struct event_filter draw_filter(struct world *w)
{
	int64_t middle_ms = w->events[1 + below(w, EVENTS)].at_ms;
	struct event_filter filter = {.limit = 1 + below(w, 60), .reverse = below(w, 2)};

	if (!below(w, 3))
		filter.registry = below(w, 3) ? "s" : "r";
	if (!below(w, 3))
		filter.crate = below(w, 9) ? crates[below(w, CRATES)].name : "nobody";
	if (!below(w, 3))
		filter.version = versions[below(w, ARRAY_LEN(versions))];
	if (!below(w, 4))
		filter.project = below(w, 9) ? projects[below(w, PROJECTS)] : "nobody";
	if (!below(w, 3))
		filter.kinds = below(w, 1u << EVENT_KINDS);
	if (below(w, 2))
		filter.since_ms = middle_ms - (int64_t)below(w, 100) * STEP_MS;
	if (below(w, 2))
		filter.until_ms = middle_ms + (int64_t)below(w, 100) * STEP_MS;
	if (!below(w, 4))
		filter.after = 1 + below(w, EVENTS);
	return filter;
}

static void tell_expected(const struct world *w, const struct event_filter *filter, struct strbuf *told)
{
	for (int64_t i = 1; i <= EVENTS; i++) {
		int64_t seq = filter->reverse ? EVENTS + 1 - i : i;
		bool is_there = !filter->after || (filter->reverse ? seq < filter->after : seq > filter->after);
		if (is_there && passes(filter, &w->events[seq]))
			strbuf_addf(told, " %lld", (long long)seq);
	}
}

/* All pages, one after the other. */
static void tell_answer(struct db *db, struct event_filter filter, struct strbuf *told)
{
	for (unsigned pages = 0;; pages++) {
		OWNED_STRBUF struct strbuf out = {0};
		struct err err = {0};
		OWNED_JSON cJSON *page = NULL;
		const cJSON *event;
		ok(query_events(db, &filter, &out, &err));
		ok(json_parse(out.data, out.len, &page, &err));
		cJSON_ArrayForEach (event, json_member(page, "events"))
			strbuf_addf(told, " %lld", (long long)json_int(event, "seq", 0));
		const char *next = json_string(page, "next");
		if (!next)
			return;
		assert_true(pages <= EVENTS);
		filter.after = strtoll(next, NULL, 10);
	}
}

static void every_question_gets_what_there_is(void **state)
{
	static struct world w;
	struct fixture *f = *state;

	for (unsigned run = 0; run < RUNS; run++) {
		struct err err = {0};
		ok(db_savepoint(f->db, &err));
		begin_world(&w, f, run);
		assert_true(number(f->db, "SELECT count(*) FROM event_late") > 10);
		for (unsigned i = 0; i < QUESTIONS; i++) {
			OWNED_STRBUF struct strbuf expected = {0};
			OWNED_STRBUF struct strbuf told = {0};
			const struct event_filter filter = draw_filter(&w);
			tell_expected(&w, &filter, &expected);
			tell_answer(f->db, filter, &told);
			assert_string_equal(strbuf_str(&told), strbuf_str(&expected));
		}
		db_savepoint_undo(f->db);
	}
}

/* ---- its bound ---- */

/* Of another kind, without the chain: nobody looks at that here. */
#define MANY                                                                                                           \
	"INSERT INTO event (seq, id, at_ms, crate, version, kind, severity, body)"                                     \
	" WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 120000)"                         \
	" SELECT i, 'evt_' || i, 1000 * i, (SELECT id FROM crate WHERE name = 'demo'), '1', 0, 0, '{\"seq\":1}' FROM " \
	"n"

static unsigned count_pages(struct db *db, struct event_filter filter)
{
	struct err err = {0};

	for (unsigned pages = 1;; pages++) {
		OWNED_STRBUF struct strbuf out = {0};
		ok(query_events(db, &filter, &out, &err));
		const char *next = strstr(strbuf_str(&out), "\"next\":\"");
		if (!next)
			return pages;
		assert_true(pages < 100);
		filter.after = strtoll(next + strlen("\"next\":\""), NULL, 10);
	}
}

static void a_filter_that_nothing_passes_is_answered_in_bounded_pages(void **state)
{
	static const struct {
		struct event_filter filter;
		unsigned pages;
	} rows[] = {
		{{.limit = 100, .version = "2"}, 3}, /* no index leads there: 120000 in steps of 50000 */
		{{.limit = 100, .version = "2", .reverse = true}, 3},
		{{.limit = 100, .project = "web", .version = "2"}, 6}, /* and of a project's in steps of 20000 */
		{{.limit = 100, .project = "web", .version = "2", .reverse = true}, 6},
		{{.limit = 100, .kinds = 1u << EVENT_YANKED}, 1}, /* an index does */
		{{.limit = 100, .registry = "s"}, 1},
		{{.limit = 100, .crate = "demo", .kinds = 1u << EVENT_YANKED}, 1},
		{{.limit = 100, .crate = "demo", .version = "2"}, 1},
		{{.limit = 100, .since_ms = 200000000}, 1},
		{{.limit = 100, .until_ms = 1}, 1},
		{{.limit = 100, .crate = "demo", .since_ms = 5500, .until_ms = 5600}, 1},
	};
	struct fixture *f = *state;
	struct err err = {0};

	ok(db_script(f->db, MANY, &err));
	ok(db_script(f->db,
		     "INSERT INTO event_project (event, place, project, team, locked)"
		     " SELECT seq, 0, 'web', '', 1 FROM event",
		     &err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(count_pages(f->db, rows[i].filter), rows[i].pages);
}

/* A clock that was far ahead once makes all that follows late: then seqs tell little of times, but nothing is missed.
 */
static void a_clock_that_was_ahead_hides_nothing(void **state)
{
	const struct event_filter filter = {.limit = 1000, .since_ms = 50000 * 1000LL, .until_ms = 50010 * 1000LL};
	OWNED_STRBUF struct strbuf told = {0};
	struct fixture *f = *state;
	struct err err = {0};

	ok(db_script(f->db, MANY, &err));
	ok(db_script(f->db,
		     "DROP TRIGGER event_update; UPDATE event SET at_ms = 1000000000000 WHERE seq = 10;"
		     "DELETE FROM event_late;"
		     "INSERT INTO event_late SELECT seq, at_ms FROM event WHERE seq > 10; UPDATE event"
		     " SET body = '{\"seq\":' || seq || '}' WHERE seq BETWEEN 50000 AND 50009",
		     &err));
	tell_answer(f->db, filter, &told);
	assert_string_equal(strbuf_str(&told), " 50000 50001 50002 50003 50004 50005 50006 50007 50008 50009");
}

static void what_is_pruned_is_not_searched_for(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	(void)append_event(f->db, f->crate, "1", 5000);
	(void)append_event(f->db, f->crate, "2", 4000);
	assert_int_equal(number(f->db, "SELECT count(*) FROM event_kind"), 2);
	assert_int_equal(number(f->db, "SELECT count(*) FROM event_late"), 1);
	ok(db_script(f->db, "DROP TRIGGER event_delete; DELETE FROM event WHERE seq = 2", &err));
	assert_int_equal(number(f->db, "SELECT count(*) FROM event_kind"), 1);
	assert_int_equal(number(f->db, "SELECT count(*) FROM event_late"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(every_question_gets_what_there_is),
		store_test(a_filter_that_nothing_passes_is_answered_in_bounded_pages),
		store_test(a_clock_that_was_ahead_hides_nothing),
		store_test(what_is_pruned_is_not_searched_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
