/* SPDX-License-Identifier: Apache-2.0 */
/* Retention: which events may go, and that the chain, its signatures and the ordinals are as they were. */
#include "outbox_fixture.h"

#include "store/heads.h"
#include "store/prune.h"
#include "store/verify.h"

#include <sodium.h>

#define OLD (NOW - 100 * DAY)

struct event_of {
	const char *version;
	int64_t at_ms;
	enum event_kind kind;
	bool comes_back;
};

static int64_t append(struct fixture *f, const struct event_of *of)
{
	static const unsigned char checksum[CHECKSUM_SIZE];
	struct err err = {0};
	struct event event = {.registry = "r",
			      .index_url = INDEX_URL,
			      .crate = "demo",
			      .version = of->version,
			      .kind = of->kind,
			      .at_ms = of->at_ms,
			      .observed_at_ms = of->at_ms,
			      .previous_checksum = of->comes_back ? checksum : NULL};

	ok(history_next_seq(f->db, &event.seq, &err));
	(void)snprintf(event.id, sizeof event.id, "evt_%lld", (long long)event.seq);
	ok(history_append(f->db, f->crate, &event, &err));
	return event.seq;
}

/* The same in every test. */
static const struct head_signer *signer_of(struct fixture *f)
{
	static const unsigned char seed[crypto_sign_SEEDBYTES] = "the seed of a key for tests only";
	static struct head_signer signer;
	struct heads_start start;
	struct err err = {0};

	assert_int_equal(crypto_sign_seed_keypair(signer.key, signer.secret, seed), 0);
	ok(heads_begin(f->db, &signer, true, NOW, &start, &err));
	return &signer;
}

static size_t prune(struct fixture *f)
{
	struct err err = {0};
	size_t n;

	ok(prune_published(f->db, signer_of(f), NOW - 90 * DAY, &n, &err));
	return n;
}

/* What is left of them, by seq. */
static void check_left(struct fixture *f, const struct event_of *events, size_t n, const char *expected)
{
	static const char LEFT[] =
		"SELECT coalesce(group_concat(seq, ' '), '') FROM (SELECT seq FROM event ORDER BY seq)";
	struct err err = {0};

	for (size_t i = 0; i < n; i++)
		(void)append(f, &events[i]);
	(void)prune(f);
	struct stmt st = stmt_use(f->db, LEFT);
	assert_true(stmt_row(&st));
	assert_string_equal(stmt_text(&st, 0), expected);
	ok(stmt_done(&st, &err));
}

static void only_old_publishes_go(void **state)
{
	static const struct event_of events[] = {
		{"1.0.0", OLD, EVENT_PUBLISHED, false},     {"1.0.0", OLD, EVENT_YANKED, false},
		{"1.1.0", OLD, EVENT_PUBLISHED, false},     {NULL, OLD, EVENT_CRATE_DELETED, false},
		{"1.2.0", NOW - 1, EVENT_PUBLISHED, false}, {"1.0.0", NOW, EVENT_UNYANKED, false},
	};

	check_left(*state, events, ARRAY_LEN(events), "2 4 5 6");
}

static void the_newest_event_stays(void **state)
{
	static const struct event_of events[] = {{"1.0.0", OLD, EVENT_PUBLISHED, false},
						 {"1.1.0", OLD, EVENT_PUBLISHED, false}};

	check_left(*state, events, ARRAY_LEN(events), "2");
}

static void what_ended_a_deletion_stays(void **state)
{
	static const struct event_of events[] = {{"1.0.0", OLD, EVENT_PUBLISHED, false},
						 {"1.0.0", OLD, EVENT_VERSION_DELETED, false},
						 {"1.0.0", OLD, EVENT_PUBLISHED, true},
						 {"1.0.0", NOW, EVENT_YANKED, false}};

	check_left(*state, events, ARRAY_LEN(events), "2 3 4");
}

static void what_is_still_to_be_told_stays(void **state)
{
	static const struct {
		const char *sql; /* what the notification becomes */
		size_t pruned;
	} rows[] = {
		{"SELECT 1", 0},
		{"UPDATE notification SET state = 1", 0},
		{"UPDATE notification SET state = 2, again = 1", 0},
		{"UPDATE notification SET state = 3", 0},
		{"UPDATE notification SET state = 4", 0},
		{"UPDATE notification SET state = 2", 1},
		{"UPDATE notification SET state = 5", 1},
	};
	struct fixture *f = *state;
	struct err err = {0};

	const struct event_of published = {"1.0.0", OLD, EVENT_PUBLISHED, false};
	const struct event_of yanked = {"1.0.0", NOW, EVENT_YANKED, false};
	const struct outbox outbox = outbox_of(f, NOW);
	const struct outbox_entry entry = {.notifier = "hook",
					   .event = append(f, &published),
					   .crate = f->crate,
					   .grouping = &(struct grouping){0}};
	(void)append(f, &yanked);
	ok(outbox_add(&outbox, &entry, &err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ok(db_savepoint(f->db, &err));
		ok(db_script(f->db, rows[i].sql, &err));
		assert_int_equal(prune(f), rows[i].pruned);
		assert_int_equal(number(f->db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
		db_savepoint_undo(f->db);
	}
}

static void a_turn_has_its_bound(void **state)
{
	struct fixture *f = *state;
	const struct event_of old = {"1.0.0", OLD, EVENT_PUBLISHED, false};

	for (int i = 0; i < 2 * PRUNE_TURN_MAX + 10; i++)
		(void)append(f, &old);
	assert_int_equal(prune(f), PRUNE_TURN_MAX);
	assert_int_equal(prune(f), PRUNE_TURN_MAX);
	assert_int_equal(prune(f), 9);
	assert_int_equal(prune(f), 0);
}

static void an_ordinal_counts_what_was_pruned(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	const struct event_of old = {"1.0.0", OLD, EVENT_PUBLISHED, false};
	const struct event_of yanked = {"1.0.0", NOW, EVENT_YANKED, false};
	int64_t ordinal;

	(void)append(f, &old);
	(void)append(f, &old);
	(void)append(f, &yanked);
	assert_int_equal(prune(f), 2);
	ok(history_ordinal(f->db, f->crate, "1.0.0", EVENT_PUBLISHED, NULL, &ordinal, &err));
	assert_int_equal(ordinal, 2);
	ok(history_ordinal(f->db, f->crate, "1.0.0", EVENT_YANKED, NULL, &ordinal, &err));
	assert_int_equal(ordinal, 1);
}

static void what_is_left_is_whole(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	const struct head_signer *signer = signer_of(f);
	int64_t after = 0;

	for (int i = 0; i < 30; i++) {
		const struct event_of event = {"1.0.0", OLD, i % 3 ? EVENT_PUBLISHED : EVENT_YANKED, false};
		(void)append(f, &event);
		if (i % 4 == 0)
			ok(heads_sign(f->db, signer, NOW, &after, &err));
	}
	ok(heads_sign(f->db, signer, NOW, &after, &err));
	assert_int_equal(prune(f), 19);
	for (int64_t to = 1; to <= 30; to += 7) { /* in pieces, too */
		OWNED(verify_piece_release) struct verify_piece first = {0};
		OWNED(verify_piece_release) struct verify_piece rest = {0};
		ok(verify_piece(f->db, signer->key, &(struct verify_point){0}, to, 10000, &first, &err));
		if (first.fault.there)
			fail_msg("event %lld: %s", (long long)first.fault.seq, first.fault.text);
		ok(verify_piece(f->db, signer->key, &first.point, 0, 10000, &rest, &err));
		if (rest.fault.there)
			fail_msg("event %lld: %s", (long long)rest.fault.seq, rest.fault.text);
		assert_true(rest.done);
		assert_int_equal(first.events + rest.events, 11);
		assert_int_equal(first.pruned + rest.pruned, 19);
		assert_int_equal(rest.point.seq, 30);
	}
}

/* Who can write to the database can do all that the daemon does when it prunes, but for the signature. */
static void what_others_took_away_is_missing(void **state)
{
	static const char BODY[] = "SELECT body FROM event WHERE seq = 2";
	static const char TAKE[] = "INSERT INTO pruned (seq, id, at_ms, crate, version, digest, hash)"
				   " SELECT seq, id, at_ms, crate, version, :digest, hash FROM event WHERE seq = 2";
	static const struct event_of events[] = {{"1.0.0", NOW, EVENT_PUBLISHED, false},
						 {"1.0.0", NOW, EVENT_YANKED, false},
						 {"1.1.0", NOW, EVENT_PUBLISHED, false}};
	OWNED(verify_piece_release) struct verify_piece piece = {0};
	struct fixture *f = *state;
	struct err err = {0};
	const struct head_signer *signer = signer_of(f);
	unsigned char digest[CHAIN_HASH_SIZE];
	int64_t after = 0;
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		(void)append(f, &events[i]);
	ok(heads_sign(f->db, signer, NOW, &after, &err));
	struct stmt body = stmt_use(f->db, BODY);
	assert_true(stmt_row(&body));
	const char *bytes = stmt_bytes(&body, 0, &len);
	chain_digest(bytes, len, digest);
	ok(stmt_done(&body, &err));
	struct stmt take = stmt_use(f->db, TAKE);
	stmt_put_blob(&take, ":digest", digest, sizeof digest);
	ok(stmt_run(&take, &err));
	ok(db_script(f->db, "DROP TRIGGER event_delete; DELETE FROM event WHERE seq = 2", &err));
	ok(verify_piece(f->db, signer->key, &(struct verify_point){0}, 0, 10000, &piece, &err));
	assert_true(piece.fault.there);
	assert_int_equal(piece.fault.seq, 2);
}

/* Nor does it sign that, when somebody makes it look like a publish; and a damaged one holds up no others. */
static void what_is_no_publish_stays(void **state)
{
	static const struct event_of events[] = {{"1.0.0", OLD, EVENT_YANKED, false},
						 {"1.1.0", OLD, EVENT_PUBLISHED, false},
						 {"1.2.0", OLD, EVENT_PUBLISHED, false},
						 {"1.2.0", NOW, EVENT_YANKED, false}};
	struct fixture *f = *state;
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		(void)append(f, &events[i]);
	ok(db_script(f->db,
		     "DROP TRIGGER event_update; UPDATE event SET kind = 0 WHERE seq = 1;"
		     "INSERT INTO event_kind SELECT registry, 0, event FROM event_kind WHERE event = 1;"
		     "UPDATE event SET body = 'nonsense' WHERE seq = 2",
		     &err));
	assert_int_equal(prune(f), 1);
	assert_int_equal(number(f->db, "SELECT seq FROM pruned"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(only_old_publishes_go),       store_test(the_newest_event_stays),
		store_test(what_ended_a_deletion_stays), store_test(what_is_still_to_be_told_stays),
		store_test(a_turn_has_its_bound),        store_test(an_ordinal_counts_what_was_pruned),
		store_test(what_is_left_is_whole),       store_test(what_others_took_away_is_missing),
		store_test(what_is_no_publish_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
