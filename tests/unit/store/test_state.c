/* SPDX-License-Identifier: Apache-2.0 */
/* Watches, crates and versions: what a configuration keeps, and what it forgets. */
#include "fixture.h"

static const char WATCHED[] =
	"SELECT group_concat(name, ' ') FROM"
	" (SELECT r.name || '/' || c.name AS name FROM registry r JOIN crate c ON c.registry = r.id"
	" WHERE r.configured AND c.listed <> 0 ORDER BY 1)";

/* "r/demo other/x": every watch. */
static void check_watches(struct db *db, const char *expected)
{
	struct err err = {0};

	struct stmt st = stmt_use(db, WATCHED);
	assert_true(stmt_row(&st));
	assert_string_equal(stmt_text(&st, 0) ? stmt_text(&st, 0) : "", expected);
	ok(stmt_done(&st, &err));
}

/* What a configuration makes of `r`, which lists these crates: "+new -gone", sorted. */
static void check_changes(struct db *db, const struct listed_crate *list, size_t n, bool whole, const char *expected)
{
	OWNED(watch_changes_release) struct watch_changes changes = {0};
	struct err err = {0};
	char told[512] = "";

	ok(watches_configure(db, "r", list, n, whole, &changes, &err));
	for (size_t i = 0; i < changes.count; i++)
		(void)snprintf(told + strlen(told), sizeof told - strlen(told), "%s%c%s", i ? " " : "",
			       changes.items[i].removed ? '-' : '+', watch_changes_crate(&changes, i));
	assert_string_equal(told, expected);
}

static void configure_other(struct db *db)
{
	static const char *const names[] = {"other"};
	struct err err = {0};
	struct registry_before before;

	ok(watches_configure_registry(db, "other", "http://other/", &before, &err));
	ok(watches_configure_end(db, names, 1, &err));
}

static bool add(struct db *db, const char *registry, const char *crate, enum listed_by by)
{
	struct err err = {0};
	bool added = false;

	ok(watches_add(db, registry, crate, by, &added, &(bool){false}, &err));
	return added;
}

static bool add_registry(struct db *db, const char *name, const char *url)
{
	struct err err = {0};
	struct registry_before before;

	ok(watches_configure_registry(db, name, url, &before, &err));
	return before.moved;
}

static void save_crate(struct db *db, int64_t crate, enum crate_state state)
{
	static char etag[] = "\"e\"";
	const struct validators validators = {.etag = etag, .last_modified = 77};
	const struct index_look look = {.bad = 3, .doubled = 2, .is_plain = true, .fingerprint = {1}};
	struct err err = {0};

	ok(state_crate_save(db, crate, state, &validators, &look, 1000, &err));
}

/* A crate that was looked at: present, with one version. */
static int64_t known_crate(struct db *db, const char *name)
{
	int64_t id = crate_id(db, name);

	save_crate(db, id, CRATE_PRESENT);
	static char vers[] = "1.0.0";
	add_version(db, id, &(struct index_version){.vers = vers});
	return id;
}

static void check_forgotten(struct db *db, const char *url, const char *name)
{
	OWNED(crate_record_release) struct crate_record record = {0};
	OWNED(index_versions_release) struct index_versions versions = {0};
	struct err err = {0};

	ok(state_crate(db, "r", url, name, &record, &err));
	assert_int_equal(record.state, CRATE_UNKNOWN);
	assert_int_equal(record.last_modified, 0);
	assert_null(record.etag);
	assert_int_equal(number(db, "SELECT count(*) FROM crate WHERE state = 0 AND fingerprint IS NOT NULL"), 0);
	ok(versions_load(db, record.id, &versions, &err));
	assert_int_equal(versions.count, 0);
}

static void check_remembered(struct db *db, const char *name)
{
	OWNED(crate_record_release) struct crate_record record = {0};
	OWNED(index_versions_release) struct index_versions versions = {0};
	struct err err = {0};

	ok(state_crate(db, "r", INDEX_URL, name, &record, &err));
	assert_int_equal(record.state, CRATE_PRESENT);
	assert_int_equal(record.last_modified, 77);
	assert_string_equal(record.etag, "\"e\"");
	ok(versions_load(db, record.id, &versions, &err));
	assert_int_equal(versions.count, 1);
}

/* ---- watches ---- */

static void all_watches_come_out_sorted_with_what_a_start_needs(void **state)
{
	static const struct listed_crate list[] = {{"demo", LISTED_CONFIGURATION}};
	OWNED(watch_changes_release) struct watch_changes changes = {0};
	struct fixture *f = *state;
	struct err err = {0};

	(void)add(f->db, "r", "zeta", LISTED_SOCKET);
	(void)add(f->db, "r", "alpha", LISTED_SOCKET);
	save_crate(f->db, f->crate, CRATE_ABSENT);
	ok(watches_configure(f->db, "r", list, 1, true, &changes, &err));
	assert_int_equal(changes.count, 3);
	assert_string_equal(watch_changes_crate(&changes, 0), "alpha");
	assert_int_equal(changes.items[0].state, CRATE_UNKNOWN);
	assert_null(watch_changes_etag(&changes, 0));
	assert_string_equal(watch_changes_crate(&changes, 1), "demo");
	assert_int_equal(changes.items[1].state, CRATE_ABSENT);
	assert_string_equal(watch_changes_etag(&changes, 1), "\"e\"");
	assert_string_equal(watch_changes_crate(&changes, 2), "zeta");
}

static void many_watches_come_out(void **state)
{
	OWNED(watch_changes_release) struct watch_changes changes = {0};
	static char names[300][16];
	static struct listed_crate list[300];
	struct fixture *f = *state;
	struct err err = {0};

	for (unsigned i = 0; i < 300; i++) {
		(void)snprintf(names[i], sizeof names[i], "c%03u", i);
		list[i] = (struct listed_crate){names[i], LISTED_FILE};
	}
	ok(watches_configure(f->db, "r", list, 300, false, &changes, &err));
	assert_int_equal(changes.count, 301); /* and `demo` is gone */
	for (size_t i = 1; i < changes.count; i++)
		assert_true(strcmp(watch_changes_crate(&changes, i - 1), watch_changes_crate(&changes, i)) < 0);
	assert_int_equal(number(f->db, "SELECT count(*) FROM crate WHERE listed = 4"), 300);
}

static void a_watch_is_added_once_whoever_lists_it(void **state)
{
	struct fixture *f = *state;

	assert_true(add(f->db, "r", "x", LISTED_SOCKET));
	assert_false(add(f->db, "r", "x", LISTED_SOCKET));
	assert_false(add(f->db, "r", "x", LISTED_CONFIGURATION));
	assert_int_equal(number(f->db, "SELECT listed FROM crate WHERE name = 'x'"),
			 LISTED_SOCKET | LISTED_CONFIGURATION);
	check_watches(f->db, "r/demo r/x");
}

static void a_watch_needs_a_configured_registry(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	bool added;

	assert_int_equal(watches_add(f->db, "nowhere", "x", LISTED_SOCKET, &added, &(bool){false}, &err), ERR_ABSENT);
	ok(watches_configure_end(f->db, NULL, 0, &err)); /* of the new one there is none */
	assert_int_equal(watches_add(f->db, "r", "x", LISTED_SOCKET, &added, &(bool){false}, &err), ERR_ABSENT);
	check_watches(f->db, "");
}

static void a_watch_of_the_socket_is_taken_back_and_forgotten(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	bool gone = false;

	(void)add(f->db, "r", "x", LISTED_SOCKET);
	(void)known_crate(f->db, "x");
	(void)known_crate(f->db, "demo");
	ok(watches_remove(f->db, "r", "x", &gone, &err));
	assert_true(gone);
	check_watches(f->db, "r/demo");
	check_remembered(f->db, "demo");
	assert_true(add(f->db, "r", "x", LISTED_SOCKET));
	check_forgotten(f->db, INDEX_URL, "x"); /* it starts with a baseline */
}

static void a_watch_of_the_configuration_stays(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	bool gone = false;

	assert_int_equal(watches_remove(f->db, "r", "demo", &gone, &err), ERR_REFUSED);
	(void)add(f->db, "r", "demo", LISTED_SOCKET);
	assert_int_equal(watches_remove(f->db, "r", "demo", &gone, &err), ERR_REFUSED);
	check_watches(f->db, "r/demo");
}

static void what_is_not_watched_cannot_be_removed(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	bool gone = false;

	assert_int_equal(watches_remove(f->db, "r", "x", &gone, &err), ERR_ABSENT);
	assert_int_equal(watches_remove(f->db, "nowhere", "demo", &gone, &err), ERR_ABSENT);
	(void)add(f->db, "r", "x", LISTED_SOCKET);
	ok(watches_remove(f->db, "r", "x", &gone, &err));
	assert_int_equal(watches_remove(f->db, "r", "x", &gone, &err), ERR_ABSENT);
}

/* ---- a new configuration ---- */

static void a_registry_that_was_left_out_was_not_configured_before(void **state)
{
	struct fixture *f = *state;
	struct registry_before before;
	struct err err = {0};

	ok(watches_configure_registry(f->db, "r", INDEX_URL, &before, &err));
	assert_true(before.configured);
	ok(watches_configure_registry(f->db, "new", INDEX_URL, &before, &err));
	assert_false(before.configured);
	configure_other(f->db);
	ok(watches_configure_registry(f->db, "r", INDEX_URL, &before, &err)); /* in the same transaction */
	assert_false(before.configured);
	assert_false(before.moved);
}

static void the_same_configuration_again_writes_nothing(void **state)
{
	static const char *const names[] = {"r"};
	static const struct listed_crate list[] = {{"bulk", LISTED_FILE}, {"demo", LISTED_CONFIGURATION}};
	struct fixture *f = *state;
	struct err err = {0};

	(void)known_crate(f->db, "demo");
	(void)add(f->db, "r", "bulk", LISTED_FILE);
	(void)add(f->db, "r", "x", LISTED_SOCKET);
	int64_t written = db_rows_written(f->db);
	for (unsigned whole = 0; whole < 2; whole++) {
		assert_false(add_registry(f->db, "r", INDEX_URL));
		check_changes(f->db, list, 2, whole, whole ? "+bulk +demo +x" : "");
		ok(watches_configure_end(f->db, names, 1, &err));
	}
	assert_int_equal(db_rows_written(f->db), written);
	check_remembered(f->db, "demo");
}

static void only_what_comes_and_goes_is_a_change(void **state)
{
	static const struct listed_crate list[] = {
		{"a", LISTED_CONFIGURATION}, {"b", LISTED_CONFIGURATION}, {"y", LISTED_FILE}, {"z", LISTED_FILE}};
	struct fixture *f = *state;

	(void)add(f->db, "r", "b", LISTED_SOCKET);
	(void)add(f->db, "r", "c", LISTED_FILE);
	(void)add(f->db, "r", "y", LISTED_FILE);
	check_changes(f->db, list, ARRAY_LEN(list), false, "+a -c -demo +z");
	assert_int_equal(number(f->db, "SELECT listed FROM crate WHERE name = 'b'"),
			 LISTED_SOCKET | LISTED_CONFIGURATION);
	check_changes(f->db, list, ARRAY_LEN(list), false, "");
	check_changes(f->db, NULL, 0, false, "-a -y -z");
	check_watches(f->db, "r/b");
	check_changes(f->db, list, 1, false, "+a");
}

static void a_crate_that_is_named_instead_of_in_a_file_is_only_listed_otherwise(void **state)
{
	static const struct listed_crate list[] = {{"demo", LISTED_FILE}};
	struct fixture *f = *state;

	(void)known_crate(f->db, "demo");
	check_changes(f->db, list, 1, false, "");
	assert_int_equal(number(f->db, "SELECT listed FROM crate WHERE name = 'demo'"), LISTED_FILE);
	check_remembered(f->db, "demo");
}

static void a_crate_that_nobody_lists_any_more_is_forgotten(void **state)
{
	struct fixture *f = *state;

	(void)add(f->db, "r", "kept", LISTED_SOCKET);
	(void)add(f->db, "r", "both", LISTED_SOCKET);
	(void)add(f->db, "r", "both", LISTED_CONFIGURATION);
	(void)known_crate(f->db, "demo");
	(void)known_crate(f->db, "kept");
	(void)known_crate(f->db, "both");
	(void)append_event(f->db, f->crate, "1.0.0", 1);
	check_changes(f->db, NULL, 0, false, "-demo");
	check_watches(f->db, "r/both r/kept");
	check_remembered(f->db, "kept");
	check_remembered(f->db, "both");
	assert_int_equal(number(f->db, "SELECT count(*) FROM event"), 1); /* its history stays */
	(void)add(f->db, "r", "demo", LISTED_CONFIGURATION);
	check_forgotten(f->db, INDEX_URL, "demo");
	assert_int_equal(crate_id(f->db, "demo"), f->crate);
}

static void a_registry_that_is_not_configured_is_not_polled(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct crate_record record = {0};

	(void)add(f->db, "r", "x", LISTED_SOCKET);
	configure_other(f->db);
	check_watches(f->db, "");
	assert_int_equal(state_crate(f->db, "r", INDEX_URL, "x", &record, &err), ERR_ABSENT);
	(void)add_registry(f->db, "r", INDEX_URL);
	check_watches(f->db, "r/x"); /* the socket's watch waited for it */
}

static void another_index_url_is_another_registry(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct crate_record record = {0};

	(void)add(f->db, "r", "x", LISTED_SOCKET);
	(void)known_crate(f->db, "demo");
	(void)known_crate(f->db, "x");
	assert_true(add_registry(f->db, "r", "http://elsewhere/"));
	check_watches(f->db, "r/demo r/x");
	check_forgotten(f->db, "http://elsewhere/", "demo");
	check_forgotten(f->db, "http://elsewhere/", "x");
	assert_int_equal(state_crate(f->db, "r", INDEX_URL, "demo", &record, &err),
			 ERR_ABSENT); /* what was on its way */
	assert_false(add_registry(f->db, "r", "http://elsewhere/"));
}

static void another_registry_is_left_alone_when_one_moves(void **state)
{
	struct fixture *f = *state;

	(void)known_crate(f->db, "demo");
	assert_false(add_registry(f->db, "s", "http://s/"));
	assert_true(add_registry(f->db, "s", "http://moved/"));
	check_remembered(f->db, "demo");
}

/* ---- crates and versions ---- */

static void a_crate_is_saved_and_read_back(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	OWNED(crate_record_release) struct crate_record record = {0};
	const struct validators none = {0};
	const struct index_look nothing = {0};

	save_crate(f->db, f->crate, CRATE_PRESENT);
	ok(state_crate(f->db, "r", INDEX_URL, "demo", &record, &err));
	assert_int_equal(record.unparsed, 3);
	assert_int_equal(record.doubled, 2);
	crate_record_release(&record);
	ok(state_crate_save(f->db, f->crate, CRATE_ABSENT, &none, &nothing, 1000, &err));
	ok(state_crate(f->db, "r", INDEX_URL, "demo", &record, &err));
	assert_int_equal(record.id, f->crate);
	assert_int_equal(record.state, CRATE_ABSENT);
	assert_null(record.etag);
	assert_int_equal(record.last_modified, 0);
}

static void a_file_is_remembered_whole_only_while_it_is_plain_and_there(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	static const struct {
		enum crate_state state;
		bool is_plain, remembered;
	} rows[] = {{CRATE_PRESENT, true, true}, {CRATE_PRESENT, false, false}, {CRATE_ABSENT, true, false}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(crate_record_release) struct crate_record record = {0};
		const struct validators none = {0};
		const struct index_look look = {.is_plain = rows[i].is_plain, .fingerprint = {1, [15] = 16}};
		ok(state_crate_save(f->db, f->crate, rows[i].state, &none, &look, 1000, &err));
		ok(state_crate(f->db, "r", INDEX_URL, "demo", &record, &err));
		assert_int_equal(record.has_fingerprint, rows[i].remembered);
		if (rows[i].remembered)
			assert_memory_equal(record.fingerprint, look.fingerprint, FINGERPRINT_SIZE);
	}
}

static void a_crate_that_is_not_watched_is_absent(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct crate_record record = {0};

	assert_int_equal(state_crate(f->db, "r", INDEX_URL, "x", &record, &err), ERR_ABSENT);
	assert_string_equal(err.text, "x in r is not watched (any more)");
	assert_int_equal(state_crate(f->db, "x", INDEX_URL, "demo", &record, &err), ERR_ABSENT);
	assert_int_equal(state_crate(f->db, "r", INDEX_URL, "DEMO", &record, &err), ERR_ABSENT);
}

static void a_registry_remembers_what_is_wrong_until_its_index_moves(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct registry_record record;

	ok(state_registry(f->db, "r", INDEX_URL, &record, &err));
	assert_int_not_equal(record.crate, f->crate);
	assert_int_equal(record.blind_ms, 0);
	record.blind_ms = 7;
	record.incident_ms = 8;
	ok(state_registry_save(f->db, &record, &err));
	struct registry_record again;
	ok(state_registry(f->db, "r", INDEX_URL, &again, &err));
	assert_int_equal(again.crate, record.crate);
	assert_int_equal(again.blind_ms, 7);
	assert_int_equal(again.incident_ms, 8);
	OWNED(crate_record_release) struct crate_record crate = {0};
	ok(state_crate(f->db, "r", INDEX_URL, "demo", &crate, &err));
	assert_true(crate.incident);
	check_watches(f->db, "r/demo"); /* its own row is no watch */
	assert_int_equal(state_registry(f->db, "r", "http://moved/", &again, &err), ERR_ABSENT);
	assert_true(add_registry(f->db, "r", "http://moved/"));
	ok(state_registry(f->db, "r", "http://moved/", &again, &err));
	assert_int_equal(again.blind_ms, 0);
	assert_int_equal(again.incident_ms, 0);
}

static void state_outside_a_transaction_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	const struct validators none = {0};
	const struct index_look nothing = {0};
	const struct index_versions versions = {0};
	struct registry_before before;
	bool flag;

	ok(db_commit(f->db, &err));
	assert_int_equal(watches_configure_registry(f->db, "r", "http://moved/", &before, &err), ERR_REFUSED);
	assert_int_equal(watches_configure_end(f->db, NULL, 0, &err), ERR_REFUSED);
	assert_int_equal(watches_add(f->db, "r", "x", LISTED_SOCKET, &flag, &(bool){false}, &err), ERR_REFUSED);
	assert_int_equal(state_crate_save(f->db, f->crate, CRATE_PRESENT, &none, &nothing, 1000, &err), ERR_REFUSED);
	assert_int_equal(versions_save(f->db, f->crate, &versions, &err), ERR_REFUSED);
	check_watches(f->db, "r/demo");
}

static void a_crate_is_known_since_its_baseline(void **state)
{
	static const char SINCE[] = "SELECT since_ms FROM crate WHERE name = 'x'";
	struct fixture *f = *state;
	struct err err = {0};
	const struct validators none = {0};
	const struct index_look nothing = {0};
	bool is;

	for (int64_t i = 0; i < 2; i++) {
		ok(watches_add(f->db, "r", "x", LISTED_SOCKET, &is, &is, &err));
		int64_t crate = crate_id(f->db, "x");
		assert_int_equal(number(f->db, SINCE), 0);
		ok(state_crate_save(f->db, crate, CRATE_PRESENT, &none, &nothing, 1000 + i, &err));
		ok(state_crate_save(f->db, crate, CRATE_ABSENT, &none, &nothing, 2000, &err));
		assert_int_equal(number(f->db, SINCE), 1000 + i);
		ok(watches_remove(f->db, "r", "x", &is, &err));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(all_watches_come_out_sorted_with_what_a_start_needs),
		store_test(many_watches_come_out),
		store_test(a_watch_is_added_once_whoever_lists_it),
		store_test(a_watch_needs_a_configured_registry),
		store_test(a_watch_of_the_socket_is_taken_back_and_forgotten),
		store_test(a_watch_of_the_configuration_stays),
		store_test(what_is_not_watched_cannot_be_removed),
		store_test(a_registry_that_was_left_out_was_not_configured_before),
		store_test(the_same_configuration_again_writes_nothing),
		store_test(only_what_comes_and_goes_is_a_change),
		store_test(a_crate_that_is_named_instead_of_in_a_file_is_only_listed_otherwise),
		store_test(a_crate_that_nobody_lists_any_more_is_forgotten),
		store_test(a_registry_that_is_not_configured_is_not_polled),
		store_test(another_index_url_is_another_registry),
		store_test(another_registry_is_left_alone_when_one_moves),
		store_test(a_crate_is_saved_and_read_back),
		store_test(a_file_is_remembered_whole_only_while_it_is_plain_and_there),
		store_test(a_crate_that_is_not_watched_is_absent),
		store_test(a_crate_is_known_since_its_baseline),
		store_test(a_registry_remembers_what_is_wrong_until_its_index_moves),
		store_test(state_outside_a_transaction_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
