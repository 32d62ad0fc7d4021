/* SPDX-License-Identifier: Apache-2.0 */
/* The versions of a crate in their one row: what goes in comes out, what is damaged is told. */
#include "fixture.h"

#define DAMAGED "database: the versions of a crate are damaged"

/* Each with other facets, flags and checksum. */
static void add_varied(struct fixture *f, char *vers, unsigned i)
{
	struct index_version version = {.vers = vers,
					.facets = {i & 1, i >> 1 & 1, i >> 2 & 1, i >> 3 & 1},
					.changed_ms = i % 3,
					.yanked = i % 5 == 0,
					.deleted = i % 7 == 0};

	memset(version.checksum, (int)i, sizeof version.checksum);
	add_version(f->db, f->crate, &version);
}

static void a_version_is_saved_and_read_back(void **state)
{
	static char vers[] = "1.0.0+\"b\"";
	struct fixture *f = *state;
	struct err err = {0};
	OWNED(index_versions_release) struct index_versions versions = {0};
	struct index_version saved = {
		.vers = vers,
		.facets = {1, UINT64_MAX, 0, 1u << 31},
		.changed_ms = INT64_MAX,
		.yanked = true,
		.deleted = true,
	};

	memset(saved.checksum, 0xaa, sizeof saved.checksum);
	memset(saved.fingerprint, 0xbb, sizeof saved.fingerprint);
	add_version(f->db, f->crate, &saved);
	ok(versions_load(f->db, f->crate, &versions, &err));
	assert_int_equal(versions.count, 1);
	const struct index_version *read = &versions.items[0];
	assert_string_equal(read->vers, vers);
	assert_memory_equal(read->checksum, saved.checksum, sizeof saved.checksum);
	assert_memory_equal(read->fingerprint, saved.fingerprint, sizeof saved.fingerprint);
	assert_memory_equal(read->facets, saved.facets, sizeof saved.facets);
	assert_int_equal(read->changed_ms, INT64_MAX);
	assert_true(read->yanked && read->deleted);
	assert_null(read->line);
}

/* Each facet is as the version before has it, or not; flags and times come and go. */
static void versions_keep_their_order_and_do_not_mix(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	OWNED(index_versions_release) struct index_versions versions = {0};
	char vers[VERSION_TEXT_MAX];

	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(vers, sizeof vers, "%u.0.0", 40 - i);
		add_varied(f, vers, i);
	}
	ok(versions_load(f->db, f->crate, &versions, &err));
	assert_int_equal(versions.count, 40);
	for (unsigned i = 0; i < 40; i++) {
		const struct index_version *read = &versions.items[i];
		(void)snprintf(vers, sizeof vers, "%u.0.0", 40 - i);
		assert_string_equal(read->vers, vers);
		for (unsigned facet = 0; facet < FACETS; facet++)
			assert_int_equal(read->facets[facet], i >> facet & 1);
		assert_int_equal(read->checksum[31], i);
		assert_int_equal(read->changed_ms, i % 3);
		assert_int_equal(read->yanked, i % 5 == 0);
		assert_int_equal(read->deleted, i % 7 == 0);
	}
}

static void the_longest_text_has_room(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	OWNED(index_versions_release) struct index_versions versions = {0};
	char vers[VERSION_TEXT_MAX] = "";

	memset(vers, 'x', sizeof vers - 1);
	const struct index_version version = {.vers = vers, .facets = {1, 2, 3, 4}, .changed_ms = 1};
	add_version(f->db, f->crate, &version);
	ok(versions_load(f->db, f->crate, &versions, &err));
	assert_string_equal(versions.items[0].vers, vers);
}

static void what_is_saved_takes_the_place_of_what_was(void **state)
{
	static char vers[] = "1.0.0";
	struct fixture *f = *state;
	struct err err = {0};
	OWNED(index_versions_release) struct index_versions versions = {0};
	struct index_version item = {.vers = vers, .yanked = true};
	const struct index_versions now = {&item, 1};

	add_version(f->db, f->crate, &(struct index_version){.vers = vers});
	add_version(f->db, f->crate, &(struct index_version){.vers = vers});
	ok(versions_save(f->db, f->crate, &now, &err));
	ok(versions_load(f->db, f->crate, &versions, &err));
	assert_int_equal(versions.count, 1);
	assert_true(versions.items[0].yanked);
}

static void of_a_crate_that_nobody_saved_there_are_none(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct index_versions versions = {0};

	ok(versions_load(f->db, f->crate, &versions, &err));
	assert_int_equal(versions.count, 0);
}

static void one_version_is_found_among_many(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct version_found found;
	char vers[VERSION_TEXT_MAX];

	ok(versions_find(f->db, f->crate, "1.0.0", &found, &err));
	assert_false(found.there);
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(vers, sizeof vers, "1.%u.0", i);
		add_varied(f, vers, i);
	}
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(vers, sizeof vers, "1.%u.0", i);
		ok(versions_find(f->db, f->crate, vers, &found, &err));
		assert_true(found.there);
		assert_int_equal(found.yanked, i % 5 == 0);
		assert_int_equal(found.deleted, i % 7 == 0);
		assert_int_equal(found.checksum[0], i);
	}
	static const char *const others[] = {"1.40.0", "1.1", "1.1.00", "", "01.1.0"};
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		ok(versions_find(f->db, f->crate, others[i], &found, &err));
		assert_false(found.there || found.yanked || found.deleted);
	}
}

static void damaged_versions_are_an_error(void **state)
{
	static const char *const damages[] = {
		"x''",                                                          /* no format */
		"x'02'",                                                        /* another one */
		"substr(list, 1, length(list) - 1)",                            /* cut */
		"substr(list, 1, 2)",                                           /* in a head */
		"CAST(list || x'00' AS BLOB)",                                  /* a byte more */
		"CAST(x'01F8' || substr(list, 3) AS BLOB)",                     /* a flag that is not known */
		"CAST(substr(list, 1, 3) || x'00' || substr(list, 5) AS BLOB)", /* a text with a NUL */
	};
	static char vers[] = "1.0.0";
	struct fixture *f = *state;
	char sql[256];

	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		struct index_version version = {.vers = vers};
		const struct index_versions one = {&version, 1};
		struct index_versions versions = {0};
		struct version_found found;
		struct err err = {0};
		ok(versions_save(f->db, f->crate, &one, &err));
		(void)snprintf(sql, sizeof sql, "UPDATE versions SET list = %s", damages[i]);
		ok(db_script(f->db, sql, &err));
		assert_int_equal(versions_load(f->db, f->crate, &versions, &err), ERR_IO);
		assert_string_equal(err.text, DAMAGED);
		assert_null(versions.items);
		err = (struct err){0};
		assert_int_equal(versions_find(f->db, f->crate, "none", &found, &err), ERR_IO);
		assert_string_equal(err.text, DAMAGED);
	}
}

/* As a database of schema 5 has them. */
static const char OLD[] = VERSIONS_BEFORE_STEP_6
	"INSERT INTO crate (id, registry, name, listed) SELECT 900, id, 'other', 1 FROM registry WHERE name = 'r';"
	"INSERT INTO version SELECT c.id, v.column1, v.column2, randomblob(32), randomblob(16), randomblob(32),"
	" v.column3, v.column4, v.column5 FROM crate c,"
	" (VALUES ('1.10.0', 1, 0, 0, 0), ('1.9.0', 2, 1, 0, 5000), ('0.1.0', 3, 0, 1, 6000)) v"
	" WHERE c.name IN ('demo', 'other');"
	"CREATE TEMP TABLE was AS SELECT * FROM version;"
	"PRAGMA user_version=5;";

static void check_converted(struct fixture *f, int64_t crate)
{
	OWNED(index_versions_release) struct index_versions versions = {0};
	struct err err = {0};
	static const char WAS[] = "SELECT vers, checksum, fingerprint, facets, yanked, deleted, changed_ms FROM was"
				  " WHERE crate = :crate ORDER BY position";

	ok(versions_load(f->db, crate, &versions, &err));
	assert_int_equal(versions.count, 3);
	struct stmt st = stmt_use(f->db, WAS);
	stmt_put_int(&st, ":crate", crate);
	for (size_t i = 0; i < 3; i++) {
		const struct index_version *version = &versions.items[i];
		struct index_version was = {0};
		assert_true(stmt_row(&st));
		assert_string_equal(version->vers, stmt_text(&st, 0));
		assert_true(stmt_blob(&st, 1, was.checksum, sizeof was.checksum));
		assert_true(stmt_blob(&st, 2, was.fingerprint, sizeof was.fingerprint));
		assert_true(stmt_blob(&st, 3, was.facets, sizeof was.facets));
		assert_memory_equal(version->checksum, was.checksum, sizeof was.checksum);
		assert_memory_equal(version->fingerprint, was.fingerprint, sizeof was.fingerprint);
		assert_memory_equal(version->facets, was.facets, sizeof was.facets);
		assert_int_equal(version->yanked, stmt_int(&st, 4));
		assert_int_equal(version->deleted, stmt_int(&st, 5));
		assert_int_equal(version->changed_ms, stmt_int(&st, 6));
	}
	ok(stmt_done(&st, &err));
}

static void the_rows_of_an_older_database_move(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	ok(db_script(f->db, OLD, &err));
	ok(db_commit(f->db, &err));
	ok(migrations_apply(f->db, &err));
	check_converted(f, f->crate);
	check_converted(f, 900);
	assert_int_equal(number(f->db, "SELECT count(*) FROM versions"), 2);
	assert_int_equal(number(f->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'version'"), 0);
}

/* What cannot be read is not left behind: the database stays as it was. */
static void damaged_rows_do_not_move(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	ok(db_script(f->db, OLD, &err));
	ok(db_script(f->db, "UPDATE version SET checksum = x'00' WHERE crate = 900 AND vers = '1.9.0'", &err));
	ok(db_commit(f->db, &err));
	assert_int_equal(migrations_apply(f->db, &err), ERR_IO);
	assert_int_equal(number(f->db, "PRAGMA user_version"), 5);
	assert_int_equal(number(f->db, "SELECT count(*) FROM version"), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_version_is_saved_and_read_back),
		store_test(versions_keep_their_order_and_do_not_mix),
		store_test(the_longest_text_has_room),
		store_test(what_is_saved_takes_the_place_of_what_was),
		store_test(of_a_crate_that_nobody_saved_there_are_none),
		store_test(one_version_is_found_among_many),
		store_test(damaged_versions_are_an_error),
		store_test(the_rows_of_an_older_database_move),
		store_test(damaged_rows_do_not_move),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
