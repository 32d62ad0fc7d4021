/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.c: see verify.h. One walk over events, what is left of pruned ones, and heads, side by side in their order and
 * in one snapshot: the last head covers the last event there, whatever the tracker adds meanwhile. Functions return
 * false when they have found a fault, or cannot go on (walk.rc).
 */
#include "store/verify.h"

#include "base/clock.h"
#include "store/verify_columns.h"
#include "store/verify_pruned.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char EVENTS[] =
	"SELECT e.seq, e.prev_hash, e.hash,"
	" EXISTS (SELECT 1 FROM pruned p WHERE p.seq = e.seq), " VERIFY_COLUMNS
	" FROM event e LEFT JOIN crate c ON c.id = e.crate LEFT JOIN registry r ON r.id = c.registry"
	" WHERE e.seq > :after AND e.seq <= :to ORDER BY e.seq";
#define FIRST_COLUMN 4
static const char HEADS[] = "SELECT h.seq, h.after, h.at_ms, h.hash, h.signature, k.key, h.key"
			    " FROM head h LEFT JOIN head_key k ON k.id = h.key WHERE h.seq > :after"
			    " ORDER BY h.seq, h.key";
static const char HEAD_BEFORE[] = "SELECT seq, key FROM head WHERE seq <= :after ORDER BY seq DESC, key DESC LIMIT 1";
static const char PRUNED_BEYOND[] = "SELECT seq FROM pruned WHERE seq < 1 OR seq > :last LIMIT 1";
/* One pass over the index, in its order: a look for each event would cost more than all the rest. */
static const char DOUBLED[] = "SELECT max(seq) FROM event GROUP BY id HAVING count(*) > 1 LIMIT 1";
static const char SIGNS_NOW[] = "SELECT coalesce((SELECT id FROM head_key WHERE key = :key), 0),"
				" coalesce((SELECT max(seq) FROM event), 0)";
static const char DESCRIBE[] =
	"SELECT e.id, r.name, c.name, e.version, e.kind FROM event e"
	" LEFT JOIN crate c ON c.id = e.crate LEFT JOIN registry r ON r.id = c.registry WHERE e.seq = :seq"
	" UNION ALL SELECT p.id, r.name, c.name, p.version, 0 FROM pruned p"
	" LEFT JOIN crate c ON c.id = p.crate LEFT JOIN registry r ON r.id = c.registry WHERE p.seq = :seq LIMIT 1";

/* One row of HEADS. */
struct signed_head {
	struct head head;
	int64_t key_row; /* keys are numbered as they came to sign */
	bool there;      /* false: no more heads */
	bool readable;
};

struct walk {
	struct db *db;
	struct verify_piece *piece;
	struct stmt events, heads;
	struct signed_head next; /* head to come */
	int64_t head_seq;        /* the last head that was good; 0 = none yet */
	int64_t key_row;         /* whose it was; 0 = none yet */
	int64_t end_ms;
	bool pause;        /* the piece ends here */
	int64_t last;      /* event there is */
	int64_t signs_now; /* the present key's row */
	struct strbuf room;
	struct json_scan scan;
	int rc; /* of what is no fault of the history */
	struct err *err;
};

void verify_piece_release(struct verify_piece *piece)
{
	free(piece->fault.registry);
	free(piece->fault.crate);
	free(piece->fault.version);
	free(piece->fault.event);
	*piece = (struct verify_piece){0};
}

/* One of the events `from` to `to`. Always false. */
PRINTF_LIKE(4, 5) static bool fault(struct walk *walk, int64_t from, int64_t to, const char *fmt, ...)
{
	struct verify_fault *found = &walk->piece->fault;
	va_list args;

	found->there = true;
	found->seq = from;
	found->to = to > from ? to : from;
	va_start(args, fmt);
	(void)vsnprintf(found->text, sizeof found->text, fmt, args);
	va_end(args);
	return false;
}

/* Notes what is no fault of the history; true where there is none. */
static bool goes_on(struct walk *walk, int rc)
{
	walk->rc = rc;
	return rc == 0;
}

/* ---- heads ---- */

static bool next_head(struct walk *walk)
{
	struct stmt *st = &walk->heads;
	struct signed_head *next = &walk->next;

	*next = (struct signed_head){.there = stmt_row(st)};
	if (!next->there)
		return st->code == SQLITE_OK;
	struct head *head = &next->head;
	head->seq = stmt_int(st, 0);
	head->after = stmt_int(st, 1);
	head->at_ms = stmt_int(st, 2);
	next->key_row = stmt_int(st, 6);
	next->readable = stmt_blob(st, 3, head->hash, sizeof head->hash) &&
			 stmt_blob(st, 4, head->signature, sizeof head->signature) &&
			 stmt_blob(st, 5, head->key, sizeof head->key);
	return true;
}

/* Another key than before goes on: only a younger one, none that is younger than the present one, and only by signing
 * the same event again. */
static bool key_may_follow(const struct walk *walk)
{
	const struct signed_head *next = &walk->next;

	if (next->key_row < 1 || next->key_row > walk->signs_now || next->key_row < walk->key_row)
		return false;
	return next->key_row == walk->key_row || walk->key_row == 0 ||
	       (next->head.seq == walk->head_seq && next->head.after == walk->head_seq);
}

static void note_key(struct walk *walk)
{
	struct verify_piece *piece = walk->piece;

	bool is_other = piece->n_keys == 0 || walk->key_row != walk->next.key_row;
	if (is_other && piece->n_keys < VERIFY_KEYS_MAX) {
		struct verify_key *key = &piece->keys[piece->n_keys++];
		memcpy(key->key, walk->next.head.key, HEAD_KEY_SIZE);
		key->after = walk->next.head.after;
	}
	walk->pause = piece->n_keys == VERIFY_KEYS_MAX;
	walk->key_row = walk->next.key_row;
	walk->head_seq = walk->next.head.seq;
	piece->heads++;
}

/* The head stands at the event that was reached. */
static bool check_head(struct walk *walk)
{
	const struct head *head = &walk->next.head;
	int64_t from = walk->head_seq + 1;
	int64_t at = head->seq;

	if (!walk->next.readable)
		return fault(walk, at, at, "the head that was signed there is none any more");
	if (!key_may_follow(walk))
		return fault(walk, from, walk->last, "what stands there is signed by a key that is not this daemon's");
	if (memcmp(head->hash, walk->piece->point.hash, CHAIN_HASH_SIZE) != 0)
		return fault(walk, from, at,
			     "it is not what was signed: altered, with all hashes behind it up to event %" PRId64, at);
	if (!head_is_genuine(head))
		return fault(walk, from, at,
			     "the signature of the head at event %" PRId64
			     " is false: the event, or the head, was altered",
			     at);
	if (head->after != walk->head_seq)
		return fault(walk, from, head->after,
			     "put in, or its signed head was taken away: the daemon did not sign it");
	note_key(walk);
	return true;
}

static bool check_heads(struct walk *walk)
{
	while (walk->next.there && walk->next.head.seq <= walk->piece->point.seq) {
		if (walk->next.head.seq < 0)
			return fault(walk, 1, 1, "a head was put in before it");
		if (!check_head(walk) || !next_head(walk))
			return false;
	}
	return true;
}

/* ---- events ---- */

/* The chain goes on: `hash` is what follows the point with that digest. */
static bool move_on(struct walk *walk, const unsigned char hash[static CHAIN_HASH_SIZE])
{
	walk->piece->point.seq++;
	memcpy(walk->piece->point.hash, hash, CHAIN_HASH_SIZE);
	return check_heads(walk);
}

static bool pass_pruned(struct walk *walk, int64_t seq)
{
	const struct verify_signers signers = {walk->key_row, walk->signs_now};
	unsigned char hash[CHAIN_HASH_SIZE];
	const char *why;

	if (!goes_on(walk, verify_pruned(walk->db, seq, &signers, walk->piece->point.hash, hash, &why, walk->err)))
		return false;
	if (why)
		return fault(walk, seq, seq, "%s", why);
	walk->piece->pruned++;
	return move_on(walk, hash);
}

/* The row fits to itself, but not to the one before. It does not belong there; or that one was altered with its hash.
 */
static bool blame_one(struct walk *walk, int64_t seq)
{
	int64_t before = walk->piece->point.seq;
	char text[VERIFY_TEXT_MAX];

	if (before == 0 || !verify_columns_agree(&walk->events, FIRST_COLUMN, seq, &walk->room, &walk->scan, text))
		return fault(walk, seq, seq,
			     "it does not belong there: its prev_hash is not the hash of the event before");
	return fault(walk, before, before,
		     "it was altered, and its hash with it: the event behind it follows another one");
}

static bool check_chain(struct walk *walk, int64_t seq)
{
	struct stmt *st = &walk->events;
	unsigned char prev_hash[CHAIN_HASH_SIZE];
	unsigned char stored[CHAIN_HASH_SIZE];
	unsigned char hash[CHAIN_HASH_SIZE];
	size_t len;

	const char *body = stmt_bytes(st, FIRST_COLUMN + VERIFY_COLUMNS_COUNT - 1, &len);
	if (!stmt_blob(st, 1, prev_hash, sizeof prev_hash) || !stmt_blob(st, 2, stored, sizeof stored))
		return fault(walk, seq, seq, "its prev_hash or its hash is none");
	chain_digest(body ? body : "", len, hash);
	chain_next(prev_hash, hash, hash);
	bool fits_itself = memcmp(hash, stored, sizeof hash) == 0;
	if (memcmp(prev_hash, walk->piece->point.hash, sizeof prev_hash) != 0)
		return fits_itself ? blame_one(walk, seq)
				   : fault(walk, seq, seq, "its prev_hash is not the hash of the event before");
	if (!fits_itself)
		return fault(walk, seq, seq, "it was altered: its canonical bytes do not lead to its hash");
	return true;
}

static bool check_event(struct walk *walk, int64_t seq)
{
	struct stmt *st = &walk->events;
	unsigned char hash[CHAIN_HASH_SIZE];
	char text[VERIFY_TEXT_MAX];

	if (!check_chain(walk, seq))
		return false;
	if (!verify_columns_agree(st, FIRST_COLUMN, seq, &walk->room, &walk->scan, text))
		return fault(walk, seq, seq, "%s", text);
	if (stmt_int(st, 3))
		return fault(walk, seq, seq, "it is there, and among the pruned");
	(void)stmt_blob(st, 2, hash, sizeof hash);
	walk->piece->events++;
	return move_on(walk, hash);
}

static bool time_is_over(const struct walk *walk)
{
	return walk->pause || clock_mono_ms() >= walk->end_ms;
}

/* Over what was pruned; false, without a fault, when the time is over. */
static bool pass_gap(struct walk *walk, int64_t last)
{
	while (walk->piece->point.seq < last)
		if (!pass_pruned(walk, walk->piece->point.seq + 1) || time_is_over(walk))
			return false;
	return true;
}

/* Up to the row's event. */
static bool pass_event(struct walk *walk)
{
	int64_t seq = stmt_int(&walk->events, 0);

	if (seq <= walk->piece->point.seq)
		return fault(walk, seq, seq, "it was put in: events are numbered from 1 on");
	return pass_gap(walk, seq - 1) && check_event(walk, seq) && !time_is_over(walk);
}

/* ---- the end ---- */

/* The seq that the question finds is wrong. */
static bool finds_none(struct walk *walk, const char *sql, bool with_last, const char *what)
{
	int64_t seq = 0;

	struct stmt st = stmt_use(walk->db, sql);
	if (with_last)
		stmt_put_int(&st, ":last", walk->piece->point.seq);
	bool found = stmt_row(&st);
	if (found)
		seq = stmt_int(&st, 0);
	if (!goes_on(walk, stmt_done(&st, walk->err)))
		return false;
	return !found || fault(walk, seq, seq, "%s", what);
}

static bool check_end(struct walk *walk)
{
	int64_t last = walk->piece->point.seq;

	if (walk->next.there)
		return fault(walk, last + 1, walk->next.head.seq,
			     "missing at the end: the history was signed up to event %" PRId64, walk->next.head.seq);
	if (walk->head_seq < last)
		return fault(walk, walk->head_seq + 1, last, "put in at the end: the daemon did not sign it");
	if (walk->key_row != walk->signs_now || !walk->signs_now)
		return fault(walk, last ? last : 1, last, "the end of the history is not signed by this daemon's key");
	walk->piece->done =
		finds_none(walk, DOUBLED, false, "an earlier event has the same id") &&
		finds_none(walk, PRUNED_BEYOND, true, "it is among the pruned, and never was in the history");
	return walk->piece->done;
}

/* ---- a piece ---- */

static bool look_before(struct walk *walk, int64_t after, const unsigned char *key)
{
	struct stmt st = stmt_use(walk->db, HEAD_BEFORE);
	stmt_put_int(&st, ":after", after);
	if (stmt_row(&st)) {
		walk->head_seq = stmt_int(&st, 0);
		walk->key_row = stmt_int(&st, 1);
	}
	if (!goes_on(walk, stmt_done(&st, walk->err)))
		return false;
	struct stmt now = stmt_use(walk->db, SIGNS_NOW);
	stmt_put_blob(&now, ":key", key, HEAD_KEY_SIZE);
	if (stmt_row(&now)) {
		walk->signs_now = stmt_int(&now, 0);
		walk->last = stmt_int(&now, 1);
	}
	return goes_on(walk, stmt_done(&now, walk->err));
}

static void walk_on(struct walk *walk, int64_t to)
{
	if (!next_head(walk) || !check_heads(walk))
		return;
	while (stmt_row(&walk->events))
		if (!pass_event(walk))
			return;
	if (walk->events.code != SQLITE_OK)
		return;
	if (to && to < walk->last)
		(void)pass_gap(walk, to);
	else if (!to || walk->piece->point.seq < to)
		(void)check_end(walk);
}

static int describe(struct walk *walk)
{
	struct verify_fault *found = &walk->piece->fault;

	struct stmt st = stmt_use(walk->db, DESCRIBE);
	stmt_put_int(&st, ":seq", found->seq);
	if (stmt_row(&st)) {
		int64_t kind = stmt_int(&st, 4);
		const char *id = stmt_text(&st, 0);
		(void)snprintf(found->id, sizeof found->id, "%s", id ? id : "");
		found->registry = stmt_text_copy(&st, 1);
		found->crate = stmt_text_copy(&st, 2);
		found->version = stmt_text_copy(&st, 3);
		if (kind >= 0 && kind < EVENT_KINDS)
			found->event = strdup(event_kind_name((enum event_kind)kind));
	}
	return stmt_done(&st, walk->err);
}

static void walk_release(struct walk *walk)
{
	strbuf_release(&walk->room);
	json_scan_release(&walk->scan);
}

/* The statements of the walk must be over before anybody may say what was wrong with them. */
static int end_walk(struct walk *walk)
{
	struct err other;
	int heads = stmt_done(&walk->heads, walk->rc ? &other : walk->err);
	int rc = walk->rc ? walk->rc : heads;
	int events = stmt_done(&walk->events, rc ? &other : walk->err);

	rc = rc ? rc : events;
	return rc || !walk->piece->fault.there ? rc : describe(walk);
}

int verify_piece(struct db *db, const unsigned char *key, const struct verify_point *from, int64_t to,
		 int64_t budget_ms, struct verify_piece *ret, struct err *err)
{
	OWNED(walk_release)
	struct walk walk = {.db = db, .piece = ret, .err = err, .end_ms = clock_mono_ms() + budget_ms};

	/* From the very start on nothing is skipped, whatever its number is. */
	int64_t after = from->seq ? from->seq : INT64_MIN;

	*ret = (struct verify_piece){.point = *from};
	if (!look_before(&walk, after, key))
		return walk.rc;
	/* The first step begins the snapshot that both are in. */
	walk.heads = stmt_use(db, HEADS);
	stmt_put_int(&walk.heads, ":after", after);
	walk.events = stmt_use(db, EVENTS);
	stmt_put_int(&walk.events, ":after", after);
	stmt_put_int(&walk.events, ":to", to ? to : INT64_MAX);
	walk_on(&walk, to);
	int rc = end_walk(&walk);
	if (rc)
		verify_piece_release(ret);
	return rc;
}
