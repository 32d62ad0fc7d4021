/* SPDX-License-Identifier: Apache-2.0 */
/* The chain over the history, the heads that are signed, and the file of the key that signs them. */
#include "fixture.h"

#include "store/heads.h"
#include "store/signing_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

static struct head_signer signer_of(unsigned char number)
{
	unsigned char seed[crypto_sign_SEEDBYTES] = {number};
	struct head_signer signer;

	assert_int_equal(crypto_sign_seed_keypair(signer.key, signer.secret, seed), 0);
	return signer;
}

static struct heads_start begin(struct db *db, const struct head_signer *signer, bool key_is_new)
{
	struct err err = {0};
	struct heads_start start;

	ok(heads_begin(db, signer, key_is_new, 1000, &start, &err));
	return start;
}

static void sign(struct db *db, const struct head_signer *signer, int64_t *after)
{
	struct err err = {0};

	ok(heads_sign(db, signer, 2000, after, &err));
}

static struct head last_head(struct db *db)
{
	struct err err = {0};
	struct head head;

	ok(heads_last(db, &head, &err));
	assert_true(head_is_genuine(&head));
	return head;
}

/* ---- the chain ---- */

static void each_event_follows_the_one_before(void **state)
{
	static const char ALL[] = "SELECT body, prev_hash, hash FROM event ORDER BY seq";
	struct fixture *f = *state;
	struct err err = {0};
	unsigned char expected[CHAIN_HASH_SIZE] = {0};
	unsigned char stored[CHAIN_HASH_SIZE];
	unsigned char digest[CHAIN_HASH_SIZE];

	for (int64_t i = 0; i < 5; i++)
		(void)append_event(f->db, f->crate, "1", i);
	struct stmt st = stmt_use(f->db, ALL);
	for (int i = 0; i < 5; i++) {
		assert_true(stmt_row(&st));
		assert_true(stmt_blob(&st, 1, stored, sizeof stored));
		assert_memory_equal(stored, expected, sizeof stored);
		chain_digest(stmt_text(&st, 0), strlen(stmt_text(&st, 0)), digest);
		chain_next(expected, digest, expected);
		assert_true(stmt_blob(&st, 2, stored, sizeof stored));
		assert_memory_equal(stored, expected, sizeof stored);
	}
	ok(stmt_done(&st, &err));
}

static void a_history_of_before_is_put_into_the_same_chain(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	for (int64_t i = 0; i < 300; i++)
		(void)append_event(f->db, f->crate, "1", i);
	ok(db_script(f->db, "CREATE TEMP TABLE was AS SELECT seq, prev_hash, hash FROM event", &err));
	ok(db_script(f->db, BEFORE_STEP_8 "PRAGMA user_version = 7", &err));
	ok(db_commit(f->db, &err));
	ok(migrations_apply(f->db, &err));
	assert_int_equal(number(f->db, "SELECT count(*) FROM event JOIN was USING (seq, prev_hash, hash)"), 300);
	assert_int_equal(db_script(f->db, "UPDATE event SET severity = 0", &err), ERR_IO);
}

/* ---- heads ---- */

static void a_head_is_added_for_what_is_new(void **state)
{
	struct fixture *f = *state;
	const struct head_signer signer = signer_of(1);
	int64_t after = 0;

	assert_true(begin(f->db, &signer, true).is_new);
	struct head head = last_head(f->db);
	assert_int_equal(head.seq, 0);
	sign(f->db, &signer, &after);
	assert_int_equal(number(f->db, "SELECT count(*) FROM head"), 1); /* nothing new */
	for (int64_t i = 0; i < 3; i++)
		(void)append_event(f->db, f->crate, "1", i);
	sign(f->db, &signer, &after);
	assert_int_equal(after, 3);
	head = last_head(f->db);
	assert_int_equal(head.after, 0);
	assert_int_equal(head.seq, 3);
	assert_memory_equal(head.key, signer.key, sizeof head.key);
	assert_int_equal(number(f->db, "SELECT count(*) FROM head h JOIN event e ON e.seq = h.seq AND e.hash = h.hash"),
			 1);
	const struct heads_start start = begin(f->db, &signer, false);
	assert_true(!start.is_new && !start.key_changed && !start.altered_at);
	assert_int_equal(number(f->db, "SELECT count(*) FROM head"), 2);
}

static void another_key_signs_the_same_end_again(void **state)
{
	struct fixture *f = *state;
	const struct head_signer first = signer_of(1);
	const struct head_signer second = signer_of(2);
	int64_t after = 0;

	(void)begin(f->db, &first, true);
	(void)append_event(f->db, f->crate, "1", 1);
	sign(f->db, &first, &after);
	const struct heads_start start = begin(f->db, &second, true);
	assert_true(start.key_changed && !start.is_new && !start.altered_at);
	const struct head head = last_head(f->db);
	assert_memory_equal(head.key, second.key, sizeof head.key);
	assert_int_equal(head.seq, 1);
	assert_int_equal(head.after, 1);
	assert_int_equal(number(f->db, "SELECT count(*) FROM head_key"), 2);
}

/* It may have been replaced because others know it. */
static void a_key_that_was_replaced_does_not_come_back_in_silence(void **state)
{
	struct fixture *f = *state;
	const struct head_signer first = signer_of(1);
	const struct head_signer second = signer_of(2);
	int64_t after = 0;

	assert_false(begin(f->db, &first, true).key_returned);
	assert_false(begin(f->db, &second, true).key_returned);
	assert_false(begin(f->db, &second, false).key_returned);
	assert_true(begin(f->db, &first, false).key_returned);
	(void)append_event(f->db, f->crate, "1", 1);
	sign(f->db, &first, &after);
	assert_true(begin(f->db, &first, false).key_returned);
}

/* Three events, each signed; then something is done to them while the daemon does not run. */
static void a_start_sees_an_end_that_was_altered(void **state)
{
	static const struct {
		const char *sql;
		int64_t altered_at;
	} rows[] = {
		{"SELECT 1", 0},
		{"UPDATE event SET hash = zeroblob(32) WHERE seq = 3", 3},
		{"UPDATE event SET hash = x'' WHERE seq = 3", 3},
		{"DELETE FROM event WHERE seq = 3", 3},
		{"DELETE FROM event", 3},
		{"INSERT INTO event (seq, id, at_ms, crate, version, kind, severity, body, project, prev_hash, hash)"
		 " SELECT 4, id, at_ms, crate, version, kind, severity, body, project, prev_hash, hash"
		 " FROM event WHERE seq = 3",
		 4},
		{"DELETE FROM head WHERE seq = 3", 3},
		{"DELETE FROM head", 1},
		{"UPDATE head SET signature = x'00'", 1},
	};
	struct fixture *f = *state;
	const struct head_signer signer = signer_of(1);
	struct err err = {0};
	int64_t after = 0;

	(void)begin(f->db, &signer, true);
	for (int64_t i = 0; i < 3; i++) {
		(void)append_event(f->db, f->crate, "1", i);
		sign(f->db, &signer, &after);
	}
	ok(db_script(f->db,
		     "DROP TRIGGER event_update; DROP TRIGGER event_delete; DROP TRIGGER head_update;"
		     "DROP TRIGGER head_delete",
		     &err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ok(db_savepoint(f->db, &err));
		ok(db_script(f->db, rows[i].sql, &err));
		assert_int_equal(begin(f->db, &signer, false).altered_at, rows[i].altered_at);
		db_savepoint_undo(f->db);
	}
}

static void what_was_signed_is_not_numbered_again(void **state)
{
	struct fixture *f = *state;
	const struct head_signer signer = signer_of(1);
	struct err err = {0};
	int64_t after = 0;

	(void)begin(f->db, &signer, true);
	for (int64_t i = 0; i < 3; i++)
		(void)append_event(f->db, f->crate, "1", i);
	sign(f->db, &signer, &after);
	ok(db_script(f->db, "DROP TRIGGER event_delete; DELETE FROM event WHERE seq > 1", &err));
	ok(heads_last_seq(f->db, &after, &err));
	assert_int_equal(append_event(f->db, f->crate, "1", 4).seq, 4);
	assert_int_equal(
		number(f->db, "SELECT e.prev_hash = h.hash FROM event e JOIN head h ON h.seq = 3 WHERE e.seq = 4"), 1);
	sign(f->db, &signer, &after);
	assert_int_equal(last_head(f->db).after, 3);
}

static void heads_cannot_be_changed_or_removed(void **state)
{
	static const char *const rows[] = {
		"UPDATE head SET at_ms = 1",
		"DELETE FROM head",
		"DELETE FROM pruned",
		"UPDATE pruned SET hash = x''",
	};
	struct fixture *f = *state;
	const struct head_signer signer = signer_of(1);
	struct err err = {0};

	(void)begin(f->db, &signer, true);
	ok(db_script(f->db, "INSERT INTO pruned SELECT 1, 'evt_1', 1, id, '1', x'', x'', 1, x'' FROM crate LIMIT 1",
		     &err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(db_script(f->db, rows[i], &err), ERR_IO);
		assert_string_equal(err.text, "database: history is append-only");
	}
}

/* ---- the key ---- */

static void path_of_key(const struct fixture *f, char ret[static 64])
{
	(void)snprintf(ret, 64, "%s/" SIGNING_KEY_FILE, f->folder);
}

static void a_key_is_made_once_and_read_ever_after(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct head_signer made, read;
	struct stat st;
	char path[64];
	bool is_new;

	ok(signing_key_load(f->folder, &made, &is_new, &err));
	assert_true(is_new);
	ok(signing_key_keep(f->folder, &err));
	path_of_key(f, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	ok(signing_key_load(f->folder, &read, &is_new, &err));
	assert_false(is_new);
	assert_memory_equal(&made, &read, sizeof made);
	struct head head = {.seq = 1};
	head_sign(&head, &read);
	assert_true(head_is_genuine(&head));
}

/* A crash while it was made. */
static void what_is_left_of_a_key_that_was_not_finished_is_no_key(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct head_signer signer;
	char path[80];
	bool is_new;

	(void)snprintf(path, sizeof path, "%s/" SIGNING_KEY_FILE ".new", f->folder);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	ok(signing_key_load(f->folder, &signer, &is_new, &err));
	assert_true(is_new);
	ok(signing_key_keep(f->folder, &err));
	assert_int_equal(access(path, F_OK), -1);
}

/* Events of before there were heads must not look as if somebody had taken their heads away. */
static void a_first_start_that_was_interrupted_is_begun_again(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct head_signer first, second;
	bool is_new;

	ok(signing_key_load(f->folder, &first, &is_new, &err));
	ok(signing_key_load(f->folder, &second, &is_new, &err)); /* the COMMIT of the first head failed */
	assert_true(is_new);
	assert_memory_equal(&first, &second, sizeof first);
	ok(signing_key_keep(f->folder, &err));
	ok(signing_key_load(f->folder, &second, &is_new, &err));
	assert_false(is_new);
	assert_memory_equal(&first, &second, sizeof first);
}

static void make_loose(const char *path)
{
	assert_int_equal(chmod(path, 0640), 0);
}

static void make_short(const char *path)
{
	assert_int_equal(truncate(path, 63), 0);
}

static void make_damaged(const char *path)
{
	int fd = open(path, O_RDWR);
	unsigned char byte;

	assert_int_equal(pread(fd, &byte, 1, 63), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 63), 1);
	close(fd);
}

static void make_folder(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void make_link(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0);
}

static void a_bad_key_is_refused_and_left_as_it_is(void **state)
{
	static const struct {
		void (*spoil)(const char *path);
		int rc;
		const char *said;
	} rows[] = {
		{make_loose, ERR_REFUSED, "signing.key: mode 0640 lets others at it: chmod 0600"},
		{make_short, ERR_REFUSED, "signing.key: has 63 bytes, a key has 64; put the right one back"},
		{make_damaged, ERR_REFUSED, "signing.key: is damaged; put the right one back, or move it away"},
		{make_folder, ERR_REFUSED, "signing.key: is not a plain file"},
		{make_link, ERR_IO, "signing.key: "},
	};
	struct fixture *f = *state;
	struct err err = {0};
	struct head_signer signer;
	char path[64];
	bool is_new;

	path_of_key(f, path);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)remove(path);
		ok(signing_key_load(f->folder, &signer, &is_new, &err));
		ok(signing_key_keep(f->folder, &err));
		rows[i].spoil(path);
		assert_int_equal(signing_key_load(f->folder, &signer, &is_new, &err), rows[i].rc);
		if (!strstr(err.text, rows[i].said))
			fail_msg("row %zu: %s", i, err.text);
		assert_false(is_new);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(each_event_follows_the_one_before),
		store_test(a_history_of_before_is_put_into_the_same_chain),
		store_test(a_head_is_added_for_what_is_new),
		store_test(another_key_signs_the_same_end_again),
		store_test(a_key_that_was_replaced_does_not_come_back_in_silence),
		store_test(a_start_sees_an_end_that_was_altered),
		store_test(what_was_signed_is_not_numbered_again),
		store_test(heads_cannot_be_changed_or_removed),
		folder_test(a_key_is_made_once_and_read_ever_after),
		folder_test(what_is_left_of_a_key_that_was_not_finished_is_no_key),
		folder_test(a_first_start_that_was_interrupted_is_begun_again),
		folder_test(a_bad_key_is_refused_and_left_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
