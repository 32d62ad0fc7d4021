/* SPDX-License-Identifier: Apache-2.0 */
/* What the socket asks: filters, pages, a crate's object, near names and counts. */
#include "outbox_fixture.h"

#include "base/json.h"
#include "store/annotations.h"
#include "store/page.h"
#include "store/query.h"

/* Eight events: of demo 1..4, of demo as a whole, and of `other` 1..3; at 1000, 2000, … ms. */
static int setup_history(void **state)
{
	static const char *const versions[] = {"1", "2", "3", "4", NULL};

	setup_database(state);
	struct fixture *f = *state;
	int64_t other = watch(f->db, "other");
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		(void)append_event(f->db, f->crate, versions[i], (int64_t)(i + 1) * 1000);
	for (size_t i = 0; i < 3; i++)
		(void)append_event(f->db, other, versions[i], (int64_t)(i + 6) * 1000);
	return 0;
}
#define history_test(test) cmocka_unit_test_setup_teardown(test, setup_history, teardown)

static cJSON *parsed(const struct strbuf *text)
{
	struct err err = {0};
	cJSON *value = NULL;

	ok(json_parse(text->data, text->len, &value, &err));
	return value;
}

/* "1 2 3, next 3": the seqs of a page. */
static void check_events(struct db *db, const struct event_filter *filter, const char *expected)
{
	OWNED_STRBUF struct strbuf out = {0};
	OWNED_STRBUF struct strbuf told = {0};
	struct err err = {0};
	const cJSON *event;

	ok(query_events(db, filter, &out, &err));
	OWNED_JSON cJSON *page = parsed(&out);
	cJSON_ArrayForEach (event, json_member(page, "events")) {
		strbuf_addf(&told, "%s%lld", told.len ? " " : "", (long long)json_int(event, "seq", 0));
		assert_string_equal(json_string(event, "severity"), "high");
	}
	const char *next = json_string(page, "next");
	assert_true(next || cJSON_IsNull(json_member(page, "next")));
	if (next)
		strbuf_addf(&told, ", next %s", next);
	assert_string_equal(strbuf_str(&told), expected);
}

static void events_are_filtered(void **state)
{
	struct fixture *f = *state;
	static const struct {
		struct event_filter filter;
		const char *expected;
	} rows[] = {
		{{.limit = 1000}, "1 2 3 4 5 6 7 8"},
		{{.limit = 1000, .crate = "demo"}, "1 2 3 4 5"},
		{{.limit = 1000, .crate = "other"}, "6 7 8"},
		{{.limit = 1000, .crate = "nobody"}, ""},
		{{.limit = 1000, .registry = "r"}, "1 2 3 4 5 6 7 8"},
		{{.limit = 1000, .registry = "s"}, ""},
		{{.limit = 1000, .registry = "r", .crate = "other"}, "6 7 8"},
		{{.limit = 1000, .version = "2"}, "2 7"},
		{{.limit = 1000, .version = "2", .crate = "demo"}, "2"},
		{{.limit = 1000, .version = ""}, "5"},
		{{.limit = 1000, .kinds = 1u << EVENT_YANKED}, "1 2 3 4 5 6 7 8"},
		{{.limit = 1000, .kinds = 1u << EVENT_UNYANKED | 1u << EVENT_PUBLISHED}, ""},
		{{.limit = 1000, .since_ms = 3000}, "3 4 5 6 7 8"},
		{{.limit = 1000, .until_ms = 3000}, "1 2"}, /* exclusive */
		{{.limit = 1000, .since_ms = 3000, .until_ms = 3001}, "3"},
		{{.limit = 1000, .after = 6}, "7 8"},
		{{.limit = 1000, .reverse = true}, "8 7 6 5 4 3 2 1"},
		{{.limit = 1000, .reverse = true, .after = 3}, "2 1"},
		{{.limit = 1000, .reverse = true, .crate = "demo", .since_ms = 4000}, "5 4"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_events(f->db, &rows[i].filter, rows[i].expected);
}

static void pages_follow_each_other(void **state)
{
	struct fixture *f = *state;
	static const struct {
		struct event_filter filter;
		const char *expected;
	} rows[] = {
		{{.limit = 3}, "1 2 3, next 3"},
		{{.limit = 3, .after = 3}, "4 5 6, next 6"},
		{{.limit = 3, .after = 6}, "7 8"},
		{{.limit = 8}, "1 2 3 4 5 6 7 8"}, /* full, and yet the last */
		{{.limit = 3, .reverse = true}, "8 7 6, next 6"},
		{{.limit = 3, .reverse = true, .after = 6}, "5 4 3, next 3"},
		{{.limit = 3, .reverse = true, .after = 3}, "2 1"},
		{{.limit = 1, .crate = "other", .after = 6}, "7, next 7"},
		{{.limit = 1, .after = 8}, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_events(f->db, &rows[i].filter, rows[i].expected);
}

static void events_of_a_project_come_with_what_was_noted_of_them(void **state)
{
	static const struct event_project both[] = {{"web", "", true}, {"payments", "sec", false}};
	static const struct {
		struct event_filter filter;
		const char *expected;
	} rows[] = {
		{{.limit = 9, .project = "payments"}, "2 7"},
		{{.limit = 9, .project = "web"}, "2 3 7"},
		{{.limit = 9, .project = "we*"}, ""}, /* no pattern */
		{{.limit = 9, .project = "web", .crate = "demo"}, "2 3"},
		{{.limit = 9, .project = "web", .version = "3"}, "3"},
		{{.limit = 9, .project = "web", .registry = "s"}, ""},
		{{.limit = 9, .project = "web", .since_ms = 3000, .kinds = 1u << EVENT_YANKED}, "3 7"},
		{{.limit = 2, .project = "web"}, "2 3, next 3"},
		{{.limit = 2, .project = "web", .after = 3}, "7"},
		{{.limit = 2, .project = "web", .reverse = true}, "7 3, next 3"},
		{{.limit = 2, .project = "web", .reverse = true, .after = 3}, "2"},
	};
	OWNED_STRBUF struct strbuf out = {0};
	struct fixture *f = *state;
	struct err err = {0};

	ok(annotations_add(f->db, 2, "\"usable_versions\":5", both, 2, &err));
	ok(annotations_add(f->db, 3, NULL, both, 1, &err));
	ok(annotations_add(f->db, 7, "\"usable_versions\":6", both, 2, &err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_events(f->db, &rows[i].filter, rows[i].expected);
	ok(query_events(f->db, &(struct event_filter){.limit = 9}, &out, &err));
	OWNED_JSON cJSON *page = parsed(&out);
	const cJSON *events = json_member(page, "events");
	assert_int_equal(json_int(cJSON_GetArrayItem(events, 1), "usable_versions", 0), 5);
	assert_null(json_member(cJSON_GetArrayItem(events, 2), "usable_versions"));
	assert_int_equal(json_int(cJSON_GetArrayItem(events, 6), "usable_versions", 0), 6);
}

/* An event of about a megabyte: the line that showed it. */
static void append_large_event(struct fixture *f)
{
	static char line[1 << 20];
	struct err err = {0};
	struct event event = append_event(f->db, f->crate, "5", 9000);

	memset(line, 'x', sizeof line);
	event.seq++;
	event.line = line;
	event.line_len = sizeof line;
	ok(history_append(f->db, f->crate, &event, &err));
}

static void a_page_of_large_events_ends_early_and_none_is_lost(void **state)
{
	struct fixture *f = *state;
	struct event_filter filter = {.limit = 1000};
	int64_t seen = 0;

	for (unsigned i = 0; i < 6; i++)
		append_large_event(f);
	for (unsigned pages = 1;; pages++) {
		OWNED_STRBUF struct strbuf out = {0};
		struct err err = {0};
		ok(query_events(f->db, &filter, &out, &err));
		assert_true(out.len < PAGE_BYTES + (2u << 20));
		OWNED_JSON cJSON *page = parsed(&out);
		seen += cJSON_GetArraySize(json_member(page, "events"));
		const char *next = json_string(page, "next");
		if (!next) {
			assert_true(pages > 1);
			break;
		}
		filter.after = strtoll(next, NULL, 10);
	}
	assert_int_equal(seen, number(f->db, "SELECT count(*) FROM event"));
}

static void save_version(struct fixture *f, const char *vers, int64_t changed_ms, bool yanked, bool deleted)
{
	struct index_version version = {
		.vers = (char *)(uintptr_t)vers, .changed_ms = changed_ms, .yanked = yanked, .deleted = deleted};

	memset(version.checksum, 0xaa, sizeof version.checksum);
	add_version(f->db, f->crate, &version);
}

#define AS "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void a_crate_is_told_with_its_versions(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	static char etag[] = "\"e\"";
	const struct validators validators = {.etag = etag, .last_modified = 2};
	const struct index_look look = {.bad = 3, .doubled = 2};
	OWNED_STRBUF struct strbuf out = {0};

	ok(state_crate_save(f->db, f->crate, CRATE_PRESENT, &validators, &look, 1000, &err));
	save_version(f, "1.10.0", 0, false, false);
	save_version(f, "1.9.0", 1000, true, false);
	save_version(f, "0.1.0", 0, false, true);
	ok(query_crate(f->db, "r", "demo", &out, &err));
	assert_string_equal(strbuf_str(&out),
			    "{\"registry\":\"r\",\"crate\":\"demo\",\"index\":\"" INDEX_URL "\",\"state\":\"present\","
			    "\"listed_by\":[\"configuration\"],\"etag\":\"\\\"e\\\"\",\"last_modified\":\"1970-01-"
			    "01T00:00:02.000Z\","
			    "\"unparsed_lines\":3,\"doubled_lines\":2,\"usable_versions\":1,\"versions\":["
			    "{\"version\":\"1.10.0\",\"checksum\":\"" AS "\",\"yanked\":false,\"deleted\":false},"
			    "{\"version\":\"1.9.0\",\"checksum\":\"" AS "\",\"yanked\":true,\"deleted\":false,"
			    "\"changed_at\":\"1970-01-01T00:00:01.000Z\"},"
			    "{\"version\":\"0.1.0\",\"checksum\":\"" AS "\",\"yanked\":false,\"deleted\":true}]}");
}

static void a_crate_that_is_not_watched_is_absent(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	OWNED_STRBUF struct strbuf out = {0};

	assert_int_equal(query_crate(f->db, "r", "x", &out, &err), ERR_ABSENT);
	assert_int_equal(query_crate(f->db, "s", "demo", &out, &err), ERR_ABSENT);
	ok(watches_configure_end(f->db, NULL, 0, &err));
	assert_int_equal(query_crate(f->db, "r", "demo", &out, &err), ERR_ABSENT);
	assert_int_equal(out.len, 0);
}

static void near_names_are_told_nearest_first(void **state)
{
	static const char *const names[] = {"dema", "demmo", "demos", "emma", "de", "serde", "de-mo"};
	struct fixture *f = *state;
	struct err err = {0};
	char *found[QUERY_NEAR_MAX];
	size_t n = 99;

	ok(query_near(f->db, "serdf", found, &n, &err));
	assert_int_equal(n, 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)watch(f->db, names[i]);
	ok(query_near(f->db, "serdf", found, &n, &err));
	assert_int_equal(n, 1);
	assert_string_equal(found[0], "serde");
	free(found[0]);
	ok(query_near(f->db, "demox", found, &n, &err));
	assert_int_equal(n, QUERY_NEAR_MAX);
	assert_true(strcmp(found[0], "demo") == 0 || strcmp(found[0], "demos") == 0); /* one edit */
	assert_true(strcmp(found[1], "demo") == 0 || strcmp(found[1], "demos") == 0);
	for (size_t i = 0; i < n; i++)
		free(found[i]);
}

static void watches_come_in_pages(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	bool added;
	static const struct {
		struct watch_filter filter;
		const char *expected;
	} rows[] = {
		{{.limit = 10},
		 "{\"watches\":["
		 "{\"registry\":\"r\",\"crate\":\"demo\",\"listed_by\":[\"configuration\",\"socket\"],\"state\":"
		 "\"unknown\"},"
		 "{\"registry\":\"r\",\"crate\":\"x\",\"listed_by\":[\"socket\"],\"state\":\"unknown\"}],\"next\":"
		 "null}"},
		{{.limit = 1},
		 "{\"watches\":["
		 "{\"registry\":\"r\",\"crate\":\"demo\",\"listed_by\":[\"configuration\",\"socket\"],\"state\":"
		 "\"unknown\"}],"
		 "\"next\":\"1\"}"},
		{{.limit = 1, .after = 1},
		 "{\"watches\":["
		 "{\"registry\":\"r\",\"crate\":\"x\",\"listed_by\":[\"socket\"],\"state\":\"unknown\"}],\"next\":"
		 "null}"},
		{{.limit = 9, .registry = "r", .crate = "x"},
		 "{\"watches\":["
		 "{\"registry\":\"r\",\"crate\":\"x\",\"listed_by\":[\"socket\"],\"state\":\"unknown\"}],\"next\":"
		 "null}"},
		{{.limit = 9, .registry = "s"}, "{\"watches\":[],\"next\":null}"},
	};

	ok(watches_add(f->db, "r", "demo", LISTED_SOCKET, &added, &(bool){false}, &err));
	ok(watches_add(f->db, "r", "x", LISTED_SOCKET, &added, &(bool){false}, &err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		ok(query_watches(f->db, &rows[i].filter, &out, &err));
		assert_string_equal(strbuf_str(&out), rows[i].expected);
	}
}

static void counts_are_of_what_is_there(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct database_counts counts;

	ok(query_counts(f->db, &counts, &err));
	assert_int_equal(counts.events, 8);
	assert_int_equal(counts.kinds[EVENT_YANKED], number(f->db, "SELECT count(*) FROM event WHERE kind = 1"));
	assert_true(counts.bytes > 4096);
	for (unsigned i = 0; i < ARRAY_LEN(counts.notifications); i++)
		assert_int_equal(counts.notifications[i], 0);
	const struct event event = append_event(f->db, f->crate, "9", 0);
	for (unsigned i = 0; i < 3; i++)
		tell(f, "hook", f->crate, event.seq, NULL, NULL, NOW);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_int_equal(claim.notification.row, 1);
	ok(query_counts(f->db, &counts, &err));
	assert_int_equal(counts.notifications[NOTIFICATION_DUE], 2);
	assert_int_equal(counts.notifications[NOTIFICATION_IN_FLIGHT], 1);
	assert_int_equal(counts.notifications[NOTIFICATION_DELIVERED], 0);
	ok(db_commit(f->db, &err));
	ok(query_counts(f->db, &counts, &err));
	assert_true(counts.wal_bytes > 0);
	ok(db_script(f->db, "PRAGMA wal_checkpoint(TRUNCATE)", &err));
	ok(query_counts(f->db, &counts, &err));
	assert_int_equal(counts.wal_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		history_test(events_are_filtered),
		history_test(events_of_a_project_come_with_what_was_noted_of_them),
		history_test(pages_follow_each_other),
		history_test(a_page_of_large_events_ends_early_and_none_is_lost),
		store_test(a_crate_is_told_with_its_versions),
		store_test(a_crate_that_is_not_watched_is_absent),
		store_test(near_names_are_told_nearest_first),
		store_test(watches_come_in_pages),
		history_test(counts_are_of_what_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
